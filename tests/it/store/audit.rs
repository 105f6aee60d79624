//! The audit is a chain: nothing is lost by many writers, nothing is changed in silence.

use super::fixture::{deliver, number, person, source, time};
use crate::harness::{on_both, places};
use crate::store::fixture::{customer, incoming};
use onefold::args;
use onefold::store::{AuditEntry, AuditFault, AuditFilter, AuditHead, AuditVerdict, Dialect, PageAsk, Store};

fn entry(actor: &str, action: &'static str, target: &str) -> AuditEntry {
    AuditEntry { at: time(1), actor: actor.to_owned(), action, target: target.to_owned(), detail: None }
}

/// Writes so many entries, each in a transaction of its own.
async fn write(store: &Store, count: usize) {
    for n in 1..=count {
        let mut tx = store.begin().await.unwrap();
        tx.audit_append_about(&entry("ann", "customer.read", &format!("c{n}")), &[customer(n as u128)]).await.unwrap();
        tx.commit().await.unwrap();
    }
}

async fn verify(store: &Store, exported: Option<AuditHead>) -> AuditVerdict {
    store.audit_verify(exported, |_, _| {}).await.unwrap()
}

/// What somebody with the rights of the database's owner does behind the program's back.
async fn tamper(store: &Store, statements: &[&str]) {
    let triggers = [
        ("audit_follows", "audit"),
        ("audit_refuses_update", "audit"),
        ("audit_refuses_delete", "audit"),
        ("audit_subject_refuses_update", "audit_subject"),
        ("audit_subject_refuses_delete", "audit_subject"),
        ("audit_head_only_rises", "audit_head"),
    ];
    let mut tx = store.begin().await.unwrap();
    for (trigger, table) in triggers {
        let of = if store.dialect() == Dialect::Postgres { format!(" on {table}") } else { String::new() };
        tx.execute(format!("drop trigger if exists {trigger}{of}"), args![]).await.unwrap();
    }
    for sql in statements {
        assert!(tx.execute(*sql, args![]).await.unwrap() > 0, "{sql}");
    }
    tx.commit().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_writers_at_once_make_one_chain_without_gaps() {
    on_both(|store| async move {
        let row = source(&store, "stripe", "billing").await;
        let writers = (0..8).map(|writer: i64| {
            let (store, row) = (store.clone(), row.clone());
            tokio::spawn(async move {
                for turn in 0..10 {
                    let mut tx = store.begin().await.unwrap();
                    // Entries come before and after the locks of a source and of the change log.
                    tx.audit_append(&entry(&format!("writer {writer}"), "records.ingest", "stripe")).await.unwrap();
                    let one = incoming("customers", &format!("{writer}-{turn}"), person("Ann"));
                    tx.page_commit(super::fixture::page(&row, vec![one], time(turn))).await.unwrap();
                    tx.audit_append(&entry(&format!("writer {writer}"), "records.done", "stripe")).await.unwrap();
                    if turn % 3 == 0 {
                        drop(tx);
                    } else {
                        tx.commit().await.unwrap();
                    }
                }
            })
        });
        for writer in writers.collect::<Vec<_>>() {
            writer.await.unwrap();
        }
        let verdict = verify(&store, None).await;
        assert_eq!((verdict.entries, verdict.head.seq, verdict.faults), (96, 96, vec![]));
        assert_eq!(number(&store, "select max(seq) from audit").await, 96, "what was rolled back leaves no gap");
    })
    .await;
}

#[tokio::test]
async fn an_entry_is_never_changed_or_removed() {
    on_both(|store| async move {
        write(&store, 2).await;
        for sql in [
            "update audit set actor = 'bob' where seq = 1",
            "update audit set detail = 'x'",
            "delete from audit where seq = 2",
            "delete from audit",
            "update audit_subject set seq = 1",
            "delete from audit_subject",
            "update audit_head set seq = 1",
            "delete from audit_head",
            "insert into audit select seq + 5, at, actor, action, target, detail, previous, hash from audit where seq = 2",
        ] {
            let mut tx = store.begin().await.unwrap();
            let refused = tx.execute(sql, args![]).await.unwrap_err();
            let cause = std::error::Error::source(&refused).unwrap().to_string();
            assert!(cause.contains("audit"), "{sql}: {cause}");
        }
        if store.dialect() == Dialect::Postgres {
            for table in ["audit cascade", "audit_subject", "audit_head"] {
                let mut tx = store.begin().await.unwrap();
                assert!(tx.execute(format!("truncate {table}"), args![]).await.is_err(), "{table}");
            }
        } else {
            let mut tx = store.begin().await.unwrap();
            let sql = "insert or replace into audit select * from audit where seq = 1";
            assert!(tx.execute(sql, args![]).await.is_err());
        }
        assert_eq!(verify(&store, None).await.faults, []);
    })
    .await;
}

#[tokio::test]
async fn verify_names_what_was_changed_removed_inserted_or_reordered() {
    let cases: [(&[&str], &[AuditFault]); 12] = [
        (&["update audit set actor = 'bob' where seq = 4"], &[AuditFault::Changed(4)]),
        (&["update audit set detail = '' where seq = 4"], &[AuditFault::Changed(4)]),
        (
            &[
                "update audit_subject set customer_id = (select customer_id from audit_subject where seq = 1) where seq = 4",
            ],
            &[AuditFault::Changed(4)],
        ),
        (&["delete from audit_subject where seq = 4"], &[AuditFault::Changed(4)]),
        (&["delete from audit_subject where seq = 4", "delete from audit where seq = 4"], &[AuditFault::Removed(4, 4)]),
        (
            &["delete from audit_subject where seq in (1, 2)", "delete from audit where seq in (1, 2)"],
            &[AuditFault::Removed(1, 2)],
        ),
        (
            &["delete from audit_subject where seq >= 6", "delete from audit where seq >= 6"],
            &[AuditFault::Removed(6, 7)],
        ),
        // The numbers are made to fit.
        (
            &[
                "delete from audit_subject where seq in (4, 7)",
                "delete from audit where seq = 4",
                "insert into audit select 4, at, actor, action, target, detail, previous, hash from audit where seq = 7",
                "delete from audit where seq = 7",
            ],
            &[AuditFault::Misplaced(4), AuditFault::Changed(4), AuditFault::Misplaced(5), AuditFault::Removed(7, 7)],
        ),
        // Two entries change places, their customers with them.
        (
            &[
                "update audit set detail = 'moved' where seq in (2, 3)",
                "update audit set target = case when seq = 2 then 'c3' else 'c2' end, detail = null where seq in (2, 3)",
            ],
            &[AuditFault::Changed(2), AuditFault::Changed(3)],
        ),
        (
            &["insert into audit select 8, at, actor, action, target, detail, previous, hash from audit where seq = 7"],
            &[AuditFault::BeyondHead(8)],
        ),
        (&["update audit_head set hash = (select hash from audit where seq = 1)"], &[AuditFault::OtherHead(7)]),
        (&["update audit set hash = previous where seq = 7"], &[AuditFault::Changed(7), AuditFault::OtherHead(7)]),
    ];
    for place in places().await {
        for (statements, faults) in &cases {
            let store = fresh(&place.url).await;
            write(&store, 7).await;
            tamper(&store, statements).await;
            assert_eq!(verify(&store, None).await.faults, *faults, "{statements:?}");
            store.close().await;
        }
    }
}

/// The chain of a store without entries: what an earlier case left is thrown away with its tables.
async fn fresh(url: &str) -> Store {
    let store = Store::open(url).await.unwrap();
    let mut tx = store.begin().await.unwrap();
    for table in ["audit_subject", "audit_head", "audit", "audit_unchained", "erased", "erasure"] {
        tx.execute(format!("drop table {table}"), args![]).await.unwrap();
    }
    if store.dialect() == Dialect::Postgres {
        for function in ["audit_check_order", "audit_refuse"] {
            tx.execute(format!("drop function {function}"), args![]).await.unwrap();
        }
    }
    let table = match store.dialect() {
        Dialect::Sqlite => {
            "create table audit (seq integer primary key, at integer not null, actor text not null,
            action text not null, target text not null, detail text) strict"
        }
        Dialect::Postgres => {
            "create table audit (seq bigint generated by default as identity primary key,
            at timestamptz not null, actor text not null, action text not null, target text not null, detail text)"
        }
    };
    tx.execute(table, args![]).await.unwrap();
    tx.execute("create index audit_by_action on audit (action, seq)", args![]).await.unwrap();
    tx.execute("delete from _sqlx_migrations where version = 10", args![]).await.unwrap();
    tx.commit().await.unwrap();
    store.close().await;
    Store::open(url).await.unwrap()
}

