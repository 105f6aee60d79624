//! Which customer id each cluster keeps. Pure: clusters and what is stored in, ids out.
//!
//! Promises: an id is never given to two clusters; where customers meet, the oldest survives; where one splits, the part
//! with most of its records keeps the id; a part that stands as a customer once stood gets the id that it had.

use onefold_model::{CustomerId, RecordId, Timestamp};
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// Who has which record now, and since when that customer exists.
pub(super) type Current = HashMap<RecordId, (CustomerId, Timestamp)>;

/// The ids of a new partition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Assigned {
    /// One id for each cluster, in the order of the clusters.
    pub customers: Vec<CustomerId>,
    /// Customers that went into others: retired, survivor.
    pub retired: Vec<(CustomerId, CustomerId)>,
    /// Customers that came out of others: new, the one that its records had before.
    pub split: Vec<(CustomerId, CustomerId)>,
}

/// Gives ids to clusters. Clusters are a partition of all records, each sorted.
pub(super) fn assign(clusters: &[Vec<RecordId>], current: &Current) -> Assigned {
    let homes = homes(clusters, current);
    let mut claims: BTreeMap<usize, Vec<(Timestamp, CustomerId)>> = BTreeMap::new();
    for (customer, (cluster, since)) in &homes {
        claims.entry(*cluster).or_default().push((*since, *customer));
    }
    let mut taken: BTreeSet<CustomerId> = BTreeSet::new();
    let mut kept: BTreeMap<usize, CustomerId> = BTreeMap::new();
    let mut retired = Vec::new();
    for (cluster, mut claimants) in claims {
        claimants.sort_unstable();
        let survivor = claimants[0].1;
        kept.insert(cluster, survivor);
        taken.insert(survivor);
        retired.extend(claimants[1..].iter().map(|(_, customer)| (*customer, survivor)));
    }
    let mut customers = Vec::with_capacity(clusters.len());
    let mut split = Vec::new();
    for (index, cluster) in clusters.iter().enumerate() {
        let id = kept.get(&index).copied().unwrap_or_else(|| mint(cluster, &taken));
        if !kept.contains_key(&index) {
            taken.insert(id);
            split.extend(cluster.iter().find_map(|record| current.get(record)).map(|(before, _)| (id, *before)));
        }
        customers.push(id);
    }
    // An id that was retired and minted again in the same fold leads a customer: it is not retired.
    retired.retain(|(customer, _)| !taken.contains(customer));
    Assigned { customers, retired, split }
}

/// For each customer the cluster that holds most of its records; among equals the one that comes first.
fn homes(clusters: &[Vec<RecordId>], current: &Current) -> BTreeMap<CustomerId, (usize, Timestamp)> {
    let mut counts: BTreeMap<CustomerId, BTreeMap<usize, usize>> = BTreeMap::new();
    let mut since = BTreeMap::new();
    for (index, cluster) in clusters.iter().enumerate() {
        for record in cluster {
            if let Some((customer, at)) = current.get(record) {
                *counts.entry(*customer).or_default().entry(index).or_default() += 1;
                since.insert(*customer, *at);
            }
        }
    }
    counts
        .into_iter()
        .filter_map(|(customer, parts)| {
            let most = parts.values().copied().max()?;
            let home = parts.into_iter().find(|(_, count)| *count == most)?.0;
            Some((customer, (home, *since.get(&customer)?)))
        })
        .collect()
}

