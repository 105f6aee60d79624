//! Dates with gaps: many systems know a birthday without its year, or a year without its day.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};

/// A date of which some parts may be missing. Written `1984-03-07`, `1984-03`, `1984`, `--03-07` (ISO 8601 and
/// vCard's form for a day without a year).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct PartialDate {
    year: Option<i32>,
    month: Option<u32>,
    day: Option<u32>,
}

/// A text that is no partial date.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is not a date of the form YYYY-MM-DD, YYYY-MM, YYYY or --MM-DD")]
pub struct InvalidPartialDate(String);

impl PartialDate {
    /// Checks the parts: at least one is present, and those that are make a day that can exist.
    pub fn new(year: Option<i32>, month: Option<u32>, day: Option<u32>) -> Option<Self> {
        // 2000 was a leap year, so 29 February without a year is allowed.
        let exists = match (year, month, day) {
            (Some(year), None, None) => (1..=9999).contains(&year),
            (year, Some(month), None) if year.is_some() => (1..=12).contains(&month),
            (year, Some(month), Some(day)) => NaiveDate::from_ymd_opt(year.unwrap_or(2000), month, day).is_some(),
            _ => false,
        };
        exists.then_some(Self { year, month, day })
    }

    /// The year, where known.
    pub fn year(self) -> Option<i32> {
        self.year
    }

    /// The month from 1, where known.
    pub fn month(self) -> Option<u32> {
        self.month
    }

    /// The day of the month from 1, where known.
    pub fn day(self) -> Option<u32> {
        self.day
    }

    /// The whole date, where nothing is missing.
    pub fn to_date(self) -> Option<NaiveDate> {
        NaiveDate::from_ymd_opt(self.year?, self.month?, self.day?)
    }
}

impl From<NaiveDate> for PartialDate {
    fn from(date: NaiveDate) -> Self {
        use chrono::Datelike;
        Self { year: Some(date.year()), month: Some(date.month()), day: Some(date.day()) }
    }
}

impl fmt::Display for PartialDate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.year, self.month, self.day) {
            (Some(year), Some(month), Some(day)) => write!(f, "{year:04}-{month:02}-{day:02}"),
            (Some(year), Some(month), None) => write!(f, "{year:04}-{month:02}"),
            (Some(year), None, _) => write!(f, "{year:04}"),
            (None, Some(month), Some(day)) => write!(f, "--{month:02}-{day:02}"),
            (None, _, _) => Ok(()),
        }
    }
}

impl FromStr for PartialDate {
    type Err = InvalidPartialDate;

    fn from_str(text: &str) -> Result<Self, InvalidPartialDate> {
        let invalid = || InvalidPartialDate(text.chars().take(40).collect());
        let digits = |part: &str, len: usize| {
            (part.len() == len && part.bytes().all(|b| b.is_ascii_digit()))
                .then(|| part.parse::<u32>().ok())
                .flatten()
                .ok_or_else(invalid)
        };
        let (year, rest) = if let Some(rest) = text.strip_prefix("--") {
            (None, Some(rest))
        } else {
            let (year, rest) = text.split_once('-').map_or((text, None), |(y, r)| (y, Some(r)));
            (i32::try_from(digits(year, 4)?).ok(), rest)
        };
        let (month, day) = match rest.map(|rest| rest.split_once('-').map_or((rest, None), |(m, d)| (m, Some(d)))) {
            None => (None, None),
            Some((month, None)) => (Some(digits(month, 2)?), None),
            Some((month, Some(day))) => (Some(digits(month, 2)?), Some(digits(day, 2)?)),
        };
        Self::new(year, month, day).ok_or_else(invalid)
    }
}

impl TryFrom<String> for PartialDate {
    type Error = InvalidPartialDate;
    fn try_from(text: String) -> Result<Self, InvalidPartialDate> {
        text.parse()
    }
}

impl From<PartialDate> for String {
    fn from(date: PartialDate) -> Self {
        date.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_reads_back() {
        for text in ["1984-03-07", "1984-03", "1984", "--02-29"] {
            assert_eq!(text.parse::<PartialDate>().unwrap().to_string(), text);
        }
    }

    #[test]
    fn days_that_cannot_exist_are_refused() {
        for text in ["1983-02-29", "--13-01", "1984-00", "84", "", "1984-3-7", "--03", "1984-03-07x", "+984"] {
            assert!(text.parse::<PartialDate>().is_err(), "{text}");
        }
    }
}
