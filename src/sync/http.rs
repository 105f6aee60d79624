//! Requests to vendors: sent, waited for, repeated where that can help.
//!
//! Promises: only hosts that the manifest declares are asked, and only at addresses that may be asked, whatever a name leads
//! to. Redirects are not followed, because they could lead away from there. Nothing of an answer or a header is logged.

mod address;
mod outgoing;
mod resolve;

pub use address::Refused;
pub use outgoing::{OutgoingAnswer, OutgoingClient, OutgoingRefusal, OutgoingRequest};

use super::SyncError;
use crate::config::PrivateAddresses;
use onefold_connector::{
    Configured, HttpRequest, HttpResponse, Limits, ReadError, Retry, RetryPolicy, Secret, TokenRequest,
};
use onefold_model::{Clock, SourceKey};
use reqwest::header::CONTENT_TYPE;
use reqwest::redirect::Policy;
use reqwest::{RequestBuilder, Url};
use resolve::Resolver;
use serde_json::Value;
use std::collections::VecDeque;
use std::error::Error;
use std::sync::{Arc, Once};
use std::time::Duration;
use tokio::sync::Mutex;
use tokio::time::Instant;

/// A client for one source: its requests share one rate.
pub(super) struct Client {
    http: reqwest::Client,
    source: SourceKey,
    configured: Configured,
    permitted: PrivateAddresses,
    limits: Limits,
    retry: RetryPolicy,
    clock: Arc<dyn Clock>,
    turns: Mutex<Turns>,
}

/// When requests went out, as far as that still counts.
struct Turns {
    /// The last ones, oldest first; never more than are permitted in one period.
    sent: VecDeque<Instant>,
    /// The system asked for silence until here.
    not_before: Instant,
}

