//! Newer over older, and the same result however the deliveries are cut into pages.

use super::fixture::*;
use crate::harness::on_both;
use onefold::args;
use onefold::store::{IncomingRecord, SourceRow, Store};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use tokio::runtime::Handle;
use tokio::task::block_in_place;

fn versioned(key: &str, name: &str, source_version: Option<i64>) -> IncomingRecord {
    IncomingRecord { source_version: source_version.map(time), ..incoming("customers", key, person(name)) }
}

async fn name(store: &Store, source: &SourceRow, key: &str) -> String {
    let wanted = id(source, "customers", key);
    let parties = store.party_list().await.unwrap();
    parties.into_iter().find(|party| party.record == wanted).unwrap().party.display_name.unwrap()
}

#[tokio::test]
async fn an_older_copy_never_replaces_a_newer_one() {
    on_both(|store| async move {
        let crm = source(&store, "crm", "support").await;
        deliver(&store, &crm, vec![versioned("1", "New", Some(20))], time(1)).await;
        let outcome = deliver(&store, &crm, vec![versioned("1", "Old", Some(10))], time(2)).await;
        assert_eq!(outcome.unchanged, 1);
        assert_eq!(name(&store, &crm, "1").await, "New");
        assert_eq!(store.change_list(0, 10).await.unwrap().len(), 1);

        deliver(&store, &crm, vec![versioned("1", "Equal", Some(20))], time(3)).await;
        assert_eq!(name(&store, &crm, "1").await, "Equal", "as new as what is stored: the later delivery counts");
        deliver(&store, &crm, vec![versioned("1", "Unknown", None)], time(4)).await;
        assert_eq!(name(&store, &crm, "1").await, "Unknown", "without a version the later delivery counts");
        deliver(&store, &crm, vec![versioned("1", "Old", Some(10))], time(5)).await;
        assert_eq!(name(&store, &crm, "1").await, "Unknown", "a version that was seen is not forgotten");
    })
    .await;
}

#[tokio::test]
async fn a_newer_copy_of_the_same_content_is_remembered_as_newer() {
    on_both(|store| async move {
        let crm = source(&store, "crm", "support").await;
        deliver(&store, &crm, vec![versioned("1", "Same", Some(10))], time(1)).await;
        let outcome = deliver(&store, &crm, vec![versioned("1", "Same", Some(30))], time(2)).await;
        assert_eq!(outcome.unchanged, 1);
        deliver(&store, &crm, vec![versioned("1", "Between", Some(20))], time(3)).await;
        assert_eq!(name(&store, &crm, "1").await, "Same");
        assert_eq!(number(&store, "select count(*) from record_version").await, 1);
    })
    .await;
}

#[tokio::test]
async fn of_a_key_that_comes_twice_in_a_page_the_newer_counts() {
    on_both(|store| async move {
        let crm = source(&store, "crm", "support").await;
        let records = vec![
            versioned("newer-last", "A", Some(1)),
            versioned("newer-last", "B", Some(2)),
            versioned("newer-first", "B", Some(2)),
            versioned("newer-first", "A", Some(1)),
            versioned("equal", "A", Some(1)),
            versioned("equal", "B", Some(1)),
            versioned("without", "A", None),
            versioned("without", "B", None),
            versioned("last-without", "A", Some(1)),
            versioned("last-without", "B", None),
        ];
        let outcome = deliver(&store, &crm, records, time(1)).await;
        assert_eq!((outcome.created, outcome.unchanged), (5, 5));
        for key in ["newer-last", "newer-first", "equal", "without", "last-without"] {
            assert_eq!(name(&store, &crm, key).await, "B", "{key}");
        }
        assert_eq!(number(&store, "select count(*) from record_version").await, 5);
    })
    .await;
}

/// A feed often tells the change and the deletion in one page, and the deletion without a version.
#[tokio::test]
async fn a_deletion_after_a_change_in_the_same_page_deletes() {
    on_both(|store| async move {
        let crm = source(&store, "crm", "support").await;
        deliver(&store, &crm, vec![versioned("known", "Ada", Some(1))], time(1)).await;
        let records = vec![
            versioned("known", "Ada Lovelace", Some(2)),
            deletion("customers", "known"),
            versioned("new", "Bo", Some(1)),
            deletion("customers", "new"),
        ];
        deliver(&store, &crm, records, time(2)).await;
        let parties = store.party_list().await.unwrap();
        assert_eq!(parties.len(), 2, "a record that came and went is still a fact");
        assert!(parties.iter().all(|party| party.deleted));
        assert_eq!(name(&store, &crm, "known").await, "Ada Lovelace", "the meaning is that of the last delivery");
        assert_eq!(name(&store, &crm, "new").await, "Bo");
    })
    .await;
}

/// One delivery of one of two records: which, its name, its version, and whether it is a deletion by key.
type Delivery = (bool, u8, Option<u8>, bool);

fn delivered(source_key: &str, (second, name, version, gone): Delivery) -> IncomingRecord {
    let key = format!("{source_key}-{second}");
    let record =
        if gone { deletion("customers", &key) } else { incoming("customers", &key, person(&format!("N{name}"))) };
    IncomingRecord { source_version: version.map(|n| time(n.into())), ..record }
}

/// What stands at the end: name, deleted, version of the source.
async fn state(store: &Store, source: &SourceRow) -> Vec<(String, bool, Option<i64>)> {
    let sql = "select v.mapped, r.deleted_at is not null, r.source_version
               from record r join record_version v on v.record_id = r.record_id and v.version = r.version
               where r.source_id = $1
               order by r.external_id";
    let rows = store.fetch(sql, args![source.id.0]).await.unwrap();
    rows.iter()
        .map(|row| {
            let version = row.opt_time(2).unwrap().map(|at| at.timestamp());
            (row.text(0).unwrap(), row.bool(1).unwrap(), version)
        })
        .collect()
}

/// Each record comes live once before anything else, because a deletion of what is unknown says nothing.
#[tokio::test(flavor = "multi_thread")]
async fn one_page_or_many_lead_to_the_same_records() {
    on_both(|store| async move {
        let sources = std::cell::Cell::new(0);
        let delivery = (any::<bool>(), 0..3_u8, prop::option::of(0..4_u8), prop::bool::weighted(0.3));
        let strategy = (prop::collection::vec(delivery, 1..7), any::<bool>());
        let mut runner = TestRunner::new(Config { cases: 60, failure_persistence: None, ..Config::default() });
        let result = runner.run(&strategy, |(mut deliveries, known)| {
            deliveries.splice(0..0, [(false, 9, None, false), (true, 9, None, false)]);
            let first_page = if known { 2 } else { 0 };
            sources.set(sources.get() + 1);
            let n = sources.get();
            let (one, many) = block_in_place(|| {
                Handle::current().block_on(async {
                    let one = source(&store, &format!("one-{n}"), "support").await;
                    let many = source(&store, &format!("many-{n}"), "support").await;
                    let all: Vec<IncomingRecord> = deliveries.iter().map(|d| delivered("k", *d)).collect();
                    for record in all.clone() {
                        deliver(&store, &many, vec![record], time(1)).await;
                    }
                    let (first, rest) = all.split_at(first_page);
                    deliver(&store, &one, first.to_vec(), time(1)).await;
                    deliver(&store, &one, rest.to_vec(), time(1)).await;
                    (state(&store, &one).await, state(&store, &many).await)
                })
            });
            prop_assert_eq!(one, many);
            Ok(())
        });
        result.unwrap();
    })
    .await;
}
