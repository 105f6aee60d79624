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
    /// Whether documents that only read are planned.
    pub planner: Planning,
}

/// Whether documents that only read are planned.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Planning {
    /// Those that can be.
    On,
    /// None: the executor answers everything.
    Off,
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
            planner: Planning::On,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::Config;
    use super::*;
    use std::path::Path;

    #[test]
    fn the_section_reads_and_what_is_left_out_is_as_before() {
        let text = "[graphql]\ndocuments = 'documents'\ntrusted_only = ['marketing']\nintrospection = 'closed'\ncost_limit = 5000\nplanner = 'off'\n";
        let read = Config::parse(text, Path::new("onefold.toml")).unwrap().graphql;
        let expected = GraphqlConfig {
            documents: Some("documents".into()),
            trusted_only: vec![DepartmentKey::new("marketing").unwrap()],
            introspection: SchemaTold::Closed,
            cost_limit: 5_000,
            planner: Planning::Off,
            ..GraphqlConfig::default()
        };
        assert_eq!(read, expected);
        for wrong in [
            "introspection = 'half'",
            "planner = true",
            "cost_limit = -1",
            "trusted_only = ['Not A Slug']",
            "nosuch = 1",
        ] {
            assert!(Config::parse(&format!("[graphql]\n{wrong}\n"), Path::new("onefold.toml")).is_err(), "{wrong}");
        }
    }
}
