//! By what activities are chosen and ordered: the fields of their records, as conditions and places of a statement.
//!
//! Promises: names of fields are words of ours and stand in the text, values are always bound; both databases choose and order
//! alike. Text goes by code points, words of an enum in the order in which the model lists them, days and times by the calendar
//! (years before 0 and after 9999, which no clock has, come first), amounts by their number, whatever their currency. SQLite
//! keeps no exact decimals: amounts that differ beyond the fifteenth digit are equal there. Deliberately does not know who may
//! use which field.

use super::super::list::{KeyType, in_list};
use super::super::{Arg, Dialect, Direction, Keyset, Row, StoreError};
use super::LATEST;
use crate::store::list::{SortValue, earliest};
use chrono::{NaiveDate, SecondsFormat};
use onefold_model::{RecordId, RecordKind, Timestamp};
use rust_decimal::Decimal;
use uuid::Uuid;

/// Which activities of a list, and in which order.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub struct ActivityChoice {
    /// All of them hold.
    pub conditions: Vec<ActivityCondition>,
    /// Equal ones are ordered by id.
    pub order: ActivityOrder,
}

/// What is asked of a field.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct ActivityCondition {
    /// The field.
    pub field: ActivityField,
    /// What it must be.
    pub test: ActivityTest,
}

/// By what activities are ordered.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum ActivityOrder {
    /// When they happened, the latest first; what has no time comes last.
    #[default]
    Latest,
    /// By a field. What has none comes first ascending, and last descending.
    By(ActivityField, Direction),
}

/// A field of an activity.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct ActivityField {
    /// Its name in the graph, which is its key in the JSON form of the record.
    pub name: &'static str,
    /// What it holds.
    pub holds: Holds,
}

/// What a field holds, which is how it is compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Holds {
    /// The id of the record.
    Id,
    /// The version of the record.
    Version,
    /// When the record last became different.
    ChangedAt,
    /// Text.
    Text,
    /// Several texts. They have no order.
    Texts,
    /// One of these words, in their order.
    Word(&'static [&'static str]),
    /// A time.
    Time,
    /// A day.
    Date,
    /// An amount and its currency.
    Money,
    /// A whole number.
    Int,
}

/// What is asked of a value.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum ActivityTest {
    /// There is none.
    Absent,
    /// There is one.
    Present,
    /// It is one of these texts or words, or has one of them.
    OneOf(Vec<String>),
    /// It is one of these records.
    Ids(Vec<RecordId>),
    /// It begins so. The case of A to Z does not count.
    StartsWith(String),
    /// It has this within. The case of A to Z does not count.
    Contains(String),
    /// It is this or more.
    AtLeast(ActivityValue),
    /// It is this or less.
    AtMost(ActivityValue),
    /// It is less than this.
    Below(ActivityValue),
    /// It is in this currency.
    Currency(String),
}

/// A value that others are compared with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ActivityValue {
    /// A time.
    Time(Timestamp),
    /// A day.
    Date(NaiveDate),
    /// A number, or the number of an amount.
    Number(Decimal),
}

/// Where the values of a field are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    /// A column of `activity a`.
    Activity(&'static str),
    /// A column of `record r`.
    Record(&'static str),
    /// The JSON of `record_version v`.
    Mapped,
}

/// How a statement orders its rows.
pub(in crate::store) struct Ordering {
    name: String,
    /// What is compared.
    key: String,
    /// What the page cursor keeps of it.
    pub(in crate::store) kept: String,
    ty: KeyType,
    direction: Direction,
}

/// The time that is kept beside the record too, for lists by when things happened.
fn occurs(kind: RecordKind) -> Option<&'static str> {
    match kind {
        RecordKind::Subscription => Some("startedAt"),
        RecordKind::Invoice => Some("issuedAt"),
        RecordKind::Payment => Some("paidAt"),
        RecordKind::Ticket => Some("openedAt"),
        RecordKind::Interaction | RecordKind::Feedback | RecordKind::CampaignTouch => Some("at"),
        RecordKind::Campaign => Some("sentAt"),
        RecordKind::Consent => Some("capturedAt"),
        // An account is opened on a day.
        RecordKind::Account | RecordKind::Party => None,
    }
}

impl ActivityField {
    /// Whether every object has it, and it tells nothing of what its source says.
    pub fn is_free(self) -> bool {
        matches!(self.holds, Holds::Id | Holds::Version | Holds::ChangedAt)
    }

