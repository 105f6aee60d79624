//! Trained models: what a fold judges by, and what another would change.
//!
//! Promises that a model which is in place stays as it is, so that a change is judged as everything before it was. A new one
//! is trained beside it and changes nothing until it is put in place.

use super::fold::decisions;
use super::golden::record;
use super::{Identity, IdentityError};
use crate::store::{ModelParts, ModelRow, Store, StoreError, Tx};
use onefold_matching::{Frequencies, Model, PartyRecord, Plan, Settings, diff, resolve};
use onefold_model::{Clock, CustomerId, RecordId, Timestamp};
use std::collections::BTreeMap;
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
    ) -> Result<(), IdentityError> {
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
        Ok(tx.model_insert(&row, &parts).await?)
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

    /// Trains a model on all records as they are, stores it beside the one in place, and tells its version and who would
    /// merge and split if it took that place.
    pub async fn retrain(&self, store: &Store, clock: &dyn Clock) -> Result<(String, Plan), IdentityError> {
        let mut settings = self.settings.clone();
        settings.model.version = self.next_version(store).await?;
        let (parties, links) = (store.party_list().await?, store.link_list().await?);
        let decisions = decisions(store).await?;
        let work = move || {
            let records: Vec<PartyRecord> = parties.iter().map(record).collect();
            let resolution = resolve(&records, &decisions, &settings, &mut |_| {});
            let mut before: BTreeMap<CustomerId, Vec<RecordId>> = BTreeMap::new();
            for (record, customer, _) in links {
                before.entry(customer).or_default().push(RecordId(record));
            }
            let plan = diff(&before.into_values().collect::<Vec<_>>(), &resolution.clusters);
            (Trained { settings, frequencies: Arc::new(resolution.frequencies) }, plan)
        };
        let (trained, plan) = tokio::task::spawn_blocking(work).await.map_err(|_| IdentityError::Stopped)?;
        let mut tx = store.begin().await?;
        trained.insert(&mut tx, clock.now(), None).await?;
        tx.commit().await?;
        Ok((trained.version().to_owned(), plan))
    }

    /// Puts a model in place; whether there is one of this version. The next fold judges everything by it.
    pub async fn model_activate(&self, store: &Store, clock: &dyn Clock, version: &str) -> Result<bool, IdentityError> {
        let mut tx = store.begin().await?;
        tx.identity_lock().await?;
        let found = tx.model_activate(version, clock.now()).await?;
        tx.commit().await?;
        Ok(found > 0)
    }

    /// The name of the next model that is trained here.
    pub(super) async fn next_version(&self, store: &Store) -> Result<String, StoreError> {
        let trained = store.model_list().await?.len();
        Ok(format!("{}.{}", self.settings.model.version, trained + 1))
    }
}
