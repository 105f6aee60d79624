//! What departments see of fields that came, went or changed, and that they know of it.

use super::control::*;
use super::hub::*;
use crate::harness::on_both;
use onefold::auth::default_policies;
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
