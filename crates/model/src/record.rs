//! The standardised records: what every connector maps to and what the graph serves.
//!
//! Each field that a source may not know is optional; what it does know is kept exactly. Names are those of the graph.
//! Adding a field is compatible; renaming one is a new major version of `schema/record.schema.json`.

use crate::field::{Describe, Field, FieldType, camel_case};
use crate::{Email, Money, PartialDate, Phone, PostalAddress, Timestamp};
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// Custom fields of a source, by name.
pub type Extensions = Map<String, Value>;

/// Points at a record of the same source by its key there.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct RecordRef {
    /// The stream of the target.
    pub stream: String,
    /// Its key in the source.
    pub external_id: String,
}

/// An identifier that a party has somewhere: a tax number, a number in another system.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Identifier {
    /// Who issues it: `vat`, `tax`, `crm`.
    pub system: String,
    /// The identifier.
    pub value: String,
}

/// What every record tells about its place in a customer's history.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Facets<'a> {
    /// Whose it is.
    pub party: Option<&'a RecordRef>,
    /// What it belongs to: the invoice of a payment, the ticket of an interaction, the campaign of a touch.
    pub parent: Option<&'a RecordRef>,
    /// When it happened.
    pub occurred_at: Option<Timestamp>,
    /// Its state, as the word of the graph.
    pub status: Option<&'static str>,
    /// The number that people know it by.
    pub number: Option<&'a str>,
    /// Its main amount.
    pub amount: Option<Money>,
}

macro_rules! words {
    ($(#[doc = $doc:literal])* $name:ident { $($(#[doc = $vdoc:literal])* $variant:ident = $word:literal),* $(,)? }) => {
        $(#[doc = $doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        pub enum $name { $($(#[doc = $vdoc])* #[serde(rename = $word)] $variant),* }

        impl $name {
            /// Every word, in order.
            pub const WORDS: &'static [&'static str] = &[$($word),*];

            /// The word of the graph.
            pub fn as_str(self) -> &'static str {
                match self { $($name::$variant => $word),* }
            }
        }

        impl Describe for $name {
            const TYPE: FieldType = FieldType::OneOf(Self::WORDS);
        }
    };
}

