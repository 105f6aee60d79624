//! The demo's time: days before its today, as the vendors write them.

use super::random::Random;
use chrono::{DateTime, SecondsFormat, Utc};

const DAY: i64 = 86_400;

/// Counts back from midnight before the demo's now.
#[derive(Debug, Clone, Copy)]
pub(super) struct Calendar {
    midnight: i64,
    months: u32,
}

impl Calendar {
    pub(super) fn new(now: DateTime<Utc>, months: u32) -> Self {
        Self { midnight: now.timestamp().div_euclid(DAY) * DAY, months }
    }

    /// How many months of history there are.
    pub(super) fn months(&self) -> u32 {
        self.months
    }

    /// How many days of history there are.
    pub(super) fn history_days(&self) -> i64 {
        i64::from(self.months) * 30
    }

    /// A second of the working day so many days ago (at least one), in unix seconds.
    pub(super) fn days_ago(&self, days: i64, random: &mut Random) -> i64 {
        self.midnight - days.max(1) * DAY + 8 * 3600 + random.time_below(10 * 3600)
    }

    /// Later than `at` by up to so many hours, but before today.
    pub(super) fn after(&self, at: i64, hours: i64, random: &mut Random) -> i64 {
        (at + 60 + random.time_below(hours * 3600)).min(self.midnight - 1)
    }

    /// Whether it was within the last days.
    pub(super) fn is_within(&self, at: i64, days: i64) -> bool {
        at >= self.midnight - days * DAY
    }
}

/// As Zendesk writes a time.
pub(super) fn zulu(at: i64) -> String {
    utc(at).to_rfc3339_opts(SecondsFormat::Secs, true)
}

/// As Mailchimp writes a time.
pub(super) fn with_offset(at: i64) -> String {
    utc(at).to_rfc3339_opts(SecondsFormat::Secs, false)
}

fn utc(at: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(at, 0).unwrap_or_default()
}
