//! What all requests share at the edge: how it is set up, who listens, and that the hub is about to stop.
//!
//! Promises: no more listen at once than [`MAX_STREAMS`], so that memory is bounded whoever comes; whoever listens is told
//! when the hub stops, so that stopping waits for nobody.

use super::metrics::Metrics;
use axum::http::HeaderValue;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};

/// Sockets and event streams that are open at once.
const MAX_STREAMS: usize = 10_000;

/// How the edge is set up.
#[derive(Debug, Clone)]
pub struct EdgeSettings {
    /// Pages of these origins may ask, besides the hub's own: `https://app.example`.
    pub origins: Vec<String>,
    /// How long a socket may be open before it says who it is.
    pub init_wait: Duration,
    /// How often somebody who listens in silence is told that the connection stands.
    pub heartbeat: Duration,
}

impl Default for EdgeSettings {
    fn default() -> Self {
        Self { origins: Vec::new(), init_wait: Duration::from_secs(3), heartbeat: Duration::from_secs(12) }
    }
}

/// The edge of one hub.
#[derive(Clone)]
pub struct Edge {
    settings: Arc<EdgeSettings>,
    allowed: Arc<[HeaderValue]>,
    metrics: Arc<Metrics>,
    places: Arc<Semaphore>,
    stopping: watch::Sender<bool>,
}

/// An origin of the configuration that is none: `https://app.example`, without a path.
#[derive(Debug, thiserror::Error)]
#[error("[server] origins: {0:?} is no origin: write https://app.example, without a path and without a *")]
pub struct NotAnOrigin(String);

impl Default for Edge {
    fn default() -> Self {
        Self::over(EdgeSettings::default(), Arc::default())
    }
}

impl Edge {
    /// With these settings.
    pub fn new(settings: EdgeSettings) -> Result<Self, NotAnOrigin> {
        let allowed = settings.origins.iter().map(|origin| {
            let (scheme, host) = origin.split_once("://").unwrap_or_default();
            let is_origin =
                matches!(scheme, "http" | "https") && !host.is_empty() && !host.contains(['/', '*', ' ', '@']);
            HeaderValue::from_str(origin).ok().filter(|_| is_origin).ok_or_else(|| NotAnOrigin(origin.clone()))
        });
        let allowed = allowed.collect::<Result<_, _>>()?;
        Ok(Self::over(settings, allowed))
    }

    fn over(settings: EdgeSettings, allowed: Arc<[HeaderValue]>) -> Self {
        Self {
            settings: Arc::new(settings),
            allowed,
            metrics: Arc::default(),
            places: Arc::new(Semaphore::new(MAX_STREAMS)),
            stopping: watch::Sender::new(false),
        }
    }

    pub(super) fn settings(&self) -> &EdgeSettings {
        &self.settings
    }

    /// The origins whose pages may ask, besides the hub's own.
    pub(super) fn allowed(&self) -> &[HeaderValue] {
        &self.allowed
    }

    pub(super) fn metrics(&self) -> &Metrics {
        &self.metrics
    }

    /// A place among those who listen, for as long as it is held; none where all are taken.
    pub(super) fn place(&self) -> Option<OwnedSemaphorePermit> {
        Arc::clone(&self.places).try_acquire_owned().ok()
    }

    /// How many listen.
    pub(super) fn listening(&self) -> usize {
        MAX_STREAMS.saturating_sub(self.places.available_permits())
    }

    /// Tells whoever listens that the hub stops.
    pub(super) fn stop(&self) {
        self.stopping.send_replace(true);
    }

    /// Comes back when the hub stops.
    pub(super) async fn stopped(&self) {
        let mut stopping = self.stopping.subscribe();
        // The sender lives as long as this does.
        let _ = stopping.wait_for(|is_stopping| *is_stopping).await;
    }
}
