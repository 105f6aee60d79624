//! What a department does about what does not fit: sees it by cause, tries it again, discards it, takes that back.

use super::hub::*;
use crate::harness::on_both;
use crate::store::fixture::{number, source, time};
use onefold::app::App;
use onefold::args;
use onefold::auth::{Actor, default_policies};
use onefold::config::{Setting, SourceConfig};
use onefold::graphql;
use onefold::identity::Identity;
use onefold::store::{Quarantined, Store};
use onefold::sync::{Engine, Registry, SourceSetup};
use onefold_model::{Clock, SourceKey};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::Arc;

const GROUPS: &str = "query($source: String) { quarantineGroups(source: $source) { totalCount nodes {
    source { key } stream code path payloads deliveries firstSeenAt lastSeenAt example { externalId message raw } } } }";
const RETRY: &str = "mutation($input: QuarantineRetryInput!) { quarantineRetry(input: $input) {
    resolved unfit left userErrors { code message } } }";
const DISCARD: &str = "mutation($input: QuarantineDiscardInput!) { quarantineDiscard(input: $input) {
    discard { id source { key } stream code path payloads by reason madeAt undoneAt } replayed
    userErrors { code message } } }";
const UNDO: &str = "mutation($input: QuarantineDiscardUndoInput!) { quarantineDiscardUndo(input: $input) {
    discard { id undoneAt undoneBy undoneReason } replayed waitingAgain userErrors { code message } } }";
const DISCARDS: &str = "{ quarantineDiscards { nodes { id source { key } payloads reason undoneBy } } }";

/// A hub that can map Stripe's payloads.
async fn hub(store: &Store) -> Hub {
    for (key, department) in SOURCES {
        source(store, key, department).await;
    }
    let clock: Arc<dyn Clock> = Arc::new(StepClock::default());
    let settings = BTreeMap::from([("api_key".to_owned(), Setting::Text("sk_test_of_nobody".to_owned()))]);
    let config = SourceConfig {
        key: SourceKey::new("stripe").unwrap(),
        connector: "billing/stripe".to_owned(),
        department: None,
        title: None,
        private_addresses: None,
        schedule: None,
        settings,
    };
    let setup = SourceSetup::new(&config, &Registry::load(None).unwrap(), clock.as_ref()).unwrap();
    let engine = Engine::open(store.clone(), vec![setup], Arc::clone(&clock)).await.unwrap();
    let policies = policies(&default_policies(&departments()));
    let app = App::open(store.clone(), policies, Identity::default(), Arc::new(engine), clock).await.unwrap();
    Hub { app, schema: graphql::schema() }
}

fn customer(n: usize, email: &str) -> Value {
    json!({"id": format!("cus_{n:04}"), "object": "customer", "email": email, "created": 1_760_000_000})
}

/// Puts payloads of the stream `customers` aside as if their address had not read.
async fn put_aside(store: &Store, source: &str, raws: Vec<Value>) {
    let items = raws.into_iter().map(|raw| Quarantined {
        stream: "customers".to_owned(),
        external_id: raw["id"].as_str().map(str::to_owned),
        code: "NOT_AN_EMAIL".to_owned(),
        path: Some("emails".to_owned()),
        place: Some("email".to_owned()),
        message: "emails (from email): not an e-mail address".to_owned(),
        raw,
    });
    let id = onefold_model::SourceId::derive(&SourceKey::new(source).unwrap());
    let mut tx = store.begin().await.unwrap();
    tx.quarantine_write(id, None, &items.collect::<Vec<_>>(), time(400)).await.unwrap();
    tx.commit().await.unwrap();
}

async fn groups(hub: &Hub, who: &Actor) -> Value {
    hub.data(who, GROUPS, json!({"source": null})).await["quarantineGroups"].take()
}

fn cause(code: &str) -> Value {
    json!({"stream": "customers", "code": code, "path": "emails"})
}

