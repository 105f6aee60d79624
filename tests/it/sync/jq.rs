//! jq in its own process: what it makes, and filters that would harm.

use super::taps::{Taps, lines};
use crate::harness::on_both;
use onefold::store::{RunState, Store};
use onefold::sync::Retried;
use serde_json::{Value, json};
use std::io::Write;
use std::process::{Command, Output, Stdio};

fn streams(filter: &str) -> String {
    let filter = filter.replace('\'', "''");
    format!(
        "people: {{into: party, key: /id, deletes: none, jq: '{filter}', map: {{kind: = PERSON, displayName: $jq.name}}}}"
    )
}

fn record(id: &str) -> Value {
    json!({"type": "RECORD", "stream": "people", "record": {"id": id, "parts": ["Ada", id]}})
}

#[tokio::test]
async fn a_hostile_record_is_put_aside_and_the_next_one_is_read() {
    on_both(async |store: Store| {
        let filter = r#"if .id == "deep" then (def f: 1 + f; f) elif .id == "endless" then (def f: f; f)
            elif .id == "wrong" then error elif .id == "none" then empty elif .id == "two" then {}, {}
            elif .id == "text" then "text" else {name: (.parts | join(" "))} end"#;
        let taps = Taps::new(store, &streams(&filter.replace('\n', " "))).await;
        let ids = ["a", "deep", "b", "endless", "c", "none", "text", "two", "wrong"];
        let mut messages: Vec<Value> = ids.map(record).to_vec();
        messages.push(json!({"type": "STATE", "value": 1}));
        let report = taps.run(&lines(&messages), 0).await;
        assert_eq!(report.state, RunState::Succeeded, "{:?}", report.streams);
        assert_eq!(taps.live().await, ["a", "b", "c"]);
        let aside = taps.put_aside().await;
        let code = |id: &str| aside.iter().find(|(key, _)| key == id).map_or("", |(_, code)| code.as_str());
        assert_eq!((code("deep"), code("endless")), ("JQ_KILLED", "JQ_TIME"));
        assert!(["none", "text", "two", "wrong"].iter().all(|id| code(id) == "JQ_ERROR"), "{aside:?}");
        assert_eq!(taps.kept_state().await, json!(1));
        let sql = "select raw, mapped from record_version v join record r on r.record_id = v.record_id where r.external_id = 'a'";
        let rows = taps.store.fetch(sql, Vec::new()).await.unwrap();
        let (raw, mapped) = (rows[0].text(0).unwrap(), rows[0].text(1).unwrap());
        assert!(mapped.contains("Ada a") && !raw.contains("$jq"), "what is kept is what the source said: {raw}");
    })
    .await;
}

#[tokio::test]
async fn a_filter_that_is_killed_again_and_again_stops_the_stream_and_its_state() {
    on_both(async |store: Store| {
        let taps = Taps::new(store, &streams("if .id < \"m\" then {name: .id} else (def f: 1 + f; f) end")).await;
        let mut messages: Vec<Value> = ["a", "x", "y", "z", "b"].map(record).to_vec();
        messages.push(json!({"type": "STATE", "value": 1}));
        let report = taps.run(&lines(&messages), 0).await;
        assert_eq!(report.state, RunState::Partial);
        let (code, message) = report.streams["$singer"].error.clone().unwrap();
        assert_eq!(code, "JQ");
        assert!(message.contains("people") && message.contains("3 payloads in a row"), "{message}");
        assert_eq!(taps.live().await, ["a"], "what was computed is stored");
        assert_eq!(taps.put_aside().await.len(), 3);
        assert_eq!(taps.kept_state().await, Value::Null, "b has not been read");
        // Tried again each is judged by itself: what is killed in a row keeps the others from nothing.
        for _ in 0..2 {
            let again = taps.again().await;
            assert!(again.len() == 3 && again.iter().all(|one| matches!(one, Retried::Unfit(_))), "{again:?}");
        }
    })
    .await;
}

/// Gives the worker a filter and a record, and nothing in its environment but one variable.
fn work(filter: &str, record: &str) -> Output {
    let mut child = Command::new(env!("CARGO_BIN_EXE_onefold"))
        .arg("jq-worker")
        .env_clear()
        .env("ONEFOLD_SECRET", "sesame")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut input = child.stdin.take().unwrap();
    // It may have ended before it has read all.
    let _ = writeln!(input, "{}\npeople\t{record}", json!({"filters": {"people": filter}}));
    drop(input);
    child.wait_with_output().unwrap()
}

fn answers(filter: &str, record: &str) -> Vec<String> {
    let output = work(filter, record);
    String::from_utf8(output.stdout).unwrap().lines().map(str::to_owned).collect()
}

#[test]
fn a_filter_makes_an_object_and_numbers_stay_as_they_were_written() {
    let said = answers(
        "{a: .n, b: (.list | length), c: (.t | ascii_downcase)}",
        r#"{"n": 12345678901234567890123, "list": [1], "t": "ÄA"}"#,
    );
    assert_eq!(said, ["\"Ready\"", r#"{"Object":{"a":12345678901234567890123,"b":1,"c":"Äa"}}"#]);
}

#[test]
fn no_filter_reaches_the_environment_the_clock_further_input_or_the_end_of_the_process() {
    for filter in [
        "env",
        "$ENV",
        "now",
        "halt",
        "halt(1)",
        "halt_error",
        "input",
        "inputs",
        "debug",
        "debug(1)",
        "stderr",
        "debug_empty",
        "stderr_empty",
        "import \"a\" as a; .",
        "include \"a\"; .",
        "input_filename",
        "$__prog_args",
    ] {
        let said = answers(filter, "{}");
        assert_eq!(said.len(), 1, "{filter}: {said:?}");
        assert!(said[0].starts_with("{\"Filter\":{\"stream\":\"people\""), "{filter}: {said:?}");
        assert!(!said[0].contains("sesame"));
    }
}

#[test]
fn giant_values_and_deep_recursion_end_only_the_worker() {
    for filter in ["[range(1e9)]", "\"aaaaaaaaaaaaaaaa\" * 100000000", "def f: 1 + f; f", "def f: [f]; f"] {
        let output = work(filter, "{}");
        assert!(!output.status.success(), "{filter}");
        assert_eq!(String::from_utf8_lossy(&output.stdout), "\"Ready\"\n", "{filter}");
    }
}

#[test]
fn a_fault_names_no_value() {
    for filter in [".name | tonumber", ".name | error", ".name + 1 + {}", "{a: (.name | fromjson)}"] {
        let output = work(filter, r#"{"name": "Ada"}"#);
        assert_eq!(String::from_utf8_lossy(&output.stdout), "\"Ready\"\n\"Error\"\n", "{filter}");
        assert!(!String::from_utf8_lossy(&output.stderr).contains("Ada"), "{filter}");
    }
}
