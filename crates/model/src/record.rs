//! The standardised records: what every connector maps to and what the graph serves.
//!
//! Each field that a source may not know is optional; what it does know is kept exactly. Names are those of the graph.
//! Adding a field is compatible; renaming one is a new major version of `schema/record.schema.json`.

use crate::field::{Describe, FieldType};
use crate::value::{FieldValue, Filled};
use crate::{Money, Timestamp};
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

        impl Filled for $name {
            fn filled(value: Option<FieldValue>) -> Option<Self> {
                match value? {
                    FieldValue::Word(word) => match word {
                        $($word => Some($name::$variant),)*
                        _ => None,
                    },
                    _ => None,
                }
            }
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

            /// From the values of its fields, in their order.
            pub(crate) fn build(values: Vec<Option<FieldValue>>) -> Option<Self> {
                let mut values = values.into_iter();
                Some(Self { $($field: Filled::filled(values.next()?)?),* })
            }
        }
    };
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

mod billing;
mod marketing;
mod party;
mod service;

pub use billing::{
    Account, AccountStatus, Invoice, InvoiceStatus, Payment, PaymentStatus, Subscription, SubscriptionStatus,
};
pub use marketing::{Campaign, CampaignStatus, CampaignTouch, Consent, ConsentStatus, LegalBasis, TouchResult};
pub use party::{Party, PartyKind};
pub use service::{
    Direction, Feedback, FeedbackInstrument, Interaction, InteractionKind, Priority, Ticket, TicketStatus,
};

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

fn midnight(day: Option<NaiveDate>) -> Option<Timestamp> {
    day.map(|day| day.and_time(chrono::NaiveTime::MIN).and_utc())
}
