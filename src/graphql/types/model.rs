//! Models of matching and what they would change.

use crate::app::{ModelPlan, ModelView};
use crate::graphql::ids::id;
use async_graphql::{Enum, ID, SimpleObject};
use onefold_model::{RecordId, Timestamp};

/// A trained model of matching.
#[derive(SimpleObject)]
pub struct MatchModel {
    /// Its name, which candidates and links that it made carry.
    version: String,
    /// When it was trained.
    trained_at: Timestamp,
    /// How many records it was trained on.
    records: i64,
    /// When it was last put in place; null of one that never was.
    activated_at: Option<Timestamp>,
    /// Whether the next fold judges by it.
    in_place: bool,
}

impl From<ModelView> for MatchModel {
    fn from(view: ModelView) -> Self {
        let ModelView { row, is_in_place } = view;
        Self {
            version: row.version,
            trained_at: row.trained_at,
            records: row.records,
            activated_at: row.activated_at,
            in_place: is_in_place,
        }
    }
}

/// What a model would change, were it put in place now.
#[derive(SimpleObject)]
pub struct MatchModelPlan {
    /// The model.
    version: String,
    /// The version of the model in place; null where the model follows the records at each fold.
    in_place: Option<String>,
    /// What names this plan: `matchModelActivate` takes it, so that only what was looked at is put in place.
    fingerprint: String,
    /// How often several whole customers would become one.
    merges: i64,
    /// How many customers would fall into parts.
    splits: i64,
    /// How many groups of customers would exchange records.
    regroupings: i64,
    /// Customers that would stay as they are.
    unchanged: i64,
    /// Some of the changes: merges first, then splits, then regroupings.
    examples: Vec<MatchModelChange>,
}

/// How records change company.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
pub enum MatchModelChangeKind {
    /// Several whole customers become one.
    Merge,
    /// One customer falls into parts.
    Split,
    /// Customers exchange records.
    Regroup,
}

/// One change of a plan: ids of records by customer. `node` tells what you may see of them.
#[derive(SimpleObject)]
pub struct MatchModelChange {
    /// What happens.
    kind: MatchModelChangeKind,
    /// The records by customer, as they are.
    before: Vec<Vec<ID>>,
    /// The same records by customer, as they would be.
    after: Vec<Vec<ID>>,
}

fn signed(count: usize) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

fn ids(clusters: &[Vec<RecordId>]) -> Vec<Vec<ID>> {
    clusters.iter().map(|cluster| cluster.iter().map(|record| id(*record)).collect()).collect()
}

fn one(clusters: &[Vec<RecordId>]) -> Vec<Vec<ID>> {
    let mut all: Vec<RecordId> = clusters.iter().flatten().copied().collect();
    all.sort_unstable();
    ids(&[all])
}

impl MatchModelPlan {
    /// The plan with so many examples of each kind.
    pub fn of(plan: &ModelPlan, examples: usize) -> Self {
        let change = |kind, before, after| MatchModelChange { kind, before, after };
        let merges = plan.plan.merges.iter().take(examples);
        let splits = plan.plan.splits.iter().take(examples);
        let moves = plan.plan.moves.iter().take(examples);
        let merges = merges.map(|merge| change(MatchModelChangeKind::Merge, ids(&merge.from), one(&merge.from)));
        let splits = splits.map(|split| change(MatchModelChangeKind::Split, one(&split.into), ids(&split.into)));
        let moves = moves.map(|one| change(MatchModelChangeKind::Regroup, ids(&one.before), ids(&one.after)));
        Self {
            version: plan.version.clone(),
            in_place: plan.in_place.clone(),
            fingerprint: plan.fingerprint.to_string(),
            merges: signed(plan.plan.merges.len()),
            splits: signed(plan.plan.splits.len()),
            regroupings: signed(plan.plan.moves.len()),
            unchanged: i64::try_from(plan.plan.unchanged).unwrap_or(i64::MAX),
            examples: merges.chain(splits).chain(moves).collect(),
        }
    }
}
