//! Killed while it syncs.

use super::same::{assert_same, content};
use crate::harness::{Place, places};
use crate::sync::binary::hub::{Hub, Killer};
use crate::sync::binary::systems::{Moment, Systems};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

/// Takes this long to answer, so that a run is long enough to be killed in many places.
const DELAY: Duration = Duration::from_millis(2);

/// A small company whose systems answer slowly.
async fn systems() -> Systems {
    let systems = Systems::start(14, 2).await;
    for (_, server) in systems.all() {
        server.faults().delay(DELAY);
    }
    systems
}

/// The content of a store that was synced and folded without a disturbance, and how many requests that took.
async fn undisturbed(systems: &Systems) -> (String, usize) {
    let hub = Hub::new(systems);
    systems.watch.hush();
    hub.run(&["sync"]).await.well();
    (content(&hub).await, systems.watch.asked())
}

/// Starts a sync and kills it at the `nth` request: when it arrives, or so long after it was answered. `false` where the
/// sync was done before.
async fn killed_at(hub: &Hub, systems: &Systems, moment: Moment, nth: usize, after: Duration) -> bool {
    let switch: Arc<OnceLock<Killer>> = Arc::default();
    let held = Arc::clone(&switch);
    systems.watch.tell(move |seen, count| {
        if seen != moment || count != nth {
            return;
        }
        let held = Arc::clone(&held);
        if after.is_zero() {
            held.wait().kill();
        } else {
            std::thread::spawn(move || {
                std::thread::sleep(after);
                held.wait().kill();
            });
        }
    });
    let running = hub.start(&["sync"]);
    assert!(switch.set(running.killer()).is_ok());
    let ran = running.ended().await;
    systems.watch.hush();
    assert!(ran.code.is_none() || ran.code == Some(0), "it was killed, or it was too quick: {}", ran.err);
    ran.code.is_none()
}

/// Kills a fresh hub once and lets it recover. `false` where it was done before it could be killed.
async fn survives(
    place: Place,
    systems: &Systems,
    expected: &str,
    (moment, nth, after): (Moment, usize, Duration),
) -> bool {
    let when = format!("{moment:?} {nth} and {after:?} on {}", place.url.split(':').next().unwrap_or_default());
    let hub = Hub::over(place, systems);
    let was_killed = killed_at(&hub, systems, moment, nth, after).await;
    let ran = hub.run(&["sync"]).await.well();
    assert!(!ran.err.contains("panicked"), "{}", ran.err);
    assert_same(&content(&hub).await, expected, &when);
    was_killed
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_at_any_moment_nothing_is_lost_and_nothing_is_doubled() {
    let systems = systems().await;
    let (expected, requests) = undisturbed(&systems).await;
    assert!(requests > 24, "{requests}");
    // In ninths of what a whole run asks for. A page is mapped and written within some milliseconds after its answer.
    let moments = [
        (0, Moment::Asked, 0),
        (1, Moment::Answered, 1),
        (3, Moment::Answered, 4),
        (5, Moment::Asked, 0),
        (7, Moment::Answered, 9),
        (8, Moment::Asked, 0),
    ];
    let (mut deaths, mut lives) = (0, 0);
    for (part, moment, after_ms) in moments {
        for place in places().await {
            let when = (moment, 1 + part * (requests - 1) / 9, Duration::from_millis(after_ms));
            deaths += usize::from(survives(place, &systems, &expected, when).await);
            lives += 1;
        }
    }
    eprintln!("{deaths} of {lives} were killed, of {requests} requests each");
    assert!(deaths * 4 >= lives * 3, "{deaths} deaths of {lives} prove little");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_again_and_again_it_still_comes_to_the_same_end() {
    let systems = systems().await;
    let (expected, requests) = undisturbed(&systems).await;
    for place in places().await {
        let hub = Hub::over(place, &systems);
        // Each time it gets somewhat further before it dies; what it had read is not read again from the start.
        for life in 1..=4 {
            killed_at(&hub, &systems, Moment::Answered, life * requests / 7, Duration::from_millis(2)).await;
        }
        hub.run(&["sync"]).await.well();
        assert_same(&content(&hub).await, &expected, "four lives");
        // And once more: the end of a recovery is not another beginning.
        hub.run(&["sync"]).await.well();
        assert_same(&content(&hub).await, &expected, "after a recovery");
        let store = hub.store().await;
        let sql = "select count(*), count(case when state = 'RUNNING' then 1 end) from sync_run";
        let rows = store.fetch(sql, Vec::new()).await.unwrap();
        assert_eq!(rows[0].int(1).unwrap(), 0, "no run of {} goes on for ever", rows[0].int(0).unwrap());
        store.close().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_while_it_begins_the_store_can_be_opened_all_the_same() {
    let systems = systems().await;
    let (expected, _) = undisturbed(&systems).await;
    for place in places().await {
        let hub = Hub::over(place, &systems);
        // The tables are being made, the sources noted, the runs begun: nothing is asked for yet that could be counted.
        for wait in [10, 30, 80] {
            let running = hub.start(&["sync"]);
            let killer = running.killer();
            tokio::time::sleep(Duration::from_millis(wait)).await;
            killer.kill();
            running.ended().await;
        }
        hub.run(&["sync"]).await.well();
        assert_same(&content(&hub).await, &expected, "three short lives");
    }
}
