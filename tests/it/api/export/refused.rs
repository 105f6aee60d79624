//! What is not exported, to whom, and how much.

use super::{ONE, START, shown, start, write_all, written};
use crate::api::hub::*;
use crate::api::story::billing_party;
use crate::harness::on_both;
use onefold::app::{App, AppConfig};
use onefold::auth::default_policies;
use onefold::config::ExportConfig;
use onefold::graphql::exports_write;
use onefold::identity::Identity;
use onefold::store::Store;
use onefold::sync::Engine;
use onefold_model::{Clock, RecordKind};
use serde_json::{Value, json};
use std::num::{NonZeroU32, NonZeroU64};
use std::sync::Arc;

async fn billed(hub: &Hub) {
    hub.push(
        "stripe",
        (0..3).map(|n| put(RecordKind::Party, "customers", &format!("c{n}"), billing_party(n))).collect(),
    )
    .await;
    hub.fold().await;
}

/// A hub whose operator has decided something.
async fn decided(store: &Store, export: ExportConfig) -> Hub {
    let hub = Hub::open(store).await;
    let clock: Arc<dyn Clock> = Arc::new(StepClock::default());
    let engine = Engine::open(store.clone(), Vec::new(), Arc::clone(&clock)).await.unwrap();
    let policies = policies(&default_policies(&departments()));
    let config = AppConfig { export, ..AppConfig::default() };
    let app = App::open_with(store.clone(), policies, Identity::default(), Arc::new(engine), clock, config);
    Hub { app: app.await.unwrap(), schema: hub.schema }
}

#[tokio::test]
async fn only_queries_of_customers_by_id_are_exported() {
    on_both(|store| async move {
        let hub = Hub::open(&store).await;
        for document in [
            "query { viewer { subject } }",
            "mutation($ids: [ID!]!) { exportDelete(input: {id: \"x\"}) { deletedId } }",
            "query($ids: [ID!]!) { nodes(ids: $ids) { id } viewer { subject } }",
            "query($ids: [ID!]!) { nodes(ids: [\"customer_1\"]) { id } }",
            "query($ids: [ID]!) { nodes(ids: $ids) { id } }",
            "query($ids: [ID!]!) { nodes(ids: $ids) { ... on Customer { displayName } } }",
            "query($ids: [ID!]!) { nodes(ids: $ids) { ... on Customer { id: displayName } } }",
            "query($ids: [ID!]!) { nodes(ids: $ids) { ... on Customer { id __gone: displayName } } }",
            "query($ids: [ID!]!) { nodes(ids: $ids) { ... on Customer { id shoeSize } } }",
            "query A($ids: [ID!]!) { nodes(ids: $ids) { id } } query B($ids: [ID!]!) { nodes(ids: $ids) { id } }",
            "query($ids: [ID!]!) { nodes(ids: $ids) @include(if: false) { id } }",
            "query($ids: [ID!]!) { nodes(ids: $ids) { ... on Customer { id invoices(first: 200) { nodes { lines: payments(first: 200) { nodes { id } } } } } } }",
            "query {",
        ] {
            let input = json!({"input": {"document": document, "idempotencyKey": "x"}});
            let refusals = hub.refusals(&everyone(), START, input).await;
            assert_eq!(refusals.len(), 1, "{document}");
            assert_eq!(refusals[0].0, "INVALID_INPUT", "{document}: {refusals:?}");
        }
        for input in [
            json!({"idempotencyKey": "x"}),
            json!({"selection": "id", "documentId": "x", "idempotencyKey": "x"}),
            json!({"selection": "id", "variables": {"ids": []}, "idempotencyKey": "x"}),
            json!({"selection": "id", "variables": 5, "idempotencyKey": "x"}),
            json!({"selection": "id", "after": "garbage", "idempotencyKey": "x"}),
            json!({"documentId": "unknown", "idempotencyKey": "x"}),
        ] {
            let refusals = hub.refusals(&everyone(), START, json!({"input": input})).await;
            assert_eq!(refusals[0].0, "INVALID_INPUT", "{input}: {refusals:?}");
        }
        let legal = actor(&["legal"], &[]);
        assert_eq!(start(&hub, &legal, json!({"selection": "id"})).await["userErrors"][0]["code"], "FORBIDDEN");
        let ahead = json!({"selection": "id", "after": onefold::graphql::cursor_of(99_999)});
        assert_eq!(start(&hub, &everyone(), ahead).await["userErrors"][0]["code"], "INVALID_INPUT");
        let long = json!({"selection": "id", "idempotencyKey": "x".repeat(201)});
        assert_eq!(start(&hub, &everyone(), long).await["userErrors"][0]["code"], "INVALID_INPUT");
    })
    .await;
}

