//! Twice is once: deliveries, folds, and folds at the same moment.

use super::people::{crowd, decide, partition, two_and_one};
use crate::api::hub::*;
use crate::api::story::{history, person};
use crate::harness::{on_both, places};
use crate::store::dump::dump;
use onefold::store::Store;
use std::sync::Arc;
use tokio::task::JoinSet;

/// Without the audit, which also notes who delivered in vain.
fn without_audit(dump: &str) -> String {
    let sections = dump.split("# ").filter(|section| !section.starts_with("audit"));
    sections.collect::<Vec<_>>().join("# ")
}

#[tokio::test]
async fn what_is_delivered_twice_is_applied_once() {
    on_both(|store| async move {
        let hub = Hub::open(&store).await;
        let all = || crowd().into_iter().chain((0..3).flat_map(|n| person(n).into_iter().chain(history(n))));
        hub.push_all(all()).await;
        hub.fold().await;
        let once = dump(&store).await;
        hub.push_all(all()).await;
        hub.fold().await;
        let mut backwards: Vec<_> = all().collect();
        backwards.reverse();
        hub.push_all(backwards).await;
        hub.fold().await;
        assert_eq!(without_audit(&dump(&store).await), without_audit(&once));
    })
    .await;
}

#[tokio::test]
async fn a_fold_over_unchanged_facts_writes_nothing() {
    on_both(|store| async move {
        let hub = Hub::open(&store).await;
        hub.push_all(crowd()).await;
        let first = hub.fold().await;
        assert!(first.changed > 0 && first.relinked > 0);
        let (before, changes) = (dump(&store).await, store.change_list(0, 10_000).await.unwrap());
        let generation = store.fold_generation().await.unwrap();
        let again = hub.fold().await;
        assert_eq!((again.changed, again.relinked, again.customers), (0, 0, first.customers));
        assert_eq!(dump(&store).await, before, "no version rises, nothing is noted");
        assert_eq!(store.change_list(0, 10_000).await.unwrap(), changes);
        assert_eq!(store.fold_generation().await.unwrap(), generation);
    })
    .await;
}

/// Only what a change touches is written.
#[tokio::test]
async fn a_fold_touches_only_what_changed() {
    on_both(|store| async move {
        let hub = Hub::open(&store).await;
        let [one, _, other] = two_and_one(&hub).await;
        let version = |record| {
            let hub = &hub;
            async move {
                let id = hub.customer(record).await;
                hub.customer_doc(&everyone(), id, "version").await["version"].as_i64().unwrap()
            }
        };
        assert_eq!((version(one).await, version(other).await), (1, 1));
        let renamed = super::people::party("Bobby", "K", "bob.k@elsewhere.example");
        hub.push("mailchimp", vec![super::people::customer("1", renamed)]).await;
        let report = hub.fold().await;
        assert_eq!((report.changed, report.relinked), (1, 0));
        assert_eq!((version(one).await, version(other).await), (1, 2));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn folds_at_the_same_moment_end_in_the_same_state() {
    for place in places().await {
        let alone = Store::open(&place.url).await.unwrap();
        let hub = Arc::new(Hub::open(&alone).await);
        hub.push_all(crowd()).await;
        let mut folds = JoinSet::new();
        for _ in 0..4 {
            let hub = Arc::clone(&hub);
            folds.spawn(async move { hub.fold().await.customers });
        }
        let counts: Vec<usize> = folds.join_all().await;
        let after = dump(&alone).await;
        hub.fold().await;
        assert_eq!(dump(&alone).await, after, "nothing is left to do");
        assert!(counts.iter().all(|count| *count == counts[0]), "{counts:?}");

        let fresh = places()
            .await
            .into_iter()
            .find(|fresh| fresh.url.split(':').next() == place.url.split(':').next())
            .unwrap();
        let single = Store::open(&fresh.url).await.unwrap();
        let one = Hub::open(&single).await;
        one.push_all(crowd()).await;
        one.fold().await;
        assert_eq!(dump(&single).await, after, "as if there had been one");
        single.close().await;
        alone.close().await;
    }
}

/// A decision that comes in while a fold goes on is not lost.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn decisions_and_folds_at_the_same_moment_end_as_if_one_after_the_other() {
    for place in places().await {
        let store = Store::open(&place.url).await.unwrap();
        let hub = Arc::new(Hub::open(&store).await);
        let [one, same, other] = two_and_one(&hub).await;
        let mut tasks = JoinSet::new();
        for turn in 0..3 {
            let (hub, store) = (Arc::clone(&hub), store.clone());
            tasks.spawn(async move {
                match turn {
                    0 => drop(decide(&store, "NEVER_LINK", one, same).await),
                    1 => drop(decide(&store, "LINK", same, other).await),
                    _ => drop(hub.fold().await),
                }
                hub.fold().await;
            });
        }
        tasks.join_all().await;
        hub.fold().await;
        let found = partition(&store).await;
        assert_eq!(found, [[one].into(), [same, other].into()].into());
        store.close().await;
    }
}
