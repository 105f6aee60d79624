//! Files that people export: read row by row into the store. Uploading a file again is an update, not a second copy.

use super::{Engine, SourceSetup, SyncError};
use crate::store::{IncomingRecord, PageCommit, PageOutcome, Quarantined, RunRow, RunState};
use onefold_connector::{BadRow, FileError, LoadError, Proposal, RecordMap, Row, decode, propose, read_rows, row_key};
use onefold_model::{RecordKind, content_hash};
use serde_json::{Value, json};

/// A file to be read.
#[derive(Debug, Clone)]
pub struct FileRequest<'a> {
    /// Its bytes.
    pub bytes: &'a [u8],
    /// The stream that its rows belong to.
    pub stream: &'a str,
    /// The map as YAML; without it one is proposed from the header.
    pub map: Option<(&'a str, RecordKind)>,
    /// The column that holds the key of a row; without it the one that the proposal names, or the content.
    pub key: Option<&'a str>,
    /// The country of telephone numbers without a prefix, ISO 3166-1 alpha-2.
    pub country: Option<&'a str>,
}

/// What became of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileReport {
    /// What was written.
    pub outcome: PageOutcome,
    /// The map that was proposed, to be looked at and kept.
    pub proposal: Option<Proposal>,
}

/// Why a file was not read.
#[derive(Debug, thiserror::Error)]
pub enum FileFailure {
    /// The source or the file.
    #[error(transparent)]
    Sync(#[from] SyncError),
    /// The map.
    #[error(transparent)]
    Map(#[from] LoadError),
    /// No column was understood.
    #[error("no column of the file was understood: write a map and give it with --map; the columns are: {0}")]
    NotUnderstood(String),
    /// A run of the source goes on.
    #[error("a run of the source {0} goes on: try again when it has ended")]
    Busy(String),
}

impl From<crate::store::StoreError> for FileFailure {
    fn from(error: crate::store::StoreError) -> Self {
        Self::Sync(error.into())
    }
}

/// Rows that are written in one transaction.
const BATCH: usize = 500;
/// Rows that are looked at to propose a map.
const SAMPLE: usize = 50;

/// How rows become records.
struct Rules {
    map: RecordMap,
    mapping: String,
    /// The columns that are together the key; without one the content is.
    key: Vec<String>,
    proposal: Option<Proposal>,
}

impl Engine {
    /// Reads a file into a source. Each bad row is named by line and column and goes into quarantine; the rest goes on.
    pub async fn import(
        &self,
        setup: &SourceSetup,
        run: &RunRow,
        request: &FileRequest<'_>,
        tick: impl Fn(PageOutcome) + Send + Sync,
    ) -> Result<FileReport, FileFailure> {
        let key = &setup.row.key;
        let Some(_busy) = self.take(key) else { return Err(FileFailure::Busy(key.to_string())) };
        let outcome = if setup.configured.connector().is_file() {
            self.import_rows(setup, run, request, &tick).await
        } else {
            Err(SyncError::NotFile(key.to_string()).into())
        };
        let at = self.clock.now();
        let (state, error) = match &outcome {
            Ok(_) => (RunState::Succeeded, None),
            Err(error) => (RunState::Failed, Some(error.to_string())),
        };
        let mut tx = self.store.begin().await?;
        let stream_error = error.as_deref().map(|message| ("FILE", message));
        tx.run_stream_finish(run.id, request.stream, state, stream_error, at).await?;
        tx.run_finish(run.id, state, error.as_deref(), at).await?;
        tx.commit().await?;
        outcome
    }

    async fn import_rows(
        &self,
        setup: &SourceSetup,
        run: &RunRow,
        request: &FileRequest<'_>,
        tick: &(impl Fn(PageOutcome) + Send + Sync),
    ) -> Result<FileReport, FileFailure> {
        let (text, _) = decode(request.bytes).map_err(SyncError::from)?;
        let mut rows = read_rows(&text, None).map_err(SyncError::from)?;
        if !setup.configured.connector().formats().contains(&rows.setup.format) {
            return Err(FileError::Format.into());
        }
        let rules = rules(setup, &text, request)?;
        let mut sum = PageOutcome::default();
        loop {
            let (mut records, mut quarantined) = (Vec::new(), Vec::new());
            for row in rows.by_ref().take(BATCH) {
                match row {
                    Ok(row) => match record(&rules, request.stream, row) {
                        Ok(record) => records.push(record),
                        Err(unfit) => quarantined.push(*unfit),
                    },
                    Err(bad) => quarantined.push(bad_row(request.stream, bad)),
                }
            }
            if records.is_empty() && quarantined.is_empty() {
                return Ok(FileReport { outcome: sum, proposal: rules.proposal });
            }
            let page = PageCommit {
                source: setup.row.id,
                source_key: &setup.row.key,
                run: Some(run.id),
                stream: request.stream,
                mapping: &rules.mapping,
                records,
                quarantined,
                checkpoints: Vec::new(),
                generation: None,
                at: self.clock.now(),
            };
            let mut tx = self.store.begin().await?;
            let outcome = tx.page_commit(page).await?;
            tx.commit().await?;
            sum.created += outcome.created;
            sum.updated += outcome.updated;
            sum.unchanged += outcome.unchanged;
            sum.deleted += outcome.deleted;
            sum.quarantined += outcome.quarantined;
            tick(sum);
        }
    }
}

fn rules(setup: &SourceSetup, text: &str, request: &FileRequest<'_>) -> Result<Rules, FileFailure> {
    let rows = read_rows(text, None).map_err(SyncError::from)?;
    let header = rows.setup.header.clone();
    let sample: Vec<Value> = rows.filter_map(Result::ok).take(SAMPLE).map(|row| row.raw).collect();
    if let Some((yaml, kind)) = request.map {
        let map = RecordMap::compile("map", yaml, kind)?;
        let key = request.key.map(str::to_owned).into_iter().collect();
        return Ok(Rules { map, mapping: mapping(yaml), key, proposal: None });
    }
    let header = if header.is_empty() { keys(&sample) } else { header };
    let proposal = propose(setup.configured.connector(), &header, &sample, request.country)
        .ok_or_else(|| FileFailure::NotUnderstood(header.join(", ")))?;
    Ok(Rules {
        map: RecordMap::compile("proposed map", &proposal.map, proposal.kind)?,
        mapping: mapping(&proposal.map),
        key: request.key.map_or_else(|| proposal.key.clone(), |column| vec![column.to_owned()]),
        proposal: Some(proposal),
    })
}

fn mapping(yaml: &str) -> String {
    format!("file+{}", &content_hash(&json!(yaml)).to_hex()[..12])
}

/// The keys of JSON lines, in order of appearance.
fn keys(sample: &[Value]) -> Vec<String> {
    let mut keys: Vec<String> = Vec::new();
    for key in sample.iter().filter_map(Value::as_object).flat_map(serde_json::Map::keys) {
        if !keys.contains(key) {
            keys.push(key.clone());
        }
    }
    keys
}

fn record(rules: &Rules, stream: &str, row: Row) -> Result<IncomingRecord, Box<Quarantined>> {
    let hash = content_hash(&row.raw);
    let external_id = match rules.key.as_slice() {
        [] => hash.to_hex(),
        columns => match row_key(columns, &row.raw) {
            Ok(key) => key,
            Err(column) => {
                let reason = format!("the column {column:?}, which holds the key, is blank");
                let bad = BadRow { line: row.line, column: Some(column), reason, code: "key", raw: row.raw };
                return Err(Box::new(bad_row(stream, bad)));
            }
        },
    };
    // What a map leaves out is in the raw record all the same.
    match rules.map.map(&external_id, &row.raw, &mut Vec::new()) {
        Ok(mapped) => Ok(IncomingRecord {
            stream: stream.to_owned(),
            external_id,
            raw: row.raw,
            content_hash: hash,
            mapped: Some(mapped),
            source_version: None,
            deleted: false,
        }),
        Err(error) => {
            let column = error.source_path.clone();
            let place = column
                .as_ref()
                .map_or_else(|| format!("line {}", row.line), |c| format!("line {}, column {c}", row.line));
            Err(Box::new(Quarantined {
                stream: stream.to_owned(),
                external_id: Some(external_id),
                code: error.code().to_ascii_uppercase(),
                path: Some(error.path.clone()),
                message: format!("{place}: {error}"),
                place: Some(place),
                raw: row.raw,
            }))
        }
    }
}

fn bad_row(stream: &str, bad: BadRow) -> Quarantined {
    let place = match &bad.column {
        Some(column) => format!("line {}, column {column}", bad.line),
        None => format!("line {}", bad.line),
    };
    Quarantined {
        stream: stream.to_owned(),
        external_id: None,
        code: bad.code.to_ascii_uppercase(),
        path: None,
        message: bad.to_string(),
        place: Some(place),
        raw: bad.raw,
    }
}

impl From<FileError> for FileFailure {
    fn from(error: FileError) -> Self {
        Self::Sync(error.into())
    }
}
