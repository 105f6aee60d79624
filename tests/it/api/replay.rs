//! A changed map: what would become of what is stored, and that it becomes so once somebody has looked.

use super::control::*;
use super::hub::*;
use crate::harness::on_both;
use crate::store::fixture::number;
use onefold::app::RunState;
use onefold_model::{NodeId, SyncRunId};
use serde_json::{Value, json};
use std::sync::Arc;

const PREVIEW: &str = "{ replayPreview(source: \"desk\") { preview { fingerprint lookedAt changed created deleted unfit
    fields { stream field records } sample { stream fields before after record { externalId } } } userErrors { code message } } }";
const APPLY: &str =
    "mutation($fingerprint: String!) { replayApply(input: {source: \"desk\", fingerprint: $fingerprint}) {
    run { id trigger } preview { fingerprint } userErrors { code message } } }";

async fn preview(hub: &Hub, who: &onefold::auth::Actor) -> Value {
    hub.data(who, PREVIEW, json!({})).await["replayPreview"].take()
}

async fn apply(hub: &Hub, fingerprint: &Value) -> Value {
    hub.data(&support(), APPLY, json!({"fingerprint": fingerprint})).await["replayApply"].take()
}

const NICKNAMES: &str =
    "select count(*) from record r join record_version v on v.record_id = r.record_id and v.version = r.version
    where v.mapped like '%\"nickname\":\"P\"%'";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_changed_map_is_applied_as_it_was_looked_at() {
    on_both(|store| async move {
        let world = World::new(store, Arc::default()).await;
        *world.desk.more.lock().unwrap() = json!({"nick": "P"});
        let before = world.process_with(None, "").await;
        hub_run(&before).await;
        let nothing = preview(&before, &support()).await;
        assert_eq!((&nothing["preview"]["lookedAt"], &nothing["preview"]["changed"]), (&json!(0), &json!(0)));

        let hub = world.process_with(None, ", nickname: nick").await;
        let plan = preview(&hub, &support()).await;
        let shown = &plan["preview"];
        assert_eq!(
            (&shown["lookedAt"], &shown["changed"], &shown["unfit"]),
            (&json!(3), &json!(3), &json!(0)),
            "{plan}"
        );
        assert_eq!(shown["fields"], json!([{"stream": "people", "field": "nickname", "records": 3}]));
        let sample = shown["sample"].as_array().unwrap();
        assert_eq!(sample.len(), 3);
        assert!(
            sample.iter().all(|one| one["before"] == json!({}) && one["after"] == json!({"nickname": "P"})),
            "{plan}"
        );
        assert_eq!(number(&world.store, NICKNAMES).await, 0, "looking writes nothing");
        assert_eq!(preview(&hub, &support()).await, plan, "the same again");

        for (who, code) in [(billing(), "FORBIDDEN"), (actor(&["legal"], &[]), "NOT_FOUND")] {
            let refused = preview(&hub, &who).await;
            assert_eq!((&refused["preview"], &refused["userErrors"][0]["code"]), (&Value::Null, &json!(code)));
            let refused = hub.data(&who, APPLY, json!({"fingerprint": "x"})).await["replayApply"].take();
            assert_eq!(refused["userErrors"][0]["code"], code);
        }
        // Whoever keeps sources running and may not read payloads is told how many.
        let operator = preview(&hub, &actor(&[], &["operator"])).await;
        assert_eq!(operator["preview"]["changed"], 3, "{operator}");
        assert!(
            operator["preview"]["sample"].as_array().unwrap().iter().all(|one| one["after"].is_null()),
            "{operator}"
        );

        // The data moved.
        *world.desk.more.lock().unwrap() = json!({"nick": "P", "x": 1});
        hub_run(&before).await;
        let refused = apply(&hub, &shown["fingerprint"]).await;
        assert_eq!((&refused["run"], &refused["userErrors"][0]["code"]), (&Value::Null, &json!("PLAN_MOVED")));
        // The map moved.
        let other = world.process_with(None, ", nickname: nick, company: nick").await;
        let now = preview(&hub, &support()).await["preview"].take();
        assert_eq!(refused["preview"]["fingerprint"], now["fingerprint"], "what it would do by now");
        assert_eq!(apply(&other, &now["fingerprint"]).await["userErrors"][0]["code"], "PLAN_MOVED");
        assert_eq!(number(&world.store, NICKNAMES).await, 0, "nothing was changed");

        let begun = apply(&hub, &now["fingerprint"]).await;
        assert_eq!((&begun["userErrors"], &begun["run"]["trigger"]), (&json!([]), &json!("replay")));
        let id: NodeId = begun["run"]["id"].as_str().unwrap().parse().unwrap();
        let run = world.ended(SyncRunId::try_from(id).unwrap()).await;
        assert_eq!((run.state, run.error), (RunState::Succeeded, None));
        assert_eq!(number(&world.store, NICKNAMES).await, 3);
        let applied = world.audited("replay.apply").await;
        assert_eq!(applied.len(), 1, "{applied:?}");
        let left = preview(&hub, &support()).await["preview"].take();
        assert_eq!((&left["lookedAt"], &left["changed"]), (&json!(0), &json!(0)));
        assert_eq!(apply(&hub, &now["fingerprint"]).await["userErrors"][0]["code"], "PLAN_MOVED", "once is enough");
    })
    .await;
}

/// What is mapped once more comes from the store: it makes no stream fresher.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_replay_makes_nothing_fresher() {
    on_both(|store| async move {
        let world = World::new(store, Arc::default()).await;
        *world.desk.more.lock().unwrap() = json!({"nick": "P"});
        hub_run(&world.process_with(None, "").await).await;
        let hub = world.process_with(Some("15m"), ", nickname: nick").await;
        let fresh = "{ sources { key freshness { stream freshAt lastRunAt } control { nextRunAt } } }";
        let before = hub.data(&support(), fresh, json!({})).await;
        world.on(10);
        let plan = preview(&hub, &support()).await["preview"].take();
        let begun = apply(&hub, &plan["fingerprint"]).await;
        let id: NodeId = begun["run"]["id"].as_str().unwrap_or_else(|| panic!("{begun}")).parse().unwrap();
        world.ended(SyncRunId::try_from(id).unwrap()).await;
        assert_eq!(hub.data(&support(), fresh, json!({})).await, before);
    })
    .await;
}
