//! A source is tried on a few customers: what a sync would store of them, what it would refuse and whom they would be matched
//! with; and, once somebody has looked, that exactly this is stored.
//!
//! Promises: looking stores nothing but that it was done; applying goes by the name of what was looked at, reads the system
//! again, and is refused, with nothing stored, where the system, the map or what is stored has moved since. Whom records would
//! be matched with is told as it is now, and is no part of that name: what others deliver moves it. For those who may sync the
//! source; what a payload says is shown to whoever may read payloads of the source, and of a record that is stored by the
//! right to it.

use super::record::RECORD;
use super::sync::refused;
use super::{AppError, RunRow, Session};
use crate::auth::Action;
use crate::identity::Candidate;
use crate::store::{AuditEntry, PageOutcome, Quarantined, SourceRow, StoredParty};
use crate::sync::{AcceptedLosses, SourceSetup, Trial, TrialAsk, TrialRecord};
use onefold_model::{CustomerId, RecordId, SourceKey, StandardRecord};
use serde_json::Value;
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fmt::Write;

/// Payloads of a stream that are looked at where nobody says how many, and the most.
const USUAL: usize = 20;
const MOST: usize = 200;
/// Customers, or keys, that are looked for.
const MOST_KEYS: usize = 50;
/// So many bytes of a hash tell one plan from the next; nobody gains by forging one.
const MARK: usize = 16;

/// On whom a source is tried.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TrialChoice {
    /// Customers of the hub, by any id that they ever had: their records in the source.
    pub customers: Vec<CustomerId>,
    /// Keys of customers in the source.
    pub keys: Vec<String>,
    /// Only of these streams.
    pub streams: Vec<String>,
    /// So many payloads of each stream; 20 where it is not said, at most 200.
    pub limit: Option<usize>,
}

/// What a sync would do to those that were chosen.
#[derive(Debug, Clone, PartialEq)]
pub struct TrialPlan {
    /// Names it.
    pub fingerprint: String,
    /// Payloads that were read to find them.
    pub read: u64,
    /// What would be stored, by stream.
    pub outcomes: BTreeMap<String, PageOutcome>,
    /// The records, by id.
    pub records: Vec<TrialShown>,
    /// What would be refused.
    pub refused: Vec<TrialRefused>,
    /// Keys that were not among what was read: the system may have them further on.
    pub missing: Vec<String>,
    /// Streams that were not read: name, code and cause.
    pub errors: Vec<(String, &'static str, String)>,
}

/// What would become of a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TrialChange {
    /// It is not there yet.
    Created,
    /// It would be different.
    Updated,
    /// It is as it is stored.
    Unchanged,
    /// The source no longer has it.
    Deleted,
}

/// A record that would be stored.
#[derive(Debug, Clone, PartialEq)]
pub struct TrialShown {
    /// Which.
    pub record: RecordId,
    /// Its stream.
    pub stream: String,
    /// What would become of it.
    pub change: TrialChange,
    /// Its key, and what it says and would say, where the caller may read the payload.
    pub content: Option<TrialContent>,
    /// Customers that it would be linked with or shown to a person beside, the likeliest first.
    pub matches: Vec<TrialMatch>,
}

/// What a record says.
#[derive(Debug, Clone, PartialEq)]
pub struct TrialContent {
    /// Its key in the source.
    pub external_id: String,
    /// What is stored. Null where nothing is.
    pub before: Value,
    /// What it would say. Null where it would be deleted.
    pub after: Value,
}

/// Somebody whom a record may be.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct TrialMatch {
    /// The customer.
    pub customer: CustomerId,
    /// How likely.
    pub probability: f64,
    /// Whether they would be linked without anybody.
    pub verdict: TrialVerdict,
}

/// What matching would do by the evidence alone. Guards and decisions may say otherwise.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TrialVerdict {
    /// It would link them.
    Link,
    /// It would ask a person.
    Review,
}

/// A payload that would be refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TrialRefused {
    /// Its stream.
    pub stream: String,
    /// Its key, where it has one and the caller may read payloads.
    pub external_id: Option<String>,
    /// The cause.
    pub code: String,
    /// The cause in words, which hold no value.
    pub message: String,
}

/// A trial that was stored, or what stood in its way.
#[derive(Debug, Clone, PartialEq)]
pub enum TrialApplied {
    /// It is stored, by this run.
    Stored(RunRow, Box<TrialPlan>),
    /// The plan is another one by now; nothing was stored.
    Moved(Box<TrialPlan>),
}

impl Session {
    /// What a sync of a source would do to those that are chosen. Asks the system and stores nothing.
    pub async fn trial_preview(&self, source: &SourceKey, choice: &TrialChoice) -> Result<TrialPlan, AppError> {
        let setup = self.trial_setup(source).await?;
        let ask = self.trial_ask(&setup, choice).await?;
        let (run, trial) = self.trial_read(&setup, &ask).await?;
        self.app.engine.trial_end(&run, None).await?;
        self.trial_shown(&setup.row, &trial, fingerprint(&setup, &ask, &trial)).await
    }

