//! The published JSON Schema of the standardised records, made from the same descriptors that check field maps.

use crate::{Field, FieldType, RecordKind};
use serde_json::{Map, Value, json};

/// JSON Schema (draft 2020-12) with one definition for each kind of record.
pub fn record_schema() -> Value {
    let kinds: Map<String, Value> =
        RecordKind::ALL.iter().map(|kind| (kind.as_str().to_owned(), kind_schema(*kind))).collect();
    let mut definitions = kinds;
    definitions.extend(shared());
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Standardised records",
        "description": "What a field map produces and what recordsIngest takes, by kind.",
        "$defs": definitions,
    })
}

fn kind_schema(kind: RecordKind) -> Value {
    let properties: Map<String, Value> =
        kind.fields().iter().map(|field| (field.name.clone(), field_schema(field))).collect();
    let required: Vec<&str> = kind.fields().iter().filter(|f| f.required).map(|f| f.name.as_str()).collect();
    json!({"type": "object", "additionalProperties": false, "required": required, "properties": properties})
}

fn field_schema(field: &Field) -> Value {
    let mut schema = type_schema(field.ty);
    if let Some(object) = schema.as_object_mut() {
        object.insert("description".to_owned(), json!(field.doc));
    }
    schema
}

fn type_schema(ty: FieldType) -> Value {
    let list = |name: &str| json!({"type": "array", "items": {"$ref": format!("#/$defs/{name}")}});
    match ty {
        FieldType::Text => json!({"type": "string"}),
        FieldType::OneOf(words) => json!({"enum": words}),
        FieldType::Money => json!({"$ref": "#/$defs/money"}),
        FieldType::Currency => json!({"type": "string", "pattern": "^[A-Z]{3}$"}),
        FieldType::Date => json!({"type": "string", "format": "date"}),
        FieldType::PartialDate => {
            json!({"type": "string", "pattern": "^([0-9]{4}(-[0-9]{2}(-[0-9]{2})?)?|--[0-9]{2}-[0-9]{2})$"})
        }
        FieldType::DateTime => json!({"type": "string", "format": "date-time"}),
        FieldType::Bool => json!({"type": "boolean"}),
        FieldType::Integer => json!({"type": "integer"}),
        FieldType::Reference => json!({"$ref": "#/$defs/reference"}),
        FieldType::TextList => json!({"type": "array", "items": {"type": "string"}}),
        FieldType::EmailList => list("email"),
        FieldType::PhoneList => list("phone"),
        FieldType::AddressList => list("address"),
        FieldType::IdentifierList => list("identifier"),
        FieldType::Extensions => json!({"type": "object"}),
    }
}

fn shared() -> Map<String, Value> {
    let text = || json!({"type": "string"});
    let object = |required: &[&str], properties: Value| json!({"type": "object", "additionalProperties": false, "required": required, "properties": properties});
    let shared = json!({
        "money": object(&["amount", "currency"], json!({"amount": {"type": "string", "pattern": "^-?[0-9]+([.][0-9]+)?$"}, "currency": {"type": "string", "pattern": "^[A-Z]{3}$"}})),
        "reference": object(&["stream", "externalId"], json!({"stream": text(), "externalId": text()})),
        "identifier": object(&["system", "value"], json!({"system": text(), "value": text()})),
        "email": object(&["address", "original"], json!({"address": text(), "original": text(), "primary": {"type": "boolean"}, "verified": {"type": "boolean"}})),
        "phone": object(&["original"], json!({"e164": {"type": "string", "pattern": "^[+][0-9]{3,15}$"}, "original": text(), "primary": {"type": "boolean"}})),
        "address": object(&[], json!({"lines": {"type": "array", "items": text()}, "locality": text(), "region": text(), "postalCode": text(), "country": text(), "purpose": text()})),
    });
    match shared {
        Value::Object(map) => map,
        _ => Map::new(),
    }
}
