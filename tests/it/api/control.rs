//! Sources that are read by themselves, paused and resumed, and runs that somebody ends.

use super::hub::*;
use crate::harness::on_both;
use crate::store::fixture::{number, source};
use axum::extract::{Query, State};
use axum::routing::get;
use axum::{Json, Router};
use onefold::app::{App, AppError, RunRow, RunState};
use onefold::args;
use onefold::auth::default_policies;
use onefold::config::{PrivateAddresses, Schedule, Setting, SourceConfig};
use onefold::graphql;
use onefold::identity::Identity;
use onefold::store::Store;
use onefold::sync::{AcceptedLosses, Engine, Registry, SourceSetup};
use onefold_model::{Clock, NodeId, SourceKey, SyncRunId, Timestamp};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::sync::Semaphore;

/// So many people, one on each page.
const PAGES: u32 = 3;

const MANIFEST: &str = "manifest: 1\nid: desk\ntitle: Desk\nversion: 1.0.0\nconfig:\n  base_url: {type: url, required: true}\n\
http:\n  base: '{config.base_url}'\n  limits: {permits: 1000, per: 1s, timeout: 600s}\npages: {list: {style: token, param: after, token: /next}}\n\
streams:\n  people:\n    into: party\n    key: /id\n    deletes: none\n    map: {kind: = PERSON, displayName: name}\n    \
snapshot: {get: /people, pages: list, records: /people}\n";

/// A system whose pages after the first one come when the test says so.
#[derive(Default)]
pub(super) struct Desk {
    asked: Mutex<Vec<u32>>,
    later: Option<Semaphore>,
    /// What every person has beside id and name.
    pub(super) more: Mutex<Value>,
}

impl Desk {
    fn slow() -> Arc<Self> {
        Arc::new(Self { later: Some(Semaphore::new(0)), ..Self::default() })
    }

    /// Lets so many pages come.
    fn let_come(&self, pages: usize) {
        self.later.as_ref().unwrap().add_permits(pages);
    }

    fn asked(&self) -> Vec<u32> {
        self.asked.lock().unwrap().clone()
    }
}

async fn people(State(desk): State<Arc<Desk>>, Query(query): Query<BTreeMap<String, String>>) -> Json<Value> {
    let page: u32 = query.get("after").map_or(0, |after| after.parse().unwrap()) + 1;
    desk.asked.lock().unwrap().push(page);
    if let Some(later) = desk.later.as_ref().filter(|_| page > 1) {
        later.acquire().await.unwrap().forget();
    }
    let next = (page < PAGES).then(|| page.to_string());
    let mut person = json!({"id": page, "name": format!("Person {page}")});
    if let Value::Object(more) = &*desk.more.lock().unwrap() {
        person.as_object_mut().unwrap().extend(more.clone());
    }
    Json(json!({"people": [person], "next": next}))
}

/// A clock that goes when the test says so.
struct Hand(AtomicI64);

impl Hand {
    fn on(&self, minutes: i64) {
        self.0.fetch_add(minutes * 60_000_000, Ordering::SeqCst);
    }
}

impl Clock for Hand {
    fn now(&self) -> Timestamp {
        Timestamp::from_timestamp_micros(self.0.load(Ordering::SeqCst)).unwrap()
    }
}

/// A store, a system and a clock, which several processes share.
pub(super) struct World {
    pub(super) store: Store,
    pub(super) desk: Arc<Desk>,
    base: String,
    clock: Arc<Hand>,
}

impl World {
    pub(super) async fn new(store: Store, desk: Arc<Desk>) -> Self {
        for (key, department) in SOURCES {
            source(&store, key, department).await;
        }
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        let app = Router::new().route("/people", get(people)).with_state(Arc::clone(&desk));
        tokio::spawn(async move { axum::serve(listener, app).await.unwrap() });
        Self { store, desk, base, clock: Arc::new(Hand(AtomicI64::new(1_795_000_000_000_000))) }
    }

    /// One of the processes: the source `desk` of Support, with this schedule.
    async fn process(&self, schedule: Option<&str>) -> Hub {
        self.process_with(schedule, "").await
    }

