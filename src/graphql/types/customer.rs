//! Customers: the interface that a person and an organisation share.

use super::campaign::CampaignTouch;
use super::candidate::MatchCandidate;
use super::consent::Consent;
use super::contact::{EmailAddress, Identifier, PhoneNumber, PostalAddress};
use super::party::{EffectiveConsent, Organization, Person};
use super::provenance::FieldProvenance;
use super::record::SourceRecord;
use super::restriction::Restriction;
use super::{
    Account, AccountFilterInput, AccountOrderInput, CampaignTouchFilterInput, CampaignTouchOrderInput,
    ConsentFilterInput, ConsentOrderInput, Feedback, FeedbackFilterInput, FeedbackOrderInput, Interaction,
    InteractionFilterInput, InteractionOrderInput, Invoice, InvoiceFilterInput, InvoiceOrderInput, Payment,
    PaymentFilterInput, PaymentOrderInput, Subscription, SubscriptionFilterInput, SubscriptionOrderInput, Ticket,
    TicketFilterInput, TicketOrderInput,
};
use crate::app::{CustomerRow, PastAsk, Session};
use crate::graphql::error::failed;
use crate::graphql::loaders::{CustomerKey, load};
use crate::graphql::page::Page;
use async_graphql::{Context, Enum, ID, Interface, Result};
use onefold_model::{CustomerId, PartyKind, Timestamp};
use std::sync::Arc;

/// A person or an organisation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
pub enum CustomerKind {
    /// A human being.
    Person,
    /// A company, a club, an authority.
    Organization,
}

impl From<CustomerKind> for PartyKind {
    fn from(kind: CustomerKind) -> Self {
        match kind {
            CustomerKind::Person => Self::Person,
            CustomerKind::Organization => Self::Organization,
        }
    }
}

/// A list of what happened: the field of the interface with the arguments of a page.
macro_rules! customer_interface {
    ($($list:literal -> $ty:literal, $filter:literal, $order:literal, $desc:literal;)*) => {
        /// Somebody whom the company deals with: folded from the records of all departments.
        #[derive(Interface, Clone)]
        #[graphql(
            field(name = "id", ty = "ID", desc = "The id of this customer. Every id that was ever issued resolves for ever."),
            field(name = "redirected_from", ty = "Option<ID>", desc = "The id that was asked for, where it has gone into this customer since."),
            field(name = "alternate_ids", ty = "Vec<ID>", desc = "Every other id that leads here."),
            field(name = "version", ty = "i64", desc = "Rises with every change of its records or their content."),
            field(name = "created_at", ty = "Timestamp", desc = "When it was first folded."),
            field(name = "changed_at", ty = "Timestamp", desc = "When its records or their content last changed."),
            field(name = "record_count", ty = "i64", desc = "How many records of parties it is made of."),
            field(name = "display_name", ty = "Option<String>", desc = "The best name as a source shows it."),
            field(name = "email", ty = "Option<String>", desc = "The best e-mail address."),
            field(name = "phone", ty = "Option<String>", desc = "The best telephone number."),
            field(name = "address", ty = "Option<PostalAddress>", desc = "The best postal address."),
            field(name = "emails", ty = "Vec<EmailAddress>", desc = "Every e-mail address that some record has."),
            field(name = "phones", ty = "Vec<PhoneNumber>", desc = "Every telephone number that some record has."),
            field(name = "addresses", ty = "Vec<PostalAddress>", desc = "Every postal address that some record has."),
            field(name = "identifiers", ty = "Vec<Identifier>", desc = "Every identifier that some record has."),
            field(name = "language", ty = "Option<String>", desc = "Language tag, BCP 47."),
            field(name = "time_zone", ty = "Option<String>", desc = "Time zone of IANA."),
            field(name = "tags", ty = "Option<Vec<String>>", desc = "Labels that the sources gave."),
            field(name = "restrictions", ty = "Vec<Restriction>", desc = "What you may not see here, and why."),
            field(name = "provenance", ty = "Vec<FieldProvenance>", desc = "Who said each golden value, why it won, and what lost.",
                arg(name = "paths", ty = "Option<Vec<String>>", desc = "Only of these fields.")),
            field(name = "source_records", ty = "Page<SourceRecord>", desc = "The records that it is made of, by source.",
                arg(name = "first", ty = "Option<i32>", desc = "The first so many, at most 200."),
                arg(name = "after", ty = "Option<String>", desc = "After this page cursor."),
                arg(name = "last", ty = "Option<i32>", desc = "The last so many, at most 200."),
                arg(name = "before", ty = "Option<String>", desc = "Before this page cursor.")),
            field(name = "effective_consents", ty = "Option<Vec<EffectiveConsent>>",
                desc = "What its consents amount to, by purpose and channel: the most restrictive statement counts. Null where you may see none."),
            field(name = "match_candidates", ty = "Vec<MatchCandidate>", desc = "Records of others that may be this customer's, likeliest first."),
            $(field(name = $list, ty = $ty, desc = $desc,
                arg(name = "filter", ty = $filter, desc = "Which of them."),
                arg(name = "order_by", ty = $order, desc = "In which order. Without one the latest first."),
                arg(name = "first", ty = "Option<i32>", desc = "The first so many, at most 200."),
                arg(name = "after", ty = "Option<String>", desc = "After this page cursor."),
                arg(name = "last", ty = "Option<i32>", desc = "The last so many, at most 200."),
                arg(name = "before", ty = "Option<String>", desc = "Before this page cursor."))),*
        )]
        pub enum Customer {
            /// A human being.
            Person(Person),
            /// A company, a club, an authority.
            Organization(Organization),
        }
    };
}

