//! Faults on demand: what a vendor's system does on a bad day, at the request that a test names.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// What goes wrong with one request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fault {
    /// This status with the vendor's error body; `retry_after` is sent as it is, seconds or an HTTP date.
    Status {
        /// The HTTP status.
        status: u16,
        /// The text of the header `Retry-After`.
        retry_after: Option<String>,
    },
    /// No answer ever: the connection stays open until the client gives up or the server stops.
    Hang,
    /// The right status and length, half of the body, then the connection is closed.
    CutBody,
    /// Status 200 and the first half of the JSON, with a length that fits: only a parser notices.
    MalformedJson,
    /// Status 200 and a page for people, as a proxy in between would send.
    Html,
}

impl Fault {
    /// Status 429 with `Retry-After`.
    pub fn too_many_requests(retry_after: &str) -> Self {
        Fault::Status { status: 429, retry_after: Some(retry_after.to_owned()) }
    }

    /// Status 500.
    pub fn server_error() -> Self {
        Fault::Status { status: 500, retry_after: None }
    }

    /// Status 503.
    pub fn unavailable() -> Self {
        Fault::Status { status: 503, retry_after: None }
    }

    /// Status 401 whatever key was sent, as after a revoked key.
    pub fn unauthorized() -> Self {
        Fault::Status { status: 401, retry_after: None }
    }

    /// Status 403: a key without the right to this stream.
    pub fn forbidden() -> Self {
        Fault::Status { status: 403, retry_after: None }
    }
}

#[derive(Debug)]
struct Rule {
    path: String,
    /// Which matching request, counted from 1; `None` is every one.
    nth: Option<u64>,
    seen: u64,
    fault: Fault,
}

#[derive(Debug, Default)]
struct Plan {
    rules: Vec<Rule>,
    delay: Duration,
}

/// The faults of one server, changeable while it runs.
#[derive(Debug, Clone, Default)]
pub struct Faults(Arc<Mutex<Plan>>);

impl Faults {
    /// The `nth` request (from 1, counted from now) whose path begins with `path` meets this fault. An empty `path`
    /// means any. Where two rules meet the same request the older one wins; both have counted it.
    pub fn on_nth(&self, path: &str, nth: u64, fault: Fault) {
        self.plan().rules.push(Rule { path: path.to_owned(), nth: Some(nth), seen: 0, fault });
    }

    /// Every request whose path begins with `path` meets this fault, until [`Faults::clear`].
    pub fn on_every(&self, path: &str, fault: Fault) {
        self.plan().rules.push(Rule { path: path.to_owned(), nth: None, seen: 0, fault });
    }

    /// Every answer takes at least this long.
    pub fn delay(&self, delay: Duration) {
        self.plan().delay = delay;
    }

    /// A good day again.
    pub fn clear(&self) {
        *self.plan() = Plan::default();
    }

    /// Counts a request; how long it takes and what goes wrong with it.
    pub(super) fn meet(&self, path: &str) -> (Duration, Option<Fault>) {
        let mut plan = self.plan();
        let mut met = None;
        for rule in plan.rules.iter_mut().filter(|rule| path.starts_with(&rule.path)) {
            rule.seen += 1;
            if rule.nth.is_none_or(|nth| nth == rule.seen) && met.is_none() {
                met = Some(rule.fault.clone());
            }
        }
        (plan.delay, met)
    }

    fn plan(&self) -> MutexGuard<'_, Plan> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rule_counts_only_the_requests_under_its_path() {
        let faults = Faults::default();
        faults.on_nth("/v1/invoices", 2, Fault::Hang);
        faults.on_every("/v1/events", Fault::Html);
        let met: Vec<_> = ["/v1/invoices", "/v1/customers", "/v1/events", "/v1/invoices", "/v1/invoices"]
            .iter()
            .map(|path| faults.meet(path).1)
            .collect();
        assert_eq!(met, [None, None, Some(Fault::Html), Some(Fault::Hang), None]);
    }
}
