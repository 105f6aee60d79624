//! The contracts in `schema/` are what the program serves, and every name in the graph says what it means.

use onefold::graphql;
use serde_json::{Value, json};
use std::path::Path;

fn committed(file: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("schema").join(file);
    std::fs::read_to_string(path).unwrap_or_default()
}

#[track_caller]
fn is_current(file: &str, served: &str) {
    let committed = committed(file);
    let differs = committed.lines().zip(served.lines()).find(|(one, other)| one != other);
    assert_eq!(differs, None, "schema/{file} is not current: `make gen` writes it");
    let is_equal = committed.trim_end() == served.trim_end();
    assert!(is_equal, "schema/{file} is not current: `make gen` writes it");
}

#[test]
fn the_contract_of_the_graph_is_current() {
    is_current("schema.graphql", &graphql::sdl());
}

#[test]
fn the_contracts_in_json_schema_are_current() {
    let pretty = |schema: &Value| serde_json::to_string_pretty(schema).unwrap();
    is_current("record.schema.json", &pretty(&onefold_model::record_schema()));
    is_current("connector.schema.json", &pretty(&onefold_connector::connector_schema()));
    is_current("config.schema.json", &pretty(&onefold::config::config_schema()));
}

const INTROSPECTION: &str = r"{ __schema { types { kind name description
    fields(includeDeprecated: true) { name description args { name description } }
    inputFields { name description } enumValues(includeDeprecated: true) { name description } } } }";

#[tokio::test]
async fn every_type_field_and_argument_says_what_it_means() {
    let answer = graphql::schema().introspect(INTROSPECTION).await;
    let schema = serde_json::to_value(&answer.data).unwrap();
    let mut silent = Vec::new();
    let list = |value: &Value| value.as_array().cloned().unwrap_or_default();
    let mut check = |place: String, item: &Value| {
        let said = item["description"].as_str().unwrap_or_default();
        if said.trim().len() < 3 {
            silent.push(place);
        }
    };
    let mut count = 0;
    for ty in list(&schema["__schema"]["types"]) {
        let name = ty["name"].as_str().unwrap();
        if name.starts_with("__") {
            continue;
        }
        count += 1;
        // The library's own: a connection, whose fields say what they are, and the id of the specification.
        if !name.ends_with("Connection") && name != "ID" {
            check(name.to_owned(), &ty);
        }
        for field in list(&ty["fields"]) {
            let field_name = format!("{name}.{}", field["name"].as_str().unwrap());
            check(field_name.clone(), &field);
            for argument in list(&field["args"]) {
                check(format!("{field_name}({})", argument["name"].as_str().unwrap()), &argument);
            }
        }
        for inner in ["inputFields", "enumValues"] {
            for item in list(&ty[inner]) {
                check(format!("{name}.{}", item["name"].as_str().unwrap()), &item);
            }
        }
    }
    assert!(count > 60, "{count} types");
    assert_eq!(silent, Vec::<String>::new());
}

/// What may be withheld can be null or empty: the schema must not promise it.
#[tokio::test]
async fn what_a_policy_may_hide_is_never_promised() {
    let document =
        "{ __schema { types { name fields(includeDeprecated: true) { name type { kind ofType { kind name } } } } } }";
    let answer = graphql::schema().introspect(document).await;
    let schema = serde_json::to_value(&answer.data).unwrap();
    let governed = graphql::graph_fields();
    let mut promised = Vec::new();
    for ty in schema["__schema"]["types"].as_array().unwrap() {
        let name = ty["name"].as_str().unwrap();
        let of = if matches!(name, "Person" | "Organization") { "Customer" } else { name };
        for field in ty["fields"].as_array().cloned().unwrap_or_default() {
            let is_governed = governed.fields(of).any(|known| field["name"] == json!(known));
            let inner = &field["type"]["ofType"];
            let is_list =
                inner["kind"] == "LIST" || inner["name"].as_str().is_some_and(|name| name.ends_with("Connection"));
            if is_governed && field["type"]["kind"] == "NON_NULL" && !is_list {
                promised.push(format!("{name}.{}", field["name"]));
            }
        }
    }
    assert_eq!(promised, Vec::<String>::new());
}
