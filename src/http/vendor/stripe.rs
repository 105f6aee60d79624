//! Stripe's list protocol (API version 2023-08-16): newest first, `limit` and `starting_after`, `created[...]` filters,
//! single objects by id, a bearer key.
//!
//! A customer with `"deleted": true` is in no list: its id answers the stub of a deleted object, and only the events
//! tell of it, as at the vendor. Events are kept for ever here; at the vendor for 30 days.

use super::answer::{Envelope, Refusal};
use super::page::{Order, Params};
use super::{Vendor, VendorData};
use axum::extract::{Path, Query, State};
use axum::http::header::AUTHORIZATION;
use axum::http::{HeaderMap, HeaderName, StatusCode};
use axum::routing::get;
use axum::{Json, Router};
use serde_json::{Value, json};
use std::sync::Arc;

const COLLECTIONS: &[&str] = &["customers", "subscriptions", "invoices", "charges", "refunds", "disputes", "events"];
const PAGING: &[&str] = &["limit", "starting_after"];
const CREATED: &[&str] = &["created[gte]", "created[gt]", "created[lte]", "created[lt]"];

/// A Stripe account.
#[derive(Debug, Clone)]
pub struct Stripe {
    /// The key that opens it, for example `sk_test_demo`.
    pub api_key: String,
}

/// Deletes a customer as the vendor does: gone from the lists, a stub under its id, an event that tells. `at` is the
/// time of the event in unix seconds. `false` if there is no such customer.
pub fn customer_delete(data: &VendorData, id: &str, event_id: &str, at: i64) -> bool {
    let Some(mut last_seen) = data.get("customers", id) else { return false };
    data.change("customers", id, |customer| customer["deleted"] = Value::Bool(true));
    if let Some(fields) = last_seen.as_object_mut() {
        fields.remove("deleted");
    }
    data.add("events", event(event_id, "customer.deleted", at, &last_seen));
    true
}

/// An event as the feed shows it; `at` in unix seconds.
pub fn event(id: &str, kind: &str, at: i64, object: &Value) -> Value {
    json!({
        "id": id,
        "object": "event",
        "api_version": "2023-08-16",
        "created": at,
        "data": {"object": object},
        "livemode": false,
        "pending_webhooks": 0,
        "request": {"id": null, "idempotency_key": null},
        "type": kind,
    })
}

impl Vendor for Stripe {
    fn routes(self: Arc<Self>, data: VendorData) -> Router {
        Router::new()
            .route("/v1/account", get(account))
            .route("/v1/{collection}", get(list_top))
            .route("/v1/{collection}/{id}", get(detail))
            .route("/v1/{collection}/{id}/{child}", get(list_child))
            .with_state(data)
    }

    fn refuse(&self, headers: &HeaderMap) -> Option<Value> {
        let sent = headers.get(AUTHORIZATION).and_then(|value| value.to_str().ok());
        let message = match sent.and_then(|value| value.strip_prefix("Bearer ")) {
            Some(key) if key == self.api_key => return None,
            Some(_) => "Invalid API Key provided.",
            None => "You did not provide an API key. You need to provide your API key in the Authorization header.",
        };
        Some(error("invalid_request_error", None, None, message))
    }

    fn error(&self, status: StatusCode) -> Value {
        match status.as_u16() {
            401 => error("invalid_request_error", None, None, "Invalid API Key provided."),
            403 => {
                error("invalid_request_error", None, None, "The provided key does not have the required permissions.")
            }
            404 => error("invalid_request_error", None, None, "Unrecognized request URL."),
            429 => error("invalid_request_error", Some("rate_limit"), None, "Request rate limit exceeded."),
            _ => error("api_error", None, None, "An unknown error occurred."),
        }
    }

    fn headers(&self, _path: &str) -> Vec<(HeaderName, String)> {
        vec![
            (HeaderName::from_static("request-id"), "req_demo".to_owned()),
            (HeaderName::from_static("stripe-version"), "2023-08-16".to_owned()),
        ]
    }
}

fn error(kind: &str, code: Option<&str>, param: Option<&str>, message: &str) -> Value {
    let mut body = json!({"message": message, "type": kind});
    if let Some(code) = code {
        body["code"] = Value::from(code);
    }
    if let Some(param) = param {
        body["param"] = Value::from(param);
    }
    json!({"error": body})
}

fn invalid(code: &str, param: &str, message: &str) -> Refusal {
    Refusal { status: StatusCode::BAD_REQUEST, body: error("invalid_request_error", Some(code), Some(param), message) }
}

fn missing(collection: &str, id: &str, param: &str, status: StatusCode) -> Refusal {
    let noun = collection.strip_suffix('s').unwrap_or(collection);
    let message = format!("No such {noun}: '{id}'");
    Refusal { status, body: error("invalid_request_error", Some("resource_missing"), Some(param), &message) }
}

fn unknown_url() -> Refusal {
    let body = error("invalid_request_error", None, None, "Unrecognized request URL.");
    Refusal { status: StatusCode::NOT_FOUND, body }
}

