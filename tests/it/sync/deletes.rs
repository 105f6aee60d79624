//! Deletions: told by a feed, by a field, or seen by absence from a complete list.

use super::rig::{Rig, System, over};
use super::rows::{billing, marketing, support};
use onefold::http::vendor::{Fault, stripe};
use onefold::store::RunState;
use onefold_model::Clock;
use serde_json::json;

#[tokio::test]
async fn a_deletion_in_the_feed_is_a_tombstone_that_keeps_the_meaning() {
    over(System::Stripe, billing, async |rig: Rig| {
        rig.run().await;
        let at = rig.clock.now().timestamp();
        assert!(stripe::customer_delete(rig.server.data(), "cus_004", "evt_1", at));
        let report = rig.run().await;
        assert_eq!(report.streams["customers"].outcome.deleted, 1, "{:#?}", report.streams);
        assert_eq!(rig.live("customers").await.len(), 22);
        assert_eq!(rig.record("customers", "cus_004").await["displayName"], "Person 4");
    })
    .await;
}

#[tokio::test]
async fn an_object_that_is_gone_when_it_is_read_again_is_deleted() {
    over(System::Stripe, billing, async |rig: Rig| {
        rig.run().await;
        super::rows::rename(rig.server.data(), "cus_004", "Late", "evt_1", rig.clock.now().timestamp());
        rig.server.data().delete("customers", "cus_004");
        assert_eq!(rig.run().await.state, RunState::Succeeded);
        assert!(!rig.live("customers").await.contains(&"cus_004".to_owned()));
    })
    .await;
}

/// No event tells of it: the hub was off for longer than Stripe keeps its events.
#[tokio::test]
async fn what_was_deleted_in_a_gap_of_the_feed_is_seen_by_absence() {
    over(System::Stripe, billing, async |rig: Rig| {
        rig.run().await;
        rig.server.data().delete("customers", "cus_004");
        rig.clock.forward(10);
        assert!(!rig.run().await.streams.contains_key("customers"), "the feed goes on without a gap");
        rig.clock.forward(35);
        let report = rig.run().await;
        assert_eq!(report.state, RunState::Succeeded, "{:#?}", report.streams);
        assert_eq!(report.streams["customers"].outcome.deleted, 1, "{:#?}", report.streams);
        assert!(!rig.live("customers").await.contains(&"cus_004".to_owned()));
        assert_eq!(rig.record("customers", "cus_004").await["displayName"], "Person 4");
        assert_eq!((report.streams["invoices"].outcome.deleted, rig.live("payments").await.len()), (0, 9));
    })
    .await;
}

#[tokio::test]
async fn a_feed_without_a_gap_is_checked_against_the_whole_list_once_in_a_while() {
    over(System::Stripe, billing, async |rig: Rig| {
        rig.run().await;
        rig.server.data().delete("customers", "cus_004");
        for days in [12, 12] {
            rig.clock.forward(days);
            assert!(!rig.run().await.streams.contains_key("customers"), "only the feed was read");
        }
        rig.clock.forward(12);
        assert_eq!(rig.run().await.streams["customers"].outcome.deleted, 1);
    })
    .await;
}

#[tokio::test]
async fn a_field_that_says_deleted_is_a_tombstone() {
    over(System::Zendesk, support, async |rig: Rig| {
        rig.run().await;
        rig.server.data().change("tickets", "503", |ticket| {
            ticket["status"] = json!("deleted");
            ticket["updated_at"] = json!("2026-02-01T00:00:00Z");
            ticket["generated_timestamp"] = json!(1_770_000_000);
        });
        rig.run().await;
        assert!(!rig.live("tickets").await.contains(&"503".to_owned()));
        assert_eq!(rig.live("tickets").await.len(), 11);
    })
    .await;
}

#[tokio::test]
async fn what_a_complete_list_does_not_show_is_deleted_with_what_came_from_it() {
    over(System::Mailchimp, marketing, async |rig: Rig| {
        rig.run().await;
        rig.server.data().delete("lists/aa/members", "aa0001");
        let report = rig.run().await;
        assert_eq!(report.streams["members"].outcome.deleted, 0, "not before a complete list");
        rig.clock.forward(8);
        let report = rig.run().await;
        assert_eq!(report.state, RunState::Succeeded, "{:#?}", report.streams);
        for stream in ["members", "consents", "sms_consents"] {
            assert_eq!(report.streams[stream].outcome.deleted, 1, "{stream}");
            assert!(!rig.live(stream).await.contains(&"aa:aa0001".to_owned()), "{stream}");
        }
        assert_eq!(rig.live("members").await.len(), 16);
    })
    .await;
}

#[tokio::test]
async fn an_incomplete_list_deletes_nothing() {
    over(System::Mailchimp, marketing, async |rig: Rig| {
        rig.run().await;
        rig.server.data().delete("lists/aa/members", "aa0001");
        rig.clock.forward(8);
        rig.server.faults().on_every("/3.0/lists/bb", Fault::forbidden());
        let report = rig.run().await;
        assert_eq!(report.state, RunState::Partial);
        assert_eq!(rig.live("members").await.len(), 17);
        rig.server.faults().clear();
        rig.run().await;
        assert_eq!(rig.live("members").await.len(), 16, "the list was completed where it had been left");
    })
    .await;
}

#[tokio::test]
async fn a_consent_that_its_member_gives_no_longer_is_taken_back_at_once() {
    over(System::Mailchimp, marketing, async |rig: Rig| {
        rig.run().await;
        assert_eq!(rig.live("sms_consents").await, ["aa:aa0001", "bb:bb0001"]);
        let now = rig.clock.now().to_rfc3339();
        rig.server.data().change("lists/aa/members", "aa0001", |member| {
            member["sms_subscription_status"] = json!("");
            member["last_changed"] = json!(now);
        });
        let report = rig.run().await;
        assert_eq!(report.streams["members"].outcome.updated, 1, "{:#?}", report.streams);
        assert_eq!(rig.live("sms_consents").await, ["bb:bb0001"]);
    })
    .await;
}
