//! The two shapes of an answer: a list in its envelope, and a refusal in the vendor's words.

use axum::Json;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::ser::{Serialize, SerializeMap, Serializer};
use serde_json::Value;
use std::sync::Arc;

enum Part {
    Value(Value),
    Rows(Vec<Arc<Value>>),
}

/// A JSON object that is written without copying the listed rows.
#[derive(Default)]
pub(super) struct Envelope(Vec<(String, Part)>);

impl Envelope {
    /// Adds a list.
    pub(super) fn rows(mut self, name: &str, rows: Vec<Arc<Value>>) -> Self {
        self.0.push((name.to_owned(), Part::Rows(rows)));
        self
    }

    /// Adds a value.
    pub(super) fn with(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.0.push((name.to_owned(), Part::Value(value.into())));
        self
    }
}

impl Serialize for Envelope {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.0.len()))?;
        for (name, part) in &self.0 {
            match part {
                Part::Value(value) => map.serialize_entry(name, value)?,
                Part::Rows(rows) => map.serialize_entry(name, rows)?,
            }
        }
        map.end()
    }
}

impl IntoResponse for Envelope {
    fn into_response(self) -> Response {
        Json(self).into_response()
    }
}

/// A request that the vendor does not fulfil.
#[derive(Debug)]
pub(super) struct Refusal {
    pub(super) status: StatusCode,
    pub(super) body: Value,
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        (self.status, Json(self.body)).into_response()
    }
}
