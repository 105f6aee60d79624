//! Whom parties would meet that are not stored: a look at where they would go, without putting them there.
//!
//! Promises what the last fold judged by, and writes nothing. Costs the neighbourhood where the index is in memory, and a read
//! of everything where it is not. Does not say what of several that come together would become of each other.

use super::Identity;
use super::fold::{IdentityError, read};
use super::golden::record;
use crate::store::{Store, StoredParty};
use onefold_matching::{Candidate, Index, Thresholds};
use onefold_model::RecordId;
use std::sync::Arc;

/// The records that a party would be compared with and may be one with, the likeliest first.
#[derive(Debug, Clone, PartialEq)]
pub struct Meeting {
    /// The record of the party.
    pub record: RecordId,
    /// Those that may be of the same customer.
    pub candidates: Vec<Candidate>,
}

impl Identity {
    /// Whom these parties would meet, and from which probability on records are linked, or shown to a person.
    pub async fn meet(
        &self,
        store: &Store,
        parties: Vec<StoredParty>,
    ) -> Result<(Vec<Meeting>, Thresholds), IdentityError> {
        let judge = self.judge(store).await?;
        if parties.is_empty() {
            return Ok((Vec::new(), judge.thresholds()));
        }
        let (generation, active) = (store.fold_generation().await?, store.model_active().await?);
        let mut slot = self.live.lock().await;
        if let Some(live) = slot.as_mut().filter(|live| live.is_of(generation, active.as_deref())) {
            return Ok((look(live.index(), &parties), judge.thresholds()));
        }
        drop(slot);
        let facts = read(store).await?;
        let of = judge.clone();
        let looking = tokio::task::spawn_blocking(move || {
            let records: Vec<_> = facts.parties.iter().map(record).collect();
            let frequencies = Arc::clone(of.frequencies());
            look(&mut Index::build(&records, &facts.decisions, of.settings().clone(), frequencies), &parties)
        });
        Ok((looking.await.map_err(|_| IdentityError::Stopped)?, judge.thresholds()))
    }
}

fn look(index: &mut Index, parties: &[StoredParty]) -> Vec<Meeting> {
    let met = parties.iter().map(|party| Meeting { record: party.record, candidates: index.lookup(&record(party)) });
    met.collect()
}
