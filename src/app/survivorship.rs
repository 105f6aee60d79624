//! Changing the rules by which values are chosen: what would change first, then as looked at or not at all.
//!
//! The rules choose the values of every department, so whoever puts others in place must administer all of them; looking is
//! enough with the right to review all of them.

use super::customer::values;
use super::plan::PlanMark;
use super::{AppError, Session};
use crate::auth::Action;
use crate::identity::{Rechosen, rules_text};
use crate::store::{AuditEntry, StoredParty, SurvivorshipRow};
use onefold_model::{CustomerId, RecordId};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// Values are shown of at most so many customers.
const MOST_SHOWN: usize = 50;

/// What the rules of the configuration would change.
#[derive(Debug, Clone, PartialEq)]
pub struct SurvivorshipPlan {
    /// Customers of whom another value would be shown, or one of another record.
    pub customers: usize,
    /// The same by field.
    pub fields: BTreeMap<String, usize>,
    /// Some of them, evenly spread, as the caller may see them.
    pub sample: Vec<SurvivorshipChange>,
    /// The rules of the configuration are those in place.
    pub is_in_place: bool,
    /// What names the plan.
    pub fingerprint: PlanMark,
}

/// A value that would change, as the caller may see it.
#[derive(Debug, Clone, PartialEq)]
pub struct SurvivorshipChange {
    /// Whose.
    pub customer: CustomerId,
    /// The field.
    pub path: String,
    /// What it shows.
    pub before: Option<Value>,
    /// What it would show.
    pub after: Option<Value>,
}

/// What became of putting rules in place.
#[derive(Debug, Clone, PartialEq)]
pub enum SurvivorshipOutcome {
    /// They are in place.
    InPlace(SurvivorshipPlan),
    /// Refused, because the facts give another plan by now: this one, which differs as the text says.
    Moved(SurvivorshipPlan, String),
}

/// A plan, and when it was seen.
struct Seen {
    plan: SurvivorshipPlan,
    records: Vec<RecordId>,
    rules: String,
    generation: i64,
    outbox_up_to: i64,
}

impl Session {
    /// What the rules of the configuration would change.
    pub async fn survivorship_preview(&self, sample: usize) -> Result<SurvivorshipPlan, AppError> {
        self.may_look_everywhere("to look at survivorship rules")?;
        Ok(self.rules_seen(sample).await?.plan)
    }

    /// Puts the rules of the configuration in place, if they still change what was looked at.
    pub async fn survivorship_apply(&self, fingerprint: &str) -> Result<SurvivorshipOutcome, AppError> {
        self.may_everywhere(Action::Administer, "to put survivorship rules in place")?;
        let looked_at: PlanMark = fingerprint.parse().map_err(|_| {
            AppError::Invalid(format!("{fingerprint:?} names no plan: take the fingerprint as the preview shows it"))
        })?;
        let seen = self.rules_seen(0).await?;
        if seen.plan.is_in_place {
            // Whoever repeats a request has what was asked for.
            return Ok(SurvivorshipOutcome::InPlace(seen.plan));
        }
        if seen.plan.fingerprint != looked_at {
            let text = format!(
                "the data moved since the plan was looked at: {}; look at it again and use {}",
                looked_at.difference(&seen.plan.fingerprint),
                seen.plan.fingerprint
            );
            return Ok(SurvivorshipOutcome::Moved(seen.plan, text));
        }
        let (at, actor) = (self.app.clock.now(), self.scope().actor().subject().to_owned());
        let mut tx = self.store().begin().await?;
        tx.identity_lock().await?;
        if tx.fold_generation().await? != seen.generation || tx.outbox_end().await? > seen.outbox_up_to {
            return Err(AppError::Conflict("records changed at the same moment: look at the plan again".to_owned()));
        }
        let fingerprint = looked_at.to_string();
        let row = SurvivorshipRow { at, actor: actor.clone(), fingerprint: fingerprint.clone(), rules: seen.rules };
        tx.survivorship_insert(&row).await?;
        let detail = Some(format!("{} customers show other values", seen.plan.customers));
        let entry = AuditEntry { at, actor: actor.clone(), action: "survivorship.apply", target: fingerprint, detail };
        tx.audit_append(&entry).await?;
        tx.fold_leave(&seen.records, at).await?;
        tx.commit().await?;
        self.app.identity.rules_refresh(self.store()).await?;
        // The rules hold, whatever becomes of this fold: what it left in the outbox is folded again later.
        if let Err(error) = self.app.fold_changes(&actor).await {
            tracing::warn!(error = %error, "survivorship rules were put in place and could not be folded at once");
            self.app.fold_soon();
        }
        Ok(SurvivorshipOutcome::InPlace(seen.plan))
    }

    async fn rules_seen(&self, sample: usize) -> Result<Seen, AppError> {
        // What waits is folded first: a plan tells what it changes itself, and nothing of what comes anyway.
        self.app.fold_changes("system:fold").await?;
        let generation = self.store().fold_generation().await?;
        let (_, outbox_up_to) = self.store().outbox_depth().await?;
        let changes = self.app.identity.rules_preview(self.store()).await?;
        let (now, wanted) = (self.app.identity.rules(), self.app.identity.rules_wanted());
        let rules = rules_text(&wanted)?;
        let mut fields: BTreeMap<String, usize> = BTreeMap::new();
        for change in &changes {
            *fields.entry(change.path.clone()).or_default() += 1;
        }
        let customers: BTreeSet<CustomerId> = changes.iter().map(|change| change.customer).collect();
        let fingerprint = PlanMark::of_texts(
            changes.iter().map(|change| format!("{} {}", change.customer, change.path)).collect(),
            changes.iter().map(|change| format!("{} {}", change.before, change.after)).collect(),
            vec![rules_text(&now)?, rules.clone()],
        );
        let plan = SurvivorshipPlan {
            customers: customers.len(),
            fields,
            sample: self.rules_sample(&changes, sample.min(MOST_SHOWN)).await?,
            is_in_place: now == wanted,
            fingerprint,
        };
        let records: BTreeSet<RecordId> = changes.iter().flat_map(|change| [change.before, change.after]).collect();
        Ok(Seen { plan, records: records.into_iter().collect(), rules, generation, outbox_up_to })
    }

    /// Changes of customers whom the caller may see, of whom some are taken evenly.
    async fn rules_sample(&self, changes: &[Rechosen], count: usize) -> Result<Vec<SurvivorshipChange>, AppError> {
        let step = changes.len().div_ceil(count.max(1)).max(1);
        let some: Vec<&Rechosen> = changes.iter().step_by(step).take(count).collect();
        let ids: BTreeSet<CustomerId> = some.iter().map(|change| change.customer).collect();
        let ids: Vec<CustomerId> = self.customer_get(&ids.into_iter().collect::<Vec<_>>()).await?.into_keys().collect();
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        self.read_values(&ids);
        let (members, pins) = self.pinned_members(&self.scope_of(&ids), &ids).await?;
        let (now, wanted) = (self.app.identity.rules(), self.app.identity.rules_wanted());
        let shown = |members: &[StoredParty], path: &str| {
            let value = |rules| values(self.scope(), members, &pins, rules).fields.value(path).cloned();
            (value(&now), value(&wanted))
        };
        let change = |change: &&Rechosen| {
            let (before, after) = shown(members.get(&change.customer)?, &change.path);
            // Of what is hidden nothing is told, not even that it changes.
            let is_shown = before.is_some() || after.is_some();
            is_shown.then(|| SurvivorshipChange { customer: change.customer, path: change.path.clone(), before, after })
        };
        Ok(some.iter().filter_map(change).collect())
    }
}
