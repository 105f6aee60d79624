//! One document gives all that the departments know of a customer, and says where each value comes from.

use super::hub::*;
use super::story::{filled, mailbox, party_id, phone};
use crate::harness::on_both;
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// The texts at a key of every element.
fn each(list: &Value, key: &str) -> Vec<String> {
    list.as_array().unwrap().iter().map(|item| item[key].as_str().unwrap_or_default().to_owned()).collect()
}

#[tokio::test]
async fn one_document_gives_what_every_department_knows() {
    on_both(|store| async move {
        let hub = Hub::open(&store).await;
        filled(&hub, 2).await;
        let id = hub.customer(party_id("mailchimp", 1)).await;
        let found = hub
            .customer_doc(
                &everyone(),
                id,
                r"__typename id recordCount displayName email phone language timeZone tags
                  ... on Person { givenName familyName middleName namePrefix nameSuffix nickname company jobTitle birthDate }
                  address { lines locality postalCode country }
                  emails { address original primary sourceRecord { source { key } } }
                  phones { e164 } addresses { lines } identifiers { system value }
                  sourceRecords { totalCount nodes { kind externalId stream version source { key department } } }
                  accounts { totalCount nodes { number status balance { amount currency minorUnits } } }
                  subscriptions { totalCount nodes { product recurring { amount } interval } }
                  invoices { totalCount nodes { number status total { amount } dueOn payments { totalCount nodes { failureReason } } } }
                  payments { totalCount nodes { status invoice { number } } }
                  tickets { totalCount nodes { number interactions { nodes { summary } } feedback { nodes { score } } } }
                  interactions { totalCount nodes { direction ticket { number } } }
                  feedback { totalCount nodes { instrument score scoreMax } }
                  campaignTouches { totalCount nodes { result opens campaign { name touches { totalCount } } } }
                  consents { totalCount nodes { purpose channel status legalBasis } }
                  effectiveConsents { purpose channel status statements }
                  restrictions { path }",
            )
            .await;
        assert_eq!((&found["__typename"], &found["recordCount"]), (&json!("Person"), &json!(3)));
        assert_eq!((&found["email"], &found["phone"]), (&json!(mailbox(1)), &json!(phone(1))));
        assert_eq!((&found["givenName"], &found["birthDate"]), (&json!("Anna"), &json!("1984-03-07")));
        assert_eq!(found["address"], json!({"lines": ["Hauptgasse 2"], "locality": "Wien", "postalCode": "1010", "country": "AT"}));
        assert_eq!(each(&found["phones"], "e164"), ["+4319990001".to_owned(), phone(1)], "by the key of the source");
        assert_eq!(found["identifiers"], json!([{"system": "crm", "value": "K-0001"}]));
        assert_eq!(found["tags"].as_array().unwrap().len(), 3, "labels are put together");
        let sources: BTreeSet<String> =
            found["sourceRecords"]["nodes"].as_array().unwrap().iter().map(|r| r["source"]["key"].to_string()).collect();
        assert_eq!(sources.len(), 3);
        assert_eq!(found["accounts"]["nodes"][0]["balance"], json!({"amount": "-3.10", "currency": "EUR", "minorUnits": "-310"}));
        assert_eq!(each(&found["invoices"]["nodes"], "number"), ["OPEN-0001", "INV-0001"], "latest first");
        assert_eq!(found["invoices"]["nodes"][1]["payments"], json!({"totalCount": 1, "nodes": [{"failureReason": "no money"}]}));
        assert_eq!(found["invoices"]["nodes"][0]["payments"], json!({"totalCount": 0, "nodes": []}));
        assert_eq!(found["payments"]["nodes"][0]["invoice"]["number"], "INV-0001");
        assert_eq!(found["tickets"]["nodes"][0]["feedback"]["nodes"], json!([{"score": 4}]));
        assert_eq!(found["interactions"]["nodes"][0]["ticket"]["number"], "T-0001");
        let touch = &found["campaignTouches"]["nodes"][0];
        assert_eq!(touch, &json!({"result": "OPENED", "opens": 2, "campaign": {"name": "Spring", "touches": {"totalCount": 2}}}));
        assert_eq!(found["consents"]["totalCount"], 2);
        let folded = json!([{"purpose": "newsletter", "channel": "EMAIL", "status": "WITHDRAWN", "statements": 2}]);
        assert_eq!(found["effectiveConsents"], folded);
        assert_eq!(found["restrictions"], json!([]), "nothing is withheld from somebody of all departments");
    })
    .await;
}

