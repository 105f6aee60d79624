//! Which records are worth comparing: those that share a block key of at least one rule.
//!
//! Promises each pair once, smaller id first, in ascending order, and blocks of bounded size: a key that too many records
//! share is left out and reported, because it would cost much and say little. Decides nothing; see [`crate::weigh`].

mod key;
mod pair;
mod rule;
mod sort;
mod wide;

pub(crate) use pair::PackedPair;
pub use rule::BlockingRule;

use pair::PairSet;
pub(crate) use sort::{Repeated, sort_by_key};

use crate::normalise::Columns;
use crate::record::PartyRecord;
use crate::share;
use serde::{Deserialize, Serialize};
use std::num::NonZeroUsize;

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
    for rule in BlockingRule::ALL {
        key::each_key(rule, &columns, &columns.rows[0], |key| keys.push(BlockKey { rule, key }));
    }
    keys.sort_unstable();
    keys.dedup();
    keys
}

/// Tells the keys of the record at a place under one rule.
pub(crate) fn each_key(rule: BlockingRule, columns: &Columns, place: u32, tell: impl FnMut(u64)) {
    key::each_key(rule, columns, &columns.rows[place as usize], tell);
}

/// All candidate pairs, ascending, and how they were found. `after_rule` is told after each rule.
pub(crate) fn candidate_pairs(
    columns: &Columns,
    settings: BlockingSettings,
    threads: NonZeroUsize,
    mut after_rule: impl FnMut(usize),
) -> (Vec<PackedPair>, BlockingReport) {
    let mut pairs = PairSet::new(columns.rows.len());
    let mut report = BlockingReport::default();
    // A small set is done before a second thread has begun.
    let at_once = if columns.rows.len() < 1 << 13 { 1 } else { threads.get().min(4) };
    let mut blocks: Vec<Blocks> = (0..at_once).map(|_| Blocks::default()).collect();
    for rules in BlockingRule::ALL.chunks(at_once) {
        let blocks = &mut blocks[..rules.len()];
        for (blocks, &rule) in blocks.iter_mut().zip(rules) {
            blocks.rule = rule;
        }
        share::each(blocks, |blocks| blocks.find(columns));
        for blocks in blocks {
            report.rules.push(blocks.pairs_into(settings, &mut pairs));
            after_rule(report.rules.len());
        }
    }
    drop(blocks);
    let pairs = pairs.into_pairs();
    report.pairs = pairs.len() as u64;
    (pairs, report)
}

/// The blocks of one rule.
#[derive(Debug)]
struct Blocks {
    rule: BlockingRule,
    /// Keys that more than one record may have, with the places of the records; ascending.
    entries: Vec<(u64, u32)>,
    scratch: Vec<(u64, u32)>,
    repeated: Repeated,
}

impl Default for Blocks {
    fn default() -> Self {
        Self { rule: BlockingRule::Email, entries: Vec::new(), scratch: Vec::new(), repeated: Repeated::default() }
    }
}

impl Blocks {
    fn find(&mut self, columns: &Columns) {
        self.entries.clear();
        key::entries_into(self.rule, columns, &mut self.entries);
        self.repeated.keep(&mut self.entries);
        sort::sort_by_key(&mut self.entries, &mut self.scratch);
        self.entries.dedup();
    }

    fn pairs_into(&self, settings: BlockingSettings, pairs: &mut PairSet) -> RuleReport {
        let mut counted = RuleReport { rule: self.rule, blocks: 0, pairs: 0, left_out_blocks: 0, left_out_pairs: 0 };
        for block in self.entries.chunk_by(|a, b| a.0 == b.0).filter(|block| block.len() > 1) {
            let block_pairs = block.len() as u64 * (block.len() as u64 - 1) / 2;
            if block.len() > settings.largest_block as usize {
                counted.left_out_blocks += 1;
                counted.left_out_pairs += block_pairs;
                continue;
            }
            counted.blocks += 1;
            counted.pairs += block_pairs;
            for (i, one) in block.iter().enumerate() {
                block[i + 1..].iter().for_each(|other| pairs.add(one.1, other.1));
            }
        }
        counted
    }
}
