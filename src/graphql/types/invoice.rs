//! Invoices.

use super::activity::{activity, list_args, of_parent};
use super::customer::{Customer, customer_of};
use super::money::Money;
use super::payment::{Payment, PaymentFilterInput, PaymentOrderInput};
use super::words::InvoiceStatus;
use crate::graphql::page::Page;
use crate::graphql::scalars::Date;
use async_graphql::{Context, Result};
use onefold_model::{RecordKind, Timestamp};

activity! {
    /// A bill.
    Invoice, InvoiceFilterInput, InvoiceOrderInput {
        /// The number on the paper.
        number: String = "number", by NumberAsc NumberDesc;
        /// Its state.
        status: InvoiceStatus = "status", by StatusAsc StatusDesc;
        /// When it was made final.
        issued_at: Timestamp = "issuedAt", by IssuedAtAsc IssuedAtDesc;
        /// The last day to pay.
        due_on: Date = "dueOn" => Date, by DueOnAsc DueOnDesc;
        /// When it was paid.
        paid_at: Timestamp = "paidAt", by PaidAtAsc PaidAtDesc;
        /// Without tax.
        net: Money = "net" => Money, by NetAsc NetDesc;
        /// The tax in it.
        tax: Money = "tax" => Money, by TaxAsc TaxDesc;
        /// With tax.
        total: Money = "total" => Money, by TotalAsc TotalDesc;
        /// What is still to be paid.
        amount_due: Money = "amountDue" => Money, by AmountDueAsc AmountDueDesc;
        /// What has been paid.
        amount_paid: Money = "amountPaid" => Money, by AmountPaidAsc AmountPaidDesc;
    } extra {
        /// Whose it is.
        pub async fn customer(&self, ctx: &Context<'_>) -> Result<Option<Customer>> {
            customer_of(ctx, self.0.customer).await
        }

        /// What was paid for it, latest first. Null where you may see no payments.
        #[allow(clippy::too_many_arguments, reason = "they are the arguments of a GraphQL list")]
        pub async fn payments(
            &self,
            ctx: &Context<'_>,
            #[graphql(desc = "Which of them.")] filter: Option<PaymentFilterInput>,
            #[graphql(desc = "In which order. Without one the latest first.")] order_by: Option<PaymentOrderInput>,
            #[graphql(desc = "The first so many, at most 200.")] first: Option<i32>,
            #[graphql(desc = "After this page cursor.")] after: Option<String>,
            #[graphql(desc = "The last so many, at most 200.")] last: Option<i32>,
            #[graphql(desc = "Before this page cursor.")] before: Option<String>,
        ) -> Result<Option<Page<Payment>>> {
            let args = list_args(filter, order_by, (first, after, last, before))?;
            of_parent(ctx, &self.0, "payments", RecordKind::Payment, args).await
        }
    }
}
