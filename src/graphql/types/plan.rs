//! Plans: what merging or splitting would do, and what was done.

use super::customer::{Customer, customer_of};
use super::decision::{DecisionKind, StewardDecision};
use super::explanation::records;
use super::record::SourceRecord;
use super::words::{Channel, ConsentStatus};
use crate::app::{ConsentChange, IdChange, PlanApplied, PlanKind as Kind, StewardPlan, ValueChange};
use crate::graphql::ids::id;
use crate::graphql::scalars::Json;
use async_graphql::{Context, Description, Enum, ID, Object, Result, SimpleObject};
use onefold_model::{CustomerId, RecordId, Timestamp};

/// What a plan does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(name = "StewardPlanKind")]
pub enum PlanKind {
    /// Customers become one.
    Merge,
    /// A customer becomes several.
    Split,
    /// Many pairs are decided alike.
    Decide,
    /// Every record of one customer is kept from every record of another.
    NeverLink,
}

impl From<Kind> for PlanKind {
    fn from(kind: Kind) -> Self {
        match kind {
            Kind::Merge => Self::Merge,
            Kind::Split => Self::Split,
            Kind::Decide => Self::Decide,
            Kind::NeverLink => Self::NeverLink,
        }
    }
}

/// What a plan would do. Nothing of it is done.
#[derive(Clone, Description)]
pub struct PlanPreview(pub StewardPlan);

#[Object(use_type_description)]
impl PlanPreview {
    /// What kind of plan.
    async fn kind(&self) -> PlanKind {
        self.0.kind.into()
    }

    /// Names exactly this plan: whoever applies it says so, and it is refused where it would do something else by then.
    async fn fingerprint(&self) -> String {
        self.0.fingerprint.to_string()
    }

    /// The customers that would change, as they are.
    async fn before(&self) -> Vec<PlannedCustomer> {
        planned(&self.0.before)
    }

    /// The customers that there would be instead.
    async fn after(&self) -> Vec<PlannedCustomer> {
        planned(&self.0.after)
    }

    /// The golden values that would change, as you may see them.
    async fn values(&self) -> Vec<PlannedValue> {
        self.0.values.iter().map(PlannedValue::from).collect()
    }

    /// What consents amount to that would change: the most restrictive of the parts counts. Null where you may see none.
    async fn consents(&self) -> Option<Vec<PlannedConsent>> {
        self.0.consents.as_ref().map(|changes| changes.iter().map(PlannedConsent::from).collect())
    }

    /// What becomes of ids.
    async fn ids(&self) -> Vec<PlannedId> {
        self.0.ids.iter().map(|change| PlannedId::from(*change)).collect()
    }

    /// Applying it takes a reason: it keeps records apart, or somebody may be reached who may not be now, or you may not see
    /// whether that is so.
    async fn needs_reason(&self) -> bool {
        self.0.needs_reason
    }

    /// The decisions that it would make.
    async fn makes(&self) -> Vec<PlannedDecision> {
        let made = self.0.makes.iter();
        made.map(|made| PlannedDecision {
            kind: DecisionKind::of(made.kind),
            left_record: id(made.left),
            right_record: id(made.right),
        })
        .collect()
    }

    /// The decisions that it would take back.
    async fn takes_back(&self) -> Vec<StewardDecision> {
        self.0.takes_back.iter().cloned().map(StewardDecision).collect()
    }
}

fn planned(partition: &std::collections::BTreeMap<CustomerId, Vec<RecordId>>) -> Vec<PlannedCustomer> {
    partition.iter().map(|(id, records)| PlannedCustomer { id: *id, records: records.clone() }).collect()
}

/// A customer in a plan.
#[derive(Clone, Description)]
pub struct PlannedCustomer {
    id: CustomerId,
    records: Vec<RecordId>,
}

#[Object(use_type_description)]
impl PlannedCustomer {
    /// Its id.
    async fn id(&self) -> ID {
        id(self.id)
    }

    /// The customer that this id leads to now. Null where there is none yet, or you may not see it.
    async fn customer(&self, ctx: &Context<'_>) -> Result<Option<Customer>> {
        customer_of(ctx, Some(self.id)).await
    }

    /// How many records it has in the plan.
    async fn record_count(&self) -> i64 {
        i64::try_from(self.records.len()).unwrap_or(i64::MAX)
    }

    /// The records that it has in the plan and you may see.
    async fn records(&self, ctx: &Context<'_>) -> Result<Vec<SourceRecord>> {
        records(ctx, &self.records).await
    }
}

/// A golden value that would change.
#[derive(SimpleObject)]
pub struct PlannedValue {
    /// The field.
    path: String,
    /// The customer that would show it.
    customer: ID,
    /// What the customers show now from which it would have records.
    before: Vec<PlannedValuePart>,
    /// What it would show.
    after: Option<Json>,
}

