//! The pairs that are at least worth a review, by record.
//!
//! Promises that both records of a pair know it, and know the same of it. Decides nothing.

use super::pool::{List, Pool};
use crate::cluster::CutCause;
use crate::weigh::MatchWeight;

/// What has become of a pair.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum PairState {
    /// It is inside a cluster without being needed, or a never-link keeps its clusters apart anyway.
    Settled,
    /// It weighs enough to be linked, and is inside one cluster.
    Accepted,
    /// A steward should look at it.
    Review,
}

/// Whether a pair weighs enough to be linked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Strength {
    /// Only enough for a review.
    Weak,
    /// Enough to be linked.
    Strong,
}

/// The other record of a pair.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Neighbour {
    pub(crate) weight: MatchWeight,
    pub(crate) place: u32,
    pub(crate) strength: Strength,
    pub(crate) state: PairState,
    /// Why it is for review although it weighs enough.
    pub(crate) cut: Option<CutCause>,
}

/// All such pairs.
#[derive(Debug)]
pub(crate) struct Graph {
    /// By record; each ascending by the other's place.
    lists: Vec<List>,
    pool: Pool<Neighbour>,
}

impl Graph {
    /// No pair.
    pub(crate) fn new() -> Self {
        Self { lists: Vec::new(), pool: Pool::new() }
    }

    /// Makes room for a record.
    pub(crate) fn grow(&mut self, records: usize) {
        self.lists.resize(self.lists.len().max(records), List::default());
    }

    /// The other records of all pairs of this one, ascending.
    pub(crate) fn of(&self, place: u32) -> &[Neighbour] {
        self.pool.get(self.lists[place as usize])
    }

    /// What is known of a pair.
    pub(crate) fn pair(&self, one: u32, other: u32) -> Option<&Neighbour> {
        let neighbours = self.of(one);
        let found = neighbours.binary_search_by_key(&other, |neighbour| neighbour.place).ok()?;
        Some(&neighbours[found])
    }

    /// Adds a pair that is not there.
    pub(crate) fn insert(&mut self, one: u32, other: u32, weight: MatchWeight, strength: Strength) {
        for (place, other) in [(one, other), (other, one)] {
            let neighbour = Neighbour { weight, place: other, strength, state: PairState::Settled, cut: None };
            let at = self.of(place).partition_point(|neighbour| neighbour.place < other);
            let list = &mut self.lists[place as usize];
            *list = self.pool.insert(*list, at, neighbour);
        }
    }

    /// Takes a pair out.
    pub(crate) fn remove(&mut self, one: u32, other: u32) {
        for (place, other) in [(one, other), (other, one)] {
            if let Ok(at) = self.of(place).binary_search_by_key(&other, |neighbour| neighbour.place) {
                let list = &mut self.lists[place as usize];
                *list = self.pool.remove(*list, at);
            }
        }
    }

    /// Writes down what has become of a pair.
    pub(crate) fn set_state(&mut self, one: u32, other: u32, state: PairState, cut: Option<CutCause>) {
        for (place, other) in [(one, other), (other, one)] {
            let neighbours = self.pool.get_mut(self.lists[place as usize]);
            if let Ok(at) = neighbours.binary_search_by_key(&other, |neighbour| neighbour.place) {
                (neighbours[at].state, neighbours[at].cut) = (state, cut);
            }
        }
    }

    /// How many bytes are held.
    pub(crate) fn bytes(&self) -> usize {
        self.lists.capacity() * size_of::<List>() + self.pool.bytes()
    }
}