    /// The same, with a map that says this too.
    pub(super) async fn process_with(&self, schedule: Option<&str>, map: &str) -> Hub {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir_all(folder.path().join("support/desk")).unwrap();
        std::fs::write(
            folder.path().join("support/desk/connector.yaml"),
            MANIFEST.replace("name}", &format!("name{map}}}")),
        )
        .unwrap();
        let registry = Registry::load(Some(folder.path())).unwrap();
        assert!(registry.broken().is_empty(), "{:?}", registry.broken());
        let config = SourceConfig {
            key: SourceKey::new("desk").unwrap(),
            connector: "support/desk".to_owned(),
            department: None,
            title: None,
            private_addresses: Some(PrivateAddresses::Allow),
            schedule: schedule.map(|text| Schedule::try_from(text.to_owned()).unwrap()),
            settings: BTreeMap::from([("base_url".to_owned(), Setting::Text(self.base.clone()))]),
        };
        let clock: Arc<dyn Clock> = self.clock.clone();
        let setup = SourceSetup::new(&config, &registry, clock.as_ref()).unwrap();
        let engine = Engine::open(self.store.clone(), vec![setup], Arc::clone(&clock)).await.unwrap();
        let policies = policies(&default_policies(&departments()));
        let app = App::open(self.store.clone(), policies, Identity::default(), Arc::new(engine), clock).await.unwrap();
        Hub { app, schema: graphql::schema() }
    }

    /// Minutes go by.
    pub(super) fn on(&self, minutes: i64) {
        self.clock.on(minutes);
    }

    async fn runs(&self) -> i64 {
        number(&self.store, "select count(*) from sync_run").await
    }

    async fn run(&self, id: SyncRunId) -> RunRow {
        self.store.run_get(id).await.unwrap().unwrap()
    }

    /// Waits until this many records are stored.
    async fn stored(&self, records: i64) {
        until("the records are stored", async || number(&self.store, "select count(*) from record").await == records)
            .await;
    }

    /// Waits until a run has ended.
    pub(super) async fn ended(&self, id: SyncRunId) -> RunRow {
        until("the run ends", async || self.run(id).await.state != RunState::Running).await;
        self.run(id).await
    }

    pub(super) async fn audited(&self, action: &str) -> Vec<(String, Option<String>)> {
        let sql = format!("select actor, detail from audit where action = '{action}' order by seq");
        let rows = self.store.fetch(sql, args![]).await.unwrap();
        rows.iter().map(|row| (row.text(0).unwrap(), row.opt_text(1).unwrap())).collect()
    }
}

async fn until(what: &str, is_so: impl AsyncFn() -> bool) {
    for _ in 0..6_000 {
        if is_so().await {
            return;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    panic!("it never comes that {what}");
}

/// Looks at the clock, and waits for what is begun.
async fn tick(hub: &Hub) -> usize {
    let begun = hub.app.schedule_tick().await.unwrap();
    let count = begun.len();
    for run in begun {
        run.await.unwrap();
    }
    count
}

const START: &str = "mutation { syncStart(input: {source: \"desk\"}) { run { id } userErrors { code message } } }";
const PAUSE: &str = "mutation($reason: String!) { sourcePause(input: {source: \"desk\", reason: $reason}) {
    source { control { state pausedBy pauseReason nextRunAt } } userErrors { code message } } }";
const RESUME: &str = "mutation { sourceResume(input: {source: \"desk\"}) { source { control { state nextRunAt } } userErrors { code } } }";
const CANCEL: &str =
    "mutation($run: ID!) { syncCancel(input: {run: $run}) { run { state error } userErrors { code message } } }";
const CONTROL: &str = "{ sources { key control { state schedule nextRunAt pausedAt pausedBy pauseReason } } }";

async fn control(hub: &Hub) -> Value {
    let answer = hub.data(&support(), CONTROL, json!({})).await;
    let sources = answer["sources"].as_array().unwrap();
    sources.iter().find(|source| source["key"] == "desk").unwrap()["control"].clone()
}

/// Starts a run that stands still before its second page.
async fn started(world: &World, hub: &Hub) -> SyncRunId {
    let answer = hub.data(&support(), START, json!({})).await;
    assert_eq!(answer["syncStart"]["userErrors"], json!([]));
    world.stored(1).await;
    until("the second page is asked for", async || world.desk.asked().contains(&2)).await;
    let node: NodeId = answer["syncStart"]["run"]["id"].as_str().unwrap().parse().unwrap();
    SyncRunId::try_from(node).unwrap()
}

fn node(id: SyncRunId) -> Value {
    json!({"run": NodeId::from(id).to_string()})
}

