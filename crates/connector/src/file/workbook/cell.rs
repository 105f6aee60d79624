//! A cell of a workbook as text.

use calamine::{CellErrorType, DataRef, ExcelDateTime};
use chrono::{NaiveTime, Timelike};

/// What a cell holds. Blank ones are none.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Cell {
    /// A text, which may be the name of a column.
    Text(String),
    /// A number, a day or a truth value, as text.
    Value(String),
    /// `#N/A` and the like: something that could not be computed where the workbook was made.
    Error(String),
}

impl Cell {
    pub(super) fn of(data: &DataRef<'_>) -> Option<Self> {
        let text = |text: &str| (!text.trim().is_empty()).then(|| Self::Text(text.to_owned()));
        match data {
            DataRef::Empty => None,
            DataRef::String(value) => text(value),
            DataRef::SharedString(value) => text(value),
            DataRef::Int(number) => Some(Self::Value(number.to_string())),
            DataRef::Float(number) => Some(Self::Value(decimal(*number))),
            DataRef::Bool(flag) => Some(Self::Value(flag.to_string())),
            DataRef::DateTime(at) => Some(moment(*at)),
            DataRef::DateTimeIso(value) | DataRef::DurationIso(value) => Some(Self::Value(value.clone())),
            DataRef::Error(error) => Some(Self::Error(name(error))),
        }
    }

    pub(super) fn text(&self) -> &str {
        match self {
            Self::Text(text) | Self::Value(text) | Self::Error(text) => text,
        }
    }

    pub(super) fn size(&self) -> usize {
        self.text().len()
    }

    pub(super) fn is_name(&self) -> bool {
        matches!(self, Self::Text(_))
    }
}

/// Excel keeps and shows 15 digits; what a float has beyond them was never typed by anybody.
fn decimal(number: f64) -> String {
    let rounded: f64 = format!("{number:.14e}").parse().unwrap_or(number);
    rounded.to_string()
}

fn moment(at: ExcelDateTime) -> Cell {
    // A length of time, or a time of day without a day.
    if at.is_duration() {
        return Cell::Value(decimal(at.as_f64()));
    }
    let Some(time) = at.as_datetime() else { return Cell::Error("a number that is no day".to_owned()) };
    // A day is kept as a float: seconds come out a little less than whole.
    let rounded = if time.nanosecond() >= 500_000_000 { time + chrono::TimeDelta::seconds(1) } else { time };
    let form = match (at.as_f64() < 1.0, rounded.time() == NaiveTime::MIN) {
        (true, _) => "%H:%M:%S",
        (false, true) => "%Y-%m-%d",
        (false, false) => "%Y-%m-%dT%H:%M:%S",
    };
    Cell::Value(rounded.format(form).to_string())
}

fn name(error: &CellErrorType) -> String {
    error.to_string()
}
