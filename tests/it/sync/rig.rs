//! A source over a stand-in system, with a store and a clock of the test's own.

use crate::harness::on_both;
use onefold::config::{PrivateAddresses, Setting, SourceConfig};
use onefold::http::vendor::{Mailchimp, Stripe, Vendor, VendorData, VendorServer, Zendesk};
use onefold::store::{PageAsk, QuarantineFilter, QuarantineRow, Store};
use onefold::sync::{AcceptedLosses, Engine, Registry, Retried, RunReport, SourceSetup, Tick};
use onefold_model::{Clock, SourceKey, Timestamp};
use serde_json::Value;
use std::collections::BTreeMap;
use std::future::Future;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use tempfile::TempDir;

/// A clock that goes when the test says so.
#[derive(Debug)]
pub(super) struct TestClock(AtomicI64);

impl TestClock {
    pub(super) fn at(now: Timestamp) -> Arc<Self> {
        Arc::new(Self(AtomicI64::new(now.timestamp_micros())))
    }

    pub(super) fn forward(&self, days: i64) {
        self.0.fetch_add(days * 86_400_000_000, Ordering::SeqCst);
    }
}

impl Clock for TestClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_timestamp_micros(self.0.load(Ordering::SeqCst)).unwrap()
    }
}

pub(super) const SECRET: &str = "sk_test_not_to_be_seen";

/// Which system, and how it is reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum System {
    Stripe,
    Zendesk,
    Mailchimp,
}

pub(super) struct Rig {
    pub(super) store: Store,
    pub(super) engine: Engine,
    pub(super) setup: SourceSetup,
    pub(super) server: VendorServer,
    pub(super) clock: Arc<TestClock>,
    _folder: TempDir,
}

/// The shipped connectors with small pages and no patience, so that tests are quick and pages are many.
fn quick_connectors() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("connectors");
    for name in ["billing/stripe", "support/zendesk", "marketing/mailchimp", "files/party"] {
        copy(&root.join(name), &folder.path().join(name));
    }
    folder
}

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        let target = to.join(path.file_name().unwrap());
        if path.is_dir() {
            copy(&path, &target);
        } else if path.extension().is_some_and(|extension| extension == "yaml") {
            let mut text = std::fs::read_to_string(&path).unwrap();
            for (slow, quick) in [
                ("first: 1s", "first: 1ms"),
                ("first: 2s", "first: 1ms"),
                ("permits: 20", "permits: 20000"),
                ("permits: 5", "permits: 50000"),
                ("permits: 8", "permits: 80000"),
                ("timeout: 60s", "timeout: 5s"),
                ("value: 100}", "value: 7}"),
                ("value: 500}", "value: 5}"),
            ] {
                text = text.replace(slow, quick);
            }
            std::fs::write(target, text).unwrap();
        }
    }
}

fn text(value: &str) -> Setting {
    Setting::Text(value.to_owned())
}

impl Rig {
    pub(super) async fn new(store: Store, system: System, data: VendorData) -> Self {
        match system {
            System::Stripe => Self::over(store, system, Stripe { api_key: SECRET.to_owned() }, data).await,
            System::Zendesk => {
                let vendor = Zendesk { page_size: 5, ..Zendesk::new("agent@desk.example", SECRET) };
                Self::over(store, system, vendor, data).await
            }
            System::Mailchimp => Self::over(store, system, Mailchimp { api_key: SECRET.to_owned() }, data).await,
        }
    }

    async fn over<V: Vendor>(store: Store, system: System, vendor: V, data: VendorData) -> Self {
        let server = VendorServer::start(vendor, data).await.unwrap();
        let folder = quick_connectors();
        let registry = Registry::load(Some(folder.path())).unwrap();
        assert!(registry.broken().is_empty(), "{:?}", registry.broken());
        let (connector, secret) = match system {
            System::Stripe => ("billing/stripe", "api_key"),
            System::Zendesk => ("support/zendesk", "token"),
            System::Mailchimp => ("marketing/mailchimp", "api_key"),
        };
        let mut settings =
            BTreeMap::from([("base_url".to_owned(), text(server.base_url())), (secret.to_owned(), text(SECRET))]);
        if system == System::Zendesk {
            settings.insert("email".to_owned(), text("agent@desk.example"));
        }
        let clock = Arc::new(TestClock(AtomicI64::new(onefold_model::SystemClock.now().timestamp_micros())));
        let key = SourceKey::new("system").unwrap();
        // Where the stand-in is.
        let private_addresses = Some(PrivateAddresses::Allow);
        let config = SourceConfig {
            key,
            connector: connector.to_owned(),
            department: None,
            title: None,
            private_addresses,
            schedule: None,
            settings,
        };
        let setup = SourceSetup::new(&config, &registry, clock.as_ref()).unwrap();
        let engine = Engine::open(store.clone(), vec![setup.clone()], clock.clone()).await.unwrap();
        Self { store, engine, setup, server, clock, _folder: folder }
    }

