//! A source whose tap is a shell script of the test's own.

use super::rig::retried;
use onefold::config::{Setting, SourceConfig};
use onefold::store::Store;
use onefold::sync::{AcceptedLosses, Engine, Registry, Retried, RunReport, SourceSetup};
use onefold_model::{SourceKey, SystemClock};
use serde_json::Value;
use std::collections::BTreeMap;
use std::fs;
use std::sync::Arc;
use tempfile::TempDir;

/// Prints what the test has written, and keeps the state that it was given.
const SCRIPT: &str = r#"#!/bin/sh
here=$(dirname "$0")
rm -f "$here/seen.json"
while [ $# -gt 0 ]; do
  [ "$1" = --state ] && cp "$2" "$here/seen.json"
  [ "$1" = --config ] && cat "$2" >&2
  shift
done
cat "$here/output"
exit "$(cat "$here/code")"
"#;

pub(super) struct Taps {
    pub(super) store: Store,
    engine: Engine,
    setup: SourceSetup,
    folder: TempDir,
}

/// Messages as a tap prints them.
pub(super) fn lines(messages: &[Value]) -> String {
    messages.iter().map(Value::to_string).collect::<Vec<_>>().join("\n") + "\n"
}

/// A folder with a connector whose streams are these.
pub(super) fn connector(folder: &TempDir, singer: &str, streams: &str) -> Registry {
    let text = format!(
        "manifest: 1\nid: tap\ntitle: Tap\nversion: 1.0.0\nconfig:\n  command: {{type: text, required: true}}\n  \
         token: {{type: text, secret: true}}\n  path: {{type: text}}\nsinger: {{command: '{{config.command}}', {singer}}}\n\
         streams:\n  {streams}\n"
    );
    let place = folder.path().join("connectors/crm/tap");
    fs::create_dir_all(&place).unwrap();
    fs::write(place.join("connector.yaml"), text).unwrap();
    let registry = Registry::load(Some(&folder.path().join("connectors"))).unwrap();
    assert!(registry.broken().is_empty(), "{:?}", registry.broken());
    registry
}

pub(super) async fn engine(store: &Store, registry: &Registry, settings: &[(&str, &str)]) -> (Engine, SourceSetup) {
    let text = |(name, value): &(&str, &str)| ((*name).to_owned(), Setting::Text((*value).to_owned()));
    let config = SourceConfig {
        key: SourceKey::new("tap").unwrap(),
        connector: "crm/tap".to_owned(),
        department: None,
        title: None,
        private_addresses: None,
        schedule: None,
        settings: settings.iter().map(text).collect::<BTreeMap<_, _>>(),
    };
    let setup = SourceSetup::new(&config, registry, &SystemClock).unwrap();
    let engine = Engine::open(store.clone(), vec![setup.clone()], Arc::new(SystemClock)).await.unwrap();
    (engine.with_program(env!("CARGO_BIN_EXE_onefold").into()), setup)
}

impl Taps {
    pub(super) async fn new(store: Store, streams: &str) -> Self {
        Self::with_command(store, streams, "").await
    }

    /// Another program than the script, where one is named.
    pub(super) async fn with_command(store: Store, streams: &str, command: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let script = folder.path().join("tap.sh");
        fs::write(&script, SCRIPT).unwrap();
        let own = format!("sh {}", script.display());
        let registry = connector(&folder, "catalog: none, config: {token: '{config.token}'}", streams);
        let command = if command.is_empty() { own.as_str() } else { command };
        let (engine, setup) = engine(&store, &registry, &[("command", command), ("token", "tok_not_to_be_seen")]).await;
        Self { store, engine, setup, folder }
    }

    /// Runs the tap, which prints this and ends with this code.
    pub(super) async fn run(&self, output: &str, code: u8) -> RunReport {
        fs::write(self.folder.path().join("output"), output).unwrap();
        fs::write(self.folder.path().join("code"), code.to_string()).unwrap();
        let run = self.engine.run_begin(&self.setup, "manual", "test").await.unwrap();
        self.engine.run(&self.setup, &run, &AcceptedLosses::new(), |_| {}).await.unwrap().unwrap()
    }

    /// The keys of live records.
    pub(super) async fn live(&self) -> Vec<String> {
        let sql = "select external_id from record where stream = 'people' and deleted_at is null order by external_id";
        self.store.fetch(sql, Vec::new()).await.unwrap().iter().map(|row| row.text(0).unwrap()).collect()
    }

    /// The tap's state as the store has it.
    pub(super) async fn kept_state(&self) -> Value {
        let kept = self.store.checkpoint_list(self.setup.row.id).await.unwrap();
        kept.get("$singer").map_or(Value::Null, |state| state["tap"].clone())
    }

    /// The state that the tap was started with.
    pub(super) fn seen_state(&self) -> Value {
        let text = fs::read_to_string(self.folder.path().join("seen.json")).unwrap();
        serde_json::from_str(&text).unwrap()
    }

    /// Tries again what was put aside, and says what became of each.
    pub(super) async fn again(&self) -> Vec<Retried> {
        let waiting = self.store.quarantine_waiting(self.setup.row.id, None).await.unwrap();
        let mut all = Vec::new();
        for row in self.store.quarantine_rows(&waiting).await.unwrap() {
            all.extend(retried(&self.store, &self.engine, &self.setup, &row).await);
        }
        all
    }

    /// What was put aside: key and code.
    pub(super) async fn put_aside(&self) -> Vec<(String, String)> {
        let sql = "select external_id, code from quarantine where resolved_at is null order by external_id";
        let rows = self.store.fetch(sql, Vec::new()).await.unwrap();
        rows.iter().map(|row| (row.text(0).unwrap(), row.text(1).unwrap())).collect()
    }
}
