//! Payments.

use super::activity::{activity, parent};
use super::customer::{Customer, customer_of};
use super::invoice::Invoice;
use super::money::Money;
use super::words::PaymentStatus;
use async_graphql::{Context, Result};
use onefold_model::{RecordKind, Timestamp};

activity! {
    /// Money that came, or did not.
    Payment {
        /// How much.
        amount: Money = "amount" => Money,
        /// How much was given back.
        refunded: Money = "refunded" => Money,
        /// Its state.
        status: PaymentStatus = "status",
        /// `card`, `sepa_debit`, `transfer`.
        method: String = "method",
        /// Why it failed.
        failure_reason: String = "failureReason",
        /// When it happened.
        paid_at: Timestamp = "paidAt",
    } extra {
        /// Whose it is.
        pub async fn customer(&self, ctx: &Context<'_>) -> Result<Option<Customer>> {
            customer_of(ctx, self.0.customer).await
        }

        /// What it pays for.
        pub async fn invoice(&self, ctx: &Context<'_>) -> Result<Option<Invoice>> {
            parent(ctx, &self.0, "invoice", RecordKind::Invoice).await
        }
    }
}