async fn discard(hub: &Hub, who: &Actor, source: &str, up_to: &Value, key: &str) -> Value {
    let input = json!({"source": source, "cause": cause("NOT_AN_EMAIL"), "upTo": up_to, "reason": "test data",
        "idempotencyKey": key});
    hub.data(who, DISCARD, json!({"input": input})).await["quarantineDiscard"].take()
}

async fn undo(hub: &Hub, who: &Actor, id: &Value) -> Value {
    let input = json!({"id": id, "reason": "it was real"});
    hub.data(who, UNDO, json!({"input": input})).await["quarantineDiscardUndo"].take()
}

async fn audited(store: &Store, action: &str) -> Vec<(String, String)> {
    let sql = "select actor, detail from audit where action = $1 order by seq";
    let rows = store.fetch(sql, args![action]).await.unwrap();
    rows.iter().map(|row| (row.text(0).unwrap(), row.text(1).unwrap())).collect()
}

#[tokio::test]
async fn groups_tell_causes_and_an_example_as_far_as_one_may_see_it() {
    on_both(|store| async move {
        let hub = hub(&store).await;
        put_aside(&store, "stripe", vec![customer(1, "ada at home"), customer(2, "bo at home")]).await;
        put_aside(&store, "zendesk", vec![customer(3, "cy at home")]).await;
        let own = groups(&hub, &billing()).await;
        assert_eq!((&own["totalCount"], &own["nodes"][0]["payloads"]), (&json!(1), &json!(2)), "of its own source");
        assert_eq!(own["nodes"][0]["source"]["key"], "stripe");
        assert_eq!(own["nodes"][0]["example"]["raw"]["object"], "customer");

        let operator = actor(&["legal"], &["operator"]);
        let all = groups(&hub, &operator).await;
        assert_eq!(all["totalCount"], 2, "of every source");
        for group in all["nodes"].as_array().unwrap() {
            assert!(group["example"]["message"].is_string(), "{group}");
            assert_eq!(group["example"]["raw"], Value::Null, "why, and not what it said");
        }
        assert_eq!(groups(&hub, &marketing()).await["totalCount"], 0);
        assert_eq!(groups(&hub, &actor(&["legal"], &[])).await["totalCount"], 0);

        // Whoever may not read a part of the cause is told no group and may choose by none.
        let hidden = r#"@id("most") permit (principal, action == Onefold::Action::"read", resource)
            unless { resource in [Onefold::Field::"Quarantine.path"] };
            @id("deeds") permit (principal, action == Onefold::Action::"sync", resource);"#;
        let without = hub.under(policies(&[("all.cedar", hidden)])).await;
        assert_eq!(groups(&without, &billing()).await["totalCount"], 0);
        let refused = discard(&without, &billing(), "stripe", &json!("2030-01-01T00:00:00Z"), "one").await;
        assert_eq!(refused["userErrors"][0]["code"], "FIELD_FORBIDDEN");
        let input = json!({"input": {"source": "stripe", "cause": cause("NOT_AN_EMAIL")}});
        let refused = without.data(&billing(), RETRY, input).await;
        assert_eq!(refused["quarantineRetry"]["userErrors"][0]["code"], "FIELD_FORBIDDEN");
    })
    .await;
}

