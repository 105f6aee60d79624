//! Real payloads of the systems, where the shared data is beside the repository.

use crate::folders::load;
use onefold_connector::Connector;
use serde_json::{Value, json};
use std::path::Path;

fn shared(name: &str) -> Option<Value> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data/connectors").join(name);
    let Ok(text) = std::fs::read_to_string(path) else {
        eprintln!("skipped: {name}, because the shared data is not beside the repository");
        return None;
    };
    Some(serde_json::from_str(&text).unwrap())
}

fn all(value: &Value, pointer: &str) -> Vec<Value> {
    value["responses"]
        .as_array()
        .into_iter()
        .flatten()
        .flat_map(|page| page.pointer(pointer).unwrap().as_array().unwrap().clone())
        .collect()
}

#[track_caller]
fn map(connector: &Connector, stream: &str, raw: &Value) -> Value {
    let output = connector.map(stream, "key", raw);
    assert!(output.misfits.is_empty(), "{:?}", output.misfits);
    output.records[0].record.to_json()
}

#[test]
fn stripes_own_fixtures_become_records() {
    let connector = load("billing/stripe");
    for (file, stream) in [
        ("customers", "customers"),
        ("customers_pages", "customers"),
        ("subscriptions", "subscriptions"),
        ("invoices", "invoices"),
        ("charges", "payments"),
    ] {
        let Some(fixture) = shared(&format!("stripe/{file}.json")) else { continue };
        let records = all(&fixture, "/data");
        assert!(!records.is_empty());
        for raw in &records {
            map(&connector, stream, raw);
        }
    }
    if let Some(fixture) = shared("stripe/customers_pages.json") {
        let named = all(&fixture, "/data").into_iter().find(|raw| raw["name"] == "Acme GmbH").unwrap();
        let record = map(&connector, "customers", &named);
        assert_eq!(
            (&record["kind"], &record["emails"][0]["address"]),
            (&json!("ORGANIZATION"), &json!("c4@example.com"))
        );
    }
    for (file, stream) in
        [("get-customer", "customers"), ("get-subscription", "subscriptions"), ("get-invoice", "invoices")]
    {
        let Some(recorded) = shared(&format!("stripe/recorded_single/{file}.json")) else { continue };
        map(&connector, stream, &recorded["exchanges"][0]["response"]);
    }
}

#[test]
fn recorded_answers_of_zendesk_become_records() {
    let connector = load("support/zendesk");
    for (file, stream, place) in [
        ("get-user", "users", "/user"),
        ("get-ticket", "tickets", "/ticket"),
        ("get-organization", "organizations", "/organization"),
    ] {
        let Some(recorded) = shared(&format!("zendesk/recorded_single/{file}.json")) else { continue };
        let record = map(&connector, stream, recorded["exchanges"][0]["response"].pointer(place).unwrap());
        assert!(record["displayName"].is_string() || record["number"] == "1", "{record}");
    }
}

#[test]
fn recorded_answers_of_mailchimp_become_records() {
    let connector = load("marketing/mailchimp");
    if let Some(recorded) = shared("mailchimp/recorded_single/get-member.json") {
        let raw = &recorded["exchanges"][0]["response"];
        let output = connector.map("members", "16ed227135:0f8c53293177b8e9f1658ae7951a468e", raw);
        let kinds: Vec<&str> = output.records.iter().map(|mapped| mapped.record.kind().as_str()).collect();
        assert_eq!(kinds, ["party", "consent"]);
        assert_eq!(output.records[0].record.to_json()["addresses"][0]["lines"].as_array().unwrap().len(), 4);
        assert_eq!(output.records[1].record.to_json()["status"], "GRANTED");
    }
    if let Some(recorded) = shared("mailchimp/recorded_single/get-campaign.json") {
        let record = map(&connector, "campaigns", &recorded["exchanges"][0]["response"]);
        assert_eq!((&record["status"], &record["name"]), (&json!("SENT"), &json!("Test Campaign")));
    }
}
