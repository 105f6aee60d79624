//! Whatever the vendors have is in the store once, or in quarantine; what has not changed is left alone.

use super::hub::Hub;
use super::kept::Kept;
use super::systems::Systems;
use crate::harness::places;
use serde_json::Value;
use std::collections::BTreeSet;

const SOURCES: [&str; 3] = ["stripe", "zendesk", "mailchimp"];

/// A text, or a number as text.
fn text(row: &Value, field: &str) -> String {
    row[field].as_str().map_or_else(|| row[field].to_string(), str::to_owned)
}

/// Source, stream and the keys that the vendor has, for every collection that a connector reads.
fn there(systems: &Systems) -> Vec<(&'static str, &'static str, BTreeSet<String>)> {
    let (stripe, zendesk, mailchimp) = (systems.stripe.data(), systems.zendesk.data(), systems.mailchimp.data());
    let ids = |rows: Vec<Value>| -> BTreeSet<String> {
        rows.iter().filter(|row| row["deleted"] != true).map(|row| text(row, "id")).collect()
    };
    let mut there = vec![
        ("stripe", "customers", ids(stripe.all("customers"))),
        ("stripe", "subscriptions", ids(stripe.all("subscriptions"))),
        ("stripe", "invoices", ids(stripe.all("invoices"))),
        ("stripe", "payments", ids(stripe.all("charges"))),
        ("mailchimp", "campaigns", ids(mailchimp.all("campaigns"))),
    ];
    for stream in ["organizations", "users", "tickets", "satisfaction_ratings"] {
        there.push(("zendesk", stream, ids(zendesk.all(stream))));
    }
    let (mut members, mut touches) = (BTreeSet::new(), BTreeSet::new());
    for name in mailchimp.collections() {
        for row in mailchimp.all(&name) {
            if name.ends_with("/members") {
                members.insert(format!("{}:{}", text(&row, "list_id"), text(&row, "id")));
            } else if name.ends_with("/sent-to") {
                touches.insert(format!("{}:{}", text(&row, "campaign_id"), text(&row, "email_id")));
            }
        }
    }
    there.push(("mailchimp", "members", members));
    there.push(("mailchimp", "sent_to", touches));
    there
}

/// Every object is a record or waits in quarantine, never both, and nothing else is there.
pub(super) async fn assert_complete(kept: &Kept, systems: &Systems) {
    for (source, stream, expected) in there(systems) {
        let (stored, waiting) = (kept.keys(source, stream).await, kept.waiting(source, stream).await);
        assert_eq!(stored.intersection(&waiting).count(), 0, "{source} {stream}: fits and does not fit");
        let arrived: BTreeSet<String> = stored.union(&waiting).cloned().collect();
        assert_eq!(arrived, expected, "{source} {stream}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_object_of_every_vendor_arrives_once_and_a_second_run_changes_nothing() {
    let systems = Systems::start(16, 3).await;
    assert!(there(&systems).iter().all(|(_, _, keys)| !keys.is_empty()), "there is something to read everywhere");
    for place in places().await {
        let hub = Hub::over(place, &systems);
        hub.sync().await.well();

        let kept = Kept::of(&hub).await;
        assert_complete(&kept, &systems).await;
        for truth in &systems.truth {
            let keys = kept.keys(truth.system, truth.stream).await;
            let is_there = keys.iter().any(|key| key.rsplit(':').next() == Some(&truth.external_id));
            assert!(is_there, "{} {} {}", truth.system, truth.stream, truth.external_id);
        }
        let before = (kept.count("record").await, kept.count("record_version").await, kept.count("change").await);
        assert_eq!(before.0, before.1, "each has one version");
        kept.close().await;

        for again in ["second", "third"] {
            hub.sync().await.well();
            let kept = Kept::of(&hub).await;
            kept.assert_nothing_new(&SOURCES).await;
            let after = (kept.count("record").await, kept.count("record_version").await, kept.count("change").await);
            assert_eq!(after, before, "the {again} run");
            assert_complete(&kept, &systems).await;
            kept.close().await;
        }
    }
}
