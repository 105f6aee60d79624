//! Real payloads of the vendors, through the whole sync into a store. Skipped, visibly, where they are not at hand.

use super::hub::Hub;
use super::kept::Kept;
use super::systems::{PAGE, Systems};
use chrono::Utc;
use onefold::cli::demo::data::DemoData;
use onefold::http::vendor::VendorData;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// A published or recorded payload of one of the kinds that come from the vendors themselves.
fn payload(name: &str) -> Option<Value> {
    let path = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../shared/data/connectors")).join(name);
    let Ok(text) = std::fs::read_to_string(path) else {
        eprintln!("skipped: {name}, because the shared data is not beside the repository");
        return None;
    };
    let payload: Value = serde_json::from_str(&text).expect("a payload is JSON");
    let kind = payload["kind"].as_str().unwrap_or("recorded");
    let is_real =
        ["official-fixture", "composed-pages", "doc-example", "recorded"].iter().any(|real| kind.starts_with(real));
    if !is_real {
        eprintln!("skipped: {name}, because it is {kind} and no vendor ever sent it");
    }
    is_real.then_some(payload)
}

/// The objects of all of its answers, each id once.
fn listed(names: &[&str], pointer: &str) -> Vec<Value> {
    let payloads: Vec<Value> = names.iter().filter_map(|name| payload(name)).collect();
    let mut ids = BTreeSet::new();
    let answers = payloads.iter().flat_map(|payload| payload["responses"].as_array().into_iter().flatten());
    let rows = answers.flat_map(|answer| answer.pointer(pointer).and_then(Value::as_array).into_iter().flatten());
    rows.filter(|row| ids.insert(row["id"].to_string())).cloned().collect()
}

/// The one object of a recorded answer.
fn recorded(name: &str, pointer: &str) -> Vec<Value> {
    payload(name)
        .and_then(|payload| payload["exchanges"][0]["response"].pointer(pointer).cloned())
        .into_iter()
        .collect()
}

fn joined(parts: [Vec<Value>; 2]) -> Vec<Value> {
    let mut ids = BTreeSet::new();
    parts.into_iter().flatten().filter(|row| ids.insert(row["id"].to_string())).collect()
}

fn system(collections: Vec<(&str, Vec<Value>)>) -> VendorData {
    VendorData::new(collections.into_iter().map(|(name, rows)| (name.to_owned(), rows)).collect::<BTreeMap<_, _>>())
}

fn stripe() -> VendorData {
    let customers = listed(&["stripe/customers.json", "stripe/customers_pages.json"], "/data");
    let one = |name: &str| recorded(&format!("stripe/recorded_single/{name}.json"), "");
    let list = |name: &str| listed(&[&format!("stripe/{name}.json")], "/data");
    system(vec![
        ("customers", joined([customers, one("get-customer")])),
        ("subscriptions", joined([list("subscriptions"), one("get-subscription")])),
        ("invoices", joined([list("invoices"), one("get-invoice")])),
        ("charges", list("charges")),
        ("events", Vec::new()),
    ])
}

fn mailchimp() -> VendorData {
    let member = recorded("mailchimp/recorded_single/get-member.json", "");
    let mut lists = joined([
        listed(&["mailchimp/lists.json"], "/lists"),
        recorded("mailchimp/recorded_single/get-audience.json", ""),
    ]);
    let mut collections: Vec<(String, Vec<Value>)> = Vec::new();
    for row in joined([listed(&["mailchimp/members.json"], "/members"), member]) {
        let list = row["list_id"].as_str().expect("a member of a list").to_owned();
        if !lists.iter().any(|known| known["id"] == list.as_str()) {
            lists.push(json!({"id": list, "name": "Recorded"}));
        }
        collections.push((format!("lists/{list}/members"), vec![row]));
    }
    let campaigns = joined([
        listed(&["mailchimp/campaigns.json"], "/campaigns"),
        recorded("mailchimp/recorded_single/get-campaign.json", ""),
    ]);
    collections.extend([("lists".to_owned(), lists), ("campaigns".to_owned(), campaigns)]);
    VendorData::new(collections.into_iter().collect())
}

fn zendesk() -> VendorData {
    let one = |name: &str| recorded(&format!("zendesk/recorded_single/get-{name}.json"), &format!("/{name}"));
    let mut tickets = one("ticket");
    for ticket in &mut tickets {
        // Only exports tell it, and these are ordered by it.
        ticket["generated_timestamp"] = json!(Utc::now().timestamp() - 3600);
    }
    system(vec![("users", one("user")), ("tickets", tickets), ("organizations", one("organization"))])
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn real_payloads_become_records() {
    let data = DemoData {
        stripe: stripe(),
        zendesk: zendesk(),
        mailchimp: mailchimp(),
        truth: Vec::new(),
        misfits: Vec::new(),
    };
    let counts = |data: &VendorData, names: &[&str]| names.iter().map(|name| data.count(name)).sum::<usize>();
    let expected = counts(&data.stripe, &["customers", "subscriptions", "invoices", "charges"])
        + counts(&data.zendesk, &["users", "tickets", "organizations"])
        + data
            .mailchimp
            .collections()
            .iter()
            .filter(|name| name.ends_with("/members"))
            .map(|n| data.mailchimp.count(n))
            .sum::<usize>()
        + data.mailchimp.count("campaigns");
    if expected == 0 {
        return;
    }
    let systems = Systems::with(data, PAGE).await;
    let hub = Hub::new(&systems);
    hub.run(&["sync"]).await.well();
    let kept = Kept::of(&hub).await;
    let waiting: Vec<String> =
        kept.quarantine().await.into_iter().map(|row| format!("{}: {}", row.item.stream, row.item.message)).collect();
    assert_eq!(waiting, Vec::<String>::new(), "real payloads fit");
    let consents = kept.keys("mailchimp", "consents").await.len();
    let stored = kept.count("record").await;
    eprintln!("{expected} real objects became {stored} records");
    assert_eq!(stored, i64::try_from(expected + consents).unwrap());
    kept.close().await;

    // The feed: real events, moved to now. What they tell of is read again by its id, or is gone.
    for mut told in listed(&["stripe/events.json", "stripe/events_pages.json"], "/data") {
        told["created"] = json!(Utc::now().timestamp());
        systems.stripe.data().add("events", told);
    }
    hub.run(&["sync"]).await.well();
    let kept = Kept::of(&hub).await;
    assert_eq!(kept.quarantine().await.len(), 0);
    kept.close().await;
}
