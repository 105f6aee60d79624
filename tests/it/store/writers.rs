//! Several writers at once: nothing fails, nothing is lost, and the log is read in order of commit.

use super::fixture::*;
use crate::harness::{on_both, places};
use onefold::store::{Resolution, Store};
use onefold_model::RecordId;
use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use tokio::task::JoinSet;

/// Each writer has a source of its own and writes so many pages of three records, every one of which makes an entry.
fn write_pages(tasks: &mut JoinSet<()>, store: &Store, writers: usize, pages: usize) {
    for writer in 0..writers {
        let store = store.clone();
        tasks.spawn(async move {
            let own = source(&store, &format!("writer-{writer}"), "support").await;
            for number in 0..pages {
                let records = (0..3)
                    .map(|n| {
                        incoming("customers", &format!("{}", (number * 2 + n) % 7), person(&format!("P{number}-{n}")))
                    })
                    .collect();
                deliver(&store, &own, records, time(1)).await;
            }
        });
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reader_that_follows_the_change_log_sees_every_entry_once() {
    on_both(|store| async move {
        let (writers, pages) = (6, 12);
        let done = Arc::new(AtomicBool::new(false));
        let reader = tokio::spawn({
            let (store, done) = (store.clone(), Arc::clone(&done));
            async move {
                let (mut seen, mut after) = (Vec::new(), 0);
                loop {
                    let last = done.load(Ordering::Acquire);
                    let rows = store.change_list(after, 5).await.unwrap();
                    let Some(row) = rows.last() else {
                        if last {
                            return seen;
                        }
                        tokio::task::yield_now().await;
                        continue;
                    };
                    after = row.seq;
                    seen.extend(rows.into_iter().map(|row| row.seq));
                }
            }
        });
        let mut tasks = JoinSet::new();
        write_pages(&mut tasks, &store, writers, pages);
        while let Some(finished) = tasks.join_next().await {
            finished.unwrap();
        }
        done.store(true, Ordering::Release);
        let seen = reader.await.unwrap();

        let rows = store.change_list(0, 10_000).await.unwrap();
        let all: Vec<i64> = rows.into_iter().map(|row| row.seq).collect();
        assert_eq!(all.len(), writers * pages * 3);
        assert_eq!(seen, all, "every entry, once, in order");
    })
    .await;
}

/// An entry of the outbox that is committed late must not be taken away by a fold that has only seen later ones.
#[tokio::test(flavor = "multi_thread")]
async fn no_outbox_entry_is_taken_away_unseen() {
    on_both(|store| async move {
        let (writers, pages) = (6, 12);
        let done = Arc::new(AtomicBool::new(false));
        let folder = tokio::spawn({
            let (store, done) = (store.clone(), Arc::clone(&done));
            async move {
                let mut seen = 0;
                loop {
                    let last = done.load(Ordering::Acquire);
                    let rows = store.outbox_list(10_000).await.unwrap();
                    let Some(row) = rows.last() else {
                        if last {
                            return seen;
                        }
                        tokio::task::yield_now().await;
                        continue;
                    };
                    fold(&store, &Resolution { outbox_up_to: row.seq, ..no_change(time(2)) }).await;
                    seen += rows.len();
                }
            }
        });
        let mut tasks = JoinSet::new();
        write_pages(&mut tasks, &store, writers, pages);
        while let Some(finished) = tasks.join_next().await {
            finished.unwrap();
        }
        done.store(true, Ordering::Release);
        assert_eq!(folder.await.unwrap(), writers * pages * 3);
    })
    .await;
}

/// A webhook and a run, or two runs, may bring the same record at the same moment.
#[tokio::test(flavor = "multi_thread")]
async fn two_deliveries_of_one_record_at_once_are_two_versions() {
    on_both(|store| async move {
        let crm = source(&store, "crm", "support").await;
        let mut tasks = JoinSet::new();
        for writer in 0..8 {
            let (store, crm) = (store.clone(), crm.clone());
            tasks.spawn(async move {
                for n in 0..5 {
                    let records = ["1", "2", "3"]
                        .map(|key| incoming("customers", key, person(&format!("Writer {writer} page {n}"))))
                        .to_vec();
                    deliver(&store, &crm, records, time(1)).await;
                }
            });
        }
        while let Some(finished) = tasks.join_next().await {
            finished.unwrap();
        }
        let ids: BTreeSet<RecordId> = store.party_list().await.unwrap().into_iter().map(|party| party.record).collect();
        assert_eq!(ids.len(), 3);
        assert_eq!(number(&store, "select count(*) from record_version").await, 8 * 5 * 3);
        assert_eq!(number(&store, "select max(version) from record").await, 8 * 5);
        assert_eq!(store.change_list(0, 1000).await.unwrap().len(), 8 * 5 * 3);
    })
    .await;
}

/// Two processes on one SQLite file: the server, and a command of the operator.
#[tokio::test(flavor = "multi_thread")]
async fn two_processes_do_not_lock_each_other_out() {
    for place in places().await {
        let one = Store::open(&place.url).await.unwrap();
        let other = Store::open(&place.url).await.unwrap();
        let mut tasks = JoinSet::new();
        write_pages(&mut tasks, &one, 3, 10);
        for writer in 3..6 {
            let other = other.clone();
            tasks.spawn(async move {
                let own = source(&other, &format!("writer-{writer}"), "support").await;
                for n in 0..10 {
                    deliver(&other, &own, vec![incoming("customers", &n.to_string(), person("Ada"))], time(1)).await;
                    other.change_list(0, 10).await.unwrap();
                }
            });
        }
        while let Some(finished) = tasks.join_next().await {
            finished.unwrap();
        }
        assert_eq!(number(&one, "select count(*) from change").await, 3 * 10 * 3 + 3 * 10);
        other.close().await;
        one.close().await;
    }
}

/// The server and a command may both be the first to see an empty store.
#[tokio::test(flavor = "multi_thread")]
async fn a_fresh_store_may_be_opened_by_several_at_once() {
    for place in places().await {
        let mut tasks = JoinSet::new();
        for n in 0..4 {
            let url = place.url.clone();
            tasks.spawn(async move {
                let store = Store::open(&url).await.unwrap();
                source(&store, &format!("source-{n}"), "support").await;
                store.close().await;
            });
        }
        while let Some(finished) = tasks.join_next().await {
            finished.unwrap();
        }
        let store = Store::open(&place.url).await.unwrap();
        assert_eq!(store.source_list().await.unwrap().len(), 4);
        store.close().await;
    }
}
