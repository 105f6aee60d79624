//! Which customer id each cluster keeps. Pure: clusters and what is stored in, ids out.
//!
//! Promises: an id is never given to two clusters; where customers meet, the oldest survives; where one splits, a part that
//! was a customer of its own before it went in gets back the id that it had, and of the others the part with most records
//! keeps the id.

use onefold_model::{CustomerId, RecordId, Timestamp};
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// Who has which record now, and since when that customer exists.
pub(super) type Current = HashMap<RecordId, (CustomerId, Timestamp)>;

/// The retired ids that lead to a customer, in the order of their retirement. Needed only of [`torn`] customers.
pub(super) type Aliases = HashMap<CustomerId, Vec<Retired>>;

/// An id that no longer leads a customer of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Retired {
    pub id: CustomerId,
    /// When its customer was folded first.
    pub since: Timestamp,
}

/// The ids of a new partition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Assigned {
    /// One id for each cluster, in the order of the clusters.
    pub customers: Vec<CustomerId>,
    /// Customers that went into others: retired, survivor.
    pub retired: Vec<(CustomerId, CustomerId)>,
    /// Customers that came out of others: new, the one that its records had before.
    pub split: Vec<(CustomerId, CustomerId)>,
    /// Retired ids that lead elsewhere now: they go with the record around which they were formed.
    pub moved: Vec<(CustomerId, CustomerId)>,
}

/// How a customer's records lie in a new partition.
#[derive(Default)]
struct Lie {
    since: Timestamp,
    /// How many of them each cluster has.
    parts: BTreeMap<usize, usize>,
}

/// The customers whose records lie in more than one cluster.
pub(super) fn torn(clusters: &[Vec<RecordId>], current: &Current) -> Vec<CustomerId> {
    let lies = lies(clusters, current);
    lies.into_iter().filter(|(_, lie)| lie.parts.len() > 1).map(|(customer, _)| customer).collect()
}

/// The ids that new customers of these clusters may get: what must be known of them is which lead a customer elsewhere.
pub(super) fn mintable(clusters: &[Vec<RecordId>]) -> Vec<CustomerId> {
    let mut ids: Vec<CustomerId> = clusters.iter().flatten().map(|record| CustomerId::mint(*record)).collect();
    for first in clusters.iter().filter_map(|cluster| cluster.first()) {
        // So often an id may be derived once more; that it is at all takes records that leave one after the other.
        let again = |id: &CustomerId| Some(CustomerId::mint(RecordId(id.0)));
        ids.extend(std::iter::successors(Some(CustomerId::mint(*first)), again).skip(1).take(8));
    }
    ids
}

/// Gives ids to clusters, each sorted: a partition of all records, or of a part of them in which every customer has all of its
/// records or none. `standing` are the customers elsewhere whose ids are [`mintable`] here.
pub(super) fn assign_beside(
    clusters: &[Vec<RecordId>],
    current: &Current,
    aliases: &Aliases,
    standing: &BTreeSet<CustomerId>,
) -> Assigned {
    let lies = lies(clusters, current);
    let formed = formed(clusters, &lies);
    let homes: BTreeMap<CustomerId, (usize, Timestamp)> = lies
        .iter()
        .filter_map(|(customer, lie)| Some((*customer, (home(*customer, lie, &formed, aliases)?, lie.since))))
        .collect();
    let mut claims: BTreeMap<usize, Vec<(Timestamp, CustomerId)>> = BTreeMap::new();
    for (customer, (cluster, since)) in &homes {
        claims.entry(*cluster).or_default().push((*since, *customer));
    }
    // The last of the ids that went away with a part's record is the one that the part had when it went in.
    let mut had: BTreeMap<usize, Retired> = BTreeMap::new();
    let mut followers = Vec::new();
    for (customer, (home, _)) in &homes {
        for retired in aliases.get(customer).into_iter().flatten() {
            if let Some(part) = formed.get(&retired.id).filter(|part| *part != home) {
                had.insert(*part, *retired);
                followers.push((retired.id, *part));
            }
        }
    }
    let mut taken: BTreeSet<CustomerId> = standing.clone();
    let mut kept: BTreeMap<usize, CustomerId> = BTreeMap::new();
    let mut retired = Vec::new();
    for (cluster, mut claimants) in claims {
        claimants.sort_unstable();
        let oldest = claimants[0];
        // One that comes back is as old as it was.
        let back = had.get(&cluster).map(|retired| (retired.since, retired.id));
        let (_, survivor) = back.map_or(oldest, |back| back.min(oldest));
        kept.insert(cluster, survivor);
        taken.insert(survivor);
        retired.extend(claimants.iter().filter(|(_, id)| *id != survivor).map(|(_, id)| (*id, survivor)));
    }
    let mut customers = Vec::with_capacity(clusters.len());
    let mut split = Vec::new();
    for (index, cluster) in clusters.iter().enumerate() {
        let back = || had.get(&index).map(|retired| retired.id).filter(|id| !taken.contains(id));
        let id = kept.get(&index).copied().or_else(back).unwrap_or_else(|| mint(cluster, &taken));
        if !kept.contains_key(&index) {
            taken.insert(id);
            split.extend(cluster.iter().find_map(|record| current.get(record)).map(|(before, _)| (id, *before)));
        }
        customers.push(id);
    }
    // An id that was retired and minted again in the same fold leads a customer: it is not retired.
    retired.retain(|(customer, _)| !taken.contains(customer));
    let moved = followers.into_iter().map(|(alias, part)| (alias, customers[part]));
    let moved = moved.filter(|(alias, _)| !taken.contains(alias)).collect();
    Assigned { customers, retired, split, moved }
}

