//! Golden values: each names where it comes from, and stays under the rights of whoever said it.

use super::people::customer;
use crate::api::hub::*;
use crate::api::story::{filled, party_id};
use crate::harness::{on_both, places};
use onefold::store::Store;
use serde_json::{Value, json};

const PROVENANCE: &str = "displayName email phone language timeZone address { lines }
    ... on Person { givenName middleName familyName namePrefix nameSuffix nickname company jobTitle birthDate }
    provenance { path value rule observedAt source { key } sourceRecord { id raw }
                 alternatives { value lostBecause observedAt source { key } sourceRecord { id raw } } }";

#[tokio::test]
async fn every_golden_value_names_its_record_rule_and_losing_values() {
    on_both(|store| async move {
        let hub = Hub::open(&store).await;
        filled(&hub, 1).await;
        let id = hub.customer(party_id("stripe", 0)).await;
        let seen = hub.customer_doc(&everyone(), id, PROVENANCE).await;
        let provenance = seen["provenance"].as_array().unwrap();
        let mut losing = 0;
        for (path, value) in seen.as_object().unwrap().iter().filter(|(path, _)| *path != "provenance") {
            let of_path: Vec<&Value> = provenance.iter().filter(|field| field["path"] == json!(path)).collect();
            assert_eq!(of_path.len(), 1, "{path}");
            let field = of_path[0];
            if path == "address" {
                assert_eq!(field["value"]["lines"], value["lines"]);
            } else {
                assert_eq!(&field["value"], value, "{path}");
            }
            assert!(!value.is_null(), "{path}");
            let rule = field["rule"].as_str().unwrap();
            assert!(!rule.is_empty() && rule.chars().all(|c| c.is_ascii_uppercase() || c == '_'), "{rule}");
            for said in std::iter::once(field).chain(field["alternatives"].as_array().unwrap()) {
                let record = said["sourceRecord"]["id"].as_str().unwrap();
                let source = said["source"]["key"].as_str().unwrap();
                assert_eq!(record, party_id(source, 0).to_string(), "the record is of that source");
                // The record says so: its own payload holds the value.
                let text = match &said["value"] {
                    Value::String(text) => text.clone(),
                    object => object["lines"][0].as_str().unwrap().to_owned(),
                };
                assert!(said["sourceRecord"]["raw"].to_string().contains(&text), "{path}: {text}");
                assert!(said["observedAt"].is_string());
            }
            for lost in field["alternatives"].as_array().unwrap() {
                assert!(lost["lostBecause"].as_str().is_some_and(|words| words.len() > 5), "{lost}");
                assert_ne!(lost["value"], field["value"]);
                losing += 1;
            }
        }
        assert!(losing >= 3, "{losing} losing values");
        let only = hub.customer_doc(&everyone(), id, "provenance(paths: [\"email\", \"nonsense\"]) { path }").await;
        assert_eq!(only, json!({"provenance": [{"path": "email"}]}));
    })
    .await;
}