#[tokio::test]
async fn a_source_is_read_when_its_schedule_says_so_by_one_of_the_processes() {
    on_both(|store| async move {
        let world = World::new(store, Arc::default()).await;
        let (one, other) = (world.process(Some("15m")).await, world.process(Some("15m")).await);
        let (a, b) = tokio::join!(tick(&one), tick(&other));
        assert_eq!((a + b, world.runs().await), (1, 1), "one that was never read is due, and is read once");
        assert_eq!(tick(&one).await + tick(&other).await, 0, "its time has not come");
        world.clock.on(14);
        assert_eq!(tick(&one).await, 0);
        world.clock.on(1);
        assert_eq!(tick(&other).await + tick(&one).await, 1);
        world.clock.on(24 * 60);
        assert_eq!(tick(&one).await + tick(&other).await, 1, "what was missed is made up for once");
        let begun = "select count(*) from sync_run where trigger_kind = 'schedule' and actor = 'system:schedule' and state = 'SUCCEEDED'";
        assert_eq!(number(&world.store, begun).await, 3);
        assert_eq!(world.audited("sync.start").await.len(), 3);
        let control = control(&one).await;
        assert_eq!((&control["state"], &control["schedule"]), (&json!("IDLE"), &json!("15m")));
        world.clock.on(15);
        assert_eq!(control["nextRunAt"].as_str().unwrap().parse::<Timestamp>().unwrap(), world.clock.now());

        // Whoever asks in between moves the next time on.
        world.clock.on(-5);
        hub_run(&one).await;
        world.clock.on(5);
        assert_eq!(tick(&one).await, 0);
    })
    .await;
}

pub(super) async fn hub_run(hub: &Hub) {
    let setup = hub.app.source_setups().remove(0);
    let run = hub.app.system("test").run_begin(&setup, "manual", &AcceptedLosses::new()).await.unwrap();
    let report = hub.app.sync_run(&setup, &run, &AcceptedLosses::new(), |_| {}).await.unwrap();
    assert_eq!(report.state, RunState::Succeeded);
}

#[tokio::test]
async fn a_source_without_a_schedule_is_read_when_somebody_asks() {
    on_both(|store| async move {
        let world = World::new(store, Arc::default()).await;
        let hub = world.process(None).await;
        world.clock.on(100_000);
        assert_eq!((tick(&hub).await, world.runs().await), (0, 0));
        let control = control(&hub).await;
        assert_eq!((&control["schedule"], &control["nextRunAt"]), (&Value::Null, &Value::Null));
    })
    .await;
}

