//! A connector over its stand-in, with a store and a clock of the test's own. Nothing is waited for that the system does not ask
//! for, and pages are small.

use super::system::System;
use super::{Subject, root};
use crate::sync::rig::TestClock;
use onefold::config::{PrivateAddresses, Setting, SourceConfig, SyncConfig};
use onefold::store::{RunState, Store};
use onefold::sync::{AcceptedLosses, Engine, Registry, RunReport, SourceSetup};
use onefold_connector::SettingType;
use onefold_model::{Clock, SourceKey};
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use tempfile::TempDir;

pub(super) struct Stage {
    pub(super) store: Store,
    pub(super) system: Arc<System>,
    pub(super) engine: Engine,
    pub(super) setup: SourceSetup,
    pub(super) clock: Arc<TestClock>,
    stream: String,
    _folders: [TempDir; 2],
}

/// The number that follows a word, replaced wherever the line begins so.
fn with(text: &str, line: &str, word: &str, value: &str) -> String {
    let replaced = |text: &str| match text.split_once(word) {
        Some((before, after)) if text.trim_start().starts_with(line) => {
            let rest = after.find([',', '}']).map_or("", |end| &after[end..]);
            format!("{before}{word}{value}{rest}")
        }
        _ => text.to_owned(),
    };
    text.lines().map(replaced).collect::<Vec<_>>().join("\n") + "\n"
}

/// The manifest of a folder, in a hurry.
fn quick(text: &str) -> String {
    let mut text = text.to_owned();
    for (line, word, value) in [
        ("limits:", "permits: ", "100000"),
        ("limits:", "per: ", "1s"),
        ("limits:", "timeout: ", "3s"),
        ("retry:", "first: ", "1ms"),
        ("retry:", "longest: ", "5ms"),
    ] {
        text = with(&text, line, word, value);
    }
    for size in [100, 200, 500, 1_000, 10_000] {
        text = text.replace(&format!("value: {size}}}"), "value: 2}");
    }
    text
}

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        let target = to.join(path.file_name().unwrap());
        if path.is_dir() {
            copy(&path, &target);
        } else if path.extension().is_some_and(|extension| extension == "yaml") {
            std::fs::write(target, quick(&std::fs::read_to_string(&path).unwrap())).unwrap();
        }
    }
}

impl Stage {
    pub(super) async fn new(store: &Store, subject: &Subject) -> Self {
        let folder = tempfile::tempdir().unwrap();
        copy(&root().join(&subject.folder), &folder.path().join(&subject.folder));
        let registry = Registry::load(Some(folder.path())).unwrap();
        assert!(registry.broken().is_empty(), "{:?}", registry.broken());
        let connector = registry.get(&subject.folder).unwrap();
        let clock = TestClock::at("2026-02-03T00:00:00Z".parse().unwrap());
        let system = System::start(subject, clock.clone()).await;
        let mut settings: BTreeMap<String, Setting> = BTreeMap::new();
        for (name, value) in connector.sample_settings() {
            settings.insert(name, Setting::Text(value.as_str().unwrap().to_owned()));
        }
        // A token of one's own stands instead of those that are renewed.
        if settings.contains_key("refresh_token") {
            settings.remove("access_token");
        }
        for setting in connector.settings().iter().filter(|setting| setting.ty == SettingType::Url) {
            let path = if setting.name == "token_url" { "/token" } else { "" };
            settings.insert(setting.name.clone(), Setting::Text(format!("{}{path}", system.base())));
        }
        let config = SourceConfig {
            // A source of its own for each in one store.
            key: SourceKey::new(format!("s{}", uuid::Uuid::now_v7().simple())).unwrap(),
            connector: subject.folder.clone(),
            department: None,
            title: None,
            private_addresses: Some(PrivateAddresses::Allow),
            schedule: None,
            settings,
        };
        let mut setup =
            SourceSetup::new(&config, &registry, clock.as_ref()).unwrap_or_else(|error| panic!("{subject:?}: {error}"));
        setup.configured = setup.configured.choose([subject.stream.as_str()]).unwrap();
        let secrets = tempfile::tempdir().unwrap();
        let sync =
            SyncConfig { secrets_dir: secrets.path().join("secrets"), private_addresses: PrivateAddresses::Allow };
        let dyn_clock: Arc<dyn Clock> = clock.clone();
        let engine = Engine::open(store.clone(), vec![setup.clone()], dyn_clock).await.unwrap().with_config(sync);
        let stream = subject.stream.clone();
        Self { store: store.clone(), system, engine, setup, clock, stream, _folders: [folder, secrets] }
    }

    pub(super) async fn run(&self) -> RunReport {
        let run = self.engine.run_begin(&self.setup, "manual", "test").await.unwrap();
        self.engine.run(&self.setup, &run, &AcceptedLosses::new(), |_| {}).await.unwrap().unwrap()
    }

    /// Runs to a good end.
    pub(super) async fn well(&self) -> RunReport {
        let report = self.run().await;
        assert_eq!(
            report.state,
            RunState::Succeeded,
            "{} {}: {:#?}",
            self.setup.row.connector,
            self.stream,
            report.streams
        );
        report
    }

    async fn count(&self, sql: &str) -> i64 {
        let rows = self.store.fetch(sql, onefold::args![self.setup.row.id.0, &self.stream]).await.unwrap();
        rows[0].int(0).unwrap()
    }

    /// Live records of the stream.
    pub(super) async fn live(&self) -> i64 {
        self.count("select count(*) from record where source_id = $1 and stream = $2 and deleted_at is null").await
    }

    /// Versions of the records of the stream.
    pub(super) async fn versions(&self) -> i64 {
        let sql = "select count(*) from record r join record_version v on v.record_id = r.record_id
                   where r.source_id = $1 and r.stream = $2";
        self.count(sql).await
    }

    /// Records whose newest payload has this text.
    pub(super) async fn saying(&self, text: &str) -> i64 {
        let sql = format!(
            "select count(*) from record r join record_version v on v.record_id = r.record_id and v.version = r.version
             where r.source_id = $1 and r.stream = $2 and v.raw like '%{text}%'"
        );
        self.count(&sql).await
    }

    /// The next run reads from the beginning.
    pub(super) async fn forget(&self) {
        let mut tx = self.store.begin().await.unwrap();
        tx.checkpoint_clear(self.setup.row.id).await.unwrap();
        tx.commit().await.unwrap();
    }
}
