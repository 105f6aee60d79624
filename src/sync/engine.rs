//! The configured sources, ready to be read.

use super::http::Client;
use super::jq::JqStreams;
use super::{Registry, SetupError, SyncError};
use crate::config::{ConfigError, Setting, SourceConfig};
use crate::store::{SourceRow, Store, StoreError};
use onefold_connector::{Configured, Connector};
use onefold_model::{Clock, DepartmentKey, SourceId, SourceKey};
use serde_json::{Map, Value};
use std::collections::{BTreeMap, HashSet};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

/// A source and how it is read.
#[derive(Debug, Clone)]
pub struct SourceSetup {
    /// The source as the store has it.
    pub row: SourceRow,
    /// Its connector and settings.
    pub configured: Configured,
}

/// Reads the configured sources.
pub struct Engine {
    pub(super) store: Store,
    pub(super) clock: Arc<dyn Clock>,
    sources: BTreeMap<SourceKey, SourceSetup>,
    /// Two runs of one source would race for its checkpoints.
    busy: Mutex<HashSet<SourceKey>>,
    /// The program that is started for jq: this one.
    program: PathBuf,
}

/// While it lives, no other run of the source begins.
pub(super) struct Busy<'a> {
    engine: &'a Engine,
    key: SourceKey,
}

impl Drop for Busy<'_> {
    fn drop(&mut self) {
        self.engine.busy.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.key);
    }
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
        Ok(Self { row, configured })
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
    /// Makes the sources known to the store.
    pub async fn open(store: Store, sources: Vec<SourceSetup>, clock: Arc<dyn Clock>) -> Result<Self, StoreError> {
        let mut tx = store.begin().await?;
        for setup in &sources {
            tx.source_upsert(&setup.row).await?;
        }
        tx.commit().await?;
        let sources = sources.into_iter().map(|setup| (setup.row.key.clone(), setup)).collect();
        let program = std::env::current_exe().unwrap_or_default();
        Ok(Self { store, clock, sources, busy: Mutex::default(), program })
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

    /// Whether a run of the source goes on in this process.
    pub fn is_busy(&self, key: &SourceKey) -> bool {
        self.busy.lock().unwrap_or_else(PoisonError::into_inner).contains(key)
    }

    /// Takes the source for a run. `None` where one goes on already.
    pub(super) fn take(&self, key: &SourceKey) -> Option<Busy<'_>> {
        let is_free = self.busy.lock().unwrap_or_else(PoisonError::into_inner).insert(key.clone());
        is_free.then(|| Busy { engine: self, key: key.clone() })
    }

    pub(super) fn client(&self, setup: &SourceSetup) -> Result<Client, SyncError> {
        let limits = setup.configured.limits().ok_or_else(|| SyncError::NotHttp(setup.row.key.to_string()))?;
        Client::new(limits, setup.configured.retry(), Arc::clone(&self.clock))
    }
}
