//! What the edges of a reading could lose: late arrivals, equal times, lists that move while they are read.

use super::changes::{change_stripe, change_zendesk, first};
use super::complete::assert_complete;
use super::hub::Hub;
use super::kept::Kept;
use super::systems::{Moment, PAGE, Systems, ago, at};
use chrono::Utc;
use onefold::http::vendor::VendorData;
use onefold::http::vendor::stripe::event;
use serde_json::{Value, json};
use std::sync::atomic::{AtomicBool, Ordering};

/// A copy of an object with another key and other words.
fn copy(of: Value, changes: &[(&str, Value)]) -> Value {
    let mut copy = of;
    for (field, value) in changes {
        copy[*field] = value.clone();
    }
    copy
}

/// A customer who has not left.
fn living(data: &VendorData) -> Value {
    data.all("customers").into_iter().find(|row| row["deleted"] != true).unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_arrives_late_is_found_by_looking_back() {
    let systems = Systems::start(12, 2).await;
    let hub = Hub::new(&systems);
    hub.sync().await.well();
    // Something new moves every position to about now.
    let list = first(systems.mailchimp.data(), "lists", |_| true);
    let members = format!("lists/{list}/members");
    let member = systems.mailchimp.data().all(&members).remove(0);
    let rating = systems.zendesk.data().all("satisfaction_ratings").remove(0);
    let customer = living(systems.stripe.data());
    let late = |name: &str, seconds: i64| {
        let address = format!("{name}@example.com");
        let changes = [("id", json!(name)), ("email_address", json!(address)), ("last_changed", json!(ago(seconds)))];
        systems.mailchimp.data().add(&members, copy(member.clone(), &changes));
        let id = 500_000 + name.len();
        let changes = [("id", json!(id)), ("created_at", json!(ago(seconds))), ("updated_at", json!(ago(seconds)))];
        systems.zendesk.data().add("satisfaction_ratings", copy(rating.clone(), &changes));
        let told = copy(customer.clone(), &[("id", json!(name)), ("name", json!(name))]);
        systems.stripe.data().add("customers", told.clone());
        let at = Utc::now().timestamp() - seconds;
        systems.stripe.data().add("events", event(&format!("evt_{name}"), "customer.created", at, &told));
        id.to_string()
    };
    late("now", 0);
    hub.sync().await.well();
    // These happened before what has been read, and the vendors show them only now.
    let rated = late("late.", 300);
    hub.sync().await.well();

    let kept = Kept::of(&hub).await;
    assert!(kept.keys("mailchimp", "members").await.contains(&format!("{list}:late.")));
    assert!(kept.keys("zendesk", "satisfaction_ratings").await.contains(&rated));
    assert!(kept.keys("stripe", "customers").await.contains("late."));
    kept.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn objects_of_one_second_are_all_read_across_the_borders_of_pages_and_runs() {
    let systems = Systems::start(16, 1).await;
    let list = first(systems.mailchimp.data(), "lists", |_| true);
    let members = format!("lists/{list}/members");
    let second = Utc::now().timestamp() - 45;
    // Three pages and a bit, all of one second.
    let add = |from: usize, to: usize| {
        let templates = (
            living(systems.stripe.data()),
            systems.zendesk.data().all("users").remove(0),
            systems.zendesk.data().all("organizations").remove(0),
            systems.mailchimp.data().all(&members).remove(0),
        );
        for n in from..to {
            let same = copy(templates.0.clone(), &[("id", json!(format!("cus_tie{n}"))), ("created", json!(second))]);
            systems.stripe.data().add("customers", same.clone());
            systems.stripe.data().add("events", event(&format!("evt_tie{n}"), "customer.created", second, &same));
            for (name, template) in [("users", &templates.1), ("organizations", &templates.2)] {
                let changes = [("id", json!(700_000 + n)), ("updated_at", json!(at(second)))];
                systems.zendesk.data().add(name, copy(template.clone(), &changes));
            }
            let mail = format!("tie{n}@example.com");
            let changes =
                [("id", json!(format!("tie{n}"))), ("email_address", json!(mail)), ("last_changed", json!(ago(0)))];
            systems.mailchimp.data().add(&members, copy(templates.3.clone(), &changes));
        }
    };
    add(0, 3 * PAGE + 1);
    hub_reads_all(&systems, || add(3 * PAGE + 1, 5 * PAGE)).await;
}

/// Reads everything, then what was added, and everything is there.
async fn hub_reads_all(systems: &Systems, add: impl Fn()) {
    let hub = Hub::new(systems);
    hub.sync().await.well();
    let kept = Kept::of(&hub).await;
    assert_complete(&kept, systems).await;
    kept.close().await;
    add();
    hub.sync().await.well();
    let kept = Kept::of(&hub).await;
    assert_complete(&kept, systems).await;
    kept.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_list_that_moves_while_it_is_read_loses_nobody() {
    let systems = Systems::start(24, 1).await;
    let hub = Hub::new(&systems);
    let list = first(systems.mailchimp.data(), "lists", |_| true);
    let members = format!("lists/{list}/members");
    // While the second page of members is on its way, two of the first page leave; while the second page of customers is,
    // a customer comes who stands before all that were read.
    let (mailchimp, stripe) = (systems.mailchimp.data().clone(), systems.stripe.data().clone());
    let (asked_mailchimp, asked_stripe) = (systems.mailchimp.requests().clone(), systems.stripe.requests().clone());
    let leavers: Vec<String> =
        mailchimp.all(&members)[..2].iter().map(|row| row["id"].as_str().unwrap().into()).collect();
    let (left, came) = (AtomicBool::new(false), AtomicBool::new(false));
    let path = format!("/3.0/{members}");
    let (name, left_ids) = (members.clone(), leavers.clone());
    systems.watch.tell(move |moment, _| {
        if moment == Moment::Asked && asked_mailchimp.count(&path) == 2 && !left.swap(true, Ordering::SeqCst) {
            for id in &left_ids {
                mailchimp.delete(&name, id);
            }
        }
        if moment == Moment::Asked && asked_stripe.count("/v1/customers") == 2 && !came.swap(true, Ordering::SeqCst) {
            let now = Utc::now().timestamp();
            let changes = [("id", json!("cus_JustNow")), ("created", json!(now)), ("name", json!("Eva Eben"))];
            let new = copy(living(&stripe), &changes);
            stripe.add("customers", new.clone());
            stripe.add("events", event("evt_JustNow", "customer.created", now, &new));
        }
    });
    hub.sync().await.well();
    let kept = Kept::of(&hub).await;
    let stored = kept.keys("mailchimp", "members").await;
    let waiting = kept.waiting("mailchimp", "members").await;
    for row in systems.mailchimp.data().all(&members) {
        let key = format!("{list}:{}", row["id"].as_str().unwrap());
        assert!(stored.contains(&key) || waiting.contains(&key), "{key}");
    }
    assert!(leavers.iter().all(|id| stored.contains(&format!("{list}:{id}"))), "they were read before they left");
    assert!(kept.keys("stripe", "customers").await.contains("cus_JustNow"));
    kept.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_older_copy_never_replaces_a_newer_one() {
    let systems = Systems::start(16, 1).await;
    let hub = Hub::new(&systems);
    hub.sync().await.well();
    let organization = first(systems.zendesk.data(), "organizations", |_| true);
    change_zendesk(&systems, "organizations", &organization, |row| row["name"] = json!("Today Ltd"));
    hub.sync().await.well();
    // A replica that lags shows the older state in the same window.
    systems.zendesk.data().change("organizations", &organization, |row| {
        row["name"] = json!("Yesterday Ltd");
        row["updated_at"] = json!(ago(60));
    });
    let customer = first(systems.stripe.data(), "customers", |row| row["deleted"] != true);
    change_stripe(&systems.stripe, "customers", &customer, "customer.updated", |_| {});
    hub.sync().await.well();
    let kept = Kept::of(&hub).await;
    let versions = kept.versions("zendesk", "organizations", &organization).await;
    assert_eq!(versions.last().unwrap().mapped["displayName"], "Today Ltd");
    assert_eq!(kept.versions("stripe", "customers", &customer).await.len(), 1, "told of a change that is none");
    kept.close().await;
}
