//! Stores for tests: every test body runs on a fresh SQLite file and on a fresh PostgreSQL database.
//!
//! PostgreSQL is found through `ONEFOLD_TEST_POSTGRES` (a URL with the right to create databases; `make test` sets it).
//! Without it the PostgreSQL half is skipped visibly, or fails where `ONEFOLD_REQUIRE_POSTGRES=1`.

use onefold::store::Store;
use sqlx::{AssertSqlSafe, Connection, Executor, PgConnection};
use std::future::Future;
use tempfile::TempDir;
use uuid::Uuid;

/// The address of a fresh store, and what keeps it alive.
pub struct Place {
    pub url: String,
    _folder: Option<TempDir>,
}

/// Fresh, empty stores: SQLite, and PostgreSQL where there is one.
pub async fn places() -> Vec<Place> {
    let folder = tempfile::tempdir().expect("a folder for the SQLite file");
    let url = format!("sqlite:{}", folder.path().join("onefold.db").display());
    let mut places = vec![Place { url, _folder: Some(folder) }];
    places.extend(postgres().await);
    places
}

/// Runs the body once for each database.
pub async fn on_both<F, Fut>(body: F)
where
    F: Fn(Store) -> Fut,
    Fut: Future<Output = ()>,
{
    for place in places().await {
        let store = Store::open(&place.url).await.expect("the store opens");
        body(store.clone()).await;
        store.close().await;
    }
}

async fn postgres() -> Option<Place> {
    let Ok(admin) = std::env::var("ONEFOLD_TEST_POSTGRES") else {
        assert!(
            std::env::var("ONEFOLD_REQUIRE_POSTGRES").as_deref() != Ok("1"),
            "ONEFOLD_TEST_POSTGRES is not set and PostgreSQL is required: run the tests through `make test`"
        );
        eprintln!("skipped: the PostgreSQL half, because ONEFOLD_TEST_POSTGRES is not set (`make test` sets it)");
        return None;
    };
    let name = format!("onefold_{}", Uuid::now_v7().simple());
    let mut connection = PgConnection::connect(&admin).await.expect("ONEFOLD_TEST_POSTGRES answers");
    let sql = format!("create database {name} template template0 encoding 'UTF8'");
    connection.execute(sqlx::query(AssertSqlSafe(sql))).await.expect("a fresh database");
    let (server, query) = match admin.split_once('?') {
        Some((server, query)) => (server, format!("?{query}")),
        None => (admin.as_str(), String::new()),
    };
    let server = server.rsplit_once('/').map_or(server, |(server, _)| server);
    // Left behind on purpose: the cluster is thrown away as a whole.
    Some(Place { url: format!("{server}/{name}{query}"), _folder: None })
}
