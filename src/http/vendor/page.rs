//! Order and paging positions of a collection, and the parameters that ask for a page.

use super::data::object_id;
use chrono::DateTime;
use serde_json::Value;
use std::cmp::Reverse;
use std::collections::HashMap;
use std::sync::Arc;

/// The order in which a vendor lists a collection.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Order {
    /// As the objects came to be.
    Insertion,
    /// By this time, latest first; ties: the later object first.
    NewestFirst(&'static str),
    /// By this time, earliest first; ties: the smaller number as id first.
    OldestFirst(&'static str),
}

/// A collection in one order.
#[derive(Debug)]
pub(super) struct View {
    rows: Vec<Arc<Value>>,
    /// Time in unix seconds and numeric id of each row; zeros in insertion order.
    keys: Vec<(i64, i64)>,
    places: HashMap<String, usize>,
}

impl View {
    pub(super) fn new(rows: &[Arc<Value>], order: Order) -> Self {
        let keyed = |field: &str| -> Vec<((i64, i64), Arc<Value>)> {
            let key = |row: &Value| (row.get(field).map_or(0, unix_seconds), numeric_id(row));
            rows.iter().map(|row| (key(row), Arc::clone(row))).collect()
        };
        let sorted: Vec<((i64, i64), Arc<Value>)> = match order {
            Order::Insertion => rows.iter().map(|row| ((0, 0), Arc::clone(row))).collect(),
            Order::NewestFirst(field) => {
                let mut sorted = keyed(field);
                sorted.reverse();
                sorted.sort_by_key(|((at, _), _)| Reverse(*at));
                sorted
            }
            Order::OldestFirst(field) => {
                let mut sorted = keyed(field);
                sorted.sort_by_key(|(key, _)| *key);
                sorted
            }
        };
        let (keys, rows): (Vec<_>, Vec<_>) = sorted.into_iter().unzip();
        let places = rows.iter().enumerate().map(|(at, row)| (object_id(row), at)).collect();
        Self { rows, keys, places }
    }

    pub(super) fn rows(&self) -> &[Arc<Value>] {
        &self.rows
    }

    /// Time and numeric id of each row.
    pub(super) fn keys(&self) -> &[(i64, i64)] {
        &self.keys
    }

    pub(super) fn place_of(&self, id: &str) -> Option<usize> {
        self.places.get(id).copied()
    }
}

/// A time of a payload in unix seconds, whether it is a number or RFC 3339. Zero for anything else.
pub(super) fn unix_seconds(value: &Value) -> i64 {
    match value {
        Value::Number(number) => number.as_i64().unwrap_or(0),
        Value::String(text) => DateTime::parse_from_rfc3339(text).map_or(0, |at| at.timestamp()),
        _ => 0,
    }
}

fn numeric_id(row: &Value) -> i64 {
    row.get("id").and_then(Value::as_i64).unwrap_or(0)
}

/// The parameters of a query string, decoded, in order.
#[derive(Debug, Clone, Default)]
pub(super) struct Params(pub(super) Vec<(String, String)>);

impl Params {
    /// The first value of a parameter; a blank one counts as missing.
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(key, value)| key == name && !value.is_empty()).map(|(_, value)| value.as_str())
    }

    /// A whole number, or the text that is none.
    pub(super) fn number(&self, name: &str) -> Result<Option<i64>, String> {
        self.get(name).map(|text| text.parse().map_err(|_| text.to_owned())).transpose()
    }

    /// The first parameter that is not among these.
    pub(super) fn unknown(&self, known: &[&str]) -> Option<&str> {
        self.0.iter().map(|(key, _)| key.as_str()).find(|key| !known.contains(key))
    }
}
