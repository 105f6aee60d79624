//! People for tests of the fold: some whom several systems know, some who only look alike.

use crate::api::hub::{Hub, put};
use onefold::app::IngestRecord;
use onefold::store::{DecisionRow, Store, Undone};
use onefold_model::{Clock, DecisionId, RecordId, RecordKind, SystemClock};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use uuid::Uuid;

/// A person as a system has them.
pub(crate) fn party(given: &str, family: &str, email: &str) -> Value {
    json!({
        "kind": "PERSON", "displayName": format!("{given} {family}"), "givenName": given, "familyName": family,
        "emails": [{"address": email, "original": email}],
    })
}

/// A party's record in the stream `customers`.
pub(crate) fn customer(key: &str, data: Value) -> IngestRecord {
    put(RecordKind::Party, "customers", key, data)
}

/// Records of a dozen people in three systems: the same person spelled in other ways, a family at one address, namesakes, and
/// people whom one system has twice.
pub(crate) fn crowd() -> Vec<(&'static str, IngestRecord)> {
    let mut records = Vec::new();
    for (n, (given, family)) in
        [("Robert", "Kovač"), ("Anna", "Lindqvist"), ("Mehmet", "Yilmaz"), ("Chiara", "Fontana"), ("Pavel", "Novák")]
            .into_iter()
            .enumerate()
    {
        let mail = format!("{}.{n}@example.com", given.to_lowercase());
        let plain = family.replace('č', "c").replace('á', "a").to_uppercase();
        records.push(("stripe", customer(&format!("s{n}"), party(given, family, &mail))));
        records
            .push(("zendesk", customer(&format!("z{n}"), party(given, &plain, &mail.to_uppercase().to_lowercase()))));
        if n % 2 == 0 {
            records.push(("mailchimp", customer(&format!("m{n}"), party(given, family, &mail))));
        }
        if n == 1 {
            records.push(("stripe", customer("twice", party("Ana", family, &mail))));
        }
    }
    for (n, given) in ["Petra", "Jonas", "Lena"].into_iter().enumerate() {
        let mut member = party(given, "Huber", "familie.huber@example.org");
        member["addresses"] =
            json!([{"lines": ["Gartenweg 9"], "postalCode": "5020", "locality": "Salzburg", "country": "AT"}]);
        member["birthDate"] = json!(format!("19{}-0{}-11", 71 + n * 3, n + 2));
        records.push((["stripe", "zendesk", "mailchimp"][n], customer(&format!("h{n}"), member)));
    }
    for (n, mail) in
        ["m.schmidt@web.example", "schmidt77@post.example", "kanzlei@maria.example"].into_iter().enumerate()
    {
        let mut namesake = party("Maria", "Schmidt", mail);
        namesake["birthDate"] = json!(["1950-02-03", "1988-11-30", "1971-06-17"][n]);
        records.push((["zendesk", "mailchimp", "stripe"][n], customer(&format!("n{n}"), namesake)));
    }
    let mut company = party("x", "y", "office@quendel.example");
    company = json!({"kind": "ORGANIZATION", "displayName": "Quendel GmbH", "legalName": "Quendel GmbH", "emails": company["emails"],
                     "identifiers": [{"system": "vat", "value": "ATU12345678"}]});
    records.push(("stripe", customer("org", company.clone())));
    records.push(("mailchimp", customer("org", company)));
    records
}

/// Which records are together now.
pub(crate) async fn partition(store: &Store) -> BTreeSet<BTreeSet<RecordId>> {
    let mut customers: BTreeMap<_, BTreeSet<RecordId>> = BTreeMap::new();
    for (record, customer, _) in store.link_list().await.unwrap() {
        customers.entry(customer).or_default().insert(RecordId(record));
    }
    customers.into_values().collect()
}

/// Decides about a pair as a steward would.
pub(crate) async fn decide(store: &Store, kind: &str, one: RecordId, other: RecordId) -> DecisionId {
    let id = DecisionId(Uuid::now_v7());
    let decision = DecisionRow {
        id,
        kind: kind.to_owned(),
        left: one.min(other),
        right: one.max(other),
        actor: "ann".to_owned(),
        reason: "a test".to_owned(),
        made_at: SystemClock.now(),
        model: None,
        request: None,
        undone: None,
        plan: None,
        expires_at: None,
        scope: "RECORDS".to_owned(),
    };
    let mut tx = store.begin().await.unwrap();
    tx.decision_insert(&decision).await.unwrap();
    tx.commit().await.unwrap();
    id
}

/// Takes a decision back.
pub(crate) async fn take_back(store: &Store, id: DecisionId) {
    let undone = Undone { at: SystemClock.now(), by: "ann".to_owned(), reason: "a test".to_owned() };
    let mut tx = store.begin().await.unwrap();
    assert_eq!(tx.decision_undo(id, &undone).await.unwrap(), 1);
    tx.commit().await.unwrap();
}

/// Somebody in two systems who is folded, and somebody whom only the third knows.
pub(crate) async fn two_and_one(hub: &Hub) -> [RecordId; 3] {
    hub.push("stripe", vec![customer("1", party("Robert", "Kovač", "robert@example.com"))]).await;
    hub.push("zendesk", vec![customer("1", party("Robert", "Kovac", "robert@example.com"))]).await;
    hub.push("mailchimp", vec![customer("1", party("Bob", "K", "bob.k@elsewhere.example"))]).await;
    hub.fold().await;
    ["stripe", "zendesk", "mailchimp"].map(|source| crate::api::hub::record_id(source, "customers", "1"))
}
