//! Who may see and do what: where policies are, and what they need.

use super::SecretPlace;
use onefold_model::DepartmentKey;
use serde::Deserialize;
use std::path::PathBuf;

/// The policies.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct PoliciesConfig {
    /// A folder with policies of one's own, `*.cedar`.
    pub folder: Option<PathBuf>,
    /// What becomes of the shipped ones.
    pub shipped: ShippedPolicies,
    /// Departments without a source of their own, which policies can name too.
    pub departments: Vec<DepartmentKey>,
    /// How often a running hub looks at the folder, in seconds. 0: only on SIGHUP.
    pub reload_s: u64,
    /// What pseudonyms are made with, at least 32 bytes. Another secret gives other pseudonyms.
    pub pseudonym_secret: Option<SecretPlace>,
}

/// What becomes of the shipped policies where there is a folder.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ShippedPolicies {
    /// They hold beside those of the folder.
    Beside,
    /// Only those of the folder hold.
    Replaced,
}

impl Default for PoliciesConfig {
    fn default() -> Self {
        Self {
            folder: None,
            shipped: ShippedPolicies::Beside,
            departments: Vec::new(),
            reload_s: 5,
            pseudonym_secret: None,
        }
    }
}
