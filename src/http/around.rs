//! What goes around every request: its id, its figures, compression, and which pages of other origins may ask.
//!
//! Promises: every answer has an `x-request-id`, the client's own where it is one that may stand in a log; what is logged
//! meanwhile has it too, and a trace that the client names goes on; pages of other origins may ask only where the configuration names them, and never with a cookie.

use super::edge::Edge;
use crate::telemetry;
use axum::Router;
use axum::extract::{Request, State};
use axum::http::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, RETRY_AFTER, WWW_AUTHENTICATE};
use axum::http::{HeaderName, HeaderValue, Method};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::Response;
use std::time::Duration;
use tower_http::compression::CompressionLayer;
use tower_http::cors::CorsLayer;
use tracing::Instrument;

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
/// How long a browser may remember what another origin may send.
const PREFLIGHT: Duration = Duration::from_mins(10);

/// The routes with what goes around them.
pub(super) fn wrapped(routes: Router, edge: &Edge) -> Router {
    // Events and small answers are left as they are.
    let routes = routes.layer(CompressionLayer::new().gzip(true));
    let routes = if edge.allowed().is_empty() { routes } else { routes.layer(cors(edge.allowed().to_vec())) };
    routes.layer(from_fn_with_state(edge.clone(), noted))
}

fn cors(origins: Vec<HeaderValue>) -> CorsLayer {
    let own = ["onefold-view-as", "last-event-id", "x-request-id"].map(HeaderName::from_static);
    CorsLayer::new()
        .allow_origin(origins)
        .allow_methods([Method::GET, Method::POST])
        .allow_headers([AUTHORIZATION, CONTENT_TYPE, ACCEPT].into_iter().chain(own).collect::<Vec<_>>())
        .expose_headers([REQUEST_ID, RETRY_AFTER, WWW_AUTHENTICATE])
        .max_age(PREFLIGHT)
}

async fn noted(State(edge): State<Edge>, request: Request, next: Next) -> Response {
    let given = request.headers().get(REQUEST_ID).filter(|id| is_plain(id)).cloned();
    let made = || HeaderValue::from_str(&uuid::Uuid::new_v4().simple().to_string());
    let id = given.map_or_else(made, Ok).unwrap_or_else(|_| HeaderValue::from_static("none"));
    let method = request.method().clone();
    let span = tracing::info_span!("request", id = id.to_str().unwrap_or_default(), otel.kind = "server");
    telemetry::continues(&span, |name| request.headers().get(name)?.to_str().ok());
    telemetry::tell(&span, "http.request.method", method.to_string());
    let mut response = next.run(request).instrument(span.clone()).await;
    telemetry::tell(&span, "http.response.status_code", i64::from(response.status().as_u16()));
    edge.metrics().request(&method, response.status().as_u16());
    response.headers_mut().insert(REQUEST_ID, id);
    response
}

/// Whether an id may stand in a log as it is.
fn is_plain(id: &HeaderValue) -> bool {
    let is_plain = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
    (1..=64).contains(&id.len()) && id.as_bytes().iter().all(is_plain)
}
