//! The values of a record's fields, and how a record is made of them.
//!
//! Promises: a record made of values is the one that [`RecordKind::read`](crate::RecordKind::read) makes of their JSON form,
//! and there is none where that does not read. Nothing is written down and read again on the way.

use crate::{Currency, Email, Identifier, Money, PartialDate, Phone, PostalAddress, RecordRef, Timestamp};
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// What one field of a record is to hold, in JSON as there. An empty list is the same as no value.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(untagged)]
pub enum FieldValue {
    /// Text.
    Text(String),
    /// One of the words of the field.
    Word(&'static str),
    /// Money.
    Money(Money),
    /// A currency code.
    Currency(Currency),
    /// A day.
    Date(NaiveDate),
    /// A date that may have gaps.
    PartialDate(PartialDate),
    /// A point in time.
    Time(Timestamp),
    /// `true` or `false`.
    Bool(bool),
    /// A whole number.
    Integer(i64),
    /// A reference to a record of the same source.
    Reference(RecordRef),
    /// A list of texts.
    Texts(Vec<String>),
    /// A list of e-mail addresses.
    Emails(Vec<Email>),
    /// A list of telephone numbers.
    Phones(Vec<Phone>),
    /// A list of postal addresses.
    Addresses(Vec<PostalAddress>),
    /// A list of identifiers.
    Identifiers(Vec<Identifier>),
    /// Custom fields of a source, by name.
    Extensions(Map<String, Value>),
}

/// A Rust type that takes the value of a field.
pub(crate) trait Filled: Sized {
    /// `None` where the value is not one of this type, or there is none and one must be.
    fn filled(value: Option<FieldValue>) -> Option<Self>;
}

macro_rules! filled {
    ($($ty:ty => $variant:ident),* $(,)?) => { $(impl Filled for $ty {
        fn filled(value: Option<FieldValue>) -> Option<Self> {
            match value? {
                FieldValue::$variant(value) => Some(value),
                _ => None,
            }
        }
    })* };
}

filled! {
    String => Text, Money => Money, Currency => Currency, NaiveDate => Date, Timestamp => Time, bool => Bool, i64 => Integer,
    RecordRef => Reference,
}

macro_rules! filled_list {
    ($($ty:ty => $variant:ident),* $(,)?) => { $(impl Filled for Vec<$ty> {
        fn filled(value: Option<FieldValue>) -> Option<Self> {
            match value {
                None => Some(Vec::new()),
                Some(FieldValue::$variant(list)) => Some(list),
                Some(_) => None,
            }
        }
    })* };
}

filled_list! {
    String => Texts, Email => Emails, Phone => Phones, PostalAddress => Addresses, Identifier => Identifiers,
}

impl<T: Filled> Filled for Option<T> {
    fn filled(value: Option<FieldValue>) -> Option<Self> {
        match value {
            None => Some(None),
            some => T::filled(some).map(Some),
        }
    }
}

impl Filled for PartialDate {
    fn filled(value: Option<FieldValue>) -> Option<Self> {
        let date = match value? {
            FieldValue::PartialDate(date) => date,
            FieldValue::Date(day) => day.into(),
            _ => return None,
        };
        // Its text has four digits for the year: what has more would not read back.
        date.year().is_none_or(|year| (0..=9999).contains(&year)).then_some(date)
    }
}

impl Filled for Map<String, Value> {
    fn filled(value: Option<FieldValue>) -> Option<Self> {
        let object = match value {
            None => return Some(Map::new()),
            Some(FieldValue::Extensions(object)) => object,
            Some(_) => return None,
        };
        if object.values().any(is_reread) {
            return Map::deserialize(Value::Object(object)).ok();
        }
        Some(object)
    }
}

/// How the JSON reader spells a number, among its own things. An object that begins with such a name is read as what it
/// spells, and not at all where it spells nothing; in what a system sends, that has happened already.
const INNER: &str = "$serde_json::private::";

fn is_reread(value: &Value) -> bool {
    match value {
        Value::Object(object) => {
            object.keys().next().is_some_and(|key| key.starts_with(INNER)) || object.values().any(is_reread)
        }
        Value::Array(list) => list.iter().any(is_reread),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{FieldType, RecordKind};
    use chrono::DateTime;
    use proptest::prelude::*;
    use rust_decimal::Decimal;
    use serde_json::json;

    fn time() -> impl Strategy<Value = Timestamp> {
        let seconds = prop_oneof![any::<i32>().prop_map(i64::from), -8_334_601_228_800_i64..8_210_266_876_799];
        (seconds, 0_u32..1_000_000)
            .prop_filter_map("a time", |(seconds, micros)| DateTime::from_timestamp(seconds, micros * 1000))
    }

    fn day() -> impl Strategy<Value = NaiveDate> {
        prop_oneof![-1_000_000_i32..4_000_000, 0_i32..3_652_059]
            .prop_filter_map("a day", NaiveDate::from_num_days_from_ce_opt)
    }

    fn money() -> impl Strategy<Value = Money> {
        let amount = prop_oneof![
            (any::<i64>(), 0_u32..28).prop_map(|(digits, scale)| Decimal::new(digits, scale)),
            "-?0{0,3}[.]?0{0,3}[0-9]".prop_filter_map("an amount", |text| Decimal::from_str_exact(&text).ok()),
        ];
        (amount, "[A-Z]{3}").prop_map(|(amount, code)| Money { amount, currency: Currency::new(&code).unwrap() })
    }

    fn json_value() -> impl Strategy<Value = Value> {
        let key = prop_oneof![Just(format!("{INNER}Number")), "[a-c]{1}"];
        let leaf = prop_oneof![
            any::<i64>().prop_map(Value::from),
            any::<bool>().prop_map(Value::from),
            "[0-9]{1,3}|[a-z\"]{0,3}".prop_map(Value::from),
            Just(Value::Null),
            Just(serde_json::from_str("1.0000000000000000000000000000000001").unwrap()),
        ];
        leaf.prop_recursive(3, 12, 3, move |inner| {
            prop_oneof![
                proptest::collection::vec(inner.clone(), 0..3).prop_map(Value::from),
                proptest::collection::vec((key.clone(), inner), 0..3)
                    .prop_map(|entries| Value::Object(entries.into_iter().collect())),
            ]
        })
    }

    fn value(ty: FieldType) -> BoxedStrategy<FieldValue> {
        let text = || ".{0,8}";
        let maybe = || proptest::option::of(".{0,8}");
        match ty {
            FieldType::Text => text().prop_map(FieldValue::Text).boxed(),
            FieldType::OneOf(words) => proptest::sample::select(words).prop_map(FieldValue::Word).boxed(),
            FieldType::Money => money().prop_map(FieldValue::Money).boxed(),
            FieldType::Currency => money().prop_map(|money| FieldValue::Currency(money.currency)).boxed(),
            FieldType::Date => day().prop_map(FieldValue::Date).boxed(),
            FieldType::PartialDate => prop_oneof![
                day().prop_map(FieldValue::Date),
                (
                    proptest::option::of(-20_000_i32..20_000),
                    proptest::option::of(0_u32..14),
                    proptest::option::of(0_u32..33)
                )
                    .prop_filter_map("a date", |(year, month, day)| PartialDate::new(year, month, day))
                    .prop_map(FieldValue::PartialDate),
            ]
            .boxed(),
            FieldType::DateTime => time().prop_map(FieldValue::Time).boxed(),
            FieldType::Bool => any::<bool>().prop_map(FieldValue::Bool).boxed(),
            FieldType::Integer => any::<i64>().prop_map(FieldValue::Integer).boxed(),
            FieldType::Reference => (text(), text())
                .prop_map(|(stream, external_id)| FieldValue::Reference(RecordRef { stream, external_id }))
                .boxed(),
            FieldType::TextList => proptest::collection::vec(text(), 0..3).prop_map(FieldValue::Texts).boxed(),
            FieldType::EmailList => (text(), text(), any::<bool>(), any::<bool>())
                .prop_map(|(address, original, primary, verified)| {
                    FieldValue::Emails(vec![Email { address, original, primary, verified }])
                })
                .boxed(),
            FieldType::PhoneList => (maybe(), text(), any::<bool>())
                .prop_map(|(e164, original, primary)| FieldValue::Phones(vec![Phone { e164, original, primary }]))
                .boxed(),
            FieldType::AddressList => (proptest::collection::vec(text(), 0..3), maybe(), maybe(), maybe(), maybe())
                .prop_map(|(lines, locality, region, country, purpose)| {
                    let address = PostalAddress { lines, locality, region, postal_code: None, country, purpose };
                    FieldValue::Addresses(vec![address])
                })
                .boxed(),
            FieldType::IdentifierList => (text(), text())
                .prop_map(|(system, value)| FieldValue::Identifiers(vec![Identifier { system, value }]))
                .boxed(),
            FieldType::Extensions => proptest::collection::vec(("[a-c]", json_value()), 0..3)
                .prop_map(|entries| FieldValue::Extensions(entries.into_iter().collect()))
                .boxed(),
        }
    }

    fn values() -> impl Strategy<Value = (RecordKind, Vec<Option<FieldValue>>)> {
        proptest::sample::select(RecordKind::ALL).prop_flat_map(|kind| {
            // What must be there mostly is, or hardly any record would come of it.
            let field = |required: bool, ty| proptest::option::weighted(if required { 0.95 } else { 0.5 }, value(ty));
            let fields: Vec<_> = kind.fields().iter().map(|known| field(known.required, known.ty)).collect();
            (Just(kind), fields)
        })
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(1024))]

        /// To build a record is to write its values down as JSON and to read them.
        #[test]
        fn a_built_record_is_the_one_that_would_be_read((kind, values) in values()) {
            let mut json = Map::new();
            for (field, value) in kind.fields().iter().zip(&values) {
                json.extend(value.clone().map(|value| (field.name.clone(), json!(value))));
            }
            prop_assert_eq!(kind.build(values), kind.read(&Value::Object(json)).ok());
        }
    }

    #[test]
    fn a_value_of_another_type_makes_no_record() {
        for kind in RecordKind::ALL {
            for (place, field) in kind.fields().iter().enumerate() {
                let mut values = vec![None; kind.fields().len()];
                let is_text = field.ty == FieldType::Text;
                values[place] = Some(if is_text { FieldValue::Bool(true) } else { FieldValue::Text("x".to_owned()) });
                assert_eq!(kind.build(values), None, "{kind} {}", field.name);
            }
        }
    }
}
