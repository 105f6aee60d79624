//! Identity: which records are one customer, and what that customer is.
//!
//! Drives the pure matching over the store: read parties and decisions, resolve, give ids, write what changed. Promises:
//! the same facts and decisions give the same customers, whatever came first; nothing is folded twice at once. Deliberately
//! does not know where records come from; it hears of them through the outbox.

mod assign;
mod fold;
mod golden;

pub use fold::{FoldReport, IdentityError};
pub use golden::golden;
pub use onefold_matching::{Golden, InvalidProbability, Progress, Stage};

use crate::config::MatchingConfig;
use onefold_matching::{Probability, Settings, Thresholds};

/// How records are resolved.
#[derive(Debug, Clone, Default)]
pub struct Identity {
    settings: Settings,
}

impl Identity {
    /// With the thresholds of the configuration.
    pub fn new(config: &MatchingConfig) -> Result<Self, InvalidProbability> {
        let thresholds =
            Thresholds { auto_merge: Probability::new(config.auto_merge)?, review: Probability::new(config.review)? };
        Ok(Self { settings: Settings { thresholds, ..Settings::default() } })
    }
}
