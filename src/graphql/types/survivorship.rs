//! What other rules for values would change.

use crate::app::{SurvivorshipChange, SurvivorshipPlan};
use crate::graphql::ids::id;
use crate::graphql::scalars::Json;
use async_graphql::{ID, SimpleObject};

/// What the survivorship rules of the configuration would change, were they put in place now.
#[derive(SimpleObject)]
pub struct SurvivorshipPreview {
    /// What names this plan: `survivorshipApply` takes it, so that only what was looked at is put in place.
    fingerprint: String,
    /// The rules of the configuration are those in place: nothing would change.
    in_place: bool,
    /// Customers of whom another value would be shown, or one of another record.
    customer_count: i64,
    /// The same by field.
    fields: Vec<SurvivorshipField>,
    /// Some of the changes, evenly spread, as you may see them.
    sample: Vec<SurvivorshipSample>,
}

/// In how many customers a field would change.
#[derive(SimpleObject)]
pub struct SurvivorshipField {
    /// The field, as a customer shows it.
    path: String,
    /// How many customers.
    customer_count: i64,
}

/// A value that would change.
#[derive(SimpleObject)]
pub struct SurvivorshipSample {
    /// Whose. `node` tells what you may see of them.
    customer: ID,
    /// The field.
    path: String,
    /// What it shows; null where you may not see it.
    before: Option<Json>,
    /// What it would show; null where you may not see it.
    after: Option<Json>,
}

impl From<SurvivorshipPlan> for SurvivorshipPreview {
    fn from(plan: SurvivorshipPlan) -> Self {
        let signed = |count: usize| i64::try_from(count).unwrap_or(i64::MAX);
        let field = |(path, count)| SurvivorshipField { path, customer_count: signed(count) };
        Self {
            fingerprint: plan.fingerprint.to_string(),
            in_place: plan.is_in_place,
            customer_count: signed(plan.customers),
            fields: plan.fields.into_iter().map(field).collect(),
            sample: plan.sample.into_iter().map(SurvivorshipSample::from).collect(),
        }
    }
}

impl From<SurvivorshipChange> for SurvivorshipSample {
    fn from(change: SurvivorshipChange) -> Self {
        Self {
            customer: id(change.customer),
            path: change.path,
            before: change.before.map(Json),
            after: change.after.map(Json),
        }
    }
}
