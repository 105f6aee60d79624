//! The fixtures of the connector folders: an answer of the system, and the records that it becomes.
//!
//! `UPDATE_EXPECTED=1` writes the expected records anew; read the difference before it is committed.

use crate::folders::{load, read_all, root};
use onefold_connector::{
    Connector, HttpResponse, Page, RecordMap, Step, Task, TaskKind, decode, propose, read_rows, row_key,
};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use std::path::Path;

const NOW: &str = "2026-02-03T00:00:00Z";

/// Some value for every setting that is asked for.
pub(crate) fn settings(connector: &Connector) -> Map<String, Value> {
    let value = |name: &str| match name {
        "subdomain" => "example",
        "instance" => "https://example.test",
        "property" | "realm" => "4711",
        _ => "us1",
    };
    // What has a default needs no value.
    let asked = connector.settings().iter().filter(|setting| !matches!(setting.name.as_str(), "base_url" | "start"));
    asked
        .filter(|setting| setting.required || !setting.has_default())
        .map(|setting| (setting.name.clone(), json!(value(&setting.name))))
        .collect()
}

pub(crate) fn page(connector: &Connector, stream: &str, fixture: &Value) -> Page {
    let source = connector.configure(&settings(connector)).unwrap();
    let (checkpoints, now) = (BTreeMap::new(), NOW.parse().unwrap());
    let tasks = source.plan(&checkpoints, now);
    let is_wanted = |task: &&Task| task.name == stream && task.kind != TaskKind::Position;
    let task = tasks.iter().find(is_wanted).unwrap_or_else(|| panic!("no task reads {stream}"));
    let mut reader = source.reader(task, &checkpoints, now).unwrap();
    let respond = |body: &Value| HttpResponse { status: 200, headers: Vec::new(), body: body.clone(), at: now };
    if let Some(parents) = fixture.get("parents") {
        assert!(reader.accept(&respond(parents)).unwrap().items.is_empty());
    }
    let page = reader.accept(&respond(&fixture["body"])).unwrap();
    assert!(page.last && reader.next_step() == Step::Done, "a fixture of {stream} is one page");
    page
}