customer_interface! {
    "accounts" -> "Option<Page<Account>>", "Option<AccountFilterInput>", "Option<AccountOrderInput>",
        "What it holds, latest first. Null where you may see none.";
    "subscriptions" -> "Option<Page<Subscription>>", "Option<SubscriptionFilterInput>", "Option<SubscriptionOrderInput>",
        "What it receives regularly, latest first. Null where you may see none.";
    "invoices" -> "Option<Page<Invoice>>", "Option<InvoiceFilterInput>", "Option<InvoiceOrderInput>",
        "Its bills, latest first. Null where you may see none.";
    "payments" -> "Option<Page<Payment>>", "Option<PaymentFilterInput>", "Option<PaymentOrderInput>",
        "Its payments, latest first. Null where you may see none.";
    "tickets" -> "Option<Page<Ticket>>", "Option<TicketFilterInput>", "Option<TicketOrderInput>",
        "Its requests, latest first. Null where you may see none.";
    "interactions" -> "Option<Page<Interaction>>", "Option<InteractionFilterInput>", "Option<InteractionOrderInput>",
        "What was said, latest first. Null where you may see none.";
    "feedback" -> "Option<Page<Feedback>>", "Option<FeedbackFilterInput>", "Option<FeedbackOrderInput>",
        "What it thinks, latest first. Null where you may see none.";
    "campaign_touches" -> "Option<Page<CampaignTouch>>", "Option<CampaignTouchFilterInput>", "Option<CampaignTouchOrderInput>",
        "The campaigns that reached it, latest first. Null where you may see none.";
    "consents" -> "Option<Page<Consent>>", "Option<ConsentFilterInput>", "Option<ConsentOrderInput>",
        "What each source says that it has allowed, latest first. Null where you may see none.";
}

/// A customer as its type. `asked` is the id by which it was found.
pub fn customer(row: CustomerRow, asked: CustomerId) -> Customer {
    match row.kind {
        PartyKind::Person => Customer::Person(Person { row, asked, past: None }),
        PartyKind::Organization => Customer::Organization(Organization { row, asked, past: None }),
    }
}

/// The customer with this id, whatever became of the id.
pub async fn customer_of(ctx: &Context<'_>, id: Option<CustomerId>) -> Result<Option<Customer>> {
    let Some(id) = id else { return Ok(None) };
    Ok(load(ctx, CustomerKey(id)).await?.map(|row| customer(row, id)))
}

/// A customer as it was. `asked` is the id by which it was found.
pub async fn customer_then(ctx: &Context<'_>, asked: CustomerId, ask: PastAsk) -> Result<Option<Customer>> {
    let found = ctx.data::<Session>()?.customer_past(asked, ask).await.map_err(|error| failed(&error))?;
    Ok(found.map(|past| {
        let (row, past) = (past.row.clone(), Some(Arc::new(past)));
        match row.kind {
            PartyKind::Person => Customer::Person(Person { row, asked, past }),
            PartyKind::Organization => Customer::Organization(Organization { row, asked, past }),
        }
    }))
}
