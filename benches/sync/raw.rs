//! The limit of sync: the rows that a sync left behind, written again page by page by SQL and nothing else. The same
//! tables, indexes, foreign keys and transactions; no mapping, hashing, comparing or binding of values.
//!
//! SQLite copies them from an attached file; PostgreSQL takes them with `copy`, the fastest way in that it has.

use super::measure::{Meter, Took};
use super::place::Place;
use futures_util::TryStreamExt;
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous};
use sqlx::{AssertSqlSafe, ConnectOptions, Connection, Executor, PgConnection, Row};
use std::error::Error;
use std::str::FromStr;

/// Records that are written in one transaction, as the sync of files has it.
const PAGE: i64 = 1_000;

/// The tables of a page and the page of each of their rows; the order is that of the foreign keys.
const TABLES: [(&str, &str); 5] = [
    ("record", "paged.page from record t join paged on paged.record_id = t.record_id"),
    ("record_version", "paged.page from record_version t join paged on paged.record_id = t.record_id"),
    ("term", "paged.page from term t join paged on paged.record_id = t.record_id"),
    ("outbox", "(t.seq - 1) / 1000 as page from outbox t"),
    ("change", "(t.seq - 1) / 1000 as page from change t"),
];

/// What was written, cut into pages.
pub enum Pages {
    /// The file that holds them, and how many there are.
    Sqlite(String, i64),
    /// The sources, and for each page the text of each table.
    Postgres(Vec<u8>, Vec<[Vec<u8>; TABLES.len()]>),
}

/// Cuts what a sync has written into the pages that it came in.
pub async fn read(place: &Place) -> Result<Pages, Box<dyn Error>> {
    if place.kind == "PostgreSQL" { read_postgres(&place.url).await } else { read_sqlite(place.path()).await }
}

/// Writes the pages into an empty store.
pub async fn write(pages: &Pages, place: &Place) -> Result<Took, Box<dyn Error>> {
    match pages {
        Pages::Sqlite(filled, pages) => write_sqlite(filled, *pages, place).await,
        Pages::Postgres(sources, pages) => write_postgres(sources, pages, place).await,
    }
}

async fn read_sqlite(path: &str) -> Result<Pages, Box<dyn Error>> {
    let filled = format!("{path}.paged");
    let _ = std::fs::remove_file(&filled);
    let options = SqliteConnectOptions::from_str(&format!("sqlite:{path}"))?.create_if_missing(true);
    let mut connection = options.connect().await?;
    connection.execute(AssertSqlSafe(format!("attach '{filled}' as filled"))).await?;
    let paged = format!(
        "create temp table paged as select record_id, (row_number() over (order by rowid) - 1) / {PAGE} as page from record"
    );
    connection.execute(AssertSqlSafe(paged)).await?;
    connection.execute("create index temp.paged_by_record on paged (record_id)").await?;
    connection.execute("create table filled.source as select * from main.source").await?;
    for (table, page) in TABLES {
        let sql = format!("create table filled.{table} as select t.*, {page} order by page");
        connection.execute(AssertSqlSafe(sql)).await?;
        connection.execute(AssertSqlSafe(format!("create index filled.{table}_page on {table} (page)"))).await?;
    }
    let pages: i64 = connection.fetch_one("select max(page) + 1 from filled.record").await?.try_get(0)?;
    connection.close().await?;
    Ok(Pages::Sqlite(filled, pages))
}

async fn write_sqlite(filled: &str, pages: i64, place: &Place) -> Result<Took, Box<dyn Error>> {
    let options = SqliteConnectOptions::from_str(&place.url)?
        .foreign_keys(true)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full)
        .pragma("cache_size", "-65536")
        .pragma("temp_store", "memory");
    let mut connection = options.connect().await?;
    connection.execute(AssertSqlSafe(format!("attach '{filled}' as filled"))).await?;
    connection.execute("insert into main.source select * from filled.source").await?;
    let mut statements = Vec::new();
    for (table, _) in TABLES {
        let rows =
            connection.fetch_all(AssertSqlSafe(format!("select name from pragma_table_info('{table}')"))).await?;
        let columns = rows.iter().map(|row| row.try_get::<String, _>(0)).collect::<Result<Vec<_>, _>>()?.join(", ");
        statements
            .push(format!("insert into main.{table} ({columns}) select {columns} from filled.{table} where page = ?"));
    }
    let meter = Meter::start(place.beside);
    for page in 0..pages {
        let mut tx = connection.begin_with("begin immediate").await?;
        for statement in &statements {
            sqlx::query(AssertSqlSafe(statement.clone())).bind(page).execute(&mut *tx).await?;
        }
        tx.commit().await?;
    }
    let took = meter.took();
    connection.close().await?;
    Ok(took)
}

async fn copied(connection: &mut PgConnection, select: &str) -> Result<Vec<u8>, Box<dyn Error>> {
    let sql = format!("copy ({select}) to stdout");
    let chunks: Vec<_> = connection.copy_out_raw(&sql).await?.try_collect().await?;
    Ok(chunks.concat())
}

async fn read_postgres(url: &str) -> Result<Pages, Box<dyn Error>> {
    let mut connection = PgConnection::connect(url).await?;
    let sources = copied(&mut connection, "select * from source").await?;
    let paged = format!(
        "create temp table paged as select record_id, (row_number() over (order by ctid) - 1) / {PAGE} as page from record"
    );
    connection.execute(AssertSqlSafe(paged)).await?;
    connection.execute("create index on paged (record_id)").await?;
    let mut pages: Vec<[Vec<u8>; TABLES.len()]> = Vec::new();
    for (place, (table, page)) in TABLES.into_iter().enumerate() {
        for line in copied(&mut connection, &format!("select t.*, {page} order by page"))
            .await?
            .split_inclusive(|byte| *byte == b'\n')
        {
            let Some(tab) = line.iter().rposition(|byte| *byte == b'\t') else { continue };
            let page: usize = std::str::from_utf8(&line[tab + 1..])?.trim().parse()?;
            if pages.len() <= page {
                pages.resize_with(page + 1, Default::default);
            }
            pages[page][place].extend_from_slice(&line[..tab]);
            pages[page][place].push(b'\n');
        }
        eprintln!("  {table} is read for the limit");
    }
    connection.close().await?;
    Ok(Pages::Postgres(sources, pages))
}

async fn write_postgres(
    sources: &[u8],
    pages: &[[Vec<u8>; TABLES.len()]],
    place: &Place,
) -> Result<Took, Box<dyn Error>> {
    let mut connection = PgConnection::connect(&place.url).await?;
    copy_in(&mut connection, "source", sources).await?;
    let meter = Meter::start(place.beside);
    for page in pages {
        let mut tx = connection.begin().await?;
        for ((table, _), text) in TABLES.into_iter().zip(page) {
            copy_in(&mut tx, table, text).await?;
        }
        tx.commit().await?;
    }
    let took = meter.took();
    connection.close().await?;
    Ok(took)
}

async fn copy_in(connection: &mut PgConnection, table: &str, text: &[u8]) -> Result<(), sqlx::Error> {
    let mut copy = connection.copy_in_raw(&format!("copy {table} from stdin")).await?;
    copy.send(text).await?;
    copy.finish().await?;
    Ok(())
}
