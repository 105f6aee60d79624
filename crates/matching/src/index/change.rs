//! What an operation changed.

use super::graph::{Neighbour, PairState};
use super::{Index, NOWHERE};
use crate::cluster::CutCause;
use crate::resolve::ScoredPair;
use crate::weigh::MatchWeight;
use onefold_model::RecordId;
use std::collections::{BTreeMap, BTreeSet};

/// Which clusters and pairs are others than before. A record whose values changed while its cluster did not is not in it.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct IndexChange {
    /// The clusters that are no more, each ascending, by their smallest id.
    pub before: Vec<Vec<RecordId>>,
    /// The clusters that took their place: of the same records, without those that went, with those that came.
    pub after: Vec<Vec<RecordId>>,
    /// Pairs inside one cluster that weigh enough to be linked.
    pub accepted: PairChange,
    /// Pairs that a steward should look at.
    pub review: PairChange,
}

/// Pairs that came and went, ascending by id. One whose weight changed did both.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct PairChange {
    /// With the weight that they have.
    pub added: Vec<ScoredPair>,
    /// With the weight that they had.
    pub removed: Vec<ScoredPair>,
}

impl IndexChange {
    /// Whether nothing changed.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// What became of a pair, what it weighs, and what keeps it apart.
type Known = (PairState, MatchWeight, Option<CutCause>);

/// What is in question, and how it stood before.
#[derive(Debug, Default)]
pub(crate) struct Log {
    /// Records whose cluster is in question.
    touched: BTreeSet<RecordId>,
    /// Records that are no more, after the label of their cluster.
    gone: Vec<(u32, RecordId)>,
    pairs: BTreeMap<(RecordId, RecordId), Option<Known>>,
}

impl Log {
    /// The cluster of a record is in question.
    pub(crate) fn touch(&mut self, id: RecordId) {
        self.touched.insert(id);
    }

    /// A record of this cluster is no more.
    pub(crate) fn gone(&mut self, id: RecordId, label: u32) {
        self.touched.insert(id);
        if label != NOWHERE {
            self.gone.push((label, id));
        }
    }

    /// A pair is in question, which stood so until now. What was said first counts.
    pub(crate) fn pair(&mut self, left: RecordId, right: RecordId, before: Option<Neighbour>) {
        self.touched.extend([left, right]);
        self.standing(left, right, before);
    }

    /// A pair may become something else, with no consequence for the clusters of its records.
    pub(crate) fn standing(&mut self, left: RecordId, right: RecordId, before: Option<Neighbour>) {
        let known = || before.map(|pair| (pair.state, pair.weight, pair.cut));
        self.pairs.entry((left, right)).or_insert_with(known);
    }
}

impl Index {
    /// Runs operations, clusters what they touched, and tells what changed.
    pub(crate) fn logged(&mut self, work: impl FnOnce(&mut Self, &mut Log)) -> IndexChange {
        let mut log = Log::default();
        work(self, &mut log);
        let touched: Vec<u32> = log.touched.iter().filter_map(|&id| self.place(id)).collect();
        let region = self.region(touched);
        let mut members: Vec<(u32, RecordId)> = log.gone.clone();
        let known = region.iter().map(|&place| (self.labels[place as usize], self.ids[place as usize]));
        members.extend(known.filter(|(label, _)| *label != NOWHERE));
        let before = grouped(members);
        self.cluster(&region, &mut |left, right, before| log.standing(left, right, Some(before)));
        let after = grouped(region.iter().map(|&p| (self.labels[p as usize], self.ids[p as usize])).collect());
        let without = |clusters: &BTreeSet<Vec<RecordId>>, others: &BTreeSet<Vec<RecordId>>| {
            clusters.difference(others).cloned().collect()
        };
        let (accepted, review) = self.pair_changes(&log);
        IndexChange { before: without(&before, &after), after: without(&after, &before), accepted, review }
    }

    fn pair_changes(&self, log: &Log) -> (PairChange, PairChange) {
        let (mut accepted, mut review) = (PairChange::default(), PairChange::default());
        for (&(left, right), &before) in &log.pairs {
            let places = self.place(left).zip(self.place(right));
            let after = places.and_then(|(one, other)| self.graph.pair(one, other));
            let after = after.map(|pair| (pair.state, pair.weight, pair.cut));
            if before == after {
                continue;
            }
            let scored =
                |(_, weight, cut): Known| ScoredPair { left, right, weight, probability: weight.probability(), cut };
            for (state, change) in [(PairState::Accepted, &mut accepted), (PairState::Review, &mut review)] {
                change.removed.extend(before.filter(|known| known.0 == state).map(scored));
                change.added.extend(after.filter(|known| known.0 == state).map(scored));
            }
        }
        (accepted, review)
    }
}

/// The members of each label, ascending.
fn grouped(mut members: Vec<(u32, RecordId)>) -> BTreeSet<Vec<RecordId>> {
    members.sort_unstable();
    members.chunk_by(|a, b| a.0 == b.0).map(|cluster| cluster.iter().map(|member| member.1).collect()).collect()
}
