//! Stream cursors: how far a stream has been read, and what is asked for next time.

use super::http::template;
use crate::pointer::Pointer;
use crate::problem::Report;
use crate::setting::Setting;
use crate::template::{Scope, Template};
use crate::yaml::{Fields, Node};
use chrono::{DateTime, NaiveDate, NaiveTime, TimeDelta};
use onefold_model::Timestamp;
use serde_json::Value;

/// The way that a time is written in a payload or in a query.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum TimeFormat {
    UnixSeconds,
    UnixMillis,
    Rfc3339,
    Date,
}

pub(crate) const TIME_FORMATS: [(&str, TimeFormat); 4] = [
    ("unix_s", TimeFormat::UnixSeconds),
    ("unix_ms", TimeFormat::UnixMillis),
    ("rfc3339", TimeFormat::Rfc3339),
    ("date", TimeFormat::Date),
];

impl TimeFormat {
    pub(crate) fn read(self, value: &Value) -> Option<Timestamp> {
        let whole = || match value {
            Value::Number(number) => number.as_i64(),
            Value::String(text) => text.parse().ok(),
            _ => None,
        };
        match self {
            TimeFormat::UnixSeconds => DateTime::from_timestamp_secs(whole()?),
            TimeFormat::UnixMillis => DateTime::from_timestamp_millis(whole()?),
            TimeFormat::Rfc3339 => DateTime::parse_from_rfc3339(value.as_str()?).ok().map(|at| at.to_utc()),
            TimeFormat::Date => Some(value.as_str()?.parse::<NaiveDate>().ok()?.and_time(NaiveTime::MIN).and_utc()),
        }
    }

    /// Rounds down to what the format can say: a lower bound never moves up.
    pub(crate) fn write(self, at: Timestamp) -> String {
        match self {
            TimeFormat::UnixSeconds => at.timestamp().to_string(),
            TimeFormat::UnixMillis => at.timestamp_millis().to_string(),
            TimeFormat::Rfc3339 => at.to_rfc3339_opts(chrono::SecondsFormat::AutoSi, true),
            TimeFormat::Date => at.date_naive().to_string(),
        }
    }
}

/// The order that a list declares. It is asserted while reading.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Order {
    NewestFirst,
    OldestFirst,
    Unordered,
}

pub(crate) const ORDERS: [(&str, Order); 3] =
    [("newest_first", Order::NewestFirst), ("oldest_first", Order::OldestFirst), ("none", Order::Unordered)];

/// Reads from a time on: the lower bound is inclusive and lies `lookback` before what was seen.
#[derive(Debug, Clone)]
pub(crate) struct TimeCursor {
    pub(crate) field: Pointer,
    pub(crate) format: TimeFormat,
    /// The query parameter of the lower bound.
    pub(crate) param: String,
    pub(crate) send_as: TimeFormat,
    pub(crate) lookback: TimeDelta,
    /// What is younger than this may still be joined by something older: the cursor stays before it.
    pub(crate) settle: TimeDelta,
    /// Where the first run begins; everything where it is not said.
    pub(crate) start: Option<Template>,
}

/// Reads on from a token that the last answer gave.
#[derive(Debug, Clone)]
pub(crate) struct TokenCursor {
    pub(crate) token: Pointer,
    pub(crate) param: String,
    /// The token is a time: it is held back by `settle`.
    pub(crate) format: Option<TimeFormat>,
    pub(crate) settle: TimeDelta,
    /// What the first run asks for.
    pub(crate) start: Option<TokenStart>,
}

#[derive(Debug, Clone)]
pub(crate) struct TokenStart {
    pub(crate) param: String,
    pub(crate) format: TimeFormat,
    pub(crate) value: Template,
}

#[derive(Debug, Clone)]
pub(crate) enum Cursor {
    Time(TimeCursor),
    Token(TokenCursor),
}

/// The times of a feed or of a stream: with `from` in a feed and `param` in a stream, as they read best there.
pub(crate) fn read_time_cursor(
    fields: &mut Fields<'_>,
    param: &'static str,
    settings: &[Setting],
    report: &mut Report,
) -> Option<TimeCursor> {
    let field = fields.require("field", report).and_then(|node| node.pointer(report));
    let format = fields.require("type", report).and_then(|node| node.choice("type of time", &TIME_FORMATS, report));
    let param = fields.require(param, report).and_then(|node| node.word(report)).map(str::to_owned);
    let send_as = fields.get("send_as").and_then(|node| node.choice("type of time", &TIME_FORMATS, report));
    let mut period = |name| fields.get(name).and_then(|node| node.period(report)).unwrap_or_default();
    let (lookback, settle) = (period("lookback"), period("settle"));
    let start = fields.get("start").and_then(|node| template(node, Scope::of(settings), report));
    Some(TimeCursor {
        field: field?,
        format: format?,
        param: param?,
        send_as: send_as.or(format)?,
        lookback,
        settle,
        start,
    })
}

pub(crate) fn read_cursor(node: &Node, settings: &[Setting], report: &mut Report) -> Option<Cursor> {
    let mut fields = Fields::open(node, "cursor", report)?;
    let Some(token) = fields.get("token") else {
        let cursor = read_time_cursor(&mut fields, "param", settings, report);
        fields.finish(report);
        return cursor.map(Cursor::Time);
    };
    let token = token.pointer(report);
    let param = fields.require("param", report).and_then(|node| node.word(report)).map(str::to_owned);
    let format = fields.get("type").and_then(|node| node.choice("type of time", &TIME_FORMATS, report));
    let settle = fields.get("settle").and_then(|node| node.period(report)).unwrap_or_default();
    let start = fields.get("start").and_then(|node| read_start(node, settings, report));
    fields.finish(report);
    Some(Cursor::Token(TokenCursor { token: token?, param: param?, format, settle, start }))
}

fn read_start(node: &Node, settings: &[Setting], report: &mut Report) -> Option<TokenStart> {
    let mut fields = Fields::open(node, "start of a cursor", report)?;
    let param = fields.require("param", report).and_then(|node| node.word(report)).map(str::to_owned);
    let format = fields.require("type", report).and_then(|node| node.choice("type of time", &TIME_FORMATS, report));
    let value = fields.require("value", report).and_then(|node| template(node, Scope::of(settings), report));
    fields.finish(report);
    Some(TokenStart { param: param?, format: format?, value: value? })
}
