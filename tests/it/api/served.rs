//! A hub behind a socket of this machine, and a client that asks it.

use super::hub::Hub;
use crate::store::fixture::time;
use onefold::auth::{MintRequest, SigningSecret, TokenKeys, TokenSettings, TokenVerifier};
use onefold::http;
use onefold::issuer::Issuers;
use onefold_model::{Clock, DepartmentKey, FixedClock};
use reqwest::{Client, RequestBuilder, Response};
use serde_json::Value;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

/// What the hub takes for now, in seconds of the fixture.
pub(crate) const NOW: i64 = 50_000;

/// The secret of the tests' tokens.
pub(crate) const SECRET: &str = "a secret of the tests, long enough";

/// A verifier, and maker, of tokens of this issuer for this audience.
pub(crate) fn tokens(secret: &str, issuer: &str, audience: &str) -> TokenVerifier {
    TokenVerifier::new(settings(secret, issuer, audience)).expect("a verifier")
}

/// The shared secret of the tests, as a hub knows it.
pub(crate) fn shared_settings() -> TokenSettings {
    settings(SECRET, "onefold", "onefold")
}

fn settings(secret: &str, issuer: &str, audience: &str) -> TokenSettings {
    TokenSettings {
        keys: TokenKeys::Hs256 { secret: SigningSecret(secret.as_bytes().to_vec()) },
        issuer: issuer.to_owned(),
        audience: audience.to_owned(),
        leeway_s: 0,
        departments_claim: "departments".to_owned(),
        roles_claim: "roles".to_owned(),
    }
}

/// A token of somebody in these departments, made by this verifier at this second.
pub(crate) fn token(by: &TokenVerifier, departments: &[&str], made_at: i64) -> String {
    let request = MintRequest {
        subject: "ann".to_owned(),
        departments: departments.iter().map(|key| DepartmentKey::new(*key).expect("a slug")).collect(),
        roles: Vec::new(),
        ttl: Duration::from_mins(10),
    };
    by.mint(&request, time(made_at)).expect("a token")
}

/// A hub that serves.
pub(crate) struct Served {
    pub(crate) base: String,
    client: Client,
    stop: oneshot::Sender<()>,
    task: JoinHandle<std::io::Result<()>>,
}

impl Served {
    /// With tokens under the tests' shared secret, at a time that stands still.
    pub(crate) async fn start(hub: &Hub) -> Self {
        let issuers = Issuers::none(Arc::new(tokens(SECRET, "onefold", "onefold")));
        Self::with(hub, Arc::new(issuers), Arc::new(FixedClock(time(NOW)))).await
    }

    /// With issuers and a clock of one's own.
    pub(crate) async fn with(hub: &Hub, issuers: Arc<Issuers>, clock: Arc<dyn Clock>) -> Self {
        Self::at(TcpListener::bind("127.0.0.1:0").await.expect("a port"), hub, issuers, clock)
    }

    /// With an edge of one's own.
    pub(crate) async fn with_edge(hub: &Hub, edge: http::Edge) -> Self {
        let issuers = Arc::new(Issuers::none(Arc::new(tokens(SECRET, "onefold", "onefold"))));
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        Self::over(listener, hub, issuers, Arc::new(FixedClock(time(NOW))), edge)
    }

    /// The same at a port that was taken before, because somebody had to be told its number.
    pub(crate) fn at(listener: TcpListener, hub: &Hub, tokens: Arc<Issuers>, clock: Arc<dyn Clock>) -> Self {
        Self::over(listener, hub, tokens, clock, http::Edge::default())
    }

    fn over(listener: TcpListener, hub: &Hub, tokens: Arc<Issuers>, clock: Arc<dyn Clock>, edge: http::Edge) -> Self {
        let base = format!("http://{}", listener.local_addr().expect("an address"));
        let hub = http::Hub { app: Arc::clone(&hub.app), schema: hub.schema.clone(), tokens, clock, edge };
        let (stop, stopped) = oneshot::channel::<()>();
        let task = tokio::spawn(http::serve(listener, hub, async {
            let _ = stopped.await;
        }));
        // The first test of the process installs the provider; for the others it is there already.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let client = Client::builder().no_proxy().tls_certs_only([]).redirect(reqwest::redirect::Policy::none());
        Self { base, client: client.build().expect("a client"), stop, task }
    }

    /// A token that this hub accepts.
    pub(crate) fn token(departments: &[&str]) -> String {
        token(&tokens(SECRET, "onefold", "onefold"), departments, NOW)
    }

    /// A request without a token.
    pub(crate) fn bare(&self, method: &str, path: &str) -> RequestBuilder {
        self.client.request(method.parse().expect("a method"), format!("{}{path}", self.base))
    }

    /// A document posted by somebody of Billing.
    pub(crate) fn post(&self, body: impl Into<reqwest::Body>) -> RequestBuilder {
        let request = self.bare("POST", "/graphql").bearer_auth(Self::token(&["billing"]));
        request.header("content-type", "application/json").body(body)
    }

    pub(crate) async fn stop(self) {
        let _ = self.stop.send(());
        drop(self.client);
        self.task.await.expect("the server ends").expect("and ends well");
    }
}

/// Status, media type and body.
pub(crate) async fn answer(request: RequestBuilder) -> (u16, String, Value) {
    let response = request.send().await.expect("an answer");
    let (status, media) = (response.status().as_u16(), header(&response, "content-type"));
    let text = response.text().await.expect("a body");
    (status, media, serde_json::from_str(&text).unwrap_or_else(|_| panic!("no JSON: {status} {text}")))
}

pub(crate) fn header(response: &Response, name: &str) -> String {
    response.headers().get(name).map(|value| value.to_str().expect("text").to_owned()).unwrap_or_default()
}
