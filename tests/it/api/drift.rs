//! What departments see of fields that came, went or changed, and that they know of it.

use super::control::*;
use super::hub::*;
use super::ingest::ingest;
use super::webhooks::{self, SHOPPED, shopped, taken};
use crate::harness::on_both;
use onefold::auth::default_policies;
use onefold_model::{SourceId, SourceKey};
use serde_json::{Value, json};
use std::sync::Arc;

const DRIFT: &str =
    "query($show: FieldDriftShown) { sources { key drift(show: $show) { stream path kind forms count samples
    acknowledgedBy acknowledgedReason } } }";
const KNOW: &str =
    "mutation($path: String!) { driftAcknowledge(input: {source: \"desk\", stream: \"people\", path: $path,
    reason: \"for the shop\"}) { field { path kind acknowledgedBy } userErrors { code message } } }";

/// What is told of the source to somebody.
async fn told(hub: &Hub, who: &onefold::auth::Actor, show: &str) -> Value {
    let answer = hub.data(who, DRIFT, json!({"show": show})).await;
    let sources = answer["sources"].as_array().unwrap();
    sources.iter().find(|source| source["key"] == "desk").map_or(Value::Null, |source| source["drift"].clone())
}

fn paths(drift: &Value) -> Vec<&str> {
    drift.as_array().unwrap().iter().map(|field| field["path"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn a_new_field_is_told_with_values_to_those_who_may_read_payloads() {
    on_both(|store| async move {
        let world = World::new(store, Arc::default()).await;
        *world.desk.more.lock().unwrap() = json!({"town": "Graz"});
        let hub = world.process_with(None, "").await;
        hub_run(&hub).await;
        assert_eq!(told(&hub, &support(), "OPEN").await, json!([]), "so the stream is");
        let all = told(&hub, &support(), "ALL").await;
        assert_eq!((paths(&all), &all[0]["kind"]), (vec!["town"], &json!("UNREAD")), "id and name are read: {all}");

        *world.desk.more.lock().unwrap() = json!({"town": "Graz", "loyalty": {"tier": "gold"}});
        hub_run(&hub).await;
        let open = told(&hub, &support(), "OPEN").await;
        assert_eq!(paths(&open), ["loyalty", "loyalty.tier"]);
        let tier = &open[1];
        assert_eq!((&tier["kind"], &tier["forms"], &tier["count"]), (&json!("NEW"), &json!(["text"]), &json!(3)));
        let samples = tier["samples"].as_array().unwrap();
        assert!(!samples.is_empty() && samples.iter().all(|sample| sample == "gold"), "{samples:?}");
        // Whoever sees the source and not what it said is told of the field, and of none of its values.
        let other = told(&hub, &billing(), "OPEN").await;
        assert_eq!((paths(&other), &other[1]["samples"]), (vec!["loyalty", "loyalty.tier"], &json!([])));
        let operator = told(&hub, &actor(&[], &["operator"]), "ALL").await;
        assert!(!operator.to_string().contains("gold"), "{operator}");
        assert_eq!(told(&hub, &actor(&["legal"], &[]), "ALL").await, Value::Null);

        // A policy can keep the fields to itself too.
        let mut files = default_policies(&departments());
        let no_drift = "@id(\"no-drift\") forbid (principal, action == Onefold::Action::\"read\", resource in Onefold::Type::\"Source\")
            when { resource in [Onefold::Field::\"Source.drift\"] };";
        files.push(("own.cedar".to_owned(), no_drift.to_owned()));
        let strict = hub.under(policies(&files)).await;
        assert_eq!(told(&strict, &support(), "ALL").await, Value::Null);

        // Once a map reads it, it is no longer told.
        let mapped = world.process_with(None, ", nickname: loyalty.tier").await;
        assert_eq!(told(&mapped, &support(), "OPEN").await, json!([]));
    })
    .await;
}

#[tokio::test]
async fn what_somebody_knows_is_not_told_again() {
    on_both(|store| async move {
        let world = World::new(store, Arc::default()).await;
        let hub = world.process_with(None, "").await;
        hub_run(&hub).await;
        *world.desk.more.lock().unwrap() = json!({"loyalty": 7});
        hub_run(&hub).await;
        for (who, path, code) in [
            (billing(), "loyalty", "FORBIDDEN"),
            (actor(&["legal"], &[]), "loyalty", "NOT_FOUND"),
            (support(), "nowhere", "NOT_FOUND"),
            (support(), "name", "NOT_FOUND"),
        ] {
            let refused = hub.data(&who, KNOW, json!({"path": path})).await["driftAcknowledge"].take();
            assert_eq!((&refused["field"], &refused["userErrors"][0]["code"]), (&Value::Null, &json!(code)), "{path}");
        }
        assert_eq!(paths(&told(&hub, &support(), "OPEN").await), ["loyalty"]);
        let known = hub.data(&support(), KNOW, json!({"path": "loyalty"})).await["driftAcknowledge"].take();
        assert_eq!(
            (&known["field"]["acknowledgedBy"], &known["userErrors"]),
            (&json!(support().subject()), &json!([]))
        );
        assert_eq!(told(&hub, &support(), "OPEN").await, json!([]));
        assert_eq!(told(&hub, &support(), "ALL").await[0]["acknowledgedReason"], "for the shop");
        let entry = (support().subject().to_owned(), Some("people: loyalty".to_owned()));
        assert_eq!(world.audited("drift.acknowledge").await, [entry]);

        *world.desk.more.lock().unwrap() = json!({"loyalty": "gold"});
        world.on(1);
        hub_run(&hub).await;
        let open = told(&hub, &support(), "OPEN").await;
        assert_eq!(
            (paths(&open), &open[0]["kind"]),
            (vec!["loyalty"], &json!("CHANGED")),
            "something new happened to it"
        );
    })
    .await;
}

/// What is told of a source.
async fn told_of(hub: &Hub, source: &str, who: &onefold::auth::Actor, show: &str) -> Value {
    let answer = hub.data(who, DRIFT, json!({"show": show})).await;
    let sources = answer["sources"].as_array().unwrap();
    sources.iter().find(|found| found["key"] == source).map_or(Value::Null, |found| found["drift"].clone())
}

fn pushed(numbers: std::ops::Range<usize>, more: &Value) -> Value {
    let record = |n: usize| {
        let mut data = json!({"kind": "PERSON", "displayName": format!("Person {n}")});
        data.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        json!({"kind": "PARTY", "stream": "customers", "externalId": n.to_string(), "data": data})
    };
    numbers.map(record).collect()
}

#[tokio::test]
async fn what_is_pushed_is_watched_too_and_what_no_kind_has_is_told() {
    on_both(|store| async move {
        let hub = Hub::open(&store).await;
        // A hundred that were looked at say how the stream is: all sixteen of a batch are.
        for _ in 0..8 {
            let answer = ingest(&hub, &billing(), "stripe", pushed(0..16, &json!({"nickname": "N"}))).await;
            assert_eq!(answer["userErrors"], json!([]));
        }
        let read = told_of(&hub, "stripe", &billing(), "ALL").await;
        assert_eq!(read, json!([]), "all fields of a kind are read");
        let refused = ingest(&hub, &billing(), "stripe", pushed(0..2, &json!({"shoeSize": 44}))).await;
        assert_eq!(refused["results"][0]["state"], "QUARANTINED");
        let open = told_of(&hub, "stripe", &billing(), "OPEN").await;
        assert_eq!((paths(&open), &open[0]["kind"]), (vec!["shoeSize"], &json!("NEW")));
        // All of each batch are without a field that all had.
        for _ in 0..4 {
            ingest(&hub, &billing(), "stripe", pushed(0..16, &json!({}))).await;
        }
        let open = told_of(&hub, "stripe", &billing(), "OPEN").await;
        let kinds: Vec<(&str, &str)> = open
            .as_array()
            .unwrap()
            .iter()
            .map(|field| (field["path"].as_str().unwrap(), field["kind"].as_str().unwrap()))
            .collect();
        assert_eq!(kinds, [("nickname", "VANISHED"), ("shoeSize", "NEW")]);
    })
    .await;
}

/// A batch that shows nothing new sends no statement for being watched, but now and then.
#[tokio::test]
async fn watching_what_is_pushed_costs_little() {
    on_both(|store| async move {
        let hub = Hub::open(&store).await;
        let statements = async |numbers: std::ops::Range<usize>| {
            let before = store.statements();
            ingest(&hub, &billing(), "stripe", pushed(numbers, &json!({}))).await;
            store.statements() - before
        };
        statements(0..1).await;
        let mut cost = Vec::new();
        for _ in 0..12 {
            cost.push(statements(0..1).await);
        }
        assert!(cost.iter().all(|count| *count == cost[0]), "the same record again: {cost:?}");
        let shape = "select observed from stream_shape where stream = 'customers'";
        assert_eq!(store.fetch(shape, Vec::new()).await.unwrap()[0].int(0).unwrap(), 1, "not written each time");
        for _ in 0..20 {
            statements(0..1).await;
        }
        assert_eq!(store.fetch(shape, Vec::new()).await.unwrap()[0].int(0).unwrap(), 33, "and not forgotten");
    })
    .await;
}

#[tokio::test]
async fn a_field_that_deliveries_have_and_the_last_run_had_not_is_told() {
    on_both(|store| async move {
        let hub = webhooks::hub(&store, &[SHOPPED]).await;
        let served = webhooks::served(&hub, webhooks::NOW).await;
        let shop = SourceId::derive(&SourceKey::new("shop").unwrap());
        let first = json!({"id": 1, "first_name": "Ada", "updated_at": "2026-11-22T02:00:00Z"});
        assert_eq!(taken(shopped(&served, "w1", &first)).await, "stored");
        // As if a run had read the stream to its end.
        let mut tx = store.begin().await.unwrap();
        tx.shape_settle(shop, &["customers"]).await.unwrap();
        tx.commit().await.unwrap();
        let more = json!({"id": 2, "first_name": "Bo", "updated_at": "2026-11-22T02:00:00Z", "loyalty": "gold"});
        assert_eq!(taken(shopped(&served, "w2", &more)).await, "stored");
        let fields = store.field_list(&[shop]).await.unwrap();
        let of = |path: &str| fields.iter().find(|field| field.path == path).unwrap();
        assert!(of("first_name").from_start);
        let loyalty = of("loyalty");
        assert_eq!((loyalty.from_start, loyalty.times, loyalty.observed), (false, 1, 2));
        served.stop().await;
    })
    .await;
}
