//! Reading and placing claims of any shape.

use serde_json::{Map, Value};

/// The claim with this name, or under this JSON pointer if the name begins with a slash.
pub(super) fn claim<'a>(claims: &'a Map<String, Value>, name: &str) -> Option<&'a Value> {
    let mut steps = steps(name).into_iter();
    let first = claims.get(&steps.next()?)?;
    steps.try_fold(first, |value, step| value.as_object()?.get(&step))
}

/// Where the claim with this name is to be written; objects on the way are made.
pub(super) fn claim_place<'a>(claims: &'a mut Map<String, Value>, name: &str) -> &'a mut Value {
    let mut steps = steps(name).into_iter();
    let mut place = claims.entry(steps.next().unwrap_or_default()).or_insert(Value::Null);
    for step in steps {
        if !place.is_object() {
            *place = Value::Object(Map::new());
        }
        place = &mut place[step];
    }
    place
}

fn steps(name: &str) -> Vec<String> {
    match name.strip_prefix('/') {
        Some(pointer) => pointer.split('/').map(|step| step.replace("~1", "/").replace("~0", "~")).collect(),
        None => vec![name.to_owned()],
    }
}

/// The texts of a claim: a list of texts, one text, or nothing. `None` where it is something else.
pub(super) fn words(claim: Option<&Value>) -> Option<Vec<String>> {
    match claim {
        None | Some(Value::Null) => Some(Vec::new()),
        Some(Value::String(word)) => Some(vec![word.clone()]),
        Some(Value::Array(words)) => words.iter().map(|word| word.as_str().map(str::to_owned)).collect(),
        Some(_) => None,
    }
}

/// A time in whole seconds since 1970. RFC 7519 allows fractions; they are cut off.
pub(super) fn seconds(value: &Value) -> Option<i64> {
    let number = value.as_number()?;
    number.as_i64().or_else(|| {
        let seconds = number.as_f64()?.floor();
        #[expect(clippy::cast_possible_truncation, reason = "whole and within 2^53, so exact")]
        (seconds.abs() < 9_007_199_254_740_992.0).then_some(seconds as i64)
    })
}
