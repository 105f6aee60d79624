//! Ids of customers: whatever becomes of a customer, the ids that it had lead on.

use super::people::{customer, decide, party, take_back, two_and_one};
use crate::api::hub::{Hub, everyone, record_id};
use crate::harness::on_both;
use onefold::store::ChangeKind;
use onefold_model::{CustomerId, RecordId};
use serde_json::{Value, json};
use std::collections::BTreeSet;

const SELECTION: &str = "id redirectedFrom alternateIds recordCount";

async fn doc(hub: &Hub, id: CustomerId) -> Value {
    hub.customer_doc(&everyone(), id, SELECTION).await
}

async fn four(hub: &Hub) -> [RecordId; 4] {
    let records =
        [("stripe", "Adam", "a"), ("zendesk", "Berta", "b"), ("mailchimp", "Carl", "c"), ("stripe", "Dora", "d")];
    for (source, name, key) in records {
        hub.push(source, vec![customer(key, party(name, &format!("{name}son"), &format!("{key}@{key}.example")))])
            .await;
        hub.fold().await;
    }
    records.map(|(source, _, key)| record_id(source, "customers", key))
}

#[tokio::test]
async fn every_customer_id_ever_issued_resolves_for_ever() {
    on_both(|store| async move {
        let hub = Hub::open(&store).await;
        let [a, b, c, d] = four(&hub).await;
        let mut issued: BTreeSet<CustomerId> = BTreeSet::new();
        for record in [a, b, c, d] {
            issued.insert(hub.customer(record).await);
        }
        assert_eq!(issued.len(), 4);
        let first = hub.customer(a).await;

        // A chain: d into c, then both into b, then all into a.
        let mut decisions = Vec::new();
        for (one, other) in [(c, d), (b, c), (a, b)] {
            decisions.push(decide(&store, "LINK", one, other).await);
            hub.fold().await;
            issued.insert(hub.customer(d).await);
        }
        for id in &issued {
            let found = doc(&hub, *id).await;
            assert_eq!(
                (&found["id"], &found["recordCount"]),
                (&json!(first.to_string()), &json!(4)),
                "the oldest survives"
            );
            let from = if *id == first { Value::Null } else { json!(id.to_string()) };
            assert_eq!(found["redirectedFrom"], from);
        }
        let others = doc(&hub, first).await["alternateIds"].as_array().unwrap().len();
        assert_eq!(others, 3);

        // Apart again, one decision after the other: each part has the id that it had, and none is lost.
        for decision in decisions {
            take_back(&store, decision).await;
            hub.fold().await;
            for record in [a, b, c, d] {
                issued.insert(hub.customer(record).await);
            }
            for id in &issued {
                assert_ne!(doc(&hub, *id).await["id"], Value::Null, "{id}");
            }
        }
        assert_eq!(issued.len(), 4, "each part got back the id that it had");
        for id in &issued {
            let found = doc(&hub, *id).await;
            assert_eq!((&found["id"], &found["recordCount"]), (&json!(id.to_string()), &json!(1)));
            assert_eq!((&found["redirectedFrom"], &found["alternateIds"]), (&Value::Null, &json!([])));
        }
    })
    .await;
}

#[tokio::test]
async fn a_customer_that_comes_back_is_as_old_as_it_was_and_its_version_goes_on() {
    on_both(|store| async move {
        let hub = Hub::open(&store).await;
        let [one, _, other] = two_and_one(&hub).await;
        let ids = [hub.customer(one).await, hub.customer(other).await];
        let life = async |id| {
            let seen = hub.customer_doc(&everyone(), id, "createdAt version").await;
            (seen["createdAt"].as_str().unwrap().to_owned(), seen["version"].as_i64().unwrap())
        };
        let mut before = [life(ids[0]).await, life(ids[1]).await];
        for _ in 0..3 {
            let link = decide(&store, "LINK", one, other).await;
            hub.fold().await;
            take_back(&store, link).await;
            hub.fold().await;
            for (id, (created_at, version)) in ids.iter().zip(&mut before) {
                let now = life(*id).await;
                assert_eq!(now.0, *created_at);
                assert!(now.1 > *version, "{} after {version}", now.1);
                *version = now.1;
            }
        }
    })
    .await;
}

/// The record around which a customer formed goes; the others keep the id, and it gets one of its own.
#[tokio::test]
async fn a_split_gives_each_part_an_id_of_its_own() {
    on_both(|store| async move {
        let hub = Hub::open(&store).await;
        let mut records = Vec::new();
        for (source, key) in [("stripe", "1"), ("zendesk", "1"), ("mailchimp", "1"), ("stripe", "2")] {
            hub.push(source, vec![customer(key, party("Robert", "Kovač", "robert@example.com"))]).await;
            records.push(record_id(source, "customers", key));
        }
        hub.fold().await;
        records.sort();
        let whole = hub.customer(records[0]).await;
        assert_eq!(doc(&hub, whole).await["recordCount"], 4);
        for other in &records[1..] {
            decide(&store, "NEVER_LINK", records[0], *other).await;
        }
        hub.fold().await;
        assert_eq!(hub.customer(records[1]).await, whole, "the larger part keeps the id");
        let alone = hub.customer(records[0]).await;
        assert_ne!(alone, whole);
        assert_ne!(alone, CustomerId(uuid::Uuid::nil()));
        assert_eq!(
            (&doc(&hub, whole).await["recordCount"], &doc(&hub, alone).await["recordCount"]),
            (&json!(3), &json!(1))
        );
        let kinds: Vec<ChangeKind> = store.change_list(0, 100).await.unwrap().into_iter().map(|row| row.kind).collect();
        assert!(kinds.contains(&ChangeKind::CustomerSplit), "{kinds:?}");
    })
    .await;
}

#[tokio::test]
async fn node_and_customer_answer_a_retired_id_alike() {
    on_both(|store| async move {
        let hub = Hub::open(&store).await;
        let [one, _, other] = two_and_one(&hub).await;
        let (kept, retired) = (hub.customer(one).await, hub.customer(other).await);
        decide(&store, "LINK", one, other).await;
        hub.fold().await;
        let survivor = hub.customer(other).await;
        let gone = if survivor == kept { retired } else { kept };
        let document = "query($id: ID!) { node(id: $id) { id ... on Person { redirectedFrom } } customer(id: $id) { id redirectedFrom } }";
        let found = hub.data(&everyone(), document, json!({"id": gone.to_string()})).await;
        let expected = json!({"id": survivor.to_string(), "redirectedFrom": gone.to_string()});
        assert_eq!((&found["node"], &found["customer"]), (&expected, &expected));
    })
    .await;
}
