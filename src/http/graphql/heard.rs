//! What is told over sockets and as events, counted under the name of its operation as what is answered once.

use super::outcome;
use crate::graphql::{HubSchema, Live, Standing, Told};
use crate::http::edge::Edge;
use crate::http::metrics::Outcome;
use async_graphql::Request;
use std::sync::Arc;
use std::time::Instant;

/// An operation on its way, and the figures that it goes into.
pub(super) struct Heard {
    live: Live,
    edge: Edge,
    name: Option<String>,
    kind: &'static str,
    /// Set until it is counted as an operation.
    began: Option<Instant>,
}

impl Heard {
    /// Nothing is done before [`Heard::next`]; `resume` as in [`Live::new`].
    pub(super) fn new(
        edge: &Edge,
        schema: &HubSchema,
        standing: Arc<dyn Standing>,
        request: Request,
        resume: Option<String>,
    ) -> Self {
        let (name, kind) = schema.operation(&request).unwrap_or((None, "none"));
        let live = Live::new(schema.clone(), standing, request, resume);
        Self { live, edge: edge.clone(), name, kind, began: Some(Instant::now()) }
    }

    /// As [`Live::next`]. What is told first is the operation; each thing that a subscription is told is an event besides.
    pub(super) async fn next(&mut self) -> Option<Told> {
        let told = self.live.next().await;
        let outcome = match &told {
            None => return None,
            Some(Told::Answer(response, _)) => outcome(response),
            Some(Told::Refused(_)) => Outcome::Refused,
        };
        let name = self.name.as_deref();
        let metrics = self.edge.metrics();
        // How long a subscription has waited for its first event says nothing about the hub.
        if self.kind == "subscription" {
            metrics.event(name, outcome);
        } else if let Some(began) = self.began.take() {
            metrics.operation(name, self.kind, outcome, began.elapsed());
        }
        told
    }
}
