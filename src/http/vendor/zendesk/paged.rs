//! Paged collections: by position with `page[size]` and `page[after]`, by page number without them.

use super::super::answer::{Envelope, Refusal};
use super::super::page::{Order, Params};
use super::super::server::own_url;
use super::{Account, bare, no_endpoint, refused};
use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, StatusCode};
use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use serde_json::{Value, json};
use std::sync::Arc;

const COLLECTIONS: &[&str] = &["users", "tickets", "organizations", "satisfaction_ratings", "deleted_users"];

/// `GET /api/v2/{collection}(.json)`.
pub(super) async fn list_top(
    State(account): State<Account>,
    Path(collection): Path<String>,
    Query(params): Query<Vec<(String, String)>>,
    headers: HeaderMap,
) -> Result<Envelope, Refusal> {
    let collection = bare(&collection);
    if !COLLECTIONS.contains(&collection) {
        return Err(no_endpoint());
    }
    let order = match collection {
        "satisfaction_ratings" => Order::OldestFirst("created_at"),
        _ => Order::Insertion,
    };
    list(&account, collection, collection, order, &Params(params), &own_url(&headers))
}

/// `GET /api/v2/tickets/{id}/comments(.json)`.
pub(super) async fn list_child(
    State(account): State<Account>,
    Path((collection, id, child)): Path<(String, String, String)>,
    Query(params): Query<Vec<(String, String)>>,
    headers: HeaderMap,
) -> Result<Envelope, Refusal> {
    let child = bare(&child);
    if (collection.as_str(), child) != ("tickets", "comments") {
        return Err(no_endpoint());
    }
    if account.data.get("tickets", &id).is_none() {
        return Err(refused(StatusCode::NOT_FOUND, "RecordNotFound", "Not found"));
    }
    let children = format!("tickets/{id}/comments");
    list(&account, &children, child, Order::OldestFirst("created_at"), &Params(params), &own_url(&headers))
}

fn number(params: &Params, name: &str) -> Result<Option<usize>, Refusal> {
    let problem = || refused(StatusCode::BAD_REQUEST, "InvalidPaginationParameter", &format!("{name} is invalid"));
    let found = params.number(name).map_err(|_| problem())?;
    found.map(|found| usize::try_from(found).ok().filter(|found| *found > 0).ok_or_else(problem)).transpose()
}

fn list(
    account: &Account,
    collection: &str,
    key: &str,
    order: Order,
    params: &Params,
    own_url: &str,
) -> Result<Envelope, Refusal> {
    let problem =
        |text: String| refused(StatusCode::BAD_REQUEST, "InvalidValue", &format!("{text} is not a unix time"));
    let from = params.number("start_time").map_err(problem)?.unwrap_or(i64::MIN);
    let to = params.number("end_time").map_err(problem)?.unwrap_or(i64::MAX);
    let view = account.data.view(collection, order);
    let (keys, rows) = view.as_deref().map_or((&[][..], &[][..]), |view| (view.keys(), view.rows()));
    let (first, last) = match order {
        Order::OldestFirst(_) => {
            (keys.partition_point(|(at, _)| *at < from), keys.partition_point(|(at, _)| *at <= to))
        }
        Order::Insertion | Order::NewestFirst(_) => (0, rows.len()),
    };
    let rows = rows.get(first..last.max(first)).unwrap_or(&[]);
    let base = format!("{own_url}/api/v2/{collection}.json");
    let times: String = ["start_time", "end_time"]
        .iter()
        .filter_map(|name| params.get(name).map(|value| format!("&{name}={value}")))
        .collect();
    if params.get("page[size]").is_none() && params.get("page[after]").is_none() {
        return numbered(account, key, rows, params, &base, &times);
    }
    let size = number(params, "page[size]")?.unwrap_or(100).min(account.settings.page_size.min(100));
    let start = match params.get("page[after]") {
        None => 0,
        Some(text) => after(text, rows)
            .ok_or_else(|| refused(StatusCode::BAD_REQUEST, "InvalidPaginationParameter", "page[after] is invalid"))?,
    };
    let end = rows.len().min(start + size);
    let page = rows.get(start..end).unwrap_or(&[]).to_vec();
    let more = end < rows.len();
    let position = page.last().map(|row| BASE64.encode(format!("{{\"o\":\"id\",\"v\":\"{}\"}}", row["id"])));
    let next = match (&position, more) {
        (Some(text), true) => {
            let text = text.replace('=', "%3D").replace('+', "%2B").replace('/', "%2F");
            Value::from(format!("{base}?page%5Bafter%5D={text}&page%5Bsize%5D={size}{times}"))
        }
        _ => Value::Null,
    };
    Ok(Envelope::default()
        .rows(key, page)
        .with("meta", json!({"has_more": more, "after_cursor": position, "before_cursor": null}))
        .with("links", json!({"prev": null, "next": next})))
}

/// Where the page behind a position begins.
fn after(text: &str, rows: &[Arc<Value>]) -> Option<usize> {
    let decoded: Value = serde_json::from_slice(&BASE64.decode(text).ok()?).ok()?;
    let id: i64 = decoded["v"].as_str()?.parse().ok()?;
    rows.iter().position(|row| row["id"] == id).map(|place| place + 1)
}

/// The older way, which the vendor still speaks to whoever does not ask for positions.
fn numbered(
    account: &Account,
    key: &str,
    rows: &[Arc<Value>],
    params: &Params,
    base: &str,
    times: &str,
) -> Result<Envelope, Refusal> {
    let size = number(params, "per_page")?.unwrap_or(100).min(account.settings.page_size.min(100));
    let page = number(params, "page")?.unwrap_or(1);
    let start = rows.len().min((page - 1).saturating_mul(size));
    let end = rows.len().min(start + size);
    let link = |page: usize| Value::from(format!("{base}?page={page}&per_page={size}{times}"));
    Ok(Envelope::default()
        .rows(key, rows.get(start..end).unwrap_or(&[]).to_vec())
        .with("count", rows.len())
        .with("next_page", if end < rows.len() { link(page + 1) } else { Value::Null })
        .with("previous_page", if page > 1 { link(page - 1) } else { Value::Null }))
}
