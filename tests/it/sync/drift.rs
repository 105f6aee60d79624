//! Fields that come, go or change while a source is read.

use super::standin::{Source, manifest, serve};
use crate::harness::on_both;
use axum::extract::State;
use axum::routing::get;
use axum::{Json, Router};
use onefold::config::PrivateAddresses;
use onefold::store::{FieldRow, RunState, Store};
use onefold::sync::payload_values;
use serde_json::{Value, json};
use std::sync::{Arc, Mutex};

const PEOPLE: &str = "  people:\n    into: party\n    key: /id\n    deletes: none\n    map: {kind: = PERSON, displayName: name}\n    \
                      snapshot: {get: /people, pages: list, records: /people}\n";

type People = Arc<Mutex<Vec<Value>>>;

async fn people(State(people): State<People>) -> Json<Value> {
    Json(json!({"people": *people.lock().unwrap()}))
}

async fn desk(store: &Store) -> (Source, People) {
    let people_of = People::default();
    let app = Router::new().route("/people", get(people)).with_state(people_of.clone());
    let base = format!("http://{}", serve(app).await);
    let text = manifest("", "", "{list: {style: single}}", PEOPLE);
    let source = Source::new(store, &text, &[("base_url", &base)], Some(PrivateAddresses::Allow)).await;
    (source, people_of)
}

fn person(id: usize, more: &Value) -> Value {
    let mut person = json!({"id": id, "name": format!("Person {id}"), "town": "Graz"});
    person.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    person
}

async fn read(source: &Source, people: &People, now: Vec<Value>) {
    *people.lock().unwrap() = now;
    assert_eq!(source.run().await.state, RunState::Succeeded);
}

async fn field(store: &Store, source: &Source, path: &str) -> Option<FieldRow> {
    store.field_list(&[source.setup.row.id]).await.unwrap().into_iter().find(|row| row.path == path)
}

#[tokio::test]
async fn what_comes_later_is_noticed_and_stays_in_the_payload() {
    on_both(|store| async move {
        let (source, people) = desk(&store).await;
        read(&source, &people, (0..40).map(|n| person(n, &json!({}))).collect()).await;
        let town = field(&store, &source, "town").await.unwrap();
        assert!(town.from_start && town.changed.is_none(), "{town:?}");
        assert!((1..=16).contains(&town.observed), "a few of a page are looked at: {}", town.observed);
        assert_eq!((town.times, town.last_observed, town.forms.as_str()), (town.observed, town.observed, "text"));

        let more = json!({"loyalty": {"tier": "gold", "since": 2020}, "tags": ["a"]});
        read(&source, &people, (0..3).map(|n| person(n, &more)).collect()).await;
        let tier = field(&store, &source, "loyalty.tier").await.unwrap();
        assert!(!tier.from_start, "{tier:?}");
        assert_eq!((tier.times, tier.forms.as_str()), (3, "text"));
        assert_eq!(field(&store, &source, "tags.*").await.unwrap().forms, "text");
        let samples = store.field_samples(source.setup.row.id).await.unwrap();
        let of_tier: Vec<_> = samples.iter().filter(|(_, path, _)| path == "loyalty.tier").collect();
        assert_eq!(of_tier.len(), 3);
        let raw =
            "select v.raw from record r join record_version v on v.record_id = r.record_id and v.version = r.version
                   where r.external_id = '1'";
        let raw = store.fetch(raw, Vec::new()).await.unwrap()[0].json(0).unwrap();
        assert_eq!(payload_values(&raw, "loyalty.tier"), [&json!("gold")], "the raw payload holds it");

        // Again the same: nothing new, and still counted.
        read(&source, &people, (0..3).map(|n| person(n, &more)).collect()).await;
        let again = field(&store, &source, "loyalty.tier").await.unwrap();
        assert_eq!((again.times, again.first_seen_at), (6, tier.first_seen_at));
        assert!(again.last_seen_at >= tier.last_seen_at);
    })
    .await;
}

#[tokio::test]
async fn what_changes_and_what_vanishes_is_noticed() {
    on_both(|store| async move {
        let (source, people) = desk(&store).await;
        let with = |form: &Value| (0..16).map(|n| person(n, &json!({"score": form}))).collect::<Vec<_>>();
        read(&source, &people, with(&json!(7))).await;
        read(&source, &people, with(&json!("seven"))).await;
        let score = field(&store, &source, "score").await.unwrap();
        assert_eq!(score.changed.as_ref().map(|(before, _)| before.as_str()), Some("number"));
        assert_eq!(score.forms, "text|number");
        for _ in 0..2 {
            read(&source, &people, (0..16).map(|n| person(n, &json!({}))).collect()).await;
        }
        let score = field(&store, &source, "score").await.unwrap();
        assert_eq!(score.observed - score.last_observed, 32);
        let town = field(&store, &source, "town").await.unwrap();
        assert_eq!(town.observed, town.last_observed);
    })
    .await;
}

/// What is new is in the transaction of its page: a run that ends in the middle has told what it stored.
#[tokio::test]
async fn what_a_page_showed_is_written_with_the_page() {
    on_both(|store| async move {
        let (source, people) = desk(&store).await;
        read(&source, &people, vec![person(1, &json!({}))]).await;
        *people.lock().unwrap() = vec![person(1, &json!({"extra": true}))];
        if store.dialect() == onefold::store::Dialect::Sqlite {
            let mut tx = store.begin().await.unwrap();
            let trigger = "create trigger full before insert on stream_field when new.path = 'extra'
                           begin select raise(abort, 'full'); end";
            tx.execute(trigger, Vec::new()).await.unwrap();
            tx.commit().await.unwrap();
            assert_eq!(source.run().await.state, RunState::Failed);
            let stored =
                store.fetch("select 1 from record_version where raw like '%extra%'", Vec::new()).await.unwrap();
            assert!(stored.is_empty(), "the page is not stored without it");
            let mut tx = store.begin().await.unwrap();
            tx.execute("drop trigger full", Vec::new()).await.unwrap();
            tx.commit().await.unwrap();
        }
        assert_eq!(source.run().await.state, RunState::Succeeded);
        assert!(field(&store, &source, "extra").await.is_some());
    })
    .await;
}
