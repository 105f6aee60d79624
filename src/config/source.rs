//! The systems of the departments.

use super::{PrivateAddresses, Schedule, SecretPlace};
use onefold_model::{DepartmentKey, SourceKey};
use serde::Deserialize;
use std::collections::BTreeMap;

/// A system that is synced.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SourceConfig {
    /// Names the source for ever: record ids are derived from it.
    pub key: SourceKey,
    /// The folder of the connector, `billing/stripe`.
    pub connector: String,
    /// Whose it is. Without it, the connector folder's department.
    pub department: Option<DepartmentKey>,
    /// What people call it.
    pub title: Option<String>,
    /// Whether it may be at a private address. Without it, what `[sync]` says.
    pub private_addresses: Option<PrivateAddresses>,
    /// When it is read by itself: `15m`, or a cron expression. Without it, when somebody asks.
    pub schedule: Option<Schedule>,
    /// What the connector asks for.
    #[serde(default)]
    pub settings: BTreeMap<String, Setting>,
}

/// One setting of a connector.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(untagged)]
pub enum Setting {
    /// A text.
    Text(String),
    /// A number.
    Number(i64),
    /// Yes or no.
    Flag(bool),
    /// Where a secret is.
    Secret(SecretPlace),
}
