//! Who is let in, and by what: a token, an API key, or the session of a browser that has logged in.
//!
//! Promises: credentials in the header decide where there are any, right or wrong; a cookie counts only in a request that
//! the hub's own pages have sent; every refusal has its code and, as RFC 6750 has it, its `WWW-Authenticate`.

use super::Hub;
use super::cookie::{self, SESSION};
use crate::app::{API_KEY_PREFIX, ApiKeyRefusal, AppError, Session};
use crate::auth::TokenError;
use crate::issuer::Address;
use axum::http::header::{AUTHORIZATION, HOST, ORIGIN};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use serde_json::{Value, json};
use std::error::Error;

/// Why somebody is not let in.
pub(super) struct Refusal {
    pub(super) status: StatusCode,
    pub(super) code: &'static str,
    pub(super) message: String,
}

/// The house's form of what went wrong, for programs: that of GraphQL.
pub(super) fn error_body(code: &str, message: &str) -> Value {
    json!({"errors": [{"message": message, "extensions": {"code": code}}]})
}

/// What the caller may do.
pub(super) async fn enter(hub: &Hub, headers: &HeaderMap) -> Result<Session, Refusal> {
    admit(hub, headers).await.inspect_err(|refusal| hub.app.token_refused(refusal.code))
}

async fn admit(hub: &Hub, headers: &HeaderMap) -> Result<Session, Refusal> {
    if let Some(credentials) = headers.get(AUTHORIZATION) {
        return with_credentials(hub, credentials).await;
    }
    let Some(own) = own_address(hub, headers) else { return Err(unvouched(hub, headers)) };
    let secret = cookie::read(headers, &own, SESSION).ok_or(TokenError::Missing)?;
    with_session(hub, secret).await
}

/// The address of the hub, where one of its own pages has sent this. It is that of the configuration; without one, that of
/// the page, which has to be of the very host that was asked, over TLS or on this machine.
pub(super) fn own_address(hub: &Hub, headers: &HeaderMap) -> Option<Address> {
    let own = match hub.tokens.login() {
        Some(login) => login.public_url().clone(),
        None => asked_address(headers)?,
    };
    is_own_page(headers, &own.origin()).then_some(own)
}

fn asked_address(headers: &HeaderMap) -> Option<Address> {
    let text = |name| headers.get(name).and_then(|value| value.to_str().ok());
    let (origin, host) = (text(ORIGIN)?, text(HOST)?);
    let (_, of) = origin.split_once("://")?;
    Address::read(origin).ok().filter(|_| of.eq_ignore_ascii_case(host))
}

/// Without a cookie there was nothing to vouch for.
fn unvouched(hub: &Hub, headers: &HeaderMap) -> Refusal {
    let known = hub.tokens.login().map(|login| cookie::read(headers, login.public_url(), SESSION));
    if known.flatten().is_some() { cross_site() } else { TokenError::Missing.into() }
}

async fn with_credentials(hub: &Hub, credentials: &HeaderValue) -> Result<Session, Refusal> {
    let (scheme, token) = credentials.to_str().ok().and_then(|text| text.split_once(' ')).ok_or(TokenError::Missing)?;
    let token = token.trim();
    if !scheme.eq_ignore_ascii_case("bearer") {
        return Err(TokenError::Missing.into());
    }
    if token.starts_with(API_KEY_PREFIX) {
        return Ok(hub.app.api_key_session(token).await?);
    }
    let actor = hub.tokens.verify(token, hub.clock.now()).await?;
    Ok(hub.app.session(actor))
}

async fn with_session(hub: &Hub, secret: &str) -> Result<Session, Refusal> {
    match hub.app.login_actor(secret).await {
        Ok(Some(actor)) => Ok(hub.app.session(actor)),
        Ok(None) => Err(Refusal {
            status: StatusCode::UNAUTHORIZED,
            code: "SESSION_ENDED",
            message: "the session is over: log in again at /auth/login".to_owned(),
        }),
        Err(error) => Err(internal(&error)),
    }
}

/// Whether a page of the hub itself has sent this. Browsers say so by `Origin` or `Sec-Fetch-Site`, which no page can
/// change; where neither is there, nothing vouches for the request.
pub(super) fn is_own_page(headers: &HeaderMap, own: &str) -> bool {
    let text = |name: &str| headers.get(name).map(|value| value.to_str().unwrap_or_default());
    match (text(ORIGIN.as_str()), text("sec-fetch-site")) {
        (Some(origin), Some(site)) => origin == own && site == "same-origin",
        (Some(origin), None) => origin == own,
        (None, Some(site)) => site == "same-origin",
        (None, None) => false,
    }
}

