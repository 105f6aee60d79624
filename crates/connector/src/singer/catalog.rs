//! The catalogue of a tap: which of its streams it is to read.

use serde_json::{Map, Value, json};

/// Marks the wanted streams of a discovered catalogue as selected and the others as not, in the two ways that taps look
/// for. Gives the wanted streams that the tap has not.
pub fn select_streams(catalog: &mut Value, wanted: &[String]) -> Vec<String> {
    let mut missing: Vec<String> = wanted.to_vec();
    let streams = catalog.get_mut("streams").and_then(Value::as_array_mut);
    for stream in streams.into_iter().flatten() {
        let is_name = |name: &String| ["stream", "tap_stream_id"].iter().any(|key| stream[*key] == json!(name));
        let selected = wanted.iter().any(is_name);
        missing.retain(|name| !is_name(name));
        select(stream, &json!(selected));
    }
    missing
}

fn select(stream: &mut Value, selected: &Value) {
    if let Some(schema) = stream.get_mut("schema").and_then(Value::as_object_mut) {
        schema.insert("selected".to_owned(), selected.clone());
    }
    let Some(stream) = stream.as_object_mut() else { return };
    let metadata = stream.entry("metadata").or_insert_with(|| json!([]));
    let Some(entries) = metadata.as_array_mut() else { return };
    let is_root = |entry: &&mut Value| entry["breadcrumb"].as_array().is_some_and(Vec::is_empty);
    if let Some(root) = entries.iter_mut().find(is_root) {
        let properties = root.as_object_mut().map(|root| root.entry("metadata").or_insert_with(|| Map::new().into()));
        if let Some(properties) = properties.and_then(Value::as_object_mut) {
            properties.insert("selected".to_owned(), selected.clone());
        }
    } else {
        entries.push(json!({"breadcrumb": [], "metadata": {"selected": selected}}));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_wanted_is_selected_and_what_is_not_there_is_named() {
        let mut catalog = json!({"streams": [
            {"tap_stream_id": "users", "schema": {}, "metadata": [{"breadcrumb": [], "metadata": {"inclusion": "available"}}]},
            {"stream": "orders", "schema": {}},
        ]});
        let missing = select_streams(&mut catalog, &["users".to_owned(), "teams".to_owned()]);
        assert_eq!(missing, ["teams"]);
        let streams = &catalog["streams"];
        assert_eq!(streams[0]["metadata"][0]["metadata"], json!({"inclusion": "available", "selected": true}));
        assert_eq!(
            (&streams[0]["schema"]["selected"], &streams[1]["schema"]["selected"]),
            (&json!(true), &json!(false))
        );
        assert_eq!(streams[1]["metadata"], json!([{"breadcrumb": [], "metadata": {"selected": false}}]));
    }
}
