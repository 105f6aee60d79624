//! Undo: what a decision changed is as it was, to the byte, also after later writes.

use super::people::{crowd, customer, decide, partition, party, take_back, two_and_one};
use crate::api::hub::{Hub, everyone, put};
use crate::harness::on_both;
use onefold_model::{CustomerId, RecordId, RecordKind};
use proptest::prelude::*;
use proptest::test_runner::RngSeed;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// All that a customer shows, but how often and when it changed, and which other ids lead to it: those only ever grow.
const SELECTION: &str = r"id recordCount displayName email phone tags address { lines } emails { address original sourceRecord { id } }
    phones { e164 } addresses { lines } identifiers { system value } language timeZone
    ... on Person { givenName familyName company jobTitle birthDate }
    restrictions { path kind reason policy }
    provenance { path value rule observedAt sourceRecord { id } alternatives { value lostBecause sourceRecord { id } } }
    sourceRecords { totalCount nodes { id version externalId raw contentHash } }
    invoices { totalCount nodes { number } } consents { nodes { status } } effectiveConsents { purpose status statements }";

/// What is read of the customers of these records, by record.
async fn reads(hub: &Hub, records: &[RecordId]) -> BTreeMap<RecordId, String> {
    let mut found = BTreeMap::new();
    for record in records {
        let id = hub.customer(*record).await;
        found.insert(*record, hub.customer_doc(&everyone(), id, SELECTION).await.to_string());
    }
    found
}

async fn with_history(hub: &Hub) -> [RecordId; 3] {
    let records = two_and_one(hub).await;
    let own = json!({"stream": "customers", "externalId": "1"});
    let invoice = json!({"number": "INV-1", "customer": own, "issuedAt": "2026-01-01T00:00:00Z"});
    hub.push("stripe", vec![put(RecordKind::Invoice, "invoices", "i", invoice)]).await;
    for (source, status) in [("stripe", "GRANTED"), ("zendesk", "DENIED"), ("mailchimp", "PENDING")] {
        let consent = json!({"customer": own, "purpose": "newsletter", "channel": "EMAIL", "status": status});
        hub.push(source, vec![put(RecordKind::Consent, "consents", "c", consent)]).await;
    }
    records
}

#[tokio::test]
async fn undo_restores_byte_identical_reads() {
    on_both(|store| async move {
        let hub = Hub::open(&store).await;
        let records = with_history(&hub).await;
        let [one, same, other] = records;
        let before = reads(&hub, &records).await;
        assert_eq!(before[&one], before[&same]);

        let never = decide(&store, "NEVER_LINK", one, same).await;
        hub.fold().await;
        let split = reads(&hub, &records).await;
        assert_ne!(split[&one], split[&same]);
        take_back(&store, never).await;
        hub.fold().await;
        assert_eq!(reads(&hub, &records).await, before, "a split that is taken back");

        let link = decide(&store, "LINK", one, other).await;
        hub.fold().await;
        let merged = reads(&hub, &records).await;
        assert!(merged[&one] == merged[&other] && merged[&one] != before[&one]);
        take_back(&store, link).await;
        hub.fold().await;
        assert_eq!(reads(&hub, &records).await, before, "a merge that is taken back");
    })
    .await;
}

/// The writes between decision and undo are as if the decision had never been.
#[tokio::test]
async fn undo_after_later_writes_is_as_if_nothing_had_been_decided() {
    on_both(|store| async move {
        let hub = Hub::open(&store).await;
        let records = with_history(&hub).await;
        let link = decide(&store, "LINK", records[0], records[2]).await;
        hub.fold().await;
        let later = || async {
            hub.push("mailchimp", vec![customer("1", party("Bobby", "K", "bob.k@elsewhere.example"))]).await;
            hub.push("stripe", vec![customer("9", party("Nina", "Neu", "nina@example.com"))]).await;
        };
        later().await;
        hub.fold().await;
        let merged = reads(&hub, &records).await;
        assert_eq!(merged[&records[0]], merged[&records[2]]);
        take_back(&store, link).await;
        hub.fold().await;
        let undone = (reads(&hub, &records).await, partition(&store).await);

        hub.push("mailchimp", vec![customer("1", party("Bobby", "K", "bob.k@elsewhere.example"))]).await;
        hub.fold().await;
        assert_eq!((reads(&hub, &records).await, partition(&store).await), undone);
        let found: Value = serde_json::from_str(&undone.0[&records[2]]).unwrap();
        assert_eq!(
            (&found["givenName"], &found["recordCount"]),
            (&json!("Bobby"), &json!(1)),
            "the later write is there"
        );
        let apart: [CustomerId; 2] = [hub.customer(records[0]).await, hub.customer(records[2]).await];
        assert_ne!(apart[0], apart[1]);
    })
    .await;
}

/// Decisions about pairs of a crowd, and the order in which they are taken back.
fn story() -> impl Strategy<Value = (Vec<(bool, usize, usize)>, Vec<usize>)> {
    let pairs = prop::collection::vec((any::<bool>(), 0..crowd().len(), 0..crowd().len()), 1..7);
    pairs.prop_flat_map(|pairs| {
        let order = Just((0..pairs.len()).collect::<Vec<_>>()).prop_shuffle();
        (Just(pairs), order)
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 6, failure_persistence: None, rng_seed: RngSeed::Fixed(7), ..ProptestConfig::default() })]

    #[test]
    fn decisions_taken_back_in_any_order_leave_nothing_behind((pairs, order) in story()) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(on_both(|store| {
            let (pairs, order) = (pairs.clone(), order.clone());
            async move {
                let hub = Hub::open(&store).await;
                hub.push_all(crowd()).await;
                hub.fold().await;
                let records: Vec<RecordId> = store.party_list().await.unwrap().iter().map(|party| party.record).collect();
                let before = (reads(&hub, &records).await, partition(&store).await);
                let mut made = Vec::new();
                for (is_link, one, other) in &pairs {
                    let kind = if *is_link { "LINK" } else { "NEVER_LINK" };
                    made.push(decide(&store, kind, records[*one], records[*other]).await);
                    hub.fold().await;
                }
                for at in &order {
                    take_back(&store, made[*at]).await;
                    hub.fold().await;
                }
                assert_eq!((reads(&hub, &records).await, partition(&store).await), before);
            }
        }));
    }
}
