//! Fixtures of a folder: an answer of the system, and the records that it becomes.
//!
//! Promises: an answer goes the way that it goes in a run, through the reader of its stream and its map; what it becomes is
//! written in one form, a line each, so that two of them can be compared. Does not do: open files, or compute jq filters:
//! what those make is handed in.

use crate::connector::{Connector, MapOutput, RecordMap};
use crate::file::FileError;
use crate::file::{decode, propose, read_rows, row_key};
use crate::map::Drift;
use crate::message::HttpResponse;
use crate::plan::TaskKind;
use crate::problem::LoadError;
use crate::read::item::read_item;
use crate::read::{Page, ReadError, StateError};
use crate::setting::{Setting, SettingError, SettingType};
use onefold_model::Timestamp;
use serde::Deserialize;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

/// A recorded answer.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fixture {
    /// Where it comes from and under which licence, for people.
    #[serde(default)]
    pub origin: Option<String>,
    /// What the list of parents answers, for a stream that has a parent.
    #[serde(default)]
    pub parents: Option<Value>,
    /// What the system answers.
    pub body: Value,
    /// Values of settings for this fixture. The others have samples.
    #[serde(default)]
    pub settings: Map<String, Value>,
}

impl Fixture {
    /// An answer without more.
    pub fn of(body: Value) -> Self {
        Self { origin: None, parents: None, body, settings: Map::new() }
    }
}

