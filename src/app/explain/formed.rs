//! How a customer was formed: step by step, the strongest first, and where it would break.

use super::super::{AppError, ReadKind, Session};
use super::{MatchExplained, by_record, withheld};
use crate::auth::{Action, Permission, Scope};
use crate::identity::{ScoredPair, as_links};
use crate::store::{DecisionRow, LINK, StoredParty};
use onefold_model::{CustomerId, RecordId};
use std::collections::{BTreeMap, BTreeSet};

/// A customer of more records is a defect of the data, and nobody reads so many steps.
const MOST_RECORDS: usize = 200;

/// Two groups of records that became one.
#[derive(Debug, Clone)]
pub struct FormationStep {
    /// Why the two records that joined them are taken for one.
    pub pair: MatchExplained,
    /// The steward's decision that joined them; none where they weigh enough by themselves.
    pub decision: Option<DecisionRow>,
    /// How many records the group has from here on.
    pub records: usize,
}

/// The weakest of the edges without which a customer falls apart.
#[derive(Debug, Clone)]
pub struct Bridge {
    /// Why the two records that hold it together are taken for one.
    pub pair: MatchExplained,
    /// The steward's decision that holds it together.
    pub decision: Option<DecisionRow>,
    /// The two groups into which it would fall, each ascending, that of the left record first.
    pub groups: [Vec<RecordId>; 2],
}

/// How a customer was formed.
#[derive(Debug, Clone)]
pub struct CustomerFormed {
    /// Which customer.
    pub customer: CustomerId,
    /// Its records.
    pub records: Vec<RecordId>,
    /// Decisions first, then from the heaviest edge to the lightest; by id where something is withheld of a step.
    pub steps: Vec<FormationStep>,
    /// Where it would break; none where no single edge holds it together, or where something is withheld.
    pub weakest_bridge: Option<Bridge>,
    /// How many pairs hold it together, those beside the steps among them.
    pub edges: usize,
}

/// What holds two records together.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Edge {
    left: RecordId,
    right: RecordId,
    /// None of a decision.
    weight: Option<f64>,
}

impl Session {
    /// How a customer was formed. For those who review for the departments of all its records; none where it may not be seen.
    pub async fn customer_explain(&self, id: CustomerId) -> Result<Option<CustomerFormed>, AppError> {
        let Some(row) = self.customer_get(&[id]).await?.remove(&id) else { return Ok(None) };
        let members = self.store().customer_members(self.scope(), &[row.id]).await?;
        let mut members: Vec<StoredParty> = members.into_iter().map(|member| member.party).collect();
        members.sort_by_key(|party| party.record);
        self.may_review(&members).await?;
        if members.len() > MOST_RECORDS {
            let text = format!("a customer of {} records is not explained: at most {MOST_RECORDS} are", members.len());
            return Err(AppError::Invalid(text));
        }
        self.read([row.id], ReadKind::Matching);
        let judge = self.app.identity.judge(self.store()).await?;
        let decisions = self.decisions_among(BTreeSet::from([row.id])).await?;
        let edges = edges(&judge.edges(&members, &as_links(&decisions)), &decisions, self.scope(), &members);
        let records: Vec<RecordId> = members.iter().map(|party| party.record).collect();
        let parties = by_record(&members);
        let explain = |edge: &Edge| {
            let pair = [parties.get(&edge.left)?, parties.get(&edge.right)?];
            let about = decisions.iter().filter(|row| (row.left, row.right) == (edge.left, edge.right));
            let about: Vec<DecisionRow> = about.cloned().collect();
            let decision = about.iter().find(|row| edge.weight.is_none() && row.kind == LINK).cloned();
            let pair = self.explained(&judge, [pair[0], pair[1]], [Some(row.id); 2], about);
            Some((pair, decision))
        };
        let mut steps = Vec::new();
        for (edge, records) in tree(&records, &edges) {
            if let Some((pair, decision)) = explain(&edge) {
                steps.push(FormationStep { pair, decision, records });
            }
        }
        let is_whole = steps.iter().all(|step| step.pair.whole.is_some());
        let bridge = is_whole.then(|| weakest_bridge(&records, &edges)).flatten();
        let weakest_bridge = bridge.and_then(|(edge, groups)| {
            let (pair, decision) = explain(&edge)?;
            Some(Bridge { pair, decision, groups })
        });
        Ok(Some(CustomerFormed { customer: row.id, records, steps, weakest_bridge, edges: edges.len() }))
    }

    /// Whether the caller reviews for the departments of all these records.
    pub(in super::super) async fn may_review(&self, members: &[StoredParty]) -> Result<(), AppError> {
        for department in members.iter().map(|party| &party.department).collect::<BTreeSet<_>>() {
            if let Permission::Denied { policy } = self.scope().may(Action::Review, department) {
                let policy = policy.as_ref().map(ToString::to_string);
                let what = format!("to review records of the department {department}");
                return Err(self.refused(AppError::Forbidden { what, policy }).await);
            }
        }
        Ok(())
    }
}

