//! The kinds of standardised records, and one type that holds any of them.

use crate::record::Facets;
use crate::{
    Account, Campaign, CampaignTouch, Consent, Feedback, Field, FieldValue, Interaction, Invoice, Misread, Party,
    Payment, Subscription, Ticket,
};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::{fmt, str::FromStr, sync::LazyLock};

macro_rules! kinds {
    ($($(#[doc = $doc:literal])* $kind:ident = $word:literal),* $(,)?) => {
        /// Which of the standardised records.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        pub enum RecordKind { $($(#[doc = $doc])* #[serde(rename = $word)] $kind),* }

        /// A record in the standardised model.
        #[derive(Debug, Clone, PartialEq)]
        #[allow(clippy::large_enum_variant, reason = "a page of records lives in one vector and is written at once")]
        pub enum StandardRecord { $($(#[doc = $doc])* $kind($kind)),* }

        impl RecordKind {
            /// Every kind.
            pub const ALL: &'static [RecordKind] = &[$(RecordKind::$kind),*];

            /// The word in manifests, in the store and in JSON.
            pub fn as_str(self) -> &'static str {
                match self { $(RecordKind::$kind => $word),* }
            }

            /// The name of its type in the graph. A party is there as part of a customer, who is a person or an organisation.
            pub fn type_name(self) -> &'static str {
                match self {
                    RecordKind::Party => "Customer",
                    $(#[allow(unreachable_patterns, reason = "the party is named above")] RecordKind::$kind => stringify!($kind)),*
                }
            }

            /// The fields of this kind.
            pub fn fields(self) -> &'static [Field] {
                match self { $(RecordKind::$kind => {
                    static FIELDS: LazyLock<Vec<Field>> = LazyLock::new($kind::describe);
                    &FIELDS
                }),* }
            }

            /// Reads a record of this kind from its JSON form. Unknown keys, missing required ones and wrong types are
            /// errors that name the key and never the value.
            pub fn read(self, json: &Value) -> Result<StandardRecord, Misread> {
                // Where in the record the reader stands is worth its time only where something is wrong.
                let read = match self { $(RecordKind::$kind => $kind::deserialize(json).map(StandardRecord::$kind)),* };
                read.or_else(|_| self.read_with_path(json))
            }

            fn read_with_path(self, json: &Value) -> Result<StandardRecord, Misread> {
                let read = match self {
                    $(RecordKind::$kind => serde_path_to_error::deserialize(json).map(StandardRecord::$kind)),*
                };
                read.map_err(|error| Misread::new(self, &error))
            }

            /// Makes a record of this kind of the values of its fields, one for each of [`RecordKind::fields`] in their order.
            /// `None` where [`RecordKind::read`] would refuse the same values.
            pub fn build(self, values: Vec<Option<FieldValue>>) -> Option<StandardRecord> {
                match self { $(RecordKind::$kind => $kind::build(values).map(StandardRecord::$kind)),* }
            }
        }

        impl StandardRecord {
            /// Which kind this is.
            pub fn kind(&self) -> RecordKind {
                match self { $(StandardRecord::$kind(_) => RecordKind::$kind),* }
            }

            /// Its JSON form.
            pub fn to_json(&self) -> Value {
                match self { $(StandardRecord::$kind(record) => serde_json::to_value(record).unwrap_or(Value::Null)),* }
            }

            /// What it tells about its place in a customer's history.
            pub fn facets(&self) -> Facets<'_> {
                match self { $(StandardRecord::$kind(record) => record.facets()),* }
            }
        }

        $(impl From<$kind> for StandardRecord {
            fn from(record: $kind) -> Self { StandardRecord::$kind(record) }
        })*
    };
}

kinds! {
    /// A person or an organisation.
    Party = "party",
    /// What a customer holds.
    Account = "account",
    /// What is received regularly.
    Subscription = "subscription",
    /// A bill.
    Invoice = "invoice",
    /// Money that came.
    Payment = "payment",
    /// A request.
    Ticket = "ticket",
    /// Something said.
    Interaction = "interaction",
    /// An opinion.
    Feedback = "feedback",
    /// Something sent to many.
    Campaign = "campaign",
    /// One customer reached.
    CampaignTouch = "campaign_touch",
    /// A permission.
    Consent = "consent",
}

impl RecordKind {
    /// The field with this name.
    pub fn field(self, name: &str) -> Option<&'static Field> {
        self.fields().iter().find(|field| field.name == name)
    }
}

impl fmt::Display for RecordKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for RecordKind {
    type Err = ();
    fn from_str(word: &str) -> Result<Self, ()> {
        Self::ALL.iter().copied().find(|kind| kind.as_str() == word).ok_or(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{FieldType, RecordRef};
    use serde_json::json;

    #[test]
    fn a_record_reads_back_as_it_was_written() {
        let json = json!({
            "number": "INV-1", "customer": {"stream": "customers", "externalId": "cus_1"}, "status": "PAID",
            "issuedAt": "2026-03-01T00:00:00Z", "dueOn": "2026-03-14", "total": {"amount": "12.30", "currency": "EUR"}
        });
        let record = RecordKind::Invoice.read(&json).unwrap();
        assert_eq!(record.to_json(), json);
        let facets = record.facets();
        assert_eq!(facets.party, Some(&RecordRef { stream: "customers".into(), external_id: "cus_1".into() }));
        assert_eq!((facets.status, facets.number), (Some("PAID"), Some("INV-1")));
    }

    #[test]
    fn unknown_keys_and_words_are_refused_by_name() {
        let error = RecordKind::Invoice.read(&json!({"numbr": "INV-1"})).unwrap_err().to_string();
        assert!(error.contains("numbr"), "{error}");
        let error = RecordKind::Invoice.read(&json!({"status": "paid"})).unwrap_err().to_string();
        assert!(error.contains("PAID"), "{error}");
        let error = RecordKind::Consent.read(&json!({"purpose": "newsletter"})).unwrap_err().to_string();
        assert!(error.contains("channel"), "{error}");
    }

    #[test]
    fn descriptors_tell_what_serde_reads() {
        let due = RecordKind::Invoice.field("dueOn").unwrap();
        assert_eq!((due.ty, due.required), (FieldType::Date, false));
        assert!(RecordKind::Party.field("kind").unwrap().required);
        for kind in RecordKind::ALL {
            assert_eq!(kind.as_str().parse(), Ok(*kind));
            assert!(kind.fields().iter().all(|field| !field.doc.is_empty()), "{kind}");
        }
    }
}
