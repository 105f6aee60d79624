//! The whole content of a store as text, the same for both databases: for tests that compare stores.

use super::catalogue::{Column, catalogue};
use onefold::store::{Dialect, Row, Store};
use std::fmt::Write;

/// Every row of every table, sorted, without times and sequence numbers: of a time only whether it is set is told.
pub(crate) async fn dump(store: &Store) -> String {
    let mut out = String::new();
    for (name, table) in catalogue(store).await {
        // The hashes of the audit cover times and numbers.
        let is_hash =
            |column: &Column| name.starts_with("audit") && ["previous", "hash"].contains(&column.name.as_str());
        let columns: Vec<&Column> =
            table.columns.iter().filter(|column| column.name != "seq" && !is_hash(column)).collect();
        let wanted: Vec<String> = columns.iter().map(|column| expression(store.dialect(), column)).collect();
        let sql = format!("select {} from {name}", wanted.join(", "));
        let rows = store.fetch(sql, Vec::new()).await.expect("the table is read");
        let mut lines: Vec<String> = rows.iter().map(|row| line(row, &columns)).collect();
        lines.sort();
        let _ = writeln!(out, "# {name} ({})", lines.len());
        for line in lines {
            let _ = writeln!(out, "{line}");
        }
    }
    out
}

fn is_time(column: &Column) -> bool {
    ["at", "up_to", "source_version", "held_until"].contains(&column.name.as_str()) || column.name.ends_with("_at")
}

/// Everything as text, but numbers, whose text would differ.
fn expression(dialect: Dialect, column: &Column) -> String {
    let name = &column.name;
    if is_time(column) {
        return format!("cast(case when {name} is null then 0 else 1 end as bigint)");
    }
    match (dialect, column.ty.as_str()) {
        (Dialect::Sqlite, "blob") => format!("case when {name} is null then null else lower(hex({name})) end"),
        (Dialect::Postgres, "uuid") => format!("replace({name}::text, '-', '')"),
        (Dialect::Postgres, "bytea") => format!("encode({name}, 'hex')"),
        (Dialect::Postgres, "boolean") => format!("{name}::int::bigint"),
        _ => name.clone(),
    }
}

fn line(row: &Row, columns: &[&Column]) -> String {
    let mut out = String::new();
    for (place, column) in columns.iter().enumerate() {
        let value = if is_time(column) {
            row.int(place).map(|set| if set == 1 { "set".to_owned() } else { "-".to_owned() })
        } else {
            match column.ty.as_str() {
                "real" | "double precision" => row.real(place).map(|number| format!("{number:?}")),
                "integer" | "bigint" | "boolean" => row.opt_int(place).map(|n| n.map_or("-".into(), |n| n.to_string())),
                _ => row.opt_text(place).map(|text| text.map_or("-".into(), |text| format!("{text:?}"))),
            }
        };
        let _ = write!(out, " {}={}", column.name, value.expect("a value"));
    }
    out
}
