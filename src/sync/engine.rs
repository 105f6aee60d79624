//! The configured sources, ready to be read.

use super::access::Access;
use super::drift::Pushed;
use super::http::{Client, OutgoingClient};
use super::jq::JqStreams;
use super::lease::Holder;
use super::stop::Stopper;
use super::{Registry, SetupError, SyncError};
use crate::config::{ConfigError, PrivateAddresses, Schedule, Setting, SourceConfig, SyncConfig};
use crate::store::{SourceRow, Store, StoreError};
use onefold_connector::{Configured, Connector};
use onefold_model::{Clock, DepartmentKey, SourceId, SourceKey, SyncRunId, Timestamp};
use serde_json::{Map, Value};
use std::collections::{BTreeMap, HashMap, HashSet};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

/// A source and how it is read.
#[derive(Debug, Clone)]
pub struct SourceSetup {
    /// The source as the store has it.
    pub row: SourceRow,
    /// Its connector and settings.
    pub configured: Configured,
    /// Whether it may be at a private address; `None` for what holds for all sources.
    pub private_addresses: Option<PrivateAddresses>,
    /// When it is read by itself; `None` where somebody has to ask.
    pub schedule: Option<Schedule>,
}

/// Reads the configured sources.
pub struct Engine {
    pub(super) store: Store,
    pub(super) clock: Arc<dyn Clock>,
    sources: BTreeMap<SourceKey, SourceSetup>,
    /// What holds for all sources.
    config: SyncConfig,
    /// Access tokens that have not ended, for the next run.
    pub(super) access: Mutex<BTreeMap<SourceKey, Access>>,
    /// What this process is to others that share the store.
    pub(super) holder: Holder,
    /// Two runs of one source would race for its checkpoints.
    pub(super) busy: Mutex<HashSet<SourceKey>>,
    /// How the runs of this process are told that they are to end.
    pub(super) stops: Mutex<HashMap<SyncRunId, Stopper>>,
    /// What the streams look like that are pushed.
    pub(super) pushed: Pushed,
    /// Held from looking whether a source is busy to taking it.
    pub(super) turn: tokio::sync::Mutex<()>,
    /// Tells those who have subscribed.
    outgoing: OutgoingClient,
    /// The program that is started for jq: this one.
    program: PathBuf,
}

/// Reads the settings of a source, secrets from where they are.
fn values(config: &SourceConfig) -> Result<Map<String, Value>, ConfigError> {
    let mut values = Map::new();
    for (name, setting) in &config.settings {
        let value = match setting {
            Setting::Text(text) => Value::from(text.as_str()),
            Setting::Number(number) => Value::from(*number),
            Setting::Flag(flag) => Value::from(*flag),
            Setting::Secret(place) => {
                Value::from(place.read(&format!("source {}, setting {name}", config.key))?.reveal())
            }
        };
        values.insert(name.clone(), value);
    }
    Ok(values)
}

impl SourceSetup {
    /// Sets up a source of the configuration.
    pub fn new(config: &SourceConfig, registry: &Registry, clock: &dyn Clock) -> Result<Self, SetupFailure> {
        let connector = registry.get(&config.connector).ok_or_else(|| SetupError::Connector {
            source_key: config.key.to_string(),
            connector: config.connector.clone(),
            known: registry.names().collect::<Vec<_>>().join(", "),
        })?;
        let configured = connector
            .configure(&values(config)?)
            .map_err(|errors| SetupError::Settings { source_key: config.key.to_string(), errors })?;
        let default = || DepartmentKey::new(connector.default_department()).ok();
        let department = config.department.clone().or_else(default).ok_or_else(|| SetupError::Department {
            source_key: config.key.to_string(),
            connector: config.connector.clone(),
        })?;
        let row = SourceRow {
            id: SourceId::derive(&config.key),
            key: config.key.clone(),
            connector: config.connector.clone(),
            department,
            title: config.title.clone().unwrap_or_else(|| connector.title().to_owned()),
            created_at: clock.now(),
        };
        Ok(Self { row, configured, private_addresses: config.private_addresses, schedule: config.schedule.clone() })
    }
}

impl SourceSetup {
    /// When the source is to be read by itself after a run that began at `last`. Never where it has no schedule, or reads files.
    pub fn next_run_at(&self, last: Option<Timestamp>) -> Option<Timestamp> {
        let schedule = self.schedule.as_ref().filter(|_| !self.configured.connector().is_file())?;
        Some(schedule.next(last, self.row.created_at))
    }
}

/// Why a source cannot be set up: its configuration, or where its secrets are.
#[derive(Debug, thiserror::Error)]
pub enum SetupFailure {
    /// Its connector or settings.
    #[error(transparent)]
    Setup(#[from] SetupError),
    /// A secret.
    #[error(transparent)]
    Secret(#[from] ConfigError),
}

impl Engine {
    /// Makes the sources known to the store, and marks the runs of processes that died.
    pub async fn open(store: Store, sources: Vec<SourceSetup>, clock: Arc<dyn Clock>) -> Result<Self, StoreError> {
        let mut tx = store.begin().await?;
        for setup in &sources {
            tx.source_upsert(&setup.row).await?;
        }
        let sources = sources.into_iter().map(|setup| (setup.row.key.clone(), setup)).collect();
        let engine = Self {
            store,
            clock,
            sources,
            config: SyncConfig::default(),
            access: Mutex::default(),
            holder: Holder::this(),
            busy: Mutex::default(),
            stops: Mutex::default(),
            pushed: Pushed::default(),
            turn: tokio::sync::Mutex::default(),
            outgoing: OutgoingClient::default(),
            program: std::env::current_exe().unwrap_or_default(),
        };
        engine.lease_clean(&mut tx).await?;
        tx.commit().await?;
        Ok(engine)
    }

    /// Reads the sources as the configuration says.
    #[must_use]
    pub fn with_config(self, config: SyncConfig) -> Self {
        Self { config, ..self }
    }

    /// Tells subscribers at such addresses.
    #[must_use]
    pub fn with_receivers(self, permitted: PrivateAddresses) -> Self {
        Self { outgoing: OutgoingClient::new(permitted), ..self }
    }

    /// What tells those who have subscribed.
    pub fn outgoing(&self) -> &OutgoingClient {
        &self.outgoing
    }

    /// Starts another program for jq than the one that is running.
    #[must_use]
    pub fn with_program(self, program: PathBuf) -> Self {
        Self { program, ..self }
    }

    /// The jq filters of a connector, and the process that computes them, which starts with the first payload.
    pub(super) fn jq(&self, connector: &Connector) -> JqStreams {
        JqStreams::new(self.program.clone(), connector.jq_filters())
    }

    /// The sources, by key.
    pub fn sources(&self) -> impl Iterator<Item = &SourceSetup> {
        self.sources.values()
    }

    /// A source.
    pub fn source(&self, key: &SourceKey) -> Option<&SourceSetup> {
        self.sources.get(key)
    }

    /// Where refresh tokens are kept.
    pub(super) fn secrets_dir(&self) -> &Path {
        &self.config.secrets_dir
    }

    pub(super) fn client(&self, setup: &SourceSetup) -> Result<Client, SyncError> {
        let permitted = setup.private_addresses.unwrap_or(self.config.private_addresses);
        Client::new(&setup.row.key, &setup.configured, permitted, Arc::clone(&self.clock))
    }
}
