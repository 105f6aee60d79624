//! Subscriptions.

use super::activity::activity;
use super::customer::{Customer, customer_of};
use super::money::Money;
use super::words::SubscriptionStatus;
use async_graphql::{Context, Result};
use onefold_model::Timestamp;

activity! {
    /// Something that a customer receives and pays for regularly.
    Subscription, SubscriptionFilterInput, SubscriptionOrderInput {
        /// What is received.
        product: String = "product", by ProductAsc ProductDesc;
        /// Its state.
        status: SubscriptionStatus = "status", by StatusAsc StatusDesc;
        /// When it began.
        started_at: Timestamp = "startedAt", by StartedAtAsc StartedAtDesc;
        /// What has been paid for lasts until here.
        current_period_end: Timestamp = "currentPeriodEnd", by CurrentPeriodEndAsc CurrentPeriodEndDesc;
        /// When it was cancelled.
        cancelled_at: Timestamp = "cancelledAt", by CancelledAtAsc CancelledAtDesc;
        /// Why it was cancelled.
        cancel_reason: String = "cancelReason", by CancelReasonAsc CancelReasonDesc;
        /// The price of one period.
        recurring: Money = "recurring" => Money, by RecurringAsc RecurringDesc;
        /// The length of one period: `month`, `year`.
        interval: String = "interval", by IntervalAsc IntervalDesc;
    } extra {
        /// Whose it is.
        pub async fn customer(&self, ctx: &Context<'_>) -> Result<Option<Customer>> {
            customer_of(ctx, self.0.customer).await
        }
    }
}
