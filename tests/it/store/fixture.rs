//! Builders of sources, records and pages for tests.

use onefold::store::{
    FoldedCustomer, Forgotten, IncomingRecord, LinkChange, PageCommit, PageOutcome, Resolution, SourceRow, Store,
};
use onefold_model::{
    CustomerId, DepartmentKey, PartyKind, RecordId, RecordKind, SourceId, SourceKey, StandardRecord, Timestamp,
    content_hash,
};
use serde_json::{Value, json};
use uuid::Uuid;

/// So many seconds after the beginning of 2026.
pub(crate) fn time(seconds: i64) -> Timestamp {
    Timestamp::from_timestamp(1_767_225_600 + seconds, 0).expect("a time")
}

/// A source of a department, stored.
pub(crate) async fn source(store: &Store, key: &str, department: &str) -> SourceRow {
    let key = SourceKey::new(key).expect("a slug");
    let row = SourceRow {
        id: SourceId::derive(&key),
        key,
        connector: format!("{department}/test"),
        department: DepartmentKey::new(department).expect("a slug"),
        title: "A test".to_owned(),
        created_at: time(0),
    };
    let mut tx = store.begin().await.expect("a transaction");
    tx.source_upsert(&row).await.expect("the source is written");
    tx.commit().await.expect("commit");
    row
}

/// The id of a record of a source.
pub(crate) fn id(source: &SourceRow, stream: &str, key: &str) -> RecordId {
    RecordId::derive(&source.key, stream, key)
}

/// A customer id that tests can tell apart.
pub(crate) fn customer(n: u128) -> CustomerId {
    CustomerId(Uuid::from_u128(n))
}

/// A record as its kind reads it.
pub(crate) fn record(kind: RecordKind, json: &Value) -> StandardRecord {
    kind.read(json).expect("a record of that kind")
}

/// A person with a name.
pub(crate) fn person(name: &str) -> StandardRecord {
    record(RecordKind::Party, &json!({"kind": "PERSON", "displayName": name}))
}

/// An invoice with a number, of a record of the stream `customers`, issued at a time.
pub(crate) fn invoice(number: &str, customer: &str, issued_at: Option<Timestamp>) -> StandardRecord {
    let json = json!({
        "number": number, "customer": {"stream": "customers", "externalId": customer}, "status": "OPEN",
        "issuedAt": issued_at, "total": {"amount": "12.30", "currency": "EUR"}
    });
    record(RecordKind::Invoice, &json)
}

/// What a source says when it delivers this record: its payload is the mapped form.
pub(crate) fn incoming(stream: &str, key: &str, mapped: StandardRecord) -> IncomingRecord {
    let raw = mapped.to_json();
    IncomingRecord {
        stream: stream.to_owned(),
        external_id: key.to_owned(),
        content_hash: content_hash(&raw),
        raw,
        mapped: Some(mapped),
        source_version: None,
        deleted: false,
    }
}

/// A deletion that says no more than the key.
pub(crate) fn deletion(stream: &str, key: &str) -> IncomingRecord {
    let raw = json!({"id": key, "deleted": true});
    IncomingRecord {
        stream: stream.to_owned(),
        external_id: key.to_owned(),
        content_hash: content_hash(&raw),
        raw,
        mapped: None,
        source_version: None,
        deleted: true,
    }
}

/// A page of the stream `customers` with nothing but these records.
pub(crate) fn page(source: &SourceRow, records: Vec<IncomingRecord>, at: Timestamp) -> PageCommit<'_> {
    PageCommit {
        source: source.id,
        source_key: &source.key,
        run: None,
        stream: "customers",
        mapping: "map-1",
        records,
        quarantined: Vec::new(),
        checkpoints: Vec::new(),
        generation: None,
        at,
    }
}

/// Writes a page in a transaction of its own.
pub(crate) async fn commit(store: &Store, page: PageCommit<'_>) -> PageOutcome {
    let mut tx = store.begin().await.expect("a transaction");
    let outcome = tx.page_commit(page).await.expect("the page is written");
    tx.commit().await.expect("commit");
    outcome
}

/// Writes records in a page of their own.
pub(crate) async fn deliver(
    store: &Store,
    source: &SourceRow,
    records: Vec<IncomingRecord>,
    at: Timestamp,
) -> PageOutcome {
    commit(store, page(source, records, at)).await
}

/// A fold that changes nothing.
pub(crate) fn no_change(at: Timestamp) -> Resolution {
    Resolution {
        model: "model-1".to_owned(),
        at,
        links: Vec::new(),
        customers: Vec::new(),
        retired: Vec::new(),
        candidates: Vec::new(),
        forgotten: Forgotten::AllOthers,
        changes: Vec::new(),
        outbox_up_to: 0,
        actor: "system".to_owned(),
    }
}

/// A customer as a fold leaves it.
pub(crate) fn folded(customer: CustomerId, sort_name: Option<&str>, record_count: i64) -> FoldedCustomer {
    FoldedCustomer {
        id: customer,
        kind: PartyKind::Person,
        record_count,
        sort_name: sort_name.map(str::to_owned),
        email: None,
        phone: None,
    }
}

/// A fold in which these records become one customer.
pub(crate) fn one_customer(customer: CustomerId, name: &str, records: &[RecordId], at: Timestamp) -> Resolution {
    Resolution {
        links: records.iter().map(|record| LinkChange { record: *record, customer }).collect(),
        customers: vec![folded(customer, Some(name), i64::try_from(records.len()).expect("few records"))],
        ..no_change(at)
    }
}

/// Writes a fold in a transaction of its own.
pub(crate) async fn fold(store: &Store, resolution: &Resolution) {
    let mut tx = store.begin().await.expect("a transaction");
    tx.identity_lock().await.expect("the lock");
    tx.resolution_apply(resolution).await.expect("the fold is written");
    tx.commit().await.expect("commit");
}

/// The first column of a statement that gives one row with one number.
pub(crate) async fn number(store: &Store, sql: &str) -> i64 {
    let rows = store.fetch(sql, Vec::new()).await.expect("a number");
    rows[0].int(0).expect("a number")
}
