//! Traces: a hub that is told of a collector sends what it does, as part of the trace that a request names, and nobody's data.

use super::policy::{SECRET, client, free_port};
use crate::sync::binary::hub::Hub;
use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::routing::post;
use serde_json::{Value, json};
use std::sync::{Arc, Mutex};
use std::time::Duration;

const TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e4736";

/// What a collector was sent.
#[derive(Clone, Default)]
struct Collected(Arc<Mutex<Vec<u8>>>);

impl Collected {
    /// A collector, and its address.
    async fn serve() -> (Self, String) {
        let collected = Self::default();
        let app = Router::new()
            .route(
                "/v1/traces",
                post(|State(all): State<Self>, body: Bytes| async move { all.0.lock().unwrap().extend(body) }),
            )
            .with_state(collected.clone());
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        tokio::spawn(async move { axum::serve(listener, app).await.unwrap() });
        (collected, address)
    }

    fn has(&self, bytes: &[u8]) -> bool {
        self.0.lock().unwrap().windows(bytes.len()).any(|window| window == bytes)
    }
}

/// Asks until the hub is there to answer.
async fn asked(url: &str, token: &str) -> Value {
    let body = json!({"query": "query ByMail($mail: String!) { search(text: $mail) { score } }",
        "operationName": "ByMail", "variables": {"mail": "robert.kovac@example.com"}});
    for _ in 0..600 {
        let request = client().post(url).bearer_auth(token).json(&body);
        if let Ok(answer) = request.header("traceparent", format!("00-{TRACE}-00f067aa0ba902b7-01")).send().await {
            return answer.json().await.unwrap();
        }
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    panic!("the hub never answered");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_is_a_part_of_the_trace_that_it_names_and_shows_nobody() {
    let (collected, collector) = Collected::serve().await;
    let hub = Hub::bare();
    hub.configure("");
    let variables = [("ONEFOLD_TOKEN_SECRET", SECRET), ("OTEL_EXPORTER_OTLP_ENDPOINT", &collector)];
    let token = hub.start_with(&["token", "--department", "billing"], &variables).ended().await.well().out;
    let listen = format!("127.0.0.1:{}", free_port());
    let serving = hub.start_with(&["serve", "--listen", &listen], &variables);
    let answer = asked(&format!("http://{listen}/graphql"), token.trim()).await;
    assert_eq!(answer.get("errors"), None, "{answer}");
    serving.signal("TERM");
    serving.ended().await.well();
    let id: Vec<u8> = (0..16).map(|at| u8::from_str_radix(&TRACE[2 * at..2 * at + 2], 16).unwrap()).collect();
    assert!(collected.has(&id), "the trace goes on");
    for word in ["onefold", "request", "query ByMail", "graphql.operation.type", "http.response.status_code"] {
        assert!(collected.has(word.as_bytes()), "{word}");
    }
    for secret in ["robert.kovac", "example.com", token.trim(), SECRET] {
        assert!(!collected.has(secret.as_bytes()), "{secret} is nobody's business");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_collector_that_is_not_there_holds_nothing_up() {
    let hub = Hub::bare();
    hub.configure("");
    let nobody = format!("http://127.0.0.1:{}", free_port());
    let variables = [("ONEFOLD_TOKEN_SECRET", SECRET), ("OTEL_EXPORTER_OTLP_ENDPOINT", nobody.as_str())];
    hub.start_with(&["match"], &variables).ended().await.well();
    let disabled = [("OTEL_EXPORTER_OTLP_ENDPOINT", "not an address"), ("OTEL_SDK_DISABLED", "true")];
    hub.start_with(&["match"], &disabled).ended().await.well();
    let odd = [("OTEL_EXPORTER_OTLP_ENDPOINT", "not an address")];
    let ran = hub.start_with(&["match"], &odd).ended().await.well();
    assert!(ran.err.contains("no traces are sent"), "{}", ran.err);
}
