//! What a plan changes for whom: golden values, what consents amount to, and ids.

use super::super::customer::values;
use super::super::redact::Redacted;
use super::super::{AppError, Session};
use crate::auth::Scope;
use crate::identity::{Foresight, Pin};
use crate::store::{ConsentStatement, StoredParty};
use onefold_model::{Channel, Consent, ConsentStatus, CustomerId, RecordId, most_restrictive};
use serde::Deserialize;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// A golden value that changes for somebody.
#[derive(Debug, Clone, PartialEq)]
pub struct ValueChange {
    /// The field.
    pub path: String,
    /// The customer that would show it.
    pub customer: CustomerId,
    /// What each customer shows now of whom it would have records; none where it shows nothing.
    pub before: Vec<(CustomerId, Option<Value>)>,
    /// What it would show.
    pub after: Option<Value>,
}

/// A permission that changes for somebody.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConsentChange {
    /// What for.
    pub purpose: String,
    /// By which way.
    pub channel: Channel,
    /// The customer that would have it.
    pub customer: CustomerId,
    /// What is said now of each customer of whom it would have records; none where nothing is said.
    pub before: Vec<(CustomerId, Option<ConsentStatus>)>,
    /// What would be said: the most restrictive.
    pub after: Option<ConsentStatus>,
    /// Somebody may be reached who may not be now.
    pub widens: bool,
}

/// What becomes of an id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum IdChange {
    /// It leads to another customer.
    Retires(CustomerId, CustomerId),
    /// It leads a customer again.
    Returns(CustomerId),
    /// It is new.
    New(CustomerId),
}

/// By purpose and channel.
type Amounts = BTreeMap<(String, Channel), ConsentStatus>;

impl Session {
    /// What changes of golden values, as the caller may see them: what is hidden is in no list, and what is masked counts by
    /// what is shown of it.
    pub(super) fn value_changes(&self, foresight: &Foresight, pins: &[Pin]) -> Vec<ValueChange> {
        let rules = self.app.identity.rules();
        let shown = |records: &[RecordId]| {
            let mut members: Vec<StoredParty> =
                records.iter().filter_map(|record| foresight.parties.get(record)).cloned().collect();
            members.sort_by_key(|party| (self.source(party.source).map(|row| row.key.clone()), party.record));
            values(self.scope(), &members, pins, &rules).fields
        };
        let before: BTreeMap<CustomerId, _> =
            foresight.before.iter().map(|(id, records)| (*id, shown(records))).collect();
        let mut changes = Vec::new();
        for (customer, records) in &foresight.after {
            let after = shown(records);
            let parts = parts(foresight, records);
            let fields = parts.iter().filter_map(|part| before.get(part)).chain([&after]).flat_map(Redacted::names);
            for path in fields.collect::<BTreeSet<_>>() {
                let value = after.value(path);
                let before: Vec<(CustomerId, Option<Value>)> = parts
                    .iter()
                    .map(|part| (*part, before.get(part).and_then(|shown| shown.value(path)).cloned()))
                    .collect();
                if before.iter().any(|(_, before)| before.as_ref() != value) {
                    changes.push(ValueChange {
                        path: path.to_owned(),
                        customer: *customer,
                        before,
                        after: value.cloned(),
                    });
                }
            }
        }
        changes
    }

    /// What becomes of ids.
    pub(super) async fn id_changes(&self, foresight: &Foresight) -> Result<Vec<IdChange>, AppError> {
        let led: Vec<CustomerId> =
            foresight.after.keys().filter(|id| !foresight.before.contains_key(id)).copied().collect();
        let known = if led.is_empty() {
            HashMap::new()
        } else {
            self.store().customer_get(&Scope::system("plan"), &led).await?
        };
        let mut changes: Vec<IdChange> =
            foresight.retired.iter().map(|(retired, into)| IdChange::Retires(*retired, *into)).collect();
        changes.extend(
            led.into_iter().map(|id| if known.contains_key(&id) { IdChange::Returns(id) } else { IdChange::New(id) }),
        );
        changes.sort_unstable();
        Ok(changes)
    }
}

/// What changes of consents, whoever may see them.
pub(super) fn consents(foresight: &Foresight, statements: &[ConsentStatement]) -> Result<Vec<ConsentChange>, AppError> {
    let mut said: BTreeMap<RecordId, Vec<Consent>> = BTreeMap::new();
    for statement in statements {
        let consent =
            Consent::deserialize(&statement.mapped).map_err(|_| AppError::Invariant("a stored consent reads back"))?;
        said.entry(statement.party).or_default().push(consent);
    }
    let before: BTreeMap<CustomerId, Amounts> =
        foresight.before.iter().map(|(id, records)| (*id, amounts(&said, records))).collect();
    let mut changes = Vec::new();
    for (customer, records) in &foresight.after {
        let after = amounts(&said, records);
        let parts = parts(foresight, records);
        let kinds = parts.iter().filter_map(|part| before.get(part)).chain([&after]).flat_map(Amounts::keys);
        for kind in kinds.collect::<BTreeSet<_>>() {
            let now = after.get(kind).copied();
            let before: Vec<(CustomerId, Option<ConsentStatus>)> =
                parts.iter().map(|part| (*part, before.get(part).and_then(|said| said.get(kind)).copied())).collect();
            if before.iter().all(|(_, before)| *before == now) {
                continue;
            }
            let is_granted = |status: Option<ConsentStatus>| status == Some(ConsentStatus::Granted);
            let widens = is_granted(now) && before.iter().any(|(_, before)| !is_granted(*before));
            let (purpose, channel) = kind.clone();
            changes.push(ConsentChange { purpose, channel, customer: *customer, before, after: now, widens });
        }
    }
    Ok(changes)
}

fn amounts(said: &BTreeMap<RecordId, Vec<Consent>>, records: &[RecordId]) -> Amounts {
    let mut by_kind: BTreeMap<(String, Channel), Vec<ConsentStatus>> = BTreeMap::new();
    for consent in records.iter().filter_map(|record| said.get(record)).flatten() {
        by_kind.entry((consent.purpose.clone(), consent.channel)).or_default().push(consent.status);
    }
    by_kind.into_iter().filter_map(|(kind, said)| Some((kind, most_restrictive(said)?))).collect()
}

/// The customers from whom these records come.
fn parts(foresight: &Foresight, records: &[RecordId]) -> Vec<CustomerId> {
    let has = |of: &[RecordId]| of.iter().any(|record| records.contains(record));
    foresight.before.iter().filter(|(_, of)| has(of)).map(|(id, _)| *id).collect()
}
