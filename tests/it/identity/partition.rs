//! Which records are one customer: a partition, and a function of records and decisions alone.

use super::people::{crowd, customer, decide, partition, party, two_and_one};
use crate::api::hub::{Hub, record_id};
use crate::harness::{on_both, places};
use crate::store::dump::dump;
use crate::store::fixture::number;
use onefold::store::Store;
use onefold_model::RecordId;
use proptest::prelude::*;
use proptest::test_runner::RngSeed;
use std::collections::BTreeSet;

#[tokio::test]
async fn a_record_belongs_to_exactly_one_customer() {
    on_both(|store| async move {
        let hub = Hub::open(&store).await;
        hub.push_all(crowd()).await;
        hub.fold().await;
        let parties = store.party_list().await.unwrap().len();
        let linked: Vec<RecordId> =
            store.link_list().await.unwrap().into_iter().map(|(record, ..)| RecordId(record)).collect();
        assert_eq!((linked.len(), linked.iter().collect::<BTreeSet<_>>().len()), (parties, parties));
        let counted = number(&store, "select cast(sum(record_count) as bigint) from customer").await;
        assert_eq!(usize::try_from(counted).unwrap(), parties);
        let mut tx = store.begin().await.unwrap();
        let twice = "insert into link (record_id, customer_id, model, linked_at)
                     select record_id, customer_id, model, linked_at from link";
        assert!(tx.execute(twice, Vec::new()).await.is_err(), "the database itself refuses a second customer");
    })
    .await;
}

#[tokio::test]
async fn families_and_namesakes_stay_apart_and_spellings_come_together() {
    on_both(|store| async move {
        let hub = Hub::open(&store).await;
        hub.push_all(crowd()).await;
        let report = hub.fold().await;
        let found = partition(&store).await;
        assert_eq!(report.customers, found.len());
        let together = |keys: &[(&str, &str)]| {
            let ids: BTreeSet<RecordId> =
                keys.iter().map(|(source, key)| record_id(source, "customers", key)).collect();
            found.contains(&ids)
        };
        assert!(together(&[("stripe", "s0"), ("zendesk", "z0"), ("mailchimp", "m0")]));
        assert!(together(&[("stripe", "s3"), ("zendesk", "z3")]));
        assert!(together(&[("stripe", "org"), ("mailchimp", "org")]));
        for alone in [("stripe", "h0"), ("zendesk", "h1"), ("mailchimp", "h2"), ("zendesk", "n0"), ("stripe", "n2")] {
            assert!(together(&[alone]), "{alone:?}");
        }
    })
    .await;
}

/// In which order records come, in pieces of which size, and after which pieces they are folded.
#[derive(Debug, Clone)]
struct Arrival {
    order: Vec<usize>,
    sizes: Vec<usize>,
    folds: Vec<bool>,
}

fn arrival() -> impl Strategy<Value = Arrival> {
    let count = crowd().len();
    let order = Just((0..count).collect::<Vec<_>>()).prop_shuffle();
    let sizes = prop::collection::vec(1..8_usize, count);
    (order, sizes, prop::collection::vec(any::<bool>(), count)).prop_map(|(order, sizes, folds)| Arrival {
        order,
        sizes,
        folds,
    })
}

async fn arrive(store: &Store, arrival: &Arrival) -> BTreeSet<BTreeSet<RecordId>> {
    let hub = Hub::open(store).await;
    let all = crowd();
    let (mut sizes, mut folds) = (arrival.sizes.iter().copied(), arrival.folds.iter().copied());
    let mut rest = arrival.order.as_slice();
    while !rest.is_empty() {
        let (piece, later) = rest.split_at(sizes.next().unwrap_or(1).min(rest.len()));
        rest = later;
        for source in ["stripe", "zendesk", "mailchimp"] {
            let own =
                piece.iter().map(|at| &all[*at]).filter(|(of, _)| *of == source).map(|(_, record)| record.clone());
            hub.push(source, own.collect()).await;
        }
        if folds.next().unwrap_or(false) {
            hub.fold().await;
        }
    }
    hub.fold().await;
    partition(store).await
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 5, failure_persistence: None, rng_seed: RngSeed::Fixed(7), ..ProptestConfig::default() })]

    #[test]
    fn the_fold_is_a_pure_function_of_what_arrived(plan in arrival()) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let in_order = Arrival { order: (0..crowd().len()).collect(), sizes: vec![1_000], folds: vec![] };
        runtime.block_on(async {
            for place in places().await {
                let store = Store::open(&place.url).await.unwrap();
                let found = arrive(&store, &plan).await;
                store.close().await;
                let folder = tempfile::tempdir().unwrap();
                let other = Store::open(&format!("sqlite:{}", folder.path().join("other.db").display())).await.unwrap();
                let expected = arrive(&other, &in_order).await;
                other.close().await;
                assert_eq!(found, expected, "{plan:?}");
            }
        });
    }
}

/// With all facts first and one fold, the two databases hold the same rows to the last byte: ids, links, candidates, log.
#[tokio::test]
async fn the_fold_is_a_pure_function() {
    let mut dumps = Vec::new();
    for place in places().await {
        let store = Store::open(&place.url).await.unwrap();
        let hub = Hub::open(&store).await;
        hub.push_all(crowd()).await;
        hub.fold().await;
        dumps.push(dump(&store).await);
        store.close().await;
    }
    assert!(dumps[0].contains("# match_candidate") && !dumps[0].contains("# link (0)"));
    for other in &dumps[1..] {
        for (one, other) in dumps[0].lines().zip(other.lines()) {
            assert_eq!(one, other);
        }
        assert_eq!(dumps[0].lines().count(), other.lines().count());
    }
}

/// What a steward decided holds, whatever arrives later.
#[tokio::test]
async fn decisions_outlive_what_arrives_later() {
    on_both(|store| async move {
        let hub = Hub::open(&store).await;
        let [one, same, other] = two_and_one(&hub).await;
        assert_eq!(hub.customer(one).await, hub.customer(same).await);
        decide(&store, "NEVER_LINK", one, same).await;
        decide(&store, "LINK", same, other).await;
        hub.fold().await;
        let apart = |found: BTreeSet<BTreeSet<RecordId>>| {
            assert!(found.contains(&BTreeSet::from([one])), "{found:?}");
            assert!(found.contains(&BTreeSet::from([same, other])), "{found:?}");
        };
        apart(partition(&store).await);
        hub.push("mailchimp", vec![customer("2", party("Zoe", "Zimmer", "zoe@example.com"))]).await;
        hub.push("stripe", vec![customer("1", party("Robert J.", "Kovač", "robert@example.com"))]).await;
        hub.fold().await;
        apart(partition(&store).await);
    })
    .await;
}
