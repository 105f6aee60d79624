//! A whole set of records, resolved and kept up to date: a record that comes, changes or goes is placed against all others
//! at the cost of its neighbourhood.
//!
//! Promises, after any operations in any order, the clusters, accepted pairs and pairs for review that
//! [`resolve_with_frequencies`](crate::resolve_with_frequencies) finds for the same records, decisions, settings and
//! frequencies. The model is frozen: neither the prior nor how common values are follows the records. Does no I/O and keeps
//! no record, only what is compared of it; values that no record has any more, or that were only looked up, are kept until the
//! next [`Index::build`].

mod blocks;
mod builder;
mod change;
mod decided;
mod frozen;
mod graph;
mod lookup;
mod pool;
mod region;

pub use builder::IndexBuilder;
pub use change::{IndexChange, PairChange};
pub use lookup::Candidate;

use crate::block::BlockKey;
use crate::decision::LinkDecision;
use crate::record::PartyRecord;
use crate::resolve::ScoredPair;
use crate::settings::Settings;
use crate::weigh::Frequencies;
use blocks::Blocks;
use change::Log;
use decided::Decided;
use frozen::Frozen;
use graph::{Graph, Neighbour, PairState, Strength};
use hashbrown::HashTable;
use onefold_model::RecordId;
use std::mem;
use std::sync::Arc;

/// Of a record that is in no cluster yet.
const NOWHERE: u32 = u32::MAX;

/// One change of the set.
#[derive(Debug, Clone)]
pub enum Operation {
    /// A record comes, or takes the place of the one with its id.
    Upsert(PartyRecord),
    /// A record goes. What is decided about it is kept, and holds again when it comes back.
    Remove(RecordId),
    /// A steward decides.
    Decide(LinkDecision),
    /// A steward takes a decision back.
    Revoke(LinkDecision),
}

/// How many bytes an index holds, as far as it allocates them itself. The decisions of stewards are not counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct IndexMemory {
    /// Ids, and which cluster each is in.
    pub records: usize,
    /// What is compared of the records: distinct values, their numbers, and how common they are.
    pub values: usize,
    /// Who shares a block key.
    pub blocks: usize,
    /// Pairs that are at least worth a review.
    pub pairs: usize,
}

impl IndexMemory {
    /// All of them.
    pub fn bytes(self) -> usize {
        self.records + self.values + self.blocks + self.pairs
    }
}

/// All records under one model.
#[derive(Debug)]
pub struct Index {
    frozen: Frozen,
    /// The record at each place; what it says of a free place means nothing.
    ids: Vec<RecordId>,
    places: HashTable<u32>,
    free: Vec<u32>,
    /// For each place the place that names its cluster: that of the member with the smallest id.
    labels: Vec<u32>,
    blocks: Blocks,
    graph: Graph,
    decided: Decided,
    /// For each place its number in the region that is being clustered; [`NOWHERE`] between two of them.
    numbers: Vec<u32>,
}

impl Index {
    /// Resolves a whole set. Where an id is given more than once, the record that was seen last counts.
    pub fn build(
        records: &[PartyRecord],
        decisions: &[LinkDecision],
        settings: Settings,
        frequencies: impl Into<Arc<Frequencies>>,
    ) -> Self {
        let mut builder = IndexBuilder::new(settings, frequencies);
        for record in records {
            builder.push(record);
        }
        builder.finish(decisions)
    }

    /// A record comes, or takes the place of the one with its id.
    pub fn upsert(&mut self, record: &PartyRecord) -> IndexChange {
        self.logged(|index, log| index.put(record, log))
    }

    /// A record goes.
    pub fn remove(&mut self, id: RecordId) -> IndexChange {
        self.logged(|index, log| index.take(id, log))
    }

    /// A steward decides.
    pub fn decide(&mut self, decision: LinkDecision) -> IndexChange {
        self.logged(|index, log| index.decided(decision, log, Decided::insert))
    }

    /// A steward takes a decision back.
    pub fn revoke(&mut self, decision: LinkDecision) -> IndexChange {
        self.logged(|index, log| index.decided(decision, log, Decided::remove))
    }

    /// Does many operations, of which the sum is told. Costs less than one by one where they are neighbours.
    pub fn apply(&mut self, operations: &[Operation]) -> IndexChange {
        self.logged(|index, log| {
            for operation in operations {
                match operation {
                    Operation::Upsert(record) => index.put(record, log),
                    Operation::Remove(id) => index.take(*id, log),
                    Operation::Decide(decision) => index.decided(*decision, log, Decided::insert),
                    Operation::Revoke(decision) => index.decided(*decision, log, Decided::remove),
                }
            }
        })
    }

    /// How many records there are.
    pub fn len(&self) -> usize {
        self.places.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.places.is_empty()
    }

