//! A source is tried on a few customers before it is let in: what would be stored, refused and matched is shown and not done,
//! and what was looked at is what is stored.

use super::control::*;
use super::hub::*;
use crate::harness::on_both;
use crate::store::fixture::number;
use onefold::app::RunState;
use onefold_model::{NodeId, RecordKind, SyncRunId};
use serde_json::{Value, json};
use std::sync::Arc;

const TRIAL: &str = "mutation($keys: [String!]!, $customers: [ID!]!, $streams: [String!]!, $limit: Int, $apply: String) {
    syncTrial(input: {source: \"desk\", keys: $keys, customers: $customers, streams: $streams, limit: $limit, apply: $apply}) {
    trial { fingerprint read missing streams { stream created updated unchanged quarantined } failures { name code }
        refused { stream externalId code message }
        records { stream change externalId before after record { id } matches { probability verdict customer { id } } } }
    run { id trigger state } userErrors { code message } } }";

const MAILS: &str = ", emails: [{value: mail -> email}]";

/// What a trial answers to somebody. What `choice` does not say is not chosen by.
async fn trial(hub: &Hub, who: &onefold::auth::Actor, choice: Value) -> Value {
    let mut variables = json!({"keys": [], "customers": [], "streams": []});
    variables.as_object_mut().unwrap().extend(choice.as_object().unwrap().clone());
    hub.data(who, TRIAL, variables).await["syncTrial"].take()
}

