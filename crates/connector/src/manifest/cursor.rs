//! Stream cursors: how far a stream has been read, and what is asked for next time.

use super::http::template;
use crate::pointer::Pointer;
use crate::problem::Report;
use crate::setting::Setting;
use crate::template::{Scope, Template};
use crate::yaml::{Fields, Node};
use chrono::{DateTime, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta};
use onefold_model::Timestamp;
use serde_json::Value;

/// The way that a time is written in a payload or in a query.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum TimeFormat {
    UnixSeconds,
    UnixMillis,
    Rfc3339,
    Utc,
    DotNet,
    Date,
    CompactDate,
}

pub(crate) const TIME_FORMATS: [(&str, TimeFormat); 7] = [
    ("unix_s", TimeFormat::UnixSeconds),
    ("unix_ms", TimeFormat::UnixMillis),
    ("rfc3339", TimeFormat::Rfc3339),
    // 2026-01-31T10:00:00 without a zone, where the system says that it is UTC.
    ("utc", TimeFormat::Utc),
    // /Date(1552326816230+0000)/
    ("dotnet", TimeFormat::DotNet),
    ("date", TimeFormat::Date),
    // 20260131
    ("compact_date", TimeFormat::CompactDate),
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
            TimeFormat::Rfc3339 => zoned(value.as_str()?),
            TimeFormat::Utc => value.as_str()?.parse::<NaiveDateTime>().ok().map(|at| at.and_utc()),
            TimeFormat::DotNet => dotnet(value.as_str()?),
            TimeFormat::Date => Some(value.as_str()?.parse::<NaiveDate>().ok()?.and_time(NaiveTime::MIN).and_utc()),
            TimeFormat::CompactDate => {
                let day = NaiveDate::parse_from_str(value.as_str()?, "%Y%m%d").ok()?;
                Some(day.and_time(NaiveTime::MIN).and_utc())
            }
        }
    }

    /// Rounds down to what the format can say: a lower bound never moves up.
    pub(crate) fn write(self, at: Timestamp) -> String {
        match self {
            TimeFormat::UnixSeconds => at.timestamp().to_string(),
            TimeFormat::UnixMillis => at.timestamp_millis().to_string(),
            TimeFormat::Rfc3339 => at.to_rfc3339_opts(chrono::SecondsFormat::AutoSi, true),
            TimeFormat::Utc => at.format("%Y-%m-%dT%H:%M:%S").to_string(),
            TimeFormat::DotNet => format!("/Date({})/", at.timestamp_millis()),
            TimeFormat::Date => at.date_naive().to_string(),
            TimeFormat::CompactDate => at.format("%Y%m%d").to_string(),
        }
    }

    /// As it stands in a body: counts are numbers.
    pub(crate) fn write_value(self, at: Timestamp) -> Value {
        match self {
            TimeFormat::UnixSeconds => at.timestamp().into(),
            TimeFormat::UnixMillis => at.timestamp_millis().into(),
            TimeFormat::Rfc3339 | TimeFormat::Utc | TimeFormat::DotNet | TimeFormat::Date | TimeFormat::CompactDate => {
                self.write(at).into()
            }
        }
    }
}

/// RFC 3339, and the same with an offset as ISO 8601 writes it shortest: `+0000`.
pub(crate) fn zoned(text: &str) -> Option<Timestamp> {
    let at = DateTime::parse_from_rfc3339(text).or_else(|_| DateTime::parse_from_str(text, "%Y-%m-%dT%H:%M:%S%.f%z"));
    at.ok().map(|at| at.to_utc())
}

/// `/Date(1552326816230+0000)/`: milliseconds since 1970. The offset only says how it was shown.
pub(crate) fn dotnet(text: &str) -> Option<Timestamp> {
    let inner = text.strip_prefix("/Date(")?.strip_suffix(")/")?;
    let digits = inner.rfind(['+', '-']).filter(|at| *at > 0).map_or(inner, |at| &inner[..at]);
    DateTime::from_timestamp_millis(digits.parse().ok()?)
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
    /// The query parameter of the lower bound. Without one the list names `{from}` itself.
    pub(crate) param: Option<String>,
    /// The query parameter of the upper bound of a slice, likewise.
    pub(crate) until: Option<String>,
    /// So much time is asked for at once; everything where it is not said.
    pub(crate) step: Option<TimeDelta>,
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
    let param = fields.get(param).and_then(|node| node.word(report)).map(str::to_owned);
    let until = fields.get("until").and_then(|node| node.word(report)).map(str::to_owned);
    let at = fields.at;
    let step = fields.get("step").and_then(|node| {
        let step = node.period(report)?;
        if step <= TimeDelta::zero() {
            report.add(&node.at, "a slice of time is longer than nothing");
        }
        Some(step.max(TimeDelta::seconds(1)))
    });
    let send_as = fields.get("send_as").and_then(|node| node.choice("type of time", &TIME_FORMATS, report));
    let mut period = |name| fields.get(name).and_then(|node| node.period(report)).unwrap_or_default();
    let (lookback, settle) = (period("lookback"), period("settle"));
    let start = fields.get("start").and_then(|node| template(node, Scope::of(settings), report));
    if step.is_some() && start.is_none() {
        report.add(at, "slices of time need a start");
    }
    Some(TimeCursor {
        field: field?,
        format: format?,
        param,
        until,
        step,
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_read_as_they_were_written() {
        let at: Timestamp = "2026-03-01T12:30:45Z".parse().unwrap();
        for (word, format) in TIME_FORMATS {
            let read = format.read(&Value::from(format.write(at))).unwrap();
            let whole_day = matches!(format, TimeFormat::Date | TimeFormat::CompactDate);
            assert_eq!(read, if whole_day { "2026-03-01T00:00:00Z".parse().unwrap() } else { at }, "{word}");
            assert_eq!(format.read(&format.write_value(at)), Some(read), "{word}");
        }
    }

    #[test]
    fn other_spellings_of_a_time_are_read() {
        let read = |format: TimeFormat, text: &str| format.read(&Value::from(text)).map(|at| at.to_rfc3339());
        assert_eq!(read(TimeFormat::Rfc3339, "2026-05-01T21:13:13.000+0200").unwrap(), "2026-05-01T19:13:13+00:00");
        assert_eq!(read(TimeFormat::DotNet, "/Date(1552326816230+1300)/").unwrap(), "2019-03-11T17:53:36.230+00:00");
        assert_eq!(read(TimeFormat::DotNet, "/Date(-1000)/").unwrap(), "1969-12-31T23:59:59+00:00");
        for wrong in ["/Date()/", "Date(1)", "/Date(1", ""] {
            assert_eq!(read(TimeFormat::DotNet, wrong), None, "{wrong}");
        }
        assert_eq!(read(TimeFormat::Utc, "2026-05-01T21:13:13Z"), None, "a zone is no part of this form");
    }
}
