//! One JSON object a line.

use super::{BadRow, Row};
use serde_json::{Value, json};

#[derive(Debug)]
pub(crate) struct JsonRows<'t> {
    lines: std::iter::Enumerate<std::str::Lines<'t>>,
}

pub(crate) fn open(text: &str) -> JsonRows<'_> {
    JsonRows { lines: text.lines().enumerate() }
}

impl JsonRows<'_> {
    pub(crate) fn next(&mut self) -> Option<Result<Row, BadRow>> {
        let (index, text) = self.lines.by_ref().find(|(_, text)| !text.trim().is_empty())?;
        let line = index as u64 + 1;
        let bad = |column: Option<String>, reason: &str| BadRow {
            line,
            column,
            reason: reason.to_owned(),
            code: "not_json",
            raw: json!({ "line": line, "text": text }),
        };
        Some(match serde_json::from_str::<Value>(text) {
            Ok(raw @ Value::Object(_)) => Ok(Row { line, raw }),
            Ok(_) => Err(bad(None, "expected an object")),
            Err(error) => Err(bad(Some(error.column().to_string()), "not valid JSON")),
        })
    }
}