fn lies(clusters: &[Vec<RecordId>], current: &Current) -> BTreeMap<CustomerId, Lie> {
    let mut lies: BTreeMap<CustomerId, Lie> = BTreeMap::new();
    for (index, cluster) in clusters.iter().enumerate() {
        for record in cluster {
            if let Some((customer, since)) = current.get(record) {
                let lie = lies.entry(*customer).or_default();
                lie.since = *since;
                *lie.parts.entry(index).or_default() += 1;
            }
        }
    }
    lies
}

/// Which cluster has the record around which an id was formed: for the clusters of torn customers.
fn formed(clusters: &[Vec<RecordId>], lies: &BTreeMap<CustomerId, Lie>) -> HashMap<CustomerId, usize> {
    let torn = lies.values().filter(|lie| lie.parts.len() > 1);
    let parts: BTreeSet<usize> = torn.flat_map(|lie| lie.parts.keys().copied()).collect();
    let ids = parts.into_iter().flat_map(|part| clusters[part].iter().map(move |record| (*record, part)));
    ids.map(|(record, part)| (CustomerId::mint(record), part)).collect()
}

/// The part that keeps the id: not one that gets another id back; of the others the one with most records, among equals the
/// one with the record around which the customer formed, else the one that comes first.
fn home(customer: CustomerId, lie: &Lie, formed: &HashMap<CustomerId, usize>, aliases: &Aliases) -> Option<usize> {
    let seed = formed.get(&customer).copied();
    let back: BTreeSet<usize> =
        aliases.get(&customer).into_iter().flatten().filter_map(|retired| formed.get(&retired.id)).copied().collect();
    let stays = |part: &usize| Some(*part) == seed || !back.contains(part);
    let may_keep: Vec<usize> = lie.parts.keys().copied().filter(stays).collect();
    let parts = if may_keep.is_empty() { lie.parts.keys().copied().collect() } else { may_keep };
    let rank = |part: &usize| (lie.parts.get(part).copied(), Some(*part) == seed, std::cmp::Reverse(*part));
    parts.into_iter().max_by_key(rank)
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

    fn assign(clusters: &[Vec<RecordId>], current: &Current, aliases: &Aliases) -> Assigned {
        assign_beside(clusters, current, aliases, &BTreeSet::new())
    }

    fn record(n: u128) -> RecordId {
        RecordId(Uuid::from_u128(n))
    }

    fn place(index: usize) -> i64 {
        i64::try_from(index).unwrap()
    }

    fn at(second: i64) -> Timestamp {
        Timestamp::from_timestamp(second, 0).unwrap()
    }

    fn retired(id: CustomerId, since: i64) -> Retired {
        Retired { id, since: at(since) }
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
        let first = assign(&apart, &Current::new(), &Aliases::new());
        let current = stored(&apart, &first.customers, |index| 10 - place(index));
        let merged = assign(&[vec![record(1), record(2)]], &current, &Aliases::new());
        assert_eq!(merged.customers, [first.customers[1]]);
        assert_eq!(merged.retired, [(first.customers[0], first.customers[1])]);
    }

    #[test]
    fn split_gives_each_part_the_id_that_it_had() {
        let apart = [vec![record(1), record(3)], vec![record(2)]];
        let first = assign(&apart, &Current::new(), &Aliases::new());
        let current = stored(&apart, &first.customers, place);
        let merged = assign(&[vec![record(1), record(2), record(3)]], &current, &Aliases::new());
        let all = [vec![record(1), record(2), record(3)]];
        let current = stored(&all, &merged.customers, |_| 0);
        let again = assign(&apart, &current, &Aliases::new());
        assert_eq!(again.customers, first.customers);
        assert_eq!(again.split, [(first.customers[1], first.customers[0])]);
    }

    #[test]
    fn the_record_around_which_a_customer_formed_may_leave_it() {
        let whole = [vec![record(1), record(2), record(3)]];
        let first = assign(&whole, &Current::new(), &Aliases::new());
        let current = stored(&whole, &first.customers, |_| 0);
        let parts = [vec![record(1)], vec![record(2), record(3)]];
        let after = assign(&parts, &current, &Aliases::new());
        assert_eq!(after.customers[1], first.customers[0], "most of its records keep the id");
        assert_eq!(after.customers[0], CustomerId::mint(RecordId(first.customers[0].0)));
        assert_eq!(after.split, [(after.customers[0], first.customers[0])]);
    }

    /// The smaller part has the record around which the customer formed; the larger one had an id of its own.
    #[test]
    fn a_merge_that_is_undone_gives_both_their_ids_back() {
        let apart = [vec![record(1)], vec![record(2), record(3), record(4)]];
        let first = assign(&apart, &Current::new(), &Aliases::new());
        let current = stored(&apart, &first.customers, place);
        let all = [vec![record(1), record(2), record(3), record(4)]];
        let merged = assign(&all, &current, &Aliases::new());
        assert_eq!(merged.retired, [(first.customers[1], first.customers[0])]);
        let current = stored(&all, &merged.customers, |_| 0);
        assert_eq!(torn(&apart, &current), [first.customers[0]]);
        let aliases = Aliases::from([(first.customers[0], vec![retired(first.customers[1], 1)])]);
        assert_eq!(assign(&apart, &current, &aliases).customers, first.customers);
    }

    /// 4 went into 3, both into 2, all into 1; then 1 is taken out again: 2 is as it was, with its two other ids.
    #[test]
    fn retired_ids_go_with_their_record() {
        let apart = [vec![record(1)], vec![record(2)], vec![record(3)], vec![record(4)]];
        let ids = assign(&apart, &Current::new(), &Aliases::new()).customers;
        let all = [vec![record(1), record(2), record(3), record(4)]];
        let current = stored(&all, &ids[..1], |_| 0);
        let aliases = Aliases::from([(ids[0], vec![retired(ids[3], 0), retired(ids[2], 0), retired(ids[1], 0)])]);
        let parts = [vec![record(1)], vec![record(2), record(3), record(4)]];
        let after = assign(&parts, &current, &aliases);
        assert_eq!(after.customers, ids[..2]);
        assert_eq!(after.moved, [(ids[3], ids[1]), (ids[2], ids[1])]);
    }

    /// What the store keeps of ids.
    #[derive(Default)]
    struct Stored {
        folds: i64,
        /// When each was folded first. A retired one keeps it, and has it again when it comes back.
        since: BTreeMap<CustomerId, i64>,
        current: Current,
        /// Retired, survivor, and when it was retired first.
        aliases: Vec<(CustomerId, CustomerId, i64)>,
    }

    impl Stored {
        fn fold(&mut self, clusters: &[Vec<RecordId>]) -> Vec<CustomerId> {
            self.folds += 1;
            self.aliases.sort_by_key(|(retired, _, at)| (*at, *retired));
            let mut aliases = Aliases::new();
            for (id, into, _) in &self.aliases {
                aliases.entry(*into).or_default().push(retired(*id, self.since[id]));
            }
            let assigned = assign(clusters, &self.current, &aliases);
            self.aliases.retain(|(retired, ..)| !assigned.customers.contains(retired));
            for (retired, into) in assigned.retired.iter().chain(&assigned.moved) {
                for alias in &mut self.aliases {
                    if alias.1 == *retired {
                        alias.1 = *into;
                    }
                }
                match self.aliases.iter_mut().find(|alias| alias.0 == *retired) {
                    Some(alias) => alias.1 = *into,
                    None => self.aliases.push((*retired, *into, self.folds)),
                }
            }
            self.current.clear();
            for (cluster, id) in clusters.iter().zip(&assigned.customers) {
                let since = *self.since.entry(*id).or_insert(self.folds);
                self.current.extend(cluster.iter().map(|record| (*record, (*id, at(since)))));
            }
            assigned.customers
        }

        fn resolves(&self, id: CustomerId) -> bool {
            let leads = |id| self.current.values().any(|(customer, _)| *customer == id);
            leads(id) || self.aliases.iter().any(|(retired, into, _)| *retired == id && leads(*into))
        }
    }

    /// The partition with these records joined.
    fn joined(clusters: &[Vec<RecordId>], links: &[(usize, usize)]) -> Vec<Vec<RecordId>> {
        let mut parts = clusters.to_vec();
        let records: Vec<RecordId> = clusters.iter().flatten().copied().collect();
        for (one, other) in links {
            let place = |record: usize| {
                let record = records[record % records.len()];
                parts.iter().position(|part| part.contains(&record)).unwrap()
            };
            let (one, other) = (place(*one).min(place(*other)), place(*one).max(place(*other)));
            if one != other {
                let moved = parts.remove(other);
                parts[one].extend(moved);
                parts[one].sort();
            }
        }
        parts.sort();
        parts
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
            let first = assign(&before, &Current::new(), &Aliases::new());
            let current = stored(&before, &first.customers, place);
            let next = assign(&after, &current, &Aliases::new());
            let unique: BTreeSet<_> = next.customers.iter().collect();
            prop_assert_eq!(unique.len(), after.len());
            for old in &first.customers {
                let has_records_left = after.iter().flatten().any(|r| current.get(r).is_some_and(|(c, _)| c == old));
                let leads_on = next.customers.contains(old) || next.retired.iter().any(|(from, into)| from == old && next.customers.contains(into));
                prop_assert!(leads_on || !has_records_left);
            }
        }

        #[test]
        fn a_merge_that_is_undone_gives_every_part_the_id_that_it_had(before in partition(), groups in proptest::collection::vec(0usize..3, 6)) {
            let first = assign(&before, &Current::new(), &Aliases::new());
            let current = stored(&before, &first.customers, place);
            let mut merged: BTreeMap<usize, Vec<RecordId>> = BTreeMap::new();
            for (cluster, group) in before.iter().zip(&groups) {
                merged.entry(*group).or_default().extend(cluster);
            }
            let mut merged: Vec<Vec<RecordId>> = merged.into_values().collect();
            for cluster in &mut merged {
                cluster.sort();
            }
            let next = assign(&merged, &current, &Aliases::new());
            let mut aliases = Aliases::new();
            for (from, into) in &next.retired {
                let since = place(first.customers.iter().position(|id| id == from).unwrap());
                aliases.entry(*into).or_default().push(retired(*from, since));
            }
            let current = stored(&merged, &next.customers, |_| 0);
            let again = assign(&before, &current, &aliases);
            prop_assert_eq!(&again.customers, &first.customers);
            prop_assert!(again.moved.is_empty() && again.retired.is_empty());
        }

        #[test]
        fn however_records_move_no_id_is_lost_and_none_is_given_twice(
            before in partition(),
            between in proptest::collection::vec(proptest::collection::vec(0usize..6, 12), 1..6),
        ) {
            let records: Vec<RecordId> = { let mut all = before.concat(); all.sort(); all };
            let mut stored = Stored::default();
            let first = stored.fold(&before);
            let mut issued: BTreeSet<CustomerId> = first.iter().copied().collect();
            for groups in &between {
                let mut clusters: BTreeMap<usize, Vec<RecordId>> = BTreeMap::new();
                for (record, group) in records.iter().zip(groups) {
                    clusters.entry(*group).or_default().push(*record);
                }
                let mut clusters: Vec<_> = clusters.into_values().collect();
                clusters.sort();
                let now = stored.fold(&clusters);
                prop_assert_eq!(now.iter().collect::<BTreeSet<_>>().len(), clusters.len());
                issued.extend(now);
                for id in &issued {
                    prop_assert!(stored.resolves(*id), "{id} leads nowhere");
                }
            }
        }

        /// Links between records of a partition, taken back in another order than they were made in: each part has the id
        /// that it had at the beginning, and no id was lost on the way.
        #[test]
        fn links_taken_back_in_any_order_leave_every_part_its_id(
            before in partition(),
            links in proptest::collection::vec((0usize..12, 0usize..12), 1..6),
            shuffle in proptest::collection::vec(any::<u16>(), 6),
        ) {
            let mut stored = Stored::default();
            let first = stored.fold(&before);
            let mut issued: BTreeSet<CustomerId> = first.iter().copied().collect();
            let mut standing: Vec<(usize, usize)> = Vec::new();
            for link in &links {
                standing.push(*link);
                issued.extend(stored.fold(&joined(&before, &standing)));
            }
            for key in &shuffle {
                if !standing.is_empty() {
                    standing.remove(usize::from(*key) % standing.len());
                    issued.extend(stored.fold(&joined(&before, &standing)));
                    for id in &issued {
                        prop_assert!(stored.resolves(*id), "{id} leads nowhere");
                    }
                }
            }
            prop_assert!(standing.is_empty());
            prop_assert_eq!(stored.fold(&before), first);
        }

        #[test]
        fn the_same_partition_again_changes_nothing(clusters in partition()) {
            let first = assign(&clusters, &Current::new(), &Aliases::new());
            let current = stored(&clusters, &first.customers, |_| 0);
            let again = assign(&clusters, &current, &Aliases::new());
            prop_assert_eq!(&again.customers, &first.customers);
            prop_assert!(again.retired.is_empty() && again.split.is_empty());
        }
    }
}
