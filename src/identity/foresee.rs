//! What would be if other decisions stood: the same fold over the same facts, without writing it.
//!
//! Promises what the next fold does, as long as nothing came in between: the number of the last fold and the end of the
//! outbox tell whether it did. Costs the neighbourhood where the model is frozen, and a fold of everything where it is not.

use super::Identity;
use super::assign::{Assigned, assign_beside};
use super::fold::{IdentityError, Resolved, aliases, read};
use super::live::Live;
use crate::store::{Store, StoredParty};
use onefold_matching::LinkDecision;
use onefold_model::{CustomerId, RecordId};
use std::collections::{BTreeMap, BTreeSet};

/// Who has which records, each list ascending.
pub type Partition = BTreeMap<CustomerId, Vec<RecordId>>;

/// What would change. Customers that stay as they are, are left out.
#[derive(Debug, Clone, Default)]
pub struct Foresight {
    /// The number of the last fold when this was seen.
    pub generation: i64,
    /// The end of the outbox when this was seen.
    pub outbox_up_to: i64,
    /// As it is.
    pub before: Partition,
    /// As it would be.
    pub after: Partition,
    /// Customers that would go into others: retired, survivor.
    pub retired: Vec<(CustomerId, CustomerId)>,
    /// What the records say.
    pub parties: BTreeMap<RecordId, StoredParty>,
}

impl Identity {
    /// What the fold would make of the facts if these were all decisions that stand.
    pub async fn foresee(&self, store: &Store, decisions: Vec<LinkDecision>) -> Result<Foresight, IdentityError> {
        let generation = store.fold_generation().await?;
        let active = store.model_active().await?;
        let (_, outbox_up_to) = store.outbox_depth().await?;
        let mut slot = self.live.lock().await;
        let current = slot.take_if(|live| live.is_of(generation, active.as_deref()));
        let resolved = if let Some(live) = current {
            // What a fold around a few records holds is too large for the stack of whoever waits for it.
            let (live, resolved) = Box::pin(live.supposed(store, decisions, outbox_up_to)).await?;
            *slot = Some(live);
            resolved
        } else {
            drop(slot);
            self.supposed(store, active.as_deref(), decisions).await?
        };
        let aliases = aliases(store, &resolved).await?;
        let assigned = assign_beside(&resolved.clusters, &resolved.facts.current, &aliases, &resolved.standing);
        Ok(Foresight { generation, outbox_up_to, ..seen(&resolved, &assigned) })
    }

    /// A fold of everything.
    async fn supposed(
        &self,
        store: &Store,
        active: Option<&str>,
        decisions: Vec<LinkDecision>,
    ) -> Result<Resolved, IdentityError> {
        let trained = self.trained(store, active).await?;
        let version = if active.is_none() { self.next_version(store).await? } else { String::new() };
        let mut facts = read(store).await?;
        facts.decisions = decisions;
        let identity = self.clone();
        let resolving = tokio::task::spawn_blocking(move || identity.resolve(facts, trained, version, |_| {}));
        resolving.await.map_err(|_| IdentityError::Stopped)
    }
}

impl Live {
    /// Places as if these were the decisions, and takes that back again.
    async fn supposed(
        mut self,
        store: &Store,
        decisions: Vec<LinkDecision>,
        outbox_up_to: i64,
    ) -> Result<(Self, Resolved), IdentityError> {
        let placing = tokio::task::spawn_blocking(move || {
            let placed = self.suppose(decisions);
            (self, placed)
        });
        let (live, placed) = placing.await.map_err(|_| IdentityError::Stopped)?;
        let resolved = live.around(store, placed, outbox_up_to).await?;
        Ok((live, resolved))
    }
}

fn seen(resolved: &Resolved, assigned: &Assigned) -> Foresight {
    let mut before = Partition::new();
    for record in resolved.clusters.iter().flatten() {
        if let Some((customer, _)) = resolved.facts.current.get(record) {
            before.entry(*customer).or_default().push(*record);
        }
    }
    for records in before.values_mut() {
        records.sort_unstable();
    }
    let mut after: Partition = assigned.customers.iter().copied().zip(resolved.clusters.iter().cloned()).collect();
    let same: Vec<CustomerId> =
        after.iter().filter(|(id, records)| before.get(id) == Some(*records)).map(|(id, _)| *id).collect();
    for id in same {
        before.remove(&id);
        after.remove(&id);
    }
    let touched: BTreeSet<RecordId> = before.values().chain(after.values()).flatten().copied().collect();
    let parties = resolved.facts.parties.iter().filter(|party| touched.contains(&party.record));
    Foresight {
        generation: 0,
        outbox_up_to: 0,
        before,
        after,
        retired: assigned.retired.clone(),
        parties: parties.map(|party| (party.record, party.clone())).collect(),
    }
}
