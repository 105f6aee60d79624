//! What a system has, from what somebody has of it: a sample of its records, or its description (OpenAPI, Swagger).
//!
//! Promises: what is listed stands in the sample or in the description; the same input gives the same output. Does not do:
//! decide. A map is a proposal, and where a stream is found says nothing about how it is paged or what changes in it.

mod api;
mod propose;

pub use propose::{Sketch, sketch};

use crate::pointer::scalar_text;
use serde_json::{Map, Value};

/// Something that could be a stream.
#[derive(Debug, Clone, PartialEq)]
pub struct FoundStream {
    /// A name for it.
    pub name: String,
    /// Where it is asked for: a path of the interface; none for a sample.
    pub get: Option<String>,
    /// Where its records stand in an answer, as a JSON pointer.
    pub records: String,
    /// How many records the sample has.
    pub seen: usize,
    /// What it has in them.
    pub fields: Vec<FoundField>,
}

/// A field of a stream.
#[derive(Debug, Clone, PartialEq)]
pub struct FoundField {
    /// Its place, as a map writes it: `address.city`.
    pub path: String,
    /// What it holds: `text`, `number`, `flag`, `list`, `object`.
    pub form: &'static str,
    /// In how many records it has a value.
    pub filled: usize,
    /// One of its values, shortened; that of the description where there is no sample.
    pub sample: Option<String>,
}

/// Nesting that is looked into. What lies deeper is a field of the form `object`.
const DEPTH: usize = 4;
/// The longest value that is shown.
const SHOWN: usize = 60;
/// So many records are looked at.
const LOOKED_AT: usize = 1_000;

/// What stands in a document: the streams of a description, or every list of objects of an answer.
pub fn discover(document: &Value) -> Vec<FoundStream> {
    if document.get("openapi").is_some() || document.get("swagger").is_some() {
        return api::streams(document);
    }
    let mut found = Vec::new();
    lists(document, String::new(), "records", 0, &mut found);
    found
}

/// What stands in rows.
pub fn discover_rows(rows: &[Value]) -> FoundStream {
    stream("records", String::new(), rows)
}

/// Every list of objects that is not within one. A single object counts as one record where there is no list.
fn lists(value: &Value, place: String, name: &str, depth: usize, found: &mut Vec<FoundStream>) {
    match value {
        Value::Array(items) if items.iter().any(Value::is_object) => found.push(stream(name, place, items)),
        Value::Object(object) if depth < DEPTH => {
            let before = found.len();
            for (key, value) in object {
                let escaped = key.replace('~', "~0").replace('/', "~1");
                lists(value, format!("{place}/{escaped}"), key, depth + 1, found);
            }
            if depth == 0 && found.len() == before && !object.is_empty() {
                found.push(stream(name, place, std::slice::from_ref(value)));
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_) | Value::Object(_) => {}
    }
}

fn stream(name: &str, records: String, items: &[Value]) -> FoundStream {
    let mut fields: Vec<FoundField> = Vec::new();
    let objects = items.iter().filter_map(Value::as_object);
    for object in objects.clone().take(LOOKED_AT) {
        walk(object, "", 0, &mut fields);
    }
    FoundStream { name: name.to_owned(), get: None, records, seen: objects.count(), fields }
}

fn walk(object: &Map<String, Value>, before: &str, depth: usize, fields: &mut Vec<FoundField>) {
    for (key, value) in object {
        let path = format!("{before}{}", segment(key));
        match value {
            Value::Object(inner) if depth < DEPTH && !inner.is_empty() => {
                walk(inner, &format!("{path}."), depth + 1, fields);
            }
            value => note(path, value, fields),
        }
    }
}

fn note(path: String, value: &Value, fields: &mut Vec<FoundField>) {
    let form = match value {
        Value::Bool(_) => "flag",
        Value::Number(_) => "number",
        Value::Null | Value::String(_) => "text",
        Value::Array(_) => "list",
        Value::Object(_) => "object",
    };
    let at = fields.iter().position(|field| field.path == path).unwrap_or_else(|| {
        fields.push(FoundField { path, form, filled: 0, sample: None });
        fields.len() - 1
    });
    let is_blank = match value {
        Value::Null => true,
        Value::String(text) => text.trim().is_empty(),
        Value::Array(items) => items.is_empty(),
        Value::Object(object) => object.is_empty(),
        Value::Bool(_) | Value::Number(_) => false,
    };
    if let (Some(field), false) = (fields.get_mut(at), is_blank) {
        field.form = if field.filled == 0 { form } else { field.form };
        field.filled += 1;
        field.sample.get_or_insert_with(|| shortened(value));
    }
}

fn shortened(value: &Value) -> String {
    let text = scalar_text(value).unwrap_or_else(|| value.to_string());
    let text: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    if text.chars().count() <= SHOWN {
        return text;
    }
    text.chars().take(SHOWN - 1).chain(['…']).collect()
}

/// A key as a map writes it.
pub(super) fn segment(key: &str) -> String {
    let is_plain = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-');
    if !key.is_empty() && key.chars().all(is_plain) { key.to_owned() } else { format!("\"{key}\"") }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn lists_of_objects_are_streams_and_their_fields_are_listed_with_samples() {
        let answer = json!({"data": {"people": [
            {"id": 7, "name": "Ada", "address": {"city": "Wien"}, "tags": ["a"], "note": null},
            {"id": 8, "name": "", "address": {"city": "Graz"}, "first name": "B"},
        ]}, "next": null, "ids": [1, 2]});
        let found = discover(&answer);
        assert_eq!(found.len(), 1);
        assert_eq!((found[0].name.as_str(), found[0].records.as_str(), found[0].seen), ("people", "/data/people", 2));
        let told: Vec<(&str, &str, usize, Option<&str>)> =
            found[0].fields.iter().map(|f| (f.path.as_str(), f.form, f.filled, f.sample.as_deref())).collect();
        let expected = [
            ("id", "number", 2, Some("7")),
            ("name", "text", 1, Some("Ada")),
            ("address.city", "text", 2, Some("Wien")),
            ("tags", "list", 1, Some("[\"a\"]")),
            ("note", "text", 0, None),
            ("\"first name\"", "text", 1, Some("B")),
        ];
        assert_eq!(told, expected);
        assert_eq!(discover(&json!([{"a": 1}]))[0].records, "");
        assert_eq!(discover(&json!({"id": 1, "name": "x"}))[0].seen, 1);
    }
}
