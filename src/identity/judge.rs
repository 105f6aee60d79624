//! What the last fold judged by, kept so that any two records can be explained as it saw them.
//!
//! Promises the weights of the last fold: the model in place, or, where the model follows the records, what the fold learned
//! from them. Writes nothing.

use super::Identity;
use super::fold::{IdentityError, read};
use super::golden::record;
use super::model::Trained;
use crate::store::{Store, StoredParty};
use onefold_matching::{
    EnoughEvidence, Explanation, Frequencies, LinkDecision, ScoredPair, Settings, Thresholds, explain,
    resolve_with_frequencies, would_link,
};
use std::sync::Arc;

/// Which fold a model is of: the model in place, or the number of the fold where the model follows the records.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum JudgeKey {
    Frozen(String),
    OfFold(i64),
}

/// What the last fold judged by.
#[derive(Debug, Clone)]
pub struct Judge(Arc<Trained>);

impl Judge {
    /// Why two records are, or are not, taken for one party.
    pub fn explain(&self, left: &StoredParty, right: &StoredParty) -> Explanation {
        explain(&record(left), &record(right), &self.0.frequencies, &self.0.settings)
    }

    /// The cheapest evidence that would link them.
    pub fn would_link(&self, left: &StoredParty, right: &StoredParty) -> Vec<EnoughEvidence> {
        would_link(&record(left), &record(right), &self.0.frequencies, &self.0.settings)
    }

    /// Pairs of these records that weigh enough to be linked, where nothing keeps them apart; ascending by id.
    pub fn edges(&self, members: &[StoredParty], decisions: &[LinkDecision]) -> Vec<ScoredPair> {
        let records: Vec<_> = members.iter().map(record).collect();
        let (settings, frequencies) = (&self.0.settings, &self.0.frequencies);
        resolve_with_frequencies(&records, decisions, settings, frequencies, &mut |_| {}).accepted
    }

    /// The model and all that it judges by.
    pub(super) fn settings(&self) -> &Settings {
        &self.0.settings
    }

    /// How common each value was.
    pub(super) fn frequencies(&self) -> &Arc<Frequencies> {
        &self.0.frequencies
    }

    /// Which model.
    pub(super) fn version(&self) -> &str {
        self.0.version()
    }

    /// From which probability on records are linked, or shown to a person.
    pub fn thresholds(&self) -> Thresholds {
        self.0.settings.thresholds
    }
}

impl Identity {
    /// What the last fold judged by.
    pub async fn judge(&self, store: &Store) -> Result<Judge, IdentityError> {
        let active = store.model_active().await?;
        let key = match &active {
            Some(version) => JudgeKey::Frozen(version.clone()),
            None => JudgeKey::OfFold(store.fold_generation().await?),
        };
        let mut slot = self.judged.lock().await;
        if let Some((_, judge)) = slot.as_ref().filter(|(of, _)| *of == key) {
            return Ok(judge.clone());
        }
        let model = match self.trained(store, active.as_deref()).await? {
            Some(trained) => Arc::new(trained),
            None => self.learned(store).await?,
        };
        let judge = Judge(model);
        *slot = Some((key, judge.clone()));
        Ok(judge)
    }

    /// Keeps what a fold judged by.
    pub(super) async fn judge_keep(&self, frozen: Option<&str>, generation: i64, model: &Arc<Trained>) {
        let key = frozen.map_or(JudgeKey::OfFold(generation), |version| JudgeKey::Frozen(version.to_owned()));
        *self.judged.lock().await = Some((key, Judge(Arc::clone(model))));
    }

    /// What a fold of everything would learn now.
    async fn learned(&self, store: &Store) -> Result<Arc<Trained>, IdentityError> {
        let facts = read(store).await?;
        let (identity, name) = (self.clone(), self.next_version(store).await?);
        let learning = tokio::task::spawn_blocking(move || identity.resolve(facts, None, name, |_| {}));
        Ok(learning.await.map_err(|_| IdentityError::Stopped)?.model)
    }
}
