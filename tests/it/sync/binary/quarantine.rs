//! What fits no model waits in quarantine with its cause, until the vendor repairs it.

use super::changes::{change_stripe, change_zendesk, first};
use super::hub::Hub;
use super::kept::Kept;
use super::systems::{Systems, ago};
use crate::harness::places;
use onefold::http::vendor::VendorData;
use onefold::store::QuarantineRow;
use serde_json::{Value, json};

/// Texts of a payload that say something about somebody: those that are no plain lower-case word.
fn telling<'v>(value: &'v Value, found: &mut Vec<&'v str>) {
    match value {
        Value::String(text) if text.len() >= 4 && !text.bytes().all(|b| b.is_ascii_lowercase() || b == b'_') => {
            found.push(text);
        }
        Value::Array(list) => list.iter().for_each(|value| telling(value, found)),
        Value::Object(fields) => fields.values().for_each(|value| telling(value, found)),
        _ => {}
    }
}

fn assert_tells_nothing(row: &QuarantineRow) {
    let mut values = Vec::new();
    telling(&row.item.raw, &mut values);
    for value in values {
        assert!(!row.item.message.contains(value), "{:?} repeats {value:?}", row.item.message);
    }
}

/// The name of the stream that reads a collection.
fn stream(collection: &str) -> &str {
    if collection == "charges" { "payments" } else { collection }
}

