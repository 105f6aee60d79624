//! Which customers an answer has shown already, so that a condition on rows is asked of each of them once.
//!
//! A list within a list would ask it again for every list, of the same customers, a moment later. What changes while an answer
//! is made counts from the next answer on; only for one answer is anything remembered.

use super::Session;
use crate::auth::Scope;
use onefold_model::CustomerId;
use std::borrow::Cow;
use std::collections::HashSet;
use std::sync::{Arc, Mutex, PoisonError};

/// The customers of one answer that the scope shows, as the store has said.
#[derive(Debug, Default)]
pub(super) struct Seen(Mutex<HashSet<CustomerId>>);

impl Session {
    /// The session for one answer, which remembers whom it has shown. Not to be kept longer than the answer is made.
    #[must_use]
    pub fn for_one_answer(&self) -> Self {
        Self { seen: Some(Arc::default()), ..self.clone() }
    }

    /// These customers came out of the store under the whole scope.
    pub(super) fn note_seen(&self, customers: impl IntoIterator<Item = CustomerId>) {
        if let Some(seen) = &self.seen {
            seen.0.lock().unwrap_or_else(PoisonError::into_inner).extend(customers);
        }
    }

    /// The scope for what belongs to these customers: without the conditions on them where all have been shown.
    pub(super) fn scope_of(&self, customers: &[CustomerId]) -> Cow<'_, Scope> {
        let are_seen = self.seen.as_ref().is_some_and(|seen| {
            let seen = seen.0.lock().unwrap_or_else(PoisonError::into_inner);
            customers.iter().all(|id| seen.contains(id))
        });
        if are_seen { Cow::Owned(self.scope().of_seen_customers()) } else { Cow::Borrowed(self.scope()) }
    }
}
