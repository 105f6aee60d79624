//! HTTP: the router and the edge of GraphQL.
//!
//! Promises: only JSON is read, only so much of it, and nothing runs before a token has been checked. Deliberately does
//! not know the store or the policies.

mod around;
mod console;
mod cookie;
mod edge;
mod explorer;
mod export;
mod gate;
mod graphql;
mod health;
mod login;
mod metrics;
mod session;
pub mod vendor;
mod watch;
mod webhook;

pub use edge::{Edge, EdgeSettings, NotAnOrigin};

use crate::app::App;
use crate::graphql::HubSchema;
use crate::issuer::Issuers;
use axum::Router;
use axum::routing::{get, post};
use onefold_model::Clock;
use std::io;
use std::sync::Arc;
use tokio::net::TcpListener;

/// What every request needs.
#[derive(Clone)]
pub struct Hub {
    /// The use cases.
    pub app: Arc<App>,
    /// The schema.
    pub schema: HubSchema,
    /// Who is let in.
    pub tokens: Arc<Issuers>,
    /// What time it is, for tokens.
    pub clock: Arc<dyn Clock>,
    /// What all requests share.
    pub edge: Edge,
}

/// The routes of the hub.
pub fn router(hub: Hub) -> Router {
    let edge = hub.edge.clone();
    let routes = Router::new()
        .route("/graphql", get(graphql::get).post(graphql::post))
        .route("/explorer/{file}", get(explorer::file))
        .route("/schema.graphql", get(watch::schema))
        .route("/exports/{id}", get(export::get))
        .route("/metrics", get(watch::metrics))
        .route("/health", get(health::health))
        .route("/health/ready", get(health::health))
        .route("/health/live", get(watch::live))
        .route("/auth/login", get(login::begin))
        .route("/auth/callback", get(login::finish))
        .route("/auth/logout", post(login::end))
        .route("/auth/session", get(session::offered).post(session::open))
        .route("/webhooks/{source}", post(webhook::post))
        .route("/webhooks/{source}/{key}", get(webhook::get_keyed).post(webhook::post_keyed))
        .route("/assets/{file}", get(console::asset))
        .fallback(console::page)
        .with_state(hub);
    around::wrapped(routes, &edge)
}

/// Serves until `stop` comes; requests that are being answered are finished, and whoever listens is told that it is over.
pub async fn serve(listener: TcpListener, hub: Hub, stop: impl Future<Output = ()> + Send + 'static) -> io::Result<()> {
    let edge = hub.edge.clone();
    let stop = async move {
        stop.await;
        edge.stop();
    };
    axum::serve(listener, router(hub)).with_graceful_shutdown(stop).await
}
