//! The process dies at any page: the next run goes on, and the end is the same as if nothing had happened.

use super::rig::{Rig, System, over};
use super::rows::{billing, marketing, support};
use onefold::http::vendor::VendorData;
use onefold::store::RunState;
use onefold::sync::AcceptedLosses;
use std::sync::atomic::{AtomicUsize, Ordering};
use tokio::sync::Notify;

/// Drops a run after so many pages. `false` when it came to its end before.
async fn dies_after(rig: &Rig, pages: usize) -> bool {
    let (count, over) = (AtomicUsize::new(0), Notify::new());
    let run = rig.engine.run_begin(&rig.setup, "manual", "test").await.unwrap();
    let accepted = AcceptedLosses::new();
    let tick = |_| {
        if count.fetch_add(1, Ordering::SeqCst) + 1 == pages {
            over.notify_one();
        }
    };
    tokio::select! {
        biased;
        () = over.notified() => true,
        report = rig.engine.run(&rig.setup, &run, &accepted, tick) => {
            assert!(report.unwrap().is_some());
            false
        }
    }
}

async fn check(system: System, data: fn() -> VendorData) {
    over(system, data, async |rig: Rig| {
        let mut deaths = 0;
        // Every run dies after one page more than it found; sooner or later one comes to its end.
        for pages in 1..200 {
            if !dies_after(&rig, pages).await {
                break;
            }
            deaths += 1;
        }
        assert!(deaths > 2, "{deaths} deaths prove nothing");
        assert_eq!(rig.run().await.state, RunState::Succeeded);
        let survived = rig.dump().await;

        let folder = tempfile::tempdir().unwrap();
        let url = format!("sqlite:{}", folder.path().join("good.db").display());
        let good = Rig::new(onefold::store::Store::open(&url).await.unwrap(), system, data()).await;
        good.run().await;
        assert_eq!(survived, good.dump().await);
        let states = rig.store.fetch("select distinct state from sync_run", Vec::new()).await.unwrap();
        let states: Vec<String> = states.iter().map(|row| row.text(0).unwrap()).collect();
        assert!(states.contains(&"INTERRUPTED".to_owned()) && !states.contains(&"RUNNING".to_owned()), "{states:?}");
    })
    .await;
}

#[tokio::test]
async fn a_billing_sync_survives_the_death_of_the_process_at_any_page() {
    check(System::Stripe, billing).await;
}

#[tokio::test]
async fn a_support_sync_survives_the_death_of_the_process_at_any_page() {
    check(System::Zendesk, support).await;
}

#[tokio::test]
async fn a_marketing_sync_survives_the_death_of_the_process_at_any_page() {
    check(System::Mailchimp, marketing).await;
}
