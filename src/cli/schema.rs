//! `onefold schema`.

use super::error::CliError;
use super::output::print;
use clap::{Args, ValueEnum};
use serde_json::Value;

/// Prints a contract, as it stands in `schema/`.
#[derive(Debug, Args)]
pub(super) struct Schema {
    /// Which.
    contract: Contract,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Contract {
    /// The GraphQL schema.
    Graphql,
    /// The standardised records (JSON Schema).
    Record,
    /// connector.yaml (JSON Schema).
    Connector,
    /// onefold.toml (JSON Schema).
    Config,
}

impl Schema {
    pub(super) fn run(self) -> Result<(), CliError> {
        let json = |schema: &Value| serde_json::to_string_pretty(schema).unwrap_or_default();
        Ok(print(&match self.contract {
            Contract::Graphql => crate::graphql::sdl().trim_end().to_owned(),
            Contract::Record => json(&onefold_model::record_schema()),
            Contract::Connector => json(&onefold_connector::connector_schema()),
            Contract::Config => json(&crate::config::config_schema()),
        })?)
    }
}
