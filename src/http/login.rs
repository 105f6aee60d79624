//! Logging in and out with a browser: `/auth/login`, `/auth/callback`, `/auth/logout`.
//!
//! Promises: a session begins only at the end of a login that the same browser has begun; logging out ends the session on
//! the hub, not only in the browser, and only the hub's own pages can do it. Deliberately does not log out at the provider.

use super::Hub;
use super::cookie::{self, LOGIN, SESSION};
use super::gate::{cross_site, error_body, internal, own_address};
use crate::issuer::{Address, LoginCallback, LoginError};
use axum::Json;
use axum::extract::{Query, State};
use axum::http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, LOCATION, REFERRER_POLICY, SET_COOKIE, X_CONTENT_TYPE_OPTIONS,
};
use axum::http::{HeaderMap, HeaderValue, StatusCode, Uri};
use axum::response::{Html, IntoResponse, Response};
use serde::Deserialize;
use std::error::Error as _;

/// A person has so long to log in at the provider.
const LOGIN_SECONDS: u64 = 10 * 60;

/// Where the browser goes after the login.
#[derive(Default, Deserialize)]
struct Begin {
    #[serde(rename = "return")]
    return_to: Option<String>,
}

/// Sends the browser to the provider.
pub(super) async fn begin(State(hub): State<Hub>, headers: HeaderMap, uri: Uri) -> Response {
    let Some(login) = hub.tokens.login() else { return failed(&headers, &LoginError::NotConfigured) };
    let Query(Begin { return_to }) = Query::try_from_uri(&uri).unwrap_or_default();
    match login.begin(return_to.as_deref().unwrap_or("/"), hub.clock.now()).await {
        Ok(begun) => {
            let bound = cookie::set(login.public_url(), LOGIN, &begun.cookie, LOGIN_SECONDS);
            sent_on(&begun.location, [bound])
        }
        Err(error) => failed(&headers, &error),
    }
}

/// Takes the browser back from the provider, and opens its session.
pub(super) async fn finish(State(hub): State<Hub>, headers: HeaderMap, uri: Uri) -> Response {
    let Some(login) = hub.tokens.login() else { return failed(&headers, &LoginError::NotConfigured) };
    // What does not parse has no state, and is refused for that.
    let Query(callback) = Query::<LoginCallback>::try_from_uri(&uri).unwrap_or_default();
    let bound = cookie::read(&headers, login.public_url(), LOGIN);
    // Whatever comes of it, this login is over: its cookie serves no second time.
    let over = forget(login.public_url(), LOGIN);
    let logged_in = match hub.tokens.login_finish(bound, &callback, hub.clock.now()).await {
        Ok(logged_in) => logged_in,
        Err(error) => return with_cookies(failed(&headers, &error), [over]),
    };
    match hub.app.login_open(&logged_in.actor, login.session_minutes()).await {
        Ok(secret) => {
            let seconds = u64::from(login.session_minutes()) * 60;
            let session = cookie::set(login.public_url(), SESSION, &secret, seconds);
            sent_on(&logged_in.return_to, [over, session])
        }
        Err(error) => {
            let refusal = internal(&error);
            with_cookies(page(&headers, refusal.status, refusal.code, &refusal.message), [over])
        }
    }
}

/// Ends the session of the browser.
pub(super) async fn end(State(hub): State<Hub>, headers: HeaderMap) -> Response {
    let Some(own) = own_address(&hub, &headers) else {
        let refusal = cross_site();
        return page(&headers, refusal.status, refusal.code, &refusal.message);
    };
    if let Some(secret) = cookie::read(&headers, &own, SESSION)
        && let Err(error) = hub.app.login_close(secret).await
    {
        // The browser keeps its cookie: else it would seem that the session had ended.
        let refusal = internal(&error);
        return page(&headers, refusal.status, refusal.code, &refusal.message);
    }
    sent_on("/", [forget(&own, SESSION)])
}

fn forget(own: &Address, cookie: cookie::Cookie) -> Option<HeaderValue> {
    cookie::set(own, cookie, "", 0)
}

fn sent_on<const N: usize>(location: &str, cookies: [Option<HeaderValue>; N]) -> Response {
    let mut response = StatusCode::SEE_OTHER.into_response();
    if let Ok(location) = HeaderValue::try_from(location) {
        response.headers_mut().insert(LOCATION, location);
    }
    with_cookies(unstored(response), cookies)
}

fn with_cookies<const N: usize>(mut response: Response, cookies: [Option<HeaderValue>; N]) -> Response {
    for cookie in cookies.into_iter().flatten() {
        response.headers_mut().append(SET_COOKIE, cookie);
    }
    response
}

/// Codes and cookies are for this browser and this moment.
fn unstored(mut response: Response) -> Response {
    response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response.headers_mut().insert(REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    response
}

/// Why nobody has logged in: the message for the person, the cause for the operator.
fn failed(headers: &HeaderMap, error: &LoginError) -> Response {
    let status = match error {
        LoginError::NotConfigured => StatusCode::NOT_FOUND,
        LoginError::State | LoginError::Issuer => StatusCode::BAD_REQUEST,
        LoginError::Denied(_) | LoginError::Code(_) | LoginError::Token(_) => StatusCode::FORBIDDEN,
        LoginError::Provider(_) => StatusCode::BAD_GATEWAY,
        LoginError::Randomness(_) => StatusCode::SERVICE_UNAVAILABLE,
    };
    if status.is_server_error() {
        let cause = error.source().map(ToString::to_string);
        let deeper = error.source().and_then(std::error::Error::source).map(ToString::to_string);
        tracing::error!(code = error.code(), cause, deeper, "nobody can log in");
    } else {
        tracing::info!(code = error.code(), "a login came to nothing");
    }
    page(headers, status, error.code(), &error.to_string())
}

/// A page for people, and the house's form for programs.
fn page(headers: &HeaderMap, status: StatusCode, code: &str, message: &str) -> Response {
    let response = if super::explorer::is_wanted(headers) {
        let html = format!(
            "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>Onefold</title><h1>Not logged in</h1>\
             <p>{}</p><p><code>{}</code></p><p><a href=\"/auth/login\">Log in</a></p></html>",
            escaped(message),
            escaped(code)
        );
        let policy = "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'";
        (status, [(CONTENT_SECURITY_POLICY, policy), (X_CONTENT_TYPE_OPTIONS, "nosniff")], Html(html)).into_response()
    } else {
        (status, Json(error_body(code, message))).into_response()
    };
    unstored(response)
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
