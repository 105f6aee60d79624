//! Throw-away databases: a SQLite file under `target/bench`, a database of the PostgreSQL that `scripts/bench` starts.

use super::measure::Beside;
use super::peer::work_dir;
use sqlx::{AssertSqlSafe, Connection, Executor, PgConnection, Row};
use std::error::Error;

/// A database.
#[derive(Debug, Clone)]
pub struct Place {
    /// `SQLite` or `PostgreSQL`.
    pub kind: &'static str,
    /// Where the store finds it.
    pub url: String,
    /// Whose processor time counts as its own.
    pub beside: Beside,
}

/// The databases that there are, named and not yet made. `ONEFOLD_BENCH_STORE=PostgreSQL`, or `SQLite`, is that one alone.
pub async fn kinds() -> Result<Vec<&'static str>, Box<dyn Error>> {
    let mut kinds = vec!["SQLite"];
    if server_url().is_some() {
        kinds.push("PostgreSQL");
    } else {
        eprintln!("skipped: PostgreSQL, because ONEFOLD_TEST_POSTGRES is not set (`make bench` sets it)");
    }
    if let Ok(only) = std::env::var("ONEFOLD_BENCH_STORE") {
        kinds.retain(|kind| *kind == only);
    }
    Ok(kinds)
}

fn server_url() -> Option<String> {
    std::env::var("ONEFOLD_TEST_POSTGRES").ok()
}

/// An empty database of this kind; what was there under the name is gone.
pub async fn fresh(kind: &'static str, name: &str) -> Result<Place, Box<dyn Error>> {
    let place = named(kind, name).await?;
    if let Some(admin) = server_url().filter(|_| kind == "PostgreSQL") {
        let mut connection = PgConnection::connect(&admin).await?;
        connection.execute(AssertSqlSafe(format!("drop database if exists bench_{name} with (force)"))).await?;
        let create =
            format!("create database bench_{name} template template0 encoding 'UTF8' lc_collate 'C' lc_ctype 'C'");
        connection.execute(AssertSqlSafe(create)).await?;
        connection.close().await?;
    } else {
        for end in ["", "-wal", "-shm"] {
            let _ = std::fs::remove_file(format!("{}{end}", place.path()));
        }
    }
    Ok(place)
}

/// The database of this kind and name, whether it is there or not.
pub async fn named(kind: &'static str, name: &str) -> Result<Place, Box<dyn Error>> {
    let Some(admin) = server_url().filter(|_| kind == "PostgreSQL") else {
        let path = work_dir()?.join(format!("{name}.db"));
        return Ok(Place { kind, url: format!("sqlite:{}", path.display()), beside: Beside::Nothing });
    };
    let mut connection = PgConnection::connect(&admin).await?;
    let backend: i32 = connection.fetch_one("select pg_backend_pid()").await?.try_get(0)?;
    connection.close().await?;
    let (server, query) = match admin.split_once('?') {
        Some((server, query)) => (server, format!("?{query}")),
        None => (admin.as_str(), String::new()),
    };
    let server = server.rsplit_once('/').map_or(server, |(server, _)| server);
    Ok(Place { kind, url: format!("{server}/bench_{name}{query}"), beside: Beside::of_backend(backend) })
}

impl Place {
    /// The path of the file, for SQLite.
    pub fn path(&self) -> &str {
        self.url.strip_prefix("sqlite:").unwrap_or(&self.url)
    }
}
