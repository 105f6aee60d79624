//! The words of the standardised records as enums of the graph. A test holds them to the records' own words.

use async_graphql::Enum;
use serde::Deserialize;

macro_rules! words {
    ($($(#[doc = $doc:literal])* $name:ident { $($(#[doc = $vdoc:literal])* $variant:ident = $word:literal),* $(,)? })*) => {
        $(
            $(#[doc = $doc])*
            #[derive(Debug, Clone, Copy, PartialEq, Eq, Enum, Deserialize)]
            pub enum $name { $($(#[doc = $vdoc])* #[serde(rename = $word)] #[graphql(name = $word)] $variant),* }

            impl super::choice::Word for $name {
                const WORDS: &'static [&'static str] = &[$($word),*];
                fn word(self) -> &'static str {
                    match self { $($name::$variant => $word),* }
                }
            }
        )*

        #[cfg(test)]
        mod tests {
            #[test]
            fn the_graph_has_the_words_of_the_records() {
                $(assert_eq!(onefold_model::$name::WORDS, &[$($word),*], stringify!($name));)*
            }
        }
    };
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
    /// Who spoke.
    Direction {
        /// The customer.
        Inbound = "INBOUND",
        /// The company.
        Outbound = "OUTBOUND",
    }
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
    /// What became of a campaign at one customer.
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