#[tokio::test]
async fn entries_from_before_the_chain_are_chained_at_the_first_start() {
    for place in places().await {
        let store = fresh(&place.url).await;
        write(&store, 1).await;
        // More than one piece, with gaps as PostgreSQL leaves them.
        let mut tx = store.begin().await.unwrap();
        for n in 0..1_200_i64 {
            tx.execute(
                "insert into audit_unchained (seq, at, actor, action, target, detail) values ($1, $2, $3, $4, $5, $6)",
                args![n * 3 + 1, time(n), format!("actor {n}"), "sync.start", "stripe", None::<String>],
            )
            .await
            .unwrap();
        }
        tx.commit().await.unwrap();
        store.close().await;
        let store = Store::open(&place.url).await.unwrap();
        let verdict = verify(&store, None).await;
        assert_eq!((verdict.entries, verdict.faults), (1_201, vec![]));
        assert_eq!(number(&store, "select count(*) from audit_unchained").await, 0);
        let last =
            store.audit_list(&AuditFilter::default(), &PageAsk::Forward { count: 1, after: None }).await.unwrap();
        assert_eq!((last.rows[0].1.actor.as_str(), last.rows[0].1.at), ("actor 1199", time(1_199)));
        store.close().await;
    }
}

#[tokio::test]
async fn an_exported_head_finds_a_chain_that_was_written_anew() {
    on_both(|store| async move {
        assert_eq!(verify(&store, Some(store.audit_head().await.unwrap())).await.faults, [], "an empty chain");
        write(&store, 3).await;
        let exported = store.audit_head().await.unwrap();
        write(&store, 3).await;
        assert_eq!(verify(&store, Some(exported)).await.faults, [], "the chain has grown since");
        // Everything from the third entry on is taken away, with the head: the chain by itself is whole.
        let before = store.audit_hash(2).await.unwrap().unwrap();
        tamper(&store, &["delete from audit_subject where seq > 2", "delete from audit where seq > 2"]).await;
        let mut tx = store.begin().await.unwrap();
        tx.execute("update audit_head set seq = 2, hash = $1", args![&before.hash[..]]).await.unwrap();
        tx.commit().await.unwrap();
        assert_eq!(verify(&store, None).await.faults, []);
        assert_eq!(verify(&store, Some(exported)).await.faults, [AuditFault::OtherExport(3)]);
        write(&store, 3).await;
        assert_eq!(verify(&store, None).await.faults, [], "it was extended by other entries");
        assert_eq!(verify(&store, Some(exported)).await.faults, [AuditFault::OtherExport(3)]);
    })
    .await;
}

