//! Invoices.

use super::activity::{activity, of_parent};
use super::customer::{Customer, customer_of};
use super::money::Money;
use super::payment::Payment;
use super::words::InvoiceStatus;
use crate::graphql::page::Page;
use crate::graphql::scalars::Date;
use async_graphql::{Context, Result};
use onefold_model::{RecordKind, Timestamp};

activity! {
    /// A bill.
    Invoice {
        /// The number on the paper.
        number: String = "number",
        /// Its state.
        status: InvoiceStatus = "status",
        /// When it was made final.
        issued_at: Timestamp = "issuedAt",
        /// The last day to pay.
        due_on: Date = "dueOn" => Date,
        /// When it was paid.
        paid_at: Timestamp = "paidAt",
        /// Without tax.
        net: Money = "net" => Money,
        /// The tax in it.
        tax: Money = "tax" => Money,
        /// With tax.
        total: Money = "total" => Money,
        /// What is still to be paid.
        amount_due: Money = "amountDue" => Money,
        /// What has been paid.
        amount_paid: Money = "amountPaid" => Money,
    } extra {
        /// Whose it is.
        pub async fn customer(&self, ctx: &Context<'_>) -> Result<Option<Customer>> {
            customer_of(ctx, self.0.customer).await
        }

        /// What was paid for it, latest first. Null where you may see no payments.
        pub async fn payments(
            &self,
            ctx: &Context<'_>,
            #[graphql(desc = "The first so many, at most 200.")] first: Option<i32>,
            #[graphql(desc = "After this page cursor.")] after: Option<String>,
            #[graphql(desc = "The last so many, at most 200.")] last: Option<i32>,
            #[graphql(desc = "Before this page cursor.")] before: Option<String>,
        ) -> Result<Option<Page<Payment>>> {
            of_parent(ctx, &self.0, "payments", RecordKind::Payment, (first, after, last, before)).await
        }
    }
}
