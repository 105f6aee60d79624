//! Which records are worth comparing: those that share a block key of at least one rule.
//!
//! Promises each pair once, smaller id first, in ascending order, and blocks of bounded size: a key that too many records
//! share is left out and reported, because it would cost much and say little. Decides nothing; see [`crate::weigh`].

mod key;
mod rule;

pub(crate) use key::keys_into;
pub use rule::BlockingRule;

use crate::normalise::Columns;
use crate::record::PartyRecord;
use serde::{Deserialize, Serialize};

/// How blocks are bounded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct BlockingSettings {
    /// A block with more records is left out.
    pub largest_block: u32,
}

impl Default for BlockingSettings {
    fn default() -> Self {
        Self { largest_block: 60 }
    }
}

/// A key under which a record can be found by the records that share it. Stable: it may be stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct BlockKey {
    /// The rule that made it.
    pub rule: BlockingRule,
    /// The hash of what the rule looks at.
    pub key: u64,
}

/// What one rule found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RuleReport {
    /// Which rule.
    pub rule: BlockingRule,
    /// Blocks of at least two records that were compared.
    pub blocks: u64,
    /// Pairs in them; a pair that other rules find too is counted by each.
    pub pairs: u64,
    /// Blocks that were larger than the bound.
    pub left_out_blocks: u64,
    /// Pairs in those.
    pub left_out_pairs: u64,
}

/// What blocking found.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct BlockingReport {
    /// One for each rule, in the order of [`BlockingRule::ALL`].
    pub rules: Vec<RuleReport>,
    /// Distinct pairs, which are the pairs that are compared.
    pub pairs: u64,
}

/// The keys of a record, for an index that finds the candidates of a single record.
pub fn block_keys(record: &PartyRecord) -> Vec<BlockKey> {
    let columns = Columns::of(std::iter::once(record));
    let mut keys = Vec::new();
    let mut found = Vec::new();
    for rule in BlockingRule::ALL {
        key::keys_into(rule, &columns, 0, &mut found);
        keys.extend(found.drain(..).map(|key| BlockKey { rule, key }));
    }
    keys.sort_unstable();
    keys.dedup();
    keys
}

/// Two records by their places, the smaller in the upper half.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct PackedPair(u64);

impl PackedPair {
    /// Packs two places, in any order.
    pub(crate) fn new(one: u32, other: u32) -> Self {
        Self(u64::from(one.min(other)) << 32 | u64::from(one.max(other)))
    }

    /// The two places, the smaller first.
    #[expect(clippy::cast_possible_truncation, reason = "the two halves of the pair")]
    pub(crate) fn unpack(self) -> (u32, u32) {
        ((self.0 >> 32) as u32, self.0 as u32)
    }
}

/// All candidate pairs, ascending, and how they were found. `after_rule` is told after each rule.
pub(crate) fn candidate_pairs(
    columns: &Columns,
    settings: BlockingSettings,
    mut after_rule: impl FnMut(usize),
) -> (Vec<PackedPair>, BlockingReport) {
    let mut pairs: Vec<PackedPair> = Vec::new();
    let mut report = BlockingReport::default();
    let mut entries: Vec<(u64, u32)> = Vec::with_capacity(columns.rows.len());
    let mut found = Vec::new();
    for (done, rule) in BlockingRule::ALL.into_iter().enumerate() {
        entries.clear();
        for (place, number) in (0..columns.rows.len()).zip(0u32..) {
            key::keys_into(rule, columns, place, &mut found);
            entries.extend(found.drain(..).map(|key| (key, number)));
        }
        entries.sort_unstable();
        entries.dedup();
        let mut counted = RuleReport { rule, blocks: 0, pairs: 0, left_out_blocks: 0, left_out_pairs: 0 };
        for block in entries.chunk_by(|a, b| a.0 == b.0).filter(|block| block.len() > 1) {
            let block_pairs = block.len() as u64 * (block.len() as u64 - 1) / 2;
            if block.len() > settings.largest_block as usize {
                counted.left_out_blocks += 1;
                counted.left_out_pairs += block_pairs;
                continue;
            }
            counted.blocks += 1;
            counted.pairs += block_pairs;
            for (i, one) in block.iter().enumerate() {
                pairs.extend(block[i + 1..].iter().map(|other| PackedPair::new(one.1, other.1)));
            }
        }
        report.rules.push(counted);
        after_rule(done + 1);
    }
    pairs.sort_unstable();
    pairs.dedup();
    report.pairs = pairs.len() as u64;
    (pairs, report)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_packed_pair_has_the_smaller_place_first() {
        assert_eq!(PackedPair::new(7, 3).unpack(), (3, 7));
        assert_eq!(PackedPair::new(u32::MAX, 0).unpack(), (0, u32::MAX));
        assert!(PackedPair::new(1, 9) < PackedPair::new(2, 3));
    }
}
