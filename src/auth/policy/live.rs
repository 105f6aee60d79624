//! The policies that hold now, and their replacement while requests run.
//!
//! Promises: a set is put in place whole or not at all; a scope that was made before keeps its decisions to the end of its
//! request; a set that was refused is remembered with its reason until a good one comes. Deliberately does not read files.

use super::PolicySet;
use std::sync::{Arc, PoisonError, RwLock};

/// The policies that hold now.
#[derive(Debug)]
pub struct LivePolicies(RwLock<PolicyState>);

/// The policies that hold, and what became of the last attempt to replace them.
#[derive(Debug, Clone)]
pub struct PolicyState {
    /// Those that hold.
    pub set: Arc<PolicySet>,
    /// From 1, one more with each set that was put in place.
    pub generation: u64,
    /// Why the newest files do not hold; none where they do.
    pub refused: Option<String>,
}

impl LivePolicies {
    /// These hold.
    pub fn new(set: PolicySet) -> Self {
        Self(RwLock::new(PolicyState { set: Arc::new(set), generation: 1, refused: None }))
    }

    /// What holds now.
    pub fn state(&self) -> PolicyState {
        // A state is replaced in one step, so that a lock that a panic left behind still guards a whole one.
        self.0.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// From here on these hold.
    pub fn replace(&self, set: PolicySet) {
        let mut state = self.0.write().unwrap_or_else(PoisonError::into_inner);
        *state = PolicyState { set: Arc::new(set), generation: state.generation + 1, refused: None };
    }

    /// The newest files have mistakes: what held before goes on.
    pub fn refuse(&self, reason: String) {
        self.0.write().unwrap_or_else(PoisonError::into_inner).refused = Some(reason);
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::sample::{actor, policies, shipped};
    use super::*;

    #[test]
    fn a_scope_keeps_its_decisions_while_the_policies_change() {
        let live = LivePolicies::new(shipped());
        let before = live.state().set.scope(&actor(&["billing"], &[]));
        live.replace(policies("// nothing"));
        assert!(before.field("Invoice", "total", None).is_read());
        assert!(live.state().set.scope(&actor(&["billing"], &[])).field("Invoice", "total", None).is_hidden());
        assert_eq!(live.state().generation, 2);
    }

    #[test]
    fn a_refused_set_leaves_the_old_one_and_says_why_until_a_good_one_comes() {
        let live = LivePolicies::new(shipped());
        live.refuse("a.cedar:1:1: no".to_owned());
        let state = live.state();
        assert_eq!((state.refused.as_deref(), state.generation), (Some("a.cedar:1:1: no"), 1));
        assert!(state.set.scope(&actor(&["billing"], &[])).field("Invoice", "total", None).is_read());
        live.replace(shipped());
        assert_eq!(live.state().refused, None);
    }
}