macro_rules! record {
    ($(#[doc = $doc:literal])* $name:ident {
        $($(#[doc = $fdoc:literal])* $(#[serde($($serde:tt)*)])* $field:ident: $ty:ty),* $(,)?
    }) => {
        $(#[doc = $doc])*
        #[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
        #[serde(rename_all = "camelCase", deny_unknown_fields)]
        pub struct $name {
            $(
                $(#[doc = $fdoc])* $(#[serde($($serde)*)])*
                #[serde(skip_serializing_if = "Describe::is_absent")]
                pub $field: $ty
            ),*
        }

        impl $name {
            pub(crate) fn describe() -> Vec<Field> {
                vec![$(Field {
                    name: camel_case(stringify!($field)),
                    ty: <$ty as Describe>::TYPE,
                    required: <$ty as Describe>::REQUIRED,
                    doc: concat!($($fdoc),*).trim_ascii(),
                }),*]
            }
        }
    };
}

words! {
    /// A person or an organisation.
    PartyKind {
        /// A human being.
        Person = "PERSON",
        /// A company, a club, an authority.
        Organization = "ORGANIZATION",
    }
}

record! {
    /// Somebody whom a department deals with: the part of a customer that one system knows.
    Party {
        /// A person or an organisation.
        kind: PartyKind,
        /// The whole name as the source shows it.
        display_name: Option<String>,
        /// Given name or names.
        given_name: Option<String>,
        /// Middle name or initial.
        middle_name: Option<String>,
        /// Family name.
        family_name: Option<String>,
        /// Title before the name.
        name_prefix: Option<String>,
        /// What follows the name: Jr., PhD.
        name_suffix: Option<String>,
        /// The name used among friends.
        nickname: Option<String>,
        /// The registered name of an organisation.
        legal_name: Option<String>,
        /// Other names that an organisation trades under.
        #[serde(default)]
        trade_names: Vec<String>,
        /// The organisation that a person belongs to, as text.
        company: Option<String>,
        /// The organisation that a person belongs to, as a record of the same source.
        employer: Option<RecordRef>,
        /// What a person does there.
        job_title: Option<String>,
        /// Day of birth, as far as known.
        birth_date: Option<PartialDate>,
        /// Language tag, BCP 47.
        language: Option<String>,
        /// Time zone of IANA.
        time_zone: Option<String>,
        /// E-mail addresses.
        #[serde(default)]
        emails: Vec<Email>,
        /// Telephone numbers.
        #[serde(default)]
        phones: Vec<Phone>,
        /// Postal addresses.
        #[serde(default)]
        addresses: Vec<PostalAddress>,
        /// Internet domains of an organisation.
        #[serde(default)]
        domains: Vec<String>,
        /// Identifiers such as a VAT number or the number in another system.
        #[serde(default)]
        identifiers: Vec<Identifier>,
        /// Labels that the source gave.
        #[serde(default)]
        tags: Vec<String>,
        /// When the source first had it.
        created_at: Option<Timestamp>,
        /// When the source last changed it.
        updated_at: Option<Timestamp>,
        /// Custom fields of the source.
        #[serde(default)]
        extensions: Extensions,
    }
}

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

words! {
    /// The state of a ticket.
    TicketStatus {
        /// Nobody has looked at it.
        New = "NEW",
        /// Being worked on.
        Open = "OPEN",
        /// Waiting for the customer.
        Pending = "PENDING",
        /// Waiting for somebody else.
        OnHold = "ON_HOLD",
        /// Answered.
        Solved = "SOLVED",
        /// Answered and no longer open to change.
        Closed = "CLOSED",
    }
}

words! {
    /// How much something presses.
    Priority {
        /// When there is time.
        Low = "LOW",
        /// In its turn.
        Normal = "NORMAL",
        /// Before others.
        High = "HIGH",
        /// Now.
        Urgent = "URGENT",
    }
}

words! {
    /// The way that something was said.
    Channel {
        /// E-mail.
        Email = "EMAIL",
        /// Telephone.
        Phone = "PHONE",
        /// Short message.
        Sms = "SMS",
        /// Letter.
        Post = "POST",
        /// Web site or form.
        Web = "WEB",
        /// Chat.
        Chat = "CHAT",
        /// Social network.
        Social = "SOCIAL",
        /// Mobile application.
        App = "APP",
        /// Face to face.
        InPerson = "IN_PERSON",
        /// Machine to machine.
        Api = "API",
        /// Anything else.
        Other = "OTHER",
    }
}

record! {
    /// A customer's request and its answer.
    Ticket {
        /// The number that people know it by.
        number: Option<String>,
        /// Who asked.
        customer: Option<RecordRef>,
        /// The organisation on whose behalf.
        organization: Option<RecordRef>,
        /// What it is about.
        subject: Option<String>,
        /// Its state.
        status: Option<TicketStatus>,
        /// How much it presses.
        priority: Option<Priority>,
        /// How it arrived.
        channel: Option<Channel>,
        /// When it arrived.
        opened_at: Option<Timestamp>,
        /// When it last changed.
        updated_at: Option<Timestamp>,
        /// When it was answered for good.
        solved_at: Option<Timestamp>,
        /// Labels.
        #[serde(default)]
        tags: Vec<String>,
        /// Custom fields of the source.
        #[serde(default)]
        extensions: Extensions,
    }
}

words! {
    /// Who spoke.
    Direction {
        /// The customer.
        Inbound = "INBOUND",
        /// The company.
        Outbound = "OUTBOUND",
    }
}

words! {
    /// The form of an interaction.
    InteractionKind {
        /// A written message.
        Message = "MESSAGE",
        /// A call.
        Call = "CALL",
        /// A meeting.
        Meeting = "MEETING",
        /// A remark among colleagues.
        Note = "NOTE",
        /// A visit to a page or a use of the product.
        Visit = "VISIT",
    }
}

record! {
    /// One thing said or done between a customer and the company.
    Interaction {
        /// Whose it is.
        customer: Option<RecordRef>,
        /// The ticket that it belongs to.
        ticket: Option<RecordRef>,
        /// Its form.
        kind: Option<InteractionKind>,
        /// Who spoke.
        direction: Option<Direction>,
        /// The way that it was said.
        channel: Option<Channel>,
        /// When.
        at: Option<Timestamp>,
        /// What it is about.
        subject: Option<String>,
        /// What was said, or the gist.
        summary: Option<String>,
        /// Custom fields of the source.
        #[serde(default)]
        extensions: Extensions,
    }
}

words! {
    /// How an opinion was asked for.
    FeedbackInstrument {
        /// Net promoter score.
        Nps = "NPS",
        /// Satisfaction with one thing.
        Csat = "CSAT",
        /// Effort that it took.
        Ces = "CES",
        /// A public review.
        Review = "REVIEW",
        /// Praise.
        Compliment = "COMPLIMENT",
    }
}

record! {
    /// What a customer thinks.
    Feedback {
        /// Whose it is.
        customer: Option<RecordRef>,
        /// The ticket that it is about.
        ticket: Option<RecordRef>,
        /// How it was asked for.
        instrument: Option<FeedbackInstrument>,
        /// The figure that was given.
        score: Option<i64>,
        /// The highest figure that could have been given.
        score_max: Option<i64>,
        /// In words.
        comment: Option<String>,
        /// When.
        at: Option<Timestamp>,
        /// Custom fields of the source.
        #[serde(default)]
        extensions: Extensions,
    }
}

words! {
    /// The state of a campaign.
    CampaignStatus {
        /// Being written.
        Draft = "DRAFT",
        /// Waiting for its hour.
        Scheduled = "SCHEDULED",
        /// Going out.
        Sending = "SENDING",
        /// Gone out.
        Sent = "SENT",
        /// Stopped.
        Cancelled = "CANCELLED",
    }
}

record! {
    /// Something that was sent to many.
    Campaign {
        /// What marketing calls it.
        name: Option<String>,
        /// The subject line.
        subject: Option<String>,
        /// What it was for, for example `newsletter`.
        purpose: Option<String>,
        /// The way that it was sent.
        channel: Option<Channel>,
        /// Its state.
        status: Option<CampaignStatus>,
        /// When it went out.
        sent_at: Option<Timestamp>,
        /// Custom fields of the source.
        #[serde(default)]
        extensions: Extensions,
    }
}

words! {
    /// What became of a campaign at one customer, from the least to the most.
    TouchResult {
        /// Did not arrive.
        Bounced = "BOUNCED",
        /// Sent.
        Sent = "SENT",
        /// Opened.
        Opened = "OPENED",
        /// A link was followed.
        Clicked = "CLICKED",
        /// The customer asked for no more.
        Unsubscribed = "UNSUBSCRIBED",
        /// The customer called it spam.
        Complained = "COMPLAINED",
    }
}

record! {
    /// One customer reached by one campaign.
    CampaignTouch {
        /// The campaign.
        campaign: Option<RecordRef>,
        /// Whom it reached.
        customer: Option<RecordRef>,
        /// The way that it was sent.
        channel: Option<Channel>,
        /// When this was last seen.
        at: Option<Timestamp>,
        /// What became of it.
        result: Option<TouchResult>,
        /// How often it was opened.
        opens: Option<i64>,
        /// Custom fields of the source.
        #[serde(default)]
        extensions: Extensions,
    }
}

words! {
    /// What a customer has allowed, from the most to the least permission.
    ConsentStatus {
        /// Allowed.
        Granted = "GRANTED",
        /// Asked and not yet confirmed.
        Pending = "PENDING",
        /// Was allowed and has lapsed.
        Expired = "EXPIRED",
        /// Allowed once and taken back.
        Withdrawn = "WITHDRAWN",
        /// Refused.
        Denied = "DENIED",
    }
}

words! {
    /// Why the company may use data (GDPR, article 6).
    LegalBasis {
        /// 6 (1) a.
        Consent = "CONSENT",
        /// 6 (1) b.
        Contract = "CONTRACT",
        /// 6 (1) c.
        LegalObligation = "LEGAL_OBLIGATION",
        /// 6 (1) f.
        LegitimateInterest = "LEGITIMATE_INTEREST",
    }
}

record! {
    /// What one source says that a customer has allowed for one purpose on one channel.
    Consent {
        /// Whose it is.
        customer: Option<RecordRef>,
        /// What for: `newsletter`, `analytics`.
        purpose: String,
        /// By which way.
        channel: Channel,
        /// What was said.
        status: ConsentStatus,
        /// Why the company may.
        legal_basis: Option<LegalBasis>,
        /// When it was said.
        captured_at: Option<Timestamp>,
        /// Where it was said.
        captured_via: Option<String>,
        /// Custom fields of the source.
        #[serde(default)]
        extensions: Extensions,
    }
}

fn midnight(day: Option<NaiveDate>) -> Option<Timestamp> {
    day.map(|day| day.and_time(chrono::NaiveTime::MIN).and_utc())
}

macro_rules! facets {
    ($($ty:ident |$r:ident| { $($facet:ident: $value:expr),* $(,)? })*) => { $(impl $ty {
        pub(crate) fn facets(&self) -> Facets<'_> {
            let $r = self;
            let mut facets = Facets::default();
            $(facets.$facet = $value;)*
            facets
        }
    })* };
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
    Ticket |r| { party: r.customer.as_ref(), parent: r.organization.as_ref(), occurred_at: r.opened_at,
        status: r.status.map(TicketStatus::as_str), number: r.number.as_deref() }
    Interaction |r| { party: r.customer.as_ref(), parent: r.ticket.as_ref(), occurred_at: r.at }
    Feedback |r| { party: r.customer.as_ref(), parent: r.ticket.as_ref(), occurred_at: r.at }
    Campaign |r| { occurred_at: r.sent_at, status: r.status.map(CampaignStatus::as_str), number: r.name.as_deref() }
    CampaignTouch |r| { party: r.customer.as_ref(), parent: r.campaign.as_ref(), occurred_at: r.at,
        status: r.result.map(TouchResult::as_str) }
    Consent |r| { party: r.customer.as_ref(), occurred_at: r.captured_at, status: Some(r.status.as_str()),
        number: Some(r.purpose.as_str()) }
    Party |r| { parent: r.employer.as_ref(), occurred_at: r.created_at, number: r.display_name.as_deref() }
}
