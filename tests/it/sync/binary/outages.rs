//! A system that is not there, one that knows us no more, and one that leads elsewhere.

use super::hub::{Hub, sources};
use super::kept::Kept;
use super::systems::{PAGE, STRIPE_KEY, Systems, ZENDESK_EMAIL, ZENDESK_TOKEN};
use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::header::CONTENT_LENGTH;
use axum::http::{HeaderMap, HeaderName, StatusCode};
use axum::middleware::map_response;
use axum::response::Response;
use onefold::http::vendor::{Fault, Stripe, Vendor, VendorData, VendorServer, Zendesk};
use onefold::store::RunState;
use serde_json::Value;
use std::sync::Arc;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_key_that_is_not_accepted_fails_the_run_and_says_what_to_do() {
    let systems = Systems::start(8, 1).await;
    let mut hub = Hub::new(&systems);
    hub.secret("T_STRIPE_KEY", "rk_test_Wrong-And-Still-Secret");
    let ran =
        hub.sync().await.badly(&["stripe customers: AUTH: the system answered 401", "check the source's settings"]);
    assert!(!ran.err.contains("Wrong-And-Still-Secret") && !ran.out.contains("Wrong-And-Still-Secret"));
    let kept = Kept::of(&hub).await;
    let (run, streams) = kept.run("stripe").await;
    assert_eq!(run.state, RunState::Failed);
    assert!(streams.values().all(|stream| stream.state == RunState::Failed), "{streams:?}");
    let (code, message) = kept.failure("stripe", "customers").await;
    assert_eq!(code, "AUTH");
    assert!(message.contains("401") && message.contains("check the source's settings"), "{message}");
    assert_eq!(kept.run("mailchimp").await.0.state, RunState::Succeeded, "the others are read");
    assert_eq!(systems.stripe.requests().total(), 1, "a key does not become right by asking again");
    kept.close().await;
    hub.secret("T_STRIPE_KEY", STRIPE_KEY);
    hub.sync().await.well();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_system_that_is_not_there_fails_its_source_only() {
    let systems = Systems::start(8, 1).await;
    let hub = Hub::new(&systems);
    let gone = VendorServer::start(Stripe { api_key: STRIPE_KEY.to_owned() }, VendorData::default()).await.unwrap();
    let address = gone.base_url().to_owned();
    gone.stop().await;
    hub.configure(&sources(&systems).replace(systems.stripe.base_url(), &address));
    hub.sync().await.badly(&["stripe customers: UNREACHABLE: ", "the connection could not be made"]);
    let kept = Kept::of(&hub).await;
    assert_eq!(kept.run("stripe").await.0.state, RunState::Failed);
    assert_eq!(kept.run("zendesk").await.0.state, RunState::Succeeded);
    kept.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_position_that_could_not_be_taken_is_taken_later_and_loses_nothing() {
    let systems = Systems::start(8, 1).await;
    let hub = Hub::new(&systems);
    systems.stripe.faults().on_nth("/v1/events", 1, Fault::forbidden());
    hub.sync().await.badly(&["stripe events: DENIED: "]);
    let kept = Kept::of(&hub).await;
    let (run, streams) = kept.run("stripe").await;
    assert_eq!((run.state, streams["events"].state), (RunState::Partial, RunState::Failed));
    kept.close().await;
    systems.heal();
    hub.sync().await.well();
}

/// A support system whose next pages stand on another host.
struct Crooked {
    vendor: Arc<Zendesk>,
    elsewhere: String,
}

impl Vendor for Crooked {
    fn routes(self: Arc<Self>, data: VendorData) -> Router {
        let elsewhere = self.elsewhere.clone();
        Arc::clone(&self.vendor).routes(data).layer(map_response(move |response| lead(response, elsewhere.clone())))
    }

    fn refuse(&self, headers: &HeaderMap) -> Option<Value> {
        self.vendor.refuse(headers)
    }

    fn error(&self, status: StatusCode) -> Value {
        self.vendor.error(status)
    }

    fn headers(&self, path: &str) -> Vec<(HeaderName, String)> {
        self.vendor.headers(path)
    }
}

async fn lead(response: Response, elsewhere: String) -> Response {
    let (mut parts, body) = response.into_parts();
    parts.headers.remove(CONTENT_LENGTH);
    let mut body: Value = serde_json::from_slice(&to_bytes(body, usize::MAX).await.unwrap()).unwrap();
    if body["after_url"].is_string() {
        body["after_url"] = elsewhere.into();
    }
    Response::from_parts(parts, Body::from(body.to_string()))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_next_page_on_another_host_is_not_asked_for() {
    let systems = Systems::start(16, 1).await;
    let settings = || Zendesk { page_size: PAGE, ..Zendesk::new(ZENDESK_EMAIL, ZENDESK_TOKEN) };
    // Somebody else's server, which would gladly take our token; and the same host on another port is another host.
    let other = VendorServer::start(settings(), systems.zendesk.data().clone()).await.unwrap();
    let port = other.base_url().rsplit_once(':').unwrap().1.to_owned();
    for elsewhere in [
        format!("{}/api/v2/incremental/users/cursor.json?cursor=x", other.base_url()),
        format!("http://localhost:{port}/api/v2/incremental/users/cursor.json?cursor=x"),
        format!("//127.0.0.1:{port}/api/v2/incremental/users/cursor.json?cursor=x"),
        "https://thief.example/api/v2/incremental/users/cursor.json?cursor=x".to_owned(),
    ] {
        let crooked = Crooked { vendor: Arc::new(settings()), elsewhere };
        let crooked = VendorServer::start(crooked, systems.zendesk.data().clone()).await.unwrap();
        let hub = Hub::new(&systems);
        hub.configure(&sources(&systems).replace(systems.zendesk.base_url(), crooked.base_url()));
        hub.run(&["sync", "--no-match", "zendesk"])
            .await
            .badly(&["zendesk users: FOREIGN_HOST: ", "not a declared host"]);
        assert_eq!(other.requests().total(), 0, "our token stayed home");
        let kept = Kept::of(&hub).await;
        assert!(!kept.keys("zendesk", "organizations").await.is_empty(), "streams of other lists go on");
        kept.close().await;
    }
}
