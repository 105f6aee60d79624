//! Whether the hub can answer: for load balancers and for people.

use super::Hub;
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde_json::{Value, json};

/// 200 where the store answers, 503 where it does not.
pub(super) async fn health(State(hub): State<Hub>) -> (StatusCode, Json<Value>) {
    match hub.app.store().outbox_depth().await {
        Ok((waiting, _)) => (StatusCode::OK, Json(json!({"status": "ok", "waitingForFold": waiting}))),
        Err(_) => (StatusCode::SERVICE_UNAVAILABLE, Json(json!({"status": "the store does not answer"}))),
    }
}
