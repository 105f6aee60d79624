//! The records of an answer.

use super::vendor::ReadError;
use crate::manifest::http::ErrorRules;
use crate::manifest::listing::{Absent, Listing};
use crate::message::HttpResponse;
use serde_json::{Map, Value};
use std::borrow::Cow;
use std::collections::HashMap;
use std::ops::Deref;

/// The list that an answer holds.
#[derive(Debug)]
pub(crate) enum Records<'b> {
    /// The system says by its status that there is nothing.
    Nothing,
    Some(Cow<'b, [Value]>),
}

impl Deref for Records<'_> {
    type Target = [Value];

    fn deref(&self) -> &[Value] {
        match self {
            Records::Nothing => &[],
            Records::Some(records) => records,
        }
    }
}

/// The records of an answer. `null` counts as an empty list; anything else than a list is not what was asked for.
pub(crate) fn records<'b>(
    listing: &Listing,
    response: &'b HttpResponse,
    rules: &ErrorRules,
) -> Result<Records<'b>, ReadError> {
    if rules.nothing.contains(&response.status) {
        return Ok(Records::Nothing);
    }
    let at = &listing.records;
    let found: &[Value] = match response.body.pointer(at.as_str()) {
        Some(Value::Array(records)) => records,
        Some(Value::Null) if !at.as_str().is_empty() => &[],
        None if listing.absent == Absent::Empty && response.body.is_object() => &[],
        _ => return Err(ReadError::Missing { what: "list of records", pointer: at.as_str().to_owned() }),
    };
    let included = listing.included.as_ref().and_then(|at| at.get(&response.body)).and_then(Value::as_array);
    Ok(Records::Some(match included {
        Some(included) => Cow::Owned(with_included(found, included)),
        None => Cow::Borrowed(found),
    }))
}

/// JSON:API names an object beside a record by type and id, and sends it once for all records. Its attributes are put
/// where it is named, so that a record says by itself what it needs to.
fn with_included(records: &[Value], included: &[Value]) -> Vec<Value> {
    let known: HashMap<(&str, &str), &Value> =
        included.iter().filter_map(|object| Some((name(object)?, object.get("attributes")?))).collect();
    let complete = |reference: &mut Value| {
        let attributes = name(reference).and_then(|name| known.get(&name)).map(|found| (*found).clone());
        if let (Some(attributes), Some(object)) = (attributes, reference.as_object_mut()) {
            object.insert("attributes".to_owned(), attributes);
        }
    };
    let mut records = records.to_vec();
    for record in &mut records {
        let related = record.get_mut("relationships").and_then(Value::as_object_mut);
        for data in related.into_iter().flat_map(Map::values_mut).filter_map(|relation| relation.get_mut("data")) {
            match data {
                Value::Array(references) => references.iter_mut().for_each(complete),
                reference => complete(reference),
            }
        }
    }
    records
}

fn name(object: &Value) -> Option<(&str, &str)> {
    Some((object.get("type")?.as_str()?, object.get("id")?.as_str()?))
}
