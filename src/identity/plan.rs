//! From a trained model to the model in place: train, look at the plan, put it in place.
//!
//! Promises that only what was looked at is put in place: a plan has a fingerprint, and a model takes its place only while the
//! facts still give that plan. Records that have nothing to do with it may come and go meanwhile. Reading a plan writes
//! nothing.

use super::Identity;
use super::fold::{Facts, IdentityError, Resolved, TRIES, read};
use super::model::Trained;
use crate::store::{AuditEntry, ModelRow, Store, StoreError};
use onefold_matching::{Plan, Probability, diff};
use onefold_model::{Clock, CustomerId, RecordId};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::fmt;
use std::fmt::Write;
use std::str::FromStr;
use std::sync::Arc;

/// What a model would change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ModelPlan {
    /// The model.
    pub version: String,
    /// The model in place; none where the model follows the records at each fold.
    pub in_place: Option<String>,
    /// Who would merge and split.
    pub plan: Plan,
    /// What names this plan.
    pub fingerprint: PlanFingerprint,
}

/// What names a plan: how much it changes, and a hash of who merges and splits. Written as `m3-s1-r0-4f0c…`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlanFingerprint {
    /// Clusters that come from several whole ones.
    pub merges: usize,
    /// Clusters that fall into parts.
    pub splits: usize,
    /// Groups of clusters that exchange records.
    pub regroupings: usize,
    hash: String,
}

/// A text that names no plan.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} names no plan: take the fingerprint as the plan shows it")]
pub struct UnknownFingerprint(String);

/// What became of putting a model in place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Activation {
    /// It is in place; the next fold judges everything by it.
    InPlace(ModelPlan),
    /// There is no such model.
    NoModel,
    /// The facts give another plan than the one that was looked at: this one.
    Moved(ModelPlan),
}

impl fmt::Display for PlanFingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "m{}-s{}-r{}-{}", self.merges, self.splits, self.regroupings, self.hash)
    }
}

impl FromStr for PlanFingerprint {
    type Err = UnknownFingerprint;

    fn from_str(text: &str) -> Result<Self, UnknownFingerprint> {
        let parts: Vec<&str> = text.trim().split('-').collect();
        let number = |text: &str, letter: char| text.strip_prefix(letter).and_then(|digits| digits.parse().ok());
        let known = match parts.as_slice() {
            [merges, splits, regroupings, hash] if hash.len() == HASH_BYTES * 2 => {
                let counts = (number(merges, 'm'), number(splits, 's'), number(regroupings, 'r'));
                let (Some(merges), Some(splits), Some(regroupings)) = counts else {
                    return Err(UnknownFingerprint(text.to_owned()));
                };
                Some(Self { merges, splits, regroupings, hash: (*hash).to_owned() })
            }
            _ => None,
        };
        known.ok_or_else(|| UnknownFingerprint(text.to_owned()))
    }
}

impl PlanFingerprint {
    /// What differs from another, in words.
    pub fn difference(&self, now: &Self) -> String {
        let counts = |it: &Self| format!("{} merges, {} splits, {} regroupings", it.merges, it.splits, it.regroupings);
        if counts(self) == counts(now) {
            return format!("still {}, but of other records", counts(now));
        }
        format!("it was {}, it is {}", counts(self), counts(now))
    }
}

/// Eight bytes tell one plan from the next; nobody gains by forging one.
const HASH_BYTES: usize = 8;

impl Identity {
    /// The models that were trained, the latest first, and which of them is in place.
    pub async fn model_list(&self, store: &Store) -> Result<(Vec<ModelRow>, Option<String>), IdentityError> {
        Ok((store.model_list().await?, store.model_active().await?))
    }

    /// Trains a model on all records as they are and stores it beside the one in place. Changes nothing else.
    pub async fn model_train(&self, store: &Store, clock: &dyn Clock, actor: &str) -> Result<ModelRow, IdentityError> {
        for _ in 0..TRIES {
            let facts = read(store).await?;
            if facts.parties.is_empty() {
                return Err(IdentityError::NothingToLearn);
            }
            let next = self.next_version(store).await?;
            let (mut identity, name) = (self.clone(), next.clone());
            // However few records there are, the model has the name that it is stored by.
            identity.settings.model.version.clone_from(&name);
            let training = tokio::task::spawn_blocking(move || identity.resolve(facts, None, name, |_| {}));
            let resolved = training.await.map_err(|_| IdentityError::Stopped)?;
            let at = clock.now();
            let mut tx = store.begin().await?;
            tx.identity_lock().await?;
            if self.next_version(store).await? != next {
                // Somebody trained meanwhile: the name is taken.
                continue;
            }
            let row = resolved.model.insert(&mut tx, at, None).await?;
            let detail = Some(format!("{} records", row.records));
            let (target, actor) = (row.version.clone(), actor.to_owned());
            tx.audit_append(&AuditEntry { at, actor, action: "model.train", target, detail }).await?;
            tx.commit().await?;
            return Ok(row);
        }
        Err(IdentityError::Contended(TRIES))
    }

