//! The functions of a map: what each takes and what it makes of it.

use super::cell::{Cell, text_of};
use super::error::MapCause;
use super::path::{Found, Path};
use super::{Scope, words};
use crate::manifest::cursor::{dotnet, zoned};
use chrono::format::{Item, Parsed};
use chrono::{DateTime, FixedOffset, NaiveDate, NaiveTime, TimeZone};
use onefold_model::{Currency, Email, Money, PartialDate, Phone};
use serde_json::{Map, Value};
use std::borrow::Cow;

/// A compiled function.
#[derive(Debug, Clone)]
pub(crate) enum Function {
    Unix,
    UnixMillis,
    Rfc3339,
    DotNet,
    DateTime {
        format: Form,
        zone: Option<FixedOffset>,
    },
    Date {
        format: Option<Form>,
    },
    PartialDate {
        format: Option<Form>,
    },
    MoneyMinor(Given),
    Money {
        currency: Given,
        comma: bool,
    },
    Phone {
        country: Option<Given>,
    },
    Email,
    Ref {
        stream: String,
    },
    OneOf {
        words: Vec<(String, Counterpart<&'static str>)>,
        other: Option<Counterpart<&'static str>>,
    },
    Translate {
        words: Vec<(String, Counterpart<String>)>,
        other: Option<Counterpart<String>>,
    },
    OrgOrPerson {
        organization: &'static str,
        person: &'static str,
    },
    Filled {
        yes: &'static str,
        no: &'static str,
    },
    /// Nothing where the system writes a word for nothing.
    Unless(Vec<String>),
    Lower,
    Upper,
    Join(String),
    Split(String),
    Pairs {
        key: Path,
        value: Path,
    },
    SumMinor {
        amount: Path,
        quantity: Path,
        currency: Given,
    },
}

/// The form of a date or a time, taken apart once.
#[derive(Debug, Clone)]
pub(crate) struct Form(pub(crate) Vec<Item<'static>>);

impl Form {
    fn read(&self, text: &str) -> Option<Parsed> {
        let mut parsed = Parsed::new();
        chrono::format::parse(&mut parsed, text, self.0.iter()).ok().map(|()| parsed)
    }
}

/// What a word of the vendor's stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Counterpart<T> {
    Is(T),
    /// The word is known and says nothing: `offered: -`.
    Nothing,
}

/// An argument: a constant or a place in the payload.
#[derive(Debug, Clone)]
pub(crate) enum Given {
    Constant(String),
    Place(Path),
}

impl Given {
    pub(crate) fn text<'v>(&'v self, scope: Scope<'v>) -> Result<Option<Cow<'v, str>>, MapCause> {
        match self {
            Given::Constant(text) => Ok(Some(Cow::Borrowed(text))),
            Given::Place(path) => match path.get(scope) {
                Found::One(value) => text_of(value).map(Some),
                Found::Key(id) => Ok(Some(Cow::Borrowed(id))),
                Found::Absent | Found::Many(_) => Ok(None),
            },
        }
    }
}

impl Function {
    /// What the function makes of a value; `None` where that is nothing.
    pub(crate) fn apply<'v>(&'v self, cell: Cell<'v>, scope: Scope<'v>) -> Result<Option<Cell<'v>>, MapCause> {
        Ok(Some(match self {
            Function::Unix => unix(cell, DateTime::from_timestamp_secs)?,
            Function::UnixMillis => unix(cell, DateTime::from_timestamp_millis)?,
            Function::Rfc3339 => {
                let at = zoned(&cell.text()?).ok_or(MapCause::Time)?;
                Cell::Time(onefold_model::truncate_to_micros(at))
            }
            Function::DotNet => Cell::Time(dotnet(&cell.text()?).ok_or(MapCause::Time)?),
            Function::DateTime { format, zone } => Cell::Time(date_time(&cell.text()?, format, *zone)?),
            Function::Date { format } => Cell::Date(date(cell, format.as_ref())?),
            Function::PartialDate { format } => Cell::PartialDate(partial_date(cell, format.as_ref())?),
            Function::MoneyMinor(currency) => {
                let minor = integer(cell).ok_or(MapCause::Amount)?;
                Cell::Money(exact(Money::from_minor(minor, read_currency(currency, scope)?))?)
            }
            Function::Money { currency, comma } => {
                let text = cell.text()?;
                let digits = if *comma { decimal_point(&text) } else { text };
                let money = Money::from_major(&digits, read_currency(currency, scope)?);
                Cell::Money(exact(money.map_err(|_| MapCause::Amount)?)?)
            }
            Function::Phone { country } => {
                let country = country.as_ref().map(|given| given.text(scope)).transpose()?.flatten();
                let text = cell.text()?;
                Cell::Phone(Phone::parse(&text, country.as_deref()).map_err(|_| MapCause::Phone)?)
            }
            Function::Email => Cell::Emails(emails(cell)?),
            Function::Ref { stream } => Cell::Reference { stream, id: reference_id(cell)? },
            Function::OneOf { words, other } => match counterpart(cell, words, other.as_ref())? {
                Counterpart::Is(word) => Cell::Word(word),
                Counterpart::Nothing => return Ok(None),
            },
            Function::Translate { words, other } => match counterpart(cell, words, other.as_ref())? {
                Counterpart::Is(text) => Cell::Text(Cow::Borrowed(text)),
                Counterpart::Nothing => return Ok(None),
            },
            Function::OrgOrPerson { organization, person } => {
                Cell::Word(if words::is_organization(&cell.text()?) { organization } else { person })
            }
            Function::Filled { yes, .. } => Cell::Word(yes),
            Function::Unless(words) => {
                let text = cell.text()?;
                if words.iter().any(|word| *word == text) {
                    return Ok(None);
                }
                Cell::Text(text)
            }
            Function::Lower => Cell::Text(Cow::Owned(cell.text()?.to_lowercase())),
            Function::Upper => Cell::Text(Cow::Owned(cell.text()?.to_uppercase())),
            Function::Join(separator) => Cell::Text(Cow::Owned(join(cell, separator)?)),
            Function::Split(separator) => {
                let text = cell.text()?;
                let parts = text.split(separator.as_str()).map(str::trim).filter(|part| !part.is_empty());
                Cell::Texts(parts.map(str::to_owned).collect())
            }
            Function::Pairs { key, value } => Cell::Object(Box::new(pairs(&cell, key, value, scope)?)),
            Function::SumMinor { amount, quantity, currency } => {
                let Some(sum) = sum_minor(&cell, amount, quantity, scope)? else { return Ok(None) };
                Cell::Money(exact(Money::from_minor(sum, read_currency(currency, scope)?))?)
            }
        }))
    }

    /// Every place that the arguments name. Those within the elements of a list stand below what is read in any case.
    pub(crate) fn paths<'m>(&'m self, into: &mut Vec<&'m Path>) {
        match self {
            Function::MoneyMinor(given)
            | Function::Money { currency: given, .. }
            | Function::Phone { country: Some(given) }
            | Function::SumMinor { currency: given, .. } => match given {
                Given::Place(path) => into.push(path),
                Given::Constant(_) => {}
            },
            _ => {}
        }
    }

    /// What the function makes of nothing.
    pub(crate) fn of_nothing(&self) -> Option<Cell<'_>> {
        match self {
            Function::Filled { no, .. } => Some(Cell::Word(no)),
            Function::OrgOrPerson { person, .. } => Some(Cell::Word(person)),
            _ => None,
        }
    }
}

