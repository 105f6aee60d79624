//! The demo's three systems, read as a connector would read them: everything arrives, once.

use super::{client, json};
use chrono::{DateTime, Utc};
use onefold::cli::demo::data::{DemoData, DemoOptions, demo_data};
use onefold::http::vendor::{Mailchimp, Stripe, VendorData, VendorServer, Zendesk};
use serde_json::Value;
use std::collections::BTreeSet;

fn demo() -> DemoData {
    let now: DateTime<Utc> = "2026-03-14T15:09:26Z".parse().unwrap();
    demo_data(&DemoOptions::demo(now))
}

fn key(row: &Value) -> String {
    row.get("id").or_else(|| row.get("email_id")).unwrap().to_string()
}

/// What was read is what is there, each object once.
fn assert_same(read: &[Value], there: &[Value], name: &str) {
    let keys = |rows: &[Value]| rows.iter().map(key).collect::<BTreeSet<_>>();
    assert_eq!(read.len(), there.len(), "{name}");
    assert_eq!(keys(read), keys(there), "{name}");
}

#[tokio::test]
async fn everything_of_stripe_arrives_once() {
    let data = demo().stripe;
    let server = VendorServer::start(Stripe { api_key: "k".into() }, data.clone()).await.unwrap();
    let client = client();
    for name in ["customers", "subscriptions", "invoices", "charges", "refunds", "events"] {
        let mut read: Vec<Value> = Vec::new();
        loop {
            let after =
                read.last().map_or_else(String::new, |row| format!("&starting_after={}", row["id"].as_str().unwrap()));
            let status = if name == "subscriptions" { "&status=all" } else { "" };
            let url = format!("{}/v1/{name}?limit=37{status}{after}", server.base_url());
            let page = json(client.get(url).bearer_auth("k")).await;
            read.extend(page["data"].as_array().unwrap().iter().cloned());
            if page["has_more"] == false {
                break;
            }
        }
        assert!(read.windows(2).all(|pair| pair[0]["created"].as_i64() >= pair[1]["created"].as_i64()), "{name}");
        let there: Vec<Value> = data.all(name).into_iter().filter(|row| row["deleted"] != true).collect();
        assert_same(&read, &there, name);
    }
}

#[tokio::test]
async fn everything_of_zendesk_arrives_once() {
    let data = demo().zendesk;
    let settings = Zendesk { page_size: 29, ..Zendesk::new("agent@example.com", "t") };
    let server = VendorServer::start(settings, data.clone()).await.unwrap();
    let client = client();
    let get = async |url: &str| json(client.get(url).basic_auth("agent@example.com/token", Some("t"))).await;
    for (first, name, next) in [
        ("incremental/users/cursor.json?start_time=0", "users", "/after_url"),
        ("incremental/tickets/cursor.json?start_time=0", "tickets", "/after_url"),
        ("incremental/organizations.json?start_time=0", "organizations", "/next_page"),
        ("satisfaction_ratings.json?page[size]=7", "satisfaction_ratings", "/links/next"),
    ] {
        let (mut url, mut read) = (format!("{}/api/v2/{first}", server.base_url()), Vec::new());
        loop {
            let page = get(&url).await;
            read.extend(page[name].as_array().unwrap().iter().cloned());
            match page.pointer(next).and_then(Value::as_str) {
                Some(next) if page["end_of_stream"] != true => url = next.to_owned(),
                _ => break,
            }
        }
        if name == "organizations" {
            read.sort_by_key(key);
            read.dedup();
        }
        assert_same(&read, &data.all(name), name);
    }
    let ticket = &data.all("tickets")[0]["id"];
    let url = format!("{}/api/v2/tickets/{ticket}/comments.json?page[size]=100", server.base_url());
    let page = get(&url).await;
    assert_same(page["comments"].as_array().unwrap(), &data.all(&format!("tickets/{ticket}/comments")), "comments");
}

#[tokio::test]
async fn everything_of_mailchimp_arrives_once() {
    let data = demo().mailchimp;
    let server = VendorServer::start(Mailchimp { api_key: "k".into() }, data.clone()).await.unwrap();
    let client = client();
    let read_all = async |path: &str, name: &str, data: &VendorData| {
        let mut read: Vec<Value> = Vec::new();
        loop {
            let url = format!("{}/3.0/{path}?count=50&offset={}", server.base_url(), read.len());
            let page = json(client.get(url).basic_auth("x", Some("k"))).await;
            let rows = page[name].as_array().unwrap();
            if rows.is_empty() {
                break;
            }
            read.extend(rows.iter().cloned());
        }
        assert_same(&read, &data.all(path), path);
        read
    };
    for list in read_all("lists", "lists", &data).await {
        let members = read_all(&format!("lists/{}/members", list["id"].as_str().unwrap()), "members", &data).await;
        assert!(members.len() > 50);
    }
    for campaign in read_all("campaigns", "campaigns", &data).await {
        let id = campaign["id"].as_str().unwrap();
        let sent = read_all(&format!("reports/{id}/sent-to"), "sent_to", &data).await;
        assert_eq!(campaign["emails_sent"], sent.len());
        read_all(&format!("reports/{id}/email-activity"), "emails", &data).await;
    }
}