/// For a cookie that another site's page has sent along.
pub(super) fn cross_site() -> Refusal {
    Refusal {
        status: StatusCode::FORBIDDEN,
        code: "CROSS_SITE",
        message: "a session counts only in requests from the hub's own pages: programs send a token".to_owned(),
    }
}

/// What the operator has to look at: the chain is logged once, and the client hears that it is there.
pub(super) fn internal(error: &dyn Error) -> Refusal {
    let mut chain = error.to_string();
    let mut cause = error.source();
    while let Some(inner) = cause {
        chain.push_str(": ");
        chain.push_str(&inner.to_string());
        cause = inner.source();
    }
    tracing::error!(chain, "somebody could not be let in or refused");
    Refusal {
        status: StatusCode::SERVICE_UNAVAILABLE,
        code: "INTERNAL",
        message: "the hub could not check who asks; the operator's log says why".to_owned(),
    }
}

impl Refusal {
    /// RFC 6750, 3: without credentials the scheme alone, else what is wrong with them.
    pub(super) fn challenge(&self) -> Option<HeaderValue> {
        if self.status != StatusCode::UNAUTHORIZED {
            return None;
        }
        if self.code == TokenError::Missing.code() {
            return Some(HeaderValue::from_static("Bearer realm=\"onefold\""));
        }
        // What stands between quotes has neither quotes nor backslashes, and no characters beyond ASCII.
        let is_plain = |c: &char| matches!(c, ' '..='~') && !matches!(c, '"' | '\\');
        let text: String = self.message.chars().filter(is_plain).collect();
        let challenge = format!("Bearer realm=\"onefold\", error=\"invalid_token\", error_description=\"{text}\"");
        HeaderValue::try_from(challenge).ok()
    }
}

impl From<TokenError> for Refusal {
    fn from(error: TokenError) -> Self {
        let status = match error {
            TokenError::KeysUnavailable => StatusCode::SERVICE_UNAVAILABLE,
            _ => StatusCode::UNAUTHORIZED,
        };
        Self { status, code: error.code(), message: error.to_string() }
    }
}

impl From<ApiKeyRefusal> for Refusal {
    fn from(error: ApiKeyRefusal) -> Self {
        match &error {
            ApiKeyRefusal::Store(inner) => internal(inner as &AppError),
            ApiKeyRefusal::Unknown | ApiKeyRefusal::Expired | ApiKeyRefusal::Revoked => {
                Self { status: StatusCode::UNAUTHORIZED, code: error.code(), message: error.to_string() }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        pairs.iter().map(|(name, value)| (name.parse().unwrap(), HeaderValue::from_static(value))).collect()
    }

    #[test]
    fn without_a_configured_address_the_page_has_to_be_of_the_host_that_was_asked() {
        let asked = |origin, host| asked_address(&headers(&[("origin", origin), ("host", host)]));
        assert!(asked("http://127.0.0.1:7188", "127.0.0.1:7188").is_some());
        assert!(asked("https://hub.example", "hub.example").is_some_and(|own| own.is_encrypted()));
        for (origin, host) in [
            ("http://127.0.0.1:8000", "127.0.0.1:7188"),
            ("http://evil.example", "127.0.0.1:7188"),
            ("http://hub.example", "hub.example"),
            ("null", "127.0.0.1:7188"),
        ] {
            assert!(asked(origin, host).is_none(), "{origin} {host}");
        }
        assert!(asked_address(&headers(&[("host", "127.0.0.1:7188")])).is_none(), "nothing says whose page it is");
    }

    #[test]
    fn only_the_own_pages_vouch_for_a_cookie() {
        let own = "https://hub.example";
        for good in [
            &[("origin", "https://hub.example")][..],
            &[("origin", "https://hub.example"), ("sec-fetch-site", "same-origin")],
            &[("sec-fetch-site", "same-origin")],
        ] {
            assert!(is_own_page(&headers(good), own), "{good:?}");
        }
        for bad in [
            &[][..],
            &[("origin", "null")],
            &[("origin", "https://hub.example.evil.example")],
            &[("origin", "http://hub.example")],
            &[("origin", "https://hub.example:8443")],
            &[("origin", "https://hub.example"), ("sec-fetch-site", "cross-site")],
            &[("origin", "https://evil.example"), ("sec-fetch-site", "same-origin")],
            &[("sec-fetch-site", "same-site")],
            &[("sec-fetch-site", "none")],
            &[("referer", "https://hub.example/")],
        ] {
            assert!(!is_own_page(&headers(bad), own), "{bad:?}");
        }
    }
}
