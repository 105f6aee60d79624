//! A page is written whole, once, and never twice.

use super::dump::dump;
use super::fixture::*;
use crate::harness::on_both;
use onefold::args;
use onefold::auth::Scope;
use onefold::store::{ActivityFilter, PageAsk, PageOutcome, Quarantined, RunRow, RunState};
use onefold_model::{ContentHash, RecordKind, SyncRunId, content_hash};
use serde_json::{Value, json};
use uuid::Uuid;

const ALL: PageAsk = PageAsk::Forward { count: 100, after: None };

#[tokio::test]
async fn identical_content_changes_nothing() {
    on_both(|store| async move {
        let crm = source(&store, "crm", "support").await;
        let records = vec![incoming("customers", "1", person("Ada")), incoming("customers", "2", person("Bo"))];
        let first = deliver(&store, &crm, records.clone(), time(1)).await;
        assert_eq!(first, PageOutcome { created: 2, ..PageOutcome::default() });
        let (before, outbox) = (dump(&store).await, store.outbox_depth().await.unwrap());

        let second = deliver(&store, &crm, records, time(2)).await;

        assert_eq!(second, PageOutcome { unchanged: 2, ..PageOutcome::default() });
        assert_eq!(dump(&store).await, before);
        assert_eq!(store.outbox_depth().await.unwrap(), outbox);
        let rows = store.record_get(&Scope::system("test"), &[id(&crm, "customers", "1")]).await.unwrap();
        assert_eq!((rows[0].version, rows[0].changed_at, rows[0].first_seen_at), (1, time(1), time(1)));
    })
    .await;
}

#[tokio::test]
async fn the_same_page_twice_gives_the_same_store() {
    on_both(|store| async move {
        let crm = source(&store, "crm", "billing").await;
        deliver(&store, &crm, vec![incoming("customers", "3", person("Cy"))], time(1)).await;
        let state = json!({"after": "cus_9"});
        let make = || {
            let mut changed = page(
                &crm,
                vec![
                    incoming("customers", "1", person("Ada")),
                    incoming("invoices", "i1", invoice("INV-1", "1", Some(time(0)))),
                    incoming("customers", "3", person("Cyrus")),
                    deletion("customers", "4"),
                ],
                time(2),
            );
            changed.checkpoints = vec![("customers".to_owned(), state.clone())];
            changed.generation = Some("g1");
            changed
        };
        commit(&store, make()).await;
        let before = dump(&store).await;

        let outcome = commit(&store, make()).await;

        assert_eq!(outcome.created + outcome.updated + outcome.deleted, 0);
        assert_eq!(dump(&store).await, before);
    })
    .await;
}

#[tokio::test]
async fn another_mapping_makes_a_new_version_of_the_same_content() {
    on_both(|store| async move {
        let crm = source(&store, "crm", "support").await;
        deliver(&store, &crm, vec![incoming("customers", "1", person("Ada"))], time(1)).await;
        let mut again = page(&crm, vec![incoming("customers", "1", person("Ada"))], time(2));
        again.mapping = "map-2";

        let outcome = commit(&store, again).await;

        assert_eq!(outcome.updated, 1);
        let sql = "select version, mapping from record_version order by version";
        let versions: Vec<(i64, String)> = store
            .fetch(sql, Vec::new())
            .await
            .unwrap()
            .iter()
            .map(|row| (row.int(0).unwrap(), row.text(1).unwrap()))
            .collect();
        assert_eq!(versions, [(1, "map-1".to_owned()), (2, "map-2".to_owned())]);
        assert_eq!(store.change_list(0, 10).await.unwrap().len(), 2);
    })
    .await;
}

#[tokio::test]
async fn a_deletion_with_only_a_key_keeps_the_meaning() {
    on_both(|store| async move {
        let crm = source(&store, "crm", "billing").await;
        let records = vec![
            incoming("customers", "1", person("Ada Lovelace")),
            incoming("invoices", "i1", invoice("INV-1", "1", Some(time(0)))),
        ];
        deliver(&store, &crm, records, time(1)).await;

        let gone = vec![deletion("customers", "1"), deletion("invoices", "i1")];
        let outcome = deliver(&store, &crm, gone.clone(), time(2)).await;

        assert_eq!(outcome, PageOutcome { deleted: 2, ..PageOutcome::default() });
        let party = store.party_list().await.unwrap().remove(0);
        assert_eq!((party.deleted, party.party.display_name.as_deref()), (true, Some("Ada Lovelace")));
        let scope = Scope::system("test");
        let row = store.record_get(&scope, &[id(&crm, "customers", "1")]).await.unwrap().remove(0);
        assert_eq!((row.kind, row.version, row.deleted_at), (RecordKind::Party, 2, Some(time(2))));
        let raw = store.record_raw(&scope, &[row.id]).await.unwrap().remove(0).1;
        assert_eq!(raw, json!({"id": "1", "deleted": true}), "what the source said is kept word for word");
        let filter = ActivityFilter::Ids(vec![id(&crm, "invoices", "i1")]);
        assert!(store.activity_pages(&scope, RecordKind::Invoice, &filter, &ALL).await.unwrap().is_empty());
        assert_eq!(number(&store, "select count(*) from term").await, 0, "what is gone is not found");
        let again = deliver(&store, &crm, gone, time(3)).await;
        assert_eq!(again.unchanged, 2, "a tombstone is made once");
    })
    .await;
}

