//! A map was changed: what would become of what is stored, and, once somebody has looked, that it becomes so.
//!
//! Promises: looking takes the way that storing takes and writes nothing; applying goes by the name of what was looked at and is
//! refused, with nothing changed, where the data or the map has moved since; however much is stored, little of it is held at
//! once. For those who may sync the source; what a record says is shown by the right to its payload.

use super::sync::refused;
use super::{AppError, RunRow, Session};
use crate::auth::Action;
use crate::store::AuditEntry;
use crate::sync::{AcceptedLosses, Engine, Replayed, SourceSetup};
use onefold_model::{RecordId, SourceKey};
use serde_json::Value;
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::sync::Arc;

/// Records that are shown of a plan.
const SAMPLES: usize = 10;
/// So many bytes of a hash tell one plan from the next; nobody gains by forging one.
const MARK: usize = 16;

/// What a change of the map would do.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ReplayPlan {
    /// Names it.
    pub fingerprint: String,
    /// The map of now.
    pub mapping: String,
    /// Stored payloads that were mapped once more.
    pub looked_at: u64,
    /// Records that would mean something else.
    pub changed: u64,
    /// Records that would be there that are not.
    pub created: u64,
    /// Records that would no longer be there.
    pub deleted: u64,
    /// Payloads that do not fit under the map of now: what is stored of them stays.
    pub unfit: u64,
    /// In how many records a field would differ, by stream and field.
    pub fields: BTreeMap<(String, String), u64>,
    /// Some of the records.
    pub samples: Vec<ReplaySample>,
}

/// A record that would differ.
#[derive(Debug, Clone, PartialEq)]
pub struct ReplaySample {
    /// Which.
    pub record: RecordId,
    /// Its stream.
    pub stream: String,
    /// The fields that would differ.
    pub fields: Vec<String>,
    /// What they say and would say, where the caller may read the payload.
    pub values: Option<(Value, Value)>,
}

/// A replay that was begun, or what stood in its way.
#[derive(Debug, Clone, PartialEq)]
pub enum ReplayApplied {
    /// It goes on under this run.
    Begun(RunRow),
    /// The plan is another one by now; nothing was changed.
    Moved(Box<ReplayPlan>),
}

impl Session {
    /// What the map of now would make of what is stored of a source. Writes nothing.
    pub async fn replay_preview(&self, source: &SourceKey) -> Result<ReplayPlan, AppError> {
        let setup = self.replay_setup(source).await?;
        let plan = planned(&self.app.engine, &setup).await?;
        self.replay_shown(plan).await
    }

    /// Stores what the map of now makes of what is stored, if that is still what was looked at. Comes back with the run, which
    /// goes on in the background.
    pub async fn replay_apply(&self, source: &SourceKey, fingerprint: &str) -> Result<ReplayApplied, AppError> {
        let setup = self.replay_setup(source).await?;
        let run = self.run_begin(&setup, "replay", &AcceptedLosses::new()).await?;
        // No run reads the source while this one has it.
        let plan = match planned(&self.app.engine, &setup).await {
            Ok(plan) => plan,
            Err(error) => {
                self.app.engine.replay_refuse(&run, &error.to_string()).await?;
                return Err(error);
            }
        };
        if plan.fingerprint != fingerprint.trim() {
            self.app
                .engine
                .replay_refuse(&run, "the plan has moved since it was looked at: nothing was changed")
                .await?;
            return Ok(ReplayApplied::Moved(Box::new(self.replay_shown(plan).await?)));
        }
        let mut tx = self.store().begin().await?;
        let entry = AuditEntry {
            at: self.app.clock.now(),
            actor: self.scope().actor().subject().to_owned(),
            action: "replay.apply",
            target: setup.row.key.to_string(),
            detail: Some(format!(
                "{}: {} changed, {} created, {} deleted",
                plan.fingerprint, plan.changed, plan.created, plan.deleted
            )),
        };
        tx.audit_append(&entry).await?;
        tx.commit().await?;
        let (app, begun) = (Arc::clone(&self.app), run.clone());
        tokio::spawn(async move {
            match app.engine.replay_run(&setup, &begun).await {
                Ok(report) => {
                    tracing::info!(source = %setup.row.key, run = %report.run, state = report.state.as_str(), "a replay ended");
                }
                Err(error) => {
                    tracing::error!(source = %setup.row.key, run = %begun.id, error = %error, "a replay did not come to its end: what it has stored stays");
                }
            }
            app.fold_soon();
        });
        Ok(ReplayApplied::Begun(run))
    }

