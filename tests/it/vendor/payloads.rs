//! Real envelopes against ours: what the vendors' published fixtures have at the top of a list, ours have too.

use super::{client, json, system};
use onefold::http::vendor::{Mailchimp, Stripe, VendorServer};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::path::Path;

/// The first answer of a published payload; `None`, visibly, where the data is not at hand.
fn published(name: &str) -> Option<Value> {
    let path = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../shared/data/connectors")).join(name);
    let Ok(text) = std::fs::read_to_string(path) else {
        eprintln!("skipped: the published payload {name} is not at hand");
        return None;
    };
    let payload: Value = serde_json::from_str(&text).unwrap();
    Some(payload["responses"][0].clone())
}

fn names(envelope: &Value) -> BTreeSet<String> {
    envelope.as_object().unwrap().keys().cloned().collect()
}

#[tokio::test]
async fn the_envelope_of_stripe_is_the_published_one_and_replays_its_pages() {
    let Some(list) = published("stripe/customers_pages.json") else { return };
    let rows: Vec<Value> = list["data"].as_array().unwrap().iter().rev().cloned().collect();
    let server = VendorServer::start(Stripe { api_key: "k".to_owned() }, system([("customers".to_owned(), rows)]));
    let server = server.await.unwrap();
    let ours = json(client().get(format!("{}/v1/customers?limit=3", server.base_url())).bearer_auth("k")).await;
    assert_eq!(names(&ours), names(&list));
    assert_eq!(ours["data"], list["data"]);
    let second = list["data"][1]["id"].as_str().unwrap();
    let url = format!("{}/v1/customers?limit=3&starting_after={second}", server.base_url());
    assert_eq!(json(client().get(url).bearer_auth("k")).await["data"][0], list["data"][2]);
}

#[tokio::test]
async fn the_envelopes_of_mailchimp_are_the_published_ones() {
    for (name, path) in [
        ("members", "lists/l1/members"),
        ("campaigns", "campaigns"),
        ("sent_to", "reports/c1/sent-to"),
        ("email_activity", "reports/c1/email-activity"),
    ] {
        let Some(list) = published(&format!("mailchimp/{name}.json")) else { return };
        let one = |id: &str| vec![json!({"id": id})];
        let data = system([("lists".to_owned(), one("l1")), ("campaigns".to_owned(), one("c1"))]);
        let server = VendorServer::start(Mailchimp { api_key: "k".to_owned() }, data).await.unwrap();
        let request = client().get(format!("{}/3.0/{path}", server.base_url())).basic_auth("x", Some("k"));
        assert_eq!(names(&json(request).await), names(&list), "{name}");
    }
}
