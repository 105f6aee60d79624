//! When two stores are the same: in everything but times, serial numbers, and what is told of the runs themselves.

use crate::store::dump::dump;
use crate::sync::binary::hub::Hub;
use onefold::store::Store;
use serde_json::Value;
use std::fmt::Write;

/// Tables that tell of runs: how often it was tried is no fact about customers.
const OF_RUNS: [&str; 5] = ["sync_run", "sync_run_stream", "audit", "audit_head", "audit_subject"];

/// The content of a hub's store in the form in which stores are compared.
pub(super) async fn content(hub: &Hub) -> String {
    let store = hub.store().await;
    let content = content_of(&store).await;
    store.close().await;
    content
}

/// The content of a store in the form in which stores are compared.
pub(super) async fn content_of(store: &Store) -> String {
    let mut out = String::new();
    let mut table = String::new();
    for line in dump(store).await.lines() {
        if let Some(head) = line.strip_prefix("# ") {
            head.split(' ').next().unwrap_or_default().clone_into(&mut table);
        }
        if !OF_RUNS.contains(&table.as_str()) {
            let _ = writeln!(out, "{}", without_runs(&table, line));
        }
    }
    out
}

/// A row without the run that wrote it, and without how often a misfit was delivered or a field was looked at.
fn without_runs(table: &str, line: &str) -> String {
    let line = without(line, " run_id=");
    match table {
        "quarantine" => without(&line, " times="),
        "stream_field" | "stream_shape" => {
            let told = [" times=", " last_observed=", " observed="];
            told.iter().fold(line, |line, name| without(&line, name))
        }
        "checkpoint" => match line.split_once(" state=") {
            Some((head, rest)) => format!("{head} state={}", state(rest)),
            None => line,
        },
        _ => line,
    }
}

/// Takes `name` with its value out of a row. Ids and numbers have no blanks in them.
fn without(line: &str, name: &str) -> String {
    match line.split_once(name) {
        Some((head, rest)) => format!("{head}{}", rest.find(' ').map_or("", |end| &rest[end..])),
        None => line.to_owned(),
    }
}

/// A checkpoint without the times in it: positions are taken from clocks.
fn state(rest: &str) -> String {
    let (text, tail) = rest.rsplit_once("\" ").unwrap_or((rest, ""));
    let text: String = serde_json::from_str(&format!("{}\"", text.trim_end_matches('"'))).unwrap_or_default();
    let mut state: Value = serde_json::from_str(&text).unwrap_or_else(|_| panic!("a checkpoint is JSON: {rest}"));
    timeless(&mut state);
    format!("{state} {tail}")
}

fn timeless(value: &mut Value) {
    match value {
        Value::String(text) => {
            let is_time = chrono::DateTime::parse_from_rfc3339(text).is_ok()
                || (!text.is_empty() && text.bytes().all(|b| b.is_ascii_digit()));
            if is_time {
                "a time".clone_into(text);
            }
        }
        Value::Array(list) => list.iter_mut().for_each(timeless),
        Value::Object(fields) => fields.values_mut().for_each(timeless),
        _ => {}
    }
}

/// Compares two stores and shows the first rows that only one of them has.
#[track_caller]
pub(super) fn assert_same(found: &str, expected: &str, when: &str) {
    if found == expected {
        return;
    }
    let only = |one: &str, other: &str| -> Vec<String> {
        let lines = one.lines().filter(|line| !other.lines().any(|known| known == *line));
        lines.take(6).map(|line| line.chars().take(600).collect()).collect()
    };
    panic!(
        "{when}:\nonly after the crash: {:#?}\nonly without it: {:#?}",
        only(found, expected),
        only(expected, found)
    );
}

#[test]
fn runs_and_times_are_left_out_and_nothing_else() {
    let line = r#" source_id="ab" task="feed/events" state="{\"v\":1,\"position\":\"2026-03-01T00:00:00Z\",\"token\":\"17\"}" run_id="cd" updated_at=set"#;
    let told = without_runs("checkpoint", line);
    assert_eq!(
        told,
        r#" source_id="ab" task="feed/events" state={"v":1,"position":"a time","token":"a time"} updated_at=set"#
    );
    let line = r#" stream="a b" run_id=- times=3 resolved_at=-"#;
    assert_eq!(without_runs("quarantine", line), r#" stream="a b" resolved_at=-"#);
    assert_eq!(without_runs("record", line), r#" stream="a b" times=3 resolved_at=-"#);
}