fn counterpart<'f, T>(
    cell: Cell<'_>,
    words: &'f [(String, Counterpart<T>)],
    other: Option<&'f Counterpart<T>>,
) -> Result<&'f Counterpart<T>, MapCause> {
    let text = cell.text()?;
    let found = words.iter().find(|(from, _)| *from == text).map(|(_, to)| to);
    found.or(other).ok_or(MapCause::UnknownWord)
}

/// An amount that the store keeps exactly.
fn exact(money: Money) -> Result<Money, MapCause> {
    if money.to_micros().is_ok() { Ok(money) } else { Err(MapCause::Amount) }
}

/// Amounts times quantities over a list. Nothing where one of them is not said: half a sum is no sum.
fn sum_minor(cell: &Cell<'_>, amount: &Path, quantity: &Path, scope: Scope<'_>) -> Result<Option<i64>, MapCause> {
    let Cell::Raw(Value::Array(list)) = cell else { return Err(MapCause::Form) };
    let mut sum = 0_i64;
    for element in list {
        let scope = Scope { value: element, ..scope };
        let (Found::One(amount), Found::One(quantity)) = (amount.get(scope), quantity.get(scope)) else {
            return Ok(None);
        };
        let (Some(amount), Some(quantity)) = (integer(Cell::Raw(amount)), integer(Cell::Raw(quantity))) else {
            return Err(MapCause::Amount);
        };
        sum = amount.checked_mul(quantity).and_then(|line| sum.checked_add(line)).ok_or(MapCause::Amount)?;
    }
    Ok(Some(sum))
}

fn integer(cell: Cell<'_>) -> Option<i64> {
    match cell {
        Cell::Raw(Value::Number(number)) => number.as_i64(),
        cell => cell.text().ok()?.parse().ok(),
    }
}

