//! Documents that are run by their id, and departments for which nothing else is.

use super::hub::*;
use super::served::{Served, answer};
use crate::harness::on_both;
use onefold::graphql::{self, GraphSettings, Introspection, TrustedDocuments, document_hash};
use onefold_model::DepartmentKey;
use reqwest::RequestBuilder;
use serde_json::{Value, json};

const VIEWER: &str = "{ viewer { departments } }";

/// A hub with one registered document, and one department for which nothing else is run.
async fn trusting(hub: &mut Hub) -> Served {
    let mut trusted = TrustedDocuments::default();
    trusted.register(Some("Viewer"), VIEWER);
    let trusted_only = [DepartmentKey::new("marketing").unwrap()].into();
    let settings = GraphSettings { trusted, trusted_only, ..GraphSettings::default() };
    hub.schema = graphql::schema_with(settings);
    Served::start(hub).await
}

async fn told(request: RequestBuilder) -> String {
    let (_, _, body) = answer(request).await;
    match body["errors"][0]["extensions"]["code"].as_str() {
        Some(code) => code.to_owned(),
        None => body["data"].to_string(),
    }
}

#[tokio::test]
async fn a_registered_document_is_run_by_its_hash_or_its_name() {
    on_both(|store| async move {
        let mut hub = Hub::open(&store).await;
        let served = trusting(&mut hub).await;
        let hash = document_hash(VIEWER);
        let expected = json!({"viewer": {"departments": ["billing"]}}).to_string();
        let apq = |hash: &str| json!({"persistedQuery": {"version": 1, "sha256Hash": hash}});
        for body in [
            json!({"documentId": hash}),
            json!({"documentId": format!("sha256:{hash}")}),
            json!({"documentId": "Viewer"}),
            json!({"extensions": apq(&hash)}),
            json!({"query": VIEWER, "extensions": apq(&hash)}),
        ] {
            assert_eq!(told(served.post(body.to_string())).await, expected, "{body}");
        }
        let get = |name: &str, value: String| {
            served.bare("GET", "/graphql").bearer_auth(Served::token(&["billing"])).query(&[(name, value)])
        };
        assert_eq!(told(get("documentId", hash.clone())).await, expected);
        assert_eq!(told(get("extensions", apq(&hash).to_string())).await, expected);
        for (body, code) in [
            (json!({"documentId": "nosuch"}), "PERSISTED_QUERY_NOT_FOUND"),
            (json!({"query": "{ __typename }", "documentId": "Viewer"}), "DOCUMENT_HASH_MISMATCH"),
            (json!({"query": "{ __typename }", "extensions": apq("00")}), "DOCUMENT_HASH_MISMATCH"),
        ] {
            assert_eq!(told(served.post(body.to_string())).await, code, "{body}");
        }
        served.stop().await;
    })
    .await;
}

/// Automatic persisted queries: the hash, then both, then the hash.
#[tokio::test]
async fn a_document_that_came_with_its_hash_is_run_by_it_from_then_on() {
    on_both(|store| async move {
        let served = Served::start(&Hub::open(&store).await).await;
        let document = "{ viewer { subject } }";
        let extensions = json!({"persistedQuery": {"version": 1, "sha256Hash": document_hash(document)}});
        let alone = json!({"extensions": extensions}).to_string();
        let (status, _, unknown) = answer(served.post(alone.clone())).await;
        // Clients of Apollo look for this message.
        assert_eq!((status, &unknown["errors"][0]["message"]), (200, &json!("PersistedQueryNotFound")));
        let both = json!({"query": document, "extensions": extensions}).to_string();
        assert_eq!(answer(served.post(both)).await.2["data"], json!({"viewer": {"subject": "ann"}}));
        assert_eq!(answer(served.post(alone)).await.2["data"], json!({"viewer": {"subject": "ann"}}));
        served.stop().await;
    })
    .await;
}

#[tokio::test]
async fn for_a_department_that_trusts_registered_documents_alone_nothing_else_is_run() {
    on_both(|store| async move {
        let mut hub = Hub::open(&store).await;
        let served = trusting(&mut hub).await;
        let post = |departments: &[&str], body: Value| {
            let request = served.bare("POST", "/graphql").bearer_auth(Served::token(departments));
            request.header("content-type", "application/json").body(body.to_string())
        };
        let other = "{ viewer { subject } }";
        let extensions = json!({"persistedQuery": {"version": 1, "sha256Hash": document_hash(other)}});
        // Somebody else has brought it: that makes it no registered document.
        assert_eq!(answer(post(&["billing"], json!({"query": other, "extensions": extensions}))).await.0, 200);
        for departments in [&["marketing"][..], &["billing", "marketing"]] {
            for body in [
                json!({"query": other}),
                json!({"query": format!("{VIEWER} ")}),
                json!({"query": other, "extensions": extensions}),
                json!({"query": "{ __schema { types { name } } }"}),
                json!({"query": "mutation { __typename }"}),
            ] {
                assert_eq!(told(post(departments, body.clone())).await, "DOCUMENT_NOT_TRUSTED", "{body}");
            }
            let by_hash = told(post(departments, json!({"extensions": extensions}))).await;
            assert_eq!(by_hash, "PERSISTED_QUERY_NOT_FOUND");
            for body in [json!({"documentId": "Viewer"}), json!({"query": VIEWER})] {
                assert!(told(post(departments, body)).await.contains("marketing"));
            }
        }
        assert!(told(post(&["support"], json!({"query": other}))).await.contains("ann"), "others ask as before");
        served.stop().await;
    })
    .await;
}

#[tokio::test]
async fn where_the_schema_is_closed_it_is_a_file_for_whoever_has_a_token() {
    on_both(|store| async move {
        let mut hub = Hub::open(&store).await;
        let settings = GraphSettings { introspection: Introspection::Closed, ..GraphSettings::default() };
        hub.schema = graphql::schema_with(settings);
        for document in [
            "{ __schema { types { name } } }",
            "{ a: __type(name: \"Customer\") { name } }",
            "{ viewer { subject } ...F } fragment F on Query { __schema { queryType { name } } }",
            "{ ... { ... on Query { __schema { queryType { name } } } } }",
        ] {
            let refused = hub.refusals(&billing(), document, json!({})).await;
            assert_eq!(refused[0].0, "INTROSPECTION_CLOSED", "{document}");
        }
        let named = hub.data(&billing(), "{ __typename viewer { __typename } }", json!({})).await;
        assert_eq!(named, json!({"__typename": "Query", "viewer": {"__typename": "Viewer"}}));
        let served = Served::start(&hub).await;
        assert_eq!(served.bare("GET", "/schema.graphql").send().await.unwrap().status(), 401);
        let file = served.bare("GET", "/schema.graphql").bearer_auth(Served::token(&["billing"])).send().await.unwrap();
        assert_eq!(file.status(), 200);
        assert_eq!(file.text().await.unwrap(), graphql::sdl());
        served.stop().await;
    })
    .await;
}
