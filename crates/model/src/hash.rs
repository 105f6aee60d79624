//! Content hashes: the same payload has the same hash, whatever the order of its keys.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use sha2::{Digest, Sha256};

/// SHA-256 of a payload in canonical form.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct ContentHash(pub [u8; 32]);

impl ContentHash {
    /// The hash as 64 lower-case hexadecimal digits.
    pub fn to_hex(self) -> String {
        use std::fmt::Write;
        self.0.iter().fold(String::with_capacity(64), |mut out, byte| {
            let _ = write!(out, "{byte:02x}");
            out
        })
    }
}

/// Hashes a JSON value with object keys in sorted order. Numbers are hashed as they were spelled.
pub fn content_hash(value: &Value) -> ContentHash {
    let mut hasher = Sha256::new();
    feed(value, &mut hasher);
    ContentHash(hasher.finalize().into())
}

fn feed(value: &Value, hasher: &mut Sha256) {
    match value {
        Value::Null => hasher.update(b"n"),
        Value::Bool(true) => hasher.update(b"t"),
        Value::Bool(false) => hasher.update(b"f"),
        Value::Number(number) => feed_text(b"#", number.as_str(), hasher),
        Value::String(text) => feed_text(b"s", text, hasher),
        Value::Array(items) => {
            hasher.update(b"[");
            hasher.update((items.len() as u64).to_le_bytes());
            for item in items {
                feed(item, hasher);
            }
        }
        Value::Object(object) => {
            let mut entries: Vec<(&String, &Value)> = object.iter().collect();
            entries.sort_unstable_by_key(|(key, _)| *key);
            hasher.update(b"{");
            hasher.update((entries.len() as u64).to_le_bytes());
            for (key, value) in entries {
                feed_text(b"s", key, hasher);
                feed(value, hasher);
            }
        }
    }
}

fn feed_text(tag: &[u8], text: &str, hasher: &mut Sha256) {
    hasher.update(tag);
    hasher.update((text.len() as u64).to_le_bytes());
    hasher.update(text.as_bytes());
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn key_order_does_not_change_the_hash() {
        let one: Value = serde_json::from_str(r#"{"a":1,"b":[true,null]}"#).unwrap();
        let two: Value = serde_json::from_str(r#"{"b":[true,null],"a":1}"#).unwrap();
        assert_eq!(content_hash(&one), content_hash(&two));
    }

    #[test]
    fn different_content_has_a_different_hash() {
        let values = [json!({"a": 1}), json!({"a": "1"}), json!({"a": [1]}), json!([["a"], 1]), json!(null)];
        for (i, one) in values.iter().enumerate() {
            for two in &values[i + 1..] {
                assert_ne!(content_hash(one), content_hash(two), "{one} {two}");
            }
        }
    }
}