async fn account() -> Json<Value> {
    Json(json!({
        "id": "acct_demo",
        "object": "account",
        "charges_enabled": true,
        "settings": {"dashboard": {"display_name": "Onefold demo"}},
    }))
}

async fn list_top(
    State(data): State<VendorData>,
    Path(collection): Path<String>,
    Query(params): Query<Vec<(String, String)>>,
) -> Result<Envelope, Refusal> {
    if !COLLECTIONS.contains(&collection.as_str()) {
        return Err(unknown_url());
    }
    list(&data, &collection, &Params(params))
}

async fn list_child(
    State(data): State<VendorData>,
    Path((collection, id, child)): Path<(String, String, String)>,
    Query(params): Query<Vec<(String, String)>>,
) -> Result<Envelope, Refusal> {
    let children = format!("{collection}/{id}/{child}");
    if data.count(&children) == 0 {
        return Err(unknown_url());
    }
    list(&data, &children, &Params(params))
}

fn list(data: &VendorData, collection: &str, params: &Params) -> Result<Envelope, Refusal> {
    let own: &[&str] = match collection {
        "subscriptions" | "invoices" => &["customer", "status", "subscription"],
        "charges" => &["customer", "payment_intent"],
        "refunds" => &["charge"],
        "customers" => &["email"],
        "events" => &["type", "types[]"],
        _ => &[],
    };
    let known: Vec<&str> = [PAGING, CREATED, &["expand[]"], own].concat();
    if let Some(name) = params.unknown(&known) {
        return Err(invalid("parameter_unknown", name, &format!("Received unknown parameter: {name}")));
    }
    let number = |name: &str| {
        params
            .number(name)
            .map_err(|text| invalid("parameter_invalid_integer", name, &format!("Invalid integer: {text}")))
    };
    let limit = number("limit")?.unwrap_or(10);
    let limit = usize::try_from(limit)
        .ok()
        .filter(|limit| (1..=100).contains(limit))
        .ok_or_else(|| invalid("parameter_invalid_integer", "limit", "Limit must be between 1 and 100."))?;
    let from = number("created[gte]")?.max(number("created[gt]")?.map(|after| after + 1)).unwrap_or(i64::MIN);
    let to = [number("created[lt]")?, number("created[lte]")?.map(|last| last + 1)].into_iter().flatten().min();
    let to = to.unwrap_or(i64::MAX);

    let url = format!("/v1/{collection}");
    let Some(view) = data.view(collection, Order::NewestFirst("created")) else {
        return Ok(envelope(Vec::new(), false, &url));
    };
    let start = match params.get("starting_after") {
        None => 0,
        Some(id) => match view.place_of(id) {
            Some(place) => place + 1,
            None => return Err(missing(collection, id, "starting_after", StatusCode::BAD_REQUEST)),
        },
    };
    let newest = view.keys().partition_point(|(created, _)| *created >= to);
    let oldest = view.keys().partition_point(|(created, _)| *created >= from);
    let within = view.rows().get(start.max(newest)..oldest.max(start.max(newest))).unwrap_or(&[]);
    let mut page: Vec<Arc<Value>> =
        within.iter().filter(|row| is_listed(collection, row, params)).take(limit + 1).cloned().collect();
    let more = page.len() > limit;
    page.truncate(limit);
    Ok(envelope(page, more, &url))
}

fn envelope(page: Vec<Arc<Value>>, more: bool, url: &str) -> Envelope {
    Envelope::default().with("object", "list").rows("data", page).with("has_more", more).with("url", url)
}

/// Filters besides time. Without `status` a list of subscriptions leaves out the cancelled ones, as the vendor does.
fn is_listed(collection: &str, row: &Value, params: &Params) -> bool {
    if row["deleted"] == true {
        return false;
    }
    let status_fits = match (collection, params.get("status")) {
        ("subscriptions", None) => row["status"] != "canceled",
        (_, None) | ("subscriptions", Some("all")) => true,
        ("subscriptions", Some("ended")) => row["status"] == "canceled" || row["status"] == "incomplete_expired",
        (_, Some(status)) => row["status"] == status,
    };
    let fields = ["customer", "subscription", "payment_intent", "charge", "email", "type"];
    let fields_fit = fields.iter().all(|field| params.get(field).is_none_or(|wanted| row[*field] == wanted));
    let mut kinds = params.0.iter().filter(|(name, _)| name == "types[]").peekable();
    status_fits && fields_fit && (kinds.peek().is_none() || kinds.any(|(_, kind)| row["type"] == kind.as_str()))
}

async fn detail(
    State(data): State<VendorData>,
    Path((collection, id)): Path<(String, String)>,
) -> Result<Json<Value>, Refusal> {
    if !COLLECTIONS.contains(&collection.as_str()) {
        return Err(unknown_url());
    }
    let Some(object) = data.get(&collection, &id) else {
        return Err(missing(&collection, &id, "id", StatusCode::NOT_FOUND));
    };
    if object["deleted"] == true {
        return Ok(Json(json!({"id": id, "object": object["object"], "deleted": true})));
    }
    Ok(Json(object))
}