fn newsletter(data: &VendorData) -> (String, String) {
    let list = first(data, "lists", |_| true);
    let members = format!("lists/{list}/members");
    (list, members)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_does_not_fit_waits_with_its_cause_and_leaves_when_it_is_repaired() {
    for place in places().await {
        let systems = Systems::start(10, 2).await;
        let hub = Hub::over(place, &systems);
        hub.sync().await.well();

        let kept = Kept::of(&hub).await;
        let rows = kept.quarantine().await;
        for misfit in &systems.misfits {
            let is_it = |row: &&QuarantineRow| {
                let key = row.item.external_id.as_deref().unwrap_or_default();
                row.item.stream == stream(misfit.stream) && key.rsplit(':').next() == Some(&misfit.external_id)
            };
            let row = rows.iter().find(is_it).unwrap_or_else(|| panic!("{misfit:?} is not in quarantine"));
            let keys = kept.keys(misfit.system, stream(misfit.stream)).await;
            assert!(!keys.contains(row.item.external_id.as_ref().unwrap()), "{misfit:?} is no record");
        }
        for row in &rows {
            assert_tells_nothing(row);
            assert!(!row.item.code.is_empty() && row.item.path.is_some() && row.item.place.is_some(), "{row:?}");
            let key = row.item.external_id.as_deref().unwrap_or_default();
            let is_known = systems.misfits.iter().any(|misfit| key.rsplit(':').next() == Some(&misfit.external_id));
            assert!(is_known, "nothing else is in quarantine: {row:?}");
        }
        kept.close().await;

        let stripe = &systems.stripe;
        let (list, members) = newsletter(systems.mailchimp.data());
        let ticket = systems.zendesk.data().all("tickets").remove(0)["id"].clone();
        for misfit in &systems.misfits {
            let id = misfit.external_id.as_str();
            let today = json!(ago(0));
            match misfit.stream {
                "charges" => {
                    change_stripe(stripe, "charges", id, "charge.updated", |row| row["currency"] = json!("eur"));
                }
                "invoices" => {
                    change_stripe(stripe, "invoices", id, "invoice.updated", |row| row["total"] = json!(1250));
                }
                "tickets" => change_zendesk(&systems, "tickets", id, |row| row["created_at"] = today),
                "satisfaction_ratings" => change_zendesk(&systems, "satisfaction_ratings", id, |row| {
                    row["ticket_id"] = ticket.clone();
                    row["created_at"] = today;
                }),
                "members" => drop(systems.mailchimp.data().change(&members, id, |row| {
                    row["email_address"] = json!("repaired@example.com");
                    row["timestamp_opt"] = today.clone();
                    row["last_changed"] = today;
                })),
                other => panic!("the test does not know how to repair {other}"),
            }
        }
        hub.sync().await.well();
        let kept = Kept::of(&hub).await;
        for row in kept.quarantine().await {
            assert!(row.resolved_at.is_some(), "{row:?}");
        }
        for misfit in &systems.misfits {
            let key = match misfit.stream {
                "members" => format!("{list}:{}", misfit.external_id),
                _ => misfit.external_id.clone(),
            };
            assert!(kept.keys(misfit.system, stream(misfit.stream)).await.contains(&key), "{misfit:?}");
        }
        kept.close().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_record_that_no_longer_fits_keeps_what_it_was() {
    let systems = Systems::start(10, 1).await;
    let hub = Hub::new(&systems);
    hub.sync().await.well();
    let bad = "Jane Roe, 1 Elm Row (jane at home)";
    let customer = first(systems.stripe.data(), "customers", |row| row["deleted"] != true && row["email"].is_string());
    change_stripe(&systems.stripe, "customers", &customer, "customer.updated", |row| row["email"] = json!(bad));
    let (list, members) = newsletter(systems.mailchimp.data());
    let member = first(systems.mailchimp.data(), &members, |row| row["email_address"] != "");
    systems.mailchimp.data().change(&members, &member, |row| {
        row["email_address"] = json!(bad);
        row["last_changed"] = json!(ago(0));
    });
    // And one without a key at all.
    let user = first(systems.zendesk.data(), "users", |_| true);
    change_zendesk(&systems, "users", &user, |row| row["id"] = json!({"no": "key"}));
    let ran = hub.sync().await.well();
    assert!(!ran.err.contains("Jane") && !ran.err.contains("Elm"), "{}", ran.err);

    let kept = Kept::of(&hub).await;
    let member = format!("{list}:{member}");
    for (source, stream, key) in [("stripe", "customers", &customer), ("mailchimp", "members", &member)] {
        assert!(kept.waiting(source, stream).await.contains(key), "{source}");
        let versions = kept.versions(source, stream, key).await;
        assert_eq!((versions.len(), versions[0].deleted), (1, false), "{source}: the last good version stays");
    }
    let rows = kept.quarantine().await;
    rows.iter().for_each(assert_tells_nothing);
    let keyless = rows.iter().find(|row| row.item.external_id.is_none()).expect("the one without a key");
    assert_eq!((keyless.item.stream.as_str(), keyless.item.code.as_str()), ("users", "KEY_MISSING"));
    kept.close().await;
}

/// A better field map, and the system is not asked.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_waits_is_stored_when_a_better_map_reads_it() {
    for place in places().await {
        let systems = Systems::start(10, 1).await;
        let hub = Hub::over(place, &systems);
        hub.sync().await.well();
        let customer =
            first(systems.stripe.data(), "customers", |row| row["deleted"] != true && row["email"].is_string());
        change_stripe(&systems.stripe, "customers", &customer, "customer.updated", |row| {
            row["email"] = json!("by phone");
        });
        hub.sync().await.well();
        hub.run(&["retry", "stripe"]).await.well();
        let kept = Kept::of(&hub).await;
        assert!(kept.waiting("stripe", "customers").await.contains(&customer), "the map is as it was");
        kept.close().await;

        let map = "connectors/billing/stripe/map/customer.yaml";
        let text = std::fs::read_to_string(hub.path(map)).unwrap();
        assert!(text.contains("email -> email,"), "{text}");
        hub.write(map, text.replace("email -> email,", "'email -> email?',"));
        let ran = hub.run(&["retry"]).await.well();
        assert!(ran.err.contains("stripe: 1 fit now"), "{}", ran.err);
        let kept = Kept::of(&hub).await;
        assert!(!kept.waiting("stripe", "customers").await.contains(&customer));
        assert_eq!(kept.versions("stripe", "customers", &customer).await.len(), 2);
        kept.close().await;
        hub.run(&["retry", "nowhere"]).await.badly(&["nowhere"]);
    }
}
