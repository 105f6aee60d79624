//! Two processes over one store: a source is read by one of them at a time.

use super::standin::{Source, manifest, serve};
use crate::harness::on_both;
use axum::extract::{Query, State};
use axum::routing::get;
use axum::{Json, Router};
use onefold::config::PrivateAddresses;
use onefold::store::{RunState, Store};
use onefold::sync::{AcceptedLosses, RunReport, SyncError};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use tokio::sync::Semaphore;

const PEOPLE: &str = "  people:\n    into: party\n    key: /id\n    deletes: none\n    map: {kind: = PERSON, displayName: name}\n    \
                      snapshot: {get: /people, pages: list, records: /people}\n";

/// A system of two pages, the second of which waits for the test.
#[derive(Clone)]
struct System {
    asked: Arc<Semaphore>,
    go: Arc<Semaphore>,
    seconds: Arc<AtomicUsize>,
}

impl System {
    async fn start() -> (Self, String) {
        let (asked, go) = (Arc::new(Semaphore::new(0)), Arc::new(Semaphore::new(0)));
        let system = Self { asked, go, seconds: Arc::default() };
        let app = Router::new().route("/people", get(page)).with_state(system.clone());
        (system, format!("http://{}", serve(app).await))
    }
}

async fn page(State(system): State<System>, Query(query): Query<BTreeMap<String, String>>) -> Json<Value> {
    if query.contains_key("after") {
        system.seconds.fetch_add(1, Ordering::SeqCst);
        system.asked.add_permits(1);
        system.go.acquire().await.unwrap().forget();
        return Json(json!({"people": [{"id": 2, "name": "Bo"}]}));
    }
    Json(json!({"people": [{"id": 1, "name": "Ada"}], "next": "1"}))
}

async fn process(store: &Store, base: &str) -> Source {
    let text = manifest("", "", "{list: {style: token, param: after, token: /next}}", PEOPLE);
    Source::new(store, &text, &[("base_url", base)], Some(PrivateAddresses::Allow)).await
}

/// Begins a run and goes on with it, each with its own result.
async fn run(source: &Source) -> Result<Option<RunReport>, SyncError> {
    let run = source.engine.run_begin(&source.setup, "manual", "test").await?;
    source.engine.run(&source.setup, &run, &AcceptedLosses::new(), |_| {}).await
}

async fn states(store: &Store) -> Vec<String> {
    let rows = store.fetch("select state from sync_run order by started_at, run_id", Vec::new()).await.unwrap();
    rows.iter().map(|row| row.text(0).unwrap()).collect()
}

#[tokio::test]
async fn a_second_process_is_told_who_reads_the_source() {
    on_both(async |store: Store| {
        let (system, base) = System::start().await;
        let (one, other) = (process(&store, &base).await, process(&store, &base).await);
        let meanwhile = async {
            system.asked.acquire().await.unwrap().forget();
            let error = run(&other).await.unwrap_err();
            let SyncError::Busy { held, .. } = &error else { panic!("{error}") };
            assert!(held.expires_at > held.taken_at);
            let told = error.to_string();
            let pid = format!("by process {} on ", std::process::id());
            assert!(told.contains("source standin is being read since 20") && told.contains(&pid), "{told}");
            assert_eq!(error.code(), "BUSY");
            assert_eq!(states(&store).await, ["RUNNING"], "the run that goes on is left alone, and no other was noted");
            system.go.add_permits(1);
        };
        let (report, ()) = tokio::join!(run(&one), meanwhile);
        assert_eq!(report.unwrap().unwrap().state, RunState::Succeeded);
        assert_eq!(store.lease_get(one.setup.row.id).await.unwrap(), None, "the source was given back");
        system.go.add_permits(1);
        assert_eq!(run(&other).await.unwrap().unwrap().state, RunState::Succeeded);
        assert_eq!(states(&store).await, ["SUCCEEDED", "SUCCEEDED"]);
    })
    .await;
}

#[tokio::test]
async fn whoever_loses_its_lease_writes_nothing_more() {
    on_both(async |store: Store| {
        let (system, base) = System::start().await;
        let (one, other) = (process(&store, &base).await, process(&store, &base).await);
        let meanwhile = async {
            system.asked.acquire().await.unwrap().forget();
            // What a process that hangs for too long does not do.
            let mut tx = store.begin().await.unwrap();
            tx.execute("update source_lease set expires_at = taken_at", Vec::new()).await.unwrap();
            tx.commit().await.unwrap();
            let began = other.engine.run_begin(&other.setup, "manual", "test").await.unwrap();
            assert_eq!(states(&store).await, ["INTERRUPTED", "RUNNING"]);
            // Both are answered now: the first one has what it waited for, and may not write it.
            system.go.add_permits(2);
            other.engine.run(&other.setup, &began, &AcceptedLosses::new(), |_| {}).await
        };
        let (lost, report) = tokio::join!(run(&one), meanwhile);
        assert!(matches!(lost, Err(SyncError::LeaseLost(_))), "{lost:?}");
        assert_eq!(report.unwrap().unwrap().state, RunState::Succeeded);
        assert_eq!(states(&store).await, ["INTERRUPTED", "SUCCEEDED"]);
        let versions = store.fetch("select record_id from record_version", Vec::new()).await.unwrap();
        assert_eq!(versions.len(), 2, "nothing is there twice");
    })
    .await;
}
