//! When a source is read by itself: every so often, or at the times of a cron expression.
//!
//! Promises: an expression that is accepted has a next time. Times are UTC, so that a clock that is put forward skips no run.
//! Deliberately does not know when a source was last read.

use chrono::TimeDelta;
use croner::Cron;
use croner::parser::{CronParser, Seconds, Year};
use onefold_model::Timestamp;
use serde::Deserialize;
use std::fmt;

/// Systems count requests by the minute: to read one more often brings nothing that a webhook does not bring sooner.
const SHORTEST: TimeDelta = TimeDelta::minutes(1);
/// Longer than this is a mistake, and far beyond what systems keep of their changes.
const LONGEST: TimeDelta = TimeDelta::days(366);

/// When a source is read.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct Schedule {
    text: String,
    when: When,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum When {
    Every(TimeDelta),
    Cron(Box<Cron>),
}

impl Schedule {
    /// When the source is due after a run that began at `last`; for one that was never read, after `since`. A time that has
    /// passed means now: a run that was missed is made up for, once.
    pub fn next(&self, last: Option<Timestamp>, since: Timestamp) -> Timestamp {
        match &self.when {
            When::Every(period) => last.map_or(since, |last| last + *period),
            // That there is a next time was seen when it was read; the calendar has none after its end.
            When::Cron(cron) => cron.find_next_occurrence(&last.unwrap_or(since), false).unwrap_or(Timestamp::MAX_UTC),
        }
    }
}

impl fmt::Display for Schedule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl TryFrom<String> for Schedule {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let refused = |why: &str| {
            format!(
                "a schedule is a time such as \"15m\", \"6h\" or \"1d\", or a cron expression of five fields such as \"0 3 * * *\": {text:?} {why}"
            )
        };
        let when = if text.contains(' ') || text.starts_with('@') {
            let parser = CronParser::builder().seconds(Seconds::Disallowed).year(Year::Disallowed).build();
            let cron = parser.parse(&text).map_err(|error| refused(&format!("is none ({error})")))?;
            // A day that no month has is accepted and never comes.
            cron.find_next_occurrence(&Timestamp::UNIX_EPOCH, false).map_err(|_| refused("never comes"))?;
            When::Cron(Box::new(cron))
        } else {
            let period = period(&text).ok_or_else(|| refused("is none"))?;
            if !(SHORTEST..=LONGEST).contains(&period) {
                return Err(refused("is shorter than a minute or longer than a year"));
            }
            When::Every(period)
        };
        Ok(Self { text, when })
    }
}

/// `15m` and the like.
fn period(text: &str) -> Option<TimeDelta> {
    let (count, unit) = text.split_at_checked(text.len().checked_sub(1)?)?;
    let count: i64 = count.bytes().all(|digit| digit.is_ascii_digit()).then(|| count.parse().ok())??;
    match unit {
        "s" => TimeDelta::try_seconds(count),
        "m" => TimeDelta::try_minutes(count),
        "h" => TimeDelta::try_hours(count),
        "d" => TimeDelta::try_days(count),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn schedule(text: &str) -> Result<Schedule, String> {
        Schedule::try_from(text.to_owned())
    }

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn a_period_counts_from_the_beginning_of_the_last_run() {
        let (last, since) = (at("2026-11-27T10:00:00Z"), at("2026-11-01T00:00:00Z"));
        for (text, next) in [
            ("15m", "2026-11-27T10:15:00Z"),
            ("90s", "2026-11-27T10:01:30Z"),
            ("6h", "2026-11-27T16:00:00Z"),
            ("1d", "2026-11-28T10:00:00Z"),
        ] {
            let schedule = schedule(text).unwrap();
            assert_eq!(schedule.next(Some(last), since), at(next), "{text}");
            assert_eq!(schedule.next(None, since), since, "{text}: one that was never read is due");
            assert_eq!(schedule.to_string(), text);
        }
    }

    #[test]
    fn a_cron_expression_gives_times_of_utc() {
        let last = at("2026-11-27T03:00:00Z");
        for (text, next) in [
            ("0 3 * * *", "2026-11-28T03:00:00Z"),
            ("*/20 * * * *", "2026-11-27T03:20:00Z"),
            ("30 6 * * MON-FRI", "2026-11-27T06:30:00Z"),
            ("0 0 29 2 *", "2028-02-29T00:00:00Z"),
            ("@hourly", "2026-11-27T04:00:00Z"),
        ] {
            assert_eq!(schedule(text).unwrap().next(Some(last), last), at(next), "{text}");
        }
        let never_read = schedule("0 3 * * *").unwrap().next(None, at("2026-11-27T02:00:00Z"));
        assert_eq!(never_read, at("2026-11-27T03:00:00Z"));
    }

    #[test]
    fn what_is_no_schedule_is_refused_with_what_one_looks_like() {
        for text in [
            "",
            "m",
            "15",
            "15 m",
            "-5m",
            "+5m",
            "1.5h",
            "15x",
            "é",
            "59s",
            "367d",
            "99999999999999999999d",
            "9223372036854775807d",
            "* * * *",
            "60 * * * *",
            "0 0 30 2 *",
            "0 0 3 * * *",
            "@fortnightly",
            "0 3 * * * 2030",
        ] {
            let refused = schedule(text).unwrap_err();
            assert!(refused.contains("15m") && refused.contains("0 3 * * *"), "{text:?}: {refused}");
        }
    }
}
