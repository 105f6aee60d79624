//! Who shares a block key, kept up to date.
//!
//! Promises what blocking a whole set finds: a block with more records than the bound is remembered, so that it comes
//! back when it shrinks, and finds nobody until then. Compares nothing.

use super::pool::{List, Pool};
use crate::block::{AnyRule, BlockKey};
use hashbrown::HashTable;

/// One block. A block of one record, which most are, has that record in place of a chunk.
#[derive(Debug, Clone, Copy)]
struct Block {
    /// The two halves of the key: as one number they would be padded.
    key: [u32; 2],
    members: List,
}

/// All blocks, by rule.
#[derive(Debug)]
pub(crate) struct Blocks {
    rules: Vec<(AnyRule, HashTable<Block>)>,
    pool: Pool<u32>,
    largest: u32,
}

impl Blocks {
    /// No record. A block of more than `largest` records finds nobody.
    pub(crate) fn new(rules: Vec<AnyRule>, largest: u32) -> Self {
        let rules = rules.into_iter().map(|rule| (rule, HashTable::new())).collect();
        Self { rules, pool: Pool::new(), largest }
    }

    /// Puts a record into a block that it is not in. Says how many records the block has then.
    pub(crate) fn insert(&mut self, key: BlockKey, place: u32) -> u32 {
        let at = self.table_of(key.rule);
        let table = &mut self.rules[at].1;
        let halves = halves(key.key);
        let Some(block) = table.find_mut(key.key, |block| block.key == halves) else {
            let block = Block { key: halves, members: List { len: 1, at: place } };
            table.insert_unique(key.key, block, |block| whole(block.key));
            return 1;
        };
        if block.members.len == 1 {
            block.members = self.pool.insert(List::default(), 0, block.members.at);
        }
        let at = self.pool.get(block.members).partition_point(|&member| member < place);
        block.members = self.pool.insert(block.members, at, place);
        block.members.len
    }

    /// Takes a record out of a block that it is in. Says how many records the block has then.
    pub(crate) fn remove(&mut self, key: BlockKey, place: u32) -> u32 {
        let halves = halves(key.key);
        let at = self.table_of(key.rule);
        let Ok(mut entry) = self.rules[at].1.find_entry(key.key, |block| block.key == halves) else {
            return 0;
        };
        let block = entry.get_mut();
        if block.members.len == 1 {
            entry.remove();
            return 0;
        }
        if let Ok(at) = self.pool.get(block.members).binary_search(&place) {
            block.members = self.pool.remove(block.members, at);
        }
        if block.members.len == 1 {
            let last = self.pool.get(block.members)[0];
            self.pool.remove(block.members, 0);
            block.members.at = last;
            return 1;
        }
        block.members.len
    }

    /// The members of a block, ascending, whatever its size.
    pub(crate) fn members(&self, key: BlockKey) -> &[u32] {
        let halves = halves(key.key);
        let found = self.rules[self.table_of(key.rule)].1.find(key.key, |block| block.key == halves);
        found.map_or(&[], |block| self.of(block))
    }

    /// Whether a block of so many records is compared.
    pub(crate) fn is_compared(&self, len: usize) -> bool {
        len > 1 && len <= self.largest as usize
    }

    /// Whether a block that now has so many records was compared until the last one came, or is compared since the last
    /// one left, so that all its pairs are in question.
    pub(crate) fn is_at_bound(&self, larger: u32) -> bool {
        larger > 2 && larger - 1 == self.largest
    }

    /// The members of every block that is compared.
    pub(crate) fn compared(&self) -> impl Iterator<Item = &[u32]> {
        let blocks = self.rules.iter().flat_map(|(_, table)| table).map(|block| self.of(block));
        blocks.filter(|members| self.is_compared(members.len()))
    }

    /// How many bytes are held.
    pub(crate) fn bytes(&self) -> usize {
        // One byte of each place says whether it is taken; an eighth of the places stays free.
        let places = |table: &HashTable<Block>| table.capacity() / 7 * 8 * (size_of::<Block>() + 1);
        self.rules.iter().map(|(_, table)| places(table)).sum::<usize>() + self.pool.bytes()
    }

    /// Where the blocks of a rule are: known rules stand at their own places.
    fn table_of(&self, rule: AnyRule) -> usize {
        match rule {
            AnyRule::Known(known) => known as usize,
            AnyRule::Given(_) => self.rules.iter().position(|(known, _)| *known == rule).unwrap_or(0),
        }
    }

    fn of<'a>(&'a self, block: &'a Block) -> &'a [u32] {
        if block.members.len == 1 { std::slice::from_ref(&block.members.at) } else { self.pool.get(block.members) }
    }
}

#[expect(clippy::cast_possible_truncation, reason = "the two halves of the key")]
fn halves(key: u64) -> [u32; 2] {
    [(key >> 32) as u32, key as u32]
}

fn whole([upper, lower]: [u32; 2]) -> u64 {
    u64::from(upper) << 32 | u64::from(lower)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::block::BlockingRule;

    #[test]
    fn a_block_that_shrinks_to_its_bound_is_compared_again() {
        let rule = AnyRule::Known(BlockingRule::Email);
        let key = BlockKey { rule, key: 7 };
        let mut blocks = Blocks::new(vec![rule], 2);
        assert_eq!([blocks.insert(key, 5), blocks.insert(key, 3), blocks.insert(key, 9)], [1, 2, 3]);
        assert_eq!(blocks.members(key), [3, 5, 9]);
        assert_eq!(blocks.compared().count(), 0);
        assert!(blocks.is_at_bound(3));
        assert_eq!(blocks.remove(key, 5), 2);
        assert_eq!(blocks.compared().collect::<Vec<_>>(), [&[3, 9]]);
        assert_eq!([blocks.remove(key, 3), blocks.remove(key, 9)], [1, 0]);
        assert!(blocks.members(key).is_empty());
    }
}