    /// Who would merge and split if a model took its place; none where there is no model of this version.
    pub async fn model_plan(&self, store: &Store, version: &str) -> Result<Option<ModelPlan>, IdentityError> {
        let in_place = store.model_active().await?;
        let Some(trained) = self.trained(store, Some(version)).await? else { return Ok(None) };
        let facts = read(store).await?;
        Ok(Some(self.planned(facts, trained, in_place).await?))
    }

    /// Puts a model in place, if the facts still give the plan that was looked at. The next fold judges everything by it.
    pub async fn model_activate(
        &self,
        store: &Store,
        clock: &dyn Clock,
        actor: &str,
        version: &str,
        looked_at: &PlanFingerprint,
    ) -> Result<Activation, IdentityError> {
        for _ in 0..TRIES {
            let generation = store.fold_generation().await?;
            let in_place = store.model_active().await?;
            let Some(trained) = self.trained(store, Some(version)).await? else { return Ok(Activation::NoModel) };
            let facts = read(store).await?;
            let outbox_up_to = facts.outbox_up_to;
            let plan = self.planned(facts, trained, in_place.clone()).await?;
            if plan.fingerprint != *looked_at {
                return Ok(Activation::Moved(plan));
            }
            let mut tx = store.begin().await?;
            tx.identity_lock().await?;
            if tx.fold_generation().await? != generation || tx.model_active().await? != in_place {
                continue;
            }
            // What came since is read anew: it may change the plan.
            let (_, now_up_to) = store.outbox_depth().await?;
            if now_up_to > outbox_up_to {
                continue;
            }
            let at = clock.now();
            tx.model_activate(version, at).await?;
            let (target, actor) = (version.to_owned(), actor.to_owned());
            let detail = Some(format!("plan {}", plan.fingerprint));
            tx.audit_append(&AuditEntry { at, actor, action: "model.activate", target, detail }).await?;
            tx.commit().await?;
            return Ok(Activation::InPlace(plan));
        }
        Err(IdentityError::Contended(TRIES))
    }

    /// Who would merge and split if records were linked from this probability on, with the model that judges now.
    pub async fn threshold_plan(&self, store: &Store, auto_merge: Probability) -> Result<ModelPlan, IdentityError> {
        let judge = self.judge(store).await?;
        let mut settings = judge.settings().clone();
        settings.thresholds.auto_merge = auto_merge;
        let trained = Trained { settings, frequencies: Arc::clone(judge.frequencies()) };
        let in_place = store.model_active().await?;
        self.planned(read(store).await?, trained, in_place).await
    }

    /// What these facts become under a model, against what they are.
    async fn planned(
        &self,
        facts: Facts,
        trained: Trained,
        in_place: Option<String>,
    ) -> Result<ModelPlan, IdentityError> {
        let identity = self.clone();
        let planning = tokio::task::spawn_blocking(move || {
            let version = trained.version().to_owned();
            let mut before: BTreeMap<CustomerId, Vec<RecordId>> = BTreeMap::new();
            for (record, (customer, _)) in &facts.current {
                before.entry(*customer).or_default().push(*record);
            }
            let Resolved { clusters, .. } = identity.resolve(facts, Some(trained), String::new(), |_| {});
            let plan = diff(&before.into_values().collect::<Vec<_>>(), &clusters);
            let fingerprint = fingerprint(&version, in_place.as_deref(), &plan)?;
            Ok(ModelPlan { version, in_place, plan, fingerprint })
        });
        planning.await.map_err(|_| IdentityError::Stopped)?
    }
}

fn fingerprint(version: &str, in_place: Option<&str>, plan: &Plan) -> Result<PlanFingerprint, IdentityError> {
    let changes = serde_json::to_string(&(&plan.merges, &plan.splits, &plan.moves));
    let changes = changes.map_err(|_| StoreError::Corrupt { what: "a plan cannot be written as text" })?;
    let mut hash = Sha256::new();
    for part in [version, in_place.unwrap_or_default(), &changes] {
        hash.update(part.len().to_le_bytes());
        hash.update(part);
    }
    let hash = hash.finalize();
    Ok(PlanFingerprint {
        merges: plan.merges.len(),
        splits: plan.splits.len(),
        regroupings: plan.moves.len(),
        hash: hash.iter().take(HASH_BYTES).fold(String::new(), |mut text, byte| {
            let _ = write!(text, "{byte:02x}");
            text
        }),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fingerprint_reads_back_and_what_is_none_is_refused() {
        let plan = fingerprint("v1.2", Some("v1.1"), &Plan::default()).unwrap();
        assert_eq!(plan.to_string().parse::<PlanFingerprint>().unwrap(), plan);
        assert_eq!(plan, fingerprint("v1.2", Some("v1.1"), &Plan { unchanged: 9, ..Plan::default() }).unwrap());
        assert_ne!(plan, fingerprint("v1.3", Some("v1.1"), &Plan::default()).unwrap());
        assert_ne!(plan, fingerprint("v1.2", None, &Plan::default()).unwrap());
        for text in ["", "m1-s1-r1", "m1-s1-r1-00", "x1-s1-r1-0011223344556677", "m-s1-r1-0011223344556677"] {
            assert!(text.parse::<PlanFingerprint>().is_err(), "{text}");
        }
    }
}
