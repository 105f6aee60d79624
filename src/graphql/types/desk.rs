//! The queue of a steward: which pairs, in which order, and what is known of each beside its evidence.

use crate::app::{CandidateDesk as Desk, CandidateFilter, CandidateOrder};
use crate::graphql::error::coded;
use crate::graphql::ids::{id, typed_id};
use crate::graphql::types::CustomerKind;
use async_graphql::{Description, Enum, ID, InputObject, Object, Result};
use onefold_model::{CustomerId, DepartmentKey, SourceId, SourceKey, Timestamp};

/// Which pairs. All conditions hold together.
#[derive(InputObject, Default, Clone)]
pub struct CandidateFilterInput {
    /// Of this customer.
    customer: Option<ID>,
    /// At least so likely, from 0 to 1.
    min_probability: Option<f64>,
    /// At most so likely.
    max_probability: Option<f64>,
    /// One of the records is of this department.
    department: Option<String>,
    /// One of the records is of the source with this key.
    source: Option<String>,
    /// Two people, or two organisations.
    kind: Option<CustomerKind>,
    /// Found at or after.
    found_since: Option<Timestamp>,
    /// Found before.
    found_before: Option<Timestamp>,
    /// Assigned to this steward, by the subject of their token.
    assignee: Option<String>,
    /// Only links that new facts contradict, or only other pairs.
    contested: Option<bool>,
    /// Without what is put off until after this time.
    due_by: Option<Timestamp>,
}

impl CandidateFilterInput {
    /// Parsed. `at` names the argument.
    pub fn read(&self, at: &str) -> Result<CandidateFilter> {
        let bad = |field: &str, error: &dyn std::error::Error| {
            coded("INVALID_INPUT", format!("argument {at}.{field}: {error}"))
        };
        let customer =
            self.customer.as_ref().map(|of| typed_id::<CustomerId>(&format!("{at}.customer"), of)).transpose()?;
        let department = self.department.clone().map(DepartmentKey::new).transpose();
        let source = self.source.clone().map(SourceKey::new).transpose();
        Ok(CandidateFilter {
            customers: customer.into_iter().collect(),
            min_probability: self.min_probability,
            max_probability: self.max_probability,
            department: department.map_err(|error| bad("department", &error))?,
            source: source.map_err(|error| bad("source", &error))?.map(|key| SourceId::derive(&key)),
            kind: self.kind.map(Into::into),
            found_since: self.found_since,
            found_before: self.found_before,
            assignee: self.assignee.clone(),
            contested: self.contested,
            free_for: None,
            due_by: self.due_by,
            reviewed: None,
        })
    }
}

/// By what pairs are ordered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
pub enum CandidateOrderInput {
    /// The likeliest first.
    Likeliest,
    /// What weighs most in business, times how unsure it is, first: of what you may see.
    Impact,
    /// Found first comes first.
    Oldest,
}

impl From<CandidateOrderInput> for CandidateOrder {
    fn from(order: CandidateOrderInput) -> Self {
        match order {
            CandidateOrderInput::Likeliest => Self::Likeliest,
            CandidateOrderInput::Impact => Self::Impact,
            CandidateOrderInput::Oldest => Self::Oldest,
        }
    }
}

/// What a pair weighs in business, counted of what you may see, and whose it is.
#[derive(Clone, Description)]
pub struct CandidateDesk(pub Desk);

#[Object(use_type_description)]
impl CandidateDesk {
    /// Invoices of the two customers that are not paid.
    async fn open_invoices(&self) -> i64 {
        self.0.open_invoices
    }

    /// Tickets of the two customers that are not solved.
    async fn open_tickets(&self) -> i64 {
        self.0.open_tickets
    }

    /// Permissions of the one customer that the other one refuses. 0 where you do not see all consents.
    async fn consent_conflicts(&self) -> i64 {
        self.0.consent_conflicts
    }

    /// The sum of these and 1, times how unsure the score is, from 0 to 1.
    async fn impact(&self) -> f64 {
        self.0.impact
    }

    /// The link decision that new facts contradict, for which the pair is here; it stands until somebody says otherwise.
    async fn contests(&self) -> Option<ID> {
        self.0.contests.map(id)
    }

    /// Whose it is, by the subject of their token.
    async fn assignee(&self) -> Option<&str> {
        self.0.assignee.as_deref()
    }

    /// By when.
    async fn due_at(&self) -> Option<Timestamp> {
        self.0.due_at
    }
}
