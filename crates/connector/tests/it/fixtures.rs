//! The fixtures of the connector folders: an answer of the system, and the records that it becomes.
//!
//! `UPDATE_EXPECTED=1` writes the expected records anew; read the difference before it is committed.

use crate::folders::{load, read_all, root};
use onefold_connector::{Connector, Fixture, Page, RecordMap, decode, fixture_text, propose, read_rows};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use std::path::Path;

const NOW: &str = "2026-02-03T00:00:00Z";

/// Some value for every setting that is asked for.
pub(crate) fn settings(connector: &Connector) -> Map<String, Value> {
    let value = |name: &str| match name {
        "webhook_key" => "k0123456789012345678901234",
        "subdomain" => "example",
        "instance" | "webhook_url" => "https://example.test",
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
    let mut fixture: Fixture = serde_json::from_value(fixture.clone()).unwrap();
    fixture.settings = settings(connector);
    let page = connector.fixture_page(stream, &fixture, NOW.parse().unwrap());
    let page = page.unwrap_or_else(|error| panic!("{stream}: {error}"));
    assert!(page.last, "a fixture of {stream} is one page");
    page
}

/// Everything that became of a page, in a form that is good to read.
pub(crate) fn outcome(connector: &Connector, page: &Page) -> Value {
    Value::Array(connector.fixture_outcome(page, BTreeMap::new()))
}

fn compare(path: &Path, found: &Value) {
    let text = fixture_text(found.as_array().unwrap());
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
    compare(&fixtures.join("parties.proposal.json"), &Value::Array(out));
}

/// Each stream of a program whose files are known has a file in its fixtures, which is recognised by its columns.
#[test]
fn every_fixture_of_a_known_file_becomes_the_expected_records() {
    for folder in &Connector::folders(&read_all()) {
        let connector = load(folder);
        // Cards are no CSV, and have tests of their own.
        let streams = connector.streams();
        for stream in streams.iter().filter(|stream| connector.is_file() && stream.name != "cards") {
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
    Value::Array(connector.fixture_file(bytes, country).unwrap_or_else(|error| panic!("{error}")))
}

/// The samples of settings are taken by every connector, so that its fixtures run without an account.
#[test]
fn every_connector_has_sample_settings() {
    for folder in Connector::folders(&read_all()) {
        let connector = load(&folder);
        connector.configure(&connector.sample_settings()).unwrap_or_else(|errors| panic!("{folder}: {errors:?}"));
    }
}