/// What became of one attempt.
enum Attempt {
    Answer(HttpResponse),
    NotJson,
    Failed(&'static str),
}

/// What asks addresses outside: as far as they are permitted, and without following redirects.
fn outside(permitted: PrivateAddresses, timeout: Duration) -> reqwest::Result<reqwest::Client> {
    static PROVIDER: Once = Once::new();
    // Another part of the process may have chosen one already; either will do.
    PROVIDER.call_once(|| drop(rustls::crypto::ring::default_provider().install_default()));
    reqwest::Client::builder()
        .redirect(Policy::none())
        .dns_resolver(Arc::new(Resolver::new(permitted)))
        .timeout(timeout)
        .user_agent(concat!("onefold/", env!("CARGO_PKG_VERSION")))
        .build()
}

impl Client {
    pub(super) fn new(
        source: &SourceKey,
        configured: &Configured,
        permitted: PrivateAddresses,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, SyncError> {
        let limits = configured.limits().ok_or_else(|| SyncError::NotHttp(source.to_string()))?;
        let client = outside(permitted, limits.timeout).map_err(|_| SyncError::Unreachable {
            request: "any request".to_owned(),
            attempts: 0,
            reason: "the HTTP client could not be built",
        })?;
        Ok(Self {
            http: client,
            source: source.clone(),
            configured: configured.clone(),
            permitted,
            limits,
            retry: configured.retry(),
            clock,
            turns: Mutex::new(Turns { sent: VecDeque::new(), not_before: Instant::now() }),
        })
    }

    /// Sends a request until it is answered or given up on. A refusal is an answer: the reader knows what it means.
    pub(super) async fn send(&self, request: &HttpRequest) -> Result<HttpResponse, SyncError> {
        // What builds requests holds them to the declared hosts already; this is the last place where it can be seen.
        let url = Url::parse(&request.url).map_err(|_| ReadError::BadAddress)?;
        if !self.configured.is_declared(&request.url) {
            let host = url.host_str().unwrap_or_default().to_owned();
            return Err(ReadError::ForeignHost { host }.into());
        }
        let mut builder = match &request.body {
            None => self.http.get(url.clone()),
            Some(body) => self.http.post(url.clone()).json(body),
        };
        if !request.query.is_empty() {
            builder = builder.query(&request.query);
        }
        self.exchange(&request.to_string(), &url, with_headers(builder, &request.headers)).await
    }

    /// Asks for an access token, where the manifest says.
    pub(super) async fn ask_token(&self, request: &TokenRequest) -> Result<HttpResponse, SyncError> {
        let url = Url::parse(&request.url).map_err(|_| ReadError::BadAddress)?;
        // A query is written as a form is (WHATWG URL, 5).
        let mut form = url.clone();
        let pairs = request.form.iter().map(|(name, value)| (name.as_str(), value.expose()));
        form.query_pairs_mut().clear().extend_pairs(pairs);
        let body = form.query().unwrap_or_default().to_owned();
        let builder = self.http.post(url.clone()).header(CONTENT_TYPE, "application/x-www-form-urlencoded").body(body);
        let label = format!("POST {}", request.url.split('?').next().unwrap_or_default());
        let answer = self.exchange(&label, &url, with_headers(builder, &request.headers)).await?;
        // A token ends so long after it came, by the clock that it is looked at with.
        Ok(HttpResponse { at: self.clock.now(), ..answer })
    }

    /// Sends what was built until it is answered or given up on. `label` is its address without what may be secret.
    async fn exchange(&self, label: &str, url: &Url, built: RequestBuilder) -> Result<HttpResponse, SyncError> {
        Refused::by_name(url.host_str().unwrap_or_default(), self.permitted)
            .map_err(|refused| self.refused(label, refused))?;
        let request = built.build().map_err(|_| ReadError::BadAddress)?;
        let mut attempt = 1;
        loop {
            self.wait_for_turn().await;
            // A body of JSON or of a form is bytes, and those can be copied.
            let copy = request.try_clone().ok_or(ReadError::Unasked)?;
            let outcome = self.attempt(label, copy).await?;
            let retry = match &outcome {
                Attempt::Answer(answer) => {
                    let now = self.clock.now();
                    self.retry.after_answer(answer.status, &answer.headers, attempt, jitter(), now)
                }
                Attempt::NotJson | Attempt::Failed(_) => self.retry.after_failure(attempt, jitter()),
            };
            match (retry, outcome) {
                (Retry::After(wait), _) => {
                    tracing::debug!(request = label, attempt, wait_ms = wait.as_millis(), "asking again later");
                    tokio::time::sleep(wait).await;
                    attempt += 1;
                }
                (Retry::No(_), Attempt::Answer(answer)) => {
                    if let Some(pause) = self.retry.pause(&answer.headers, self.clock.now()) {
                        self.hold(pause).await;
                    }
                    return Ok(answer);
                }
                (Retry::No(_), Attempt::NotJson) => {
                    return Err(SyncError::NotJson { request: label.to_owned(), attempts: attempt });
                }
                (Retry::No(_), Attempt::Failed(reason)) => {
                    return Err(SyncError::Unreachable { request: label.to_owned(), attempts: attempt, reason });
                }
            }
        }
    }

    fn refused(&self, label: &str, refused: Refused) -> SyncError {
        SyncError::Address { request: label.to_owned(), refused, source_key: self.source.to_string() }
    }

    /// Waits until one more request stays within what is permitted in any period, and within what the system asked for.
    async fn wait_for_turn(&self) {
        let permits = usize::try_from(self.limits.permits.max(1)).unwrap_or(usize::MAX);
        let at = {
            let mut turns = self.turns.lock().await;
            let mut at = turns.not_before.max(Instant::now());
            if turns.sent.len() >= permits
                && let Some(oldest) = turns.sent.pop_front()
            {
                at = at.max(oldest + self.limits.per);
            }
            turns.sent.push_back(at);
            at
        };
        tokio::time::sleep_until(at).await;
    }

    async fn hold(&self, pause: Duration) {
        let mut turns = self.turns.lock().await;
        turns.not_before = turns.not_before.max(Instant::now() + pause);
    }

    async fn attempt(&self, label: &str, request: reqwest::Request) -> Result<Attempt, SyncError> {
        let mut answer = match self.http.execute(request).await {
            Ok(answer) => answer,
            Err(error) => match refused_inside(&error) {
                Some(refused) => return Err(self.refused(label, refused.clone())),
                None => return Ok(Attempt::Failed(reason(&error))),
            },
        };
        let status = answer.status().as_u16();
        let headers: Vec<(String, String)> = answer
            .headers()
            .iter()
            .map(|(name, value)| (name.to_string(), String::from_utf8_lossy(value.as_bytes()).into_owned()))
            .collect();
        let mut bytes = Vec::new();
        loop {
            match answer.chunk().await {
                Ok(Some(chunk)) if bytes.len() + chunk.len() > self.limits.max_body => {
                    return Err(SyncError::TooLarge { request: label.to_owned(), limit: self.limits.max_body });
                }
                Ok(Some(chunk)) => bytes.extend_from_slice(&chunk),
                Ok(None) => break,
                Err(error) => return Ok(Attempt::Failed(reason(&error))),
            }
        }
        let body = if bytes.is_empty() { Ok(Value::Null) } else { serde_json::from_slice(&bytes) };
        let body = match body {
            Ok(body) => body,
            // Error pages are often HTML; their status says enough.
            Err(_) if status >= 300 => Value::Null,
            Err(_) => return Ok(Attempt::NotJson),
        };
        let at = HttpResponse::date(&headers).unwrap_or_else(|| self.clock.now());
        Ok(Attempt::Answer(HttpResponse { status, headers, body, at }))
    }
}

fn with_headers(mut builder: RequestBuilder, headers: &[(String, Secret)]) -> RequestBuilder {
    for (name, value) in headers {
        builder = builder.header(name, value.expose());
    }
    builder
}

/// What the resolver refused, where that is why a request failed.
fn refused_inside<'e>(error: &'e (dyn Error + 'static)) -> Option<&'e Refused> {
    let mut cause = Some(error);
    while let Some(error) = cause {
        if let Some(refused) = error.downcast_ref() {
            return Some(refused);
        }
        cause = error.source();
    }
    None
}

/// What happened, in words that hold no address.
fn reason(error: &reqwest::Error) -> &'static str {
    if error.is_timeout() {
        "it took too long"
    } else if error.is_connect() {
        "the connection could not be made"
    } else if error.is_body() || error.is_decode() {
        "the answer broke off"
    } else {
        "the connection failed"
    }
}

/// Between 0 and 1. Not for secrets: only so that many clients do not come back at once.
fn jitter() -> f64 {
    f64::from(uuid::Uuid::now_v7().as_bytes()[15]) / 255.0
}
