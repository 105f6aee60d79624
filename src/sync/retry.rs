//! Payloads that were put aside, mapped once more: after a better map, or because a person asks.

use super::jq::JqStreams;
use super::page::{Outcome, Sorted, item_again};
use super::task::add;
use super::{Engine, SourceSetup, SyncError};
use crate::store::{PageCommit, PageOutcome, QuarantineRow, Quarantined, StoreError, Tx};
use onefold_model::SyncRunId;
use std::collections::BTreeMap;

/// What became of a payload in quarantine.
#[derive(Debug, Clone, PartialEq)]
pub enum Retried {
    /// It fits now and has been stored; the quarantine is resolved.
    Fits(PageOutcome),
    /// It still does not fit. The cause may be another one than before.
    Unfit(Quarantined),
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

    /// Stores what was mapped without reading the system: outside of a run, or as part of one. The caller holds the source's
    /// lock.
    pub(super) async fn store_streams(
        &self,
        tx: &mut Tx,
        setup: &SourceSetup,
        run: Option<SyncRunId>,
        streams: BTreeMap<String, Sorted>,
    ) -> Result<PageOutcome, StoreError> {
        let mut sum = PageOutcome::default();
        for (stream, part) in streams {
            let page = PageCommit {
                source: setup.row.id,
                source_key: &setup.row.key,
                run,
                stream: &stream,
                mapping: setup.configured.connector().mapping(),
                records: part.records,
                quarantined: part.quarantined,
                checkpoints: Vec::new(),
                generation: None,
                at: self.clock.now(),
            };
            add(&mut sum, &tx.page_commit(page).await?);
        }
        Ok(sum)
    }
}

/// A payload that was mapped once more and is not stored yet.
pub struct Attempt {
    streams: BTreeMap<String, Sorted>,
    still: Option<Quarantined>,
}

impl Retrying<'_> {
    /// Maps a payload in quarantine once more, without asking the system that it came from. Nothing where it cannot be: it
    /// has no key, or it came from a file, whose corrected rows are imported again.
    pub async fn map(&self, row: &QuarantineRow) -> Result<Option<Attempt>, SyncError> {
        let Self { setup, jq, .. } = self;
        let connector = setup.configured.connector();
        let Some(item) = item_again(connector, &row.item).filter(|_| !connector.is_file()) else {
            return Ok(None);
        };
        let mut mapped = Outcome::default();
        let mut page = jq.made(std::slice::from_ref(&item)).await;
        let made = page.made.remove(&0);
        // A filter that is killed again and again stops a stream; here each payload is tried by itself.
        if let (None, Some((_, error))) = (&made, page.stopped) {
            return Err(error.into());
        }
        mapped.add(connector, &item, made);
        let streams = mapped.with_withdrawn();
        let misfits = streams.get(&row.item.stream).map(|part| part.quarantined.as_slice()).unwrap_or_default();
        let still = misfits.iter().find(|misfit| misfit.external_id == row.item.external_id).cloned();
        Ok(Some(Attempt { streams, still }))
    }

    /// Stores what the payload gives now, and keeps what still does not fit with its cause of now. The caller holds the
    /// source's lock and has seen that the payload still waits.
    pub async fn store(&self, tx: &mut Tx, attempt: Attempt) -> Result<Retried, StoreError> {
        let Self { engine, setup, .. } = self;
        let sum = engine.store_streams(tx, setup, None, attempt.streams).await?;
        Ok(attempt.still.map_or(Retried::Fits(sum), Retried::Unfit))
    }
}
