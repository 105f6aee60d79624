//! Campaigns, the customers that they reached, and consent.

use super::{Channel, Extensions, Facets, RecordRef};
use crate::Timestamp;
use crate::field::{Describe, Field, FieldType, camel_case};
use crate::value::{FieldValue, Filled};
use serde::{Deserialize, Serialize};

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

facets! {
    Campaign |r| { occurred_at: r.sent_at, status: r.status.map(CampaignStatus::as_str), number: r.name.as_deref() }
    CampaignTouch |r| { party: r.customer.as_ref(), parent: r.campaign.as_ref(), occurred_at: r.at,
        status: r.result.map(TouchResult::as_str) }
    Consent |r| { party: r.customer.as_ref(), occurred_at: r.captured_at, status: Some(r.status.as_str()),
        number: Some(r.purpose.as_str()) }
}
