//! What an operator decides about the graph.

use super::trusted::TrustedDocuments;
use onefold_model::DepartmentKey;
use std::collections::BTreeSet;

/// What an operator decides about the graph.
#[derive(Debug, Default)]
pub struct GraphSettings {
    /// Whether documents may ask about the schema.
    pub introspection: Introspection,
    /// The documents that are registered.
    pub trusted: TrustedDocuments,
    /// The departments for which nothing but registered documents is run.
    pub trusted_only: BTreeSet<DepartmentKey>,
    /// How much a caller may ask for.
    pub cost: CostSettings,
    /// Whether documents that only read are planned.
    pub planner: Planner,
}

/// Whether documents that only read are planned. The answers are the same; it is a way out where they should not be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Planner {
    /// Those that can be.
    #[default]
    On,
    /// None: the executor answers everything.
    Off,
}

/// Whether documents may ask about the schema.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Introspection {
    /// They may.
    #[default]
    Open,
    /// They are refused; the schema is a file that is had with a token.
    Closed,
}

/// How much a caller may ask for, in points: see `docs/reference/limits.md`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CostSettings {
    /// Points that a caller has at most.
    pub limit: u64,
    /// Points that come back each second.
    pub per_second: u64,
}

impl Default for CostSettings {
    fn default() -> Self {
        Self { limit: 1_000_000, per_second: 50_000 }
    }
}
