//! Candidate pairs while they are found: many rules find the same pair, and it is kept once.

use super::sort::sort_numbers;

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

/// So many neighbouring records share a part: their pairs fit into the cache of a processor.
const PART_BITS: u32 = 13;

/// A set of pairs, in parts by the smaller place. A part that is full is rid of its repetitions before it grows.
#[derive(Debug)]
pub(super) struct PairSet {
    parts: Vec<Vec<u64>>,
    scratch: Vec<u64>,
    /// Bits of a place.
    bits: u32,
}

impl PairSet {
    /// No pair of so many records.
    pub(super) fn new(records: usize) -> Self {
        let bits = records.next_power_of_two().trailing_zeros().max(1);
        Self { parts: vec![Vec::new(); (records >> PART_BITS) + 1], scratch: Vec::new(), bits }
    }

    /// Adds a pair, the smaller place first.
    pub(super) fn add(&mut self, left: u32, right: u32) {
        let number = place_in_part(left) << self.bits | u64::from(right);
        let place = (left >> PART_BITS) as usize;
        let part = &mut self.parts[place];
        if part.len() == part.capacity() {
            self.tidy(place);
            let part = &mut self.parts[place];
            if part.len() * 4 > part.capacity() * 3 || part.capacity() == 0 {
                part.reserve_exact(part.len() + 256);
            }
            part.push(number);
            return;
        }
        part.push(number);
    }

    /// All pairs, ascending, each once.
    pub(super) fn into_pairs(mut self) -> Vec<PackedPair> {
        (0..self.parts.len()).for_each(|place| self.tidy(place));
        let mut pairs = Vec::with_capacity(self.parts.iter().map(Vec::len).sum());
        let low = (1u64 << self.bits) - 1;
        for (place, part) in (0u64..).zip(std::mem::take(&mut self.parts)) {
            let first = place << PART_BITS;
            pairs.extend(
                part.into_iter().map(|number| PackedPair((first + (number >> self.bits)) << 32 | number & low)),
            );
        }
        pairs
    }

    fn tidy(&mut self, place: usize) {
        let part = &mut self.parts[place];
        let room = part.capacity();
        sort_numbers(part, &mut self.scratch, self.bits + PART_BITS);
        part.dedup();
        // Sorting may have left the part in the memory of the scratch.
        part.reserve_exact(room.saturating_sub(part.len()));
    }
}

fn place_in_part(left: u32) -> u64 {
    u64::from(left & ((1 << PART_BITS) - 1))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeSet;

    #[test]
    fn a_packed_pair_has_the_smaller_place_first() {
        assert_eq!(PackedPair::new(7, 3).unpack(), (3, 7));
        assert_eq!(PackedPair::new(u32::MAX, 0).unpack(), (0, u32::MAX));
        assert!(PackedPair::new(1, 9) < PackedPair::new(2, 3));
    }

    proptest! {
        #[test]
        fn each_pair_is_there_once(found in proptest::collection::vec((0u32..20_000, 1u32..50), 0..2000)) {
            let mut set = PairSet::new(20_050);
            let mut expected = BTreeSet::new();
            for (left, further) in found.iter().chain(&found) {
                set.add(*left, left + further);
                expected.insert(PackedPair::new(*left, left + further));
            }
            prop_assert_eq!(set.into_pairs(), expected.into_iter().collect::<Vec<_>>());
        }
    }
}
