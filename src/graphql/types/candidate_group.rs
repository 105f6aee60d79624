//! The queue by the customers that would become one.

use super::candidate::MatchCandidate;
use super::customer::{Customer, customer};
use crate::app::{CandidateGroup, CandidateView};
use crate::graphql::loaders::{CustomerKey, load};
use async_graphql::{Context, Description, Object, Result};
use onefold_model::CustomerId;
use std::collections::BTreeSet;
use std::sync::Arc;

/// Customers that pairs of the queue join: what they would become if every pair were linked. Give `mergePreview` those of them
/// that are one, and leave out the others.
#[derive(Clone, Description)]
pub struct MatchCandidateGroup {
    /// The group.
    pub group: CandidateGroup,
    /// Its pairs.
    pub pairs: Vec<Arc<CandidateView>>,
}

#[Object(use_type_description)]
impl MatchCandidateGroup {
    /// The customers that you may see of it.
    pub async fn customers(&self, ctx: &Context<'_>) -> Result<Vec<Customer>> {
        let mut shown: BTreeSet<CustomerId> = BTreeSet::new();
        for pair in &self.pairs {
            shown.extend(Some(pair.left_customer).filter(|_| pair.shows("left")));
            shown.extend(Some(pair.right_customer).filter(|_| pair.shows("right")));
        }
        let rows = shown.iter().map(|id| load(ctx, CustomerKey(*id)));
        let rows = futures_util::future::try_join_all(rows).await?;
        Ok(rows.into_iter().zip(shown).filter_map(|(row, id)| row.map(|row| customer(row, id))).collect())
    }

    /// How many customers there are.
    pub async fn customer_count(&self) -> i64 {
        i64::try_from(self.group.customers.len()).unwrap_or(i64::MAX)
    }

    /// How many pairs join them.
    pub async fn pair_count(&self) -> i64 {
        i64::try_from(self.group.pairs).unwrap_or(i64::MAX)
    }

    /// The pairs, what weighs most in business first.
    pub async fn pairs(&self) -> Vec<MatchCandidate> {
        self.pairs.iter().map(|pair| MatchCandidate(Arc::clone(pair))).collect()
    }

    /// What the pairs weigh in business together, as `desk` tells it of each.
    pub async fn impact(&self) -> f64 {
        self.group.impact
    }
}
