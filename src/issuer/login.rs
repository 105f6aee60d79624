//! Logging in with OpenID Connect: authorisation code with PKCE.
//!
//! Promises: the callback counts only in the browser that began the login, once, and only with a code that the provider
//! takes and an ID token that answers to this very login. Deliberately keeps no session: it says who has logged in.

use super::discovery::{Discovery, discover};
use super::error::{IssuerError, IssuerSetupError};
use super::fetch::{Address, Fetcher, form_word};
use super::keys::{Kept, Wanted};
use super::pkce::Binding;
use crate::auth::{Actor, LoginCheck, NoRandomness, OpaqueSecret, TokenError, TokenVerifier, same_text};
use crate::config::{ClientAuthentication, LoginConfig};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use chrono::TimeDelta;
use onefold_model::Timestamp;
use serde::Deserialize;
use std::sync::Arc;
use tokio::sync::Mutex;

const WHAT: &str = "the exchange of a code";

/// The answer of a token endpoint holds up to three tokens.
const MAX_BYTES: usize = 64 * 1024;

/// So long the discovery document holds. Anybody may begin a login, so a flood of them must not be a flood of fetches.
const KNOWN_FOR: TimeDelta = TimeDelta::minutes(10);

/// So long nobody asks a provider that did not answer.
const PAUSE: TimeDelta = TimeDelta::seconds(5);

/// The hub as a client of a provider.
pub struct Login {
    kept: Arc<Kept>,
    fetcher: Arc<Fetcher>,
    discovery: Address,
    client_id: String,
    secret: Option<(ClientAuthentication, String)>,
    public_url: Address,
    redirect_uri: String,
    scope: String,
    session_minutes: u32,
    known: Mutex<Known>,
}

/// What was last heard of the provider, and when.
#[derive(Default)]
struct Known {
    found: Option<(Timestamp, Arc<Discovery>)>,
    failed_at: Option<Timestamp>,
}

/// A login that was begun.
pub struct LoginBegun {
    /// Where the browser goes.
    pub location: String,
    /// What it brings back, and nobody else can.
    pub cookie: String,
}

/// What the provider sends the browser back with (RFC 6749, 4.1.2; RFC 9207).
#[derive(Debug, Default, Deserialize)]
pub struct LoginCallback {
    code: Option<String>,
    state: Option<String>,
    error: Option<String>,
    iss: Option<String>,
}

/// Who has logged in.
#[derive(Debug)]
pub struct LoggedIn {
    /// Who.
    pub actor: Actor,
    /// A path of the hub.
    pub return_to: String,
}

