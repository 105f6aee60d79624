//! Deletions found by absence: exactly what a complete enumeration did not see.

use super::dump::dump;
use super::fixture::*;
use crate::harness::on_both;
use onefold::auth::Scope;
use onefold::store::{Quarantined, SourceRow, Store};
use onefold_model::{RecordKind, StandardRecord, Timestamp};
use serde_json::json;

/// A person whose name has a word that is long enough to be searched for.
fn named(name: &str) -> StandardRecord {
    person(&format!("Named {name}"))
}

async fn enumerate(store: &Store, source: &SourceRow, keys: &[&str], generation: &str, at: Timestamp) {
    let records = keys.iter().map(|key| incoming("customers", key, named(key))).collect();
    let mut seen = page(source, records, at);
    seen.generation = Some(generation);
    commit(store, seen).await;
}

async fn close(store: &Store, source: &SourceRow, generation: &str, at: Timestamp) -> u64 {
    let mut tx = store.begin().await.unwrap();
    let gone = tx.sweep_close(source.id, "customers", generation, None, at).await.unwrap();
    tx.commit().await.unwrap();
    gone
}

/// The names of the parties that are live, in order.
async fn live(store: &Store) -> Vec<String> {
    let parties = store.party_list().await.unwrap();
    let live = parties.into_iter().filter(|party| !party.deleted).filter_map(|party| party.party.display_name);
    let mut names: Vec<String> = live.map(|name| name.replace("Named ", "")).collect();
    names.sort();
    names
}

#[tokio::test]
async fn closing_a_sweep_deletes_exactly_the_unseen() {
    on_both(|store| async move {
        let crm = source(&store, "crm", "billing").await;
        let other = source(&store, "other", "billing").await;
        deliver(&store, &other, vec![incoming("customers", "o", named("o"))], time(0)).await;
        deliver(&store, &crm, vec![incoming("leads", "l", named("l"))], time(0)).await;
        deliver(&store, &crm, vec![incoming("invoices", "i", invoice("INV-1", "a", None))], time(0)).await;
        enumerate(&store, &crm, &["a", "b", "c", "d"], "g1", time(1)).await;
        assert_eq!(close(&store, &crm, "g1", time(2)).await, 0);
        let changes = store.change_list(0, 100).await.unwrap().len();

        enumerate(&store, &crm, &["a"], "g2", time(3)).await;
        enumerate(&store, &crm, &["c", "e"], "g2", time(4)).await;
        let mut tx = store.begin().await.unwrap();
        assert_eq!(tx.sweep_missing(crm.id, "customers", "g2").await.unwrap(), (2, 5), "the unseen, and all");
        drop(tx);
        assert_eq!(close(&store, &crm, "g2", time(5)).await, 2);

        assert_eq!(live(&store).await, ["a", "c", "e", "l", "o"], "other streams and sources are left alone");
        let gone = id(&crm, "customers", "b");
        let row = store.record_get(&Scope::system("test"), &[gone]).await.unwrap().remove(0);
        assert_eq!((row.version, row.deleted_at, row.kind), (2, Some(time(5)), RecordKind::Party));
        let log = store.change_list(0, 100).await.unwrap();
        let told: Vec<(&str, String)> =
            log[changes + 1..].iter().map(|row| (row.kind.as_str(), row.node.to_string())).collect();
        let mut expected = [id(&crm, "customers", "b").to_string(), id(&crm, "customers", "d").to_string()];
        expected.sort();
        assert_eq!(told, expected.map(|node| ("RECORD_DELETED", node)));
        let waiting: Vec<_> = store.outbox_list(100).await.unwrap().iter().map(|row| row.record).collect();
        assert_eq!(waiting.iter().filter(|record| **record == gone).count(), 2, "identity is told of both");
        let terms = number(
            &store,
            "select count(*) from term t join record r on r.record_id = t.record_id
                                    where r.deleted_at is not null",
        );
        assert_eq!(terms.await, 0, "what is gone is not found");
        assert!(number(&store, "select count(*) from term").await > 0, "what is live is");
    })
    .await;
}

#[tokio::test]
async fn closing_a_sweep_twice_is_the_same_as_once() {
    on_both(|store| async move {
        let crm = source(&store, "crm", "support").await;
        enumerate(&store, &crm, &["a", "b"], "g1", time(1)).await;
        close(&store, &crm, "g1", time(2)).await;
        enumerate(&store, &crm, &["a"], "g2", time(3)).await;
        assert_eq!(close(&store, &crm, "g2", time(4)).await, 1);
        let before = dump(&store).await;

        assert_eq!(close(&store, &crm, "g2", time(5)).await, 0);

        assert_eq!(dump(&store).await, before);
        assert_eq!(live(&store).await, ["a"]);
    })
    .await;
}

