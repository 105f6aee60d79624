//! Why a command failed.

use super::r#match::MatchError;
use crate::app::AppError;
use crate::auth::{MintError, PolicyErrors, ShortSecret, TokenSettingsError};
use crate::config::ConfigError;
use crate::http::NotAnOrigin;
use crate::identity::{InvalidProbability, MatchingSetupError, SurvivorshipSetupError};
use crate::issuer::IssuerSetupError;
use crate::store::StoreError;
use crate::sync::{FileFailure, RegistryError, SetupFailure, SyncError};
use onefold_connector::FixtureError;
use std::io;
use std::path::PathBuf;

/// Why a command failed.
#[derive(Debug, thiserror::Error)]
pub(super) enum CliError {
    #[error("could not start the runtime")]
    Runtime(#[source] io::Error),
    #[error(transparent)]
    Config(#[from] ConfigError),
    #[error("could not open the store")]
    Store(#[from] StoreError),
    #[error("could not set up the sources")]
    Setup(#[from] SetupFailure),
    #[error(transparent)]
    Registry(#[from] RegistryError),
    #[error("a connector cannot be used:\n{0}")]
    Connector(String),
    #[error("could not read {} as the connector would", path.display())]
    Fixture { path: PathBuf, source: FixtureError },
    #[error("{} is no JSON of the expected form", path.display())]
    Json { path: PathBuf, source: serde_json::Error },
    #[error("{0} fixtures become something else than expected: see above")]
    Fixtures(usize),
    #[error(transparent)]
    Policies(#[from] PolicyErrors),
    #[error("[policies] pseudonym_secret is not as it should be")]
    Pseudonyms(#[source] ShortSecret),
    #[error("{0} tests of policies failed: see above")]
    PolicyTests(usize),
    #[error("could not read the policies in {}", path.display())]
    PolicyFile { path: PathBuf, source: io::Error },
    #[error("[matching] is not as it should be")]
    Matching(#[from] MatchingSetupError),
    #[error(transparent)]
    Survivorship(#[from] SurvivorshipSetupError),
    #[error("a threshold is not as it should be")]
    Threshold(#[from] InvalidProbability),
    #[error("[auth] is not as it should be")]
    Auth(#[from] TokenSettingsError),
    #[error("[auth] is not as it should be")]
    Issuer(#[from] IssuerSetupError),
    #[error(transparent)]
    Origin(#[from] NotAnOrigin),
    #[error("could not make a token")]
    Mint(#[from] MintError),
    #[error(transparent)]
    App(#[from] AppError),
    #[error("could not sync")]
    Sync(#[from] SyncError),
    #[error("could not import {}", path.display())]
    Import { path: PathBuf, source: FileFailure },
    #[error(transparent)]
    Files(#[from] MatchError),
    #[error("could not read {}", path.display())]
    File { path: PathBuf, source: io::Error },
    #[error("could not write {}: it must not be there yet", path.display())]
    Write { path: PathBuf, source: io::Error },
    #[error("could not export: {0}")]
    Export(String),
    #[error("could not write {}", path.display())]
    ExportFile { path: PathBuf, source: io::Error },
    #[error("could not listen on {address}: is another hub running there?")]
    Listen { address: String, source: io::Error },
    #[error("the server stopped")]
    Serve(#[source] io::Error),
    #[error("there is no source {0:?} in the configuration; there are: {1}")]
    NoSource(String, String),
    #[error("could not print the result")]
    Output(#[from] io::Error),
    #[error("{0}")]
    Usage(String),
    #[error("the audit is not whole:\n{0}")]
    AuditBroken(String),
    #[error("not everything was read: see above")]
    Incomplete,
}
