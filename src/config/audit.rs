//! What is written down about reading.

use serde::Deserialize;

/// What the audit keeps beside deeds, which it always keeps.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct AuditConfig {
    /// Which reads of customers are written down.
    pub reads: AuditReads,
}

/// Which reads are written down.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AuditReads {
    /// All.
    All,
    /// Those of kinds that do harm in wrong hands: contact, birth, identifiers, money, support, payloads.
    #[default]
    Sensitive,
    /// None.
    None,
}
