//! Subscriptions.

use super::activity::activity;
use super::customer::{Customer, customer_of};
use super::money::Money;
use super::words::SubscriptionStatus;
use async_graphql::{Context, Result};
use onefold_model::Timestamp;

activity! {
    /// Something that a customer receives and pays for regularly.
    Subscription {
        /// What is received.
        product: String = "product",
        /// Its state.
        status: SubscriptionStatus = "status",
        /// When it began.
        started_at: Timestamp = "startedAt",
        /// What has been paid for lasts until here.
        current_period_end: Timestamp = "currentPeriodEnd",
        /// When it was cancelled.
        cancelled_at: Timestamp = "cancelledAt",
        /// Why it was cancelled.
        cancel_reason: String = "cancelReason",
        /// The price of one period.
        recurring: Money = "recurring" => Money,
        /// The length of one period: `month`, `year`.
        interval: String = "interval",
    } extra {
        /// Whose it is.
        pub async fn customer(&self, ctx: &Context<'_>) -> Result<Option<Customer>> {
            customer_of(ctx, self.0.customer).await
        }
    }
}
