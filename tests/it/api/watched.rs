//! What operators look at, and what goes around every request.

use super::hub::*;
use super::served::{NOW, SECRET, Served, answer, header, tokens};
use super::story::filled;
use crate::harness::on_both;
use crate::store::fixture::time;
use onefold::auth::MintRequest;
use onefold::http::{Edge, EdgeSettings};
use onefold_model::DepartmentKey;
use serde_json::json;
use std::time::Duration;

pub(super) fn operator() -> String {
    let request = MintRequest {
        subject: "olga".to_owned(),
        departments: vec![DepartmentKey::new("billing").unwrap()],
        roles: vec!["operator".to_owned()],
        ttl: Duration::from_mins(10),
    };
    tokens(SECRET, "onefold", "onefold").mint(&request, time(NOW)).unwrap()
}

#[tokio::test]
async fn figures_are_kept_by_operation_and_shown_to_operators_alone() {
    on_both(|store| async move {
        let served = Served::start(&Hub::open(&store).await).await;
        for document in [
            "query Who { viewer { subject } }",
            "query Who { viewer { subject } }",
            "query Bad { nosuch }",
            "{ __typename }",
        ] {
            answer(served.post(json!({"query": document}).to_string())).await;
        }
        assert_eq!(served.bare("GET", "/metrics").send().await.unwrap().status(), 401);
        let other = served.bare("GET", "/metrics").bearer_auth(Served::token(&["billing"]));
        assert_eq!(answer(other).await.0, 403);
        let shown = served.bare("GET", "/metrics").bearer_auth(operator()).send().await.unwrap();
        assert!(header(&shown, "content-type").starts_with("text/plain; version=0.0.4"));
        let text = shown.text().await.unwrap();
        for line in [
            "onefold_graphql_operations_total{operation=\"Who\",kind=\"query\",outcome=\"good\"} 2",
            "onefold_graphql_operations_total{operation=\"(none)\",kind=\"query\",outcome=\"good\"} 1",
            "onefold_graphql_operations_total{operation=\"(none)\",kind=\"none\",outcome=\"refused\"} 1",
            "onefold_graphql_duration_seconds_count{operation=\"Who\",kind=\"query\"} 2",
            "onefold_http_requests_total{method=\"POST\",status=\"200\"} 4",
            "onefold_streams 0",
        ] {
            assert!(text.lines().any(|told| told == line), "{line} is not in\n{text}");
        }
        served.stop().await;
    })
    .await;
}

#[tokio::test]
async fn every_answer_has_the_id_of_its_request() {
    on_both(|store| async move {
        let served = Served::start(&Hub::open(&store).await).await;
        let id_of = |given: Option<&'static str>| {
            let mut request = served.bare("GET", "/health/live");
            if let Some(given) = given {
                request = request.header("x-request-id", given);
            }
            async move { header(&request.send().await.unwrap(), "x-request-id") }
        };
        assert_eq!(id_of(Some("order-66.A_b")).await, "order-66.A_b");
        let made = id_of(None).await;
        assert_eq!(made.len(), 32);
        assert_ne!(id_of(None).await, made);
        for bad in [
            "has a blank",
            "{curly}",
            "x=1",
            "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
        ] {
            assert_eq!(id_of(Some(bad)).await.len(), 32, "{bad}");
        }
        for path in ["/health/live", "/health/ready", "/health"] {
            assert_eq!(answer(served.bare("GET", path)).await.0, 200, "{path}");
        }
        served.stop().await;
    })
    .await;
}

#[tokio::test]
async fn pages_of_other_origins_ask_only_where_they_are_configured() {
    on_both(|store| async move {
        let hub = Hub::open(&store).await;
        let preflight = |served: &Served, origin: &'static str| {
            let request = served.bare("OPTIONS", "/graphql").header("origin", origin);
            request
                .header("access-control-request-method", "POST")
                .header("access-control-request-headers", "authorization,content-type")
        };
        let served = Served::start(&hub).await;
        let closed = preflight(&served, "https://app.example").send().await.unwrap();
        assert_eq!((closed.status().as_u16(), header(&closed, "access-control-allow-origin")), (405, String::new()));
        served.stop().await;

        let origins = vec!["https://app.example".to_owned()];
        let edge = Edge::new(EdgeSettings { origins, ..EdgeSettings::default() }).unwrap();
        let served = Served::with_edge(&hub, edge).await;
        let open = preflight(&served, "https://app.example").send().await.unwrap();
        assert_eq!(
            (open.status().as_u16(), header(&open, "access-control-allow-origin").as_str()),
            (200, "https://app.example")
        );
        assert_eq!(header(&open, "access-control-allow-credentials"), "", "never with a cookie");
        let other = preflight(&served, "https://evil.example").send().await.unwrap();
        assert_eq!(header(&other, "access-control-allow-origin"), "");
        let asked = served.post(json!({"query": "{ __typename }"}).to_string()).header("origin", "https://app.example");
        let asked = asked.send().await.unwrap();
        assert_eq!(header(&asked, "access-control-allow-origin"), "https://app.example");
        assert!(header(&asked, "access-control-expose-headers").contains("x-request-id"));
        served.stop().await;
        for bad in ["*", "app.example", "https://app.example/", "https://*.example", "ftp://app.example"] {
            let settings = EdgeSettings { origins: vec![bad.to_owned()], ..EdgeSettings::default() };
            assert!(Edge::new(settings).is_err(), "{bad}");
        }
    })
    .await;
}

#[tokio::test]
async fn a_large_answer_is_compressed_for_whoever_takes_it() {
    on_both(|store| async move {
        let hub = Hub::open(&store).await;
        filled(&hub, 1).await;
        let served = Served::start(&hub).await;
        let body = json!({"query": "{ __schema { types { name description } } }"}).to_string();
        // As it travels: a client that unpacks by itself hides the header.
        let client = reqwest::Client::builder().no_proxy().no_gzip().tls_certs_only([]).build().unwrap();
        let ask = |encoding: &str| {
            let request = client.post(format!("{}/graphql", served.base)).bearer_auth(Served::token(&["billing"]));
            let request = request.header("content-type", "application/json").header("accept-encoding", encoding);
            request.body(body.clone()).send()
        };
        let plain = ask("identity").await.unwrap();
        assert_eq!(header(&plain, "content-encoding"), "");
        let plain = plain.bytes().await.unwrap();
        let packed = ask("gzip").await.unwrap();
        assert_eq!(header(&packed, "content-encoding"), "gzip");
        assert!(packed.bytes().await.unwrap().len() * 2 < plain.len());
        served.stop().await;
    })
    .await;
}