fn unix(cell: Cell<'_>, read: impl Fn(i64) -> Option<onefold_model::Timestamp>) -> Result<Cell<'_>, MapCause> {
    integer(cell).and_then(read).map(Cell::Time).ok_or(MapCause::Time)
}

fn date_time(text: &str, format: &Form, zone: Option<FixedOffset>) -> Result<onefold_model::Timestamp, MapCause> {
    let parsed = format.read(text).ok_or(MapCause::Time)?;
    let at = match zone {
        None => parsed.to_datetime().ok().map(|at| at.to_utc()),
        Some(zone) => parsed
            .to_naive_datetime_with_offset(0)
            .or_else(|_| parsed.to_naive_date().map(|day| day.and_time(NaiveTime::MIN)))
            .ok()
            .and_then(|local| zone.from_local_datetime(&local).single())
            .map(|at| at.to_utc()),
    };
    at.map(onefold_model::truncate_to_micros).ok_or(MapCause::Time)
}

fn date(cell: Cell<'_>, format: Option<&Form>) -> Result<NaiveDate, MapCause> {
    if let Cell::Time(at) = cell {
        return Ok(at.date_naive());
    }
    let text = cell.text()?;
    match format {
        Some(format) => format.read(&text).and_then(|parsed| parsed.to_naive_date().ok()),
        // A time is a day as well: 2026-01-31T10:00:00Z.
        None => text
            .get(..10)
            .filter(|_| text.len() == 10 || text[10..].starts_with(['T', ' ']))
            .and_then(|day| day.parse().ok()),
    }
    .ok_or(MapCause::Date)
}

fn partial_date(cell: Cell<'_>, format: Option<&Form>) -> Result<PartialDate, MapCause> {
    let text = cell.text()?;
    let Some(format) = format else { return text.parse().map_err(|_| MapCause::Date) };
    let parsed = format.read(&text).ok_or(MapCause::Date)?;
    PartialDate::new(parsed.year(), parsed.month(), parsed.day()).ok_or(MapCause::Date)
}

fn read_currency(given: &Given, scope: Scope<'_>) -> Result<Currency, MapCause> {
    let code = given.text(scope)?.ok_or(MapCause::Currency)?;
    Currency::new(&code).map_err(|_| MapCause::Currency)
}

/// `1.234,56` as `1234.56`.
fn decimal_point(text: &str) -> Cow<'_, str> {
    Cow::Owned(
        text.chars().filter(|c| !matches!(c, '.' | ' ' | '\u{a0}')).map(|c| if c == ',' { '.' } else { c }).collect(),
    )
}

/// Several addresses may share one cell of an export: `a@b.example; c@d.example`.
fn emails(cell: Cell<'_>) -> Result<Vec<Email>, MapCause> {
    let mut emails: Vec<Email> = Vec::new();
    for text in cell.texts()? {
        if let Ok(email) = Email::parse(&text) {
            emails.push(email);
            continue;
        }
        let before = emails.len();
        for part in text.split([';', ',']).map(str::trim).filter(|part| !part.is_empty()) {
            emails.push(Email::parse(part).map_err(|_| MapCause::Email)?);
        }
        if emails.len() == before {
            return Err(MapCause::Email);
        }
    }
    Ok(emails)
}

fn reference_id(cell: Cell<'_>) -> Result<String, MapCause> {
    match cell {
        Cell::Parts(parts) => {
            let texts = parts.iter().map(|part| text_of(part.ok_or(MapCause::Key)?)).collect::<Result<Vec<_>, _>>()?;
            Ok(crate::read::item::join_key(texts.iter().map(AsRef::as_ref)))
        }
        // Some systems send the object itself where others send its id.
        Cell::Raw(Value::Object(object)) => {
            let id = object.get("id").ok_or(MapCause::Form)?;
            Ok(text_of(id)?.into_owned())
        }
        cell => Ok(cell.text()?.into_owned()),
    }
}

fn join(cell: Cell<'_>, separator: &str) -> Result<String, MapCause> {
    let texts = match cell {
        Cell::Parts(parts) => parts.into_iter().flatten().map(text_of).collect::<Result<Vec<_>, MapCause>>()?,
        cell => cell.texts()?,
    };
    Ok(texts.join(separator))
}

fn pairs(cell: &Cell<'_>, key: &Path, value: &Path, scope: Scope<'_>) -> Result<Map<String, Value>, MapCause> {
    let Cell::Raw(Value::Array(list)) = cell else { return Err(MapCause::Form) };
    let mut object = Map::new();
    for element in list {
        let scope = Scope { value: element, ..scope };
        if let (Found::One(key), Found::One(value)) = (key.get(scope), value.get(scope)) {
            object.insert(text_of(key)?.into_owned(), value.clone());
        }
    }
    Ok(object)
}