#[tokio::test]
async fn where_only_registered_documents_are_run_only_those_are_exported() {
    on_both(|store| async move {
        let hub = Hub::open(&store).await;
        billed(&hub).await;
        let text = "query Registered($ids: [ID!]!) { nodes(ids: $ids) { ... on Customer { id } } }";
        let mut trusted = onefold::graphql::TrustedDocuments::default();
        trusted.register(Some("Registered"), text);
        let only = departments().into_iter().filter(|key| key.as_str() == "billing").collect();
        let settings = onefold::graphql::GraphSettings { trusted, trusted_only: only, ..Default::default() };
        let hub = Hub { app: hub.app, schema: onefold::graphql::schema_with(settings) };
        let input = json!({"input": {"selection": "id displayName", "idempotencyKey": "x"}});
        assert_eq!(hub.refusals(&billing(), START, input).await[0].0, "DOCUMENT_NOT_TRUSTED");
        let (lines, _) = written(&hub, &billing(), json!({"documentId": "Registered"})).await;
        assert_eq!(lines.lines().count(), 3);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_export_is_its_owners_and_obeys_the_policies_of_the_moment() {
    on_both(|store| async move {
        let hub = Hub::open(&store).await;
        billed(&hub).await;
        let made = start(&hub, &billing(), json!({"selection": "id"})).await;
        let id = &made["export"]["id"];
        let cancel = "mutation($id: ID!) { exportCancel(input: {id: $id}) { export { state } userErrors { code } } }";
        let delete = "mutation($id: ID!) { exportDelete(input: {id: $id}) { deletedId userErrors { code } } }";
        assert_eq!(shown(&hub, &support(), id).await, Value::Null);
        assert_eq!(hub.data(&support(), "{ exports { totalCount } }", json!({})).await["exports"]["totalCount"], 0);
        let ids = json!({"id": id});
        for (document, name) in [(cancel, "exportCancel"), (delete, "exportDelete")] {
            let refused = hub.data(&support(), document, ids.clone()).await;
            assert_eq!(refused[name]["userErrors"][0]["code"], "NOT_FOUND");
        }
        assert_eq!(shown(&hub, &everyone(), id).await["state"], "WAITING", "who administers all sees it");

        // Nobody may see customers any more: it ends, and says so.
        hub.app.policies().replace(policies(&[("none.cedar", "// nobody may anything")]));
        write_all(&hub).await;
        let ended = hub.data(&billing(), ONE, ids.clone()).await["node"].take();
        assert_eq!((&ended["state"], &ended["bytes"]), (&json!("FAILED"), &json!(0)));
        assert!(ended["error"].as_str().unwrap().contains("may not see customers any more"), "{ended}");
        hub.app.policies().replace(policies(&default_policies(&departments())));

        let made = start(&hub, &billing(), json!({"selection": "id"})).await;
        let ids = json!({"id": made["export"]["id"]});
        let cancelled = hub.data(&billing(), cancel, ids.clone()).await;
        assert_eq!(cancelled["exportCancel"]["export"]["state"], "CANCELLED");
        assert_eq!(exports_write(&hub.schema, &hub.app, 10).await.unwrap(), 0);
        assert_eq!(
            hub.data(&billing(), cancel, ids.clone()).await["exportCancel"]["userErrors"],
            json!([]),
            "twice is once"
        );
        assert_eq!(hub.data(&everyone(), delete, ids.clone()).await["exportDelete"]["deletedId"], ids["id"]);
        assert_eq!(shown(&hub, &billing(), &ids["id"]).await, Value::Null);
    })
    .await;
}

#[tokio::test]
async fn the_same_request_starts_one_export() {
    on_both(|store| async move {
        let hub = Hub::open(&store).await;
        billed(&hub).await;
        let input = json!({"selection": "id", "idempotencyKey": "one"});
        let first = start(&hub, &billing(), input.clone()).await;
        let again = start(&hub, &billing(), input).await;
        assert_eq!((&first["export"]["id"], &again["replayed"]), (&again["export"]["id"], &json!(true)));
        let other = start(&hub, &billing(), json!({"selection": "id email", "idempotencyKey": "one"})).await;
        assert_eq!(other["userErrors"][0]["code"], "CONFLICT");
        let theirs = start(&hub, &everyone(), json!({"selection": "id", "idempotencyKey": "one"})).await;
        assert_eq!(theirs["replayed"], false, "a key is one's own");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn limits_are_the_operators_and_what_is_too_large_says_what_to_do() {
    on_both(|store| async move {
        let (at_once, max_bytes) = (NonZeroU32::new(1).unwrap(), NonZeroU64::new(150).unwrap());
        let hub = decided(&store, ExportConfig { at_once, max_bytes, ..ExportConfig::default() }).await;
        billed(&hub).await;
        let made = start(&hub, &billing(), json!({"selection": "id displayName email"})).await;
        let second = start(&hub, &billing(), json!({"selection": "id"})).await;
        assert_eq!(second["userErrors"][0]["code"], "CONFLICT", "{second}");
        assert_eq!(
            start(&hub, &everyone(), json!({"selection": "id"})).await["userErrors"],
            json!([]),
            "each their own"
        );
        write_all(&hub).await;
        let ended = shown(&hub, &billing(), &made["export"]["id"]).await;
        assert_eq!((&ended["state"], &ended["bytes"]), (&json!("FAILED"), &json!(0)));
        let error = ended["error"].as_str().unwrap();
        assert!(error.contains("more than 150 bytes") && error.contains("onefold export"), "{error}");
        assert_eq!(start(&hub, &billing(), json!({"selection": "id"})).await["userErrors"], json!([]), "one is over");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_sees_customers_under_a_condition_exports_everybody_and_no_increments() {
    on_both(|store| async move {
        let hub = Hub::open(&store).await;
        billed(&hub).await;
        let late = r#"@id("late.hidden") forbid (principal, action == Onefold::Action::"see", resource is Onefold::Customer)
            when { resource.tags.contains("pays late") };"#;
        let mut files = default_policies(&departments());
        files.push(("late.cedar".to_owned(), late.to_owned()));
        let hub = hub.under(policies(&files)).await;
        let (text, cursor) = written(&hub, &billing(), json!({"selection": "id"})).await;
        assert_eq!(text, "", "all of them pay late");
        let refused = start(&hub, &billing(), json!({"selection": "id", "after": cursor})).await;
        assert_eq!(refused["userErrors"][0]["code"], "INVALID_INPUT");
        assert!(refused["userErrors"][0]["message"].as_str().unwrap().contains("without `after`"), "{refused}");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_export_is_deleted_when_its_time_is_over() {
    on_both(|store| async move {
        let hub = Hub::open(&store).await;
        billed(&hub).await;
        let (_, _) = written(&hub, &billing(), json!({"selection": "id"})).await;
        assert_eq!(hub.app.export_expire().await.unwrap(), 0);
        let mut tx = store.begin().await.unwrap();
        tx.execute("update export set expires_at = created_at", onefold::args![]).await.unwrap();
        tx.commit().await.unwrap();
        assert_eq!(hub.app.export_expire().await.unwrap(), 1);
        assert_eq!(hub.data(&billing(), "{ exports { totalCount } }", json!({})).await["exports"]["totalCount"], 0);
        let left = store.fetch("select count(*) from export_part", onefold::args![]).await.unwrap();
        assert_eq!(left[0].int(0).unwrap(), 0);
    })
    .await;
}
