//! Fields of a JSON object, found without reading the others.
//!
//! Only for text that this program wrote: compact, each key once. Promises: what it takes for a value is the whole of it; of a
//! text that is not an object, or that ends too early, it tells nothing at all. Deliberately checks no more than that: whoever
//! uses a value reads it.

use std::ops::Range;

/// Where the values of these keys stand. Places stay none for keys that are not there. None where the text is no object; that
/// of a record that says nothing, `null`, has no fields.
pub(super) fn places(text: &str, keys: &[&str], places: &mut [Option<Range<usize>>]) -> Option<()> {
    if text == "null" {
        return Some(());
    }
    let mut left = keys.len();
    for_each(text, |key, place| {
        if let Some(at) = keys.iter().position(|wanted| wanted.as_bytes() == key) {
            places[at] = Some(place);
            left -= 1;
        }
        left > 0
    })
}

/// The object with these fields alone.
pub(super) fn only(text: &str, keys: &[&str]) -> Option<String> {
    let mut out = String::with_capacity(text.len());
    out.push('{');
    let mut left = keys.len();
    for_each(text, |key, place| {
        if let Some(name) = keys.iter().find(|wanted| wanted.as_bytes() == key) {
            if out.len() > 1 {
                out.push(',');
            }
            out.push('"');
            out.push_str(name);
            out.push_str("\":");
            out.push_str(&text[place]);
            left -= 1;
        }
        left > 0
    })?;
    out.push('}');
    Some(out)
}

/// Each key as it is written, with the place of its value, as long as more are wanted.
fn for_each(text: &str, mut take: impl FnMut(&[u8], Range<usize>) -> bool) -> Option<()> {
    let bytes = text.as_bytes();
    if bytes.first() != Some(&b'{') || bytes.last() != Some(&b'}') {
        return None;
    }
    let mut at = 1;
    if bytes.get(at) == Some(&b'}') {
        return (bytes.len() == 2).then_some(());
    }
    loop {
        let key = string(bytes, at)?;
        if bytes.get(key.end) != Some(&b':') {
            return None;
        }
        let value = value(bytes, key.end + 1)?;
        at = value.end;
        if !take(&bytes[key.start + 1..key.end - 1], value) {
            return Some(());
        }
        match bytes.get(at)? {
            b',' => at += 1,
            b'}' => return (at + 1 == bytes.len()).then_some(()),
            _ => return None,
        }
    }
}

/// A string with its quotes.
fn string(bytes: &[u8], start: usize) -> Option<Range<usize>> {
    if bytes.get(start) != Some(&b'"') {
        return None;
    }
    let mut at = start + 1;
    loop {
        match bytes.get(at)? {
            b'"' => return Some(start..at + 1),
            b'\\' => at += 2,
            _ => at += 1,
        }
    }
}

fn value(bytes: &[u8], start: usize) -> Option<Range<usize>> {
    match bytes.get(start)? {
        b'"' => string(bytes, start),
        b'{' | b'[' => {
            let (mut depth, mut at) = (0_usize, start);
            loop {
                match bytes.get(at)? {
                    b'"' => at = string(bytes, at)?.end,
                    b'{' | b'[' => {
                        depth += 1;
                        at += 1;
                    }
                    b'}' | b']' => {
                        depth -= 1;
                        at += 1;
                        if depth == 0 {
                            return Some(start..at);
                        }
                    }
                    _ => at += 1,
                }
            }
        }
        _ => {
            let rest = &bytes[start..];
            let length = rest.iter().position(|byte| matches!(byte, b',' | b'}' | b']'))?;
            (length > 0).then_some(start..start + length)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::{Map, Value, json};

    #[test]
    fn what_is_no_object_tells_nothing() {
        for text in ["", "[]", "{", "{\"a\"}", "{\"a\":}", "{\"a\":1", "{\"a\":\"x}", "{\"a\":[1}", "{\"a\":1}x", "{}}"]
        {
            assert_eq!(only(text, &["a", "b"]), None, "{text}");
        }
        assert_eq!(places("null", &["a"], &mut [None]), Some(()));
        assert_eq!(only("{}", &["a"]), Some("{}".to_owned()));
    }

    fn json_value() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            ".{0,8}|[\"\\\\{}\\[\\],:]{0,6}".prop_map(Value::from),
        ];
        leaf.prop_recursive(3, 20, 4, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
                prop::collection::btree_map("[a-e\"\\\\]{1,2}", inner, 0..4)
                    .prop_map(|fields| Value::Object(fields.into_iter().collect::<Map<_, _>>())),
            ]
        })
    }

    proptest! {
        #[test]
        fn it_finds_what_a_reader_finds(fields in prop::collection::btree_map("[a-e]{1,2}", json_value(), 0..6)) {
            let object = Value::Object(fields.into_iter().collect());
            let text = object.to_string();
            let keys = ["a", "b", "ab", "e"];
            let mut found = vec![None; keys.len()];
            prop_assert_eq!(places(&text, &keys, &mut found), Some(()));
            for (key, place) in keys.iter().zip(found) {
                let read = place.map(|place| serde_json::from_str::<Value>(&text[place]).unwrap());
                prop_assert_eq!(read.as_ref(), object.get(key));
            }
            let kept: Value = serde_json::from_str(&only(&text, &keys).unwrap()).unwrap();
            for key in keys {
                prop_assert_eq!(kept.get(key), object.get(key));
            }
        }
    }

    #[test]
    fn money_and_dates_are_found_whole() {
        let text =
            json!({"number": "A, \"1\"", "total": {"amount": "1.00", "currency": "EUR"}, "opens": 12}).to_string();
        assert_eq!(
            only(&text, &["total", "opens"]).unwrap(),
            r#"{"total":{"amount":"1.00","currency":"EUR"},"opens":12}"#
        );
    }
}
