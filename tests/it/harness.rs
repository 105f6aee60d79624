//! Stores for tests: every test body runs on a fresh SQLite file and on a fresh PostgreSQL database.
//!
//! PostgreSQL is found through `ONEFOLD_TEST_POSTGRES` (a URL with the right to create databases; `make test` sets it).
//! Without it the PostgreSQL half is skipped visibly, or fails where `ONEFOLD_REQUIRE_POSTGRES=1`.
//!
//! A fresh store is a copy of one that the migrations were run on: they are run once for each set of them, and not by each of
//! more than a thousand tests.

use onefold::store::Store;
use sha2::{Digest, Sha256};
use sqlx::migrate::Migrator;
use sqlx::{AssertSqlSafe, Connection, Executor, PgConnection};
use std::future::Future;
use std::path::{Path, PathBuf};
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
    let file = folder.path().join("onefold.db");
    std::fs::copy(sqlite_template().await, &file).expect("a copy of an empty store");
    let mut places = vec![Place { url: sqlite_url(&file), _folder: Some(folder) }];
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
    let mut connection = PgConnection::connect(&admin).await.expect("ONEFOLD_TEST_POSTGRES answers");
    let template = postgres_template(&admin, &mut connection).await;
    let name = format!("onefold_{}", Uuid::now_v7().simple());
    run(&mut connection, format!("create database {name} template {template}")).await;
    // Left behind on purpose: the cluster is thrown away as a whole.
    Some(Place { url: postgres_url(&admin, &name), _folder: None })
}

fn sqlite_url(file: &Path) -> String {
    format!("sqlite:{}", file.display())
}

/// The address of another database of the same server.
fn postgres_url(admin: &str, name: &str) -> String {
    let (server, query) = match admin.split_once('?') {
        Some((server, query)) => (server, format!("?{query}")),
        None => (admin, String::new()),
    };
    let server = server.rsplit_once('/').map_or(server, |(server, _)| server);
    format!("{server}/{name}{query}")
}

/// An empty store in a file. Whoever finds none makes one aside and puts it there whole.
async fn sqlite_template() -> PathBuf {
    let parent = Path::new(env!("CARGO_TARGET_TMPDIR"));
    let template = parent.join(format!("empty-{}.db", key(&sqlx::migrate!("migrations/sqlite"))));
    if !template.exists() {
        let aside = tempfile::tempdir_in(parent).expect("a folder for an empty store");
        let file = aside.path().join("onefold.db");
        Store::open(&sqlite_url(&file)).await.expect("an empty store").close().await;
        std::fs::rename(file, &template).expect("the empty store has its place");
    }
    template
}

/// The name of an empty database. Whoever finds none makes one under another name, alone, and gives it this one when it is whole.
async fn postgres_template(admin: &str, connection: &mut PgConnection) -> String {
    let name = format!("onefold_empty_{}", key(&sqlx::migrate!("migrations/postgres")));
    if !exists(connection, &name).await {
        run(connection, "select pg_advisory_lock(7261)".to_owned()).await;
        if !exists(connection, &name).await {
            run(connection, format!("drop database if exists {name}_made")).await;
            run(connection, format!("create database {name}_made template template0 encoding 'UTF8'")).await;
            let made = postgres_url(admin, &format!("{name}_made"));
            Store::open(&made).await.expect("an empty store").close().await;
            run(connection, format!("alter database {name}_made rename to {name}")).await;
        }
        run(connection, "select pg_advisory_unlock(7261)".to_owned()).await;
    }
    name
}

async fn exists(connection: &mut PgConnection, name: &str) -> bool {
    let sql = "select 1 from pg_database where datname = $1";
    sqlx::query(sql).bind(name).fetch_optional(connection).await.expect("the names of databases").is_some()
}

async fn run(connection: &mut PgConnection, sql: String) {
    connection.execute(sqlx::query(AssertSqlSafe(sql))).await.expect("a fresh database");
}

/// Another one for other migrations.
fn key(migrations: &Migrator) -> String {
    let mut hash = Sha256::new();
    migrations.iter().for_each(|migration| hash.update(&migration.checksum));
    hash.finalize()[..8].iter().fold(String::new(), |text, byte| text + &format!("{byte:02x}"))
}