async fn stored(world: &World) -> [i64; 4] {
    let mut counts = [0; 4];
    for (at, table) in ["record", "quarantine", "checkpoint", "stream_field"].into_iter().enumerate() {
        counts[at] = number(&world.store, &format!("select count(*) from {table}")).await;
    }
    counts
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_trial_shows_what_a_sync_would_do_and_stores_what_was_looked_at() {
    on_both(|store| async move {
        let world = World::new(store, Arc::default()).await;
        *world.desk.more.lock().unwrap() = json!({"mail": "ada@mail.example"});
        let hub = world.process_with(None, MAILS).await;
        let plan = trial(&hub, &support(), json!({"limit": 2})).await;
        let shown = &plan["trial"];
        assert_eq!(
            (&plan["userErrors"], &plan["run"], &shown["read"]),
            (&json!([]), &Value::Null, &json!(2)),
            "{plan}"
        );
        let people = json!({"stream": "people", "created": 2, "updated": 0, "unchanged": 0, "quarantined": 0});
        assert_eq!(shown["streams"], json!([people]));
        let records = shown["records"].as_array().unwrap();
        let mut names: Vec<&str> = records.iter().map(|one| one["after"]["displayName"].as_str().unwrap()).collect();
        names.sort_unstable();
        assert_eq!(names, ["Person 1", "Person 2"]);
        assert!(
            records.iter().all(|one| one["change"] == "CREATED" && one["before"].is_null() && one["record"].is_null())
        );
        assert_eq!(stored(&world).await, [0; 4], "looking stores nothing");
        assert_eq!(trial(&hub, &support(), json!({"limit": 2})).await["trial"], *shown, "the same again");

        // Who may read no payloads is told how many and not what; who may not sync is told nothing.
        let operator = trial(&hub, &actor(&[], &["operator"]), json!({"limit": 2})).await["trial"].take();
        assert_eq!(operator["streams"], shown["streams"]);
        let hidden = |one: &Value| one["after"].is_null() && one["externalId"].is_null();
        assert!(operator["records"].as_array().unwrap().iter().all(hidden), "{operator}");
        for (who, code) in [(billing(), "FORBIDDEN"), (actor(&["legal"], &[]), "NOT_FOUND")] {
            let refused = trial(&hub, &who, json!({"limit": 2})).await;
            assert_eq!(
                (&refused["trial"], &refused["userErrors"][0]["code"]),
                (&Value::Null, &json!(code)),
                "{refused}"
            );
        }
        for wrong in [json!({"limit": 0}), json!({"limit": 201}), json!({"streams": ["persons"]})] {
            assert_eq!(trial(&hub, &support(), wrong).await["userErrors"][0]["code"], "INVALID_INPUT");
        }

        // The system says something else by now.
        *world.desk.more.lock().unwrap() = json!({"mail": "bo@mail.example"});
        let apply = |fingerprint: &Value| json!({"limit": 2, "apply": fingerprint});
        let moved = trial(&hub, &support(), apply(&shown["fingerprint"])).await;
        assert_eq!((&moved["run"], &moved["userErrors"][0]["code"]), (&Value::Null, &json!("PLAN_MOVED")), "{moved}");
        assert_eq!(stored(&world).await, [0; 4], "nothing was stored");
        let now = &moved["trial"]["fingerprint"];
        let other = trial(&hub, &support(), json!({"limit": 1, "apply": now})).await;
        assert_eq!(other["userErrors"][0]["code"], "PLAN_MOVED", "it was not of these that it was looked at");
        let done = trial(&hub, &support(), apply(now)).await;
        assert_eq!((&done["userErrors"], &done["run"]["state"]), (&json!([]), &json!("SUCCEEDED")), "{done}");
        assert_eq!(done["run"]["trigger"], "trial");
        assert_eq!(stored(&world).await, [2, 0, 0, 0], "these records, and no cursor");
        let entries = world.audited("trial.apply").await;
        assert_eq!(entries.len(), 1, "{entries:?}");
        assert_eq!(entries[0].0, support().subject());
        let id: NodeId = done["run"]["id"].as_str().unwrap().parse().unwrap();
        assert_eq!(world.ended(SyncRunId::try_from(id).unwrap()).await.state, RunState::Succeeded);

        // A sync goes its way as if nothing had been tried.
        hub_run(&hub).await;
        assert_eq!(number(&world.store, "select count(*) from record").await, 3);
        assert_eq!(number(&world.store, "select count(*) from record_version").await, 3, "what was tried is the same");
        let again = trial(&hub, &support(), json!({"limit": 2})).await["trial"].take();
        assert_eq!(again["streams"][0]["unchanged"], 2, "{again}");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn chosen_customers_are_looked_for_and_what_does_not_fit_is_shown() {
    on_both(|store| async move {
        let world = World::new(store, Arc::default()).await;
        let hub = world.process_with(None, "").await;
        let plan = trial(&hub, &support(), json!({"keys": ["3", "nobody"]})).await["trial"].take();
        assert_eq!((&plan["read"], &plan["missing"]), (&json!(3), &json!(["nobody"])), "{plan}");
        let records = plan["records"].as_array().unwrap();
        assert_eq!((records.len(), &records[0]["externalId"]), (1, &json!("3")));

        hub_run(&hub).await;
        hub.fold().await;
        let customer = hub.customer(record_id("desk", "people", "2")).await;
        *world.desk.more.lock().unwrap() = json!({"name": "Somebody"});
        let choice = json!({"customers": [NodeId::from(customer).to_string()]});
        let plan = trial(&hub, &support(), choice.clone()).await["trial"].take();
        let records = plan["records"].as_array().unwrap();
        assert_eq!((records.len(), &records[0]["change"]), (1, &json!("UPDATED")), "{plan}");
        assert_eq!(records[0]["before"]["displayName"], "Person 2");
        assert_eq!(records[0]["after"]["displayName"], "Somebody");
        assert!(!records[0]["record"].is_null());
        // Who may not see the customer may not have them looked for.
        let refused = trial(&hub, &actor(&[], &["operator"]), choice).await;
        assert_eq!(refused["userErrors"][0]["code"], "NOT_FOUND", "{refused}");

        *world.desk.more.lock().unwrap() = json!({"id": null});
        let plan = trial(&hub, &support(), json!({})).await["trial"].take();
        assert_eq!((&plan["records"], &plan["streams"][0]["quarantined"]), (&json!([]), &json!(3)), "{plan}");
        let refused = plan["refused"].as_array().unwrap();
        assert!(refused.iter().all(|one| one["code"] == "KEY_MISSING" && one["stream"] == "people"), "{plan}");
        assert_eq!(number(&world.store, "select count(*) from quarantine").await, 0);
    })
    .await;
}

/// Evidence tells of what others' records say: it is told to whoever reviews for both departments.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whom_they_would_be_matched_with_is_told_to_those_who_review_for_both() {
    on_both(|store| async move {
        let world = World::new(store, Arc::default()).await;
        *world.desk.more.lock().unwrap() = json!({"mail": "ada@mail.example"});
        let hub = world.process_with(None, MAILS).await;
        let ada = json!({"kind": "PERSON", "displayName": "Person 1",
            "emails": [{"address": "ada@mail.example", "original": "ada@mail.example"}]});
        hub.push("stripe", vec![put(RecordKind::Party, "customers", "1", ada)]).await;
        hub.fold().await;
        let known = hub.customer(record_id("stripe", "customers", "1")).await;
        let plan = trial(&hub, &everyone(), json!({"keys": ["1"]})).await["trial"].take();
        let found = &plan["records"][0]["matches"];
        assert_eq!(found[0]["customer"]["id"], NodeId::from(known).to_string(), "{plan}");
        assert!(found[0]["probability"].as_f64().unwrap() > 0.5, "{plan}");
        for who in [support(), actor(&["support"], &["operator"])] {
            let plan = trial(&hub, &who, json!({"keys": ["1"]})).await["trial"].take();
            assert_eq!(plan["records"][0]["matches"], json!([]), "{plan}");
        }
        // The index that a large hub has in memory gives the same.
        assert_eq!(number(&world.store, "select count(*) from record").await, 1, "nothing was stored");
    })
    .await;
}
