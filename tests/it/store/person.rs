//! A person is found, told and taken out everywhere: the catalogue says where that is.

use super::catalogue::catalogue;
use super::dump::dump;
use super::fixture::{customer, id, incoming, invoice, number, one_customer, page, person, record, source, time};
use crate::harness::on_both;
use onefold::args;
use onefold::config::Secret;
use onefold::store::{
    Erased, FoundCandidate, KeepOut, PersonAsk, Quarantined, Resolution, SourceRow, Store, StoreError, TABLES,
};
use onefold_model::{MatchCandidateId, RecordKind, StandardRecord};
use serde_json::json;
use std::collections::BTreeSet;

/// The secret of the tests' tombstones.
const SECRET: &str = "a secret of the tests, of more than 32 bytes";

fn with_mail(name: &str, mail: &str) -> StandardRecord {
    let emails = json!([{"address": mail, "original": mail}]);
    record(RecordKind::Party, &json!({"kind": "PERSON", "displayName": name, "tags": [name], "emails": emails}))
}

fn unfit(key: Option<&str>, raw: serde_json::Value) -> Quarantined {
    Quarantined {
        stream: "invoices".to_owned(),
        external_id: key.map(str::to_owned),
        code: "NOT_A_DATE".to_owned(),
        path: None,
        place: None,
        message: "due is not a date".to_owned(),
        raw,
    }
}

/// Ann, who is in every table, and Bob, whom nothing may happen to.
async fn ann_and_bob(store: &Store) -> SourceRow {
    let row = source(store, "stripe", "billing").await;
    let ann = vec![
        incoming("customers", "cus_ann", with_mail("Ann Archer", "ann@example.com")),
        incoming("invoices", "in_ann", invoice("ANN-1", "cus_ann", Some(time(5)))),
    ];
    let bob = vec![
        incoming("customers", "cus_bob", with_mail("Bob Baker", "bob@example.com")),
        incoming("invoices", "in_bob", invoice("BOB-1", "cus_bob", Some(time(6)))),
    ];
    let both = ann.into_iter().chain(bob).collect();
    let quarantined = vec![
        unfit(Some("in_ann_2"), json!({"id": "in_ann_2", "customer": "cus_ann", "due": "soon"})),
        unfit(None, json!({"receipt": {"to": "ANN@example.com"}})),
        unfit(Some("in_bob_2"), json!({"id": "in_bob_2", "customer": "cus_bob", "due": "later"})),
    ];
    let full = onefold::store::PageCommit { quarantined, generation: Some("g1"), ..page(&row, both, time(10)) };
    super::fixture::commit(store, full).await;
    let (left, right) = (id(&row, "customers", "cus_ann"), id(&row, "customers", "cus_bob"));
    let found = FoundCandidate {
        id: MatchCandidateId::derive(left, right),
        left: left.min(right),
        right: left.max(right),
        probability: 0.5,
        weight: 0.1,
        evidence: json!({"left": "Ann Archer", "right": "Bob Baker"}).to_string(),
        contests: None,
        cause: None,
    };
    let whole = Resolution { candidates: vec![found], ..one_customer(customer(1), "ann archer", &[left], time(20)) };
    super::fixture::fold(store, &whole).await;
    super::fixture::fold(
        store,
        &Resolution {
            forgotten: onefold::store::Forgotten::These(Vec::new()),
            ..one_customer(customer(2), "bob baker", &[right], time(21))
        },
    )
    .await;
    let mut tx = store.begin().await.unwrap();
    tx.execute(
        "insert into customer_alias (retired_id, customer_id, retired_at) values ($1, $2, $3)",
        args![customer(9).0, customer(1).0, time(22)],
    )
    .await
    .unwrap();
    for key in ["cus_ann", "cus_bob"] {
        tx.execute(
            "insert into stream_field_sample (source_id, stream, path, record_id) values ($1, 'customers', 'nick', $2)",
            args![row.id.0, id(&row, "customers", key).0],
        )
        .await
        .unwrap();
    }
    let decision = onefold::store::DecisionRow {
        id: onefold_model::DecisionId(uuid::Uuid::from_u128(1)),
        kind: "NEVER_LINK".to_owned(),
        left,
        right,
        actor: "steward".to_owned(),
        reason: "Ann called: she is not Bob".to_owned(),
        made_at: time(23),
        model: None,
        request: None,
        undone: None,
        plan: None,
        expires_at: None,
        scope: "RECORDS".to_owned(),
    };
    tx.decision_insert(&decision).await.unwrap();
    let candidate = MatchCandidateId::derive(left, right);
    let (left, right) = (left.min(right), left.max(right));
    let (holder, until) = ("steward".to_owned(), time(24));
    let claim = onefold::store::Claim { candidate, left, right, holder, until };
    assert!(tx.claim_take(&claim, time(23)).await.unwrap());
    let assignment = onefold::store::Assignment {
        candidate,
        left,
        right,
        assignee: "steward".to_owned(),
        assigned_by: "lead".to_owned(),
        assigned_at: time(23),
        due_at: Some(time(30)),
    };
    tx.assignment_write(&assignment).await.unwrap();
    let (period, automatic) = ("2026-11".to_owned(), "LINK".to_owned());
    let sampled = onefold::store::QualityPair { candidate, period, left, right, automatic, low: 0.95 };
    tx.quality_insert(&[], &[sampled]).await.unwrap();
    for (n, key) in [(1, "cus_ann"), (2, "cus_bob")] {
        let pin = onefold::store::PinRow {
            id: onefold_model::PinId(uuid::Uuid::from_u128(n)),
            record: id(&row, "customers", key),
            path: "displayName".to_owned(),
            actor: "steward".to_owned(),
            reason: "as they sign".to_owned(),
            request: format!("pin {n}"),
            made_at: time(23),
            expires_at: None,
            undone: None,
        };
        tx.pin_insert(&pin).await.unwrap();
    }
    tx.commit().await.unwrap();
    row
}

