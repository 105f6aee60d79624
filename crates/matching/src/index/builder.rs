//! Building an index from records that need not be in memory at once.

use super::blocks::Blocks;
use super::decided::Decided;
use super::frozen::Frozen;
use super::graph::Graph;
use super::{Index, NOWHERE};
use crate::block::PackedPair;
use crate::decision::LinkDecision;
use crate::record::PartyRecord;
use crate::settings::Settings;
use crate::weigh::Frequencies;
use hashbrown::HashTable;
use onefold_model::Timestamp;
use std::sync::Arc;

/// An index that takes records, one after the other, in any order.
#[derive(Debug)]
pub struct IndexBuilder {
    index: Index,
    seen_at: Vec<Timestamp>,
}

impl IndexBuilder {
    /// No record yet. `frequencies` are those of the run that the model is frozen at.
    pub fn new(settings: Settings, frequencies: impl Into<Arc<Frequencies>>) -> Self {
        let index = Index {
            blocks: Blocks::new(settings.blocking.all_rules(), settings.blocking.largest_block),
            frozen: Frozen::new(settings, frequencies.into()),
            ids: Vec::new(),
            places: HashTable::new(),
            free: Vec::new(),
            labels: Vec::new(),
            graph: Graph::new(),
            decided: Decided::default(),
            numbers: Vec::new(),
        };
        Self { index, seen_at: Vec::new() }
    }

    /// Takes a record. Where an id is given more than once, the record that was seen last counts.
    pub fn push(&mut self, record: &PartyRecord) {
        if let Some(place) = self.index.place(record.id) {
            let seen_at = &mut self.seen_at[place as usize];
            if record.seen_at > *seen_at {
                *seen_at = record.seen_at;
                self.index.frozen.put(place, record);
            }
            return;
        }
        let place = self.index.settle(record.id);
        self.index.frozen.put(place, record);
        self.seen_at.push(record.seen_at);
    }

    /// Resolves what was taken.
    pub fn finish(self, decisions: &[LinkDecision]) -> Index {
        let mut index = self.index;
        drop(self.seen_at);
        index.frozen.forget_read();
        for decision in decisions {
            index.decided.insert(*decision);
        }
        let mut keys = Vec::new();
        let places = 0..u32::try_from(index.ids.len()).unwrap_or(NOWHERE);
        for place in places.clone() {
            index.frozen.keys_into(place, &mut keys);
            for &key in &keys {
                index.blocks.insert(key, place);
            }
        }
        let mut pairs = Vec::new();
        for members in index.blocks.compared() {
            for (at, &one) in members.iter().enumerate() {
                pairs.extend(members[at + 1..].iter().map(|&other| PackedPair::new(one, other)));
            }
        }
        pairs.sort_unstable();
        pairs.dedup();
        for (one, other) in pairs.iter().map(|pair| pair.unpack()) {
            index.insert_pair(one, other);
        }
        drop(pairs);
        let region = index.region(places);
        index.cluster(&region, &mut |_, _, _| {});
        index
    }
}
