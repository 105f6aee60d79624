//! Fields that come, go or change while a source is read.

use super::files::{open, request};
use super::standin::{Source, manifest, serve};
use crate::harness::on_both;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::routing::get;
use axum::{Json, Router};
use onefold::config::PrivateAddresses;
use onefold::store::{FieldRow, RunState, Store};
use onefold::sync::{Engine, ReadFields, SourceSetup, payload_values};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
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

/// A list of two pages, the second of which is refused while `breaks` says so.
async fn two_pages(store: &Store) -> (Source, Arc<AtomicBool>) {
    let breaks = Arc::new(AtomicBool::new(true));
    let answer = |State(breaks): State<Arc<AtomicBool>>, Query(asked): Query<BTreeMap<String, String>>| async move {
        match asked.get("page") {
            None => Ok(Json(json!({"people": [person(1, &json!({}))], "next": "/people?page=2"}))),
            Some(_) if breaks.load(Ordering::SeqCst) => Err(StatusCode::BAD_REQUEST),
            Some(_) => Ok(Json(json!({"people": [person(2, &json!({"town": ["Graz"], "second": true}))]}))),
        }
    };
    let app = Router::new().route("/people", get(answer)).with_state(Arc::clone(&breaks));
    let base = format!("http://{}", serve(app).await);
    let text = manifest("", "", "{list: {style: next_url, url: /next}}", PEOPLE);
    let source = Source::new(store, &text, &[("base_url", &base)], Some(PrivateAddresses::Allow)).await;
    (source, breaks)
}

/// What the next run is the first to see of a stream that was never read to its end is how the stream is, and no drift.
#[tokio::test]
async fn a_stream_starts_until_a_run_of_it_has_come_to_its_end() {
    on_both(|store| async move {
        let (source, breaks) = two_pages(&store).await;
        assert_eq!(source.run().await.state, RunState::Failed);
        assert!(field(&store, &source, "town").await.unwrap().from_start, "its page is written");
        assert!(field(&store, &source, "second").await.is_none());
        breaks.store(false, Ordering::SeqCst);
        assert_eq!(source.run().await.state, RunState::Succeeded);
        let second = field(&store, &source, "second").await.unwrap();
        assert!(second.from_start, "the first run did not come so far: {second:?}");
        let town = field(&store, &source, "town").await.unwrap();
        assert_eq!((town.changed.as_ref(), town.forms.as_str()), (None, "text|list"), "both are how it is");
        let shape = store.shape_get(source.setup.row.id, "people").await.unwrap().unwrap();
        assert!(shape.is_settled, "{shape:?}");
    })
    .await;
}

async fn upload(engine: &Engine, setup: &SourceSetup, text: &str) {
    let run = engine.run_begin(setup, "import", "test").await.unwrap();
    engine.import(setup, &run, &request(text.as_bytes()), |_| {}).await.unwrap();
}

#[tokio::test]
async fn a_column_that_a_later_file_has_is_noticed_and_what_the_map_reads_is_known() {
    on_both(|store| async move {
        let (engine, setup) = open(&store).await;
        upload(&engine, &setup, "Kunden-Nr;Vorname;Nachname;Laune\nK1;Ida;Holm;gut\n").await;
        upload(&engine, &setup, "Kunden-Nr;Vorname;Nachname;Laune;Schuh\nK1;Ida;Holm;gut;44\nK2;Bo;Lund;;45\n").await;
        let fields = store.field_list(&[setup.row.id]).await.unwrap();
        let of = |path: &str| fields.iter().find(|field| field.path == path).unwrap();
        assert!(of("Laune").from_start && of("Vorname").from_start);
        assert!(!of("Schuh").from_start, "the file before had no such column");
        assert_eq!((of("Schuh").times, of("Schuh").observed), (2, 3));
        let mut read = ReadFields::new(Some(setup.configured.connector()));
        for (source, stream, places) in store.shape_reads(&[setup.row.id]).await.unwrap() {
            assert_eq!(source, setup.row.id);
            read.also(&stream, &places);
        }
        let is_read = ["Kunden-Nr", "\"Kunden-Nr\"", "Vorname", "Laune", "Schuh"].map(|path| read.has("records", path));
        assert_eq!(is_read, [true, true, true, false, false]);
        let samples = store.field_samples(setup.row.id).await.unwrap();
        assert_eq!(samples.iter().filter(|(_, path, _)| path == "Schuh").count(), 2);
    })
    .await;
}
