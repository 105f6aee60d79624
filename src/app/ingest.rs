//! Records that a machine pushes, in their standardised form.

use super::{AppError, Session};
use crate::auth::Action;
use crate::store::{AuditEntry, IncomingRecord, PageCommit, PageOutcome, Quarantined, SourceRow};
use crate::sync::{PushWatch, Shown};
use onefold_model::{RecordId, RecordKind, SourceKey, StandardRecord, content_hash};
use serde_json::{Value, json};

/// A pushed record.
#[derive(Debug, Clone)]
pub struct IngestRecord {
    /// What it is.
    pub kind: RecordKind,
    /// The stream that it belongs to.
    pub stream: String,
    /// Its key in the source.
    pub external_id: String,
    /// The record in its JSON form. Absent for a deletion.
    pub data: Option<Value>,
    /// The source no longer has it.
    pub deleted: bool,
}

/// What became of one record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IngestResult {
    /// Its id.
    pub id: RecordId,
    /// Its key in the source.
    pub external_id: String,
    /// Code and cause where it did not fit.
    pub problem: Option<(&'static str, String)>,
}

/// What became of a batch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IngestAnswer {
    /// One for each record, in order.
    pub results: Vec<IngestResult>,
    /// What the batch did.
    pub outcome: PageOutcome,
}

/// Names the way in which pushed records are read: there is no field map.
const MAPPING: &str = "standard-1";
/// The longest key and the longest name of a stream, in bytes: an index takes no more than a few thousand.
const MAX_KEY: usize = 1_000;
const MAX_STREAM: usize = 100;
/// Records of a batch.
const MAX_RECORDS: usize = 1_000;

impl IngestRecord {
    /// What of it is looked at for fields that come or vanish. A key that is refused names no record.
    fn shown(&self) -> Option<(RecordKind, Shown<'_>)> {
        let Self { kind, stream, external_id, data, deleted } = self;
        let is_named = |text: &str, most: usize| !text.trim().is_empty() && text.len() <= most;
        let is_shown = !deleted && is_named(stream, MAX_STREAM) && is_named(external_id, MAX_KEY);
        let raw = data.as_ref().filter(|_| is_shown)?;
        Some((*kind, Shown { stream, external_id, raw }))
    }
}

impl Session {
    /// Stores a batch in one transaction; what does not fit goes into quarantine. Safe to repeat: the key names the record.
    pub async fn records_ingest(
        &self,
        source: &SourceKey,
        records: Vec<IngestRecord>,
    ) -> Result<IngestAnswer, AppError> {
        let source = self.source_allowed(source, Action::Ingest).await?.clone();
        if records.len() > MAX_RECORDS {
            return Err(AppError::Invalid(format!("{} records: at most {MAX_RECORDS} at a time", records.len())));
        }
        let shown = records.iter().filter_map(IngestRecord::shown);
        let watch = self.app.engine.push_look(&source, shown).await?;
        let mut results = Vec::with_capacity(records.len());
        let (mut accepted, mut refused) = (Vec::new(), Vec::new());
        for record in records {
            let id = RecordId::derive(&source.key, &record.stream, &record.external_id);
            let mut result = IngestResult { id, external_id: record.external_id.clone(), problem: None };
            match read(record) {
                Ok(record) => accepted.push(record),
                Err((code, quarantined)) => {
                    result.problem = Some((code, quarantined.message.clone()));
                    refused.push(*quarantined);
                }
            }
            results.push(result);
        }
        let outcome = self.ingest_commit(&source, accepted, refused, watch).await?;
        self.app.fold_soon();
        Ok(IngestAnswer { results, outcome })
    }

    async fn ingest_commit(
        &self,
        source: &SourceRow,
        records: Vec<IncomingRecord>,
        quarantined: Vec<Quarantined>,
        mut watch: PushWatch,
    ) -> Result<PageOutcome, AppError> {
        let at = self.app.clock.now();
        let mut tx = self.store().begin().await?;
        let detail = format!("{} records, {} quarantined", records.len(), quarantined.len());
        let audit = AuditEntry {
            at,
            actor: self.scope().actor().subject().to_owned(),
            action: "records.ingest",
            target: source.key.to_string(),
            detail: Some(detail),
        };
        tx.audit_append(&audit).await?;
        let page = PageCommit {
            source: source.id,
            source_key: &source.key,
            run: None,
            stream: "push",
            mapping: MAPPING,
            records,
            quarantined,
            checkpoints: Vec::new(),
            generation: None,
            at,
        };
        let outcome = tx.page_commit(page).await?;
        watch.write(&mut tx, at).await?;
        tx.commit().await?;
        self.app.engine.push_remember(watch);
        Ok(outcome)
    }
}

/// A pushed record as the store takes it, or what goes into quarantine.
fn read(record: IngestRecord) -> Result<IncomingRecord, (&'static str, Box<Quarantined>)> {
    let refuse_at = |code: &'static str, path: Option<&str>, message: String, record: &IngestRecord| {
        let quarantined = Quarantined {
            stream: record.stream.chars().take(MAX_STREAM).collect(),
            external_id: Some(record.external_id.clone()).filter(|key| !key.is_empty() && key.len() <= MAX_KEY),
            code: code.to_owned(),
            path: path.map(str::to_owned),
            place: None,
            message,
            raw: json!({"kind": record.kind.as_str(), "data": record.data}),
        };
        (code, Box::new(quarantined))
    };
    let refuse = |code, message, record: &IngestRecord| refuse_at(code, None, message, record);
    if record.external_id.trim().is_empty() || record.stream.trim().is_empty() {
        return Err(refuse("KEY_MISSING", "stream and externalId must not be blank".to_owned(), &record));
    }
    if record.external_id.len() > MAX_KEY || record.stream.len() > MAX_STREAM {
        let message = format!("externalId has more than {MAX_KEY} bytes, or stream more than {MAX_STREAM}");
        return Err(refuse("KEY_TOO_LONG", message, &record));
    }
    let mapped: Option<StandardRecord> = match (&record.data, record.deleted) {
        (None, false) => {
            return Err(refuse("DATA_MISSING", "data is missing; only a deletion goes without".to_owned(), &record));
        }
        (None, true) => None,
        (Some(data), _) => match record.kind.read(data) {
            Ok(mapped) => Some(mapped),
            Err(error) => {
                let message = format!("data is no {}: {error}", record.kind);
                return Err(refuse_at("DATA_INVALID", error.path(), message, &record));
            }
        },
    };
    let raw = record.data.unwrap_or_else(|| json!({"deleted": true}));
    Ok(IncomingRecord {
        content_hash: content_hash(&raw),
        source_version: None,
        stream: record.stream,
        external_id: record.external_id,
        raw,
        mapped,
        deleted: record.deleted,
    })
}
