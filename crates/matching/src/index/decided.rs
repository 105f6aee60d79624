//! The decisions of stewards by record, also about records that are not there yet.

use crate::decision::{LinkDecision, LinkDecisionKind};
use onefold_model::RecordId;
use std::collections::{BTreeMap, BTreeSet};

/// All decisions that hold.
#[derive(Debug, Default)]
pub(crate) struct Decided(BTreeMap<RecordId, BTreeSet<(LinkDecisionKind, RecordId)>>);

impl Decided {
    /// Adds a decision. One about a record and itself says nothing.
    pub(crate) fn insert(&mut self, decision: LinkDecision) {
        let LinkDecision { kind, left, right } = decision;
        if left != right {
            self.0.entry(left).or_default().insert((kind, right));
            self.0.entry(right).or_default().insert((kind, left));
        }
    }

    /// Takes a decision back.
    pub(crate) fn remove(&mut self, decision: LinkDecision) {
        let LinkDecision { kind, left, right } = decision;
        for (one, other) in [(left, right), (right, left)] {
            if let Some(others) = self.0.get_mut(&one) {
                others.remove(&(kind, other));
                if others.is_empty() {
                    self.0.remove(&one);
                }
            }
        }
    }

    /// The other records of all decisions about this one.
    pub(crate) fn of(&self, id: RecordId) -> impl Iterator<Item = (LinkDecisionKind, RecordId)> {
        self.0.get(&id).into_iter().flatten().copied()
    }
}
