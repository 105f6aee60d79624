//! The configuration file, `onefold.toml`: one section a file. Unknown keys are refused with their line.
//!
//! Deliberately holds no secret in clear: a secret is named by where it is (`{ env = "…" }`, `{ file = "…" }` or
//! `{ command = "…" }`).

mod audit;
mod auth;
mod export;
mod graphql;
mod matching;
mod policies;
mod privacy;
mod schedule;
mod schema;
mod secret;
mod server;
mod source;
mod store;
mod survivorship;
mod sync;
mod webhooks;

pub use audit::{AuditConfig, AuditReads};
pub use auth::{
    AuthConfig, ClaimConfig, ClientAuthentication, IssuerConfig, KeyPlace, LoginConfig, Mapped, TokenAlgorithm,
};
pub use export::ExportConfig;
pub use graphql::{GraphqlConfig, Planning, SchemaTold};
pub use matching::{BirthDatesRule, MatchingConfig, RulePart, rules_parse};
pub use policies::{PoliciesConfig, ShippedPolicies};
pub use privacy::PrivacyConfig;
pub use schedule::Schedule;
pub use schema::config_schema;
pub use secret::{CommandLine, Secret, SecretPlace};
pub use server::ServerConfig;
pub use source::{Setting, SourceConfig};
pub use store::StoreConfig;
pub use survivorship::{SurvivorshipConfig, SurvivorshipRule};
pub use sync::{PrivateAddresses, SyncConfig};
pub use webhooks::WebhooksConfig;

use serde::Deserialize;
use std::path::{Path, PathBuf};

/// Everything that an operator decides.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    /// Where the data is.
    pub store: StoreConfig,
    /// Where the hub listens.
    pub server: ServerConfig,
    /// What the graph answers.
    pub graphql: GraphqlConfig,
    /// Who is let in.
    pub auth: AuthConfig,
    /// When records are the same customer.
    pub matching: MatchingConfig,
    /// Which values customers show.
    pub survivorship: SurvivorshipConfig,
    /// What is written down about reading.
    pub audit: AuditConfig,
    /// How people are forgotten.
    pub privacy: PrivacyConfig,
    /// How the systems of the departments are read.
    pub sync: SyncConfig,
    /// Where those may be who are told of changes.
    pub webhooks: WebhooksConfig,
    /// How much may be exported, and for how long it is kept.
    pub export: ExportConfig,
    /// The systems of the departments.
    #[serde(rename = "source")]
    pub sources: Vec<SourceConfig>,
    /// A folder with connectors of one's own, beside those in the binary.
    pub connectors: Option<PathBuf>,
    /// Who may see and do what.
    pub policies: PoliciesConfig,
}

/// Why a configuration cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The file cannot be read.
    #[error("could not read the configuration file {}", path.display())]
    Read {
        /// Which.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The file is not what it should be; the message of the source names line and key.
    #[error("the configuration file {} has a mistake", path.display())]
    Parse {
        /// Which.
        path: PathBuf,
        /// What and where.
        source: Box<toml::de::Error>,
    },
    /// A secret is not where the configuration says it is.
    #[error("the secret for {what} is not there: {place}")]
    Secret {
        /// What it is for.
        what: String,
        /// Where it was looked for.
        place: String,
    },
    /// Two sources share a key.
    #[error("two sources have the key {0:?}: a key names one source for ever")]
    DuplicateSource(String),
}

impl Config {
    /// Reads a file.
    pub fn read(path: &Path) -> Result<Self, ConfigError> {
        let text =
            std::fs::read_to_string(path).map_err(|source| ConfigError::Read { path: path.to_owned(), source })?;
        Self::parse(&text, path)
    }

    /// Reads a text; `path` is only for messages.
    pub fn parse(text: &str, path: &Path) -> Result<Self, ConfigError> {
        let mut config: Self = toml::from_str(text)
            .map_err(|source| ConfigError::Parse { path: path.to_owned(), source: Box::new(source) })?;
        matching::locate(&mut config.matching.rules, text, path);
        let mut seen = std::collections::BTreeSet::new();
        for source in &config.sources {
            if !seen.insert(source.key.as_str()) {
                return Err(ConfigError::DuplicateSource(source.key.to_string()));
            }
        }
        Ok(config)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<Config, ConfigError> {
        Config::parse(text, Path::new("onefold.toml"))
    }

    #[test]
    fn an_empty_file_is_a_working_configuration() {
        let config = parse("").unwrap();
        assert_eq!(config.store.url, "sqlite:onefold.db");
        assert_eq!(config.server.listen.to_string(), "127.0.0.1:7188");
    }

    #[test]
    fn an_unknown_key_is_refused_with_its_line() {
        let error = parse("[store]\nurl = 'sqlite:x'\nurll = 'y'\n").unwrap_err();
        let cause = std::error::Error::source(&error).unwrap().to_string();
        assert!(cause.contains("line 3") && cause.contains("urll"), "{cause}");
    }

    #[test]
    fn a_source_key_names_one_source() {
        let source = "[[source]]\nkey = 'stripe'\nconnector = 'billing/stripe'\n";
        assert!(matches!(parse(&format!("{source}{source}")), Err(ConfigError::DuplicateSource(_))));
    }

    #[test]
    fn settings_are_texts_or_places_of_secrets() {
        let config = parse(
            "[[source]]\nkey = 'stripe'\nconnector = 'billing/stripe'\n[source.settings]\nbase_url = 'http://127.0.0.1:1'\n\
             api_key = { env = 'ONEFOLD_NOT_SET_ANYWHERE' }\n",
        )
        .unwrap();
        let settings = &config.sources[0].settings;
        assert!(matches!(&settings["base_url"], Setting::Text(text) if text == "http://127.0.0.1:1"));
        let Setting::Secret(place) = &settings["api_key"] else { panic!("a secret") };
        let error = place.read("source stripe, api_key").unwrap_err().to_string();
        assert!(error.contains("ONEFOLD_NOT_SET_ANYWHERE") && error.contains("source stripe"), "{error}");
    }
}
