//! What the graph answers, and how much of it.

use onefold_model::DepartmentKey;
use serde::Deserialize;
use std::path::PathBuf;

/// The graph.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct GraphqlConfig {
    /// A folder with registered documents: `*.graphql`, and manifests of other tools, `*.json`.
    pub documents: Option<PathBuf>,
    /// Departments for which nothing but registered documents is run.
    pub trusted_only: Vec<DepartmentKey>,
    /// Whether documents may ask about the schema.
    pub introspection: SchemaTold,
    /// Points that a caller has at most.
    pub cost_limit: u64,
    /// Points that come back to a caller each second.
    pub cost_per_second: u64,
}

/// Whether documents may ask about the schema.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum SchemaTold {
    /// They may.
    Open,
    /// They are refused. `/schema.graphql` has the schema for whoever has a token.
    Closed,
}

impl Default for GraphqlConfig {
    fn default() -> Self {
        Self {
            documents: None,
            trusted_only: Vec::new(),
            introspection: SchemaTold::Open,
            cost_limit: 1_000_000,
            cost_per_second: 50_000,
        }
    }
}
