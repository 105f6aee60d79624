//! What conditions and orders mean, by a look at the values as they are answered.

use super::super::rights_matrix::lists::{LISTS, inputs_and_enums};
use async_graphql::parser::parse_schema;
use async_graphql::parser::types::{BaseType, TypeKind, TypeSystemDefinition};
use onefold::graphql::sdl;
use onefold_model::{FieldType, RecordKind, Timestamp};
use rust_decimal::Decimal;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

/// A field that has one value, or several texts.
#[derive(Debug, Clone)]
pub(super) struct Field {
    pub(super) name: String,
    pub(super) selection: String,
    /// The type of the value, and the words where it is an enum.
    of: String,
    words: Vec<&'static str>,
}

/// A value as it is ordered. Nothing comes first.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Key {
    Nothing,
    Number(Decimal),
    Time(Timestamp),
    Text(String),
}

/// The fields of a type by which it could be chosen, as the schema has them.
pub(super) fn fields(of: &str) -> &'static [Field] {
    static KNOWN: LazyLock<BTreeMap<&str, Vec<Field>>> = LazyLock::new(read);
    &KNOWN[of]
}

fn read() -> BTreeMap<&'static str, Vec<Field>> {
    let (_, enums) = inputs_and_enums();
    let mut types = BTreeMap::new();
    for definition in parse_schema(sdl()).unwrap().definitions {
        let TypeSystemDefinition::Type(definition) = definition else { continue };
        let TypeKind::Object(object) = definition.node.kind else { continue };
        let Some((of, _)) = LISTS.into_iter().find(|(of, _)| definition.node.name.node == *of) else { continue };
        let kind = RecordKind::ALL.iter().find(|kind| kind.type_name() == of).unwrap();
        let fields: &mut Vec<Field> = types.entry(of).or_default();
        for field in object.fields {
            let name = field.node.name.node.to_string();
            let leads_to = match &field.node.ty.node.base {
                BaseType::Named(named) => named.to_string(),
                BaseType::List(inner) if inner.base.to_string() == "String" => "[String]".to_owned(),
                BaseType::List(_) => continue,
            };
            // In the order of the model: the schema sorts them.
            let words = match kind.field(&name).map(|field| field.ty) {
                Some(FieldType::OneOf(words)) if enums.contains_key(&leads_to) => words.to_vec(),
                _ => Vec::new(),
            };
            let is_value =
                ["ID", "Int", "String", "[String]", "Date", "DateTime", "Money"].contains(&leads_to.as_str());
            if is_value || !words.is_empty() {
                let below = if leads_to == "Money" { " { amount currency }" } else { "" };
                fields.push(Field { selection: format!("{name}{below}"), name, of: leads_to, words });
            }
        }
    }
    types
}

/// Every kind of condition on a field, made of the values that it has.
pub(super) fn conditions(field: &Field, rows: &[Value]) -> Vec<Value> {
    let values: BTreeSet<String> =
        rows.iter().map(|row| &row[&field.name]).filter(|value| !value.is_null()).map(Value::to_string).collect();
    let values: Vec<Value> = values.iter().map(|text| serde_json::from_str(text).unwrap()).collect();
    let mut out = Vec::new();
    let is_list = field.of == "ID" || !field.words.is_empty();
    if is_list {
        out.extend(values.iter().map(|value| json!([value])));
        out.extend([json!(values), json!([])]);
        out.extend(field.words.first().map(|word| json!([word])));
        return out;
    }
    out.extend([json!({"isNull": true}), json!({"isNull": false}), json!({})]);
    for value in &values {
        match field.of.as_str() {
            "Int" => out.extend([json!({"min": value}), json!({"max": value})]),
            "Date" | "DateTime" => out.extend([json!({"since": value}), json!({"before": value})]),
            "Money" => out.extend([
                json!({"atLeast": value["amount"]}),
                json!({"atMost": value["amount"], "currency": value["currency"]}),
                json!({"currency": value["currency"].as_str().unwrap().to_lowercase(), "isNull": false}),
            ]),
            "[String]" => out.extend([json!({"hasAny": [value[0]]}), json!({"hasAny": ["nothing", value[0]]})]),
            _ => {
                let text = value.as_str().unwrap();
                let part = |from: usize, len: usize| text.chars().skip(from).take(len).collect::<String>();
                out.extend([
                    json!({"equals": text}),
                    json!({"equals": text.to_lowercase()}),
                    json!({"oneOf": [text, "nothing"]}),
                    json!({"startsWith": part(0, 3).to_ascii_uppercase()}),
                    json!({"contains": part(2, 3).to_ascii_lowercase(), "isNull": false}),
                    json!({"contains": "_"}),
                    json!({"startsWith": "50%"}),
                    json!({"oneOf": []}),
                ]);
            }
        }
    }
    out
}

/// U+0000 as the store has it.
fn stored(text: &str) -> String {
    text.replace('\0', "\u{FFFD}")
}

/// Whether a value fits a condition.
pub(super) fn fits(field: &Field, value: &Value, by: &Value) -> bool {
    if let Some(some) = by.as_array() {
        return some.contains(value);
    }
    let texts = |of: &Value| -> Vec<String> {
        of.as_array()
            .into_iter()
            .flatten()
            .chain(of.is_string().then_some(of))
            .map(|text| stored(text.as_str().unwrap()))
            .collect()
    };
    let there = texts(value);
    let lower = there.first().map(|text| text.to_ascii_lowercase());
    let begins = |text: &Value| {
        lower.as_ref().is_some_and(|lower| lower.starts_with(&stored(text.as_str().unwrap()).to_ascii_lowercase()))
    };
    let has = |text: &Value| {
        lower.as_ref().is_some_and(|lower| lower.contains(&stored(text.as_str().unwrap()).to_ascii_lowercase()))
    };
    let compared = |with: &Value| {
        let with = if field.of == "Money" { json!({"amount": with}) } else { with.clone() };
        (!value.is_null()).then(|| key(field, value).cmp(&key(field, &with)))
    };
    by.as_object().unwrap().iter().all(|(what, with)| match what.as_str() {
        "isNull" => with.as_bool() == Some(value.is_null()),
        "equals" => there == texts(with),
        "oneOf" | "hasAny" => there.iter().any(|text| texts(with).contains(text)),
        "startsWith" => begins(with),
        "contains" => has(with),
        "min" | "since" | "atLeast" => compared(with).is_some_and(std::cmp::Ordering::is_ge),
        "max" | "atMost" => compared(with).is_some_and(std::cmp::Ordering::is_le),
        "before" => compared(with).is_some_and(std::cmp::Ordering::is_lt),
        "currency" => value["currency"].as_str().is_some_and(|code| with.as_str().unwrap().to_uppercase() == code),
        other => panic!("{other} has no meaning here"),
    })
}

/// A value as it is ordered.
pub(super) fn key(field: &Field, value: &Value) -> Key {
    let text = || value.as_str().unwrap();
    match field.of.as_str() {
        _ if value.is_null() => Key::Nothing,
        "Int" => Key::Number(value.as_i64().unwrap().into()),
        "Money" => Key::Number(value["amount"].as_str().unwrap().parse().unwrap()),
        "DateTime" => Key::Time(text().parse().unwrap()),
        _ if !field.words.is_empty() => {
            Key::Number(field.words.iter().position(|word| *word == text()).unwrap().into())
        }
        _ => Key::Text(stored(text())),
    }
}