#[tokio::test]
async fn an_unfinished_generation_deletes_nothing() {
    on_both(|store| async move {
        let crm = source(&store, "crm", "support").await;
        deliver(&store, &crm, ["a", "b", "c"].map(|k| incoming("customers", k, named(k))).to_vec(), time(1)).await;
        enumerate(&store, &crm, &["a"], "g1", time(2)).await;
        assert_eq!(live(&store).await, ["a", "b", "c"]);

        enumerate(&store, &crm, &["b", "c"], "g2", time(3)).await;
        assert_eq!(close(&store, &crm, "g2", time(4)).await, 1);
        assert_eq!(live(&store).await, ["b", "c"], "what only the unfinished one saw is not seen");
        assert_eq!(number(&store, "select count(*) from sweep_seen").await, 0, "and its marks are gone");
    })
    .await;
}

#[tokio::test]
async fn a_swept_record_that_comes_back_is_live_again() {
    on_both(|store| async move {
        let crm = source(&store, "crm", "support").await;
        enumerate(&store, &crm, &["a", "b"], "g1", time(1)).await;
        enumerate(&store, &crm, &["a"], "g2", time(2)).await;
        close(&store, &crm, "g2", time(3)).await;
        enumerate(&store, &crm, &["a", "b"], "g3", time(4)).await;
        assert_eq!(close(&store, &crm, "g3", time(5)).await, 0);
        assert_eq!(live(&store).await, ["a", "b"]);
    })
    .await;
}

/// The source has it; only its newest form does not fit.
#[tokio::test]
async fn a_quarantined_payload_counts_as_seen() {
    on_both(|store| async move {
        let crm = source(&store, "crm", "support").await;
        enumerate(&store, &crm, &["a", "b"], "g1", time(1)).await;
        close(&store, &crm, "g1", time(2)).await;
        let mut refused = page(&crm, vec![incoming("customers", "a", named("a"))], time(3));
        refused.generation = Some("g2");
        refused.quarantined = vec![Quarantined {
            stream: "customers".to_owned(),
            external_id: Some("b".to_owned()),
            code: "NOT_A_DATE".to_owned(),
            path: None,
            place: None,
            message: "birthDate is not a date".to_owned(),
            raw: json!({"id": "b"}),
        }];
        commit(&store, refused).await;
        assert_eq!(close(&store, &crm, "g2", time(4)).await, 0);
        assert_eq!(live(&store).await, ["a", "b"]);
    })
    .await;
}

/// A page of one stream may carry records of another; that is no enumeration of the other.
#[tokio::test]
async fn a_stream_that_was_not_enumerated_is_not_swept() {
    on_both(|store| async move {
        let crm = source(&store, "crm", "support").await;
        deliver(&store, &crm, vec![incoming("leads", "k", named("k"))], time(0)).await;
        let mut mixed =
            page(&crm, vec![incoming("leads", "l", named("l")), incoming("customers", "a", named("a"))], time(1));
        mixed.generation = Some("g1");
        commit(&store, mixed).await;
        let mut tx = store.begin().await.unwrap();
        assert_eq!(tx.sweep_missing(crm.id, "leads", "g1").await.unwrap(), (0, 2));
        assert_eq!(tx.sweep_close(crm.id, "leads", "g1", None, time(2)).await.unwrap(), 0);
        tx.commit().await.unwrap();
        assert_eq!(live(&store).await, ["a", "k", "l"]);
    })
    .await;
}

#[tokio::test]
async fn an_enumeration_that_found_nothing_deletes_everything() {
    on_both(|store| async move {
        let crm = source(&store, "crm", "support").await;
        enumerate(&store, &crm, &["a", "b"], "g1", time(1)).await;
        close(&store, &crm, "g1", time(2)).await;
        enumerate(&store, &crm, &[], "g2", time(3)).await;
        let mut tx = store.begin().await.unwrap();
        assert_eq!(tx.sweep_missing(crm.id, "customers", "g2").await.unwrap(), (2, 2), "which a caller may doubt");
        drop(tx);
        assert_eq!(close(&store, &crm, "g2", time(4)).await, 2);
        assert!(live(&store).await.is_empty());
    })
    .await;
}

/// A webhook may tell of a record when the enumeration is already past its place.
#[tokio::test]
async fn what_arrived_while_the_enumeration_went_on_is_not_gone() {
    on_both(|store| async move {
        let crm = source(&store, "crm", "support").await;
        deliver(&store, &crm, ["a", "b"].map(|k| incoming("customers", k, named(k))).to_vec(), time(1)).await;
        enumerate(&store, &crm, &["a"], "g1", time(2)).await;
        deliver(&store, &crm, vec![incoming("customers", "new", named("new"))], time(3)).await;
        enumerate(&store, &crm, &["c"], "g1", time(4)).await;
        let mut tx = store.begin().await.unwrap();
        assert_eq!(tx.sweep_missing(crm.id, "customers", "g1").await.unwrap(), (1, 4));
        drop(tx);
        assert_eq!(close(&store, &crm, "g1", time(5)).await, 1);
        assert_eq!(live(&store).await, ["a", "c", "new"]);
    })
    .await;
}
