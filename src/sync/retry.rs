//! Payloads that were put aside, mapped once more: after a better map, or because a person asks.

use super::page::{item_again, records, unfit, withdrawn};
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

impl Engine {
    /// Maps a payload in quarantine once more, without asking the system that it came from.
    pub async fn retry(&self, setup: &SourceSetup, row: &QuarantineRow) -> Result<Retried, SyncError> {
        let connector = setup.configured.connector();
        let is_known = connector.streams().iter().any(|stream| stream.name == row.item.stream);
        let Some(item) = item_again(&row.item).filter(|_| is_known && !connector.is_file()) else {
            return Ok(Retried::NotHere);
        };
        let at = self.clock.now();
        let commit = |records, quarantined| PageCommit {
            source: setup.row.id,
            source_key: &setup.row.key,
            run: None,
            stream: &row.item.stream,
            mapping: connector.mapping(),
            records,
            quarantined,
            checkpoints: Vec::new(),
            generation: None,
            at,
        };
        let mut tx = self.store.begin().await?;
        let retried = match records(connector, &item) {
            Ok(mut found) => {
                found.extend(withdrawn(connector, &item, &found));
                Retried::Fits(tx.page_commit(commit(found, Vec::new())).await?)
            }
            Err(error) => {
                let still = unfit(item, &error);
                tx.page_commit(commit(Vec::new(), vec![still.clone()])).await?;
                Retried::Unfit(still)
            }
        };
        tx.commit().await?;
        Ok(retried)
    }
}