    pub(super) async fn run(&self) -> RunReport {
        self.run_watched(|_| {}).await
    }

    pub(super) async fn run_watched(&self, tick: impl Fn(Tick) + Send + Sync) -> RunReport {
        let run = self.engine.run_begin(&self.setup, "manual", "test").await.unwrap();
        self.engine.run(&self.setup, &run, &AcceptedLosses::new(), tick).await.unwrap().unwrap()
    }

    /// Everything that is stored, without what depends on when and how often it came: stream, key, version, whether it is
    /// deleted, meaning.
    pub(super) async fn dump(&self) -> Vec<String> {
        let sql = "select r.stream, r.external_id, r.version, cast(case when r.deleted_at is null then 0 else 1 end as bigint),
                          v.mapped
                   from record r join record_version v on v.record_id = r.record_id and v.version = r.version
                   order by r.stream, r.external_id";
        let rows = self.store.fetch(sql, Vec::new()).await.unwrap();
        rows.iter()
            .map(|row| {
                let (version, deleted) = (row.int(2).unwrap(), row.int(3).unwrap());
                format!(
                    "{} {} v{version} d{deleted} {}",
                    row.text(0).unwrap(),
                    row.text(1).unwrap(),
                    row.text(4).unwrap()
                )
            })
            .collect()
    }

    /// The keys of live records of a stream.
    pub(super) async fn live(&self, stream: &str) -> Vec<String> {
        let sql = format!(
            "select external_id from record where stream = '{stream}' and deleted_at is null order by external_id"
        );
        self.store.fetch(sql, Vec::new()).await.unwrap().iter().map(|row| row.text(0).unwrap()).collect()
    }

    /// What a live record means.
    pub(super) async fn record(&self, stream: &str, key: &str) -> Value {
        let sql = format!(
            "select v.mapped from record r join record_version v on v.record_id = r.record_id and v.version = r.version
             where r.stream = '{stream}' and r.external_id = '{key}'"
        );
        let rows = self.store.fetch(sql, Vec::new()).await.unwrap();
        serde_json::from_str(&rows.first().unwrap_or_else(|| panic!("{stream} {key} is not there")).text(0).unwrap())
            .unwrap()
    }

    pub(super) async fn quarantine(&self) -> Vec<QuarantineRow> {
        let filter = QuarantineFilter { sources: vec![self.setup.row.id], code: None, include_resolved: false };
        let slice = self.store.quarantine_list(&filter, &PageAsk::Forward { count: 100, after: None }).await.unwrap();
        slice.rows.into_iter().map(|(_, row)| row).collect()
    }
}

/// Tries a payload in quarantine again. Nothing where only its sender can deliver it again.
pub(super) async fn retried(
    store: &Store,
    engine: &Engine,
    setup: &SourceSetup,
    row: &QuarantineRow,
) -> Option<Retried> {
    let retrying = engine.retrying(setup);
    let attempt = retrying.map(row).await.unwrap()?;
    let mut tx = store.begin().await.unwrap();
    let retried = retrying.store(&mut tx, attempt).await.unwrap();
    tx.commit().await.unwrap();
    Some(retried)
}

/// Runs a body for a system over both databases.
pub(super) async fn over<F, Fut>(system: System, data: fn() -> VendorData, body: F)
where
    F: Fn(Rig) -> Fut,
    Fut: Future<Output = ()>,
{
    on_both(async |store| body(Rig::new(store, system, data()).await).await).await;
}

#[test]
fn the_quick_connectors_are_the_shipped_ones() {
    let folder = quick_connectors();
    let (quick, shipped) = (Registry::load(Some(folder.path())).unwrap(), Registry::load(None).unwrap());
    assert_eq!(quick.names().collect::<Vec<_>>(), shipped.names().collect::<Vec<_>>());
    assert_ne!(
        quick.get("billing/stripe").unwrap().mapping(),
        shipped.get("billing/stripe").unwrap().mapping(),
        "they differ in what was replaced"
    );
}
