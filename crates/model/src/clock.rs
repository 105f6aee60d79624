//! Time as a parameter: whoever needs "now" is handed a [`Clock`].

use chrono::{DateTime, SubsecRound, Utc};

/// A point in time in UTC, to the microsecond: the finest unit that both databases keep.
pub type Timestamp = DateTime<Utc>;

/// Cuts a time to whole microseconds, so that what is read back equals what was written.
pub fn truncate_to_micros(at: Timestamp) -> Timestamp {
    at.trunc_subsecs(6)
}

/// Where "now" comes from.
pub trait Clock: Send + Sync {
    /// The current time, in whole microseconds.
    fn now(&self) -> Timestamp;
}

/// The machine's clock.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Timestamp {
        truncate_to_micros(Utc::now())
    }
}

/// A clock that stands still: for tests and for replays.
#[derive(Debug, Clone, Copy)]
pub struct FixedClock(pub Timestamp);

impl Clock for FixedClock {
    fn now(&self) -> Timestamp {
        truncate_to_micros(self.0)
    }
}
