//! Scalars that GraphQL does not have.

use async_graphql::{InputValueError, InputValueResult, Scalar, ScalarType, Value};
use chrono::NaiveDate;

macro_rules! text_scalar {
    ($(#[doc = $doc:literal])* $name:ident($inner:ty), $graph:literal) => {
        $(#[doc = $doc])*
        #[derive(Debug, Clone)]
        pub struct $name(pub $inner);

        #[Scalar(name = $graph)]
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
#[derive(Debug, Clone)]
pub struct Json(pub serde_json::Value);

#[Scalar(name = "Json")]
impl ScalarType for Json {
    fn parse(value: Value) -> InputValueResult<Self> {
        Ok(Self(value.into_json()?))
    }

    fn to_value(&self) -> Value {
        Value::from_json(self.0.clone()).unwrap_or_default()
    }
}
