//! Trained models: what a fold judges by.
//!
//! Promises that a model which is in place stays as it is, so that a change is judged as everything before it was. A new one
//! is trained beside it and changes nothing until it is put in place; see [`super::plan`].

use super::{Identity, IdentityError};
use crate::store::{ModelParts, ModelRow, Store, StoreError, Tx};
use onefold_matching::{Frequencies, Model, Settings};
use onefold_model::Timestamp;
use std::sync::Arc;

/// A model, and how common each value was when it was trained.
#[derive(Debug)]
pub(super) struct Trained {
    pub settings: Settings,
    pub frequencies: Arc<Frequencies>,
}

impl Trained {
    /// Which model.
    pub(super) fn version(&self) -> &str {
        &self.settings.model.version
    }

    /// Stores it.
    pub(super) async fn insert(
        &self,
        tx: &mut Tx,
        trained_at: Timestamp,
        activated_at: Option<Timestamp>,
    ) -> Result<ModelRow, IdentityError> {
        let text = |written: serde_json::Result<String>| {
            written.map_err(|_| StoreError::Corrupt { what: "a model cannot be written as text" })
        };
        let row = ModelRow {
            version: self.version().to_owned(),
            trained_at,
            records: i64::try_from(self.frequencies.records()).unwrap_or(i64::MAX),
            activated_at,
        };
        let parts = ModelParts {
            weights: text(serde_json::to_string(&self.settings.model))?,
            frequencies: text(serde_json::to_string(&*self.frequencies))?,
        };
        tx.model_insert(&row, &parts).await?;
        Ok(row)
    }
}

impl Identity {
    /// The model of a version.
    pub(super) async fn trained(&self, store: &Store, version: Option<&str>) -> Result<Option<Trained>, IdentityError> {
        let Some(version) = version else { return Ok(None) };
        let Some(parts) = store.model_parts(version).await? else { return Ok(None) };
        let unreadable = |_| StoreError::Corrupt { what: "a stored model does not read back" };
        let model: Model = serde_json::from_str(&parts.weights).map_err(unreadable)?;
        let frequencies = serde_json::from_str(&parts.frequencies).map_err(unreadable)?;
        let settings = Settings { model, ..self.settings.clone() };
        Ok(Some(Trained { settings, frequencies: Arc::new(frequencies) }))
    }

    /// The name of the next model that is trained here.
    pub(super) async fn next_version(&self, store: &Store) -> Result<String, StoreError> {
        let trained = store.model_list().await?.len();
        Ok(format!("{}.{}", self.settings.model.version, trained + 1))
    }
}