    async fn replay_setup(&self, source: &SourceKey) -> Result<SourceSetup, AppError> {
        let row = self.source_allowed(source, Action::Sync).await?;
        let Some(setup) = self.app.engine.source(&row.key).cloned() else {
            return Err(AppError::Missing(format!(
                "source {source} is not in the configuration any more: its payloads cannot be mapped"
            )));
        };
        if setup.configured.connector().is_file() {
            let text = format!("source {source} reads files: import them again with the map that is to count");
            return Err(AppError::Invalid(text));
        }
        Ok(setup)
    }

    /// Takes out what the caller may not read of the records that are shown.
    async fn replay_shown(&self, mut plan: ReplayPlan) -> Result<ReplayPlan, AppError> {
        let ids: Vec<RecordId> = plan.samples.iter().map(|sample| sample.record).collect();
        let readable: BTreeSet<RecordId> = self.record_raw(&ids).await?.into_keys().collect();
        for sample in plan.samples.iter_mut().filter(|sample| !readable.contains(&sample.record)) {
            sample.values = None;
        }
        Ok(plan)
    }
}

/// Goes through what is stored.
async fn planned(engine: &Engine, setup: &SourceSetup) -> Result<ReplayPlan, AppError> {
    let invariant = AppError::Invariant("a source that reads no files can be mapped once more");
    let mut replay = engine.replay(setup).ok_or(invariant)?;
    let mut plan = ReplayPlan { mapping: setup.configured.connector().mapping().to_owned(), ..ReplayPlan::default() };
    let mut mark = Sha256::new();
    mark.update(&plan.mapping);
    while let Some(step) = replay.step().await.map_err(refused)? {
        plan.looked_at += step.looked_at;
        plan.unfit += step.unfit;
        for replayed in &step.differing {
            plan.add(replayed, &mut mark);
        }
    }
    plan.fingerprint = mark.finalize().iter().take(MARK).fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    });
    Ok(plan)
}

impl ReplayPlan {
    fn add(&mut self, replayed: &Replayed, mark: &mut Sha256) {
        let Replayed { record, stream, version, before, after, .. } = replayed;
        mark.update(record.0.as_bytes());
        mark.update(version.unwrap_or_default().to_le_bytes());
        let text = after.to_string();
        mark.update(text.len().to_le_bytes());
        mark.update(text);
        match (before, after) {
            (Value::Null, _) => self.created += 1,
            (_, Value::Null) => self.deleted += 1,
            _ => self.changed += 1,
        }
        let fields = differing(before, after);
        for field in &fields {
            *self.fields.entry((stream.clone(), field.clone())).or_default() += 1;
        }
        if self.samples.len() < SAMPLES {
            let part = |whole: &Value| match whole {
                Value::Object(object) => {
                    let of = |field: &String| Some((field.clone(), object.get(field)?.clone()));
                    Value::Object(fields.iter().filter_map(of).collect())
                }
                Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_) => Value::Null,
            };
            let values = Some((part(before), part(after)));
            self.samples.push(ReplaySample { record: *record, stream: stream.clone(), fields, values });
        }
    }
}

/// The fields in which two records differ.
fn differing(before: &Value, after: &Value) -> Vec<String> {
    let names = |value: &Value| value.as_object().map(|object| object.keys().cloned().collect()).unwrap_or_default();
    let mut all: BTreeSet<String> = names(before);
    all.extend(names(after));
    all.into_iter().filter(|name| before.get(name) != after.get(name)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn the_fields_in_which_two_records_differ_are_named() {
        let (before, after) = (json!({"a": 1, "b": [1], "c": "x"}), json!({"a": 1, "b": [2], "d": "x"}));
        assert_eq!(differing(&before, &after), ["b", "c", "d"]);
        assert_eq!(differing(&Value::Null, &json!({"a": 1})), ["a"]);
        assert!(differing(&before, &before).is_empty());
    }
}
