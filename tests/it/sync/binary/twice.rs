//! Two commands at once over one store.

use super::hub::Hub;
use super::systems::Systems;
use crate::harness::places;
use onefold::http::vendor::Fault;
use std::time::Duration;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_second_sync_waits_its_turn_and_a_killed_one_does_not_make_it_wait() {
    let systems = Systems::start(6, 1).await;
    for place in places().await {
        let hub = Hub::over(place, &systems);
        systems.stripe.faults().on_every("", Fault::Hang);
        let words = ["sync", "--no-match", "stripe"];
        let first = hub.start(&words);
        let store = hub.store().await;
        while store.lease_list().await.unwrap().is_empty() {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        store.close().await;
        let second = hub.run(&words).await.badly(&["source stripe is being read since", "by process "]);
        assert!(second.code.is_some());
        // The others are read although one is busy.
        let all = hub.run(&["sync", "--no-match"]).await.badly(&["source stripe is being read since"]);
        assert!(all.err.contains("zendesk") && all.err.contains("mailchimp"), "{}", all.err);
        first.killer().kill();
        first.ended().await;
        systems.stripe.faults().clear();
        hub.run(&words).await.well();
        let store = hub.store().await;
        let sql = "select r.state from sync_run r join source s on s.source_id = r.source_id
                   where s.key = 'stripe' order by r.started_at, r.run_id";
        let rows = store.fetch(sql, Vec::new()).await.unwrap();
        let states: Vec<String> = rows.iter().map(|row| row.text(0).unwrap()).collect();
        assert_eq!(states, ["INTERRUPTED", "SUCCEEDED"], "whoever was refused has noted no run");
        store.close().await;
    }
}
