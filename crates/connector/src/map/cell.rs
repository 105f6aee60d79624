//! A value on its way through an expression.

use super::error::MapCause;
use chrono::{NaiveDate, SecondsFormat};
use onefold_model::{Email, Money, PartialDate, Phone, Timestamp};
use serde_json::{Map, Value, json};
use std::borrow::Cow;

#[derive(Debug, Clone)]
pub(crate) enum Cell<'v> {
    Raw(&'v Value),
    /// What `*` found.
    Many(Vec<&'v Value>),
    /// What stands between `+`; `None` where a part is absent.
    Parts(Vec<Option<&'v Value>>),
    /// The key of the record.
    Key(&'v str),
    Text(Cow<'v, str>),
    Texts(Vec<String>),
    Word(&'static str),
    Time(Timestamp),
    Date(NaiveDate),
    PartialDate(PartialDate),
    Money(Money),
    Reference {
        stream: &'v str,
        id: String,
    },
    Emails(Vec<Email>),
    Phone(Phone),
    /// In a box, because all the others are small.
    Object(Box<Map<String, Value>>),
}

fn present<'v>(values: impl IntoIterator<Item = &'v Value>) -> Result<Vec<Cow<'v, str>>, MapCause> {
    values.into_iter().filter(|value| !value.is_null()).map(text_of).collect()
}

/// A text, a number or a switch as text.
pub(crate) fn text_of(value: &Value) -> Result<Cow<'_, str>, MapCause> {
    match value {
        Value::String(text) => Ok(Cow::Borrowed(text.trim())),
        Value::Number(number) => Ok(Cow::Borrowed(number.as_str())),
        Value::Bool(flag) => Ok(Cow::Borrowed(if *flag { "true" } else { "false" })),
        Value::Null | Value::Array(_) | Value::Object(_) => Err(MapCause::NotText),
    }
}

impl<'v> Cell<'v> {
    pub(crate) fn text(self) -> Result<Cow<'v, str>, MapCause> {
        match self {
            Cell::Raw(value) => text_of(value),
            Cell::Text(text) => Ok(text),
            Cell::Key(id) => Ok(Cow::Borrowed(id)),
            Cell::Word(word) => Ok(Cow::Borrowed(word)),
            _ => Err(MapCause::NotText),
        }
    }

    /// Texts by themselves or in a list.
    pub(crate) fn texts(self) -> Result<Vec<Cow<'v, str>>, MapCause> {
        let mut texts = match self {
            Cell::Raw(Value::Array(list)) => present(list)?,
            Cell::Many(values) => present(values)?,
            Cell::Texts(texts) => texts.into_iter().map(Cow::Owned).collect(),
            cell => vec![cell.text()?],
        };
        texts.retain(|text| !text.trim().is_empty());
        Ok(texts)
    }

    /// The value as it stands among the custom fields of a record.
    pub(crate) fn into_json(self) -> Value {
        match self {
            Cell::Raw(value) => value.clone(),
            Cell::Many(values) => values.into_iter().cloned().collect(),
            Cell::Parts(values) => values.into_iter().flatten().cloned().collect(),
            Cell::Key(id) => Value::from(id),
            Cell::Text(text) => Value::from(text),
            Cell::Texts(texts) => Value::from(texts),
            Cell::Word(word) => Value::from(word),
            Cell::Time(at) => Value::from(at.to_rfc3339_opts(SecondsFormat::AutoSi, true)),
            Cell::Date(day) => Value::from(day.to_string()),
            Cell::PartialDate(date) => Value::from(date.to_string()),
            Cell::Money(money) => {
                json!({"amount": money.amount.to_string(), "currency": money.currency.as_str()})
            }
            Cell::Reference { stream, id } => json!({"stream": stream, "externalId": id}),
            Cell::Emails(emails) => serde_json::to_value(emails).unwrap_or_default(),
            Cell::Phone(phone) => serde_json::to_value([phone]).unwrap_or_default(),
            Cell::Object(object) => Value::Object(*object),
        }
    }
}