#[tokio::test]
async fn every_table_is_told_and_erased_or_has_a_reason() {
    on_both(|store| async move {
        let tables: BTreeSet<String> = catalogue(&store).await.into_keys().collect();
        let named: BTreeSet<String> = TABLES.iter().map(|table| table.name.to_owned()).collect();
        assert_eq!(tables, named, "a table is neither told, nor named with the reason why nobody is in it");
        assert_eq!(named.len(), TABLES.len());
        for reason in TABLES.iter().filter_map(onefold::store::Table::reason) {
            assert!(reason.len() > 10, "{reason}");
        }
        ann_and_bob(&store).await;
        let mut tx = store.begin().await.unwrap();
        let ann = tx.person_find(&PersonAsk::Customer(customer(9))).await.unwrap();
        assert_eq!(ann, {
            let mut by_mail = tx.person_find(&PersonAsk::Email("Ann@Example.com".to_owned())).await.unwrap();
            by_mail.retired.clone_from(&ann.retired);
            by_mail
        });
        let rows = tx.person_rows(&ann).await.unwrap();
        let reasoned = |name: &str| TABLES.iter().any(|table| table.name == name && table.reason().is_some());
        for name in tables.iter().filter(|name| !reasoned(name) && !name.starts_with("audit")) {
            let told = rows.get(name).and_then(|rows| rows.as_array()).unwrap_or_else(|| panic!("{name} is not told"));
            assert!(!told.is_empty(), "nothing is told of {name}");
        }
        let text = json!(rows).to_string();
        for hers in ["Ann Archer", "ann@example.com", "ANN-1", "in_ann_2", "ANN@example.com", "she is not Bob"] {
            assert!(text.contains(hers), "{hers}");
        }
        for his in ["Bob Baker", "bob@example.com", "BOB-1", "in_bob"] {
            assert!(!text.contains(his), "{his} is told to Ann");
        }
    })
    .await;
}

async fn erase(store: &Store, ask: &PersonAsk, keep_out: KeepOut) -> Erased {
    let mut tx = store.begin().await.unwrap();
    tx.erasure_lock().await.unwrap();
    let (person, plan) = tx.erasure_plan(ask, keep_out).await.unwrap();
    if let Some(done) = tx.erasure_done(&plan.fingerprint).await.unwrap() {
        return done;
    }
    tx.erasure_apply(&person, &plan, keep_out, time(50), "officer").await.unwrap();
    tx.commit().await.unwrap();
    store.scrub().await.unwrap();
    Erased::Now(plan)
}

/// The rows of a dump that speak of Bob.
fn of_bob(dump: &str) -> Vec<String> {
    let speaks = |line: &&str| {
        ["bob", "BOB", "Bob"].iter().any(|name| line.contains(name))
            && !["ann", "Ann", "ANN"].iter().any(|name| line.contains(name))
    };
    dump.lines().filter(speaks).map(str::to_owned).collect()
}

