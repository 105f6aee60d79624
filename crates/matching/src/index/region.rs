//! Clustering what an operation touched: whatever is reached over accepted pairs and links of stewards, and no more.
//!
//! Promises the labels and states of a run over all records, because what such a region does not reach cannot be in a
//! cluster with what it does.

use super::graph::{Neighbour, PairState, Strength};
use super::{Index, NOWHERE};
use crate::block::PackedPair;
use crate::cluster::{self, CutCause, Edge};
use crate::decision::LinkDecisionKind;
use onefold_model::RecordId;
use std::collections::{BTreeMap, BTreeSet};

impl Index {
    /// All that is reached from these, by id.
    pub(crate) fn region(&self, touched: impl IntoIterator<Item = u32>) -> Vec<u32> {
        let mut region = self.reached(touched);
        region.sort_unstable_by_key(|&place| self.ids[place as usize]);
        region
    }

    /// All that is reached from these over accepted pairs and links, each once.
    pub(crate) fn reached(&self, touched: impl IntoIterator<Item = u32>) -> Vec<u32> {
        let mut seen = Seen::new(self.numbers.len());
        let mut reached: Vec<u32> = touched.into_iter().filter(|&place| seen.is_new(place)).collect();
        let mut at = 0;
        while let Some(&place) = reached.get(at) {
            let strong = self.graph.of(place).iter().filter(|other| other.strength == Strength::Strong);
            let links = self.decided.of(self.ids[place as usize]).filter(|(kind, _)| *kind == LinkDecisionKind::Link);
            let linked = links.filter_map(|(_, other)| self.place(other));
            reached.extend(strong.map(|other| other.place).chain(linked).filter(|&other| seen.is_new(other)));
            at += 1;
        }
        reached
    }

    /// Clusters a region, which is in the order of ids. `changing` is told how each pair stood that may stand otherwise now.
    pub(crate) fn cluster(&mut self, region: &[u32], changing: &mut dyn FnMut(RecordId, RecordId, Neighbour)) {
        for (&place, number) in region.iter().zip(0u32..) {
            self.numbers[place as usize] = number;
        }
        let (mut edges, mut links, mut never) = (Vec::new(), BTreeSet::new(), BTreeSet::new());
        for (&place, left) in region.iter().zip(0u32..) {
            for other in self.graph.of(place).iter().filter(|other| other.strength == Strength::Strong) {
                let right = self.numbers[other.place as usize];
                if left < right {
                    edges.push(Edge { left, right, weight: other.weight });
                }
            }
            for (kind, other) in self.decided.of(self.ids[place as usize]) {
                let number = self.place(other).map_or(NOWHERE, |other| self.numbers[other as usize]);
                if number != NOWHERE {
                    match kind {
                        LinkDecisionKind::Link => links.insert(PackedPair::new(left, number)),
                        LinkDecisionKind::NeverLink => never.insert(PackedPair::new(left, number)),
                    };
                }
            }
        }
        let count = u32::try_from(region.len()).unwrap_or(NOWHERE);
        let clustering = self.frozen.guarded(region, |guard| cluster::cluster(count, edges, &links, &never, guard));
        for (&place, &label) in region.iter().zip(&clustering.labels) {
            self.labels[place as usize] = region[label as usize];
            self.numbers[place as usize] = NOWHERE;
        }
        let at = |number: u32| region[number as usize];
        let cuts =
            clustering.left_out.iter().map(|cut| (PackedPair::new(at(cut.edge.left), at(cut.edge.right)), cut.cause));
        self.sort_out(region, &cuts.collect(), changing);
    }

    /// Writes down what became of every pair of the region.
    fn sort_out(
        &mut self,
        region: &[u32],
        cuts: &BTreeMap<PackedPair, CutCause>,
        changing: &mut dyn FnMut(RecordId, RecordId, Neighbour),
    ) {
        let labels = |one: u32, other: u32| PackedPair::new(self.labels[one as usize], self.labels[other as usize]);
        let mut apart = BTreeSet::new();
        for &place in region {
            let never =
                self.decided.of(self.ids[place as usize]).filter(|(kind, _)| *kind == LinkDecisionKind::NeverLink);
            apart.extend(never.filter_map(|(_, other)| self.place(other)).map(|other| labels(place, other)));
        }
        let mut changes = Vec::new();
        for &place in region {
            for other in self.graph.of(place) {
                let state = if self.labels[place as usize] == self.labels[other.place as usize] {
                    match other.strength {
                        Strength::Strong => PairState::Accepted,
                        Strength::Weak => PairState::Settled,
                    }
                } else if apart.contains(&labels(place, other.place)) {
                    PairState::Settled
                } else {
                    PairState::Review
                };
                let cut =
                    cuts.get(&PackedPair::new(place, other.place)).filter(|_| state == PairState::Review).copied();
                if (state, cut) != (other.state, other.cut) {
                    changes.push((place, *other, state, cut));
                }
            }
        }
        for (place, other, state, cut) in changes {
            let (left, right) = self.in_order(place, other.place);
            changing(self.ids[left as usize], self.ids[right as usize], other);
            self.graph.set_state(place, other.place, state, cut);
        }
    }
}

/// Which places were seen: a list while there are few, a mark for each place when there are many.
enum Seen {
    Few(BTreeSet<u32>, usize),
    Many(Vec<bool>),
}

impl Seen {
    /// Nothing seen of so many places.
    fn new(places: usize) -> Self {
        Seen::Few(BTreeSet::new(), places)
    }

    /// Sees a place; whether for the first time.
    fn is_new(&mut self, place: u32) -> bool {
        match self {
            Seen::Few(seen, places) => {
                let is_new = seen.insert(place);
                if seen.len() > 1 << 12 {
                    let mut marks = vec![false; *places];
                    for &place in seen.iter() {
                        marks[place as usize] = true;
                    }
                    *self = Seen::Many(marks);
                }
                is_new
            }
            Seen::Many(marks) => !std::mem::replace(&mut marks[place as usize], true),
        }
    }
}
