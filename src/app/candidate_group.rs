//! The queue by the customers that would become one: whoever several pairs join is decided about at once.
//!
//! Promises that every pair of a group is one that the caller sees in the queue, and that no customer is in two groups.
//! Deliberately decides nothing: a merge of the customers that are chosen of a group is a plan like any other, and whoever is not
//! chosen is left out of it.

use super::{AppError, CandidateView, Session};
use crate::store::{CandidateFilter, CandidateOrder, PageAsk};
use onefold_model::{CustomerId, MatchCandidateId};
use std::collections::BTreeMap;

/// Of so many groups pairs are shown at once.
const MOST_PAIRS: u32 = 2_000;

/// Customers that pairs of the queue join.
#[derive(Debug, Clone, PartialEq)]
pub struct CandidateGroup {
    /// The customers, ascending.
    pub customers: Vec<CustomerId>,
    /// The pair that comes first of those that join them: names the group.
    pub first: MatchCandidateId,
    /// How many pairs join them.
    pub pairs: usize,
    /// What the pairs weigh in business together.
    pub impact: f64,
}

impl CandidateGroup {
    /// What names it in a page cursor.
    pub fn key(&self) -> String {
        self.first.to_string()
    }
}

impl Session {
    /// The groups of the pairs that a filter leaves, what weighs most in business first.
    pub async fn candidate_groups(&self, filter: &CandidateFilter) -> Result<Vec<CandidateGroup>, AppError> {
        if !self.shows_type("MatchCandidate") {
            return Ok(Vec::new());
        }
        let edges = self.store().candidate_edges(self.scope(), filter).await?;
        let mut groups = Groups::default();
        for edge in &edges {
            groups.join(edge.left, edge.right);
        }
        let mut found: BTreeMap<CustomerId, CandidateGroup> = BTreeMap::new();
        for edge in &edges {
            let empty = || CandidateGroup { customers: Vec::new(), first: edge.id, pairs: 0, impact: 0.0 };
            let group = found.entry(groups.first(edge.left)).or_insert_with(empty);
            group.pairs += 1;
            group.impact += edge.impact;
        }
        for customer in groups.known() {
            if let Some(group) = found.get_mut(&groups.first(customer)) {
                group.customers.push(customer);
            }
        }
        let mut found: Vec<CandidateGroup> = found.into_values().collect();
        found.sort_by(|a, b| b.impact.total_cmp(&a.impact).then_with(|| a.customers.cmp(&b.customers)));
        Ok(found)
    }

    /// The pairs of these groups, by the place of their group, what weighs most first.
    pub async fn candidate_group_pairs(
        &self,
        filter: &CandidateFilter,
        groups: &[CandidateGroup],
    ) -> Result<Vec<Vec<CandidateView>>, AppError> {
        let mut places: BTreeMap<CustomerId, usize> = BTreeMap::new();
        for (place, group) in groups.iter().enumerate() {
            places.extend(group.customers.iter().map(|customer| (*customer, place)));
        }
        let mut pairs: Vec<Vec<CandidateView>> = vec![Vec::new(); groups.len()];
        if places.is_empty() {
            return Ok(pairs);
        }
        let filter =
            CandidateFilter { customers: places.keys().copied().collect(), contested: Some(false), ..filter.clone() };
        let ask = PageAsk::Forward { count: MOST_PAIRS, after: None };
        for (_, pair) in self.candidate_list(&filter, CandidateOrder::Impact, &ask).await?.rows {
            if let Some(place) = places.get(&pair.left_customer) {
                pairs[*place].push(pair);
            }
        }
        Ok(pairs)
    }
}

/// Customers that are joined, each with one that stands for its group.
#[derive(Debug, Default)]
struct Groups(BTreeMap<CustomerId, CustomerId>);

impl Groups {
    /// The smallest customer of the group.
    fn first(&self, customer: CustomerId) -> CustomerId {
        let mut at = customer;
        while let Some(next) = self.0.get(&at).filter(|next| **next != at) {
            at = *next;
        }
        at
    }

    fn join(&mut self, one: CustomerId, other: CustomerId) {
        for customer in [one, other] {
            self.0.entry(customer).or_insert(customer);
        }
        let (one, other) = (self.first(one), self.first(other));
        // The smaller one stands for both, so that groups have the same name in whatever order pairs come.
        self.0.insert(one.max(other), one.min(other));
    }

    fn known(&self) -> impl Iterator<Item = CustomerId> {
        self.0.keys().copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    #[test]
    fn a_group_is_whatever_pairs_join_in_any_order() {
        let id = |n: u128| CustomerId(Uuid::from_u128(n));
        let pairs = [(4, 3), (1, 2), (3, 2), (7, 8)];
        for order in [[0, 1, 2, 3], [3, 2, 1, 0], [2, 3, 0, 1]] {
            let mut groups = Groups::default();
            for at in order {
                let (one, other): (u128, u128) = pairs[at];
                groups.join(id(one), id(other));
            }
            assert_eq!([1, 2, 3, 4].map(|n| groups.first(id(n))), [id(1); 4], "{order:?}");
            assert_eq!([7, 8].map(|n| groups.first(id(n))), [id(7); 2]);
        }
    }
}
