//! Why a payload does not fit. Fields and rules are named; values are not, they may be personal.

use serde::Serialize;

/// What is wrong with a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, thiserror::Error)]
#[serde(rename_all = "snake_case")]
pub enum MapCause {
    /// A required field has no value.
    #[error("a value is required and there is none")]
    Missing,
    /// A list or an object stands where a single value belongs.
    #[error("expected a single value, found a list or an object")]
    NotText,
    /// Not one of the words that the map knows.
    #[error("the word is not one that the map knows")]
    UnknownWord,
    /// Not a time in the declared form.
    #[error("not a time of the declared form")]
    Time,
    /// Not a day in the declared form.
    #[error("not a date of the declared form")]
    Date,
    /// Not an amount, or not one that can be kept exactly.
    #[error("not an amount that can be kept exactly")]
    Amount,
    /// No currency, or not one of ISO 4217.
    #[error("the currency is missing or not a code of ISO 4217")]
    Currency,
    /// Not an e-mail address.
    #[error("not an e-mail address")]
    Email,
    /// Not a telephone number.
    #[error("not a telephone number")]
    Phone,
    /// Not `true` or `false`.
    #[error("not true or false")]
    Bool,
    /// Not a whole number.
    #[error("not a whole number")]
    Integer,
    /// A list or an object of another form.
    #[error("a list or an object of another form than the map expects")]
    Form,
    /// The key of the record is missing.
    #[error("the key of the record is missing")]
    Key,
    /// The record as a whole does not read.
    #[error("the record does not read as its kind")]
    Record,
}

/// A payload that does not become a record.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}{}: {cause}", self.path, self.from())]
pub struct MapError {
    /// The field of the record that was being filled.
    pub path: String,
    /// Where its value was taken from, as the map writes it.
    pub source_path: Option<String>,
    /// What is wrong.
    pub cause: MapCause,
}

impl MapError {
    pub(crate) fn new(path: &str, source_path: Option<String>, cause: MapCause) -> Self {
        Self { path: path.to_owned(), source_path, cause }
    }

    /// A stable word for the cause, for counting and filtering.
    pub fn code(&self) -> &'static str {
        self.cause.code()
    }

    fn from(&self) -> String {
        self.source_path.as_ref().map(|path| format!(" (from {path})")).unwrap_or_default()
    }
}

impl MapCause {
    /// A stable word, for counting and filtering.
    pub fn code(self) -> &'static str {
        match self {
            MapCause::Missing => "missing",
            MapCause::NotText => "not_text",
            MapCause::UnknownWord => "unknown_word",
            MapCause::Time => "time",
            MapCause::Date => "date",
            MapCause::Amount => "amount",
            MapCause::Currency => "currency",
            MapCause::Email => "email",
            MapCause::Phone => "phone",
            MapCause::Bool => "bool",
            MapCause::Integer => "integer",
            MapCause::Form => "form",
            MapCause::Key => "key",
            MapCause::Record => "record",
        }
    }
}

/// A value that was left out and not refused: the source has changed, or the map is behind.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Drift {
    /// The field of the record that stays empty.
    pub path: String,
    /// Where its value would have come from.
    pub source_path: Option<String>,
    /// The stable word of the cause, see [`MapCause::code`].
    pub code: &'static str,
}
