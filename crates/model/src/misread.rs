//! Why a JSON value is no record of its kind: which part of it, and what belongs there.
//!
//! Promises never to repeat a value: what is refused is told to people who may not see it, and is logged. The text of the
//! JSON reader repeats values, so nothing of it is passed on.

use crate::{FieldType, RecordKind};
use std::fmt;

/// A part of a record that does not read. `path` is as in `emails[0].address`; it is empty for the record as a whole.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Misread {
    /// The record is no object.
    #[error("an object is expected")]
    NotAnObject,
    /// A part that must be there is not.
    #[error("{path} is missing")]
    Missing {
        /// Which.
        path: String,
    },
    /// A part that there is not in records of this kind.
    #[error("{path} is unknown: there is no such field")]
    Unknown {
        /// Which.
        path: String,
    },
    /// A part is not what belongs there.
    #[error("{path} does not read: {expected} is expected")]
    Wrong {
        /// Which.
        path: String,
        /// What the field at the beginning of the path takes.
        expected: FieldType,
    },
}

impl Misread {
    /// The part that does not read; `None` where it is the record as a whole.
    pub fn path(&self) -> Option<&str> {
        match self {
            Self::NotAnObject => None,
            Self::Missing { path } | Self::Unknown { path } | Self::Wrong { path, .. } => Some(path),
        }
    }

    pub(crate) fn new(kind: RecordKind, error: &serde_path_to_error::Error<serde_json::Error>) -> Self {
        let path = error.path().to_string();
        let path = if path == "." { String::new() } else { path };
        let text = error.inner().to_string();
        if let Some(name) = text.strip_prefix("missing field `").and_then(|rest| rest.split('`').next()) {
            let path = if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") };
            return Self::Missing { path };
        }
        if text.starts_with("unknown field `") {
            return Self::Unknown { path };
        }
        let top = path.split(['.', '[']).next().unwrap_or_default();
        match kind.field(top) {
            Some(field) => Self::Wrong { path, expected: field.ty },
            None => Self::NotAnObject,
        }
    }
}

impl fmt::Display for FieldType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Text => "a text",
            Self::OneOf(words) => return write!(f, "one of {}", words.join(", ")),
            Self::Money => "an amount {amount, currency} with a decimal number as text and an ISO 4217 code",
            Self::Currency => "an ISO 4217 code",
            Self::Date => "a day such as 2026-11-22",
            Self::PartialDate => "a date such as 2026-11-22, 2026 or --11-22",
            Self::DateTime => "a time with zone such as 2026-11-22T10:00:00Z",
            Self::Bool => "true or false",
            Self::Integer => "a whole number",
            Self::Reference => "a reference {stream, externalId}",
            Self::TextList => "a list of texts",
            Self::EmailList => "a list of e-mail addresses {address, original}",
            Self::PhoneList => "a list of telephone numbers {e164, original}",
            Self::AddressList => "a list of postal addresses {lines, locality, region, postalCode, country}",
            Self::IdentifierList => "a list of identifiers {system, value}",
            Self::Extensions => "an object of custom fields",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::{Value, json};

    fn refused(kind: RecordKind, json: &Value) -> Misread {
        kind.read(json).unwrap_err()
    }

    #[test]
    fn a_refusal_names_the_part_and_what_belongs_there() {
        let said = |kind, json| refused(kind, &json).to_string();
        assert_eq!(
            said(RecordKind::Invoice, json!({"dueOn": "Ada King"})),
            "dueOn does not read: a day such as 2026-11-22 is expected"
        );
        assert_eq!(
            said(RecordKind::Party, json!({"kind": "ada@king.example"})),
            "kind does not read: one of PERSON, ORGANIZATION is expected"
        );
        assert_eq!(said(RecordKind::Party, json!({"displayName": "Ada"})), "kind is missing");
        assert_eq!(
            said(RecordKind::Party, json!({"kind": "PERSON", "shoeSize": 44})),
            "shoeSize is unknown: there is no such field"
        );
        let email = json!({"kind": "PERSON", "emails": [{"address": "a@b.example"}]});
        assert_eq!(said(RecordKind::Party, email), "emails[0].original is missing");
        let email = json!({"kind": "PERSON", "emails": [{"address": 7, "original": "x"}]});
        assert_eq!(
            said(RecordKind::Party, email),
            "emails[0].address does not read: a list of e-mail addresses {address, original} is expected"
        );
        let email = json!({"kind": "PERSON", "emails": [{"address": "a@b.example", "original": "x", "age": 7}]});
        assert_eq!(refused(RecordKind::Party, &email), Misread::Unknown { path: "emails[0].age".into() });
        for other in [json!("Ada King"), json!(["Ada"]), json!(7), Value::Null] {
            assert_eq!(refused(RecordKind::Party, &other), Misread::NotAnObject, "{other}");
        }
    }

    proptest! {
        /// Whatever is wrong with which field: what it says does not stand in the refusal.
        #[test]
        fn a_refusal_never_repeats_a_value(
            kind in proptest::sample::select(RecordKind::ALL),
            place in any::<proptest::sample::Index>(),
            shape in 0_usize..5,
        ) {
            let value = "zq-secret, expected `zq`";
            let field = &kind.fields()[place.index(kind.fields().len())];
            let wrong = match shape {
                0 => json!(value),
                1 => json!([value]),
                2 => json!({"amount": value, "currency": value, "stream": 1, "externalId": value}),
                3 => json!([{"address": [value], "original": value, "lines": value, "system": [value]}]),
                _ => json!({"amount": "1.00", "currency": value}),
            };
            if let Err(error) = kind.read(&json!({ field.name.clone(): wrong })) {
                prop_assert!(!error.to_string().contains("zq"), "{error}");
            }
        }
    }
}