    fn place(self, kind: RecordKind) -> Place {
        match self.holds {
            Holds::Id => Place::Activity("a.record_id"),
            Holds::Version => Place::Record("r.version"),
            Holds::ChangedAt => Place::Record("r.changed_at"),
            Holds::Time if occurs(kind) == Some(self.name) => Place::Activity("a.occurred_at"),
            Holds::Word(_) if self.name == "status" => Place::Activity("a.status"),
            Holds::Text if self.name == "number" => Place::Activity("a.number"),
            Holds::Text | Holds::Texts | Holds::Word(_) | Holds::Time | Holds::Date | Holds::Money | Holds::Int => {
                Place::Mapped
            }
        }
    }

    /// The value as the database has it: text, but for columns that are something else.
    fn said(self, dialect: Dialect, kind: RecordKind) -> String {
        match (self.place(kind), self.holds) {
            (Place::Activity(column) | Place::Record(column), Holds::Text | Holds::Word(_)) => {
                format!("({column}{})", dialect.by_code_point())
            }
            (Place::Activity(column) | Place::Record(column), _) => column.to_owned(),
            (Place::Mapped, Holds::Money) => dialect.json_text(&[self.name, "amount"]),
            (Place::Mapped, _) => dialect.json_text(&[self.name]),
        }
    }

    /// What is compared, and of which type that is.
    fn key(self, dialect: Dialect, kind: RecordKind) -> (String, KeyType) {
        let said = self.said(dialect, kind);
        let number = |said: String, ty: &'static str| (format!("cast({said} as {ty})"), KeyType::Number(ty));
        match self.holds {
            Holds::ChangedAt => (said, KeyType::Time),
            Holds::Time if self.place(kind) != Place::Mapped => (said, KeyType::Time),
            // Without the zone, which is always the same, a fraction of a second comes after the whole one.
            Holds::Time => (format!("rtrim({said}, 'Z')"), KeyType::Text),
            Holds::Version | Holds::Int => number(said, dialect.whole_number()),
            Holds::Money => number(said, dialect.decimal_number()),
            Holds::Word(words) => {
                let places = words.iter().enumerate();
                let places = places.fold(String::new(), |text, (at, word)| format!("{text} when '{word}' then {at}"));
                number(format!("case {said}{places} end"), dialect.whole_number())
            }
            Holds::Id | Holds::Text | Holds::Texts | Holds::Date => (said, KeyType::Text),
        }
    }
}

impl ActivityValue {
    /// A bind of the value as something that the key of a field is compared with.
    fn bound(self, ty: KeyType, binds: &mut Vec<Arg>) -> String {
        match (self, ty) {
            // Earlier times, which PostgreSQL does not know, nothing has.
            (Self::Time(at), KeyType::Time) => binds.push(Arg::from(at.max(earliest()))),
            (Self::Time(at), _) => {
                let text = at.to_rfc3339_opts(SecondsFormat::AutoSi, true);
                binds.push(Arg::from(text.trim_end_matches('Z')));
            }
            (Self::Date(day), _) => binds.push(Arg::from(day.to_string())),
            (Self::Number(number), _) => binds.push(Arg::from(number.to_string())),
        }
        ty.place(binds.len())
    }
}

impl ActivityCondition {
    pub(in crate::store) fn sql(&self, dialect: Dialect, kind: RecordKind, binds: &mut Vec<Arg>) -> String {
        let said = self.field.said(dialect, kind);
        let compared = |sign: &str, value: ActivityValue, binds: &mut Vec<Arg>| {
            let (key, ty) = self.field.key(dialect, kind);
            format!("{key} {sign} {}", value.bound(ty, binds))
        };
        match &self.test {
            ActivityTest::Absent => format!("{said} is null"),
            ActivityTest::Present => format!("{said} is not null"),
            ActivityTest::OneOf(words) if words.is_empty() => NOTHING.to_owned(),
            ActivityTest::Ids(ids) if ids.is_empty() => NOTHING.to_owned(),
            ActivityTest::OneOf(words) if self.field.holds == Holds::Texts => {
                dialect.json_list_has(self.field.name, &words_in(words, binds))
            }
            ActivityTest::OneOf(words) => format!("{said} in {}", words_in(words, binds)),
            ActivityTest::Ids(ids) => {
                let ids: Vec<Uuid> = ids.iter().map(|id| id.0).collect();
                format!("{said} in {}", in_list(&ids, binds))
            }
            ActivityTest::StartsWith(text) => like(&said, format!("{}%", escaped(text)), binds),
            ActivityTest::Contains(text) => like(&said, format!("%{}%", escaped(text)), binds),
            ActivityTest::AtLeast(value) => compared(">=", *value, binds),
            ActivityTest::AtMost(value) => compared("<=", *value, binds),
            ActivityTest::Below(value) => compared("<", *value, binds),
            ActivityTest::Currency(code) => {
                binds.push(Arg::from(code));
                format!("{} = ${}", dialect.json_text(&[self.field.name, "currency"]), binds.len())
            }
        }
    }
}

