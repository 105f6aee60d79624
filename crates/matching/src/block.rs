//! Which records are worth comparing: those that share a block key of at least one rule.
//!
//! Promises each pair once, smaller id first, in ascending order, and blocks of bounded size: a key that too many records
//! share is left out and reported, because it would cost much and say little. Decides nothing; see [`crate::weigh`].

mod given;
mod key;
mod pair;
mod part;
mod recall;
mod rule;
mod sort;
mod wide;

use key::FewRows;
pub(crate) use key::mix;
pub(crate) use pair::PackedPair;
pub use part::{GivenRule, KeyPart, RuleError};
pub use recall::{BlockingRecall, RuleRecall};
pub(crate) use recall::{Likely, estimate};
pub use rule::{AnyRule, BlockingRule};

use pair::PairSet;
pub(crate) use sort::{Repeated, sort_by_key};

use crate::normalise::{Columns, Row};
use crate::record::PartyRecord;
use crate::share;
use serde::{Deserialize, Serialize};
use std::num::NonZeroUsize;

/// Which blocks there are, and how they are bounded.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct BlockingSettings {
    /// A block with more records is left out.
    pub largest_block: u32,
    /// What records must share, one rule or the other, to be compared. None stands for the rules of [`BlockingRule::ALL`].
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub rules: Vec<GivenRule>,
}

impl Default for BlockingSettings {
    fn default() -> Self {
        Self { largest_block: 60, rules: Vec::new() }
    }
}

impl BlockingSettings {
    /// The rules, those that the matcher knows or those that were given, each once.
    pub fn all_rules(&self) -> Vec<AnyRule> {
        if self.rules.is_empty() {
            return BlockingRule::ALL.map(AnyRule::Known).to_vec();
        }
        let mut rules: Vec<AnyRule> = Vec::new();
        for rule in self.rules.iter().map(|rule| AnyRule::Given(*rule)) {
            if !rules.contains(&rule) {
                rules.push(rule);
            }
        }
        rules
    }

    /// The keys of a record, ascending, each once.
    pub fn keys(&self, record: &PartyRecord) -> Vec<BlockKey> {
        let columns = Columns::of(std::iter::once(record));
        let mut keys = Vec::new();
        for rule in self.all_rules() {
            each_key(rule, &columns, 0, |key| keys.push(BlockKey { rule, key }));
        }
        keys.sort_unstable();
        keys.dedup();
        keys
    }
}

/// A key under which a record can be found by the records that share it. Stable: it may be stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct BlockKey {
    /// The rule that made it.
    pub rule: AnyRule,
    /// The hash of what the rule looks at.
    pub key: u64,
}

/// What one rule found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RuleReport {
    /// Which rule.
    pub rule: AnyRule,
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
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct BlockingReport {
    /// One for each rule, in the order of [`BlockingSettings::all_rules`].
    pub rules: Vec<RuleReport>,
    /// Distinct pairs, which are the pairs that are compared.
    pub pairs: u64,
    /// How many of the true pairs are among them, as far as can be told without a truth; none where no pair is likely.
    pub recall: Option<BlockingRecall>,
}

/// The keys of a record under the known rules, for an index that finds the candidates of a single record.
pub fn block_keys(record: &PartyRecord) -> Vec<BlockKey> {
    BlockingSettings::default().keys(record)
}

/// Tells the keys of the record at a place under one rule.
pub(crate) fn each_key(rule: AnyRule, columns: &Columns, place: u32, tell: impl FnMut(u64)) {
    let row: &Row = &columns.rows[place as usize];
    match rule {
        AnyRule::Known(rule) => key::each_key(rule, columns, row, tell),
        AnyRule::Given(rule) => given::given_keys(rule, columns, row, tell),
    }
}

/// What blocking found.
pub(crate) struct Found {
    /// All candidate pairs, ascending.
    pub(crate) pairs: Vec<PackedPair>,
    pub(crate) report: BlockingReport,
    /// For each rule the keys of blocks that were left out, ascending.
    pub(crate) left_out: Vec<Vec<u64>>,
    /// How many pairs of persons have one name, in any spelling, candidates or not.
    pub(crate) of_one_name: u64,
}