#[tokio::test]
async fn a_deletion_of_an_unknown_record_does_nothing() {
    on_both(|store| async move {
        let crm = source(&store, "crm", "support").await;
        let before = dump(&store).await;
        let outcome = deliver(&store, &crm, vec![deletion("customers", "1")], time(1)).await;
        assert_eq!(outcome, PageOutcome { unchanged: 1, ..PageOutcome::default() });
        assert_eq!(dump(&store).await, before);
    })
    .await;
}

#[tokio::test]
async fn a_record_that_comes_back_after_its_deletion_is_live_again() {
    on_both(|store| async move {
        let crm = source(&store, "crm", "billing").await;
        let records = || {
            vec![
                incoming("customers", "1", person("Ada")),
                incoming("invoices", "i1", invoice("INV-1", "1", Some(time(0)))),
            ]
        };
        deliver(&store, &crm, records(), time(1)).await;
        deliver(&store, &crm, vec![deletion("customers", "1"), deletion("invoices", "i1")], time(2)).await;

        let outcome = deliver(&store, &crm, records(), time(3)).await;

        assert_eq!(outcome, PageOutcome { updated: 2, ..PageOutcome::default() });
        let scope = Scope::system("test");
        let row = store.record_get(&scope, &[id(&crm, "customers", "1")]).await.unwrap().remove(0);
        assert_eq!((row.version, row.deleted_at, row.first_seen_at), (3, None, time(1)));
        let filter = ActivityFilter::Ids(vec![id(&crm, "invoices", "i1")]);
        assert_eq!(store.activity_pages(&scope, RecordKind::Invoice, &filter, &ALL).await.unwrap().len(), 1);
        assert_eq!(number(&store, "select count(*) from term").await, 2, "both are found again");
    })
    .await;
}

#[tokio::test]
async fn a_page_is_stored_whole_or_not_at_all() {
    on_both(|store| async move {
        let crm = source(&store, "crm", "billing").await;
        let run = RunRow {
            id: SyncRunId(Uuid::from_u128(1)),
            source: crm.id,
            trigger: "manual".to_owned(),
            actor: "ann".to_owned(),
            state: RunState::Running,
            started_at: time(0),
            finished_at: None,
            error: None,
        };
        let mut tx = store.begin().await.unwrap();
        tx.run_start(&run).await.unwrap();
        tx.commit().await.unwrap();
        let state = json!({"page": 2});
        let misfit = Quarantined {
            stream: "customers".to_owned(),
            external_id: Some("9".to_owned()),
            code: "MISSING".to_owned(),
            path: None,
            place: None,
            message: "kind is missing".to_owned(),
            raw: json!({"id": 9}),
        };
        let make = || {
            let records = vec![
                incoming("customers", "1", person("Ada")),
                incoming("invoices", "i1", invoice("INV-1", "1", Some(time(0)))),
            ];
            let mut full = page(&crm, records, time(1));
            full.run = Some(run.id);
            full.quarantined = vec![misfit.clone()];
            full.checkpoints = vec![("customers".to_owned(), state.clone())];
            full.generation = Some("g1");
            full
        };
        let before = dump(&store).await;

        let mut tx = store.begin().await.unwrap();
        tx.page_commit(make()).await.unwrap();
        drop(tx);
        assert_eq!(dump(&store).await, before, "nothing of what was not committed");

        commit(&store, make()).await;
        for table in [
            "record",
            "record_version",
            "activity",
            "term",
            "outbox",
            "change",
            "quarantine",
            "checkpoint",
            "sweep_seen",
        ] {
            assert!(number(&store, &format!("select count(*) from {table}")).await > 0, "{table} has rows");
        }
        assert_eq!(store.checkpoint_list(crm.id).await.unwrap()["customers"], state);
        assert_eq!(store.run_streams(&[run.id]).await.unwrap()[0].1.created, 2);
    })
    .await;
}

#[tokio::test]
async fn references_that_are_stored_before_their_targets_resolve() {
    on_both(|store| async move {
        let crm = source(&store, "crm", "billing").await;
        let json = json!({"customer": {"stream": "customers", "externalId": "1"},
            "invoice": {"stream": "invoices", "externalId": "i1"}, "paidAt": "2026-02-01T00:00:00Z"});
        let payment = record(RecordKind::Payment, &json);
        deliver(&store, &crm, vec![incoming("payments", "p1", payment)], time(1)).await;
        deliver(&store, &crm, vec![incoming("invoices", "i1", invoice("INV-1", "1", None))], time(2)).await;
        deliver(&store, &crm, vec![incoming("customers", "1", person("Ada"))], time(3)).await;
        fold(&store, &one_customer(customer(1), "ada", &[id(&crm, "customers", "1")], time(4))).await;

        let scope = Scope::system("test");
        let of_customer = ActivityFilter::Customers(vec![customer(1)]);
        for (kind, stream, key) in [(RecordKind::Invoice, "invoices", "i1"), (RecordKind::Payment, "payments", "p1")] {
            let pages = store.activity_pages(&scope, kind, &of_customer, &ALL).await.unwrap();
            let rows = &pages[&customer(1).0].rows;
            assert_eq!(rows.iter().map(|(_, row)| row.id).collect::<Vec<_>>(), [id(&crm, stream, key)]);
            assert_eq!(store.activity_counts(&scope, kind, &of_customer).await.unwrap()[&customer(1).0], 1);
        }
        let invoice = id(&crm, "invoices", "i1");
        let of_invoice = ActivityFilter::Parents(vec![invoice]);
        let pages = store.activity_pages(&scope, RecordKind::Payment, &of_invoice, &ALL).await.unwrap();
        assert_eq!(pages[&invoice.0].rows[0].1.customer, Some(customer(1)));
    })
    .await;
}

