//! Access tokens: what to ask, and what the answer means.
//!
//! Promises: what is secret is not shown; an answer without a token is an error whose text repeats nothing but a code; an
//! address from an answer is taken only where its host was declared.
//! Does not do: ask, keep, or remember when a token ends.

use super::vendor::{ReadError, Refusal, Vendor};
use crate::configured::Configured;
use crate::manifest::oauth::ClientPlace;
use crate::message::{HttpRequest, HttpResponse};
use crate::pointer::Pointer;
use crate::secret::Secret;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use chrono::TimeDelta;
use onefold_model::Timestamp;

/// Asks for an access token: a `POST` of a form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TokenRequest {
    /// Absolute address, as the manifest declares it.
    pub url: String,
    /// Headers.
    pub headers: Vec<(String, Secret)>,
    /// The form, not yet escaped.
    pub form: Vec<(String, Secret)>,
}

/// An access token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Token {
    /// What goes with each request.
    pub access: Secret,
    /// When it ends; unknown where the system does not say.
    pub ends_at: Option<Timestamp>,
    /// A new refresh token. It must be kept before the access token is used: the old one may be of no more use.
    pub refresh: Option<Secret>,
    /// Where the account is, where the system says it with the token.
    base: Option<String>,
}

/// The declaration with its settings filled in.
#[derive(Debug, Clone)]
pub(crate) struct TokenSource {
    pub(crate) url: String,
    pub(crate) client: ClientPlace,
    pub(crate) client_id: Secret,
    pub(crate) client_secret: Secret,
    pub(crate) refresh: Option<Secret>,
    pub(crate) scope: Option<String>,
    pub(crate) scheme: String,
    pub(crate) base: Option<Pointer>,
}

impl Configured {
    /// What to ask before anything is read; `None` where the source needs no access token. `kept` is the newest refresh
    /// token that the system gave, where it ever gave one.
    pub fn token_request(&self, kept: Option<&Secret>) -> Option<TokenRequest> {
        let source = self.token_source()?;
        let mut headers = vec![("Accept".to_owned(), Secret::new("application/json"))];
        let refresh = kept.or(source.refresh.as_ref()).filter(|_| source.refresh.is_some());
        let grant = if refresh.is_some() { "refresh_token" } else { "client_credentials" };
        let mut form = vec![("grant_type".to_owned(), Secret::new(grant))];
        form.extend(refresh.map(|token| ("refresh_token".to_owned(), token.clone())));
        form.extend(source.scope.as_ref().map(|scope| ("scope".to_owned(), Secret::new(scope.as_str()))));
        let (id, secret) = (&source.client_id, &source.client_secret);
        match source.client {
            ClientPlace::Basic => {
                let pair = STANDARD.encode(format!("{}:{}", id.expose(), secret.expose()));
                headers.push(("Authorization".to_owned(), Secret::new(format!("Basic {pair}"))));
            }
            ClientPlace::Form => {
                form.push(("client_id".to_owned(), id.clone()));
                form.push(("client_secret".to_owned(), secret.clone()));
            }
        }
        Some(TokenRequest { url: source.url.clone(), headers, form })
    }

    /// The refresh token of the settings, where access tokens are got with one.
    pub fn refresh_token(&self) -> Option<&Secret> {
        self.token_source()?.refresh.as_ref()
    }

    /// Gives a request that was made with an earlier token the one of this source.
    pub fn authorize(&self, request: &mut HttpRequest) {
        let header = self.vendor().and_then(|vendor| vendor.headers.iter().find(|(name, _)| name == "Authorization"));
        if let Some(header) = header {
            request.headers.retain(|(name, _)| name != "Authorization");
            request.headers.insert(0, header.clone());
        }
    }

    /// Takes the answer to [`Configured::token_request`].
    ///
    /// # Errors
    /// A refusal, or an answer without a token.
    pub fn accept_token(&self, response: &HttpResponse) -> Result<Token, ReadError> {
        let field = |name: &str| response.body.get(name).and_then(serde_json::Value::as_str).filter(|t| !t.is_empty());
        // Some systems refuse with status 200.
        let code =
            field("error").filter(|code| code.len() <= 64 && code.bytes().all(|b| b.is_ascii_lowercase() || b == b'_'));
        if !(200..300).contains(&response.status) || (code.is_some() && field("access_token").is_none()) {
            // A client or token that is not accepted is answered with 400 (RFC 6749, 5.2).
            let refusal = match Refusal::of(response.status) {
                Refusal::Wrong | Refusal::Denied => Refusal::Auth,
                refusal => refusal,
            };
            return Err(ReadError::Refused { status: response.status, refusal, code: code.map(str::to_owned) });
        }
        let Some(access) = field("access_token") else {
            return Err(ReadError::Missing { what: "access token", pointer: "/access_token".to_owned() });
        };
        let seconds = response.body.get("expires_in").and_then(|value| match value {
            serde_json::Value::Number(number) => number.as_i64(),
            value => value.as_str()?.parse().ok(),
        });
        let ends_at = seconds.and_then(TimeDelta::try_seconds).and_then(|span| response.at.checked_add_signed(span));
        let base = self.token_source().and_then(|source| source.base.as_ref()?.get_text(&response.body));
        Ok(Token { access: Secret::new(access), ends_at, refresh: field("refresh_token").map(Secret::new), base })
    }

    /// The source with this token: its requests carry it from here on.
    ///
    /// # Errors
    /// The answer named an address for the account whose host was not declared.
    pub fn with_token(&self, token: &Token) -> Result<Self, ReadError> {
        let (Some(source), Some(vendor)) = (self.token_source(), self.vendor()) else { return Ok(self.clone()) };
        let value = Secret::new(format!("{} {}", source.scheme, token.access.expose()));
        Ok(self.with_vendor(vendor.authorized(value, token.base.as_deref())?))
    }
}

impl Vendor {
    fn authorized(&self, value: Secret, base: Option<&str>) -> Result<Self, ReadError> {
        let mut vendor = self.copy();
        vendor.headers.retain(|(name, _)| name != "Authorization");
        vendor.headers.insert(0, ("Authorization".to_owned(), value));
        if let Some(base) = base {
            let checked = vendor.resolve(base)?;
            vendor.base = url::Url::parse(&checked).map_err(|_| ReadError::BadAddress)?;
        }
        Ok(vendor)
    }
}
