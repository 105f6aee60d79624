//! Disjoint sets of places, each known by its smallest member.

/// A union-find structure (Tarjan 1975) whose roots are the smallest members, so that labels mean the same in any order.
#[derive(Debug, Clone)]
pub(crate) struct UnionFind {
    parents: Vec<u32>,
}

impl UnionFind {
    /// Every place alone.
    pub(crate) fn new(places: u32) -> Self {
        Self { parents: (0..places).collect() }
    }

    /// The smallest place of the set that this one is in.
    pub(crate) fn root(&self, mut place: u32) -> u32 {
        while self.parents[place as usize] != place {
            place = self.parents[place as usize];
        }
        place
    }

    /// The root of each place.
    pub(crate) fn roots(&self) -> Vec<u32> {
        // A parent is never larger, so its root is known before.
        let mut roots: Vec<u32> = Vec::with_capacity(self.parents.len());
        for (place, &parent) in self.parents.iter().enumerate() {
            roots.push(if parent as usize == place { parent } else { roots[parent as usize] });
        }
        roots
    }

    /// Puts two sets together.
    pub(crate) fn join(&mut self, one: u32, other: u32) {
        let (one, other) = (self.compressed_root(one), self.compressed_root(other));
        self.parents[one.max(other) as usize] = one.min(other);
    }

    fn compressed_root(&mut self, place: u32) -> u32 {
        let root = self.root(place);
        let mut at = place;
        while self.parents[at as usize] != root {
            at = std::mem::replace(&mut self.parents[at as usize], root);
        }
        root
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn the_root_is_the_smallest_member_in_any_order(
            joins in proptest::collection::vec((0u32..20, 0u32..20), 0..30),
        ) {
            let mut forwards = UnionFind::new(20);
            let mut backwards = UnionFind::new(20);
            for &(a, b) in &joins {
                forwards.join(a, b);
            }
            for &(a, b) in joins.iter().rev() {
                backwards.join(b, a);
            }
            for place in 0..20 {
                prop_assert_eq!(forwards.root(place), backwards.root(place));
                prop_assert!(forwards.root(place) <= place);
                prop_assert_eq!(forwards.roots()[place as usize], forwards.root(place));
            }
        }
    }
}
