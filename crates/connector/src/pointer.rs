//! JSON pointers (RFC 6901): where something stands in an answer.

use serde_json::Value;

/// A pointer that was checked when it was written down. The empty pointer is the whole document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pointer(String);

impl Pointer {
    /// Empty, or begins with a slash.
    pub fn parse(text: &str) -> Option<Self> {
        (text.is_empty() || text.starts_with('/')).then(|| Self(text.to_owned()))
    }

    /// What stands there; JSON `null` counts as nothing.
    pub fn get<'v>(&self, value: &'v Value) -> Option<&'v Value> {
        value.pointer(&self.0).filter(|found| !found.is_null())
    }

    /// A text or a number as text. Ids are texts, even when the vendor writes them as numbers.
    pub fn get_text(&self, value: &Value) -> Option<String> {
        scalar_text(self.get(value)?)
    }

    /// The pointer as it was written.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A non-empty text or a number, as text.
pub(crate) fn scalar_text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) if !text.is_empty() => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}
