//! Scalars that GraphQL does not have.

use async_graphql::{Description, InputValueError, InputValueResult, Name, Scalar, ScalarType, Value, Variables};
use chrono::NaiveDate;
use serde_json::{Map, Value as JsonValue};

macro_rules! text_scalar {
    ($(#[doc = $doc:literal])* $name:ident($inner:ty), $graph:literal) => {
        $(#[doc = $doc])*
        #[derive(Debug, Clone, Description)]
        pub struct $name(pub $inner);

        #[Scalar(name = $graph, use_type_description)]
        impl ScalarType for $name {
            fn parse(value: Value) -> InputValueResult<Self> {
                let Value::String(text) = &value else { return Err(InputValueError::expected_type(value)) };
                text.parse().map(Self).map_err(InputValueError::custom)
            }

            fn to_value(&self) -> Value {
                Value::String(self.0.to_string())
            }
        }
    };
}

text_scalar! {
    /// A day, for example `2026-11-22` (ISO 8601).
    Date(NaiveDate), "Date"
}
text_scalar! {
    /// A date that may have gaps: `1984-03-07`, `1984-03`, `1984`, or `--03-07` without a year.
    PartialDate(onefold_model::PartialDate), "PartialDate"
}

/// Any JSON. Only where a source's own payload or custom fields are shown.
#[derive(Debug, Clone, Description)]
pub struct Json(pub JsonValue);

#[Scalar(name = "Json", use_type_description)]
impl ScalarType for Json {
    fn parse(value: Value) -> InputValueResult<Self> {
        Ok(Self(value.into_json()?))
    }

    fn to_value(&self) -> Value {
        graph_value(self.0.clone())
    }
}

/// JSON as a value of the graph. Written out, because the library reads JSON through serde's general form, in which a
/// number that keeps its spelling (`12.30`, and in a request every number) looks like an object.
fn graph_value(json: JsonValue) -> Value {
    match json {
        JsonValue::Null => Value::Null,
        JsonValue::Bool(is_true) => Value::Boolean(is_true),
        JsonValue::Number(number) => Value::Number(number),
        JsonValue::String(text) => Value::String(text),
        JsonValue::Array(items) => Value::List(items.into_iter().map(graph_value).collect()),
        JsonValue::Object(fields) => {
            Value::Object(fields.into_iter().map(|(name, value)| (Name::new(name), graph_value(value))).collect())
        }
    }
}

/// The variables of a request.
pub fn variables(json: Map<String, JsonValue>) -> Variables {
    Variables::from_value(graph_value(JsonValue::Object(json)))
}
