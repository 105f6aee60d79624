//! Systems that are asked with a body: the request arrives as the manifest says it.

use crate::harness::on_both;
use axum::extract::{Query, State};
use axum::http::HeaderMap;
use axum::routing::{get, post};
use axum::{Json, Router};
use onefold::config::{PrivateAddresses, Setting, SourceConfig};
use onefold::store::{RunState, Store};
use onefold::sync::{AcceptedLosses, Engine, Registry, SourceSetup};
use onefold_model::{SourceKey, SystemClock};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

type Bodies = Arc<Mutex<Vec<Value>>>;

fn contact(id: u32) -> Value {
    json!({"id": id.to_string(), "archived": false, "createdAt": "2026-01-01T00:00:00Z", "updatedAt": "2026-01-02T00:00:00Z",
        "properties": {"email": format!("c{id}@post.example"), "lastmodifieddate": "2026-01-02T00:00:00Z"}})
}

async fn contacts(Query(query): Query<BTreeMap<String, String>>) -> Json<Value> {
    Json(match query.get("after").map(String::as_str) {
        None => json!({"results": [contact(1)], "paging": {"next": {"after": "1"}}}),
        Some(_) => json!({"results": [contact(2)]}),
    })
}

async fn search(State(bodies): State<Bodies>, headers: HeaderMap, Json(body): Json<Value>) -> Json<Value> {
    assert_eq!(headers["authorization"], "Bearer not-to-be-seen");
    let second = body.get("after").is_some();
    bodies.lock().unwrap().push(body);
    let paging = if second { json!({}) } else { json!({"next": {"after": "100"}}) };
    Json(json!({"total": 2, "results": [contact(if second { 4 } else { 3 })], "paging": paging}))
}

/// Starts the system; it ends with the test.
async fn start(bodies: Bodies) -> String {
    let nothing = || async { Json(json!({"results": []})) };
    let app = Router::new()
        .route("/crm/v3/objects/contacts", get(contacts))
        .route("/crm/v3/objects/contacts/search", post(search))
        .route("/crm/v3/objects/companies", get(nothing))
        .route("/crm/v3/objects/companies/search", post(nothing))
        .route("/crm/v3/objects/tickets", get(nothing))
        .with_state(bodies);
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move { axum::serve(listener, app).await.unwrap() });
    format!("http://{address}")
}

#[tokio::test]
async fn a_search_is_asked_with_its_body_page_by_page() {
    on_both(async |store: Store| {
        let bodies = Bodies::default();
        let base = start(bodies.clone()).await;
        let settings = BTreeMap::from([
            ("base_url".to_owned(), Setting::Text(base)),
            ("token".to_owned(), Setting::Text("not-to-be-seen".to_owned())),
        ]);
        let key = SourceKey::new("hubspot").unwrap();
        let connector = "marketing/hubspot".to_owned();
        // Where the stand-in is.
        let private_addresses = Some(PrivateAddresses::Allow);
        let config =
            SourceConfig { key, connector, department: None, title: None, private_addresses, schedule: None, settings };
        let setup = SourceSetup::new(&config, &Registry::load(None).unwrap(), &SystemClock).unwrap();
        let engine = Engine::open(store.clone(), vec![setup.clone()], Arc::new(SystemClock)).await.unwrap();
        for expected in [2, 4] {
            let run = engine.run_begin(&setup, "manual", "test").await.unwrap();
            let report = engine.run(&setup, &run, &AcceptedLosses::new(), |_| {}).await.unwrap().unwrap();
            assert_eq!(report.state, RunState::Succeeded, "{:#?}", report.streams);
            let sql = "select external_id from record where stream = 'contacts' and deleted_at is null";
            assert_eq!(store.fetch(sql, Vec::new()).await.unwrap().len(), expected);
        }
        let asked = bodies.lock().unwrap().clone();
        assert_eq!(asked.len(), 2, "the first run lists, the second one searches");
        let filter = &asked[0]["filterGroups"][0]["filters"][0];
        assert_eq!((&filter["propertyName"], &filter["operator"]), (&json!("lastmodifieddate"), &json!("GTE")));
        assert!(filter["value"].is_i64(), "{filter}");
        assert_eq!((asked[0].get("after"), &asked[1]["after"], &asked[0]["limit"]), (None, &json!("100"), &json!(100)));
    })
    .await;
}
