//! What a database says about its own tables, in one form for both.

use onefold::args;
use onefold::store::{Dialect, Row, Store};
use std::collections::{BTreeMap, BTreeSet};

/// A column. The type is the database's own word.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Column {
    pub(crate) name: String,
    pub(crate) ty: String,
    pub(crate) nullable: bool,
}

/// A table.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Table {
    pub(crate) columns: Vec<Column>,
    pub(crate) primary_key: Vec<String>,
    pub(crate) unique: BTreeSet<Vec<String>>,
    /// Column, target table, target column.
    pub(crate) foreign_keys: BTreeSet<(String, String, String)>,
    /// Those that are not made by a constraint, with their columns.
    pub(crate) indexes: BTreeMap<String, Vec<String>>,
    pub(crate) triggers: BTreeSet<String>,
}

/// Every table of the store by name, without those of the migrations.
pub(crate) async fn catalogue(store: &Store) -> BTreeMap<String, Table> {
    let sql = match store.dialect() {
        Dialect::Sqlite => "select name from sqlite_master where type = 'table' and name not like 'sqlite%'",
        Dialect::Postgres => "select table_name::text from information_schema.tables where table_schema = 'public'",
    };
    let mut tables = BTreeMap::new();
    for row in rows(store, sql, None).await {
        let name = row.text(0).expect("a name");
        if name != "_sqlx_migrations" {
            let table = match store.dialect() {
                Dialect::Sqlite => sqlite(store, &name).await,
                Dialect::Postgres => postgres(store, &name).await,
            };
            tables.insert(name, table);
        }
    }
    tables
}

async fn rows(store: &Store, sql: &str, name: Option<&str>) -> Vec<Row> {
    let binds = name.map_or_else(Vec::new, |name| args![name]);
    store.fetch(sql, binds).await.expect("the catalogue answers")
}

fn text(row: &Row, column: usize) -> String {
    row.text(column).expect("a text")
}

async fn sqlite(store: &Store, name: &str) -> Table {
    let mut table = Table::default();
    let sql = r#"select name, type, "notnull", pk from pragma_table_info($1) order by cid"#;
    let mut key = BTreeMap::new();
    for row in rows(store, sql, Some(name)).await {
        let place = row.int(3).expect("a place in the key");
        if place > 0 {
            key.insert(place, text(&row, 0));
        }
        // A rowid's alias is never null, whether that is written or not.
        let nullable = row.int(2).expect("a flag") == 0 && place == 0;
        table.columns.push(Column { name: text(&row, 0), ty: text(&row, 1).to_lowercase(), nullable });
    }
    table.primary_key = key.into_values().collect();
    let sql = r#"select "from", "table", "to" from pragma_foreign_key_list($1)"#;
    for row in rows(store, sql, Some(name)).await {
        table.foreign_keys.insert((text(&row, 0), text(&row, 1), text(&row, 2)));
    }
    for row in rows(store, "select name, origin from pragma_index_list($1)", Some(name)).await {
        let index = text(&row, 0);
        let sql = "select name from pragma_index_info($1) order by seqno";
        let columns = rows(store, sql, Some(&index)).await.iter().map(|row| text(row, 0)).collect();
        match text(&row, 1).as_str() {
            "u" => drop(table.unique.insert(columns)),
            "c" => drop(table.indexes.insert(index, columns)),
            _ => {}
        }
    }
    let sql = "select name from sqlite_master where type = 'trigger' and tbl_name = $1";
    table.triggers = rows(store, sql, Some(name)).await.iter().map(|row| text(row, 0)).collect();
    table
}

async fn postgres(store: &Store, name: &str) -> Table {
    let mut table = Table::default();
    let sql = "select column_name::text, data_type::text, is_nullable::text from information_schema.columns
               where table_schema = 'public' and table_name = $1 order by ordinal_position";
    for row in rows(store, sql, Some(name)).await {
        table.columns.push(Column { name: text(&row, 0), ty: text(&row, 1), nullable: text(&row, 2) == "YES" });
    }
    let sql = "select c.contype::text,
                      (select string_agg(a.attname, ',' order by k.place)
                       from unnest(c.conkey) with ordinality k(number, place)
                       join pg_attribute a on a.attrelid = c.conrelid and a.attnum = k.number),
                      coalesce(f.relname::text, ''),
                      coalesce((select string_agg(a.attname, ',') from unnest(c.confkey) k(number)
                       join pg_attribute a on a.attrelid = c.confrelid and a.attnum = k.number), '')
               from pg_constraint c
               join pg_class t on t.oid = c.conrelid and t.relnamespace = 'public'::regnamespace
               left join pg_class f on f.oid = c.confrelid
               where t.relname = $1";
    for row in rows(store, sql, Some(name)).await {
        let columns: Vec<String> = text(&row, 1).split(',').map(str::to_owned).collect();
        match text(&row, 0).as_str() {
            "p" => table.primary_key = columns,
            "u" => drop(table.unique.insert(columns)),
            "f" => drop(table.foreign_keys.insert((columns.join(","), text(&row, 2), text(&row, 3)))),
            _ => {}
        }
    }
    let sql = "select i.relname::text,
                      (select string_agg(a.attname, ',' order by k.place)
                       from unnest(x.indkey::int2[]) with ordinality k(number, place)
                       join pg_attribute a on a.attrelid = x.indrelid and a.attnum = k.number)
               from pg_index x
               join pg_class i on i.oid = x.indexrelid
               join pg_class t on t.oid = x.indrelid and t.relnamespace = 'public'::regnamespace
               where t.relname = $1
                 and not exists (select 1 from pg_constraint c where c.conindid = x.indexrelid and c.contype in ('p', 'u'))";
    for row in rows(store, sql, Some(name)).await {
        table.indexes.insert(text(&row, 0), text(&row, 1).split(',').map(str::to_owned).collect());
    }
    let sql = "select g.tgname::text from pg_trigger g join pg_class t on t.oid = g.tgrelid
               where not g.tgisinternal and t.relname = $1";
    table.triggers = rows(store, sql, Some(name)).await.iter().map(|row| text(row, 0)).collect();
    table
}