/// An id from the first record whose id is free. The record around which a customer formed may leave it alone and finds its
/// id taken: then the id is derived once more from that id, until it is free.
fn mint(cluster: &[RecordId], taken: &BTreeSet<CustomerId>) -> CustomerId {
    if let Some(free) = cluster.iter().map(|record| CustomerId::mint(*record)).find(|id| !taken.contains(id)) {
        return free;
    }
    let mut id = CustomerId::mint(cluster.first().copied().unwrap_or(RecordId(uuid::Uuid::nil())));
    while taken.contains(&id) {
        id = CustomerId::mint(RecordId(id.0));
    }
    id
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use uuid::Uuid;

    fn record(n: u128) -> RecordId {
        RecordId(Uuid::from_u128(n))
    }

    fn at(second: i64) -> Timestamp {
        Timestamp::from_timestamp(second, 0).unwrap()
    }

    fn stored(clusters: &[Vec<RecordId>], ids: &[CustomerId], since: impl Fn(usize) -> i64) -> Current {
        let mut current = Current::new();
        for (index, cluster) in clusters.iter().enumerate() {
            current.extend(cluster.iter().map(|r| (*r, (ids[index], at(since(index))))));
        }
        current
    }

    #[test]
    fn the_oldest_customer_survives_a_merge() {
        let apart = [vec![record(1)], vec![record(2)]];
        let first = assign(&apart, &Current::new());
        let current = stored(&apart, &first.customers, |index| 10 - index as i64);
        let merged = assign(&[vec![record(1), record(2)]], &current);
        assert_eq!(merged.customers, [first.customers[1]]);
        assert_eq!(merged.retired, [(first.customers[0], first.customers[1])]);
    }

    #[test]
    fn split_gives_each_part_the_id_that_it_had() {
        let apart = [vec![record(1), record(3)], vec![record(2)]];
        let first = assign(&apart, &Current::new());
        let current = stored(&apart, &first.customers, |index| index as i64);
        let merged = assign(&[vec![record(1), record(2), record(3)]], &current);
        let all = [vec![record(1), record(2), record(3)]];
        let current = stored(&all, &merged.customers, |_| 0);
        let again = assign(&apart, &current);
        assert_eq!(again.customers, first.customers);
        assert_eq!(again.split, [(first.customers[1], first.customers[0])]);
    }

    #[test]
    fn the_record_around_which_a_customer_formed_may_leave_it() {
        let whole = [vec![record(1), record(2), record(3)]];
        let first = assign(&whole, &Current::new());
        let current = stored(&whole, &first.customers, |_| 0);
        let parts = [vec![record(1)], vec![record(2), record(3)]];
        let after = assign(&parts, &current);
        assert_eq!(after.customers[1], first.customers[0], "most of its records keep the id");
        assert_eq!(after.customers[0], CustomerId::mint(RecordId(first.customers[0].0)));
        assert_eq!(after.split, [(after.customers[0], first.customers[0])]);
    }

    fn partition() -> impl Strategy<Value = Vec<Vec<RecordId>>> {
        proptest::collection::vec(0usize..6, 1..12).prop_map(|groups| {
            let mut clusters: BTreeMap<usize, Vec<RecordId>> = BTreeMap::new();
            for (n, group) in groups.into_iter().enumerate() {
                clusters.entry(group).or_default().push(record(n as u128 + 1));
            }
            let mut clusters: Vec<_> = clusters.into_values().collect();
            clusters.sort();
            clusters
        })
    }

    proptest! {
        #[test]
        fn ids_are_unique_and_every_old_id_leads_on(before in partition(), after in partition()) {
            let first = assign(&before, &Current::new());
            let current = stored(&before, &first.customers, |index| index as i64);
            let next = assign(&after, &current);
            let unique: BTreeSet<_> = next.customers.iter().collect();
            prop_assert_eq!(unique.len(), after.len());
            for old in &first.customers {
                let has_records_left = after.iter().flatten().any(|r| current.get(r).is_some_and(|(c, _)| c == old));
                let leads_on = next.customers.contains(old) || next.retired.iter().any(|(from, into)| from == old && next.customers.contains(into));
                prop_assert!(leads_on || !has_records_left);
            }
        }

        #[test]
        fn the_same_partition_again_changes_nothing(clusters in partition()) {
            let first = assign(&clusters, &Current::new());
            let current = stored(&clusters, &first.customers, |_| 0);
            let again = assign(&clusters, &current);
            prop_assert_eq!(&again.customers, &first.customers);
            prop_assert!(again.retired.is_empty() && again.split.is_empty());
        }
    }
}