#[tokio::test]
async fn a_paused_source_begins_no_run_whoever_asks() {
    on_both(|store| async move {
        let world = World::new(store, Arc::default()).await;
        let (hub, other) = (world.process(Some("15m")).await, world.process(Some("15m")).await);
        for (who, code) in [(billing(), "FORBIDDEN"), (actor(&["legal"], &[]), "NOT_FOUND")] {
            let refused = hub.data(&who, PAUSE, json!({"reason": "x"})).await["sourcePause"].take();
            assert_eq!((&refused["source"], &refused["userErrors"][0]["code"]), (&Value::Null, &json!(code)));
            let refused = hub.data(&who, RESUME, json!({})).await["sourceResume"].take();
            assert_eq!(refused["userErrors"][0]["code"], code);
        }
        let blank = hub.data(&support(), PAUSE, json!({"reason": " "})).await;
        assert_eq!(blank["sourcePause"]["userErrors"][0]["code"], "INVALID_INPUT");
        assert_eq!(control(&hub).await["state"], "IDLE");

        let paused = hub.data(&support(), PAUSE, json!({"reason": "they move house"})).await["sourcePause"].take();
        assert_eq!(paused["userErrors"], json!([]));
        let again = hub.data(&steward(), PAUSE, json!({"reason": "another"})).await["sourcePause"].take();
        let told = json!({"state": "PAUSED", "pausedBy": support().subject(), "pauseReason": "they move house", "nextRunAt": null});
        assert_eq!((&paused["source"]["control"], &again["source"]["control"]), (&told, &told), "who paused it first stays");
        assert_eq!(tick(&hub).await + tick(&other).await, 0, "in no process");
        let refused = other.data(&support(), START, json!({})).await["syncStart"].take();
        assert_eq!((&refused["run"], &refused["userErrors"][0]["code"]), (&Value::Null, &json!("SOURCE_PAUSED")));
        let message = refused["userErrors"][0]["message"].as_str().unwrap();
        assert!(message.contains("sourceResume") && message.contains(support().subject()), "{message}");
        let setup = hub.app.source_setups().remove(0);
        let begun = hub.app.system("command").run_begin(&setup, "command", &AcceptedLosses::new()).await;
        assert!(matches!(begun, Err(AppError::Paused(_))), "{begun:?}");
        assert_eq!((world.runs().await, world.desk.asked().len()), (0, 0));

        world.clock.on(24 * 60);
        let resumed = hub.data(&support(), RESUME, json!({})).await["sourceResume"].take();
        assert_eq!(resumed["source"]["control"]["state"], "IDLE");
        hub.data(&support(), RESUME, json!({})).await;
        assert_eq!(tick(&hub).await + tick(&other).await, 1, "what was due meanwhile is read once");
        let subject = support().subject().to_owned();
        assert_eq!(world.audited("source.pause").await, [(subject.clone(), Some("they move house".to_owned()))]);
        assert_eq!(world.audited("source.resume").await, [(subject, None)]);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_cancelled_run_keeps_what_it_committed_and_the_next_one_goes_on_from_there() {
    on_both(|store| async move {
        let world = World::new(store, Desk::slow()).await;
        let hub = world.process(None).await;
        let id = started(&world, &hub).await;
        assert_eq!(control(&hub).await["state"], "RUNNING");
        // The system does not answer: it is not waited for.
        let cancelled = hub.data(&support(), CANCEL, node(id)).await["syncCancel"].take();
        assert_eq!(cancelled["userErrors"], json!([]));
        let run = world.ended(id).await;
        assert_eq!(run.state, RunState::Cancelled);
        let error = run.error.unwrap();
        assert!(error.contains(&format!("cancelled by {}", support().subject())), "{error}");
        let streams = world.store.run_streams(&[id]).await.unwrap();
        assert_eq!(streams.len(), 1);
        let stream = &streams[0].1;
        assert_eq!((stream.state, stream.pages, stream.created), (RunState::Cancelled, 1, 1));
        assert_eq!(stream.error_code.as_deref(), Some("CANCELLED"));
        assert_eq!(world.audited("sync.cancel").await, [(support().subject().to_owned(), Some(id.to_string()))]);
        assert_eq!(control(&hub).await["state"], "IDLE", "the source is given back");
        let again = hub.data(&support(), CANCEL, node(id)).await["syncCancel"].take();
        assert_eq!((&again["run"]["state"], &again["userErrors"]), (&json!("CANCELLED"), &json!([])));

        world.desk.let_come(9);
        hub_run(&hub).await;
        assert_eq!(world.desk.asked(), [1, 2, 2, 3], "the first page is not asked for again");
        assert_eq!(number(&world.store, "select count(*) from record").await, 3);
    })
    .await;
}

/// What another process reads ends before it writes anything more.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_run_of_another_process_is_ended_before_its_next_page_is_written() {
    on_both(|store| async move {
        let world = World::new(store, Desk::slow()).await;
        let (hub, other) = (world.process(None).await, world.process(None).await);
        let id = started(&world, &hub).await;
        let told = other.data(&support(), CANCEL, node(id)).await["syncCancel"].take();
        assert_eq!((&told["run"]["state"], &told["userErrors"]), (&json!("RUNNING"), &json!([])), "{told}");
        other.data(&steward(), CANCEL, node(id)).await;
        world.desk.let_come(9);
        let run = world.ended(id).await;
        assert_eq!((run.state, number(&world.store, "select count(*) from record").await), (RunState::Cancelled, 1));
        assert!(run.error.unwrap().contains(support().subject()), "who asked first stays");
    })
    .await;
}

#[tokio::test]
async fn a_run_whose_process_died_can_be_cancelled_and_one_that_ended_cannot() {
    on_both(|store| async move {
        let world = World::new(store, Arc::default()).await;
        let (hub, other) = (world.process(None).await, world.process(None).await);
        let setup = hub.app.source_setups().remove(0);
        let dead = hub.app.system("test").run_begin(&setup, "manual", &AcceptedLosses::new()).await.unwrap();
        world.clock.on(2);
        let cancelled = other.data(&support(), CANCEL, node(dead.id)).await["syncCancel"].take();
        assert_eq!((&cancelled["run"]["state"], &cancelled["userErrors"]), (&json!("CANCELLED"), &json!([])));
        hub_run(&other).await;
        let ended = world.store.fetch("select run_id from sync_run where state = 'SUCCEEDED'", args![]).await.unwrap();
        let ended = SyncRunId(ended[0].uuid(0).unwrap());
        let refused = other.data(&support(), CANCEL, node(ended)).await["syncCancel"].take();
        assert_eq!(refused["userErrors"][0]["code"], "CONFLICT");
        assert!(refused["userErrors"][0]["message"].as_str().unwrap().contains("SUCCEEDED"), "{refused}");
        // A run that cannot be seen is told from one that does not exist by nobody.
        for (who, id) in [(support(), SyncRunId(uuid::Uuid::from_u128(9))), (billing(), ended)] {
            let refused = other.data(&who, CANCEL, node(id)).await["syncCancel"].take();
            assert_eq!((&refused["run"], &refused["userErrors"][0]["code"]), (&Value::Null, &json!("NOT_FOUND")));
        }
    })
    .await;
}
