//! Killed inside a transaction, for certain: the database holds it up there, and what it had written is gone.

use super::same::{assert_same, content};
use crate::harness::places;
use crate::sync::binary::hub::{Hub, Running};
use crate::sync::binary::systems::Systems;
use onefold::args;
use onefold::store::{Dialect, Store};
use sqlx::{Connection, Executor, SqliteConnection};
use std::time::Duration;

/// Counting this takes seconds: SQLite can be kept busy inside a transaction, but not stopped there.
const LONG: &str = "select count(*) from pause a, pause b, pause c";

/// Makes every transaction that writes this table last until it is killed, after all that comes before in it.
async fn hold(store: &Store, table: &str) -> Option<onefold::store::Tx> {
    let mut tx = store.begin().await.unwrap();
    if store.dialect() == Dialect::Postgres {
        // Held by this transaction, and waited for by that of the child.
        tx.execute(format!("lock table {table} in exclusive mode"), args![]).await.unwrap();
        return Some(tx);
    }
    tx.execute("create table pause (n integer)", args![]).await.unwrap();
    for n in 0..1000_i64 {
        tx.execute("insert into pause (n) values ($1)", args![n]).await.unwrap();
    }
    let sql = format!("create trigger pause_here after insert on {table} begin {LONG}; end");
    tx.execute(sql, args![]).await.unwrap();
    tx.commit().await.unwrap();
    None
}

async fn release(store: &Store, held: Option<onefold::store::Tx>) {
    if held.is_none() {
        let mut tx = store.begin().await.unwrap();
        tx.execute("drop trigger pause_here", args![]).await.unwrap();
        tx.execute("drop table pause", args![]).await.unwrap();
        tx.commit().await.unwrap();
    }
}

/// Waits until the child stands inside its transaction.
async fn is_held(store: &Store, url: &str, table: &str) {
    let mut tries = 0;
    loop {
        let stands = match store.dialect() {
            Dialect::Postgres => {
                let sql = format!("select count(*) from pg_locks where relation = '{table}'::regclass and not granted");
                store.fetch(sql, args![]).await.unwrap()[0].int(0).unwrap() > 0
            }
            // Nobody else can begin to write while the child counts.
            Dialect::Sqlite => !can_write(url).await,
        };
        tries += 1;
        assert!(tries < 2_000, "the child never came to the transaction");
        if stands {
            return;
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

async fn can_write(url: &str) -> bool {
    let mut connection = SqliteConnection::connect(url).await.unwrap();
    // Short transactions come before the one that is held, and a slow disk makes each of them last: what is held is
    // held for longer than any of those.
    connection.execute("pragma busy_timeout = 2000").await.unwrap();
    let began = connection.execute("begin immediate").await.is_ok();
    if began {
        connection.execute("rollback").await.unwrap();
    }
    connection.close().await.unwrap();
    began
}

async fn count(store: &Store, table: &str) -> i64 {
    store.fetch(format!("select count(*) from {table}"), args![]).await.unwrap()[0].int(0).unwrap()
}

/// Kills a child that stands in a transaction which writes `table`.
pub(super) async fn kill_inside(store: &Store, url: &str, table: &str, start: impl FnOnce() -> Running) {
    let held = hold(store, table).await;
    let running = start();
    is_held(store, url, table).await;
    running.killer().kill();
    let ran = running.ended().await;
    assert_eq!(ran.code, None, "it was killed: {}", ran.err);
    if let Some(tx) = held {
        drop(tx);
    } else {
        release(store, None).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_inside_the_transaction_of_a_page_the_page_was_never_there() {
    let systems = Systems::start(8, 1).await;
    let whole = Hub::new(&systems);
    whole.run(&["sync", "stripe"]).await.well();
    let expected = content(&whole).await;
    for place in places().await {
        let hub = Hub::over(place, &systems);
        let store = hub.store().await;
        // The change log is written last: records, versions, checkpoint and outbox are in the transaction by then.
        kill_inside(&store, hub.url(), "change", || hub.start(&["sync", "stripe"])).await;
        for table in ["record", "record_version", "activity", "term", "outbox", "change", "quarantine"] {
            assert_eq!(count(&store, table).await, 0, "{table}");
        }
        let known = store.fetch("select task from checkpoint", args![]).await.unwrap();
        let known: Vec<String> = known.iter().map(|row| row.text(0).unwrap()).collect();
        assert_eq!(known, ["feed/events"], "where the feed stood was stored before, on its own");
        store.close().await;
        hub.run(&["sync", "stripe"]).await.well();
        assert_same(&content(&hub).await, &expected, "killed inside a page");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_inside_the_transaction_of_a_fold_no_customer_was_folded() {
    let systems = Systems::start(10, 0).await;
    let whole = Hub::new(&systems);
    whole.run(&["sync"]).await.well();
    let expected = content(&whole).await;
    for place in places().await {
        let hub = Hub::over(place, &systems);
        hub.sync().await.well();
        let store = hub.store().await;
        let waiting = count(&store, "outbox").await;
        assert!(waiting > 0);
        // Customers and links are written by then, and the outbox is emptied.
        kill_inside(&store, hub.url(), "audit", || hub.start(&["match"])).await;
        for table in ["customer", "link", "match_candidate"] {
            assert_eq!(count(&store, table).await, 0, "{table}");
        }
        assert_eq!(count(&store, "outbox").await, waiting, "what waits is not forgotten");
        store.close().await;
        hub.run(&["match"]).await.well();
        assert_same(&content(&hub).await, &expected, "killed inside a fold");
    }
}