#[tokio::test]
async fn an_erased_person_is_in_no_table_and_the_others_are_as_they_were() {
    on_both(|store| async move {
        let store = store.with_erasure(&Secret::new(SECRET)).unwrap();
        ann_and_bob(&store).await;
        let before = dump(&store).await;
        assert!(before.to_lowercase().contains("ann"));

        // A crash before the commit leaves everything.
        let mut tx = store.begin().await.unwrap();
        let ask = PersonAsk::Customer(customer(1));
        let (person, plan) = tx.erasure_plan(&ask, KeepOut::Keys).await.unwrap();
        tx.erasure_apply(&person, &plan, KeepOut::Keys, time(50), "officer").await.unwrap();
        drop(tx);
        assert_eq!(dump(&store).await, before);

        let Erased::Now(done) = erase(&store, &ask, KeepOut::Keys).await else { panic!("done before") };
        assert_eq!(done, plan);
        assert_eq!(done.customers, [customer(1)]);
        let of = &done.sources[0];
        assert_eq!(
            (of.source.as_str(), of.records, of.versions, of.quarantined, of.still_there),
            ("stripe", 2, 2, 2, 2)
        );
        assert_eq!(of.keys, ["customers/cus_ann", "invoices/in_ann"]);
        let after = dump(&store).await;
        for hers in ["ann archer", "ann@", "ann-1", "in_ann", "cus_ann", "she is not", "archer"] {
            assert!(!after.to_lowercase().contains(hers), "{hers} is still there");
        }
        assert_eq!(of_bob(&after), of_bob(&before));
        assert_eq!(number(&store, "select count(*) from audit where action = 'customer.erase'").await, 1);
        let told = "select count(*) from change where kind in ('CUSTOMER_ERASED', 'RECORD_DELETED')";
        assert_eq!(
            number(&store, told).await,
            4,
            "whoever keeps a copy hears of it, also under an id that she had before"
        );
        assert_eq!(store.audit_verify(None, |_, _| {}).await.unwrap().faults, []);

        let again = store.begin().await.unwrap().erasure_done(&plan.fingerprint).await.unwrap();
        let Some(Erased::Before(at, sources)) = again else { panic!("not remembered: {again:?}") };
        assert_eq!((at, sources[0].records, sources[0].keys.len()), (time(50), 2, 0));
        let nobody = store.begin().await.unwrap().person_find(&ask).await.unwrap();
        assert!(nobody.is_unknown());
    })
    .await;
}

/// Where the word is in the files of a SQLite store.
#[tokio::test]
async fn what_was_erased_is_overwritten_in_the_file() {
    for place in crate::harness::places().await {
        let Some(path) = place.url.strip_prefix("sqlite:") else { continue };
        let store = Store::open(&place.url).await.unwrap().with_erasure(&Secret::new(SECRET)).unwrap();
        ann_and_bob(&store).await;
        store.scrub().await.unwrap();
        let holds = |word: &str| {
            let files = [path.to_owned(), format!("{path}-wal")];
            let bytes = files.iter().flat_map(|file| std::fs::read(file).unwrap_or_default()).collect::<Vec<u8>>();
            bytes.windows(word.len()).any(|window| window == word.as_bytes())
        };
        assert!(holds("ann@example.com") && holds("bob@example.com"));
        erase(&store, &PersonAsk::Customer(customer(1)), KeepOut::Keys).await;
        assert!(holds("bob@example.com"));
        for hers in ["ann@example.com", "Ann Archer", "cus_ann", "she is not Bob"] {
            assert!(!holds(hers), "{hers} is still in the file");
        }
        store.close().await;
    }
}