/// More than one batch, so that a crash after the first would show.
#[tokio::test]
async fn what_is_tried_again_is_written_down_with_what_it_changed() {
    on_both(|store| async move {
        let hub = hub(&store).await;
        let fits = (0..203).map(|n| customer(n, &format!("p{n}@mail.example")));
        put_aside(&store, "stripe", fits.chain([customer(900, "nowhere")]).collect()).await;
        put_aside(&store, "stripe", vec![json!({"object": "customer"})]).await;
        let input = json!({"input": {"source": "stripe"}});
        // The audit refuses every second entry: the batch before it stands whole, its own leaves nothing.
        let held = "create trigger audit_full before insert on audit when new.action = 'quarantine.retry'
                    and (select count(*) from audit where action = 'quarantine.retry') > 0
                    begin select raise(abort, 'full'); end";
        if store.dialect() == onefold::store::Dialect::Sqlite {
            let mut tx = store.begin().await.unwrap();
            tx.execute(held, args![]).await.unwrap();
            tx.commit().await.unwrap();
            assert!(!hub.refusals(&billing(), RETRY, input.clone()).await.is_empty());
            let stored = number(&store, "select count(*) from record").await;
            assert!((195..=200).contains(&stored), "{stored} of the first batch");
            assert_eq!(audited(&store, "quarantine.retry").await.len(), 1);
            let mut tx = store.begin().await.unwrap();
            tx.execute("drop trigger audit_full", args![]).await.unwrap();
            tx.commit().await.unwrap();
        }
        let before = number(&store, "select count(*) from record").await;
        let done = hub.data(&billing(), RETRY, input.clone()).await["quarantineRetry"].take();
        let told = |name: &str| done[name].as_i64().unwrap();
        assert_eq!((told("resolved"), told("unfit"), told("left")), (203 - before, 1, 1), "{done}");
        assert_eq!(number(&store, "select count(*) from record").await, 203);
        let entries = audited(&store, "quarantine.retry").await;
        let resolved: i64 =
            entries.iter().map(|(_, detail)| detail.split(' ').next().unwrap().parse::<i64>().unwrap()).sum();
        assert_eq!(resolved, 203, "{entries:?}");
        assert!(entries.iter().all(|(actor, _)| actor == billing().subject()));

        let again = hub.data(&billing(), RETRY, input).await["quarantineRetry"].take();
        assert_eq!((&again["resolved"], &again["unfit"], &again["left"]), (&json!(0), &json!(1), &json!(1)));
    })
    .await;
}

#[tokio::test]
async fn one_cause_is_tried_again_and_the_others_wait() {
    on_both(|store| async move {
        let hub = hub(&store).await;
        put_aside(&store, "stripe", vec![customer(1, "a@mail.example")]).await;
        let input = |code: &str| json!({"input": {"source": "stripe", "cause": cause(code)}});
        let other = hub.data(&billing(), RETRY, input("NOT_A_DATE")).await["quarantineRetry"].take();
        assert_eq!((&other["resolved"], &other["userErrors"]), (&json!(0), &json!([])));
        let done = hub.data(&billing(), RETRY, input("NOT_AN_EMAIL")).await["quarantineRetry"].take();
        assert_eq!(done["resolved"], 1);
        let details: Vec<String> =
            audited(&store, "quarantine.retry").await.into_iter().map(|(_, told)| told).collect();
        assert_eq!(
            details,
            [
                "0 resolved, 0 unfit, 0 left of customers NOT_A_DATE at emails",
                "1 resolved, 0 unfit, 0 left of customers NOT_AN_EMAIL at emails"
            ]
        );
        assert_eq!(groups(&hub, &billing()).await["totalCount"], 0);
    })
    .await;
}

