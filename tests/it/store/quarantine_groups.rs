//! What does not fit by its cause, and causes that somebody decided not to take.

use super::fixture::*;
use crate::harness::on_both;
use onefold::store::{
    PageAsk, QuarantineCause, QuarantineDiscard, QuarantineFilter, QuarantineGroup, Quarantined, SourceRow, Store,
    Undone,
};
use onefold_model::{QuarantineDiscardId, Timestamp};
use serde_json::json;
use uuid::Uuid;

fn misfit(key: &str, code: &str, path: Option<&str>) -> Quarantined {
    Quarantined {
        stream: "customers".to_owned(),
        external_id: Some(key.to_owned()),
        code: code.to_owned(),
        path: path.map(str::to_owned),
        place: None,
        message: "a field does not read".to_owned(),
        raw: json!({"id": key}),
    }
}

async fn refuse(store: &Store, source: &SourceRow, items: Vec<Quarantined>, at: Timestamp) {
    let mut refused = page(source, Vec::new(), at);
    refused.quarantined = items;
    commit(store, refused).await;
}

pub(super) fn cause(code: &str, path: Option<&str>) -> QuarantineCause {
    QuarantineCause { stream: "customers".to_owned(), code: code.to_owned(), path: path.map(str::to_owned) }
}

/// The causes with how many payloads and deliveries they have.
async fn told(store: &Store, source: &SourceRow) -> Vec<(QuarantineCause, i64, i64)> {
    let groups = store.quarantine_groups(&[source.id]).await.unwrap();
    groups.into_iter().map(|group| (group.cause, group.payloads, group.deliveries)).collect()
}

pub(super) fn discard(source: &SourceRow, n: u128, of: QuarantineCause, up_to: Timestamp) -> QuarantineDiscard {
    QuarantineDiscard {
        id: QuarantineDiscardId(Uuid::from_u128(n)),
        source: source.id,
        cause: of,
        up_to,
        payloads: 0,
        actor: "ann".to_owned(),
        reason: "test data".to_owned(),
        request: format!("request {n}"),
        made_at: time(50),
        undone: None,
    }
}

pub(super) async fn decide(store: &Store, decision: &QuarantineDiscard) -> u64 {
    let mut tx = store.begin().await.unwrap();
    tx.quarantine_lock(decision.source).await.unwrap();
    let taken = tx.quarantine_discard(decision).await.unwrap();
    tx.commit().await.unwrap();
    taken
}

async fn undo(store: &Store, id: QuarantineDiscardId) -> Option<u64> {
    let mut tx = store.begin().await.unwrap();
    let undone = Undone { at: time(60), by: "bob".to_owned(), reason: "it was real".to_owned() };
    let back = tx.quarantine_discard_undo(id, &undone).await.unwrap();
    tx.commit().await.unwrap();
    back
}

#[tokio::test]
async fn what_fails_for_one_reason_is_one_group() {
    on_both(|store| async move {
        let crm = source(&store, "crm", "support").await;
        let shop = source(&store, "shop", "billing").await;
        refuse(&store, &crm, vec![misfit("1", "DATE", Some("born")), misfit("2", "DATE", Some("born"))], time(1)).await;
        refuse(&store, &crm, vec![misfit("2", "DATE", Some("born")), misfit("3", "DATE", Some("due"))], time(2)).await;
        refuse(&store, &crm, vec![misfit("4", "DATE", None), misfit("5", "KEY", None)], time(3)).await;
        refuse(&store, &shop, vec![misfit("1", "DATE", Some("born"))], time(4)).await;
        deliver(&store, &crm, vec![incoming("customers", "5", person("Ada"))], time(5)).await;

        let groups = store.quarantine_groups(&[crm.id]).await.unwrap();
        let first = &groups[0];
        let waiting = store.quarantine_rows(&[first.example]).await.unwrap();
        assert_eq!(waiting[0].item.external_id.as_deref(), Some("2"), "the one that was last seen");
        let expected = QuarantineGroup {
            source: crm.id,
            cause: cause("DATE", Some("born")),
            payloads: 2,
            deliveries: 3,
            first_seen_at: time(1),
            last_seen_at: time(2),
            example: first.example,
        };
        assert_eq!(*first, expected);
        let others: Vec<_> = groups[1..].iter().map(|group| (group.cause.clone(), group.payloads)).collect();
        assert_eq!(others, [(cause("DATE", None), 1), (cause("DATE", Some("due")), 1)], "last seen first");
        assert_eq!(store.quarantine_groups(&[shop.id, crm.id]).await.unwrap().len(), 4, "each source by itself");

        let waiting = async |cause: Option<QuarantineCause>| {
            store.quarantine_waiting(crm.id, cause.as_ref()).await.unwrap().len()
        };
        assert_eq!(waiting(None).await, 4);
        assert_eq!(waiting(Some(cause("DATE", Some("born")))).await, 2);
        assert_eq!(waiting(Some(cause("DATE", None))).await, 1, "no field is a cause of its own");
    })
    .await;
}

