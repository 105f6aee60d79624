//! Descriptors: the fields of the standardised records as data, so that a field map is checked before it runs.

use crate::{Currency, Email, Identifier, Money, PartialDate, Phone, PostalAddress, RecordRef, Timestamp};
use chrono::NaiveDate;
use serde_json::{Map, Value};

/// What a field holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FieldType {
    /// Text.
    Text,
    /// One of these words.
    OneOf(&'static [&'static str]),
    /// `{amount, currency}`.
    Money,
    /// A currency code.
    Currency,
    /// A day, `2026-11-22`.
    Date,
    /// A date that may have gaps.
    PartialDate,
    /// A time with zone, RFC 3339.
    DateTime,
    /// `true` or `false`.
    Bool,
    /// A whole number.
    Integer,
    /// A reference to a record of the same source, `{stream, externalId}`.
    Reference,
    /// A list of texts.
    TextList,
    /// A list of e-mail addresses.
    EmailList,
    /// A list of telephone numbers.
    PhoneList,
    /// A list of postal addresses.
    AddressList,
    /// A list of `{system, value}`.
    IdentifierList,
    /// Custom fields of a source, by name.
    Extensions,
}

/// One field of a standardised record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Field {
    /// The name in JSON and in the graph, camelCase.
    pub name: String,
    /// What it holds.
    pub ty: FieldType,
    /// A record without it is refused.
    pub required: bool,
    /// What it means.
    pub doc: &'static str,
}

/// A Rust type that can be a field.
pub trait Describe {
    /// What it holds.
    const TYPE: FieldType;
    /// A record without it is refused.
    const REQUIRED: bool = true;
    /// There is nothing to write.
    fn is_absent(&self) -> bool {
        false
    }
}

macro_rules! describe {
    ($($ty:ty => $field:ident),* $(,)?) => { $(impl Describe for $ty { const TYPE: FieldType = FieldType::$field; })* };
}

describe! {
    String => Text, Money => Money, Currency => Currency, NaiveDate => Date, PartialDate => PartialDate,
    Timestamp => DateTime, bool => Bool, i64 => Integer, RecordRef => Reference,
}

impl<T: Describe> Describe for Option<T> {
    const TYPE: FieldType = T::TYPE;
    const REQUIRED: bool = false;
    fn is_absent(&self) -> bool {
        self.is_none()
    }
}

macro_rules! describe_list {
    ($($ty:ty => $field:ident),* $(,)?) => { $(impl Describe for Vec<$ty> {
        const TYPE: FieldType = FieldType::$field;
        const REQUIRED: bool = false;
        fn is_absent(&self) -> bool { self.is_empty() }
    })* };
}

describe_list! {
    String => TextList, Email => EmailList, Phone => PhoneList, PostalAddress => AddressList, Identifier => IdentifierList,
}

impl Describe for Map<String, Value> {
    const TYPE: FieldType = FieldType::Extensions;
    const REQUIRED: bool = false;
    fn is_absent(&self) -> bool {
        self.is_empty()
    }
}

/// `due_on` becomes `dueOn`, as serde's `camelCase` has it.
pub(crate) fn camel_case(name: &str) -> String {
    let mut out = String::with_capacity(name.len());
    let mut upper = false;
    for c in name.chars() {
        if c == '_' {
            upper = true;
        } else {
            out.extend(upper.then(|| c.to_ascii_uppercase()).or(Some(c)));
            upper = false;
        }
    }
    out
}