/// What holds the records together, in the order in which it does: decisions first, then the heaviest pairs. Where the
/// caller may not see what some pair weighs, pairs come by id, because their order would tell it.
fn edges(accepted: &[ScoredPair], decisions: &[DecisionRow], scope: &Scope, members: &[StoredParty]) -> Vec<Edge> {
    let owners: BTreeSet<_> = members.iter().map(|party| &party.department).collect();
    let is_whole = owners.iter().all(|owner| withheld(scope, [owner, owner]).is_empty());
    let links: BTreeSet<(RecordId, RecordId)> =
        decisions.iter().filter(|row| row.kind == LINK).map(|row| (row.left, row.right)).collect();
    let mut edges: Vec<Edge> =
        links.iter().map(|(left, right)| Edge { left: *left, right: *right, weight: None }).collect();
    let weighed = accepted.iter().filter(|pair| !links.contains(&(pair.left, pair.right)));
    let mut weighed: Vec<(f64, Edge)> = weighed
        .map(|pair| (pair.weight.0, Edge { left: pair.left, right: pair.right, weight: Some(pair.weight.0) }))
        .collect();
    if is_whole {
        weighed.sort_by(|a, b| b.0.total_cmp(&a.0).then((a.1.left, a.1.right).cmp(&(b.1.left, b.1.right))));
    }
    edges.extend(weighed.into_iter().map(|(_, edge)| edge));
    edges
}

/// The group of each record, by its smallest one.
struct Groups(BTreeMap<RecordId, RecordId>);

impl Groups {
    fn of(records: &[RecordId]) -> Self {
        Self(records.iter().map(|record| (*record, *record)).collect())
    }

    /// Joins the groups of an edge. Says how many records that makes; none where they were one before.
    fn join(&mut self, edge: &Edge) -> Option<usize> {
        let (one, other) = (*self.0.get(&edge.left)?, *self.0.get(&edge.right)?);
        if one == other {
            return None;
        }
        let (kept, gone) = (one.min(other), one.max(other));
        self.0.values_mut().filter(|label| **label == gone).for_each(|label| *label = kept);
        Some(self.0.values().filter(|label| **label == kept).count())
    }

    fn with(&self, record: RecordId) -> Vec<RecordId> {
        let label = self.0.get(&record);
        self.0.iter().filter(|(_, of)| Some(*of) == label).map(|(record, _)| *record).collect()
    }
}

/// The edges that join groups, in their order, each with how many records are together from there on.
fn tree(records: &[RecordId], edges: &[Edge]) -> Vec<(Edge, usize)> {
    let mut groups = Groups::of(records);
    edges.iter().filter_map(|edge| Some((*edge, groups.join(edge)?))).collect()
}

/// The lightest edge without which the records fall into two groups; a decision weighs more than any pair.
fn weakest_bridge(records: &[RecordId], edges: &[Edge]) -> Option<(Edge, [Vec<RecordId>; 2])> {
    // Only an edge of the tree can be a bridge, and the last ones of it are the weakest.
    tree(records, edges).into_iter().rev().find_map(|(edge, _)| {
        let mut without = Groups::of(records);
        edges.iter().filter(|other| **other != edge).for_each(|other| {
            without.join(other);
        });
        let (left, right) = (without.with(edge.left), without.with(edge.right));
        (left != right).then_some((edge, [left, right]))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    fn record(n: u128) -> RecordId {
        RecordId(Uuid::from_u128(n))
    }

    fn edge(left: u128, right: u128, weight: f64) -> Edge {
        Edge { left: record(left), right: record(right), weight: Some(weight) }
    }

    #[test]
    fn the_weakest_bridge_is_the_lightest_edge_that_nothing_goes_around() {
        let records: Vec<RecordId> = (1..=5).map(record).collect();
        // A triangle, from which 4 hangs by a strong edge and 5 by a weaker one; the weakest edge is in the triangle.
        let edges = [edge(1, 2, 9.0), edge(3, 4, 8.0), edge(4, 5, 6.0), edge(2, 3, 5.0), edge(1, 3, 1.0)];
        let (weakest, groups) = weakest_bridge(&records, &edges).unwrap();
        assert_eq!(weakest, edges[2]);
        assert_eq!(groups, [(1..=4).map(record).collect::<Vec<_>>(), vec![record(5)]]);
        let steps: Vec<usize> = tree(&records, &edges).iter().map(|(_, records)| *records).collect();
        assert_eq!(steps, [2, 2, 3, 5], "the last edge of the triangle joins nothing");
        assert!(weakest_bridge(&records[..3], &[edges[0], edges[3], edges[4]]).is_none());
    }
}