#[tokio::test]
async fn a_cause_is_discarded_once_and_that_is_taken_back() {
    on_both(|store| async move {
        let hub = hub(&store).await;
        put_aside(&store, "stripe", vec![customer(1, "x"), customer(2, "y")]).await;
        let seen = groups(&hub, &billing()).await["nodes"][0]["lastSeenAt"].take();
        let done = discard(&hub, &billing(), "stripe", &seen, "one").await;
        assert_eq!(done["userErrors"], json!([]), "{done}");
        assert_eq!((&done["discard"]["payloads"], &done["replayed"]), (&json!(2), &json!(false)));
        assert_eq!(
            (&done["discard"]["by"], &done["discard"]["reason"]),
            (&json!(billing().subject()), &json!("test data"))
        );
        assert_eq!(groups(&hub, &billing()).await["totalCount"], 0);
        let count = hub.data(&billing(), "{ sources { key quarantinedCount } }", json!({})).await;
        assert!(count["sources"].as_array().unwrap().iter().all(|row| row["quarantinedCount"] != json!(2)), "{count}");

        let again = discard(&hub, &billing(), "stripe", &seen, "one").await;
        assert_eq!((&again["replayed"], &again["discard"]["id"]), (&json!(true), &done["discard"]["id"]));
        let other = discard(&hub, &billing(), "stripe", &json!("2030-01-01T00:00:00Z"), "one").await;
        assert_eq!(other["userErrors"][0]["code"], "CONFLICT", "a key names one request");
        let nothing = discard(&hub, &billing(), "stripe", &seen, "two").await;
        assert_eq!(nothing["userErrors"][0]["code"], "NOT_FOUND", "nothing waits any more");
        assert_eq!(number(&store, "select count(*) from quarantine_discard").await, 1);

        let back = undo(&hub, &billing(), &done["discard"]["id"]).await;
        assert_eq!(
            (&back["waitingAgain"], &back["replayed"], &back["userErrors"]),
            (&json!(2), &json!(false), &json!([]))
        );
        assert_eq!(groups(&hub, &billing()).await["nodes"][0]["payloads"], 2);
        let twice = undo(&hub, &billing(), &done["discard"]["id"]).await;
        assert_eq!((&twice["waitingAgain"], &twice["replayed"]), (&json!(0), &json!(true)));
        assert_eq!(audited(&store, "quarantine.discard").await.len(), 1);
        assert_eq!(audited(&store, "quarantine.undo").await[0].1, "2 of stripe: customers NOT_AN_EMAIL at emails");
        let listed = hub.data(&billing(), DISCARDS, json!({})).await["quarantineDiscards"]["nodes"].take();
        assert_eq!((listed[0]["undoneBy"].as_str(), listed.as_array().unwrap().len()), (Some(billing().subject()), 1));
        let later = discard(&hub, &billing(), "stripe", &seen, "three").await;
        assert_eq!((&later["discard"]["payloads"], &later["userErrors"]), (&json!(2), &json!([])));
    })
    .await;
}

#[tokio::test]
async fn nobody_discards_for_another_department() {
    on_both(|store| async move {
        let hub = hub(&store).await;
        put_aside(&store, "stripe", vec![customer(1, "x")]).await;
        let late = json!("2030-01-01T00:00:00Z");
        for (who, source, code) in [
            (support(), "stripe", "FORBIDDEN"),
            (steward(), "stripe", "FORBIDDEN"),
            (actor(&["legal"], &[]), "stripe", "NOT_FOUND"),
            (billing(), "nowhere", "NOT_FOUND"),
        ] {
            let answer = discard(&hub, &who, source, &late, "one").await;
            assert_eq!((&answer["userErrors"][0]["code"], &answer["discard"]), (&json!(code), &Value::Null));
        }
        for reason in ["", "  ", &"x".repeat(1_001)] {
            let input = json!({"source": "stripe", "cause": cause("NOT_AN_EMAIL"), "upTo": late, "reason": reason,
                "idempotencyKey": "k"});
            let answer = hub.data(&billing(), DISCARD, json!({"input": input})).await;
            assert_eq!(answer["quarantineDiscard"]["userErrors"][0]["code"], "INVALID_INPUT");
        }
        let done = discard(&hub, &billing(), "stripe", &late, "one").await;
        let id = &done["discard"]["id"];
        assert_eq!(undo(&hub, &support(), id).await["userErrors"][0]["code"], "FORBIDDEN");
        assert_eq!(undo(&hub, &actor(&["legal"], &[]), id).await["userErrors"][0]["code"], "NOT_FOUND");
        assert_eq!(hub.data(&support(), DISCARDS, json!({})).await["quarantineDiscards"]["nodes"], json!([]));
        assert_eq!(number(&store, "select count(*) from quarantine where discard_id is not null").await, 1);
    })
    .await;
}