/// Why nobody has logged in.
#[derive(Debug, thiserror::Error)]
pub enum LoginError {
    /// There is no `[auth.login]`.
    #[error("logging in is not configured here: the operator adds [auth.login]")]
    NotConfigured,
    /// Another browser, a login that was begun long ago, or a forged callback.
    #[error("this is not the end of a login that this browser has begun: log in again")]
    State,
    /// The provider sent an error.
    #[error("the provider did not log you in ({0}): log in again, or ask who runs it")]
    Denied(String),
    /// The provider says that somebody else answered.
    #[error("the answer is from another provider than the configured one: log in again")]
    Issuer,
    /// The provider cannot be asked.
    #[error("the provider cannot be reached or does not answer as it should: try again later")]
    Provider(#[source] IssuerError),
    /// The provider does not take the code: used before, too old, of another login.
    #[error("the provider did not accept the code of this login ({0}): log in again")]
    Code(String),
    /// The ID token is not as it should be.
    #[error("the provider's answer does not say who you are: {0}")]
    Token(#[source] TokenError),
    /// No random bytes.
    #[error("the hub could not begin a login")]
    Randomness(#[source] NoRandomness),
}

impl LoginError {
    /// The stable word for programs.
    pub fn code(&self) -> &'static str {
        match self {
            Self::NotConfigured => "LOGIN_NOT_CONFIGURED",
            Self::State => "LOGIN_STATE",
            Self::Denied(_) => "LOGIN_DENIED",
            Self::Issuer => "LOGIN_ISSUER",
            Self::Provider(_) => "LOGIN_PROVIDER",
            Self::Code(_) => "LOGIN_CODE",
            Self::Token(error) => error.code(),
            Self::Randomness(_) => "INTERNAL",
        }
    }
}

#[derive(Deserialize)]
struct Exchanged {
    id_token: Option<String>,
}

#[derive(Deserialize)]
struct Refused {
    error: String,
}

impl Login {
    pub(super) fn new(config: &LoginConfig, kept: Arc<Kept>, fetcher: Arc<Fetcher>) -> Result<Self, IssuerSetupError> {
        let read = |what: &'static str, text: &str| {
            let failed = |source| IssuerSetupError::Address { what, issuer: config.issuer.clone(), source };
            Address::read(text).map_err(failed)
        };
        let public_url = read("public_url", &config.public_url)?;
        if !public_url.is_host_alone() {
            return Err(IssuerSetupError::PublicUrl);
        }
        let secret = config.client_secret.as_ref().map(|place| place.read("logins, [auth.login] client_secret"));
        let secret = secret.transpose()?.map(|secret| secret.reveal().to_owned());
        let scopes = config.scopes.iter().map(String::as_str).filter(|scope| *scope != "openid");
        Ok(Self {
            discovery: read("the name", &config.issuer)?.below(".well-known/openid-configuration"),
            client_id: config.client_id.clone(),
            secret: secret.map(|secret| (config.client_authentication, secret)),
            redirect_uri: public_url.below("auth/callback").to_string(),
            public_url,
            scope: std::iter::once("openid").chain(scopes).collect::<Vec<_>>().join(" "),
            session_minutes: config.session_minutes,
            kept,
            fetcher,
            known: Mutex::default(),
        })
    }

    /// Where browsers reach the hub.
    pub fn public_url(&self) -> &Address {
        &self.public_url
    }

    /// After so many minutes one has to log in again.
    pub fn session_minutes(&self) -> u32 {
        self.session_minutes
    }

    /// Begins a login that leads back to this path of the hub.
    pub async fn begin(&self, return_to: &str, now: Timestamp) -> Result<LoginBegun, LoginError> {
        let binding = Binding::new(OpaqueSecret::draw().map_err(LoginError::Randomness)?, return_to);
        let found = self.discover(now).await?;
        let endpoint = found.authorization.as_ref().ok_or_else(|| lacks("it names no authorization_endpoint"))?;
        let location = endpoint.asking(&[
            ("response_type", "code"),
            ("client_id", &self.client_id),
            ("redirect_uri", &self.redirect_uri),
            ("scope", &self.scope),
            ("state", &binding.state()),
            ("nonce", &binding.nonce()),
            ("code_challenge", &binding.challenge()),
            ("code_challenge_method", "S256"),
        ]);
        Ok(LoginBegun { location, cookie: binding.cookie() })
    }

    /// Ends a login: `cookie` is what [`Login::begin`] gave to the browser.
    pub(super) async fn finish(
        &self,
        tokens: &TokenVerifier,
        cookie: Option<&str>,
        callback: &LoginCallback,
        now: Timestamp,
    ) -> Result<LoggedIn, LoginError> {
        let binding = cookie.and_then(Binding::read).ok_or(LoginError::State)?;
        // Before anything else that the callback says: an error can be forged as well.
        if !callback.state.as_deref().is_some_and(|state| same_text(state, &binding.state())) {
            return Err(LoginError::State);
        }
        // RFC 9207: whoever names themselves must be whom we asked.
        if callback.iss.as_deref().is_some_and(|issuer| issuer != self.kept.issuer()) {
            return Err(LoginError::Issuer);
        }
        if let Some(error) = &callback.error {
            return Err(LoginError::Denied(word(error)));
        }
        let code = callback.code.as_deref().ok_or(LoginError::State)?;
        let token = self.exchange(code, &binding.verifier(), now).await?;
        let asked = LoginCheck { issuer: self.kept.issuer(), client_id: &self.client_id, nonce: &binding.nonce() };
        let actor = self.check(tokens, &token, &asked, now).await.map_err(LoginError::Token)?;
        Ok(LoggedIn { actor, return_to: binding.return_to })
    }

    async fn check(
        &self,
        tokens: &TokenVerifier,
        token: &str,
        asked: &LoginCheck<'_>,
        now: Timestamp,
    ) -> Result<Actor, TokenError> {
        self.kept.freshen(tokens, Wanted::Lifetime, now).await;
        match tokens.verify_login(token, asked, now) {
            Err(TokenError::UnknownKey) => {
                self.kept.freshen(tokens, Wanted::NewKey, now).await;
                tokens.verify_login(token, asked, now)
            }
            checked => checked,
        }
    }

    /// The ID token for a code. The code can be used once, which the provider sees to.
    async fn exchange(&self, code: &str, verifier: &str, now: Timestamp) -> Result<String, LoginError> {
        let found = self.discover(now).await?;
        let endpoint = found.token.as_ref().ok_or_else(|| lacks("it names no token_endpoint"))?;
        let mut form = vec![
            ("grant_type", "authorization_code"),
            ("code", code),
            ("redirect_uri", self.redirect_uri.as_str()),
            ("code_verifier", verifier),
        ];
        let mut credentials = None;
        match &self.secret {
            Some((ClientAuthentication::Basic, secret)) => credentials = Some(self.basic(secret)),
            Some((ClientAuthentication::Post, secret)) => {
                form.push(("client_id", &self.client_id));
                form.push(("client_secret", secret));
            }
            None => form.push(("client_id", &self.client_id)),
        }
        let answer = self.fetcher.post(WHAT, endpoint, &form, credentials.as_deref(), MAX_BYTES).await;
        let answer = answer.map_err(LoginError::Provider)?;
        match answer.status {
            200 => {
                let exchanged: Option<Exchanged> = serde_json::from_slice(&answer.body).ok();
                exchanged.and_then(|exchanged| exchanged.id_token).ok_or_else(|| {
                    let problem = "it is no JSON object with an id_token: is \"openid\" among the client's scopes?";
                    LoginError::Provider(IssuerError::Malformed { what: WHAT, problem })
                })
            }
            // RFC 6749, 5.2: what is wrong with the request comes with 400, with the client 401.
            status @ (400 | 401) => match serde_json::from_slice::<Refused>(&answer.body) {
                Ok(refused) => Err(LoginError::Code(word(&refused.error))),
                Err(_) => Err(LoginError::Provider(IssuerError::Status { what: WHAT, status })),
            },
            status => Err(LoginError::Provider(IssuerError::Status { what: WHAT, status })),
        }
    }

    /// RFC 6749, 2.3.1: both parts are written as a form writes them first.
    fn basic(&self, secret: &str) -> String {
        STANDARD.encode(format!("{}:{}", form_word(&self.client_id), form_word(secret)))
    }

    /// Where the provider's endpoints are, one question at a time.
    async fn discover(&self, now: Timestamp) -> Result<Arc<Discovery>, LoginError> {
        let within = |at: Timestamp, time: TimeDelta| at <= now && now - at < time;
        let mut known = self.known.lock().await;
        if let Some((at, found)) = &known.found
            && within(*at, KNOWN_FOR)
        {
            return Ok(Arc::clone(found));
        }
        if known.failed_at.is_some_and(|at| within(at, PAUSE)) {
            let reason = "it was asked a moment ago and did not answer as it should";
            return Err(LoginError::Provider(IssuerError::Unreachable { what: "the discovery document", reason }));
        }
        match discover(&self.fetcher, self.kept.issuer(), &self.discovery, self.kept.hosts()).await {
            Ok(found) => {
                let found = Arc::new(found);
                *known = Known { found: Some((now, Arc::clone(&found))), failed_at: None };
                Ok(found)
            }
            Err(error) => {
                *known = Known { found: None, failed_at: Some(now) };
                Err(LoginError::Provider(error))
            }
        }
    }
}

fn lacks(problem: &'static str) -> LoginError {
    LoginError::Provider(IssuerError::Malformed { what: "the discovery document", problem })
}

/// An error code of the provider, as far as it can be one (RFC 6749, 4.1.2.1): it is shown to a person.
fn word(error: &str) -> String {
    let word: String = error.chars().filter(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.')).collect();
    word.chars().take(60).collect()
}
