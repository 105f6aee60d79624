//! Connections for reads: many at once, given up, lost, closed, and left behind.

use crate::harness::{on_both, places};
use futures_util::future::join_all;
use onefold::args;
use onefold::store::{Dialect, Store};
use std::time::Duration;

/// 42, as somebody gets it who reads twice.
async fn read(store: &Store) -> Result<i64, String> {
    let empty = "select cast(count(*) as bigint) from source";
    let counted = store.fetch(empty, args![]).await.map_err(|error| error.to_string())?;
    let number = format!("select cast(42 as bigint) + {}", counted[0].int(0).unwrap());
    let rows = store.fetch(number, args![]).await.map_err(|error| error.to_string())?;
    rows[0].int(0).map_err(|error| error.to_string())
}

#[tokio::test(flavor = "multi_thread")]
async fn more_at_once_than_there_are_connections_are_all_answered() {
    on_both(|store| async move {
        let answers = join_all((0..60).map(|_| read(&store))).await;
        assert_eq!(answers, vec![Ok(42); 60]);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn one_that_was_given_up_harms_no_other() {
    on_both(|store| async move {
        let slow = "with recursive n (n) as (select 1 union all select n + 1 from n where n < 400000)
                    select count(*) from n";
        for _ in 0..20 {
            let given_up = tokio::time::timeout(Duration::from_millis(1), store.fetch(slow, args![])).await;
            assert!(given_up.is_err(), "it was too fast to be given up");
            assert_eq!(read(&store).await, Ok(42));
        }
    })
    .await;
}

#[tokio::test]
async fn a_statement_that_is_wrong_is_an_error_and_the_next_one_is_answered() {
    on_both(|store| async move {
        for _ in 0..3 {
            store.fetch("select nothing from nowhere", args![]).await.unwrap_err();
            assert_eq!(read(&store).await, Ok(42));
        }
    })
    .await;
}

#[tokio::test]
async fn connections_that_the_server_has_ended_fail_one_read_and_no_more() {
    on_both(|store| async move {
        if store.dialect() != Dialect::Postgres {
            return;
        }
        assert_eq!(join_all((0..8).map(|_| read(&store))).await, vec![Ok(42); 8]);
        let end = "select count(pg_terminate_backend(pid)) from pg_stat_activity
                   where datname = current_database() and pid <> pg_backend_pid()";
        let mut tx = store.begin().await.unwrap();
        tx.fetch(end, args![]).await.unwrap();
        tx.commit().await.unwrap();
        let answers = join_all([read(&store)]).await;
        assert!(answers.iter().filter(|answer| answer.is_err()).count() <= 1);
        for _ in 0..16 {
            assert_eq!(read(&store).await, Ok(42));
        }
    })
    .await;
}

#[tokio::test]
async fn a_closed_store_refuses_reads_and_keeps_nobody_waiting() {
    on_both(|store| async move {
        assert_eq!(read(&store).await, Ok(42));
        let clone = store.clone();
        store.close().await;
        assert!(read(&clone).await.is_err());
    })
    .await;
}

#[test]
fn a_store_can_be_dropped_where_nothing_runs_any_more() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let stores = runtime.block_on(async {
        let mut stores = Vec::new();
        for place in places().await {
            let store = Store::open(&place.url).await.unwrap();
            assert_eq!(read(&store).await, Ok(42));
            stores.push((store, place));
        }
        stores
    });
    drop(runtime);
    drop(stores);
}
