//! Which value of which record a customer shows.
//!
//! Deliberately does not know which fields and sources there are: identity refuses what it does not know.

use serde::Deserialize;
use std::collections::BTreeMap;

/// Rules for the values of customers. What is not given is as the program has it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct SurvivorshipConfig {
    /// The keys of sources, the most trusted first; those that are not listed come last.
    pub sources: Vec<String>,
    /// The rules of a field, by its name in the graph, the one that decides first first.
    pub fields: BTreeMap<String, Vec<SurvivorshipRule>>,
    /// The rules of every other field.
    pub otherwise: Option<Vec<SurvivorshipRule>>,
}

/// What makes one value better than another. Each rule keeps the best and passes ties on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SurvivorshipRule {
    /// The source that stands first in `sources`.
    SourcePriority,
    /// The record that its source changed last.
    MostRecent,
    /// A value that its source has verified, then one that it calls primary.
    Verified,
    /// The value that most records have.
    MostFrequent,
    /// The value that says most.
    MostComplete,
}