/// A department sees of a merged customer what it saw before: what another one adds stays that one's.
#[tokio::test]
async fn a_value_keeps_the_label_of_its_source() {
    on_both(|store| async move {
        let hub = Hub::open(&store).await;
        let tagged = |tag: &str| {
            json!({"kind": "PERSON", "displayName": "Robert Kovač", "givenName": "Robert", "familyName": "Kovač",
                   "emails": [{"address": "robert@example.com", "original": "robert@example.com"}], "tags": [tag]})
        };
        hub.push("stripe", vec![customer("1", tagged("pays late"))]).await;
        hub.fold().await;
        let id = hub.customer(record_id("stripe", "customers", "1")).await;
        let selection =
            "recordCount tags restrictions { path reason } sourceRecords { nodes { raw source { department } } }";
        let alone = hub.customer_doc(&billing(), id, "tags").await;
        assert_eq!(alone["tags"], json!(["pays late"]));
        hub.push("zendesk", vec![customer("1", tagged("impatient"))]).await;
        hub.push("mailchimp", vec![customer("1", tagged("reader"))]).await;
        hub.fold().await;
        for (who, department, tag) in [
            (billing(), "billing", "pays late"),
            (support(), "support", "impatient"),
            (marketing(), "marketing", "reader"),
        ] {
            let seen = hub.customer_doc(&who, id, selection).await;
            assert_eq!((&seen["recordCount"], &seen["tags"]), (&json!(3), &json!([tag])));
            for record in seen["sourceRecords"]["nodes"].as_array().unwrap() {
                assert_eq!(record["raw"].is_object(), record["source"]["department"] == department);
            }
            let withheld = seen["restrictions"].as_array().unwrap().iter().find(|entry| entry["path"] == "tags");
            assert_eq!(withheld.unwrap()["reason"], "OTHER_DEPARTMENT");
        }
        let all = hub.customer_doc(&everyone(), id, "tags").await["tags"].as_array().unwrap().len();
        assert_eq!(all, 3);
    })
    .await;
}

#[tokio::test]
async fn a_record_that_its_source_deleted_no_longer_speaks() {
    on_both(|store| async move {
        let hub = Hub::open(&store).await;
        filled(&hub, 1).await;
        let id = hub.customer(party_id("stripe", 0)).await;
        let mut gone = customer("c0", Value::Null);
        (gone.data, gone.deleted) = (None, true);
        hub.push("mailchimp", vec![gone]).await;
        hub.fold().await;
        let seen = hub
            .customer_doc(
                &everyone(),
                id,
                "recordCount phones { e164 } ... on Person { company }
                sourceRecords { nodes { source { key } deletedAtSource } }",
            )
            .await;
        assert_eq!(
            (&seen["recordCount"], &seen["company"]),
            (&json!(3), &Value::Null),
            "it is still known to be this customer's"
        );
        assert_eq!(seen["phones"].as_array().unwrap().len(), 1);
        for record in seen["sourceRecords"]["nodes"].as_array().unwrap() {
            assert_eq!(record["deletedAtSource"].is_string(), record["source"]["key"] == "mailchimp");
        }
    })
    .await;
}

/// The records of one person in two orders: those without a time of their own would win by arriving last.
#[tokio::test]
async fn the_order_of_arrival_changes_no_golden_value() {
    let said = |job: &str, time: Value| {
        json!({"kind": "PERSON", "displayName": "Robert Kovač", "givenName": "Robert", "familyName": "Kovač",
               "jobTitle": job, "updatedAt": time, "language": job.to_lowercase(),
               "emails": [{"address": "robert@example.com", "original": "robert@example.com"}]})
    };
    let records = [
        ("stripe", customer("1", said("Engineer", Value::Null))),
        ("zendesk", customer("1", said("Manager", json!("2024-03-01T00:00:00Z")))),
        ("mailchimp", customer("1", said("Director", Value::Null))),
    ];
    let shown =
        "jobTitle language provenance { path value rule sourceRecord { id } alternatives { value lostBecause } }";
    for [first, second] in std::iter::zip(places().await, places().await).map(<[_; 2]>::from) {
        let mut seen = Vec::new();
        for (place, order) in [(first, [0, 1, 2]), (second, [2, 1, 0])] {
            let store = Store::open(&place.url).await.unwrap();
            let hub = Hub::open(&store).await;
            hub.push_all(order.map(|at| records[at].clone())).await;
            hub.fold().await;
            let id = hub.customer(record_id("stripe", "customers", "1")).await;
            seen.push(hub.customer_doc(&everyone(), id, &format!("... on Person {{ {shown} }}")).await);
            store.close().await;
        }
        assert_eq!(seen[0], seen[1]);
        assert_eq!(seen[0]["jobTitle"], "Manager", "of the others it is not known when they were said");
    }
}
