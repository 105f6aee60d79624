//! What the store holds of one person, as JSON, table by table.

use super::find::Person;
use super::table::{By, Kind, TABLES, Table};
use crate::store::list::in_list;
use crate::store::{Arg, Row, StoreError, Tx};
use onefold_model::ContentHash;
use serde_json::{Map, Value, json};
use std::fmt::Write;
use uuid::Uuid;

impl Tx {
    /// Every row of a person, under the name of its table. The audit is told by whoever may read it.
    pub async fn person_rows(&mut self, person: &Person) -> Result<Map<String, Value>, StoreError> {
        let mut tables = Map::new();
        for table in TABLES {
            let (column_list, order) = columns(table);
            let mut rows = Vec::new();
            for (condition, binds) in conditions(table.by, person) {
                let sql = format!("select {column_list} from {} where {condition} order by {order}", table.name);
                for row in self.fetch(sql, binds).await? {
                    rows.push(told(table, &row)?);
                }
            }
            if !matches!(table.by, By::Nothing(_) | By::Audit) {
                tables.insert(table.name.to_owned(), Value::Array(rows));
            }
        }
        Ok(tables)
    }
}

fn columns(table: &Table) -> (String, String) {
    let names: Vec<&str> = table.told.iter().map(|(_, column, _)| *column).collect();
    (names.join(", "), names.first().copied().unwrap_or("1").to_owned())
}

/// The conditions, in pieces that a statement takes, under which a row is the person's.
pub(super) fn conditions(by: By, person: &Person) -> Vec<(String, Vec<Arg>)> {
    let pieces = |ids: Vec<Uuid>, columns: &[&str]| -> Vec<(String, Vec<Arg>)> {
        let piece = |chunk: &[Uuid]| {
            let mut binds = Vec::new();
            let list = in_list(chunk, &mut binds);
            let any: Vec<String> = columns.iter().map(|column| format!("{column} in {list}")).collect();
            (any.join(" or "), binds)
        };
        ids.chunks(512).map(piece).collect()
    };
    match by {
        By::Records(columns) => pieces(person.record_ids(), columns),
        By::Customers(column) => pieces(person.customers.iter().map(|id| id.0).collect(), &[column]),
        By::CustomersEver(column) => {
            pieces(person.customers.iter().chain(&person.retired).map(|id| id.0).collect(), &[column])
        }
        By::Quarantine => pieces(person.quarantined.iter().map(|id| id.0).collect(), &["quarantine_id"]),
        By::Nodes(column) => {
            let records = person.records.iter().map(ToString::to_string);
            let customers = person.customers.iter().chain(&person.retired).map(ToString::to_string);
            let nodes: Vec<String> = records.chain(customers).collect();
            let piece = |chunk: &[String]| {
                let mut names = String::new();
                for at in 1..=chunk.len() {
                    let _ = write!(names, "{}${at}", if at == 1 { "" } else { ", " });
                }
                (format!("{column} in ({names})"), chunk.iter().map(Arg::from).collect())
            };
            nodes.chunks(512).map(piece).collect()
        }
        By::Audit | By::Nothing(_) => Vec::new(),
    }
}

fn told(table: &Table, row: &Row) -> Result<Value, StoreError> {
    let mut object = Map::new();
    for (at, (name, _, kind)) in table.told.iter().enumerate() {
        let value = match kind {
            Kind::Id => json!(row.opt_uuid(at)?),
            Kind::Text => json!(row.opt_text(at)?),
            Kind::Json => row.json(at)?,
            Kind::Int => json!(row.opt_int(at)?),
            Kind::Real => json!(row.real(at)?),
            Kind::Bool => json!(row.bool(at)?),
            Kind::Time => json!(row.opt_time(at)?),
            Kind::Hex => json!(row.bytes(at)?.try_into().map(|hash| ContentHash(hash).to_hex()).unwrap_or_default()),
        };
        object.insert((*name).to_owned(), value);
    }
    Ok(Value::Object(object))
}
