//! Who did what. Written in the transaction of the deed.

use super::{StoreError, Tx};
use crate::args;
use onefold_model::Timestamp;

/// An entry to be written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditEntry {
    /// When.
    pub at: Timestamp,
    /// The subject of the token, or `system`.
    pub actor: String,
    /// What, as `noun.verb`.
    pub action: &'static str,
    /// To what: an id or a key.
    pub target: String,
    /// Figures, never personal data.
    pub detail: Option<String>,
}

impl Tx {
    /// Writes an entry.
    pub async fn audit_append(&mut self, entry: &AuditEntry) -> Result<(), StoreError> {
        self.execute(
            "insert into audit (at, actor, action, target, detail) values ($1, $2, $3, $4, $5)",
            args![entry.at, &entry.actor, entry.action, &entry.target, entry.detail.clone()],
        )
        .await?;
        Ok(())
    }
}
