//! Small systems of our own invention.

use onefold::http::vendor::{VendorData, stripe};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// Seconds: before any clock of a test.
pub(super) const THEN: i64 = 1_760_000_000;

pub(super) fn customer(n: usize) -> Value {
    json!({"id": format!("cus_{n:03}"), "object": "customer", "created": THEN + i64::try_from(n / 3).unwrap(), "name": format!("Person {n}"),
        "email": format!("person{n}@mail.example"), "metadata": {}})
}

fn charge(n: usize) -> Value {
    json!({"id": format!("ch_{n:03}"), "object": "charge", "created": THEN + i64::try_from(n).unwrap(), "customer": format!("cus_{n:03}"),
        "amount": 1000 + n, "amount_refunded": 0, "refunded": false, "currency": "eur", "status": "succeeded", "metadata": {}})
}

pub(super) fn billing() -> VendorData {
    let collections = BTreeMap::from([
        ("customers".to_owned(), (0..23).map(customer).collect()),
        ("subscriptions".to_owned(), Vec::new()),
        ("invoices".to_owned(), Vec::new()),
        ("charges".to_owned(), (0..9).map(charge).collect::<Vec<_>>()),
        ("events".to_owned(), Vec::new()),
    ]);
    VendorData::new(collections)
}

/// Changes a customer as the system does: the object, and an event that tells. `at` in seconds.
pub(super) fn rename(data: &VendorData, id: &str, name: &str, event: &str, at: i64) {
    data.change("customers", id, |customer| customer["name"] = json!(name));
    let object = data.get("customers", id).unwrap();
    data.add("events", stripe::event(event, "customer.updated", at, &object));
}

fn time(n: usize) -> String {
    format!("2026-01-{:02}T10:{:02}:00Z", n / 60 + 1, n % 60)
}

pub(super) fn support() -> VendorData {
    let user = |n: usize| {
        json!({"id": 100 + n, "name": format!("Person {n}"), "email": format!("person{n}@mail.example"), "organization_id": 7, "active": true,
            "role": "end-user", "created_at": time(n), "updated_at": time(n), "tags": []})
    };
    let ticket = |n: usize| {
        json!({"id": 500 + n, "subject": "Help", "status": "open", "priority": "low", "requester_id": 100 + n, "via": {"channel": "email"},
            "created_at": time(n), "updated_at": time(n), "generated_timestamp": THEN + i64::try_from(n).unwrap(), "tags": []})
    };
    let rating = |n: usize| json!({"id": 900 + n, "score": "good", "ticket_id": 500 + n, "requester_id": 100 + n, "created_at": time(n), "updated_at": time(n)});
    let organization = |n: usize| json!({"id": 7 + n, "name": format!("House {n}"), "domain_names": [], "tags": [], "created_at": time(n), "updated_at": time(n)});
    VendorData::new(BTreeMap::from([
        ("users".to_owned(), (0..13).map(user).collect()),
        ("tickets".to_owned(), (0..12).map(ticket).collect()),
        ("satisfaction_ratings".to_owned(), (0..9).map(rating).collect()),
        ("organizations".to_owned(), (0..8).map(organization).collect::<Vec<_>>()),
    ]))
}

pub(super) fn member(list: &str, n: usize) -> Value {
    json!({"id": format!("{list}{n:04}"), "list_id": list, "email_address": format!("person{n}@mail.example"), "full_name": format!("Person {n}"),
        "status": "subscribed", "merge_fields": {"FNAME": "Person", "LNAME": n.to_string()}, "tags": [], "timestamp_opt": "2026-01-01T00:00:00+00:00",
        "last_changed": "2026-01-02T00:00:00+00:00", "sms_subscription_status": if n == 1 { "subscribed" } else { "" }})
}

pub(super) fn marketing() -> VendorData {
    let sent = |n: usize| json!({"campaign_id": "c1", "list_id": "aa", "email_id": format!("aa{n:04}"), "status": "sent", "open_count": n, "last_open": ""});
    VendorData::new(BTreeMap::from([
        (
            "lists".to_owned(),
            vec![
                json!({"id": "aa", "name": "News", "date_created": "2026-01-01T00:00:00+00:00"}),
                json!({"id": "bb", "name": "Offers", "date_created": "2026-01-02T00:00:00+00:00"}),
            ],
        ),
        ("lists/aa/members".to_owned(), (0..14).map(|n| member("aa", n)).collect()),
        ("lists/bb/members".to_owned(), (0..3).map(|n| member("bb", n)).collect()),
        (
            "campaigns".to_owned(),
            vec![
                json!({"id": "c1", "status": "sent", "create_time": "2026-01-03T00:00:00+00:00", "send_time": "2026-01-03T09:00:00+00:00", "settings": {"title": "January", "subject_line": "Hello"}}),
                json!({"id": "c2", "status": "save", "create_time": "2026-01-04T00:00:00+00:00", "send_time": "", "settings": {"title": "Draft", "subject_line": ""}}),
            ],
        ),
        ("reports/c1/sent-to".to_owned(), (0..14).map(sent).collect::<Vec<_>>()),
    ]))
}
