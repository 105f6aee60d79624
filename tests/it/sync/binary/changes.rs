//! What becomes different at a vendor becomes one new version, and nothing else does.

use super::hub::Hub;
use super::kept::Kept;
use super::systems::{Systems, ago};
use crate::harness::places;
use chrono::Utc;
use onefold::http::vendor::stripe::{customer_delete, event};
use onefold::http::vendor::{VendorData, VendorServer};
use serde_json::{Value, json};

/// The key of the first object of a collection for which something holds.
pub(super) fn first(data: &VendorData, collection: &str, holds: impl Fn(&Value) -> bool) -> String {
    let row = data.all(collection).into_iter().find(holds).expect("an object of that kind");
    row["id"].as_str().map_or_else(|| row["id"].to_string(), str::to_owned)
}

/// Changes an object of Stripe and tells of it in the feed, as the vendor does.
pub(super) fn change_stripe(
    server: &VendorServer,
    collection: &str,
    id: &str,
    kind: &str,
    change: impl FnOnce(&mut Value),
) {
    assert!(server.data().change(collection, id, change));
    let object = server.data().get(collection, id).unwrap();
    let told = event(&format!("evt_{kind}_{id}"), kind, Utc::now().timestamp(), &object);
    server.data().add("events", told);
}

/// Changes an object of Zendesk as of now.
pub(super) fn change_zendesk(systems: &Systems, collection: &str, id: &str, change: impl FnOnce(&mut Value)) {
    let is_changed = systems.zendesk.data().change(collection, id, |object| {
        object["updated_at"] = json!(ago(0));
        if collection == "tickets" {
            object["generated_timestamp"] = json!(Utc::now().timestamp());
        }
        change(object);
    });
    assert!(is_changed);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_changed_object_makes_one_new_version() {
    for place in places().await {
        let systems = Systems::start(12, 2).await;
        let hub = Hub::over(place, &systems);
        hub.sync().await.well();
        let kept = Kept::of(&hub).await;
        let before = kept.count("record_version").await;
        kept.close().await;

        let customer = first(systems.stripe.data(), "customers", |row| row["deleted"] != true);
        change_stripe(&systems.stripe, "customers", &customer, "customer.updated", |row| {
            row["name"] = json!("Ada Neu");
        });
        let charge = first(systems.stripe.data(), "charges", |row| row["status"] == "succeeded");
        change_stripe(&systems.stripe, "charges", &charge, "charge.refunded", |row| {
            row["refunded"] = json!(true);
            row["amount_refunded"] = row["amount"].clone();
        });
        let user = first(systems.zendesk.data(), "users", |_| true);
        change_zendesk(&systems, "users", &user, |row| row["name"] = json!("Grete Neu"));
        let ticket = first(systems.zendesk.data(), "tickets", |row| row["id"] != 999_001);
        change_zendesk(&systems, "tickets", &ticket, |row| row["priority"] = json!("urgent"));
        let organization = first(systems.zendesk.data(), "organizations", |_| true);
        change_zendesk(&systems, "organizations", &organization, |row| row["name"] = json!("Neu Glas GmbH"));
        let list = first(systems.mailchimp.data(), "lists", |_| true);
        let members = format!("lists/{list}/members");
        let member = first(systems.mailchimp.data(), &members, |row| row["status"] == "subscribed");
        systems.mailchimp.data().change(&members, &member, |row| {
            row["status"] = json!("unsubscribed");
            row["last_changed"] = json!(ago(0));
        });
        hub.sync().await.well();

        let kept = Kept::of(&hub).await;
        let member = format!("{list}:{member}");
        for (source, stream, key, pointer, value) in [
            ("stripe", "customers", &customer, "/displayName", "Ada Neu"),
            ("stripe", "payments", &charge, "/status", "REFUNDED"),
            ("zendesk", "users", &user, "/displayName", "Grete Neu"),
            ("zendesk", "tickets", &ticket, "/priority", "URGENT"),
            ("zendesk", "organizations", &organization, "/displayName", "Neu Glas GmbH"),
            ("mailchimp", "consents", &member, "/status", "WITHDRAWN"),
        ] {
            let versions = kept.versions(source, stream, key).await;
            assert_eq!(versions.len(), 2, "{source} {stream}");
            assert_eq!(versions[1].mapped.pointer(pointer), Some(&json!(value)), "{source} {stream}");
            assert_ne!(versions[0].mapped.pointer(pointer), Some(&json!(value)), "{source} {stream}");
        }
        assert_eq!(kept.versions("mailchimp", "members", &member).await.len(), 2, "the member beside its consent");
        assert_eq!(kept.count("record_version").await, before + 7, "nothing else has a new version");
        kept.close().await;

        hub.sync().await.well();
        let kept = Kept::of(&hub).await;
        assert_eq!(kept.count("record_version").await, before + 7);
        kept.close().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_customer_deleted_at_stripe_becomes_a_tombstone_that_keeps_its_meaning() {
    for place in places().await {
        let systems = Systems::start(8, 1).await;
        let hub = Hub::over(place, &systems);
        hub.sync().await.well();
        let told = first(systems.stripe.data(), "customers", |row| row["deleted"] != true);
        let seen =
            first(systems.stripe.data(), "customers", |row| row["deleted"] != true && row["id"] != told.as_str());
        let invoice = first(systems.stripe.data(), "invoices", |row| row["total"].is_i64());

        // One is told of by its own event, another is gone when the hub looks after an earlier event.
        let now = Utc::now().timestamp();
        assert!(customer_delete(systems.stripe.data(), &told, "evt_gone", now));
        change_stripe(&systems.stripe, "customers", &seen, "customer.updated", |row| row["deleted"] = json!(true));
        // And an invoice that answers 404 by now.
        change_stripe(&systems.stripe, "invoices", &invoice, "invoice.updated", |_| {});
        systems.stripe.data().delete("invoices", &invoice);
        hub.sync().await.well();

        let kept = Kept::of(&hub).await;
        for (stream, key) in [("customers", &told), ("customers", &seen), ("invoices", &invoice)] {
            let versions = kept.versions("stripe", stream, key).await;
            let flags: Vec<bool> = versions.iter().map(|version| version.deleted).collect();
            assert_eq!(flags, [false, true], "{stream} {key}");
            assert_eq!(versions[1].mapped, versions[0].mapped, "{stream} {key}: what it was is known all the same");
            assert_ne!(versions[1].raw, json!(null));
        }
        let (_, gone) = kept.live_and_gone("stripe", "customers").await;
        assert_eq!(gone, [told, seen].into_iter().collect());
        kept.close().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_user_set_inactive_and_a_deleted_ticket_become_tombstones_and_can_come_back() {
    let systems = Systems::start(8, 1).await;
    let hub = Hub::new(&systems);
    hub.sync().await.well();
    let user = first(systems.zendesk.data(), "users", |_| true);
    let ticket = first(systems.zendesk.data(), "tickets", |row| row["status"] != "deleted" && row["id"] != 999_001);

    change_zendesk(&systems, "users", &user, |row| row["active"] = json!(false));
    change_zendesk(&systems, "tickets", &ticket, |row| row["status"] = json!("deleted"));
    hub.sync().await.well();
    let kept = Kept::of(&hub).await;
    assert!(kept.live_and_gone("zendesk", "users").await.1.contains(&user));
    assert!(kept.live_and_gone("zendesk", "tickets").await.1.contains(&ticket));
    kept.close().await;

    // Two changes of one second are one for the export, so this one is of a later second.
    change_zendesk(&systems, "users", &user, |row| {
        row["active"] = json!(true);
        row["updated_at"] = json!(ago(-2));
    });
    hub.sync().await.well();
    let kept = Kept::of(&hub).await;
    let flags: Vec<bool> = kept.versions("zendesk", "users", &user).await.iter().map(|v| v.deleted).collect();
    assert_eq!(flags, [false, true, false]);
    kept.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_deleted_while_a_feed_is_not_read_is_found_by_a_stream_that_sweeps() {
    let systems = Systems::start(8, 1).await;
    let hub = Hub::new(&systems);
    let shipped = std::fs::read_to_string(hub.path("connectors/billing/stripe/connector.yaml")).unwrap();
    if !shipped.contains("sweep: ") {
        hub.rewrite("billing/stripe", "deletes: {feed: true, ", "deletes: {feed: true, sweep: 30d, ");
    }
    hub.sync().await.well();
    let gone = first(systems.stripe.data(), "customers", |row| row["deleted"] != true);
    // Thirty days pass for the feed: its position is older than what the vendor keeps.
    let kept = Kept::of(&hub).await;
    let mut tx = kept.store.begin().await.unwrap();
    let old = (Utc::now() - chrono::Duration::days(31)).to_rfc3339();
    let state = json!({"v": 1, "epoch": old, "position": old}).to_string();
    tx.execute("update checkpoint set state = $1 where task = 'feed/events'", onefold::args![state]).await.unwrap();
    tx.commit().await.unwrap();
    kept.close().await;
    // What happened in the time between is in no feed any more.
    systems.stripe.data().delete("customers", &gone);
    hub.sync().await.well();
    let kept = Kept::of(&hub).await;
    assert!(kept.live_and_gone("stripe", "customers").await.1.contains(&gone), "found by reading everything again");
    let (_, charges) = kept.live_and_gone("stripe", "payments").await;
    assert!(charges.is_empty(), "a stream without deletions keeps what it has");
    kept.close().await;
}
