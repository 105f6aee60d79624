//! Items: a payload with its key, its version, and whether it still exists.

use crate::manifest::stream::{KeyPart, Stream};
use crate::message::HttpResponse;
use crate::pointer::{Pointer, scalar_text};
use onefold_model::Timestamp;
use serde_json::Value;
use std::borrow::Cow;

/// A payload of a stream.
#[derive(Debug, Clone, PartialEq)]
pub struct Item {
    /// The stream.
    pub stream: String,
    /// Its key there. Always a text.
    pub external_id: String,
    /// What the vendor said. Values kept of a parent stand beside it, under `$parent`.
    pub raw: Value,
    /// An older copy never replaces a newer one. The vendor's own time of change where the manifest names it, else the
    /// time of the answer.
    pub version: Option<Timestamp>,
    /// The vendor no longer has it. `raw` may say no more than that.
    pub deleted: bool,
}

/// A payload whose key cannot be read.
#[derive(Debug, Clone, PartialEq)]
pub struct Refused {
    /// The stream.
    pub stream: String,
    /// What the vendor said.
    pub raw: Value,
    /// The part of the key that is missing.
    pub missing: String,
}

/// Parts of a key as one text. One part stays as it is; several are joined with `:`, and their own `:` is escaped, so
/// that different keys stay different.
pub(crate) fn join_key<'p>(parts: impl ExactSizeIterator<Item = &'p str>) -> String {
    if parts.len() == 1 {
        return parts.collect();
    }
    let mut key = String::new();
    for (i, part) in parts.enumerate() {
        if i > 0 {
            key.push(':');
        }
        key.push_str(&escape_part(part));
    }
    key
}

/// A part of a key without `:`.
pub(crate) fn escape_part(part: &str) -> Cow<'_, str> {
    if part.contains(['%', ':']) { part.replace('%', "%25").replace(':', "%3A").into() } else { part.into() }
}

/// The key of a payload, or the part that is missing.
pub(crate) fn read_key(stream: &Stream, raw: &Value, parent: &[(String, String)]) -> Result<String, String> {
    let mut parts = Vec::with_capacity(stream.key.len());
    for part in &stream.key {
        let (text, name) = match part {
            KeyPart::Own(pointer) => (pointer.get_text(raw), pointer.as_str().to_owned()),
            KeyPart::Parent(name) => {
                (parent.iter().find(|(key, _)| key == name).map(|(_, value)| value.clone()), format!("parent.{name}"))
            }
        };
        parts.push(text.filter(|text| !text.trim().is_empty()).ok_or(name)?);
    }
    Ok(join_key(parts.iter().map(String::as_str)))
}

/// One of the conditions holds.
pub(crate) fn matches_any(conditions: &[(Pointer, Vec<String>)], raw: &Value) -> bool {
    conditions.iter().any(|(pointer, values)| holds(pointer, values, raw))
}

/// All of the conditions hold.
pub(crate) fn matches_all(conditions: &[(Pointer, Vec<String>)], raw: &Value) -> bool {
    conditions.iter().all(|(pointer, values)| holds(pointer, values, raw))
}

fn holds(pointer: &Pointer, values: &[String], raw: &Value) -> bool {
    let found = match pointer.get(raw) {
        Some(Value::Bool(flag)) => Some(flag.to_string()),
        Some(value) => scalar_text(value),
        None => None,
    };
    found.is_some_and(|found| values.contains(&found))
}

/// A payload as an item of its stream, or as refused.
pub(crate) fn read_item(
    stream: &Stream,
    mut raw: Value,
    parent: &[(String, String)],
    response: &HttpResponse,
) -> Result<Item, Refused> {
    let key = read_key(stream, &raw, parent);
    if let (Value::Object(object), false) = (&mut raw, parent.is_empty()) {
        let kept = parent.iter().map(|(name, value)| (name.clone(), Value::from(value.clone()))).collect();
        object.insert("$parent".to_owned(), Value::Object(kept));
    }
    match key {
        Ok(external_id) => {
            let version = stream
                .version
                .as_ref()
                .and_then(|version| version.at.iter().find_map(|pointer| version.format.read(pointer.get(&raw)?)));
            let deleted = matches_any(&stream.deletes.tombstones, &raw);
            let version = Some(version.unwrap_or(response.at));
            Ok(Item { stream: stream.name.clone(), external_id, raw, version, deleted })
        }
        Err(missing) => Err(Refused { stream: stream.name.clone(), raw, missing }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn different_keys_stay_different(one in proptest::collection::vec("[a:%]{0,3}", 2), other in proptest::collection::vec("[a:%]{0,3}", 2)) {
            let join = |parts: &[String]| join_key(parts.iter().map(String::as_str));
            prop_assert_eq!(join(&one) == join(&other), one == other);
        }
    }
}
