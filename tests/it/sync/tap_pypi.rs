//! A tap that nobody here wrote: `tap-jsonl` of PyPI, in an environment of its own under the build folder.
//!
//! Installed once. Without Python or without the registry the test is skipped, and says so;
//! `ONEFOLD_REQUIRE_TAP=1` makes that a failure.

use super::taps::{connector, engine};
use crate::harness::on_both;
use onefold::store::{RunState, Store};
use onefold::sync::AcceptedLosses;
use serde_json::json;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

const TAP: &str = "tap-jsonl==0.3.1";

/// The tap, installed where it is not yet.
fn installed() -> Option<PathBuf> {
    let place = Path::new(env!("CARGO_TARGET_TMPDIR")).join("tap-jsonl");
    let program = place.join("bin/tap-jsonl");
    let runs = |command: &mut Command| command.stdout(Stdio::null()).status().is_ok_and(|status| status.success());
    let is_there = runs(Command::new(&program).arg("--version").stderr(Stdio::null()))
        || (runs(Command::new("python3").args(["-m", "venv", "--clear"]).arg(&place))
            && runs(Command::new(place.join("bin/pip")).args([
                "install",
                "--quiet",
                "--disable-pip-version-check",
                "--retries",
                "1",
                "--timeout",
                "20",
                TAP,
            ])));
    is_there.then_some(program)
}

#[tokio::test]
async fn a_tap_of_pypi_is_discovered_and_read_and_its_state_is_kept() {
    let Some(program) = installed() else {
        assert!(std::env::var("ONEFOLD_REQUIRE_TAP").as_deref() != Ok("1"), "{TAP} could not be installed");
        eprintln!("skipped: {TAP} could not be installed from PyPI");
        return;
    };
    on_both(async |store: Store| {
        let folder = tempfile::tempdir().unwrap();
        let data = folder.path().join("people.jsonl");
        fs::write(&data, "{\"id\": 1, \"name\": \"Ada\"}\n{\"id\": 2, \"name\": \"Bo\"}\n").unwrap();
        let config = folder.path().join("config.json");
        let settings = json!({"path": data, "stream_name": "people", "primary_keys": ["id"]});
        fs::write(&config, settings.to_string()).unwrap();
        let streams = "people: {into: party, key: /id, deletes: none, map: {kind: = PERSON, displayName: name}}";
        let registry = connector(&folder, "config_file: '{config.path}'", streams);
        let settings = [("command", program.to_str().unwrap()), ("path", config.to_str().unwrap())];
        let (engine, setup) = engine(&store, &registry, &settings).await;
        let run = async || {
            let run = engine.run_begin(&setup, "manual", "test").await.unwrap();
            engine.run(&setup, &run, &AcceptedLosses::new(), |_| {}).await.unwrap().unwrap()
        };
        let first = run().await;
        assert_eq!(first.state, RunState::Succeeded, "{:?}", first.streams);
        assert_eq!(first.streams["people"].outcome.created, 2);
        let mut text = fs::read_to_string(&data).unwrap();
        text.push_str("{\"id\": 3, \"name\": \"Ole\"}\n");
        fs::write(&data, text).unwrap();
        // It reads a file that has changed as a whole: what it says twice is an update.
        let second = run().await.streams["people"].outcome;
        assert_eq!((second.created, second.deleted, second.quarantined), (1, 0, 0));
        let kept = store.checkpoint_list(setup.row.id).await.unwrap();
        let bookmark = &kept["$singer"]["tap"]["bookmarks"]["people"]["replication_key"];
        assert_eq!(bookmark, "_sdc_last_modified", "its last state, as it said it");
    })
    .await;
}
