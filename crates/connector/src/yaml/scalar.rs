//! Reading single values: texts, switches, numbers, spans of time, JSON pointers.

use super::{Data, Node};
use crate::pointer::Pointer;
use crate::problem::Report;
use chrono::TimeDelta;

impl Node {
    pub(crate) fn text(&self, report: &mut Report) -> Option<&str> {
        let Data::Scalar(text) = &self.data else {
            report.add(&self.at, format!("expected a text, found {}", self.form()));
            return None;
        };
        Some(text)
    }

    /// A text that is not blank.
    pub(crate) fn word(&self, report: &mut Report) -> Option<&str> {
        let text = self.text(report)?;
        if text.trim().is_empty() {
            report.add(&self.at, "expected a text, found nothing");
            return None;
        }
        Some(text)
    }

    pub(crate) fn flag(&self, report: &mut Report) -> Option<bool> {
        match self.text(report)? {
            "true" => Some(true),
            "false" => Some(false),
            other => {
                report.add(&self.at, format!("expected true or false, found {other:?}"));
                None
            }
        }
    }

    pub(crate) fn number<T: std::str::FromStr>(&self, report: &mut Report) -> Option<T> {
        let text = self.text(report)?;
        let number = text.parse().ok();
        if number.is_none() {
            report.add(&self.at, format!("expected a whole number, found {text:?}"));
        }
        number
    }

    /// `250ms`, `30s`, `10m`, `1h`, `7d`: a unit is always written.
    pub(crate) fn period(&self, report: &mut Report) -> Option<TimeDelta> {
        let text = self.text(report)?;
        let period = parse_period(text);
        if period.is_none() {
            report.add(&self.at, format!("expected a span of time such as 30s, 10m, 1h or 7d, found {text:?}"));
        }
        period
    }

    pub(crate) fn pointer(&self, report: &mut Report) -> Option<Pointer> {
        let text = self.text(report)?;
        let pointer = Pointer::parse(text);
        if pointer.is_none() {
            report.add(&self.at, format!("expected a JSON pointer such as /data/id, found {text:?}"));
        }
        pointer
    }

    /// One of the listed words.
    pub(crate) fn choice<T: Copy>(&self, what: &str, choices: &[(&str, T)], report: &mut Report) -> Option<T> {
        let text = self.text(report)?;
        let found = choices.iter().find(|(word, _)| *word == text).map(|(_, value)| *value);
        if found.is_none() {
            report.unknown(&self.at, what, text, choices.iter().map(|(word, _)| *word));
        }
        found
    }
}

fn parse_period(text: &str) -> Option<TimeDelta> {
    let split = text.find(|c: char| !c.is_ascii_digit())?;
    let count: i64 = text[..split].parse().ok()?;
    let millis = match &text[split..] {
        "ms" => 1,
        "s" => 1_000,
        "m" => 60_000,
        "h" => 3_600_000,
        "d" => 86_400_000,
        _ => return None,
    };
    TimeDelta::try_milliseconds(count.checked_mul(millis)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_span_of_time_has_a_unit() {
        assert_eq!(parse_period("10m"), TimeDelta::try_minutes(10));
        assert_eq!(parse_period("7d"), TimeDelta::try_days(7));
        for bad in ["10", "m", "", "1w", "-1s", "1.5h", "99999999999999999d"] {
            assert_eq!(parse_period(bad), None, "{bad}");
        }
    }
}
