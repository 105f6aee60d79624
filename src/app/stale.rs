//! A change that was asked for over a version of a customer that is no more: what it was then, what it is now, and what was wanted.
//!
//! Promises that nothing is told beyond what the caller may read of the customer now and of its past; and that nothing was done.

use super::{AppError, PastAsk, Redacted, Session};
use crate::store::CustomerRow;
use onefold_model::CustomerId;
use serde_json::Value;
use std::collections::BTreeSet;
use std::fmt;

/// That a customer is another by now.
#[derive(Debug, Clone, PartialEq)]
pub struct Stale {
    /// The customer.
    pub customer: CustomerId,
    /// The version that was looked at.
    pub looked_at: i64,
    /// Its version now.
    pub current: i64,
    /// Whether it can still be read as it was. Where not, only what was asked for is told.
    pub is_base_known: bool,
    /// The fields in which the three are not the same, by name.
    pub differences: Vec<ValueDifference>,
}

/// A field three times over, each under the rights of whoever said it.
#[derive(Debug, Clone, PartialEq)]
pub struct ValueDifference {
    /// The field.
    pub field: String,
    /// In the version that was looked at.
    pub base: Option<Value>,
    /// Now.
    pub current: Option<Value>,
    /// As it was asked for, where it was.
    pub yours: Option<Value>,
}

impl fmt::Display for Stale {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { customer, looked_at, current, .. } = self;
        write!(f, "the customer {customer} has version {current} by now, not {looked_at}: look at it again")
    }
}

impl Session {
    /// That this customer is not of the version that was looked at. `wanted` is the field and the value that were asked for.
    pub(super) async fn stale(
        &self,
        now: &CustomerRow,
        looked_at: i64,
        wanted: Option<(&str, Value)>,
    ) -> Result<AppError, AppError> {
        let mut current = self.customer_values(&[now.id]).await?;
        let current = current.remove(&now.id).unwrap_or_default().fields;
        let base = self.fields_of_version(now.id, looked_at).await?;
        Ok(AppError::Stale(Box::new(Stale {
            customer: now.id,
            looked_at,
            current: now.version,
            is_base_known: base.is_some(),
            differences: differences(base.as_ref(), &current, wanted.as_ref()),
        })))
    }

    /// The values of a version, as `customer_past` tells them; none where there was no such version, or where it cannot be read.
    async fn fields_of_version(&self, id: CustomerId, version: i64) -> Result<Option<Redacted>, AppError> {
        let Some(known_at) = self.store().customer_version_at(id, version).await? else { return Ok(None) };
        let past = self.customer_past(id, PastAsk { as_of: None, known_at: Some(known_at) }).await?;
        Ok(past.map(|past| past.values.fields.clone()))
    }
}

fn differences(base: Option<&Redacted>, current: &Redacted, wanted: Option<&(&str, Value)>) -> Vec<ValueDifference> {
    let mut fields: BTreeSet<&str> = wanted.iter().map(|(field, _)| *field).collect();
    if let Some(base) = base {
        fields.extend(base.names().chain(current.names()));
    }
    let difference = |field: &str| {
        let yours = wanted.filter(|(wanted, _)| *wanted == field).map(|(_, value)| value.clone());
        let base = base.and_then(|base| base.value(field)).cloned();
        ValueDifference { field: field.to_owned(), base, current: current.value(field).cloned(), yours }
    };
    let is_other =
        |told: &ValueDifference| told.base != told.current || told.yours.is_some() && told.yours != told.current;
    fields.into_iter().map(difference).filter(is_other).collect()
}