/// All candidate pairs, and how they were found. `after_rule` is told after each rule.
pub(crate) fn candidate_pairs(
    columns: &Columns,
    settings: &BlockingSettings,
    threads: NonZeroUsize,
    mut after_rule: impl FnMut(usize),
) -> Found {
    let all_rules = settings.all_rules();
    let mut left_out = Vec::with_capacity(all_rules.len());
    let mut pairs = PairSet::new(columns.rows.len());
    let mut report = BlockingReport::default();
    // A small set is done before a second thread has begun.
    let at_once = if columns.rows.len() < 1 << 13 { 1 } else { threads.get().min(4) };
    let few = FewRows::of(columns);
    let mut blocks: Vec<Blocks> = (0..at_once).map(|_| Blocks::default()).collect();
    for rules in all_rules.chunks(at_once) {
        let blocks = &mut blocks[..rules.len()];
        for (blocks, &rule) in blocks.iter_mut().zip(rules) {
            blocks.rule = rule;
        }
        share::each(blocks, |blocks| blocks.find(columns, &few));
        for blocks in blocks {
            let (counted, keys) = blocks.pairs_into(settings, &mut pairs);
            report.rules.push(counted);
            left_out.push(keys);
            after_rule(report.rules.len());
        }
    }
    drop(blocks);
    let pairs = pairs.into_pairs();
    report.pairs = pairs.len() as u64;
    let of_one_name = of_one_name(columns, &few, &report);
    Found { pairs, report, left_out, of_one_name }
}

/// How many pairs have one name: counted anew where the rule that counts them is not among those that were given.
fn of_one_name(columns: &Columns, few: &FewRows, report: &BlockingReport) -> u64 {
    let name = AnyRule::Known(BlockingRule::Name);
    if let Some(counted) = report.rules.iter().find(|rule| rule.rule == name) {
        return counted.pairs + counted.left_out_pairs;
    }
    let mut blocks = Blocks { rule: name, ..Blocks::default() };
    blocks.find(columns, few);
    blocks.sizes().map(|records| records * (records - 1) / 2).sum()
}

/// The blocks of one rule.
#[derive(Debug)]
struct Blocks {
    rule: AnyRule,
    /// Keys that more than one record may have, with the places of the records; ascending.
    entries: Vec<(u64, u32)>,
    scratch: Vec<(u64, u32)>,
    repeated: Repeated,
}

impl Default for Blocks {
    fn default() -> Self {
        let rule = AnyRule::Known(BlockingRule::Email);
        Self { rule, entries: Vec::new(), scratch: Vec::new(), repeated: Repeated::default() }
    }
}

impl Blocks {
    fn find(&mut self, columns: &Columns, few: &FewRows) {
        self.entries.clear();
        match self.rule {
            AnyRule::Known(rule) => key::entries_into(rule, columns, few, &mut self.entries),
            AnyRule::Given(rule) => {
                for (row, place) in columns.rows.iter().zip(0u32..) {
                    given::given_keys(rule, columns, row, |key| self.entries.push((key, place)));
                }
            }
        }
        self.repeated.keep(&mut self.entries);
        sort::sort_by_key(&mut self.entries, &mut self.scratch);
        self.entries.dedup();
    }

    /// How many records each block of more than one has.
    fn sizes(&self) -> impl Iterator<Item = u64> {
        self.entries.chunk_by(|a, b| a.0 == b.0).map(|block| block.len() as u64)
    }

    /// Adds the pairs of each block within the bound; tells the keys of the others.
    fn pairs_into(&self, settings: &BlockingSettings, pairs: &mut PairSet) -> (RuleReport, Vec<u64>) {
        let mut left_out = Vec::new();
        let mut counted = RuleReport { rule: self.rule, blocks: 0, pairs: 0, left_out_blocks: 0, left_out_pairs: 0 };
        for block in self.entries.chunk_by(|a, b| a.0 == b.0).filter(|block| block.len() > 1) {
            let block_pairs = block.len() as u64 * (block.len() as u64 - 1) / 2;
            if block.len() > settings.largest_block as usize {
                counted.left_out_blocks += 1;
                counted.left_out_pairs += block_pairs;
                left_out.push(block[0].0);
                continue;
            }
            counted.blocks += 1;
            counted.pairs += block_pairs;
            for (i, one) in block.iter().enumerate() {
                block[i + 1..].iter().for_each(|other| pairs.add(one.1, other.1));
            }
        }
        (counted, left_out)
    }
}
