//! Trained models of matching. Written once; which of them folds is the one that was put in place last.

use super::{Store, StoreError, Tx};
use crate::args;
use onefold_model::Timestamp;

/// A trained model.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ModelRow {
    /// Its name, which every link that it made carries.
    pub version: String,
    /// When it was trained.
    pub trained_at: Timestamp,
    /// How many records it was trained on.
    pub records: i64,
    /// When it was last put in place; none of one that never was.
    pub activated_at: Option<Timestamp>,
}

/// What a model consists of, as JSON text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ModelParts {
    /// The weights of levels.
    pub weights: String,
    /// How common each value was.
    pub frequencies: String,
}

const ACTIVE: &str = "select version from model where activated_at is not null
    order by activated_at desc, trained_at desc, version desc limit 1";

impl Store {
    /// All models, the latest first.
    pub async fn model_list(&self) -> Result<Vec<ModelRow>, StoreError> {
        let rows = self
            .fetch(
                "select version, trained_at, records, activated_at from model order by trained_at desc, version desc",
                args![],
            )
            .await?;
        rows.iter()
            .map(|row| {
                Ok(ModelRow {
                    version: row.text(0)?,
                    trained_at: row.time(1)?,
                    records: row.int(2)?,
                    activated_at: row.opt_time(3)?,
                })
            })
            .collect()
    }

    /// The version of the model that folds; none before the first.
    pub async fn model_active(&self) -> Result<Option<String>, StoreError> {
        let rows = self.fetch(ACTIVE, args![]).await?;
        rows.first().map(|row| row.text(0)).transpose()
    }

    /// What a model consists of. Large: the frequencies of a million records are some thirty megabytes.
    pub async fn model_parts(&self, version: &str) -> Result<Option<ModelParts>, StoreError> {
        let rows = self.fetch("select weights, frequencies from model where version = $1", args![version]).await?;
        rows.first().map(|row| Ok(ModelParts { weights: row.text(0)?, frequencies: row.text(1)? })).transpose()
    }
}

impl Tx {
    /// As [`Store::model_active`], within the transaction that is about to write.
    pub async fn model_active(&mut self) -> Result<Option<String>, StoreError> {
        let rows = self.fetch(ACTIVE, args![]).await?;
        rows.first().map(|row| row.text(0)).transpose()
    }

    /// Writes a model.
    pub async fn model_insert(&mut self, model: &ModelRow, parts: &ModelParts) -> Result<(), StoreError> {
        self.execute(
            "insert into model (version, trained_at, records, activated_at, weights, frequencies)
             values ($1, $2, $3, $4, $5, $6)",
            args![
                &model.version,
                model.trained_at,
                model.records,
                model.activated_at,
                &parts.weights,
                &parts.frequencies
            ],
        )
        .await?;
        Ok(())
    }

    /// Puts a model in place.
    pub async fn model_activate(&mut self, version: &str, at: Timestamp) -> Result<u64, StoreError> {
        self.execute("update model set activated_at = $2 where version = $1", args![version, at]).await
    }
}
