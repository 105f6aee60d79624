//! Singer taps: small ones written here, and where the network is there, one of PyPI.

use super::taps::{Taps, lines};
use crate::harness::on_both;
use onefold::store::{RunState, Store};
use serde_json::{Value, json};

const PEOPLE: &str = "people: {into: party, key: /id, deletes: sweep, map: {kind: = PERSON, displayName: name}}";

fn record(version: Option<i64>, id: &str) -> Value {
    let mut record = json!({"type": "RECORD", "stream": "people", "record": {"id": id, "name": format!("Name {id}")}});
    if let Some(version) = version {
        record["version"] = json!(version);
    }
    record
}

fn state(value: u32) -> Value {
    json!({"type": "STATE", "value": {"at": value}})
}

fn activate(version: i64) -> Value {
    json!({"type": "ACTIVATE_VERSION", "stream": "people", "version": version})
}

#[tokio::test]
async fn a_taps_records_and_its_state_are_stored_and_what_is_not_understood_is_told() {
    on_both(async |store: Store| {
        let taps = Taps::new(store, PEOPLE).await;
        let first = lines(&[
            json!({"type": "SCHEMA", "stream": "people", "schema": {}, "key_properties": ["id"]}),
            record(None, "a"),
            json!({"type": "record", "stream": "people", "record": {"id": 7, "name": "Seven"}}),
            json!({"type": "RECORD", "stream": "people", "record": {"name": "no key"}}),
            json!({"type": "RECORD", "stream": "teams", "record": {"id": 1}}),
            json!({"type": "BATCH", "stream": "people", "encoding": {}, "manifest": []}),
            state(1),
        ]);
        let report = taps.run(&format!("{first}not a message\n"), 0).await;
        assert_eq!(report.state, RunState::Succeeded);
        assert_eq!(taps.live().await, ["7", "a"], "ids are texts");
        assert_eq!(report.streams["people"].outcome.quarantined, 1);
        let left: Vec<String> = report.streams["$singer"].left_out.keys().map(|(what, _)| what.clone()).collect();
        let expected =
            ["a line that is no message", "message \"BATCH\"", "record of \"teams\", which the connector has not"];
        assert_eq!(left, expected);
        assert_eq!(taps.kept_state().await, json!({"at": 1}));

        taps.run(&lines(&[record(None, "b"), state(2)]), 0).await;
        assert_eq!(taps.seen_state(), json!({"at": 1}), "the tap is given what it said last");
        assert_eq!(taps.live().await, ["7", "a", "b"]);
        assert_eq!(taps.kept_state().await, json!({"at": 2}), "replaced, not merged");
    })
    .await;
}

#[tokio::test]
async fn a_tap_that_dies_leaves_what_it_said_and_its_last_state() {
    on_both(async |store: Store| {
        let taps = Taps::new(store, PEOPLE).await;
        taps.run(&lines(&[record(Some(1), "old"), activate(1), state(1)]), 0).await;
        let cut = lines(&[record(Some(2), "a"), state(2), activate(2), record(Some(2), "b")]);
        let report = taps.run(&format!("{cut}{{\"type\": \"RECORD\", \"stre"), 3).await;
        assert_eq!(report.state, RunState::Partial);
        let (code, message) = report.streams["$singer"].error.clone().unwrap();
        assert_eq!(code, "TAP");
        assert!(message.contains("exit status: 3"), "{message}");
        assert_eq!(taps.live().await, ["a", "b", "old"], "nothing is deleted by a tap that did not end well");
        assert_eq!(taps.kept_state().await, json!({"at": 2}));
        taps.run(&lines(&[record(Some(2), "c"), activate(2)]), 0).await;
        assert_eq!(taps.seen_state(), json!({"at": 2}));
        assert_eq!(taps.live().await, ["a", "b", "c"], "the version goes on where it was");
    })
    .await;
}

#[tokio::test]
async fn activating_a_version_deletes_only_rows_of_older_ones() {
    on_both(async |store: Store| {
        let taps = Taps::new(store, PEOPLE).await;
        let table = [activate(1), record(Some(1), "a"), record(Some(1), "b"), record(Some(1), "c"), activate(1)];
        taps.run(&lines(&table), 0).await;
        assert_eq!(taps.live().await, ["a", "b", "c"]);
        // What changed, under the same version: the others are still there.
        taps.run(&lines(&[activate(1), record(Some(1), "a"), activate(1)]), 0).await;
        assert_eq!(taps.live().await, ["a", "b", "c"]);
        taps.run(&lines(&[record(Some(2), "a"), record(Some(2), "b"), activate(2)]), 0).await;
        assert_eq!(taps.live().await, ["a", "b"]);
        // A version that is behind activates nothing, nor does one that is not the newest of its run.
        taps.run(&lines(&[activate(1)]), 0).await;
        taps.run(&lines(&[record(Some(4), "d"), activate(3)]), 0).await;
        assert_eq!(taps.live().await, ["a", "b", "d"]);
        // An empty table.
        taps.run(&lines(&[activate(5)]), 0).await;
        assert_eq!(taps.live().await, Vec::<String>::new());
    })
    .await;
}

#[tokio::test]
async fn a_record_without_a_key_leaves_older_rows_alone() {
    on_both(async |store: Store| {
        let taps = Taps::new(store, PEOPLE).await;
        taps.run(&lines(&[record(Some(1), "a"), record(Some(1), "b"), activate(1)]), 0).await;
        let keyless = json!({"type": "RECORD", "stream": "people", "version": 2, "record": {"name": "b?"}});
        taps.run(&lines(&[record(Some(2), "a"), keyless, activate(2)]), 0).await;
        assert_eq!(taps.live().await, ["a", "b"], "b may be the one without a key");
    })
    .await;
}

#[tokio::test]
async fn a_deleted_row_of_a_log_is_a_tombstone() {
    on_both(async |store: Store| {
        let taps = Taps::new(store, PEOPLE).await;
        taps.run(&lines(&[record(None, "a"), record(None, "b")]), 0).await;
        let gone = json!({"id": "a", "name": "Name a", "_sdc_deleted_at": "2026-01-31T10:00:00Z"});
        taps.run(&lines(&[json!({"type": "RECORD", "stream": "people", "record": gone})]), 0).await;
        assert_eq!(taps.live().await, ["b"]);
    })
    .await;
}

#[tokio::test]
async fn a_command_that_is_not_there_says_so() {
    on_both(async |store: Store| {
        let taps = Taps::with_command(store, PEOPLE, "/nowhere/tap").await;
        let report = taps.run("", 0).await;
        assert_eq!(report.state, RunState::Failed);
        assert!(report.streams["$singer"].error.as_ref().unwrap().1.starts_with("the tap does not start"));
    })
    .await;
}