#[tokio::test]
async fn a_company_is_an_organisation_with_its_names() {
    on_both(|store| async move {
        let hub = Hub::open(&store).await;
        filled(&hub, 1).await;
        let id = hub.customer(record_id("zendesk", "customers", "org")).await;
        let found = hub
            .customer_doc(
                &everyone(),
                id,
                "__typename recordCount ... on Organization { legalName tradeNames domains }",
            )
            .await;
        let expected = json!({"__typename": "Organization", "recordCount": 2, "legalName": "Quendel Handels GmbH",
                              "tradeNames": ["Quendel", "Quendel Tea"], "domains": ["quendel.example"]});
        assert_eq!(found, expected);
    })
    .await;
}

#[tokio::test]
async fn a_customer_is_found_by_a_key_of_any_system() {
    on_both(|store| async move {
        let hub = Hub::open(&store).await;
        filled(&hub, 2).await;
        let id = hub.customer(party_id("stripe", 1)).await.to_string();
        let by = |who, source: &str, key: &str| {
            let (source, key) = (source.to_owned(), key.to_owned());
            let hub = &hub;
            async move {
                let document =
                    "query($s: String!, $k: String!) { customerBySource(source: $s, externalId: $k) { id } }";
                hub.data(&who, document, json!({"s": source, "k": key})).await["customerBySource"]["id"].take()
            }
        };
        for (source, key) in
            [("stripe", "c1"), ("zendesk", "c1"), ("stripe", "i1"), ("zendesk", "t1"), ("mailchimp", "m1")]
        {
            assert_eq!(by(everyone(), source, key).await, json!(id), "{source} {key}");
        }
        assert_eq!(by(everyone(), "stripe", "no such").await, Value::Null);
        assert_eq!(by(everyone(), "nowhere", "c1").await, Value::Null);
        assert_eq!(by(everyone(), "mailchimp", "spring").await, Value::Null, "a campaign is nobody's");
        assert_eq!(
            by(marketing(), "stripe", "i1").await,
            Value::Null,
            "an invoice does not tell Marketing whose it is"
        );
        assert_eq!(by(marketing(), "stripe", "c1").await, json!(id));
    })
    .await;
}

#[tokio::test]
async fn every_object_is_found_by_its_id() {
    on_both(|store| async move {
        let hub = Hub::open(&store).await;
        filled(&hub, 1).await;
        let all = r"{ customers { nodes { id __typename sourceRecords { nodes { id } }
              accounts { nodes { id __typename } } subscriptions { nodes { id __typename } } invoices { nodes { id __typename } }
              payments { nodes { id __typename } } tickets { nodes { id __typename } } interactions { nodes { id __typename } }
              feedback { nodes { id __typename } } campaignTouches { nodes { id __typename campaign { id __typename } } }
              consents { nodes { id __typename } } } }
            sources { id __typename } syncRuns { nodes { id __typename } } quarantine { nodes { id __typename } }
            matchCandidates { nodes { id __typename } } }";
        let data = hub.data(&everyone(), all, json!({})).await;
        let mut found = Vec::new();
        ids(&data, &mut found);
        let kinds: BTreeSet<&String> = found.iter().map(|(_, kind)| kind).collect();
        assert_eq!(kinds.len(), 17, "{kinds:?}");
        let asked: Vec<&String> = found.iter().map(|(id, _)| id).collect();
        let document = "query($ids: [ID!]!) { nodes(ids: $ids) { __typename id } }";
        let nodes = hub.data(&everyone(), document, json!({"ids": asked})).await;
        for ((id, kind), node) in found.iter().zip(nodes["nodes"].as_array().unwrap()) {
            assert_eq!(node, &json!({"__typename": kind, "id": id}));
            let alone = hub.data(&everyone(), "query($id: ID!) { node(id: $id) { id } }", json!({"id": id})).await;
            assert_eq!(alone["node"]["id"], json!(id));
        }
        let other = format!("customer_{}", "0".repeat(32));
        assert_eq!(hub.data(&everyone(), document, json!({"ids": [other]})).await["nodes"], json!([null]));
    })
    .await;
}

/// Each id of the data with its type. The records of a customer stand without their type, because they are asked for as such.
fn ids(data: &Value, found: &mut Vec<(String, String)>) {
    match data {
        Value::Array(items) => items.iter().for_each(|item| ids(item, found)),
        Value::Object(object) => {
            if let Some(id) = object.get("id").and_then(Value::as_str) {
                let kind = object.get("__typename").and_then(Value::as_str).unwrap_or("SourceRecord");
                if !found.iter().any(|(known, _)| known == id) {
                    found.push((id.to_owned(), kind.to_owned()));
                }
            }
            object.values().for_each(|value| ids(value, found));
        }
        _ => {}
    }
}
