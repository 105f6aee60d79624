//! A session for somebody who has a token instead of a provider to log in at: `/auth/session`.
//!
//! Promises: the token leaves the page at once and for a cookie that no script reads; only the hub's own pages can ask; the
//! session ends with the token, if not before. Deliberately takes no API key: keys are for machines.

use super::Hub;
use super::cookie::{self, SESSION};
use super::gate::{Refusal, cross_site, error_body, internal, own_address};
use crate::auth::TokenError;
use axum::Json;
use axum::extract::State;
use axum::http::header::{AUTHORIZATION, CACHE_CONTROL, SET_COOKIE};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use serde_json::json;

/// A working day: whoever has a token for longer enters it again.
const MOST_MINUTES: u32 = 12 * 60;

/// Whether people can log in at a provider too, for the page that asks for a token.
pub(super) async fn offered(State(hub): State<Hub>) -> Response {
    ([(CACHE_CONTROL, "no-store")], Json(json!({"login": hub.tokens.login().is_some()}))).into_response()
}

/// Opens the session of a browser with the token in `Authorization`.
pub(super) async fn open(State(hub): State<Hub>, headers: HeaderMap) -> Response {
    match opened(&hub, &headers).await {
        Ok(cookie) => {
            let fixed = [(CACHE_CONTROL, HeaderValue::from_static("no-store")), (SET_COOKIE, cookie)];
            (StatusCode::NO_CONTENT, fixed).into_response()
        }
        Err(refusal) => {
            hub.app.token_refused(refusal.code);
            let body = error_body(refusal.code, &refusal.message);
            (refusal.status, [(CACHE_CONTROL, "no-store")], Json(body)).into_response()
        }
    }
}

async fn opened(hub: &Hub, headers: &HeaderMap) -> Result<HeaderValue, Refusal> {
    let own = own_address(hub, headers).ok_or_else(cross_site)?;
    let bearer = headers.get(AUTHORIZATION).and_then(|value| value.to_str().ok()).ok_or(TokenError::Missing)?;
    let now = hub.clock.now();
    let (actor, ends) = hub.tokens.verify_until(bearer, now).await?;
    let left = u32::try_from((ends - now).num_minutes()).unwrap_or(0).min(MOST_MINUTES);
    if left == 0 {
        return Err(TokenError::Expired.into());
    }
    let secret = hub.app.login_open(&actor, left).await.map_err(|error| internal(&error))?;
    cookie::set(&own, SESSION, &secret, u64::from(left) * 60).ok_or_else(cross_site)
}
