//! Deliveries of the systems: `POST /webhooks/{source}`, and `/webhooks/{source}/{key}` for systems that do not sign.
//!
//! Promises: only so much is read; nothing of a delivery is looked at before its signature holds; what is answered names a code
//! and never repeats what came. Deliberately does not know how systems sign.

use super::Hub;
use crate::app::{Delivery, DeliveryRefusal, WebhookError, WebhookTaken};
use axum::Json;
use axum::body::{Body, to_bytes};
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use serde_json::json;

/// Bytes of a delivery that are read. Systems send what one object says, or a list of what happened.
const MAX_BODY: usize = 1024 * 1024;

/// Takes a signed delivery.
pub(super) async fn post(
    State(hub): State<Hub>,
    Path(source): Path<String>,
    headers: HeaderMap,
    body: Body,
) -> Response {
    take(&hub, &source, None, &headers, body).await
}

/// Takes a delivery to an address that holds a secret.
pub(super) async fn post_keyed(
    State(hub): State<Hub>,
    Path((source, key)): Path<(String, String)>,
    headers: HeaderMap,
    body: Body,
) -> Response {
    take(&hub, &source, Some(&key), &headers, body).await
}

/// Answers a system that asks whether the address is there before it sends anything.
pub(super) async fn get_keyed(State(hub): State<Hub>, Path((source, key)): Path<(String, String)>) -> Response {
    if hub.app.webhook_key(&source, &key) {
        return Json(json!({"ready": true})).into_response();
    }
    refused(StatusCode::NOT_FOUND, DeliveryRefusal::NotTaken.code(), &DeliveryRefusal::NotTaken.to_string())
}

async fn take(hub: &Hub, source: &str, key: Option<&str>, headers: &HeaderMap, body: Body) -> Response {
    let Ok(bytes) = to_bytes(body, MAX_BODY).await else {
        hub.app.token_refused("DELIVERY_TOO_LARGE");
        let message = format!("the delivery is larger than {MAX_BODY} bytes");
        return refused(StatusCode::PAYLOAD_TOO_LARGE, "DELIVERY_TOO_LARGE", &message);
    };
    // A header that is no text is none that a system signs with.
    let text = |(name, value): (&axum::http::HeaderName, &axum::http::HeaderValue)| {
        Some((name.as_str().to_owned(), value.to_str().ok()?.to_owned()))
    };
    let headers: Vec<(String, String)> = headers.iter().filter_map(text).collect();
    let delivery = Delivery { method: "POST", headers: &headers, key, body: &bytes };
    match hub.app.webhook_take(source, &delivery, hub.clock.now()).await {
        Ok(taken) => {
            let word = match taken {
                WebhookTaken::Stored => "stored",
                WebhookTaken::Hinted => "hinted",
                WebhookTaken::Before => "before",
            };
            Json(json!({"taken": word})).into_response()
        }
        Err(WebhookError::Refused(refusal)) => refused(status(refusal), refusal.code(), &refusal.to_string()),
        Err(WebhookError::Failed(error)) => {
            tracing::error!(error = %error, code = error.code(), "a delivery could not be taken: the system sends it again");
            let message = "the hub could not take the delivery: send it again";
            refused(StatusCode::SERVICE_UNAVAILABLE, "DELIVERY_FAILED", message)
        }
    }
}

fn status(refusal: DeliveryRefusal) -> StatusCode {
    match refusal {
        DeliveryRefusal::NotTaken => StatusCode::NOT_FOUND,
        DeliveryRefusal::Unsigned | DeliveryRefusal::Forged | DeliveryRefusal::Late => StatusCode::UNAUTHORIZED,
        DeliveryRefusal::Unreadable | DeliveryRefusal::Foreign => StatusCode::BAD_REQUEST,
    }
}

fn refused(status: StatusCode, code: &str, message: &str) -> Response {
    (status, Json(json!({"error": {"code": code, "message": message}}))).into_response()
}