/// What a customer shows now.
#[derive(SimpleObject)]
pub struct PlannedValuePart {
    /// The customer.
    customer: ID,
    /// What it shows; null where it shows nothing.
    value: Option<Json>,
}

impl From<&ValueChange> for PlannedValue {
    fn from(change: &ValueChange) -> Self {
        let before = change.before.iter();
        let before = before.map(|(of, value)| PlannedValuePart { customer: id(*of), value: value.clone().map(Json) });
        Self {
            path: change.path.clone(),
            customer: id(change.customer),
            before: before.collect(),
            after: change.after.clone().map(Json),
        }
    }
}

/// A permission that would change.
#[derive(SimpleObject)]
pub struct PlannedConsent {
    /// What for.
    purpose: String,
    /// By which way.
    channel: Option<Channel>,
    /// The customer that would have it.
    customer: ID,
    /// What is said now of the customers from which it would have records.
    before: Vec<PlannedConsentPart>,
    /// What would be said: the most restrictive; null where nothing would be.
    after: Option<ConsentStatus>,
    /// Somebody may be reached who may not be now.
    widens: bool,
}

/// What is said of a customer now.
#[derive(SimpleObject)]
pub struct PlannedConsentPart {
    /// The customer.
    customer: ID,
    /// What is said; null where nothing is.
    status: Option<ConsentStatus>,
}

impl From<&ConsentChange> for PlannedConsent {
    fn from(change: &ConsentChange) -> Self {
        let before = change.before.iter();
        let status = |said: onefold_model::ConsentStatus| serde_json::from_value(said.as_str().into()).ok();
        let before = before.map(|(of, said)| PlannedConsentPart { customer: id(*of), status: said.and_then(status) });
        Self {
            purpose: change.purpose.clone(),
            channel: serde_json::from_value(change.channel.as_str().into()).ok(),
            customer: id(change.customer),
            before: before.collect(),
            after: change.after.and_then(status),
            widens: change.widens,
        }
    }
}

/// What becomes of an id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
pub enum PlannedIdChange {
    /// It leads to another customer.
    Retires,
    /// It leads a customer again.
    Returns,
    /// It is new.
    New,
}

/// An id whose meaning would change.
#[derive(SimpleObject)]
pub struct PlannedId {
    /// What becomes of it.
    change: PlannedIdChange,
    /// The id.
    id: ID,
    /// Where it leads, for one that retires.
    into: Option<ID>,
}

impl From<IdChange> for PlannedId {
    fn from(change: IdChange) -> Self {
        let (change, of, into) = match change {
            IdChange::Retires(of, into) => (PlannedIdChange::Retires, of, Some(into)),
            IdChange::Returns(of) => (PlannedIdChange::Returns, of, None),
            IdChange::New(of) => (PlannedIdChange::New, of, None),
        };
        Self { change, id: id(of), into: into.map(id) }
    }
}

/// A decision that a plan would make.
#[derive(SimpleObject)]
pub struct PlannedDecision {
    /// What.
    kind: DecisionKind,
    /// About this record,
    left_record: ID,
    /// and this one.
    right_record: ID,
}

/// A plan that was applied. Shown to those who review for the departments of all its records.
#[derive(Clone, Description)]
pub struct StewardPlanApplied(pub PlanApplied);

#[Object(use_type_description, name = "StewardPlan")]
impl StewardPlanApplied {
    /// The id of the plan, by which it is taken back as a whole.
    async fn id(&self) -> ID {
        id(self.0.row.id)
    }

    /// What it did.
    async fn kind(&self) -> PlanKind {
        Kind::of(&self.0.row.kind).into()
    }

    /// Who applied it.
    async fn by(&self) -> &str {
        &self.0.row.actor
    }

    /// When.
    async fn made_at(&self) -> Timestamp {
        self.0.row.made_at
    }

    /// The fingerprint that was looked at.
    async fn fingerprint(&self) -> &str {
        &self.0.row.fingerprint
    }

    /// What it decided and what it took back, as that stands now.
    async fn decisions(&self) -> Vec<StewardDecision> {
        self.0.decisions.iter().cloned().map(StewardDecision).collect()
    }

    /// When it was taken back; null while it stands.
    async fn undone_at(&self) -> Option<Timestamp> {
        self.0.row.undone.as_ref().map(|(at, _)| *at)
    }

    /// Who took it back.
    async fn undone_by(&self) -> Option<&str> {
        self.0.row.undone.as_ref().map(|(_, by)| by.as_str())
    }

    /// The customers of its records now.
    async fn customers(&self, ctx: &Context<'_>) -> Result<Vec<Customer>> {
        let found = self.0.customers.iter().map(|id| customer_of(ctx, Some(*id)));
        Ok(futures_util::future::try_join_all(found).await?.into_iter().flatten().collect())
    }
}