#[tokio::test]
async fn a_record_version_is_never_changed() {
    on_both(|store| async move {
        let crm = source(&store, "crm", "support").await;
        deliver(&store, &crm, vec![incoming("customers", "1", person("Ada"))], time(1)).await;
        let before = dump(&store).await;
        let mut tx = store.begin().await.unwrap();
        let refused = tx.execute("update record_version set raw = $1", args!["{}"]).await.unwrap_err();
        let cause = std::error::Error::source(&refused).expect("a cause").to_string();
        assert!(cause.contains("a record version is never changed"), "{cause}");
        drop(tx);
        assert_eq!(dump(&store).await, before);
    })
    .await;
}

#[tokio::test]
async fn what_a_source_said_is_kept_word_for_word() {
    on_both(|store| async move {
        let crm = source(&store, "crm", "support").await;
        let text = r#"{"z":1.10,"a":12345678901234567890123,"e":1e+2,"n":null,"s":"ä\u0000\n😀","o":{"y":[],"x":{}}}"#;
        let mut said = incoming("customers", "1", person("Ada"));
        said.raw = serde_json::from_str(text).unwrap();
        said.content_hash = content_hash(&said.raw);
        let ContentHash(hash) = said.content_hash;
        deliver(&store, &crm, vec![said], time(1)).await;
        let scope = Scope::system("test");
        let ids = [id(&crm, "customers", "1")];
        let raw: Value = store.record_raw(&scope, &ids).await.unwrap().remove(0).1;
        assert_eq!(raw.to_string(), text);
        let row = store.record_get(&scope, &ids).await.unwrap().remove(0);
        assert_eq!(row.content_hash, ContentHash(hash).to_hex());
    })
    .await;
}

/// PostgreSQL refuses the character U+0000 in text; a source that sends it must not stop a sync.
#[tokio::test]
async fn a_zero_character_does_not_stop_a_page() {
    on_both(|store| async move {
        let crm = source(&store, "crm", "billing").await;
        let records = vec![
            incoming("customers", "1\0", person("Ada\0 Lovelace")),
            incoming("invoices", "i1", invoice("INV\0-1", "1\0", None)),
        ];
        assert_eq!(deliver(&store, &crm, records.clone(), time(1)).await.created, 2);
        assert_eq!(deliver(&store, &crm, records, time(2)).await.unchanged, 2);
        let party = store.party_list().await.unwrap().remove(0);
        assert_eq!(party.party.display_name.as_deref(), Some("Ada\0 Lovelace"), "the value itself is kept");
    })
    .await;
}

/// PostgreSQL's driver rounds towards 2000 and SQLite's towards the past, unless the store cuts first.
#[tokio::test]
async fn times_are_cut_to_microseconds_alike() {
    on_both(|store| async move {
        let crm = source(&store, "crm", "billing").await;
        let early = "1999-05-05T05:05:05.000001999Z".parse().unwrap();
        deliver(&store, &crm, vec![incoming("invoices", "i1", invoice("INV-1", "1", Some(early)))], time(1)).await;
        let ids = [id(&crm, "invoices", "i1")];
        let row = store.activity_get(&Scope::system("test"), RecordKind::Invoice, &ids).await.unwrap().remove(0);
        assert_eq!(row.occurred_at, Some("1999-05-05T05:05:05.000001Z".parse().unwrap()));
    })
    .await;
}

#[tokio::test]
async fn a_page_of_any_size_is_written_whole() {
    on_both(|store| async move {
        let crm = source(&store, "crm", "support").await;
        let records =
            || (0..1101).map(|n| incoming("customers", &n.to_string(), person(&format!("Person {n}")))).collect();
        let make = |at| {
            let mut large = page(&crm, records(), at);
            large.generation = Some("g1");
            large
        };
        assert_eq!(commit(&store, make(time(1))).await.created, 1101);
        assert_eq!(commit(&store, make(time(2))).await.unchanged, 1101);
        let gone = (0..1101).map(|n| deletion("customers", &n.to_string())).collect();
        assert_eq!(deliver(&store, &crm, gone, time(3)).await.deleted, 1101);
        assert!(store.party_list().await.unwrap().iter().all(|party| party.deleted));
    })
    .await;
}