#[tokio::test]
async fn a_fold_s_number_is_that_of_its_entry() {
    on_both(|store| async move {
        let row = source(&store, "stripe", "billing").await;
        deliver(&store, &row, vec![incoming("customers", "1", person("Ann"))], time(1)).await;
        write(&store, 2).await;
        let mut tx = store.begin().await.unwrap();
        tx.identity_lock().await.unwrap();
        let before = tx.fold_generation().await.unwrap();
        let record = super::fixture::id(&row, "customers", "1");
        let mut fold = super::fixture::one_customer(customer(1), "ann", &[record], time(2));
        fold.changes = vec![onefold::store::ChangeEntry {
            kind: onefold::store::ChangeKind::CustomerCreated,
            node: customer(1).into(),
            source: None,
            detail: None,
        }];
        tx.resolution_apply(&fold).await.unwrap();
        let within = tx.fold_generation().await.unwrap();
        tx.commit().await.unwrap();
        assert_eq!((before, within), (0, 3));
        assert_eq!(store.fold_generation().await.unwrap(), 3);
    })
    .await;
}

#[tokio::test]
async fn pages_of_the_audit_go_both_ways_and_filter() {
    on_both(|store| async move {
        write(&store, 5).await;
        let mut tx = store.begin().await.unwrap();
        let target = customer(2).to_string();
        tx.audit_append(&AuditEntry { at: time(9), ..entry("bob", "customer.split", &target) }).await.unwrap();
        tx.commit().await.unwrap();
        let page = |filter: AuditFilter, ask: PageAsk| {
            let store = store.clone();
            async move {
                let slice = store.audit_list(&filter, &ask).await.unwrap();
                let numbers: Vec<i64> = slice.rows.iter().map(|(_, row)| row.seq).collect();
                (numbers, slice.has_previous, slice.has_next, slice.rows.last().map(|(cursor, _)| cursor.clone()))
            }
        };
        let all = AuditFilter::default;
        let (numbers, before, after, cursor) = page(all(), PageAsk::Forward { count: 2, after: None }).await;
        assert_eq!((numbers, before, after), (vec![6, 5], false, true));
        let (numbers, ..) = page(all(), PageAsk::Forward { count: 10, after: cursor.clone() }).await;
        assert_eq!(numbers, [4, 3, 2, 1]);
        let (numbers, ..) = page(all(), PageAsk::Backward { count: 10, before: cursor }).await;
        assert_eq!(numbers, [6]);
        let many = PageAsk::Forward { count: 10, after: None };
        for (filter, expected) in [
            (AuditFilter { actor: Some("bob".to_owned()), ..all() }, vec![6]),
            (AuditFilter { action: Some("customer.read".to_owned()), ..all() }, vec![5, 4, 3, 2, 1]),
            (AuditFilter { customers: Some(vec![customer(2)]), ..all() }, vec![6, 2]),
            (AuditFilter { customers: Some(vec![]), ..all() }, vec![]),
            (AuditFilter { since: Some(time(9)), ..all() }, vec![6]),
            (
                AuditFilter { until: Some(time(9)), customers: Some(vec![customer(1), customer(2)]), ..all() },
                vec![2, 1],
            ),
        ] {
            assert_eq!(page(filter.clone(), many.clone()).await.0, expected, "{filter:?}");
        }
        let wrong = PageAsk::Forward { count: 1, after: Some("c3luYw".to_owned()) };
        assert!(store.audit_list(&all(), &wrong).await.is_err());
    })
    .await;
}
