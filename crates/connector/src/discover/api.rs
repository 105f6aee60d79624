//! The lists that an API description tells of: OpenAPI 3 and Swagger 2.

use super::{DEPTH, FoundField, FoundStream, segment, shortened};
use serde_json::Value;

/// References that are followed one after the other: some descriptions refer in circles.
const HOPS: usize = 8;

/// What is asked for with GET, by paths without an id, and answered with a list of objects.
pub(super) fn streams(api: &Value) -> Vec<FoundStream> {
    let Some(paths) = api.get("paths").and_then(Value::as_object) else { return Vec::new() };
    let mut found = Vec::new();
    for (path, item) in paths.iter().filter(|(path, _)| !path.contains('{')) {
        let Some(answer) = item.get("get").and_then(|get| answer_schema(api, get)) else { continue };
        let Some((records, schema)) = list_in(api, answer, String::new(), 0) else { continue };
        let mut fields = Vec::new();
        walk(api, schema, "", 0, &mut fields);
        let name = path.trim_matches('/').rsplit('/').next().unwrap_or_default();
        let name = name.split('.').next().unwrap_or(name).to_owned();
        found.push(FoundStream { name, get: Some(path.clone()), records, seen: 0, fields });
    }
    found
}

/// The schema of the answer that means success.
fn answer_schema<'a>(api: &'a Value, get: &'a Value) -> Option<&'a Value> {
    let answers = get.get("responses")?;
    let answer = ["200", "201", "default"].iter().find_map(|status| answers.get(*status))?;
    let answer = followed(api, answer)?;
    // Swagger 2 has the schema at once, OpenAPI 3 one for each media type.
    if let Some(schema) = answer.get("schema") {
        return followed(api, schema);
    }
    let content = answer.get("content")?.as_object()?;
    let json = content.iter().find(|(media, _)| media.contains("json"))?.1;
    followed(api, json.get("schema")?)
}

/// Where a list of objects stands in an answer, and what those are.
fn list_in<'a>(api: &'a Value, schema: &'a Value, place: String, depth: usize) -> Option<(String, &'a Value)> {
    if let Some(items) = schema.get("items").and_then(|items| followed(api, items)) {
        return is_object(items).then_some((place, items));
    }
    if depth >= 2 {
        return None;
    }
    properties(api, schema).into_iter().find_map(|(name, property)| {
        let escaped = name.replace('~', "~0").replace('/', "~1");
        list_in(api, property, format!("{place}/{escaped}"), depth + 1)
    })
}

fn is_object(schema: &Value) -> bool {
    ["properties", "allOf", "anyOf", "oneOf"].iter().any(|key| schema.get(*key).is_some())
}

/// The properties of a schema and of those that it is put together from, each name once.
fn properties<'a>(api: &'a Value, schema: &'a Value) -> Vec<(&'a str, &'a Value)> {
    let mut all: Vec<(&str, &Value)> = Vec::new();
    let own = schema.get("properties").and_then(Value::as_object).into_iter().flatten();
    all.extend(own.filter_map(|(name, property)| Some((name.as_str(), followed(api, property)?))));
    for key in ["allOf", "anyOf", "oneOf"] {
        for part in schema.get(key).and_then(Value::as_array).into_iter().flatten().take(16) {
            let Some(part) = followed(api, part) else { continue };
            let more = part.get("properties").and_then(Value::as_object).into_iter().flatten();
            for (name, property) in more {
                if let (Some(property), true) = (followed(api, property), all.iter().all(|(known, _)| known != name)) {
                    all.push((name.as_str(), property));
                }
            }
        }
    }
    all
}

fn walk(api: &Value, schema: &Value, before: &str, depth: usize, fields: &mut Vec<FoundField>) {
    for (name, property) in properties(api, schema) {
        let path = format!("{before}{}", segment(name));
        let word = property.get("type").map(|ty| match ty {
            // Since 3.1 a type may be a list with "null" in it.
            Value::Array(types) => types.iter().filter_map(Value::as_str).find(|ty| *ty != "null").unwrap_or_default(),
            ty => ty.as_str().unwrap_or_default(),
        });
        let form = match word {
            Some("boolean") => "flag",
            Some("number" | "integer") => "number",
            Some("array") => "list",
            Some("string") => "text",
            _ if is_object(property) && depth < DEPTH => {
                walk(api, property, &format!("{path}."), depth + 1, fields);
                continue;
            }
            _ => "object",
        };
        let example = property.get("example").or_else(|| property.get("examples")?.get(0)).filter(|v| !v.is_null());
        let format = property.get("format").and_then(Value::as_str);
        let sample = example.map(shortened).or_else(|| format.map(|format| format!("({format})")));
        fields.push(FoundField { path, form, filled: 0, sample });
    }
}

/// What a reference within the description leads to.
fn followed<'a>(api: &'a Value, schema: &'a Value) -> Option<&'a Value> {
    let mut schema = schema;
    for _ in 0..HOPS {
        match schema.get("$ref").and_then(Value::as_str) {
            None => return Some(schema),
            Some(reference) => schema = api.pointer(reference.strip_prefix('#')?)?,
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn lists_of_a_description_are_found_through_its_references() {
        let api = json!({"openapi": "3.0.0", "paths": {
            "/v1/people": {"get": {"responses": {"200": {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/Page"}}}}}}},
            "/v1/people/{id}": {"get": {"responses": {"200": {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/Person"}}}}}}},
            "/v1/ping": {"get": {"responses": {"200": {"description": "pong"}}}},
            "/v1/loop": {"get": {"responses": {"200": {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/Loop"}}}}}}}},
            "components": {"schemas": {
                "Loop": {"$ref": "#/components/schemas/Loop"},
                "Page": {"properties": {"more": {"type": "boolean"}, "people": {"type": "array", "items": {"$ref": "#/components/schemas/Person"}}}},
                "Person": {"allOf": [{"properties": {"id": {"type": "integer", "example": 7}}}],
                    "properties": {"mail": {"type": ["string", "null"], "format": "email"}, "home": {"properties": {"city": {"type": "string"}}},
                        "boss": {"$ref": "#/components/schemas/Person"}}}}}});
        let found = streams(&api);
        assert_eq!(found.len(), 1);
        assert_eq!((found[0].name.as_str(), found[0].records.as_str()), ("people", "/people"));
        let paths: Vec<&str> = found[0].fields.iter().map(|field| field.path.as_str()).collect();
        assert_eq!(paths[..2], ["mail", "home.city"]);
        assert!(paths.contains(&"id") && paths.contains(&"boss.mail"), "{paths:?}");
        assert!(paths.len() < 100, "a schema that holds itself ends");
        assert_eq!(found[0].fields[0].sample.as_deref(), Some("(email)"));
    }
}
