//! Mailchimp's list protocol (Marketing API 3.0): `offset` and `count` over a total, a few filters, basic
//! authentication with any name and the key.
//!
//! Unknown parameters are ignored, as the vendor does. Lists move under the reader when members come and go: that is
//! the vendor's protocol, not a fault.

use super::answer::{Envelope, Refusal};
use super::page::{Order, Params, unix_seconds};
use super::server::basic_login;
use super::{Vendor, VendorData};
use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, HeaderName, StatusCode};
use axum::routing::get;
use axum::{Json, Router};
use serde_json::{Value, json};
use std::sync::Arc;

/// A Mailchimp account.
#[derive(Debug, Clone)]
pub struct Mailchimp {
    /// The key, for example `0123456789abcdef-us1`.
    pub api_key: String,
}

impl Vendor for Mailchimp {
    fn routes(self: Arc<Self>, data: VendorData) -> Router {
        Router::new()
            .route("/3.0/", get(root))
            .route("/3.0/ping", get(async || Json(json!({"health_status": "Everything's Chimpy!"}))))
            .route("/3.0/{collection}", get(list_top))
            .route("/3.0/{collection}/{id}", get(detail))
            .route("/3.0/{collection}/{id}/{child}", get(list_child))
            .route("/3.0/{collection}/{id}/{child}/{child_id}", get(child_detail))
            .with_state(data)
    }

    fn refuse(&self, headers: &HeaderMap) -> Option<Value> {
        let sent = basic_login(headers).map(|(_, key)| key);
        (sent.as_deref() != Some(self.api_key.as_str())).then(|| self.error(StatusCode::UNAUTHORIZED))
    }

    fn error(&self, status: StatusCode) -> Value {
        let (title, detail) = match status.as_u16() {
            401 => {
                ("API Key Invalid", "Your API key may be invalid, or you've attempted to access the wrong datacenter.")
            }
            403 => ("Forbidden", "The API key does not have the permission that is needed."),
            404 => ("Resource Not Found", "The requested resource could not be found."),
            429 => ("Too Many Requests", "You have exceeded the limit of 10 simultaneous connections."),
            _ => ("Internal Server Error", "An unexpected internal error has occurred."),
        };
        problem(status, title, detail)
    }

    fn headers(&self, _path: &str) -> Vec<(HeaderName, String)> {
        vec![(HeaderName::from_static("x-request-id"), "00000000-0000-4000-8000-000000000000".to_owned())]
    }
}

fn problem(status: StatusCode, title: &str, detail: &str) -> Value {
    json!({
        "type": "https://mailchimp.com/developer/marketing/docs/errors/",
        "title": title,
        "status": status.as_u16(),
        "detail": detail,
        "instance": "00000000-0000-4000-8000-000000000000",
    })
}

fn not_found() -> Refusal {
    let detail = "The requested resource could not be found.";
    Refusal { status: StatusCode::NOT_FOUND, body: problem(StatusCode::NOT_FOUND, "Resource Not Found", detail) }
}

fn invalid(name: &str, wanted: &str) -> Refusal {
    let detail = format!("{name} must be {wanted}");
    let status = StatusCode::BAD_REQUEST;
    Refusal { status, body: problem(status, "Invalid Resource", &detail) }
}

async fn root() -> Json<Value> {
    Json(json!({"account_id": "demo", "account_name": "Onefold demo", "role": "owner"}))
}

async fn list_top(
    State(data): State<VendorData>,
    Path(collection): Path<String>,
    Query(params): Query<Vec<(String, String)>>,
) -> Result<Envelope, Refusal> {
    if !matches!(collection.as_str(), "lists" | "campaigns") {
        return Err(not_found());
    }
    let (page, total) = page(&data, &collection, &Params(params))?;
    Ok(Envelope::default().rows(&collection, page).with("total_items", total).with("_links", json!([])))
}

async fn list_child(
    State(data): State<VendorData>,
    Path((collection, id, child)): Path<(String, String, String)>,
    Query(params): Query<Vec<(String, String)>>,
) -> Result<Envelope, Refusal> {
    let (owners, key, owner_field) = match (collection.as_str(), child.as_str()) {
        ("lists", "members") => ("lists", "members", "list_id"),
        ("reports", "sent-to") => ("campaigns", "sent_to", "campaign_id"),
        ("reports", "email-activity") => ("campaigns", "emails", "campaign_id"),
        _ => return Err(not_found()),
    };
    if data.get(owners, &id).is_none() {
        return Err(not_found());
    }
    let (page, total) = page(&data, &format!("{collection}/{id}/{child}"), &Params(params))?;
    Ok(Envelope::default().rows(key, page).with(owner_field, id).with("total_items", total).with("_links", json!([])))
}

/// The rows of a page and how many there are on all pages.
fn page(data: &VendorData, collection: &str, params: &Params) -> Result<(Vec<Arc<Value>>, usize), Refusal> {
    let number = |name: &str, default: usize, most: usize| {
        let found = params.number(name).ok().flatten();
        match found.map(usize::try_from) {
            None if params.get(name).is_none() => Ok(default),
            Some(Ok(found)) if found <= most => Ok(found),
            _ => Err(invalid(name, &format!("a number between 0 and {most}"))),
        }
    };
    let offset = number("offset", 0, usize::MAX)?;
    let count = number("count", 10, 1000)?;
    let time = |name: &str| match params.get(name) {
        None => Ok(None),
        Some(text) => chrono::DateTime::parse_from_rfc3339(text)
            .map(|at| Some(at.timestamp()))
            .map_err(|_| invalid(name, "a time of ISO 8601")),
    };
    let mut windows = Vec::new();
    for (field, since, before) in [
        ("last_changed", "since_last_changed", "before_last_changed"),
        ("timestamp_opt", "since_timestamp_opt", "before_timestamp_opt"),
        ("send_time", "since_send_time", "before_send_time"),
        ("create_time", "since_create_time", "before_create_time"),
    ] {
        let (since, before) = (time(since)?, time(before)?);
        if since.is_some() || before.is_some() {
            windows.push((field, since.unwrap_or(i64::MIN), before.unwrap_or(i64::MAX)));
        }
    }
    let order = match (params.get("sort_field"), params.get("sort_dir")) {
        (Some("last_changed"), Some("DESC")) => Order::NewestFirst("last_changed"),
        (Some("last_changed"), _) => Order::OldestFirst("last_changed"),
        _ => Order::Insertion,
    };
    let Some(view) = data.view(collection, order) else { return Ok((Vec::new(), 0)) };
    let fits = |row: &Value| {
        let in_time = windows.iter().all(|(field, since, before)| {
            let at = unix_seconds(&row[*field]);
            *since < at && at < *before
        });
        in_time && params.get("status").is_none_or(|status| row["status"] == status)
    };
    let rows: Vec<&Arc<Value>> = view.rows().iter().filter(|row| fits(row)).collect();
    Ok((rows.iter().skip(offset).take(count).map(|row| Arc::clone(row)).collect(), rows.len()))
}

async fn detail(
    State(data): State<VendorData>,
    Path((collection, id)): Path<(String, String)>,
) -> Result<Json<Value>, Refusal> {
    data.get(&collection, &id).map(Json).ok_or_else(not_found)
}

async fn child_detail(
    State(data): State<VendorData>,
    Path((collection, id, child, child_id)): Path<(String, String, String, String)>,
) -> Result<Json<Value>, Refusal> {
    data.get(&format!("{collection}/{id}/{child}"), &child_id).map(Json).ok_or_else(not_found)
}