    /// Stores what a trial would store, if the system still says what was looked at.
    pub async fn trial_apply(
        &self,
        source: &SourceKey,
        choice: &TrialChoice,
        looked_at: &str,
    ) -> Result<TrialApplied, AppError> {
        let setup = self.trial_setup(source).await?;
        let ask = self.trial_ask(&setup, choice).await?;
        let (run, trial) = self.trial_read(&setup, &ask).await?;
        let fingerprint = fingerprint(&setup, &ask, &trial);
        let plan = self.trial_shown(&setup.row, &trial, fingerprint.clone()).await;
        let plan = match plan {
            Ok(plan) if fingerprint == looked_at.trim() => plan,
            other => {
                let why = "the plan has moved since it was looked at: nothing was stored";
                self.app.engine.trial_end(&run, Some(why)).await?;
                return other.map(|plan| TrialApplied::Moved(Box::new(plan)));
            }
        };
        let mut tx = self.store().begin().await?;
        let entry = AuditEntry {
            at: self.app.clock.now(),
            actor: self.scope().actor().subject().to_owned(),
            action: "trial.apply",
            target: setup.row.key.to_string(),
            detail: Some(format!("{fingerprint}: {} records, {} refused", trial.records.len(), trial.unfit.len())),
        };
        tx.audit_append(&entry).await?;
        tx.commit().await?;
        if let Err(error) = self.app.engine.trial_store(&setup, &run, &trial).await {
            self.app.engine.trial_end(&run, Some(&error.to_string())).await?;
            return Err(refused(error));
        }
        self.app.fold_soon();
        let run = self.store().run_get(run.id).await?.unwrap_or(run);
        Ok(TrialApplied::Stored(run, Box::new(plan)))
    }

    async fn trial_setup(&self, source: &SourceKey) -> Result<SourceSetup, AppError> {
        let row = self.source_allowed(source, Action::Sync).await?;
        let Some(setup) = self.app.engine.source(&row.key).cloned() else {
            return Err(AppError::Missing(format!(
                "source {source} is not in the configuration any more: it cannot be read"
            )));
        };
        let connector = setup.configured.connector();
        if connector.is_file() || connector.is_tap() {
            let text = format!("source {source} reads files or a Singer tap, which cannot be read in part");
            return Err(AppError::Invalid(text));
        }
        Ok(setup)
    }

    /// What to read for a choice. Of a customer the keys that their records have in the source, where the caller may read them.
    async fn trial_ask(&self, setup: &SourceSetup, choice: &TrialChoice) -> Result<TrialAsk, AppError> {
        let limit = choice.limit.unwrap_or(USUAL);
        if limit == 0 || limit > MOST {
            return Err(AppError::Invalid(format!("limit: between 1 and {MOST}")));
        }
        if choice.keys.len() + choice.customers.len() > MOST_KEYS {
            return Err(AppError::Invalid(format!("customers and keys: at most {MOST_KEYS} together")));
        }
        let streams = setup.configured.connector().streams();
        if let Some(unknown) = choice.streams.iter().find(|name| !streams.iter().any(|stream| stream.name == *name)) {
            let known = streams.iter().map(|stream| stream.name).collect::<Vec<_>>().join(", ");
            return Err(AppError::Invalid(format!("streams: there is no {unknown:?}; there are: {known}")));
        }
        let mut keys: BTreeSet<String> = choice.keys.iter().cloned().collect();
        if !choice.customers.is_empty() {
            let found = self.customer_get(&choice.customers).await?;
            let now: Vec<CustomerId> = found.values().map(|row| row.id).collect();
            // Who may not read keys learns nothing by having them looked for.
            if self.scope().field(RECORD, "externalId", Some(&setup.row.department)).is_read() {
                let records = self.record_by_customers(&now).await?.into_values().flatten();
                keys.extend(
                    records.filter(|record| record.row.source == setup.row.id).map(|record| record.row.external_id),
                );
            }
            if keys.is_empty() {
                let text = format!("customers: none has a record of source {} that you may see", setup.row.key);
                return Err(AppError::Missing(text));
            }
        }
        Ok(TrialAsk { keys, streams: choice.streams.iter().cloned().collect(), limit })
    }

    /// Reads the system under a run of its own.
    async fn trial_read(&self, setup: &SourceSetup, ask: &TrialAsk) -> Result<(RunRow, Trial), AppError> {
        let run = self.run_begin(setup, "trial", &AcceptedLosses::new()).await?;
        match self.app.engine.trial(setup, &run, ask).await {
            Ok(trial) => Ok((run, trial)),
            Err(error) => {
                self.app.engine.trial_end(&run, Some(&error.to_string())).await?;
                Err(refused(error))
            }
        }
    }