#[tokio::test]
async fn an_erased_person_stays_out_by_key_by_reference_and_where_asked_by_contact() {
    on_both(|store| async move {
        for keep_out in [KeepOut::Keys, KeepOut::Contacts] {
            let store = store.clone().with_erasure(&Secret::new(SECRET)).unwrap();
            let row = ann_and_bob(&store).await;
            erase(&store, &PersonAsk::Email("ann@example.com".to_owned()), keep_out).await;
            let records = || number(&store, "select count(*) from record");
            assert_eq!(records().await, 2, "Bob's");
            let back = |records, quarantined| onefold::store::PageCommit {
                quarantined,
                generation: Some("g2"),
                ..page(&row, records, time(60))
            };
            let hers = vec![
                incoming("customers", "cus_ann", with_mail("Ann Archer", "ann@example.com")),
                incoming("invoices", "in_ann", invoice("ANN-1", "cus_ann", Some(time(5)))),
                incoming("invoices", "in_new", invoice("ANN-2", "cus_ann", None)),
                super::fixture::deletion("customers", "cus_ann"),
                incoming("invoices", "in_bob_3", invoice("BOB-3", "cus_bob", None)),
            ];
            let unfit_again =
                vec![unfit(Some("in_ann_2"), json!({"id": "in_ann_2"})), unfit(None, json!({"to": "other"}))];
            super::fixture::commit(&store, back(hers, unfit_again)).await;
            assert_eq!(records().await, 3, "the new one is Bob's");
            assert_eq!(number(&store, "select count(*) from quarantine").await, 2, "Bob's, and one that is nobody's");
            // Somebody new, with the same address.
            let new = || incoming("customers", "cus_new", with_mail("Ann Archer", "Ann@Example.com"));
            super::fixture::commit(&store, back(vec![new()], vec![unfit(None, json!(["ann@example.com"]))])).await;
            let (is_in, misfits) = match keep_out {
                KeepOut::Keys => (1, 3),
                KeepOut::Contacts => (0, 2),
            };
            assert_eq!(records().await, 3 + is_in, "{keep_out:?}");
            assert_eq!(number(&store, "select count(*) from quarantine").await, misfits, "{keep_out:?}");
            let kept = dump(&store).await;
            assert_eq!(kept.contains("ann@example.com"), keep_out == KeepOut::Keys, "{keep_out:?}");
            if keep_out == KeepOut::Keys {
                clear(&store).await;
            }
        }
    })
    .await;
}

/// Takes everything out but the audit, for the next turn.
async fn clear(store: &Store) {
    let mut tx = store.begin().await.unwrap();
    for table in TABLES.iter().filter(|table| !table.name.starts_with("audit")) {
        let keep = ["source", "sync_run", "sync_run_stream", "checkpoint", "model"];
        if !keep.contains(&table.name) {
            tx.execute(format!("delete from {}", table.name), args![]).await.unwrap();
        }
    }
    tx.commit().await.unwrap();
}

#[tokio::test]
async fn without_the_secret_nothing_is_written_once_somebody_was_erased() {
    on_both(|store| async move {
        let row = source(&store, "stripe", "billing").await;
        let with = store.clone().with_erasure(&Secret::new(SECRET)).unwrap();
        let short = store.clone().with_erasure(&Secret::new("short"));
        assert!(matches!(short, Err(StoreError::ErasureSecret(_))));
        let one = |key: &str| page(&row, vec![incoming("customers", key, person("Ann"))], time(1));
        super::fixture::commit(&store, one("1")).await;
        store.erasure_check().await.unwrap();
        let record = id(&row, "customers", "1");
        super::fixture::fold(&store, &one_customer(customer(1), "ann", &[record], time(2))).await;

        let mut tx = store.begin().await.unwrap();
        let (person, plan) = tx.erasure_plan(&PersonAsk::Customer(customer(1)), KeepOut::Keys).await.unwrap();
        let refused = tx.erasure_apply(&person, &plan, KeepOut::Keys, time(3), "officer").await;
        assert!(matches!(refused, Err(StoreError::ErasureSecret(_))), "{refused:?}");
        drop(tx);
        erase(&with, &PersonAsk::Customer(customer(1)), KeepOut::Keys).await;

        let other = store.clone().with_erasure(&Secret::new("another secret of the tests, also long")).unwrap();
        for wrong in [&store, &other] {
            assert!(matches!(wrong.erasure_check().await, Err(StoreError::ErasureSecret(_))));
            let refused = wrong.begin().await.unwrap().page_commit(one("2")).await;
            assert!(matches!(refused, Err(StoreError::ErasureSecret(_))), "{refused:?}");
        }
        super::fixture::commit(&with, one("2")).await;
        assert_eq!(number(&store, "select count(*) from record").await, 1);
    })
    .await;
}

#[tokio::test]
async fn a_fold_that_read_before_an_erasure_does_not_write_after_it() {
    on_both(|store| async move {
        let store = store.with_erasure(&Secret::new(SECRET)).unwrap();
        ann_and_bob(&store).await;
        let read = store.fold_generation().await.unwrap();
        erase(&store, &PersonAsk::Customer(customer(1)), KeepOut::Keys).await;
        assert!(store.fold_generation().await.unwrap() > read, "the fold begins again");
    })
    .await;
}
