//! Figures for Prometheus, in its text form.
//!
//! Promises: a bounded number of series whoever comes: operations beyond the first [`MAX_NAMES`] names are counted together;
//! no figure names a person, a value or an address. Deliberately keeps nothing beyond the process.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// Names of operations that have series of their own.
const MAX_NAMES: usize = 200;
/// Characters of a name that are kept.
pub(super) const MAX_NAME: usize = 80;
/// Upper bounds of the durations, in seconds.
const BOUNDS: [f64; 10] = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0];

/// What became of an operation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Outcome {
    /// It was answered without an error.
    Good,
    /// It was answered, and something of it failed.
    Partial,
    /// It was not run.
    Refused,
}

/// The figures of one hub.
#[derive(Debug, Default)]
pub(super) struct Metrics(Mutex<Figures>);

#[derive(Debug, Default)]
struct Figures {
    names: BTreeSet<String>,
    operations: BTreeMap<(String, &'static str), Operation>,
    events: BTreeMap<(String, Outcome), u64>,
    requests: BTreeMap<(&'static str, u16), u64>,
}

#[derive(Debug, Default)]
struct Operation {
    outcomes: BTreeMap<Outcome, u64>,
    buckets: [u64; BOUNDS.len()],
    seconds: f64,
    count: u64,
}

impl Metrics {
    /// An operation was answered.
    pub(super) fn operation(&self, name: Option<&str>, kind: &'static str, outcome: Outcome, took: Duration) {
        let mut figures = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let name = figures.name(name);
        let operation = figures.operations.entry((name, kind)).or_default();
        *operation.outcomes.entry(outcome).or_default() += 1;
        let seconds = took.as_secs_f64();
        for (bucket, bound) in operation.buckets.iter_mut().zip(BOUNDS) {
            *bucket += u64::from(seconds <= bound);
        }
        operation.seconds += seconds;
        operation.count += 1;
    }

    /// A subscription was told something.
    pub(super) fn event(&self, name: Option<&str>, outcome: Outcome) {
        let mut figures = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let name = figures.name(name);
        *figures.events.entry((name, outcome)).or_default() += 1;
    }

    /// A request was answered with this status.
    pub(super) fn request(&self, method: &axum::http::Method, status: u16) {
        let method = match method.as_str() {
            "GET" => "GET",
            "POST" => "POST",
            _ => "other",
        };
        let mut figures = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        *figures.requests.entry((method, status)).or_default() += 1;
    }

    /// All figures, with some of this moment.
    pub(super) fn text(&self, now: &[(&str, &str, i64)]) -> String {
        let figures = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let mut out = String::new();
        for (name, help, value) in now {
            let _ = writeln!(out, "# HELP {name} {help}\n# TYPE {name} gauge\n{name} {value}");
        }
        figures.write(&mut out);
        out
    }
}

impl Figures {
    fn name(&mut self, name: Option<&str>) -> String {
        let Some(name) = name else { return "(none)".to_owned() };
        let name: String = name.chars().take(MAX_NAME).collect();
        if self.names.contains(&name) {
            return name;
        }
        if self.names.len() >= MAX_NAMES {
            return "(other)".to_owned();
        }
        self.names.insert(name.clone());
        name
    }

    fn write(&self, out: &mut String) {
        let _ = writeln!(out, "# HELP onefold_http_requests_total Requests that were answered.");
        let _ = writeln!(out, "# TYPE onefold_http_requests_total counter");
        for ((method, status), count) in &self.requests {
            let _ = writeln!(out, "onefold_http_requests_total{{method=\"{method}\",status=\"{status}\"}} {count}");
        }
        let _ = writeln!(out, "# HELP onefold_graphql_operations_total Operations that were answered.");
        let _ = writeln!(out, "# TYPE onefold_graphql_operations_total counter");
        for ((name, kind), operation) in &self.operations {
            for (outcome, count) in &operation.outcomes {
                let outcome = outcome.as_str();
                let _ = writeln!(
                    out,
                    "onefold_graphql_operations_total{{operation=\"{name}\",kind=\"{kind}\",outcome=\"{outcome}\"}} {count}"
                );
            }
        }
        let _ = writeln!(out, "# HELP onefold_graphql_events_total Events that subscriptions were told.");
        let _ = writeln!(out, "# TYPE onefold_graphql_events_total counter");
        for ((name, outcome), count) in &self.events {
            let outcome = outcome.as_str();
            let _ = writeln!(out, "onefold_graphql_events_total{{operation=\"{name}\",outcome=\"{outcome}\"}} {count}");
        }
        let _ = writeln!(out, "# HELP onefold_graphql_duration_seconds How long operations took.");
        let _ = writeln!(out, "# TYPE onefold_graphql_duration_seconds histogram");
        for ((name, kind), operation) in &self.operations {
            let labels = format!("operation=\"{name}\",kind=\"{kind}\"");
            for (bound, count) in BOUNDS.iter().zip(operation.buckets) {
                let _ = writeln!(out, "onefold_graphql_duration_seconds_bucket{{{labels},le=\"{bound}\"}} {count}");
            }
            let Operation { seconds, count, .. } = operation;
            let _ = writeln!(out, "onefold_graphql_duration_seconds_bucket{{{labels},le=\"+Inf\"}} {count}");
            let _ = writeln!(out, "onefold_graphql_duration_seconds_sum{{{labels}}} {seconds}");
            let _ = writeln!(out, "onefold_graphql_duration_seconds_count{{{labels}}} {count}");
        }
    }
}

impl Outcome {
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::Good => "good",
            Self::Partial => "partial",
            Self::Refused => "refused",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_counted_below_their_bounds() {
        let metrics = Metrics::default();
        for millis in [4, 30, 30, 20_000] {
            metrics.operation(Some("Customers"), "query", Outcome::Good, Duration::from_millis(millis));
        }
        let text = metrics.text(&[("onefold_streams", "Who listens.", 3)]);
        let of = |le: &str| {
            let line = format!(
                "onefold_graphql_duration_seconds_bucket{{operation=\"Customers\",kind=\"query\",le=\"{le}\"}} "
            );
            text.lines().find_map(|text| text.strip_prefix(&line)?.parse::<u64>().ok())
        };
        assert_eq!([of("0.005"), of("0.05"), of("10"), of("+Inf")], [Some(1), Some(3), Some(3), Some(4)]);
        assert!(text.contains("onefold_streams 3\n"), "{text}");
    }

    #[test]
    fn names_that_clients_make_up_do_not_grow_without_bound() {
        let metrics = Metrics::default();
        for number in 0..1_000 {
            metrics.operation(Some(&format!("Made{number}")), "query", Outcome::Good, Duration::ZERO);
        }
        let text = metrics.text(&[]);
        let series = text.lines().filter(|line| line.starts_with("onefold_graphql_operations_total{")).count();
        assert_eq!(series, MAX_NAMES + 1);
        assert!(text.contains("operation=\"(other)\",kind=\"query\",outcome=\"good\"} 800"), "{text}");
    }
}
