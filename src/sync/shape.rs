//! The form of a payload: where its fields stand, and what they hold. No value leaves here.

use super::drift::Forms;
use serde_json::Value;

/// Nesting that is looked into. What lies deeper is a field that holds an object.
const DEPTH: usize = 6;
/// So many elements of a list are looked at.
const ELEMENTS: usize = 3;
/// Fields of one payload that are looked at.
const FIELDS: usize = 400;
/// The longest name of a field. What is longer is data that stands where a name should.
const NAME: usize = 80;

/// Calls `with` for every field of a payload: its place as a map writes it, and what it holds.
pub(super) fn walk<'v>(payload: &'v Value, with: &mut impl FnMut(&str, Forms, &'v Value)) {
    let Value::Object(_) = payload else { return };
    let mut left = FIELDS;
    descend(payload, "", 0, &mut left, with);
}

/// What stands at a place, in the order of the payload.
pub(super) fn values_at<'v>(payload: &'v Value, path: &str) -> Vec<&'v Value> {
    let mut found = Vec::new();
    walk(payload, &mut |place, _, value| {
        if place == path {
            found.push(value);
        }
    });
    found
}

/// The names of a place, as they stood before they were put together.
pub(super) fn names(path: &str) -> Vec<&str> {
    let (mut names, mut rest) = (Vec::new(), path);
    while !rest.is_empty() {
        let (name, after) = match rest.strip_prefix('"').and_then(|inner| inner.split_once('"')) {
            Some((name, after)) => (name, after.strip_prefix('.').unwrap_or(after)),
            None => rest.split_once('.').unwrap_or((rest, "")),
        };
        names.push(name);
        rest = after;
    }
    names
}

fn descend<'v>(
    value: &'v Value,
    place: &str,
    depth: usize,
    left: &mut usize,
    with: &mut impl FnMut(&str, Forms, &'v Value),
) {
    match value {
        Value::Object(object) => {
            for (name, inner) in object {
                let Some(name) = written(name) else { continue };
                let place = if place.is_empty() { name } else { format!("{place}.{name}") };
                field(inner, &place, depth, left, with);
            }
        }
        Value::Array(list) => {
            let place = format!("{place}.*");
            for inner in list.iter().take(ELEMENTS) {
                field(inner, &place, depth, left, with);
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

fn field<'v>(
    value: &'v Value,
    place: &str,
    depth: usize,
    left: &mut usize,
    with: &mut impl FnMut(&str, Forms, &'v Value),
) {
    if *left == 0 {
        return;
    }
    *left -= 1;
    with(place, Forms::of(value), value);
    if depth < DEPTH {
        descend(value, place, depth + 1, left, with);
    }
}

/// A name as a map writes it; nothing for one that a map cannot write.
fn written(name: &str) -> Option<String> {
    // What is kept of a parent travels inside the payload and is none of its fields.
    if name.is_empty() || name.len() > NAME || name.contains('"') || name == "$parent" {
        return None;
    }
    let is_plain = name.chars().all(|c| c.is_alphanumeric() || "_$/@#-".contains(c));
    Some(if is_plain { name.to_owned() } else { format!("\"{name}\"") })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_payload_is_walked_by_the_places_that_a_map_writes() {
        let payload =
            json!({"id": 7, "name": null, "a b": {"c.d": true}, "lines": [{"sku": "x"}, {"sku": 5}], "odd\"": 1});
        let mut seen = Vec::new();
        walk(&payload, &mut |place, forms, _| seen.push(format!("{place}={forms}")));
        assert_eq!(
            seen,
            [
                "id=number",
                "name=",
                "\"a b\"=object",
                "\"a b\".\"c.d\"=flag",
                "lines=list",
                "lines.*=object",
                "lines.*.sku=text",
                "lines.*=object",
                "lines.*.sku=number"
            ]
        );
        assert_eq!(values_at(&payload, "lines.*.sku"), [&json!("x"), &json!(5)]);
        assert_eq!(names("\"a b\".\"c.d\".x"), ["a b", "c.d", "x"]);
        assert_eq!(names("lines.*.sku"), ["lines", "*", "sku"]);
        assert_eq!(values_at(&json!([1]), "id"), Vec::<&Value>::new());
    }

    #[test]
    fn what_is_deep_or_long_or_wide_ends_somewhere() {
        let mut deep = json!(1);
        for _ in 0..200 {
            deep = json!({"a": deep});
        }
        let count = |payload: &Value| {
            let mut count = 0;
            walk(payload, &mut |_, _, _| count += 1);
            count
        };
        assert_eq!(count(&deep), DEPTH + 1);
        let wide = Value::Object((0..5_000).map(|n| (format!("k{n}"), json!(n))).collect());
        assert_eq!(count(&wide), FIELDS);
        assert_eq!(count(&json!({"x".repeat(200): 1})), 0);
    }
}