    /// The records that are one party with this one, ascending, itself among them; none where it is unknown.
    pub fn cluster_of(&self, id: RecordId) -> Vec<RecordId> {
        let Some(place) = self.place(id) else { return Vec::new() };
        let region = self.reached([place]);
        let own = region.into_iter().filter(|&member| self.labels[member as usize] == self.labels[place as usize]);
        let mut members: Vec<RecordId> = own.map(|member| self.ids[member as usize]).collect();
        members.sort_unstable();
        members
    }

    /// All clusters, each ascending, by their smallest id.
    pub fn clusters(&self) -> Vec<Vec<RecordId>> {
        let mut members: Vec<(RecordId, RecordId)> =
            self.places.iter().map(|&place| (self.name_of(place), self.ids[place as usize])).collect();
        members.sort_unstable();
        members.chunk_by(|a, b| a.0 == b.0).map(|cluster| cluster.iter().map(|member| member.1).collect()).collect()
    }

    /// Pairs inside one cluster that weigh enough to be linked, ascending by id.
    pub fn accepted(&self) -> Vec<ScoredPair> {
        self.pairs(PairState::Accepted)
    }

    /// Pairs that a steward should look at, ascending by id.
    pub fn review(&self) -> Vec<ScoredPair> {
        self.pairs(PairState::Review)
    }

    /// The pairs for review that this record is in, ascending by id; none where it is unknown.
    pub fn review_of(&self, id: RecordId) -> Vec<ScoredPair> {
        let Some(place) = self.place(id) else { return Vec::new() };
        let for_review = self.graph.of(place).iter().filter(|other| other.state == PairState::Review);
        let mut pairs: Vec<ScoredPair> = for_review.map(|other| self.scored(place, other)).collect();
        pairs.sort_unstable_by_key(|pair| (pair.left, pair.right));
        pairs
    }

    /// How common each value is, as it was when the model was frozen.
    pub fn frequencies(&self) -> &Frequencies {
        self.frozen.frequencies()
    }

    /// The settings that it was built with.
    pub fn settings(&self) -> &Settings {
        &self.frozen.settings
    }

    /// What is held in memory.
    pub fn memory(&self) -> IndexMemory {
        let names = self.places.capacity() / 7 * 8 * 5 + self.ids.capacity() * size_of::<RecordId>();
        let numbers = self.labels.capacity() + self.numbers.capacity() + self.free.capacity();
        IndexMemory {
            records: names + numbers * size_of::<u32>(),
            values: self.frozen.bytes(),
            blocks: self.blocks.bytes(),
            pairs: self.graph.bytes(),
        }
    }

    fn pairs(&self, state: PairState) -> Vec<ScoredPair> {
        let mut pairs = Vec::new();
        for &place in &self.places {
            for other in self.graph.of(place).iter().filter(|other| other.state == state && other.place > place) {
                pairs.push(self.scored(place, other));
            }
        }
        pairs.sort_unstable_by_key(|pair| (pair.left, pair.right));
        pairs
    }

    fn place(&self, id: RecordId) -> Option<u32> {
        self.places.find(hash(id), |&place| self.ids[place as usize] == id).copied()
    }

    /// The member with the smallest id.
    fn name_of(&self, place: u32) -> RecordId {
        self.ids[self.labels[place as usize] as usize]
    }

    fn keys(&self, place: u32) -> Vec<BlockKey> {
        let mut keys = Vec::new();
        self.frozen.keys_into(place, &mut keys);
        keys
    }

    /// A place for a record that has none.
    fn settle(&mut self, id: RecordId) -> u32 {
        let place = self.free.pop().unwrap_or_else(|| u32::try_from(self.ids.len()).unwrap_or(NOWHERE));
        if place as usize == self.ids.len() {
            self.ids.push(id);
            self.labels.push(NOWHERE);
            self.numbers.push(NOWHERE);
            self.graph.grow(self.ids.len());
        }
        (self.ids[place as usize], self.labels[place as usize]) = (id, NOWHERE);
        let ids = &self.ids;
        self.places.insert_unique(hash(id), place, |&place| hash(ids[place as usize]));
        place
    }

    fn put(&mut self, record: &PartyRecord, log: &mut Log) {
        let known = self.place(record.id);
        let before = known.map_or_else(Vec::new, |place| self.keys(place));
        if let Some(place) = known {
            self.part(place, log);
        }
        let place = known.unwrap_or_else(|| self.settle(record.id));
        self.frozen.put(place, record);
        let after = self.keys(place);
        for &key in before.iter().filter(|key| after.binary_search(key).is_err()) {
            self.leave(key, place, log);
        }
        for &key in after.iter().filter(|key| before.binary_search(key).is_err()) {
            self.join(key, place, log);
        }
        for other in self.candidates(place, &after) {
            self.pair(place, other, log);
        }
        log.touch(record.id);
        for (_, other) in self.decided.of(record.id) {
            log.touch(other);
        }
    }

