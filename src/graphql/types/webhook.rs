//! Subscribers that are told of changes over HTTP.

use super::change::cursor_of;
use crate::app::{DeliveryRow, DeliveryState, OutgoingRow, OutgoingState, Session};
use crate::graphql::error::failed;
use crate::graphql::ids::id;
use crate::graphql::scalars::Json;
use async_graphql::{Context, Description, Enum, ID, Object, Result};
use onefold_model::Timestamp;

/// Whether a subscriber is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "OutgoingState")]
pub enum WebhookState {
    /// It is.
    Active,
    /// Not until it is resumed; its place is kept.
    Paused,
    /// Never more. `stateReason` says why.
    Ended,
}

/// What became of a delivery.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "DeliveryState")]
pub enum WebhookDeliveryState {
    /// The receiver answered with 2xx.
    Delivered,
    /// It did not, and is told again.
    Retrying,
    /// It did not twelve times, and the next entry followed. `webhookReplay` tells it again.
    Dead,
}

/// A subscriber that is told of changes over HTTP, with the rights that who registered it has at each delivery. Shown to who
/// registered it, and to those who administer every department.
#[derive(Clone, Description)]
pub struct Webhook(pub OutgoingRow);

#[Object(use_type_description)]
impl Webhook {
    /// The id of the subscriber: the header `onefold-webhook` of its deliveries.
    pub async fn id(&self) -> ID {
        id(self.0.id)
    }

    /// Where it is told.
    pub async fn url(&self) -> &str {
        &self.0.url
    }

    /// The subscription that shapes what it is told.
    pub async fn document(&self) -> &str {
        &self.0.document
    }

    /// The variables of that.
    pub async fn variables(&self) -> Json {
        Json(self.0.variables.clone())
    }

    /// Whether it is told.
    pub async fn state(&self) -> WebhookState {
        self.0.state.into()
    }

    /// Why it ended.
    pub async fn state_reason(&self) -> Option<&str> {
        self.0.state_reason.as_deref()
    }

    /// When it was registered.
    pub async fn created_at(&self) -> Timestamp {
        self.0.created_at
    }

    /// Who registered it.
    pub async fn created_by(&self) -> &str {
        &self.0.subject
    }

    /// From then on it is told nothing.
    pub async fn expires_at(&self) -> Timestamp {
        self.0.expires_at
    }

    /// The place in the log up to which it has been told.
    pub async fn cursor(&self) -> String {
        cursor_of(self.0.place)
    }

    /// How often the next delivery has failed.
    pub async fn failures(&self) -> i64 {
        self.0.failures
    }

    /// When it is told next, where something waits.
    pub async fn next_at(&self) -> Timestamp {
        self.0.next_at
    }

    /// What became of its deliveries in the last 30 days, the latest entry of the log first.
    pub async fn deliveries(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Only those of which this became.")] state: Option<WebhookDeliveryState>,
        #[graphql(desc = "The first so many, at most 200.", default = 50)] first: i32,
    ) -> Result<Vec<WebhookDelivery>> {
        let count = usize::try_from(first).unwrap_or(0);
        let session = ctx.data::<Session>()?;
        let rows = session.webhook_deliveries(self.0.id, state.map(Into::into), count).await;
        Ok(rows.map_err(|error| failed(&error))?.into_iter().map(WebhookDelivery).collect())
    }
}

/// What became of one delivery. Its body is not kept.
#[derive(Clone, Description)]
pub struct WebhookDelivery(pub DeliveryRow);

#[Object(use_type_description)]
impl WebhookDelivery {
    /// The place in the log of what was told: the header `onefold-delivery`, the same for each attempt.
    pub async fn cursor(&self) -> String {
        cursor_of(self.0.seq)
    }

    /// What became of it.
    pub async fn state(&self) -> WebhookDeliveryState {
        self.0.state.into()
    }

    /// How often it was tried.
    pub async fn attempts(&self) -> i64 {
        self.0.attempts
    }

    /// What the receiver answered last. Null where it did not answer.
    pub async fn status(&self) -> Option<i64> {
        self.0.status
    }

    /// Why it was not taken.
    pub async fn reason(&self) -> Option<&str> {
        self.0.reason.as_deref()
    }

    /// When it was tried first.
    pub async fn first_at(&self) -> Timestamp {
        self.0.first_at
    }

    /// When it was tried last.
    pub async fn last_at(&self) -> Timestamp {
        self.0.last_at
    }
}