/// Why an answer could not be read.
#[derive(Debug, thiserror::Error)]
pub enum FixtureError {
    /// No such stream, or none that reads by itself.
    #[error("no stream {0:?} reads answers by itself")]
    Stream(String),
    /// The settings do not fit.
    #[error("{}; the fixture may give values under \"settings\"", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "))]
    Settings(Vec<SettingError>),
    /// The answer is not what the manifest says.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// The reader cannot begin.
    #[error(transparent)]
    State(#[from] StateError),
    /// The file is not one of the connector's.
    #[error(transparent)]
    File(#[from] FileError),
    /// Its columns are not those of a stream.
    #[error("the columns are those of no stream: {0}")]
    Columns(String),
    /// The map of the file does not compile.
    #[error(transparent)]
    Map(#[from] LoadError),
}

impl Connector {
    /// Some value for every setting that is asked for, so that answers can be read without an account.
    pub fn sample_settings(&self) -> Map<String, Value> {
        // What has a default needs no value.
        let asked = self.settings().iter().filter(|setting| setting.required || !setting.has_default());
        asked.filter_map(|setting| Some((setting.name.clone(), sample(setting)?))).collect()
    }

    /// The page that an answer gives of a stream.
    ///
    /// # Errors
    /// The answer does not read as one of this stream.
    pub fn fixture_page(&self, stream: &str, fixture: &Fixture, now: Timestamp) -> Result<Page, FixtureError> {
        let mut settings = self.sample_settings();
        settings.extend(fixture.settings.clone());
        let source = self.configure(&settings).map_err(FixtureError::Settings)?;
        let checkpoints = BTreeMap::new();
        let tasks = source.plan(&checkpoints, now);
        let task = tasks.iter().find(|task| task.name == stream && task.kind != TaskKind::Position);
        let task = task.ok_or_else(|| FixtureError::Stream(stream.to_owned()))?;
        let mut reader = source.reader(task, &checkpoints, now)?;
        let answer = |body: &Value| HttpResponse { status: 200, headers: Vec::new(), body: body.clone(), at: now };
        if let Some(parents) = &fixture.parents {
            reader.accept(&answer(parents))?;
        }
        Ok(reader.accept(&answer(&fixture.body))?)
    }

    /// Payloads of a stream as a page.
    ///
    /// # Errors
    /// There is no such stream.
    pub fn fixture_payloads(&self, stream: &str, payloads: Vec<Value>, now: Timestamp) -> Result<Page, FixtureError> {
        let found = self.inner.manifest.stream(stream).ok_or_else(|| FixtureError::Stream(stream.to_owned()))?;
        let answer = HttpResponse { status: 200, headers: Vec::new(), body: Value::Null, at: now };
        let mut page = Page::default();
        for payload in payloads {
            match read_item(found, payload, &[], &answer) {
                Ok(item) => page.items.push(item),
                Err(refused) => page.refused.push(refused),
            }
        }
        Ok(page)
    }

    /// Everything that became of a page, a line each. `made` is what jq filters made of its payloads, by their place.
    pub fn fixture_outcome(
        &self,
        page: &Page,
        mut made: BTreeMap<usize, Result<Map<String, Value>, String>>,
    ) -> Vec<Value> {
        let mut out = Vec::new();
        for (place, item) in page.items.iter().enumerate() {
            let output = match made.remove(&place) {
                Some(Ok(made)) => self.map_with(&item.stream, &item.external_id, &item.raw, made),
                // A tombstone may say too little for a filter.
                Some(Err(cause)) if !item.deleted => {
                    let (stream, key) = (&item.stream, &item.external_id);
                    out.push(json!({"stream": stream, "externalId": key, "misfit": cause, "code": "jq"}));
                    continue;
                }
                Some(Err(_)) | None => self.map(&item.stream, &item.external_id, &item.raw),
            };
            lines_of(output, item.deleted, &mut out);
        }
        out.extend(page.refused.iter().map(|refused| json!({"refused": refused.missing})));
        out
    }

    /// Everything that becomes of a file of this connector, a line each; first what it was taken for.
    ///
    /// # Errors
    /// It does not read as one of its files.
    pub fn fixture_file(&self, bytes: &[u8], country: Option<&str>) -> Result<Vec<Value>, FixtureError> {
        let (text, _) = decode(bytes)?;
        let opened = read_rows(&text, None)?;
        let mut header = opened.setup.header.clone();
        let rows: Vec<_> = opened.collect();
        let sample: Vec<Value> = rows.iter().filter_map(|row| Some(row.as_ref().ok()?.raw.clone())).collect();
        if header.is_empty() {
            header = sample.iter().filter_map(Value::as_object).flat_map(Map::keys).cloned().collect();
            header.sort_unstable();
            header.dedup();
        }
        let proposal =
            propose(self, &header, &sample, country).ok_or_else(|| FixtureError::Columns(header.join(", ")))?;
        let map = RecordMap::compile("map", &proposal.map, proposal.kind)?;
        let mut out = vec![json!({"kind": proposal.kind.as_str(), "key": proposal.key, "unused": proposal.unused})];
        for row in rows {
            out.push(match row {
                Err(bad) => json!({"line": bad.line, "bad": bad.reason, "column": bad.column}),
                Ok(row) => match row_key(&proposal.key, &row.raw) {
                    Err(column) => json!({"line": row.line, "blankKey": column}),
                    Ok(key) => {
                        let mut drift = Vec::new();
                        match map.map(&key, &row.raw, &mut drift) {
                            Ok(record) => {
                                json!({"externalId": key, "record": record.to_json(), "drift": paths(&drift)})
                            }
                            Err(error) => json!({"externalId": key, "misfit": error.to_string()}),
                        }
                    }
                },
            });
        }
        Ok(out)
    }
}

fn paths(drift: &[Drift]) -> Vec<&str> {
    drift.iter().map(|drift| drift.path.as_str()).collect()
}

fn lines_of(output: MapOutput, deleted: bool, out: &mut Vec<Value>) {
    for mapped in output.records {
        let mut line = json!({"stream": mapped.stream, "externalId": mapped.external_id,
            "kind": mapped.record.kind().as_str(), "record": mapped.record.to_json()});
        if deleted {
            line["deleted"] = json!(true);
        }
        out.push(line);
    }
    for misfit in output.misfits {
        let (cause, code) = (misfit.error.to_string(), misfit.error.code());
        out.push(json!({"stream": misfit.stream, "externalId": misfit.external_id, "misfit": cause, "code": code}));
    }
    out.extend(output.drift.iter().map(|drift| json!({"drift": drift.path, "code": drift.code})));
}

/// The first of some plain values that the setting takes.
fn sample(setting: &Setting) -> Option<Value> {
    let candidates: &[&str] = match setting.ty {
        SettingType::Url => &["https://example.test"],
        SettingType::DateTime => &["2020-01-01T00:00:00Z"],
        SettingType::Integer => &["1"],
        SettingType::Bool => &["false"],
        SettingType::Text => &["us1", "4711", "example", "https://example.test", "k0123456789012345678901234"],
    };
    candidates.iter().map(|text| Value::from(*text)).find(|value| setting.read(value).is_ok())
}

/// Lines as the files of expected records have them.
pub fn fixture_text(lines: &[Value]) -> String {
    let lines: Vec<String> = lines.iter().map(|line| format!("  {line}")).collect();
    format!("[\n{}\n]\n", lines.join(",\n"))
}
