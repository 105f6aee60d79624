//! Requests to vendors: sent, waited for, repeated where that can help.
//!
//! Redirects are not followed, because they could lead away from the declared hosts. Nothing of an answer or a header is
//! logged.

use super::SyncError;
use onefold_connector::{HttpRequest, HttpResponse, Limits, Retry, RetryPolicy};
use onefold_model::Clock;
use reqwest::redirect::Policy;
use serde_json::Value;
use std::collections::VecDeque;
use std::sync::{Arc, Once};
use std::time::Duration;
use tokio::sync::Mutex;
use tokio::time::Instant;

/// A client for one source: its requests share one rate.
pub(super) struct Client {
    http: reqwest::Client,
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

impl Client {
    pub(super) fn new(limits: Limits, retry: RetryPolicy, clock: Arc<dyn Clock>) -> Result<Self, SyncError> {
        static PROVIDER: Once = Once::new();
        // Another part of the process may have chosen one already; either will do.
        PROVIDER.call_once(|| drop(rustls::crypto::ring::default_provider().install_default()));
        let client = reqwest::Client::builder()
            .redirect(Policy::none())
            .timeout(limits.timeout)
            .user_agent(concat!("onefold/", env!("CARGO_PKG_VERSION")))
            .build()
            .map_err(|_| SyncError::Unreachable {
                request: "any request".to_owned(),
                attempts: 0,
                reason: "the HTTP client could not be built",
            })?;
        Ok(Self {
            http: client,
            limits,
            retry,
            clock,
            turns: Mutex::new(Turns { sent: VecDeque::new(), not_before: Instant::now() }),
        })
    }

    /// Sends a request until it is answered or given up on. A refusal is an answer: the reader knows what it means.
    pub(super) async fn send(&self, request: &HttpRequest) -> Result<HttpResponse, SyncError> {
        let mut attempt = 1;
        loop {
            self.wait_for_turn().await;
            let outcome = self.attempt(request).await?;
            let retry = match &outcome {
                Attempt::Answer(answer) => {
                    let now = self.clock.now();
                    self.retry.after_answer(answer.status, &answer.headers, attempt, jitter(), now)
                }
                Attempt::NotJson | Attempt::Failed(_) => self.retry.after_failure(attempt, jitter()),
            };
            match (retry, outcome) {
                (Retry::After(wait), _) => {
                    tracing::debug!(request = %request, attempt, wait_ms = wait.as_millis(), "asking again later");
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
                    return Err(SyncError::NotJson { request: request.to_string(), attempts: attempt });
                }
                (Retry::No(_), Attempt::Failed(reason)) => {
                    return Err(SyncError::Unreachable { request: request.to_string(), attempts: attempt, reason });
                }
            }
        }
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

    async fn attempt(&self, request: &HttpRequest) -> Result<Attempt, SyncError> {
        let mut builder = match &request.body {
            None => self.http.get(&request.url),
            Some(body) => self.http.post(&request.url).json(body),
        };
        if !request.query.is_empty() {
            builder = builder.query(&request.query);
        }
        for (name, value) in &request.headers {
            builder = builder.header(name, value.expose());
        }
        let mut answer = match builder.send().await {
            Ok(answer) => answer,
            Err(error) => return Ok(Attempt::Failed(reason(&error))),
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
                    return Err(SyncError::TooLarge { request: request.to_string(), limit: self.limits.max_body });
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
