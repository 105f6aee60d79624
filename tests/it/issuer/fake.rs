//! An issuer on this machine: a discovery document and a key set that a test can change, and a count of who has asked. Beside
//! it a hub that trusts it, with a clock that a test moves by hand.

use super::keys::{Pair, set};
use crate::api::hub::Hub;
use crate::api::served::Served;
use crate::store::fixture::time;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use onefold::config::{AuthConfig, Config};
use onefold::issuer::{Issuers, issuer_settings};
use onefold_model::{Clock, Timestamp};
use serde_json::{Value, json};
use std::path::Path;
use std::sync::atomic::{AtomicI64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

/// What the issuer answers with.
#[derive(Clone)]
pub(super) enum Answer {
    Json(Value),
    Text(String),
    Status(u16),
    Redirect(String),
}

struct Shared {
    keys: Mutex<Answer>,
    document: Mutex<Answer>,
    asked_keys: AtomicUsize,
    asked_document: AtomicUsize,
}

/// The issuer.
pub(super) struct FakeIssuer {
    pub(super) name: String,
    shared: Arc<Shared>,
    task: JoinHandle<()>,
}

impl Drop for FakeIssuer {
    fn drop(&mut self) {
        self.task.abort();
    }
}

fn reply(answer: &Mutex<Answer>) -> Response {
    match answer.lock().unwrap().clone() {
        Answer::Json(value) => Json(value).into_response(),
        Answer::Text(text) => text.into_response(),
        Answer::Status(status) => StatusCode::from_u16(status).unwrap().into_response(),
        Answer::Redirect(to) => (StatusCode::FOUND, [(header::LOCATION, to)]).into_response(),
    }
}

async fn keys(State(shared): State<Arc<Shared>>) -> Response {
    shared.asked_keys.fetch_add(1, Ordering::SeqCst);
    reply(&shared.keys)
}

async fn document(State(shared): State<Arc<Shared>>) -> Response {
    shared.asked_document.fetch_add(1, Ordering::SeqCst);
    reply(&shared.document)
}

impl FakeIssuer {
    /// An issuer with these keys.
    pub(super) async fn start(published: &[Pair]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let name = format!("http://{}", listener.local_addr().unwrap());
        let shared = Arc::new(Shared {
            keys: Mutex::new(Answer::Json(set(published))),
            document: Mutex::new(Answer::Json(json!({"issuer": name, "jwks_uri": format!("{name}/keys")}))),
            asked_keys: AtomicUsize::new(0),
            asked_document: AtomicUsize::new(0),
        });
        let router = Router::new()
            .route("/keys", get(keys))
            .route("/.well-known/openid-configuration", get(document))
            .with_state(Arc::clone(&shared));
        let task = tokio::spawn(async move {
            let _ = axum::serve(listener, router).await;
        });
        Self { name, shared, task }
    }

    /// Publishes these keys from now on.
    pub(super) fn publish(&self, keys: &[Pair]) {
        self.answer_keys(Answer::Json(set(keys)));
    }

    pub(super) fn answer_keys(&self, answer: Answer) {
        *self.shared.keys.lock().unwrap() = answer;
    }

    pub(super) fn answer_document(&self, answer: Answer) {
        *self.shared.document.lock().unwrap() = answer;
    }

    /// How often the keys were fetched.
    pub(super) fn fetches(&self) -> usize {
        self.shared.asked_keys.load(Ordering::SeqCst)
    }

    /// How often anything was asked for.
    pub(super) fn asked(&self) -> usize {
        self.fetches() + self.shared.asked_document.load(Ordering::SeqCst)
    }

    /// Claims that are good at this second, with one changed; a null takes it away.
    pub(super) fn claims(&self, at: i64, change: &Value) -> Value {
        let now = time(at).timestamp();
        let mut claims = json!({"iss": self.name, "aud": "onefold", "sub": "ann", "exp": now + 3_000_000,
            "departments": ["billing"]});
        for (name, value) in change.as_object().unwrap() {
            claims[name] = value.clone();
        }
        claims.as_object_mut().unwrap().retain(|_, value| !value.is_null());
        claims
    }

    /// The entry of the configuration that trusts it.
    pub(super) fn entry(&self, more: &str) -> String {
        format!("[[auth.issuers]]\nissuer = '{}'\naudiences = ['onefold']\n{more}\n", self.name)
    }
}

/// The section `[auth]` of a configuration.
pub(super) fn auth(text: &str) -> AuthConfig {
    Config::parse(text, Path::new("onefold.toml")).unwrap_or_else(|error| panic!("{error:?}")).auth
}

/// Those who check tokens as this configuration says, beside the tests' shared secret.
pub(super) fn issuers(auth: &AuthConfig) -> Arc<Issuers> {
    let shared = crate::api::served::shared_settings();
    let tokens = onefold::auth::TokenVerifier::with_issuers(Some(shared), issuer_settings(&auth.issuers));
    Arc::new(Issuers::new(auth, Arc::new(tokens.unwrap())).unwrap())
}

/// A clock that stands where it was put.
#[derive(Clone)]
pub(super) struct HandClock(Arc<AtomicI64>);

impl HandClock {
    pub(super) fn at(seconds: i64) -> Self {
        Self(Arc::new(AtomicI64::new(seconds)))
    }

    pub(super) fn pass(&self, seconds: i64) {
        self.0.fetch_add(seconds, Ordering::SeqCst);
    }
}

impl Clock for HandClock {
    fn now(&self) -> Timestamp {
        time(self.0.load(Ordering::SeqCst))
    }
}

/// A hub that trusts an issuer.
pub(super) struct Trusting {
    pub(super) served: Served,
    pub(super) clock: HandClock,
}

impl Trusting {
    pub(super) async fn start(hub: &Hub, config: &str) -> Self {
        let clock = HandClock::at(crate::api::served::NOW);
        let served = Served::with(hub, issuers(&auth(config)), Arc::new(clock.clone())).await;
        Self { served, clock }
    }

    /// The code of the refusal of this token, or `OK`.
    pub(super) async fn code(&self, token: &str) -> String {
        self.refusal(token).await.1
    }

    /// Status, code and `WWW-Authenticate`.
    pub(super) async fn refusal(&self, token: &str) -> (u16, String, String) {
        let request = self.served.bare("POST", "/graphql").bearer_auth(token);
        let request = request.header("content-type", "application/json").body(r#"{"query": "{ viewer { subject } }"}"#);
        let response = request.send().await.expect("an answer");
        let (status, challenge) =
            (response.status().as_u16(), crate::api::served::header(&response, "www-authenticate"));
        let body: Value = response.json().await.expect("JSON");
        let code = body["errors"][0]["extensions"]["code"].as_str().unwrap_or("OK").to_owned();
        assert_eq!(code == "OK", status == 200, "{body}");
        assert!(!body.to_string().contains(token) && !challenge.contains(token), "no token in an answer");
        (status, code, challenge)
    }
}
