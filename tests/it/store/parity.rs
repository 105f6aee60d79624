//! The two sets of migrations describe the same store.

use super::catalogue::{Column, Table, catalogue};
use crate::harness::{on_both, places};
use onefold::store::{Dialect, Store};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// Whether what the one database calls its type can hold what the other calls its own.
fn same_type(sqlite: &str, postgres: &str) -> bool {
    match sqlite {
        "blob" => ["uuid", "bytea"].contains(&postgres),
        "integer" => ["bigint", "boolean", "timestamp with time zone"].contains(&postgres),
        "text" => postgres == "text",
        "real" => postgres == "double precision",
        _ => false,
    }
}

fn same_column(table: &str, sqlite: &Column, postgres: &Column) {
    let place = format!("{table}.{}", sqlite.name);
    assert_eq!(sqlite.name, postgres.name, "columns of {table} in order");
    assert_eq!(sqlite.nullable, postgres.nullable, "{place} may be null");
    assert!(same_type(&sqlite.ty, &postgres.ty), "{place} is {} and {}", sqlite.ty, postgres.ty);
}

/// Both catalogues, or nothing where there is no PostgreSQL: the harness has said so.
async fn both() -> Option<(BTreeMap<String, Table>, BTreeMap<String, Table>)> {
    let mut found = Vec::new();
    for place in places().await {
        let store = Store::open(&place.url).await.expect("the store opens");
        found.push(catalogue(&store).await);
        store.close().await;
    }
    let postgres = found.pop()?;
    Some((found.pop()?, postgres))
}

#[tokio::test]
async fn the_two_catalogues_agree() {
    let Some((sqlite, postgres)) = both().await else { return };
    assert_eq!(sqlite.keys().collect::<Vec<_>>(), postgres.keys().collect::<Vec<_>>(), "tables");
    assert!(sqlite.len() >= 17, "only {} tables were found", sqlite.len());
    for (name, one) in &sqlite {
        let other = &postgres[name];
        assert_eq!(one.columns.len(), other.columns.len(), "the number of columns of {name}");
        for (one, other) in one.columns.iter().zip(&other.columns) {
            same_column(name, one, other);
        }
        assert_eq!(one.primary_key, other.primary_key, "the primary key of {name}");
        assert!(!one.primary_key.is_empty(), "{name} has no primary key");
        assert_eq!(one.unique, other.unique, "the unique constraints of {name}");
        assert_eq!(one.foreign_keys, other.foreign_keys, "the foreign keys of {name}");
        assert_eq!(one.indexes, other.indexes, "the indexes of {name}");
        assert_eq!(one.triggers, other.triggers, "the triggers of {name}");
    }
    let indexes: usize = sqlite.values().map(|table| table.indexes.len()).sum();
    assert!(indexes >= 15, "only {indexes} indexes were found");
}

fn migration_files(dialect: &str) -> BTreeSet<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("migrations").join(dialect);
    std::fs::read_dir(&folder)
        .expect("the folder of the migrations")
        .map(|entry| entry.expect("an entry").file_name().into_string().expect("a plain name"))
        .collect()
}

#[test]
fn migrations_come_in_pairs_with_the_same_number_and_name() {
    let files = migration_files("sqlite");
    assert_eq!(files, migration_files("postgres"));
    let numbers: Vec<String> = files.iter().map(|name| name.chars().take(4).collect()).collect();
    let expected: Vec<String> = (1..=files.len()).map(|n| format!("{n:04}")).collect();
    assert_eq!(numbers, expected, "numbers without gaps and without twins");
}

#[tokio::test]
async fn every_migration_file_is_applied_once() {
    on_both(|store| async move {
        let folder = match store.dialect() {
            Dialect::Sqlite => "sqlite",
            Dialect::Postgres => "postgres",
        };
        let sql = "select version, description from _sqlx_migrations order by version";
        let rows = store.fetch(sql, Vec::new()).await.unwrap();
        let applied: BTreeSet<String> = rows
            .iter()
            .map(|row| format!("{:04}_{}.sql", row.int(0).unwrap(), row.text(1).unwrap().replace(' ', "_")))
            .collect();
        assert_eq!(applied, migration_files(folder));
    })
    .await;
}

/// SQLite compares bytes; PostgreSQL compares by the language of the server unless the column says otherwise, and then
/// pages, prefixes and page cursors would be others on each server.
#[tokio::test]
async fn text_that_is_ordered_or_searched_by_prefix_is_compared_by_bytes() {
    on_both(|store| async move {
        if store.dialect() == Dialect::Sqlite {
            return;
        }
        let sql = "select table_name::text || '.' || column_name::text from information_schema.columns
                   where table_schema = 'public' and collation_name = 'C' order by 1";
        let rows = store.fetch(sql, Vec::new()).await.unwrap();
        let found: BTreeSet<String> = rows.iter().map(|row| row.text(0).unwrap()).collect();
        for column in
            ["checkpoint.task", "customer.sort_name", "source.key", "sync_run_stream.stream", "term.path", "term.term"]
        {
            assert!(found.contains(column), "{column} is not collated \"C\"");
        }
    })
    .await;
}
