//! What an operation costs, before it runs, and how much each caller has left.
//!
//! Promises: the cost is computed from the document and its variables alone, by the weights of `docs/reference/limits.md`, so
//! that a client can compute it too; what was not used is given back; who has nothing left is told when to come again; what
//! is kept of callers is bounded in number. Deliberately does not know how callers are told.

use super::settings::CostSettings;
use async_graphql::{Name, Value};
use lru::LruCache;
use std::num::NonZeroUsize;
use std::sync::{Mutex, PoisonError};
use std::time::Instant;

/// Callers whose points are kept. One who is forgotten has all of them again.
const CALLERS: NonZeroUsize = NonZeroUsize::new(10_000).unwrap();

/// A mutation costs so much more than what it shows.
pub(super) const MUTATION: u64 = 10;

/// The points of all callers.
pub(super) struct Meter {
    settings: CostSettings,
    began: Instant,
    callers: Mutex<LruCache<String, Points>>,
}

/// The points of one caller.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Points {
    left: f64,
    at_ms: u64,
}

/// What is told of the cost of an operation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Cost {
    /// What it could come to.
    pub requested: u64,
    /// What it came to. None where it was not run.
    pub actual: Option<u64>,
    /// What a caller has at most.
    pub limit: u64,
    /// What this caller has left.
    pub remaining: u64,
    /// When it could be run, where it was not; 0 where it was.
    pub retry_after_ms: u64,
}

impl Meter {
    pub(super) fn new(settings: CostSettings) -> Self {
        Self { settings, began: Instant::now(), callers: Mutex::new(LruCache::new(CALLERS)) }
    }

    /// Takes what an operation could come to. An error is its cost, and when to come again.
    pub(super) fn take(&self, caller: &str, requested: u64) -> Result<Cost, Cost> {
        self.take_at(caller, requested, self.now())
    }

    /// Gives back what an operation did not come to.
    pub(super) fn settle(&self, caller: &str, requested: u64, actual: u64) -> Cost {
        self.settle_at(caller, requested, actual.min(requested), self.now())
    }

    fn now(&self) -> u64 {
        u64::try_from(self.began.elapsed().as_millis()).unwrap_or(u64::MAX)
    }

    fn take_at(&self, caller: &str, requested: u64, now: u64) -> Result<Cost, Cost> {
        let CostSettings { limit, per_second } = self.settings;
        self.with(caller, now, |points| {
            let missing = requested as f64 - points.left;
            if missing > 0.0 {
                // What is larger than the whole limit never fits: it is told the time of a whole limit.
                let wait_s = missing / per_second.max(1) as f64;
                let retry_after_ms = whole(wait_s * 1000.0).max(1);
                return Err(Cost { requested, actual: None, limit, remaining: whole(points.left), retry_after_ms });
            }
            points.left -= requested as f64;
            Ok(Cost { requested, actual: None, limit, remaining: whole(points.left), retry_after_ms: 0 })
        })
    }

    fn settle_at(&self, caller: &str, requested: u64, actual: u64, now: u64) -> Cost {
        let limit = self.settings.limit;
        self.with(caller, now, |points| {
            points.left = (points.left + (requested - actual) as f64).min(limit as f64);
            Cost { requested, actual: Some(actual), limit, remaining: whole(points.left), retry_after_ms: 0 }
        })
    }

    fn with<T>(&self, caller: &str, now: u64, act: impl FnOnce(&mut Points) -> T) -> T {
        let CostSettings { limit, per_second } = self.settings;
        let mut callers = self.callers.lock().unwrap_or_else(PoisonError::into_inner);
        let full = || Points { left: limit as f64, at_ms: now };
        let points = callers.get_or_insert_mut_ref(caller, full);
        let passed_s = now.saturating_sub(points.at_ms) as f64 / 1000.0;
        points.left = (points.left + passed_s * per_second as f64).min(limit as f64);
        points.at_ms = now;
        act(points)
    }
}

impl Cost {
    /// As clients are told.
    pub(super) fn value(&self) -> Value {
        let number = |number: u64| Value::Number(number.into());
        let fields = [
            ("requested", number(self.requested)),
            ("actual", self.actual.map_or(Value::Null, number)),
            ("limit", number(self.limit)),
            ("remaining", number(self.remaining)),
            ("retryAfterMs", number(self.retry_after_ms)),
        ];
        Value::Object(fields.into_iter().map(|(name, value)| (Name::new(name), value)).collect())
    }
}

/// The objects of an answer, which is what its cost comes to.
pub(super) fn objects(data: &Value) -> u64 {
    fn walk(value: &Value) -> u64 {
        match value {
            Value::Object(fields) => 1 + fields.values().map(walk).sum::<u64>(),
            Value::List(items) => items.iter().map(walk).sum(),
            Value::Null
            | Value::Number(_)
            | Value::String(_)
            | Value::Boolean(_)
            | Value::Binary(_)
            | Value::Enum(_) => 0,
        }
    }
    walk(data)
}

/// Points are positive and far below 2^53.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "the number is positive and small")]
fn whole(number: f64) -> u64 {
    number.max(0.0).ceil() as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    fn meter() -> Meter {
        Meter::new(CostSettings { limit: 100, per_second: 10 })
    }

    #[test]
    fn what_is_left_is_told_and_comes_back_with_time() {
        let meter = meter();
        assert_eq!(meter.take_at("ann", 60, 0).map(|cost| cost.remaining), Ok(40));
        let refused = meter.take_at("ann", 60, 0).unwrap_err();
        assert_eq!((refused.remaining, refused.retry_after_ms, refused.actual), (40, 2000, None));
        assert!(meter.take_at("ann", 60, 1999).is_err());
        assert!(meter.take_at("ann", 60, 2000).is_ok());
        assert_eq!(meter.take_at("ann", 0, 1_000_000).map(|cost| cost.remaining), Ok(100), "never more than the limit");
    }

    #[test]
    fn what_was_not_used_is_given_back() {
        let meter = meter();
        meter.take_at("ann", 90, 0).unwrap();
        let cost = meter.settle_at("ann", 90, 5, 0);
        assert_eq!((cost.requested, cost.actual, cost.remaining), (90, Some(5), 95));
    }

    #[test]
    fn one_caller_does_not_pay_for_another() {
        let meter = meter();
        meter.take_at("ann", 100, 0).unwrap();
        assert!(meter.take_at("bob", 100, 0).is_ok());
        assert!(meter.take_at("ann", 1, 0).is_err());
    }

    #[test]
    fn an_answer_costs_its_objects() {
        let data = async_graphql::value!({"a": {"b": [{"c": 1}, {"c": 2}], "d": null}, "e": 1});
        assert_eq!(objects(&data), 4);
    }
}
