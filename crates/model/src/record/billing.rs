//! Accounts, subscriptions, invoices and payments.

use super::{Extensions, Facets, RecordRef, midnight};
use crate::field::{Describe, Field, FieldType, camel_case};
use crate::value::{FieldValue, Filled};
use crate::{Money, Timestamp};
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

words! {
    /// The state of an account.
    AccountStatus {
        /// In use.
        Active = "ACTIVE",
        /// Stopped for now.
        Suspended = "SUSPENDED",
        /// Ended.
        Closed = "CLOSED",
    }
}

record! {
    /// What a customer holds with the company: the thing that invoices are written for.
    Account {
        /// The number on the letters.
        number: Option<String>,
        /// Whose account it is.
        holder: Option<RecordRef>,
        /// Its state.
        status: Option<AccountStatus>,
        /// First day.
        opened_on: Option<NaiveDate>,
        /// Last day.
        closed_on: Option<NaiveDate>,
        /// What is owed (positive) or in credit (negative).
        balance: Option<Money>,
        /// Custom fields of the source.
        #[serde(default)]
        extensions: Extensions,
    }
}

words! {
    /// The state of a subscription.
    SubscriptionStatus {
        /// Not yet paid for.
        Trialing = "TRIALING",
        /// Running.
        Active = "ACTIVE",
        /// A payment is late.
        PastDue = "PAST_DUE",
        /// Stopped for now.
        Paused = "PAUSED",
        /// Not paid for and given up on.
        Unpaid = "UNPAID",
        /// The first payment is missing.
        Incomplete = "INCOMPLETE",
        /// Ended.
        Cancelled = "CANCELLED",
    }
}

record! {
    /// Something that a customer receives and pays for regularly.
    Subscription {
        /// Whose it is.
        customer: Option<RecordRef>,
        /// The account that it is billed to.
        account: Option<RecordRef>,
        /// What is received.
        product: Option<String>,
        /// Its state.
        status: Option<SubscriptionStatus>,
        /// When it began.
        started_at: Option<Timestamp>,
        /// What has been paid for lasts until here.
        current_period_end: Option<Timestamp>,
        /// When it was cancelled.
        cancelled_at: Option<Timestamp>,
        /// Why it was cancelled.
        cancel_reason: Option<String>,
        /// The price of one period.
        recurring: Option<Money>,
        /// The length of one period: `month`, `year`.
        interval: Option<String>,
        /// Custom fields of the source.
        #[serde(default)]
        extensions: Extensions,
    }
}

words! {
    /// The state of an invoice.
    InvoiceStatus {
        /// Not yet sent.
        Draft = "DRAFT",
        /// Sent and not paid.
        Open = "OPEN",
        /// Paid.
        Paid = "PAID",
        /// Given up on.
        Uncollectible = "UNCOLLECTIBLE",
        /// Taken back.
        Void = "VOID",
    }
}

record! {
    /// A bill.
    Invoice {
        /// The number on the paper.
        number: Option<String>,
        /// Whose it is.
        customer: Option<RecordRef>,
        /// The account that it was written for.
        account: Option<RecordRef>,
        /// The subscription that it was written for.
        subscription: Option<RecordRef>,
        /// Its state.
        status: Option<InvoiceStatus>,
        /// When it was made final.
        issued_at: Option<Timestamp>,
        /// The last day to pay.
        due_on: Option<NaiveDate>,
        /// When it was paid.
        paid_at: Option<Timestamp>,
        /// Without tax.
        net: Option<Money>,
        /// The tax in it.
        tax: Option<Money>,
        /// With tax.
        total: Option<Money>,
        /// What is still to be paid.
        amount_due: Option<Money>,
        /// What has been paid.
        amount_paid: Option<Money>,
        /// Custom fields of the source.
        #[serde(default)]
        extensions: Extensions,
    }
}

words! {
    /// The state of a payment.
    PaymentStatus {
        /// On its way.
        Pending = "PENDING",
        /// Arrived.
        Succeeded = "SUCCEEDED",
        /// Did not arrive.
        Failed = "FAILED",
        /// Given back.
        Refunded = "REFUNDED",
    }
}

record! {
    /// Money that came, or did not.
    Payment {
        /// Whose it is.
        customer: Option<RecordRef>,
        /// What it pays for.
        invoice: Option<RecordRef>,
        /// How much.
        amount: Option<Money>,
        /// How much was given back.
        refunded: Option<Money>,
        /// Its state.
        status: Option<PaymentStatus>,
        /// `card`, `sepa_debit`, `transfer`.
        method: Option<String>,
        /// Why it failed.
        failure_reason: Option<String>,
        /// When it happened.
        paid_at: Option<Timestamp>,
        /// Custom fields of the source.
        #[serde(default)]
        extensions: Extensions,
    }
}

facets! {
    Account |r| { party: r.holder.as_ref(), occurred_at: midnight(r.opened_on), status: r.status.map(AccountStatus::as_str),
        number: r.number.as_deref(), amount: r.balance }
    Subscription |r| { party: r.customer.as_ref(), parent: r.account.as_ref(), occurred_at: r.started_at,
        status: r.status.map(SubscriptionStatus::as_str), amount: r.recurring }
    Invoice |r| { party: r.customer.as_ref(), parent: r.account.as_ref(), occurred_at: r.issued_at,
        status: r.status.map(InvoiceStatus::as_str), number: r.number.as_deref(), amount: r.total }
    Payment |r| { party: r.customer.as_ref(), parent: r.invoice.as_ref(), occurred_at: r.paid_at,
        status: r.status.map(PaymentStatus::as_str), amount: r.amount }
}