const NOTHING: &str = "1 = 0";

/// As [`in_list`], of texts.
fn words_in(words: &[String], binds: &mut Vec<Arg>) -> String {
    let width = words.len().max(1).next_power_of_two();
    let first = binds.len() + 1;
    binds.extend((0..width).filter_map(|at| words.get(at).or(words.last()).map(Arg::from)));
    let places: Vec<String> = (first..=binds.len()).map(|place| format!("${place}")).collect();
    format!("({})", places.join(", "))
}

/// What stands for itself in a pattern.
fn escaped(text: &str) -> String {
    text.to_ascii_lowercase().replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_")
}

fn like(said: &str, pattern: String, binds: &mut Vec<Arg>) -> String {
    binds.push(Arg::from(pattern));
    format!("lower({said}) like ${} escape '\\'", binds.len())
}

impl ActivityChoice {
    /// The conditions, or `1 = 1`. Binds are pushed onto `binds`.
    pub(in crate::store) fn condition(&self, dialect: Dialect, kind: RecordKind, binds: &mut Vec<Arg>) -> String {
        let parts: Vec<String> = self.conditions.iter().map(|condition| condition.sql(dialect, kind, binds)).collect();
        if parts.is_empty() { "1 = 1".to_owned() } else { parts.join(" and ") }
    }

    /// What a statement over `activity a` must join besides for the conditions and, where rows are ordered, for the order.
    pub(in crate::store) fn joins(&self, kind: RecordKind) -> &'static str {
        let places = || self.fields().map(|(field, _)| field.place(kind));
        if places().any(|place| place == Place::Mapped) {
            "join record r on r.record_id = a.record_id
             join record_version v on v.record_id = r.record_id and v.version = r.version"
        } else if places().any(|place| matches!(place, Place::Record(_))) {
            "join record r on r.record_id = a.record_id"
        } else {
            ""
        }
    }

    /// The fields that are used, each with the way in which it is: `filter` or `orderBy`.
    pub fn fields(&self) -> impl Iterator<Item = (ActivityField, &'static str)> {
        let order = match self.order {
            ActivityOrder::Latest => None,
            ActivityOrder::By(field, _) => Some((field, "orderBy")),
        };
        self.conditions.iter().map(|condition| (condition.field, "filter")).chain(order)
    }
}

impl ActivityOrder {
    pub(in crate::store) fn of(self, dialect: Dialect, kind: RecordKind) -> Ordering {
        match self {
            Self::Latest => Ordering {
                name: LATEST.name.to_owned(),
                key: LATEST.column.to_owned(),
                kept: LATEST.column.to_owned(),
                ty: LATEST.ty,
                direction: LATEST.direction,
            },
            Self::By(field, direction) => {
                let (key, ty) = field.key(dialect, kind);
                // A number is kept as it is written: what a database makes of it as text may be less exact.
                let kept = match ty {
                    KeyType::Number(_) if matches!(field.holds, Holds::Money) => field.said(dialect, kind),
                    KeyType::Number(_) => format!("cast({key} as text)"),
                    KeyType::Time | KeyType::Text | KeyType::Real => key.clone(),
                };
                Ordering { name: format!("{kind}.{}", field.name), key, kept, ty, direction }
            }
        }
    }
}

impl Ordering {
    pub(in crate::store) fn keyset(&self) -> Keyset<'_> {
        Keyset {
            name: &self.name,
            column: &self.key,
            id: LATEST.id,
            ty: self.ty,
            nullable: true,
            direction: self.direction,
        }
    }

    /// What the page cursor of a row keeps, from the column of the statement that has it.
    pub(in crate::store) fn value(&self, row: &Row, column: usize) -> Result<SortValue, StoreError> {
        Ok(match self.ty {
            KeyType::Time => SortValue::Time(row.opt_time(column)?),
            KeyType::Text | KeyType::Number(_) | KeyType::Real => SortValue::Text(row.opt_text(column)?),
        })
    }
}
