//! The field maps in the schema: one definition for each kind of record, made from its fields.

use super::{flag, list, object, reference, says, text};
use crate::map::compile::call::FUNCTIONS;
use onefold_model::{Field, FieldType, RecordKind};
use serde_json::{Map, Value, json};

/// Adds to a stream that its map is one of its kind.
pub(super) fn by_kind(mut schema: Value) -> Value {
    let rules: Vec<Value> = RecordKind::ALL
        .iter()
        .map(|kind| {
            json!({
                "if": {"properties": {"into": {"const": kind.as_str()}}},
                "then": {"properties": {"map": {"anyOf": [reference("map_file"), reference(&format!("map_{kind}"))]}}},
            })
        })
        .collect();
    if let Some(object) = schema.as_object_mut() {
        object.insert("allOf".to_owned(), Value::Array(rules));
    }
    schema
}

pub(super) fn definitions() -> Map<String, Value> {
    let mut definitions = Map::new();
    definitions.insert("map_file".to_owned(), object(&["file"], &json!({"file": text()})));
    definitions.insert("expression".to_owned(), expression());
    for kind in RecordKind::ALL {
        let properties: Map<String, Value> =
            kind.fields().iter().map(|field| (field.name.clone(), says(field.doc, &target(field)))).collect();
        let required: Vec<&str> = kind.fields().iter().filter(|f| f.required).map(|f| f.name.as_str()).collect();
        definitions.insert(format!("map_{kind}"), object(&required, &Value::Object(properties)));
    }
    definitions
}

fn expression() -> Value {
    let mut help = String::from("name | email, created -> unix, list_id + id -> ref(members), = CONSTANT. Functions:");
    for (_, form, meaning) in FUNCTIONS {
        for part in ["\n- ", form, ": ", meaning] {
            help.push_str(part);
        }
    }
    json!({"type": "string", "description": help})
}

fn target(field: &Field) -> Value {
    let expression = reference("expression");
    let of = |item: Value| json!({"anyOf": [expression, {"type": "array", "items": item}]});
    match field.ty {
        FieldType::EmailList => {
            of(object(&["value"], &json!({"value": expression, "primary": flag(), "verified": flag()})))
        }
        FieldType::PhoneList => of(object(&["value"], &json!({"value": expression, "primary": flag()}))),
        FieldType::AddressList => of(object(
            &[],
            &json!({
                "lines": list(&expression), "locality": expression, "region": expression,
                "postalCode": expression, "country": expression, "purpose": expression,
            }),
        )),
        FieldType::IdentifierList => {
            of(object(&["system", "value"], &json!({"system": expression, "value": expression})))
        }
        FieldType::Extensions => json!({"anyOf": [expression, {"type": "object", "additionalProperties": expression}]}),
        FieldType::Text
        | FieldType::OneOf(_)
        | FieldType::Money
        | FieldType::Currency
        | FieldType::Date
        | FieldType::PartialDate
        | FieldType::DateTime
        | FieldType::Bool
        | FieldType::Integer
        | FieldType::Reference
        | FieldType::TextList => of(expression.clone()),
    }
}