    fn take(&mut self, id: RecordId, log: &mut Log) {
        let Some(place) = self.place(id) else { return };
        self.part(place, log);
        for key in self.keys(place) {
            self.leave(key, place, log);
        }
        for (_, other) in self.decided.of(id) {
            log.touch(other);
        }
        log.gone(id, mem::replace(&mut self.labels[place as usize], NOWHERE));
        if let Ok(entry) = self.places.find_entry(hash(id), |&other| other == place) {
            entry.remove();
        }
        self.free.push(place);
    }

    fn decided(&mut self, decision: LinkDecision, log: &mut Log, change: fn(&mut Decided, LinkDecision)) {
        change(&mut self.decided, decision);
        log.touch(decision.left);
        log.touch(decision.right);
    }

    /// Takes out all pairs of a record.
    fn part(&mut self, place: u32, log: &mut Log) {
        let others: Vec<u32> = self.graph.of(place).iter().map(|other| other.place).collect();
        for other in others {
            self.unpair(place, other, log);
        }
    }

    /// Puts a record into a block. One that gets too large finds nobody any more: pairs that only it found are gone.
    fn join(&mut self, key: BlockKey, place: u32, log: &mut Log) {
        let len = self.blocks.insert(key, place);
        if !self.blocks.is_at_bound(len) {
            return;
        }
        let members = self.blocks.members(key).to_vec();
        for &member in &members {
            let others: Vec<u32> = self.graph.of(member).iter().map(|other| other.place).collect();
            for other in others.into_iter().filter(|&other| other > member && members.binary_search(&other).is_ok()) {
                if !self.are_candidates(member, other) {
                    self.unpair(member, other, log);
                }
            }
        }
    }

    /// Takes a record out of a block. One that was too large until then finds its pairs again.
    fn leave(&mut self, key: BlockKey, place: u32, log: &mut Log) {
        let len = self.blocks.remove(key, place);
        if !self.blocks.is_at_bound(len + 1) {
            return;
        }
        let members = self.blocks.members(key).to_vec();
        for (at, &member) in members.iter().enumerate() {
            for &other in &members[at + 1..] {
                if self.graph.pair(member, other).is_none() {
                    self.pair(member, other, log);
                }
            }
        }
    }

    /// Adds a pair if it weighs enough.
    fn pair(&mut self, one: u32, other: u32, log: &mut Log) {
        if let Some((left, right)) = self.insert_pair(one, other) {
            log.pair(self.ids[left as usize], self.ids[right as usize], None);
        }
    }

    fn insert_pair(&mut self, one: u32, other: u32) -> Option<(u32, u32)> {
        let (left, right) = self.in_order(one, other);
        let weight = self.frozen.weigh_likely(left, right)?;
        let is_strong = weight.probability() >= self.frozen.settings.thresholds.auto_merge;
        let strength = if is_strong { Strength::Strong } else { Strength::Weak };
        self.graph.insert(one, other, weight, strength);
        Some((left, right))
    }

    fn unpair(&mut self, one: u32, other: u32, log: &mut Log) {
        let (left, right) = self.in_order(one, other);
        let before = self.graph.pair(one, other).copied();
        log.pair(self.ids[left as usize], self.ids[right as usize], before);
        self.graph.remove(one, other);
    }

    /// Whether a block that is compared has both.
    fn are_candidates(&self, one: u32, other: u32) -> bool {
        let theirs = self.keys(other);
        let shared = self.keys(one).into_iter().filter(|key| theirs.binary_search(key).is_ok());
        shared.into_iter().any(|key| self.blocks.is_compared(self.blocks.members(key).len()))
    }

    /// The records that share a block which is compared with the one at `place`, which has these keys; ascending.
    fn candidates(&self, place: u32, keys: &[BlockKey]) -> Vec<u32> {
        let mut found = Vec::new();
        for members in keys.iter().map(|key| self.blocks.members(*key)) {
            if self.blocks.is_compared(members.len()) {
                found.extend(members.iter().filter(|&&member| member != place));
            }
        }
        found.sort_unstable();
        found.dedup();
        found
    }

    /// Two places, that of the smaller id first.
    fn in_order(&self, one: u32, other: u32) -> (u32, u32) {
        if self.ids[one as usize] < self.ids[other as usize] { (one, other) } else { (other, one) }
    }

    fn scored(&self, one: u32, other: &Neighbour) -> ScoredPair {
        let (left, right) = self.in_order(one, other.place);
        let weight = other.weight;
        let id = |place: u32| self.ids[place as usize];
        ScoredPair { left: id(left), right: id(right), weight, probability: weight.probability(), cut: other.cut }
    }
}

fn hash(id: RecordId) -> u64 {
    let (upper, lower) = id.0.as_u64_pair();
    upper ^ lower.rotate_left(29)
}
