//! Payloads that were put aside, mapped once more: after a better map, or because a person asks.

use super::jq::JqStreams;
use super::page::{Outcome, item_again};
use super::task::add;
use super::{Engine, SourceSetup, SyncError};
use crate::store::{PageCommit, PageOutcome, QuarantineRow, Quarantined};

/// What became of a payload in quarantine.
#[derive(Debug, Clone, PartialEq)]
pub enum Retried {
    /// It fits now and has been stored; the quarantine is resolved.
    Fits(PageOutcome),
    /// It still does not fit. The cause may be another one than before.
    Unfit(Quarantined),
    /// It cannot be mapped again: it has no key, or it came from a file, whose corrected rows are imported again.
    NotHere,
}

/// Tries payloads of one source again, one after the other: they share the process that computes its jq filters.
pub struct Retrying<'e> {
    engine: &'e Engine,
    setup: &'e SourceSetup,
    jq: JqStreams,
}

impl Engine {
    /// Begins to try payloads of a source again.
    pub fn retrying<'e>(&'e self, setup: &'e SourceSetup) -> Retrying<'e> {
        Retrying { engine: self, setup, jq: self.jq(setup.configured.connector()) }
    }
}

impl Retrying<'_> {
    /// Maps a payload in quarantine once more, without asking the system that it came from.
    pub async fn retry(&self, row: &QuarantineRow) -> Result<Retried, SyncError> {
        let Self { engine, setup, jq } = self;
        let connector = setup.configured.connector();
        let Some(item) = item_again(connector, &row.item).filter(|_| !connector.is_file()) else {
            return Ok(Retried::NotHere);
        };
        let mut mapped = Outcome::default();
        let mut page = jq.made(std::slice::from_ref(&item)).await;
        let made = page.made.remove(&0);
        // A filter that is killed again and again stops a stream; here each payload is tried by itself.
        if let (None, Some((_, error))) = (&made, page.stopped) {
            return Err(error.into());
        }
        mapped.add(connector, &item, made);
        for record in std::mem::take(&mut mapped.withdrawn) {
            mapped.streams.entry(record.stream.clone()).or_default().records.push(record);
        }
        let misfits = mapped.streams.get(&row.item.stream).map(|part| part.quarantined.as_slice()).unwrap_or_default();
        let still = misfits.iter().find(|misfit| misfit.external_id == row.item.external_id).cloned();

        let mut sum = PageOutcome::default();
        let mut tx = engine.store.begin().await?;
        for (stream, part) in mapped.streams {
            let page = PageCommit {
                source: setup.row.id,
                source_key: &setup.row.key,
                run: None,
                stream: &stream,
                mapping: connector.mapping(),
                records: part.records,
                quarantined: part.quarantined,
                checkpoints: Vec::new(),
                generation: None,
                at: engine.clock.now(),
            };
            add(&mut sum, &tx.page_commit(page).await?);
        }
        tx.commit().await?;
        Ok(still.map_or(Retried::Fits(sum), Retried::Unfit))
    }
}
