//! Entries of the audit, as the privacy officer reads them.

use crate::app::{AuditFilter, AuditRow, CUSTOMER_READ};
use crate::graphql::ids::{id, typed_id};
use async_graphql::{Description, ID, InputObject, Object, Result};
use onefold_model::{CustomerId, Timestamp};

/// Something that was done or read, or that somebody was not allowed to. A link of a chain: each entry carries the hash of
/// the one before.
#[derive(Clone, Description)]
pub struct AuditEntry(pub AuditRow);

#[Object(use_type_description)]
impl AuditEntry {
    /// Its number, from 1, without gaps.
    pub async fn number(&self) -> i64 {
        self.0.seq
    }

    /// When.
    pub async fn at(&self) -> Timestamp {
        self.0.at
    }

    /// Who: the subject of the token, or `system:` and a part of the hub.
    pub async fn actor(&self) -> &str {
        &self.0.actor
    }

    /// What: `customer.read`, `records.ingest`, `right.refused`, …
    pub async fn action(&self) -> &str {
        &self.0.action
    }

    /// To what: an id, a key, or how many.
    pub async fn target(&self) -> &str {
        &self.0.target
    }

    /// Figures and ids, never values.
    pub async fn detail(&self) -> Option<&str> {
        self.0.detail.as_deref()
    }

    /// The customers that it is about, by the ids of its time.
    pub async fn customers(&self) -> Vec<ID> {
        self.0.customers.iter().copied().map(id).collect()
    }

    /// Of a read: the kinds of fields that were read of each of these customers.
    pub async fn kinds(&self) -> Vec<&str> {
        match &self.0.detail {
            Some(kinds) if self.0.action == CUSTOMER_READ => kinds.split(", ").collect(),
            _ => Vec::new(),
        }
    }

    /// SHA-256 of the entry, in hexadecimal.
    pub async fn hash(&self) -> &str {
        &self.0.hash
    }

    /// The hash of the entry before it.
    pub async fn previous_hash(&self) -> &str {
        &self.0.previous
    }
}

/// Which entries. All conditions hold together.
#[derive(InputObject, Default)]
pub struct AuditFilterInput {
    /// Of this actor.
    actor: Option<String>,
    /// Of this action.
    action: Option<String>,
    /// About this customer, under whatever id it had.
    customer: Option<ID>,
    /// At or after.
    since: Option<Timestamp>,
    /// Before.
    until: Option<Timestamp>,
}

impl AuditFilterInput {
    /// The filter, where it makes sense.
    pub fn read(self) -> Result<AuditFilter> {
        let customer = self.customer.map(|id| typed_id::<CustomerId>("filter.customer", &id)).transpose()?;
        let AuditFilterInput { actor, action, since, until, .. } = self;
        Ok(AuditFilter { actor, action, customers: customer.map(|id| vec![id]), since, until })
    }
}
