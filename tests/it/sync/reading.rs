//! What the systems have arrives, once, and what they change arrives too.

use super::rig::{Rig, SECRET, System, over};
use super::rows::{billing, marketing, rename, support};
use onefold::store::RunState;
use onefold::sync::{AcceptedLosses, RunReport};
use onefold_model::Clock;
use serde_json::json;
use std::sync::Mutex;

fn assert_complete(report: &RunReport) {
    assert_eq!(report.state, RunState::Succeeded, "{:#?}", report.streams);
}

fn created(report: &RunReport, stream: &str) -> u64 {
    report.streams[stream].outcome.created
}

/// A second run finds nothing new and writes nothing.
async fn assert_quiet(rig: &Rig) {
    let before = rig.dump().await;
    let report = rig.run().await;
    assert_complete(&report);
    for (stream, done) in &report.streams {
        let what = done.outcome;
        assert_eq!((what.created, what.updated, what.deleted), (0, 0, 0), "{stream}: {what:?}");
    }
    assert_eq!(rig.dump().await, before);
}

#[tokio::test]
async fn a_billing_system_arrives_once() {
    over(System::Stripe, billing, async |rig: Rig| {
        let report = rig.run().await;
        assert_complete(&report);
        assert_eq!((created(&report, "customers"), created(&report, "payments")), (23, 9));
        assert_eq!(rig.live("customers").await.len(), 23);
        assert_quiet(&rig).await;
    })
    .await;
}

#[tokio::test]
async fn a_support_system_arrives_once() {
    over(System::Zendesk, support, async |rig: Rig| {
        let report = rig.run().await;
        assert_complete(&report);
        for (stream, count) in [("users", 13), ("tickets", 12), ("satisfaction_ratings", 9), ("organizations", 8)] {
            assert_eq!(rig.live(stream).await.len(), count, "{stream}");
            assert_eq!(created(&report, stream), count as u64, "{stream}");
        }
        assert_eq!(rig.record("tickets", "503").await["customer"]["externalId"], "103");
        assert_quiet(&rig).await;
    })
    .await;
}

#[tokio::test]
async fn a_marketing_system_arrives_once_with_its_consents() {
    over(System::Mailchimp, marketing, async |rig: Rig| {
        let report = rig.run().await;
        assert_complete(&report);
        for (stream, count) in
            [("members", 17), ("consents", 17), ("sms_consents", 2), ("campaigns", 2), ("sent_to", 14)]
        {
            assert_eq!(rig.live(stream).await.len(), count, "{stream}");
            assert_eq!(created(&report, stream), count as u64, "{stream}");
        }
        let touch = rig.record("sent_to", "c1:aa0003").await;
        assert_eq!(touch["customer"]["externalId"], "aa:aa0003");
        assert_quiet(&rig).await;
    })
    .await;
}

#[tokio::test]
async fn changes_arrive_through_the_feed_and_cost_one_request_each() {
    over(System::Stripe, billing, async |rig: Rig| {
        rig.run().await;
        let now = rig.clock.now().timestamp();
        rename(rig.server.data(), "cus_004", "Another Name", "evt_1", now);
        rename(rig.server.data(), "cus_004", "Yet Another Name", "evt_2", now);
        rig.server.requests().clear();
        let report = rig.run().await;
        assert_complete(&report);
        assert_eq!(report.streams["customers"].outcome.updated, 1);
        assert_eq!(rig.record("customers", "cus_004").await["displayName"], "Yet Another Name");
        assert_eq!(rig.server.requests().count("/v1/customers/cus_004"), 1, "two events, one object");
        assert_eq!(rig.server.requests().count("/v1/customers"), 0, "no snapshot");
    })
    .await;
}

#[tokio::test]
async fn a_pause_longer_than_the_feed_remembers_takes_snapshots_again() {
    over(System::Stripe, billing, async |rig: Rig| {
        rig.run().await;
        rig.server.data().change("customers", "cus_004", |customer| customer["name"] = json!("Another Name"));
        rig.clock.forward(40);
        assert_complete(&rig.run().await);
        assert_eq!(rig.record("customers", "cus_004").await["displayName"], "Another Name");
    })
    .await;
}

#[tokio::test]
async fn progress_is_told_by_stream_and_page_and_never_goes_back() {
    over(System::Mailchimp, marketing, async |rig: Rig| {
        let ticks = Mutex::new(Vec::new());
        let report = rig.run_watched(|tick| ticks.lock().unwrap().push(tick)).await;
        let ticks = ticks.into_inner().unwrap();
        let of = |name: &str| ticks.iter().filter(|tick| tick.task == name).collect::<Vec<_>>();
        let members = of("members");
        assert!(members.len() >= 4, "{members:?}");
        assert!(members.is_sorted_by_key(|tick| (tick.pages, tick.outcome.created)));
        for (name, done) in &report.streams {
            if let Some(last) = of(name).last() {
                assert_eq!(last.outcome, done.outcome, "{name}");
            }
        }
    })
    .await;
}

#[tokio::test]
async fn a_word_that_the_map_does_not_know_is_told_and_refuses_nobody() {
    over(System::Stripe, billing, async |rig: Rig| {
        rig.server.data().change("charges", "ch_003", |charge| charge["status"] = json!("dreaming"));
        let report = rig.run().await;
        assert_eq!(report.state, RunState::Succeeded);
        let left_out = &report.streams["payments"].left_out;
        assert_eq!(left_out.iter().collect::<Vec<_>>(), [(&("status".to_owned(), "unknown_word"), &1)]);
        let payment = rig.record("payments", "ch_003").await;
        assert!(payment.get("status").is_none() && payment.get("amount").is_some());
    })
    .await;
}

#[tokio::test]
async fn two_runs_of_one_source_never_overlap() {
    over(System::Stripe, billing, async |rig: Rig| {
        let run = rig.engine.run_begin(&rig.setup, "manual", "test").await.unwrap();
        let accepted = AcceptedLosses::new();
        let one = rig.engine.run(&rig.setup, &run, &accepted, |_| {});
        let other = rig.engine.run(&rig.setup, &run, &accepted, |_| {});
        let (one, other) = tokio::join!(one, other);
        assert!(one.unwrap().is_some() != other.unwrap().is_some());
    })
    .await;
}

#[tokio::test]
async fn what_is_stored_of_a_run_holds_no_secret() {
    over(System::Stripe, billing, async |rig: Rig| {
        rig.server.faults().on_every("/v1/charges", onefold::http::vendor::Fault::forbidden());
        let report = rig.run().await;
        assert_eq!(report.state, RunState::Partial);
        assert!(!format!("{report:?} {:?} {:?}", rig.setup, rig.engine.source(&rig.setup.row.key)).contains(SECRET));
        for (table, column) in [("sync_run", "error"), ("sync_run_stream", "error"), ("checkpoint", "state")] {
            let sql = format!("select coalesce({column}, '') from {table}");
            for row in rig.store.fetch(sql, Vec::new()).await.unwrap() {
                assert!(!row.text(0).unwrap().contains(SECRET));
            }
        }
    })
    .await;
}
