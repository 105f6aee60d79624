//! Zendesk's two ways of listing: incremental exports (by opaque position, and by time) and paged collections.
//!
//! The export of users and tickets goes on from a position for ever; that of organisations starts each page with the
//! second in which the last one ended, so rows come twice, and its `next_page` is never null. Rate headers are shown
//! as configured and never enforced: tests order the refusals that they need through [`super::Faults`].

mod export;
mod paged;

use super::answer::Refusal;
use super::server::basic_login;
use super::{Vendor, VendorData};
use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderName, StatusCode};
use axum::routing::get;
use axum::{Json, Router};
use serde_json::{Value, json};
use std::sync::Arc;

/// A Zendesk Support account.
#[derive(Debug, Clone)]
pub struct Zendesk {
    /// The e-mail address of the agent that the token belongs to.
    pub email: String,
    /// The API token.
    pub token: String,
    /// The largest page: what an export has without `per_page`, and the upper bound of `page[size]`.
    pub page_size: usize,
    /// What the rate headers say.
    pub rate: RateLimit,
    /// Whether exports have empty pages before their end.
    pub empty_pages: EmptyPages,
}

impl Zendesk {
    /// An account with the vendor's own sizes.
    pub fn new(email: &str, token: &str) -> Self {
        Self {
            email: email.to_owned(),
            token: token.to_owned(),
            page_size: 1000,
            rate: RateLimit { limit: 400, remaining: 399, reset_s: 30 },
            empty_pages: EmptyPages::Never,
        }
    }
}

/// What the rate headers say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RateLimit {
    /// Requests a minute.
    pub limit: u32,
    /// How many are left in this minute.
    pub remaining: u32,
    /// Seconds until the next minute.
    pub reset_s: u32,
}

/// Whether exports have empty pages before their end, which the vendor reserves the right to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EmptyPages {
    /// Only the last page may be empty.
    Never,
    /// After every page that is not the last there is an empty one.
    BetweenPages,
}

#[derive(Clone)]
struct Account {
    settings: Arc<Zendesk>,
    data: VendorData,
}

impl Vendor for Zendesk {
    fn routes(self: Arc<Self>, data: VendorData) -> Router {
        Router::new()
            .route("/api/v2/incremental/{collection}", get(export::by_time))
            .route("/api/v2/incremental/{collection}/{cursor}", get(export::by_position))
            .route("/api/v2/{collection}", get(paged::list_top))
            .route("/api/v2/{collection}/{id}", get(detail))
            .route("/api/v2/{collection}/{id}/{child}", get(paged::list_child))
            .with_state(Account { settings: self, data })
    }

    fn refuse(&self, headers: &HeaderMap) -> Option<Value> {
        let expected = (format!("{}/token", self.email), self.token.clone());
        (basic_login(headers) != Some(expected)).then(|| self.error(StatusCode::UNAUTHORIZED))
    }

    fn error(&self, status: StatusCode) -> Value {
        match status.as_u16() {
            401 => json!({"error": "Couldn't authenticate you"}),
            403 => json!({"error": {"title": "Forbidden", "message": "You do not have access to this page."}}),
            404 => json!({"error": "InvalidEndpoint", "description": "Not found"}),
            429 => {
                json!({"error": "APIRateLimitExceeded", "description": "Number of allowed API requests per minute exceeded"})
            }
            _ => json!({"error": "InternalError", "description": "Something went wrong"}),
        }
    }

    fn headers(&self, path: &str) -> Vec<(HeaderName, String)> {
        let RateLimit { limit, remaining, reset_s } = self.rate;
        let mut headers = vec![
            (HeaderName::from_static("x-zendesk-api-version"), "v2".to_owned()),
            (HeaderName::from_static("x-rate-limit"), limit.to_string()),
            (HeaderName::from_static("ratelimit-limit"), limit.to_string()),
            (HeaderName::from_static("x-rate-limit-remaining"), remaining.to_string()),
            (HeaderName::from_static("ratelimit-remaining"), remaining.to_string()),
            (HeaderName::from_static("ratelimit-reset"), reset_s.to_string()),
        ];
        if path.starts_with("/api/v2/incremental/") {
            let name = HeaderName::from_static("zendesk-ratelimit-incremental-exports-cursor");
            headers.push((name, format!("total=20; remaining=19; resets={reset_s}")));
        }
        headers
    }
}

/// The order of an export: the time by which the vendor knows that a row has changed.
fn changed_field(collection: &str) -> &'static str {
    if collection == "tickets" { "generated_timestamp" } else { "updated_at" }
}

fn refused(status: StatusCode, error: &str, description: &str) -> Refusal {
    Refusal { status, body: json!({"error": error, "description": description}) }
}

fn no_endpoint() -> Refusal {
    refused(StatusCode::NOT_FOUND, "InvalidEndpoint", "Not found")
}

/// `users.json` and `users` are the same endpoint.
fn bare(segment: &str) -> &str {
    segment.strip_suffix(".json").unwrap_or(segment)
}

async fn detail(
    State(account): State<Account>,
    Path((collection, id)): Path<(String, String)>,
) -> Result<Json<Value>, Refusal> {
    let id = bare(&id);
    if collection == "users" && id == "me" {
        let me =
            json!({"id": 1, "name": "Onefold demo", "email": account.settings.email, "role": "admin", "active": true});
        return Ok(Json(json!({"user": me})));
    }
    let Some(object) = account.data.get(&collection, id) else {
        return Err(refused(StatusCode::NOT_FOUND, "RecordNotFound", "Not found"));
    };
    let noun = collection.strip_suffix('s').unwrap_or(&collection);
    Ok(Json(json!({noun: object})))
}
