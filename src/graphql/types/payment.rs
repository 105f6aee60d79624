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
    Payment, PaymentFilterInput, PaymentOrderInput {
        /// How much.
        amount: Money = "amount" => Money, by AmountAsc AmountDesc;
        /// How much was given back.
        refunded: Money = "refunded" => Money, by RefundedAsc RefundedDesc;
        /// Its state.
        status: PaymentStatus = "status", by StatusAsc StatusDesc;
        /// `card`, `sepa_debit`, `transfer`.
        method: String = "method", by MethodAsc MethodDesc;
        /// Why it failed.
        failure_reason: String = "failureReason", by FailureReasonAsc FailureReasonDesc;
        /// When it happened.
        paid_at: Timestamp = "paidAt", by PaidAtAsc PaidAtDesc;
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
