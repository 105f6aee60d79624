//! When records are the same customer.

use serde::Deserialize;

/// The two thresholds of matching.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct MatchingConfig {
    /// From this probability on two records are folded into one customer without asking.
    pub auto_merge: f64,
    /// From this probability on a pair is shown to a steward.
    pub review: f64,
}

impl Default for MatchingConfig {
    fn default() -> Self {
        Self { auto_merge: 0.95, review: 0.5 }
    }
}
