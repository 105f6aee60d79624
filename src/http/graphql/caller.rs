//! Whoever listens, for as long as they do: each time they are asked again who they are.

use crate::app::Session;
use crate::graphql::{Ended, Standing};
use crate::http::Hub;
use crate::http::gate::{Refusal, enter};
use axum::http::HeaderMap;
use futures_util::future::BoxFuture;

/// Somebody with what they showed when they came.
pub(super) struct Caller {
    hub: Hub,
    headers: HeaderMap,
}

impl Caller {
    pub(super) fn new(hub: Hub, headers: HeaderMap) -> Self {
        Self { hub, headers }
    }

    pub(super) async fn enter(&self) -> Result<Session, Refusal> {
        enter(&self.hub, &self.headers).await
    }
}

impl Standing for Caller {
    fn session(&self) -> BoxFuture<'_, Result<Session, Ended>> {
        Box::pin(async { self.enter().await.map_err(|refusal| Ended { code: refusal.code, message: refusal.message }) })
    }
}
