//! What a server was asked: for tests that count requests or look at their parameters.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Every request since the start, in order of arrival, also those that were refused or met a fault.
#[derive(Debug, Clone, Default)]
pub struct Requests(Arc<Mutex<Vec<(String, String)>>>);

impl Requests {
    /// How many requests there were.
    pub fn total(&self) -> usize {
        self.seen().len()
    }

    /// How many requests had exactly this path.
    pub fn count(&self, path: &str) -> usize {
        self.seen().iter().filter(|(seen, _)| seen == path).count()
    }

    /// The query strings of this path as they were sent, without the `?`; empty texts for requests without any.
    pub fn queries(&self, path: &str) -> Vec<String> {
        self.seen().iter().filter(|(seen, _)| seen == path).map(|(_, query)| query.clone()).collect()
    }

    /// The paths, in order of arrival.
    pub fn paths(&self) -> Vec<String> {
        self.seen().iter().map(|(path, _)| path.clone()).collect()
    }

    /// Forgets what was seen.
    pub fn clear(&self) {
        self.seen().clear();
    }

    pub(super) fn record(&self, path: &str, query: &str) {
        self.seen().push((path.to_owned(), query.to_owned()));
    }

    fn seen(&self) -> MutexGuard<'_, Vec<(String, String)>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