#[tokio::test]
async fn what_is_discarded_waits_no_more_and_waits_again_when_that_is_taken_back() {
    on_both(|store| async move {
        let crm = source(&store, "crm", "support").await;
        let of = cause("DATE", Some("born"));
        refuse(&store, &crm, vec![misfit("1", "DATE", Some("born")), misfit("9", "DATE", None)], time(1)).await;
        refuse(&store, &crm, vec![misfit("2", "DATE", Some("born"))], time(2)).await;
        let before = told(&store, &crm).await;

        let decision = discard(&crm, 1, of.clone(), time(1));
        assert_eq!(decide(&store, &decision).await, 1, "not what came after whoever decided had looked");
        assert_eq!(told(&store, &crm).await, [(of.clone(), 1, 1), (cause("DATE", None), 1, 1)]);
        let filter = QuarantineFilter { sources: vec![crm.id], code: None, include_resolved: false };
        assert_eq!(store.quarantine_count(&filter).await.unwrap(), 2);
        let all = QuarantineFilter { include_resolved: true, ..filter };
        let kept = store.quarantine_list(&all, &PageAsk::Forward { count: 50, after: None }).await.unwrap();
        let discarded: Vec<_> = kept.rows.iter().filter_map(|(_, row)| row.discarded).collect();
        assert_eq!((kept.rows.len(), discarded), (3, vec![decision.id]), "it is kept, whole");
        let listed = store.quarantine_discards(&[crm.id], &PageAsk::Forward { count: 5, after: None }).await.unwrap();
        assert_eq!(listed.rows[0].1, QuarantineDiscard { payloads: 1, ..decision.clone() });

        assert_eq!(undo(&store, decision.id).await, Some(1));
        assert_eq!(told(&store, &crm).await, before);
        assert_eq!(undo(&store, decision.id).await, None, "the first time counts");
        let row = store.quarantine_discard_get(decision.id).await.unwrap().unwrap();
        assert_eq!(row.undone.map(|undone| (undone.by, undone.at)), Some(("bob".to_owned(), time(60))));
    })
    .await;
}

#[tokio::test]
async fn what_is_delivered_again_after_a_discard_is_judged_anew() {
    on_both(|store| async move {
        let crm = source(&store, "crm", "support").await;
        let of = cause("DATE", Some("born"));
        let items = || ["1", "2"].map(|key| misfit(key, "DATE", Some("born"))).to_vec();
        refuse(&store, &crm, items(), time(1)).await;
        let decision = discard(&crm, 1, of.clone(), time(1));
        assert_eq!(decide(&store, &decision).await, 2);

        refuse(&store, &crm, vec![misfit("1", "DATE", Some("born"))], time(2)).await;
        assert_eq!(told(&store, &crm).await, [(of.clone(), 1, 2)], "it does not fit and waits");
        deliver(&store, &crm, vec![incoming("customers", "2", person("Ada"))], time(3)).await;
        assert_eq!(undo(&store, decision.id).await, Some(1), "the other has come since");
        assert_eq!(told(&store, &crm).await, [(of, 1, 2)], "what fits by now does not wait");
    })
    .await;
}

#[tokio::test]
async fn what_came_meanwhile_is_not_tried_from_what_was_read_before() {
    on_both(|store| async move {
        let crm = source(&store, "crm", "support").await;
        refuse(&store, &crm, ["1", "2", "3", "4"].map(|key| misfit(key, "DATE", Some(key))).to_vec(), time(1)).await;
        let ids = store.quarantine_waiting(crm.id, None).await.unwrap();
        let rows = store.quarantine_rows(&ids).await.unwrap();
        refuse(&store, &crm, vec![misfit("1", "DATE", Some("1"))], time(2)).await;
        deliver(&store, &crm, vec![incoming("customers", "2", person("Ada"))], time(3)).await;
        decide(&store, &discard(&crm, 1, cause("DATE", Some("3")), time(9))).await;

        let mut tx = store.begin().await.unwrap();
        let unmoved = tx.quarantine_unmoved(&rows).await.unwrap();
        drop(tx);
        let keys = rows.iter().filter(|row| unmoved.contains(&row.id)).map(|row| row.item.external_id.clone());
        assert_eq!(keys.collect::<Vec<_>>(), [Some("4".to_owned())]);
    })
    .await;
}
