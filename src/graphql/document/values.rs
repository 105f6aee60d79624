//! Values: those of a request for the validator, and those of a document for the executor.

use apollo_compiler::executable::Value as Written;
pub(in crate::graphql) use apollo_compiler::response::JsonMap;
pub(super) use apollo_compiler::response::JsonValue;
use async_graphql::{Name, Number, Value as Given, Variables};
use async_graphql_value::Value;

/// The variables of a request as JSON.
pub(super) fn given(variables: &Variables) -> JsonMap {
    variables.iter().map(|(name, value)| (name.as_str().into(), json(value))).collect()
}

fn json(value: &Given) -> JsonValue {
    match value {
        // Binary comes in uploads alone, which this edge does not take.
        Given::Null | Given::Binary(_) => JsonValue::Null,
        Given::Boolean(is_true) => JsonValue::Bool(*is_true),
        Given::Number(number) => JsonValue::Number(number.clone()),
        Given::String(text) => JsonValue::String(text.as_str().into()),
        Given::Enum(name) => JsonValue::String(name.as_str().into()),
        Given::List(items) => JsonValue::Array(items.iter().map(json).collect()),
        Given::Object(fields) => {
            JsonValue::Object(fields.iter().map(|(name, value)| (name.as_str().into(), json(value))).collect())
        }
    }
}

/// A variable as the graph's inputs read it.
pub(in crate::graphql) fn graph_value(json: &JsonValue) -> Given {
    match json {
        JsonValue::Null => Given::Null,
        JsonValue::Bool(is_true) => Given::Boolean(*is_true),
        JsonValue::Number(number) => Given::Number(number.clone()),
        JsonValue::String(text) => Given::String(text.as_str().to_owned()),
        JsonValue::Array(items) => Given::List(items.iter().map(graph_value).collect()),
        JsonValue::Object(fields) => {
            Given::Object(fields.iter().map(|(name, value)| (Name::new(name.as_str()), graph_value(value))).collect())
        }
    }
}

/// A value as it is written in a document. Numbers keep their spelling, so that no digit of an amount is lost.
pub(super) fn written(value: &Written) -> Value {
    let number = |text: &str| text.parse::<Number>().map_or(Value::Null, Value::Number);
    match value {
        Written::Null => Value::Null,
        Written::Boolean(is_true) => Value::Boolean(*is_true),
        Written::Enum(name) => Value::Enum(Name::new(name)),
        Written::Variable(name) => Value::Variable(Name::new(name)),
        Written::String(text) => Value::String(text.clone()),
        Written::Int(digits) => number(digits.as_str()),
        Written::Float(digits) => number(digits.as_str()),
        Written::List(items) => Value::List(items.iter().map(|item| written(item)).collect()),
        Written::Object(fields) => {
            Value::Object(fields.iter().map(|(name, value)| (Name::new(name), written(value))).collect())
        }
    }
}
