//! Which parts of a cluster must not be put together, while parts grow.

use super::CutCause;
use std::collections::BTreeMap;

/// Pairs of parts, each known by its root, with the reason that keeps them apart.
#[derive(Debug, Default)]
pub(crate) struct Apart(BTreeMap<u32, BTreeMap<u32, CutCause>>);

impl Apart {
    /// Keeps two parts apart.
    pub(crate) fn keep(&mut self, one: u32, other: u32, cause: CutCause) {
        self.0.entry(one).or_default().insert(other, cause);
        self.0.entry(other).or_default().insert(one, cause);
    }

    /// Nothing is kept apart.
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Why two parts must not be put together.
    pub(crate) fn cause(&self, one: u32, other: u32) -> Option<CutCause> {
        self.0.get(&one)?.get(&other).copied()
    }

    /// The same with other numbers for the roots.
    pub(crate) fn map_roots(&self, number: impl Fn(u32) -> u32) -> Self {
        let others =
            |others: &BTreeMap<u32, CutCause>| others.iter().map(|(&root, &cause)| (number(root), cause)).collect();
        Self(self.0.iter().map(|(&root, theirs)| (number(root), others(theirs))).collect())
    }

    /// Two parts became one, known by the root of the first: whatever was apart from either is apart from the whole.
    pub(crate) fn join(&mut self, kept: u32, gone: u32) {
        for (other, cause) in self.0.remove(&gone).unwrap_or_default() {
            if let Some(others) = self.0.get_mut(&other) {
                others.remove(&gone);
                others.entry(kept).or_insert(cause);
            }
            self.0.entry(kept).or_default().entry(other).or_insert(cause);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_that_grows_stays_apart_from_what_either_half_was_apart_from() {
        let mut apart = Apart::default();
        assert!(apart.is_empty());
        apart.keep(1, 7, CutCause::NeverLink);
        apart.keep(2, 8, CutCause::Identifiers);
        apart.join(1, 2);
        assert_eq!(apart.cause(1, 7), Some(CutCause::NeverLink));
        assert_eq!(apart.cause(8, 1), Some(CutCause::Identifiers));
        assert_eq!(apart.cause(2, 8), None);
    }
}
