//! Killed while it folds customers.

use super::same::{assert_same, content};
use crate::harness::places;
use crate::sync::binary::hub::Hub;
use crate::sync::binary::systems::Systems;
use onefold::args;
use std::time::{Duration, Instant};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_while_it_matches_all_customers_are_there_or_none() {
    let systems = Systems::start(30, 0).await;
    let whole = Hub::new(&systems);
    whole.sync().await.well();
    let begun = Instant::now();
    whole.run(&["match"]).await.well();
    let (took, expected) = (begun.elapsed(), content(&whole).await);
    for place in places().await {
        let hub = Hub::over(place, &systems);
        hub.sync().await.well();
        let mut seen = Vec::new();
        for part in 1..=7 {
            let running = hub.start(&["match"]);
            let killer = running.killer();
            // From early to somewhat later than it takes undisturbed.
            tokio::time::sleep(took * part / 6).await;
            killer.kill();
            running.ended().await;
            let store = hub.store().await;
            let sql =
                "select (select count(*) from customer), (select count(*) from link), (select count(*) from outbox)";
            let row = &store.fetch(sql, args![]).await.unwrap()[0];
            let (customers, links, waiting) = (row.int(0).unwrap(), row.int(1).unwrap(), row.int(2).unwrap());
            store.close().await;
            assert_eq!((customers == 0, links == 0, waiting > 0), (customers == 0, customers == 0, customers == 0));
            seen.push(customers);
        }
        eprintln!("customers after each kill: {seen:?} ({took:?} undisturbed)");
        hub.run(&["match"]).await.well();
        assert_same(&content(&hub).await, &expected, "killed while it matched");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_before_a_fold_the_next_one_catches_up_with_what_changed() {
    let systems = Systems::start(12, 0).await;
    for place in places().await {
        let hub = Hub::over(place, &systems);
        hub.run(&["sync"]).await.well();
        let before = content(&hub).await;
        // A sync that dies right after its last page leaves work for the next fold, and no customer out of date.
        let user = systems.zendesk.data().all("users").remove(0)["id"].to_string();
        let name = format!("Renamed At {}", uuid::Uuid::new_v4().simple());
        systems.zendesk.data().change("users", &user, |row| {
            row["name"] = name.clone().into();
            row["updated_at"] = crate::sync::binary::systems::ago(0).into();
        });
        hub.sync().await.well();
        let running = hub.start(&["match"]);
        let killer = running.killer();
        tokio::time::sleep(Duration::from_millis(20)).await;
        killer.kill();
        running.ended().await;
        hub.run(&["match"]).await.well();
        let after = content(&hub).await;
        assert_ne!(before, after);
        let store = hub.store().await;
        assert_eq!(store.outbox_depth().await.unwrap().0, 0);
        let sql = "select count(*) from customer where sort_name = $1";
        let found = store.fetch(sql, args![onefold::store::fold_text(&name)]).await.unwrap()[0].int(0).unwrap();
        store.close().await;
        assert_eq!(found, 1, "the name is in the list of customers");
    }
}