    async fn trial_shown(&self, source: &SourceRow, trial: &Trial, fingerprint: String) -> Result<TrialPlan, AppError> {
        let stored: Vec<RecordId> =
            trial.records.iter().filter(|record| record.version.is_some()).map(|record| record.record).collect();
        let readable: BTreeSet<RecordId> = self.record_raw(&stored).await?.into_keys().collect();
        // What is not there yet can be held against no condition on rows: who has one is shown nothing of it.
        let reads_payloads = self.scope().field(RECORD, "raw", Some(&source.department)).is_read();
        let reads_new = reads_payloads && self.scope().rows("Customer").is_always();
        let mut matches = self.trial_matches(source, trial).await?;
        let records = trial.records.iter().map(|record| {
            let is_readable = if record.version.is_some() { readable.contains(&record.record) } else { reads_new };
            let content = is_readable.then(|| TrialContent {
                external_id: record.incoming.external_id.clone(),
                before: record.before.clone(),
                after: record.after.clone(),
            });
            TrialShown {
                record: record.record,
                stream: record.incoming.stream.clone(),
                change: change(record),
                content,
                matches: matches.remove(&record.record).unwrap_or_default(),
            }
        });
        let shown_refused = |unfit: &Quarantined| TrialRefused {
            stream: unfit.stream.clone(),
            external_id: unfit.external_id.clone().filter(|_| reads_new),
            code: unfit.code.clone(),
            message: unfit.message.clone(),
        };
        let errors = trial.errors.iter().map(|(name, (code, message))| (name.clone(), *code, message.clone()));
        Ok(TrialPlan {
            fingerprint,
            read: trial.read,
            outcomes: trial.outcomes.clone(),
            records: records.collect(),
            refused: trial.unfit.iter().map(shown_refused).collect(),
            missing: trial.missing.iter().cloned().collect(),
            errors: errors.collect(),
        })
    }

    /// Whom the parties would be matched with, of the customers that the caller may see, and whose matches they may review.
    async fn trial_matches(
        &self,
        source: &SourceRow,
        trial: &Trial,
    ) -> Result<HashMap<RecordId, Vec<TrialMatch>>, AppError> {
        let parties: Vec<StoredParty> =
            trial.records.iter().filter_map(|record| self.as_party(source, record)).collect();
        let (met, thresholds) = self.app.identity.meet(self.store(), parties).await?;
        let others: BTreeSet<RecordId> =
            met.iter().flat_map(|met| met.candidates.iter().map(|candidate| candidate.record)).collect();
        let others: Vec<RecordId> = others.into_iter().collect();
        // Evidence tells of what records say: only to those who review for the departments of both.
        let reviews = |row: &SourceRow| self.scope().may(Action::Review, &row.department).is_allowed();
        if !reviews(source) {
            return Ok(HashMap::new());
        }
        let shown = self.store().record_get(self.scope(), &others).await?;
        let of: HashMap<RecordId, CustomerId> = shown
            .into_iter()
            .filter(|row| self.source(row.source).is_some_and(reviews))
            .filter_map(|row| Some((row.id, row.customer?)))
            .collect();
        let auto = thresholds.auto_merge.get();
        let matched = |candidates: Vec<Candidate>| {
            let mut matches: Vec<TrialMatch> = Vec::new();
            for candidate in candidates {
                let Some(customer) = of.get(&candidate.record) else { continue };
                if matches.iter().any(|known| known.customer == *customer) {
                    continue;
                }
                let probability = candidate.probability.get();
                let verdict = if probability >= auto { TrialVerdict::Link } else { TrialVerdict::Review };
                matches.push(TrialMatch { customer: *customer, probability, verdict });
            }
            matches
        };
        Ok(met.into_iter().map(|met| (met.record, matched(met.candidates))).collect())
    }

    /// What a record would be to matching.
    fn as_party(&self, source: &SourceRow, record: &TrialRecord) -> Option<StoredParty> {
        let Some(StandardRecord::Party(party)) = &record.incoming.mapped else { return None };
        let now = self.app.clock.now();
        (!record.incoming.deleted).then(|| StoredParty {
            record: record.record,
            source: source.id,
            department: source.department.clone(),
            changed_at: now,
            first_seen_at: now,
            deleted: false,
            party: party.clone(),
        })
    }
}

fn change(record: &TrialRecord) -> TrialChange {
    match (&record.version, &record.before, &record.after) {
        (None, ..) => TrialChange::Created,
        (Some(_), Value::Null, Value::Null) => TrialChange::Unchanged,
        (Some(_), _, Value::Null) => TrialChange::Deleted,
        (Some(_), before, after) if before == after => TrialChange::Unchanged,
        (Some(_), ..) => TrialChange::Updated,
    }
}

/// Names what was looked at: what was asked for, the map, what is stored and what would be.
fn fingerprint(setup: &SourceSetup, ask: &TrialAsk, trial: &Trial) -> String {
    let mut mark = Sha256::new();
    let mut add = |text: &str| {
        mark.update(text.len().to_le_bytes());
        mark.update(text);
    };
    add(setup.configured.connector().mapping());
    add(&format!("{ask:?}"));
    for record in &trial.records {
        add(&record.record.to_string());
        add(&record.version.unwrap_or_default().to_string());
        add(&record.incoming.content_hash.to_hex());
        add(&record.after.to_string());
    }
    for unfit in &trial.unfit {
        add(&unfit.stream);
        add(unfit.external_id.as_deref().unwrap_or_default());
        add(&unfit.code);
        add(&unfit.raw.to_string());
    }
    mark.finalize().iter().take(MARK).fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}
