//! Where cells end, in two bytes for each: a million rows of a dozen columns are many cells, and few of them stand far from
//! the beginning of their row.

use std::collections::BTreeMap;

/// Stands for an end that does not fit.
const FAR: u16 = u16::MAX;

/// Ends of cells by their number, counted from the beginning of the row.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Ends {
    near: Vec<u16>,
    far: BTreeMap<usize, u32>,
}

impl Ends {
    /// Adds the end of the next cell.
    #[inline]
    pub(super) fn push(&mut self, end: u32) {
        let near = u16::try_from(end).unwrap_or(FAR);
        if near == FAR {
            self.far.insert(self.near.len(), end);
        }
        self.near.push(near);
    }

    /// Where a cell ends; 0 of one that is not there.
    #[inline]
    pub(super) fn get(&self, cell: usize) -> u32 {
        match self.near.get(cell) {
            Some(&FAR) => self.far.get(&cell).copied().unwrap_or(0),
            near => near.copied().map_or(0, u32::from),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn far_ends_are_kept_as_near_ones_are() {
        let given = [0, 1, 65_534, 65_535, 65_536, u32::MAX, 7];
        let mut ends = Ends::default();
        for end in given {
            ends.push(end);
        }
        let kept: Vec<u32> = (0..given.len()).map(|cell| ends.get(cell)).collect();
        assert_eq!((kept.as_slice(), ends.get(given.len())), (given.as_slice(), 0));
    }
}
