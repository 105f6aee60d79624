//! What operators look at: figures, whether the hub lives and is ready, and the schema as a file.

use super::Hub;
use super::gate::{Refusal, enter, error_body};
use crate::auth::Action;
use axum::Json;
use axum::extract::State;
use axum::http::header::{CONTENT_TYPE, WWW_AUTHENTICATE};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

/// Figures for Prometheus, for whoever may administer a department: names of operations tell what others do.
pub(super) async fn metrics(State(hub): State<Hub>, headers: HeaderMap) -> Response {
    let session = match enter(&hub, &headers).await {
        Ok(session) => session,
        Err(refusal) => return turned_away(&refusal),
    };
    let state = hub.app.policies().state();
    let may = |department| session.scope().may(Action::Administer, department).is_allowed();
    if !state.set.departments().iter().any(may) {
        let message = "figures are shown to whoever may administer a department";
        return (StatusCode::FORBIDDEN, Json(error_body("FORBIDDEN", message))).into_response();
    }
    let mut now = vec![
        ("onefold_streams", "Sockets and event streams that are open.", count(hub.edge.listening())),
        ("onefold_policy_generation", "One more with each set of policies.", count(state.generation)),
    ];
    if let Ok((waiting, _)) = hub.app.store().outbox_depth().await {
        now.push(("onefold_fold_waiting", "Records that wait to be folded.", waiting));
    }
    let text = hub.edge.metrics().text(&now);
    ([(CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], text).into_response()
}

/// The process runs: whoever does not get this answer starts it anew.
pub(super) async fn live() -> Json<Value> {
    Json(json!({"status": "ok"}))
}

/// The schema as it stands in `schema/schema.graphql`, whether or not documents may ask about it.
pub(super) async fn schema(State(hub): State<Hub>, headers: HeaderMap) -> Response {
    match enter(&hub, &headers).await {
        Ok(_) => ([(CONTENT_TYPE, "text/plain; charset=utf-8")], crate::graphql::sdl()).into_response(),
        Err(refusal) => turned_away(&refusal),
    }
}

fn count(number: impl TryInto<i64>) -> i64 {
    number.try_into().unwrap_or(i64::MAX)
}

pub(super) fn turned_away(refusal: &Refusal) -> Response {
    let mut response = (refusal.status, Json(error_body(refusal.code, &refusal.message))).into_response();
    if let Some(challenge) = refusal.challenge() {
        response.headers_mut().insert(WWW_AUTHENTICATE, challenge);
    }
    response
}
