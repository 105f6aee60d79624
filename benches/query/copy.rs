//! The SQLite file once more in PostgreSQL: the same rows in both, and in a minute instead of several.

use super::place::{Place, fresh, named};
use futures_util::TryStreamExt;
use onefold::store::Store;
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{AssertSqlSafe, ConnectOptions, Connection, Executor, PgConnection, Row};
use std::error::Error;
use std::path::Path;
use std::str::FromStr;
use std::time::Instant;

/// What queries read, in the order of the foreign keys.
const TABLES: [&str; 10] = [
    "source",
    "record",
    "record_version",
    "record_attribute",
    "activity",
    "term",
    "customer",
    "customer_alias",
    "link",
    "match_candidate",
];
/// Bytes that are sent at once.
const CHUNK: usize = 1 << 20;

/// The comment on a database that is whole.
const WHOLE: &str = "whole";

/// A PostgreSQL database with the rows of the SQLite file. One that outlives the run is used again.
pub async fn postgres(from: &Place) -> Result<Place, Box<dyn Error>> {
    let began = Instant::now();
    let name = Path::new(from.path()).file_stem().unwrap_or_default().to_string_lossy().replace('-', "_");
    let place = named("PostgreSQL", &name).await?;
    if let Ok(mut connection) = PgConnection::connect(&place.url).await {
        let comment =
            "select shobj_description(oid, 'pg_database') from pg_database where datname = current_database()";
        let comment: Option<String> = connection.fetch_one(comment).await?.try_get(0)?;
        if comment.as_deref() == Some(WHOLE) {
            return Ok(place);
        }
    }
    let place = fresh("PostgreSQL", &name).await?;
    Store::open(&place.url).await?.close().await;
    let mut reader = SqliteConnectOptions::from_str(&from.url)?.connect().await?;
    let mut writer = PgConnection::connect(&place.url).await?;
    // SQLite has checked the foreign keys. Only a superuser may leave them out; for others it takes longer.
    drop(writer.execute("set session_replication_role = replica").await);
    for table in TABLES {
        let columns = sqlx::query(
            "select column_name::text, data_type::text from information_schema.columns
             where table_name = $1 and table_schema = 'public' order by ordinal_position",
        )
        .bind(table)
        .fetch_all(&mut writer)
        .await?;
        let (mut names, mut texts) = (Vec::new(), Vec::new());
        for column in &columns {
            let (name, ty): (String, String) = (column.try_get(0)?, column.try_get(1)?);
            texts.push(format!("coalesce({}, '\\N')", text(&name, &ty)));
            names.push(name);
        }
        let select = format!("select {} from {table}", texts.join(" || char(9) || "));
        let mut copy = writer.copy_in_raw(&format!("copy {table} ({}) from stdin", names.join(", "))).await?;
        let mut chunk = Vec::with_capacity(CHUNK + 65_536);
        let mut rows = reader.fetch(AssertSqlSafe(select));
        while let Some(row) = rows.try_next().await? {
            chunk.extend_from_slice(row.try_get::<&str, _>(0)?.as_bytes());
            chunk.push(b'\n');
            if chunk.len() >= CHUNK {
                copy.send(chunk.as_slice()).await?;
                chunk.clear();
            }
        }
        copy.send(chunk.as_slice()).await?;
        copy.finish().await?;
    }
    writer.execute("vacuum analyze").await?;
    writer.execute(AssertSqlSafe(format!("comment on database bench_{name} is '{WHOLE}'"))).await?;
    eprintln!("  the same rows are in PostgreSQL, {:.0} s", began.elapsed().as_secs_f64());
    Ok(place)
}

/// A value of SQLite in the text form of `copy`.
fn text(column: &str, ty: &str) -> String {
    match ty {
        "uuid" => format!("nullif(lower(hex({column})), '')"),
        "bytea" => format!("'\\\\x' || lower(hex({column}))"),
        "timestamp with time zone" => {
            format!(
                "strftime('%Y-%m-%d %H:%M:%S', {column} / 1000000, 'unixepoch') || printf('.%06d+00', {column} % 1000000)"
            )
        }
        "boolean" => format!("case {column} when 0 then 'f' when 1 then 't' end"),
        "text" => format!(
            "replace(replace(replace(replace({column}, '\\', '\\\\'), char(9), '\\t'), char(10), '\\n'), char(13), '\\r')"
        ),
        _ => format!("cast({column} as text)"),
    }
}
