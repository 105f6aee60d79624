//! What another partition would mean.

use crate::party::record;
use onefold_matching::{Merge, Move, Split, diff};
use onefold_model::RecordId;
use proptest::prelude::*;
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};

/// Ids in ascending order.
fn ids(count: usize) -> Vec<RecordId> {
    let mut ids: Vec<RecordId> = (0..count).map(|key| record("billing", &key.to_string(), json!({})).id).collect();
    ids.sort_unstable();
    ids
}

fn clusters(ids: &[RecordId], parts: &[&[usize]]) -> Vec<Vec<RecordId>> {
    parts.iter().map(|part| part.iter().map(|&at| ids[at]).collect()).collect()
}

#[test]
fn a_plan_tells_merges_splits_and_what_is_both() {
    let ids = ids(12);
    let before = clusters(&ids, &[&[0, 1], &[2], &[3, 4, 5], &[6, 7], &[8, 9], &[10]]);
    let after = clusters(&ids, &[&[8], &[0, 1, 2], &[3, 5], &[4], &[7, 9], &[6], &[10, 11]]);
    let plan = diff(&before, &after);
    assert_eq!(plan.merges, [Merge { from: clusters(&ids, &[&[0, 1], &[2]]) }]);
    assert_eq!(plan.splits, [Split { into: clusters(&ids, &[&[3, 5], &[4]]) }]);
    let exchange = Move { before: clusters(&ids, &[&[6, 7], &[8, 9]]), after: clusters(&ids, &[&[6], &[7, 9], &[8]]) };
    assert_eq!(plan.moves, [exchange]);
    assert_eq!((plan.added.as_slice(), plan.removed.as_slice(), plan.unchanged), (&ids[11..], &[][..], 1));
}

fn partition(ids: &[RecordId], labels: &[u8]) -> Vec<Vec<RecordId>> {
    let mut clusters: BTreeMap<u8, Vec<RecordId>> = BTreeMap::new();
    // A label of nothing: the record is not there.
    for (id, label) in ids.iter().zip(labels).filter(|(_, label)| **label > 0) {
        clusters.entry(*label).or_default().push(*id);
    }
    clusters.into_values().collect()
}

proptest! {
    #[test]
    fn a_plan_leads_from_one_partition_to_the_other(
        labels in proptest::collection::vec((0u8..5, 0u8..5), 1..12),
    ) {
        let ids = ids(labels.len());
        let (was, is): (Vec<u8>, Vec<u8>) = labels.into_iter().unzip();
        let (before, after) = (partition(&ids, &was), partition(&ids, &is));
        let plan = diff(&before, &after);
        let mut reversed: [Vec<Vec<RecordId>>; 2] = [before.clone(), after.clone()];
        for cluster in reversed.iter_mut().flat_map(|clusters| { clusters.reverse(); clusters }) {
            cluster.reverse();
        }
        prop_assert_eq!(&diff(&reversed[0], &reversed[1]), &plan);
        prop_assert!(diff(&before, &before).is_empty());

        let there = |id: &RecordId| !plan.added.contains(id) && !plan.removed.contains(id);
        let common = |clusters: &[Vec<RecordId>]| -> BTreeSet<Vec<RecordId>> {
            let kept = clusters.iter().map(|cluster| cluster.iter().filter(|id| there(id)).copied().collect::<Vec<_>>());
            kept.filter(|cluster| !cluster.is_empty()).collect()
        };
        let mut reached = common(&before);
        let mut replace = |gone: &[Vec<RecordId>], come: &[Vec<RecordId>]| {
            assert!(gone.iter().all(|cluster| reached.remove(cluster)));
            assert!(come.iter().all(|cluster| reached.insert(cluster.clone())));
        };
        let whole = |parts: &[Vec<RecordId>]| {
            let mut whole = parts.concat();
            whole.sort_unstable();
            vec![whole]
        };
        plan.merges.iter().for_each(|merge| replace(&merge.from, &whole(&merge.from)));
        plan.splits.iter().for_each(|split| replace(&whole(&split.into), &split.into));
        plan.moves.iter().for_each(|exchange| replace(&exchange.before, &exchange.after));
        prop_assert_eq!(reached, common(&after));
        let sets = [before, after].map(BTreeSet::from_iter);
        prop_assert_eq!(plan.is_empty(), sets[0] == sets[1]);
    }
}
