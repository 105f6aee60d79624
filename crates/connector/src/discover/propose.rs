//! A proposed map for a stream that was found: by what its fields are called.

use super::{FoundField, FoundStream};
use crate::connector::{Connector, RecordMap};
use crate::file::header::normalise;
use crate::file::propose;
use onefold_model::{FieldType, RecordKind};
use serde_json::{Map, Value};
use std::fmt::Write;

/// A proposal, to be looked at and changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sketch {
    /// The map as YAML. Empty where nothing was understood.
    pub map: String,
    /// What a person should know.
    pub notes: Vec<String>,
}

/// Parts of a path that say where something stands and not what it is.
const PLACES: [&str; 7] = ["attributes", "properties", "fields", "data", "address", "addresses", "values"];

/// A map of these fields to a kind of record. Parties are understood by the headers that the connector of files knows;
/// fields of other kinds where they are called alike.
pub fn sketch(found: &FoundStream, kind: RecordKind, files: &Connector) -> Sketch {
    let mut sketch = if kind == RecordKind::Party { party(found, files) } else { alike(found, kind) };
    if !sketch.map.is_empty()
        && let Err(error) = RecordMap::compile("the proposed map", &sketch.map, kind)
    {
        sketch.notes.push(format!("the map does not load yet: {error}"));
    }
    sketch
}

/// A field under the name that says what it is: `properties.first_name` is a `first_name`.
fn alias(field: &FoundField) -> String {
    let parts = field.path.split('.').map(|part| part.trim_matches('"'));
    let telling: Vec<&str> = parts.filter(|part| !PLACES.contains(part)).collect();
    let last = field.path.rsplit('.').next().unwrap_or_default().trim_matches('"');
    if telling.is_empty() { last.to_owned() } else { telling.join(" ") }
}

fn party(found: &FoundStream, files: &Connector) -> Sketch {
    let mut known: Vec<(String, &FoundField)> = Vec::new();
    for field in found.fields.iter().filter(|field| matches!(field.form, "text" | "number" | "flag")) {
        let alias = alias(field);
        if known.iter().all(|(other, _)| *other != alias) {
            known.push((alias, field));
        }
    }
    let header: Vec<String> = known.iter().map(|(alias, _)| alias.clone()).collect();
    let row: Map<String, Value> =
        known.iter().filter_map(|(alias, field)| Some((alias.clone(), Value::from(field.sample.clone()?)))).collect();
    let Some(proposal) = propose(files, &header, &[Value::Object(row)], None) else {
        return Sketch { map: String::new(), notes: Vec::new() };
    };
    let mut map = proposal.map;
    let mut notes = proposal.notes;
    for (alias, field) in &known {
        let (written, place) = (format!("\"{alias}\""), &field.path);
        map = map.replace(&written, place);
        notes = notes.into_iter().map(|note| note.replace(&written, &format!("{place:?}"))).collect();
    }
    Sketch { map, notes }
}

fn alike(found: &FoundStream, kind: RecordKind) -> Sketch {
    let (mut map, mut notes) = (String::new(), Vec::new());
    for field in kind.fields() {
        let wanted = normalise(&field.name);
        let of = |found: &&FoundField| [normalise(&alias(found)), normalise(&found.path)].contains(&wanted);
        let Some(source) = found.fields.iter().find(of) else { continue };
        let place = &source.path;
        let sample = source.sample.as_deref().unwrap_or_default();
        let function = match field.ty {
            FieldType::Text | FieldType::Integer | FieldType::Bool => Some(place.clone()),
            FieldType::DateTime if sample.contains('T') || sample == "(date-time)" => {
                Some(format!("{place} -> rfc3339"))
            }
            FieldType::DateTime if source.form == "number" && sample.len() == 10 => Some(format!("{place} -> unix")),
            FieldType::OneOf(_)
            | FieldType::Money
            | FieldType::Currency
            | FieldType::Date
            | FieldType::PartialDate
            | FieldType::DateTime
            | FieldType::Reference
            | FieldType::TextList
            | FieldType::EmailList
            | FieldType::PhoneList
            | FieldType::AddressList
            | FieldType::IdentifierList
            | FieldType::Extensions => None,
        };
        match function {
            Some(expression) => drop(writeln!(map, "{}: {expression}", field.name)),
            None => notes.push(format!(
                "{place} looks like {}: its values need a function that only you can choose",
                field.name
            )),
        }
    }
    Sketch { map, notes }
}