/// Everything that became of a page, in a form that is good to read.
pub(crate) fn outcome(connector: &Connector, page: &Page) -> Value {
    let mut out = Vec::new();
    for item in &page.items {
        let output = connector.map(&item.stream, &item.external_id, &item.raw);
        for mapped in output.records {
            let mut line = json!({"stream": mapped.stream, "externalId": mapped.external_id,
                "kind": mapped.record.kind().as_str(), "record": mapped.record.to_json()});
            if item.deleted {
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
    out.extend(page.refused.iter().map(|refused| json!({"refused": refused.missing})));
    Value::Array(out)
}

fn compare(path: &Path, found: &Value) {
    let mut text = String::from("[\n");
    let lines: Vec<String> = found.as_array().unwrap().iter().map(|line| format!("  {line}")).collect();
    text.push_str(&lines.join(",\n"));
    text.push_str("\n]\n");
    if std::env::var_os("UPDATE_EXPECTED").is_some() {
        std::fs::write(path, &text).unwrap();
    }
    let expected = std::fs::read_to_string(path).unwrap_or_default();
    assert_eq!(text, expected, "{} is not what the map makes; UPDATE_EXPECTED=1 writes it anew", path.display());
}

#[test]
fn every_fixture_becomes_the_expected_records() {
    for folder in Connector::folders(&read_all()) {
        let connector = load(&folder);
        let fixtures = root().join(&folder).join("fixtures");
        if connector.is_file() {
            continue;
        }
        for stream in connector.streams() {
            let text = std::fs::read_to_string(fixtures.join(format!("{}.json", stream.name)))
                .unwrap_or_else(|_| panic!("{folder} has no fixture for {}", stream.name));
            let fixture: Value = serde_json::from_str(&text).unwrap();
            let page = page(&connector, stream.name, &fixture);
            compare(&fixtures.join(format!("{}.expected.json", stream.name)), &outcome(&connector, &page));
        }
    }
}

#[test]
fn the_fixture_of_the_file_connector_becomes_the_expected_records() {
    let connector = load("files/party");
    let fixtures = root().join("files/party/fixtures");
    let bytes = std::fs::read(fixtures.join("parties.csv")).unwrap();
    let (text, _) = decode(&bytes).unwrap();
    let rows: Vec<_> = read_rows(&text, None).unwrap().collect();
    let header = read_rows(&text, None).unwrap().setup.header;
    let sample: Vec<Value> = rows.iter().filter_map(|row| row.as_ref().ok()).map(|row| row.raw.clone()).collect();
    let proposal = propose(&connector, &header, &sample, Some("DE")).unwrap();
    let map = RecordMap::compile("proposed.yaml", &proposal.map, proposal.kind)
        .unwrap_or_else(|e| panic!("{e}\n{}", proposal.map));
    let [key] = proposal.key.as_slice() else { panic!("one column is the key") };
    let mut out = vec![json!({"map": proposal.map, "key": key, "unused": proposal.unused, "notes": proposal.notes})];
    for row in rows {
        out.push(match row {
            Err(bad) => json!({"line": bad.line, "bad": bad.reason, "column": bad.column}),
            Ok(row) => {
                let mut drift = Vec::new();
                match map.map(row.raw[key].as_str().unwrap(), &row.raw, &mut drift) {
                    Ok(record) => json!({"line": row.line, "record": record.to_json(), "drift": drift.iter().map(|d| &d.path).collect::<Vec<_>>()}),
                    Err(error) => json!({"line": row.line, "quarantined": error.to_string()}),
                }
            }
        });
    }
    compare(&fixtures.join("parties.expected.json"), &Value::Array(out));
}

/// Each stream of a program whose files are known has a file in its fixtures, which is recognised by its columns.
#[test]
fn every_fixture_of_a_known_file_becomes_the_expected_records() {
    for folder in Connector::folders(&read_all()).iter().filter(|folder| *folder != "files/party") {
        let connector = load(folder);
        for stream in connector.streams().iter().filter(|_| connector.is_file()) {
            let fixtures = root().join(folder).join("fixtures");
            let bytes = std::fs::read(fixtures.join(format!("{}.csv", stream.name)))
                .unwrap_or_else(|_| panic!("{folder} has no fixture for {}", stream.name));
            let found = imported(&connector, &bytes, None);
            compare(&fixtures.join(format!("{}.expected.json", stream.name)), &found);
        }
    }
}

/// What becomes of a file when its map is the one that the connector has for its columns.
pub(crate) fn imported(connector: &Connector, bytes: &[u8], country: Option<&str>) -> Value {
    let (text, _) = decode(bytes).unwrap();
    let opened = read_rows(&text, None).unwrap();
    let header = opened.setup.header.clone();
    let rows: Vec<_> = opened.collect();
    let sample: Vec<Value> = rows.iter().filter_map(|row| Some(row.as_ref().ok()?.raw.clone())).collect();
    let proposal = propose(connector, &header, &sample, country).unwrap_or_else(|| panic!("{header:?}"));
    let map = RecordMap::compile("map", &proposal.map, proposal.kind).unwrap_or_else(|e| panic!("{e}"));
    let mut out = vec![json!({"kind": proposal.kind.as_str(), "key": proposal.key, "unused": proposal.unused})];
    for row in rows {
        out.push(match row {
            Err(bad) => json!({"line": bad.line, "bad": bad.reason, "column": bad.column}),
            Ok(row) => match row_key(&proposal.key, &row.raw) {
                Err(column) => json!({"line": row.line, "blankKey": column}),
                Ok(key) => {
                    let mut drift = Vec::new();
                    let drifted =
                        |drift: &[onefold_connector::Drift]| drift.iter().map(|d| d.path.clone()).collect::<Vec<_>>();
                    match map.map(&key, &row.raw, &mut drift) {
                        Ok(record) => json!({"externalId": key, "record": record.to_json(), "drift": drifted(&drift)}),
                        Err(error) => json!({"externalId": key, "misfit": error.to_string()}),
                    }
                }
            },
        });
    }
    Value::Array(out)
}
