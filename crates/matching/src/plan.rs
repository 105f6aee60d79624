//! What another partition of the records would mean for the customers that there are: who would merge, who would split.
//!
//! Promises the same plan for the same two partitions, in whatever order their clusters come. Decides nothing and writes
//! nothing: it is what a person reads before another model is put in place.

use onefold_model::RecordId;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// The difference between two partitions. Clusters are named by their smallest record.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Plan {
    /// Whole clusters that become one, ascending by the new cluster.
    pub merges: Vec<Merge>,
    /// Clusters that fall into parts, each a cluster of its own; ascending by the old cluster.
    pub splits: Vec<Split>,
    /// Where clusters neither only merge nor only split: what is exchanged between them; ascending by the smallest record.
    pub moves: Vec<Move>,
    /// Records that were in no cluster, ascending.
    pub added: Vec<RecordId>,
    /// Records that are in no cluster any more, ascending.
    pub removed: Vec<RecordId>,
    /// Clusters that stay as they are.
    pub unchanged: u64,
}

/// Clusters that become one.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Merge {
    /// Each of them, by its smallest record.
    pub from: Vec<Vec<RecordId>>,
}

/// A cluster that falls apart.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Split {
    /// Its parts, by their smallest record.
    pub into: Vec<Vec<RecordId>>,
}

/// Clusters between which records are exchanged.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Move {
    /// As they are.
    pub before: Vec<Vec<RecordId>>,
    /// As they would be, of the same records.
    pub after: Vec<Vec<RecordId>>,
}

impl Plan {
    /// Whether both partitions are the same.
    pub fn is_empty(&self) -> bool {
        *self == Self { unchanged: self.unchanged, ..Self::default() }
    }
}

/// What it would mean to go from one partition to another. A record that only one of them has is named and left out of the
/// clusters otherwise.
pub fn diff(before: &[Vec<RecordId>], after: &[Vec<RecordId>]) -> Plan {
    let (was, is) = (homes(before), homes(after));
    let only = |these: &BTreeMap<RecordId, usize>, those: &BTreeMap<RecordId, usize>| {
        these.keys().filter(|record| !those.contains_key(record)).copied().collect()
    };
    let mut plan = Plan { added: only(&is, &was), removed: only(&was, &is), ..Plan::default() };
    let mut done: BTreeSet<usize> = BTreeSet::new();
    // From the smallest record on, so that the order of the clusters means nothing.
    for (record, &first) in was.iter().filter(|(record, _)| is.contains_key(record)) {
        if done.contains(&first) {
            continue;
        }
        let (old, new) = exchanged(*record, before, after, &was, &is);
        let cluster = |clusters: &[Vec<RecordId>], at: usize, others: &BTreeMap<RecordId, usize>| {
            let mut members: Vec<RecordId> =
                clusters[at].iter().filter(|record| others.contains_key(record)).copied().collect();
            members.sort_unstable();
            members.dedup();
            members
        };
        let mut old_clusters: Vec<_> = old.iter().map(|&at| cluster(before, at, &is)).collect();
        let mut new_clusters: Vec<_> = new.iter().map(|&at| cluster(after, at, &was)).collect();
        old_clusters.sort_unstable();
        new_clusters.sort_unstable();
        match (old.len(), new.len()) {
            (1, 1) => plan.unchanged += 1,
            (_, 1) => plan.merges.push(Merge { from: old_clusters }),
            (1, _) => plan.splits.push(Split { into: new_clusters }),
            (_, _) => plan.moves.push(Move { before: old_clusters, after: new_clusters }),
        }
        done.extend(old);
    }
    plan
}

/// The clusters of both partitions that are reached from a record over records that they share.
fn exchanged(
    record: RecordId,
    before: &[Vec<RecordId>],
    after: &[Vec<RecordId>],
    was: &BTreeMap<RecordId, usize>,
    is: &BTreeMap<RecordId, usize>,
) -> (BTreeSet<usize>, BTreeSet<usize>) {
    let (mut old, mut new) = (BTreeSet::new(), BTreeSet::new());
    let mut waiting = vec![record];
    while let Some(record) = waiting.pop() {
        let (Some(&one), Some(&other)) = (was.get(&record), is.get(&record)) else { continue };
        if old.insert(one) {
            waiting.extend(&before[one]);
        }
        if new.insert(other) {
            waiting.extend(&after[other]);
        }
    }
    (old, new)
}

fn homes(clusters: &[Vec<RecordId>]) -> BTreeMap<RecordId, usize> {
    let members =
        |(at, cluster): (usize, &Vec<RecordId>)| cluster.iter().map(|&record| (record, at)).collect::<Vec<_>>();
    clusters.iter().enumerate().flat_map(members).collect()
}
