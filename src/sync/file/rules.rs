//! How the rows of a file become records: the map that was given, or one that is proposed from the header.

use super::read::{RowOrBad, sample, sheets};
use super::{FileFailure, FileRequest};
use crate::store::{IncomingRecord, Quarantined};
use crate::sync::SourceSetup;
use onefold_connector::{BadRow, FileError, FileSetup, Proposal, RecordMap, Upload, propose, row_key};
use onefold_model::content_hash;
use serde_json::{Value, json};

/// How rows become records.
pub(super) struct Rules {
    map: RecordMap,
    pub(super) mapping: String,
    /// The columns that are together the key; without one the content is.
    key: Vec<String>,
    pub(super) proposal: Option<Proposal>,
    /// The sheet that is read.
    pub(super) sheet: Option<String>,
    /// Where things stand in the file.
    setup: FileSetup,
}

/// Finds the map, and the sheet of a workbook that it is for. Sheets that are not read are named in the proposal.
pub(super) async fn rules(
    setup: &SourceSetup,
    upload: &Upload,
    request: &FileRequest<'_>,
) -> Result<Rules, FileFailure> {
    let sheets = sheets(upload).await?;
    let candidates: Vec<Option<&str>> = match request.sheet {
        Some(sheet) => vec![Some(sheet)],
        None if sheets.is_empty() => vec![None],
        None => sheets.iter().map(|sheet| Some(sheet.as_str())).collect(),
    };
    let mut refusal = None;
    for sheet in candidates {
        match rules_of(setup, upload, request, sheet).await {
            Ok(mut rules) => {
                for other in sheets.iter().filter(|other| Some(other.as_str()) != sheet) {
                    let note = format!("the sheet {other:?} was not read: --sheet names the one to read");
                    rules.proposal.iter_mut().for_each(|proposal| proposal.notes.push(note.clone()));
                }
                return Ok(rules);
            }
            // Another sheet may be the one that is meant. The first that says something is the one to tell of.
            Err(FileFailure::NotUnderstood(columns)) => {
                refusal.get_or_insert(FileFailure::NotUnderstood(columns));
            }
            Err(FileFailure::Sync(crate::sync::SyncError::File(FileError::Empty | FileError::NoHeader)))
                if request.sheet.is_none() && sheets.len() > 1 => {}
            Err(error) => return Err(error),
        }
    }
    Err(refusal.unwrap_or_else(|| FileError::Empty.into()))
}

async fn rules_of(
    setup: &SourceSetup,
    upload: &Upload,
    request: &FileRequest<'_>,
    sheet: Option<&str>,
) -> Result<Rules, FileFailure> {
    let (found, sample) = sample(upload, sheet).await?;
    let sheet = sheet.map(str::to_owned);
    if let Some((yaml, kind)) = request.map {
        let map = RecordMap::compile("map", yaml, kind)?;
        let key = request.key.map(str::to_owned).into_iter().collect();
        return Ok(Rules { map, mapping: mapping(yaml), key, proposal: None, sheet, setup: found });
    }
    let header = if found.header.is_empty() { keys(&sample) } else { found.header.clone() };
    let proposal = propose(setup.configured.connector(), &header, &sample, request.country)
        .ok_or_else(|| FileFailure::NotUnderstood(header.join(", ")))?;
    Ok(Rules {
        map: RecordMap::compile("proposed map", &proposal.map, proposal.kind)?,
        mapping: mapping(&proposal.map),
        key: request.key.map_or_else(|| proposal.key.clone(), |column| vec![column.to_owned()]),
        proposal: Some(proposal),
        sheet,
        setup: found,
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

impl Rules {
    /// A row as a record, or as something for the quarantine.
    pub(super) fn record(&self, stream: &str, row: RowOrBad) -> Result<IncomingRecord, Box<Quarantined>> {
        let row = row.map_err(|bad| self.bad_row(stream, bad))?;
        let hash = content_hash(&row.raw);
        let external_id = match self.key.as_slice() {
            [] => hash.to_hex(),
            columns => match row_key(columns, &row.raw) {
                Ok(key) => key,
                Err(column) => {
                    let reason = format!("the column {column:?}, which holds the key, is blank");
                    let bad = BadRow { line: row.line, column: Some(column), reason, code: "key", raw: row.raw };
                    return Err(self.bad_row(stream, bad));
                }
            },
        };
        // What a map leaves out is in the raw record all the same.
        match self.map.map(&external_id, &row.raw, &mut Vec::new()) {
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
                let place = self.setup.place(row.line, error.source_path.as_deref());
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

    /// The columns that are read.
    pub(super) fn reads(&self) -> Vec<Vec<String>> {
        let known = self.map.known_fields();
        known.places().cloned().chain(self.key.iter().map(|column| vec![column.clone()])).collect()
    }

    fn bad_row(&self, stream: &str, bad: BadRow) -> Box<Quarantined> {
        let place = self.setup.place(bad.line, bad.column.as_deref());
        Box::new(Quarantined {
            stream: stream.to_owned(),
            external_id: None,
            code: bad.code.to_ascii_uppercase(),
            path: None,
            message: format!("{}: {}", self.setup.place(bad.line, None), bad.reason),
            place: Some(place),
            raw: bad.raw,
        })
    }
}
