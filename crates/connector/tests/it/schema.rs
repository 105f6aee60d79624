//! The published schema.

use onefold_connector::connector_schema;
use std::path::Path;

#[test]
fn the_committed_schema_is_current() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../schema/connector.schema.json");
    let text = format!("{}\n", serde_json::to_string_pretty(&connector_schema()).unwrap());
    if std::env::var_os("UPDATE_EXPECTED").is_some() {
        std::fs::write(&path, &text).unwrap();
    }
    let committed = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(text == committed, "schema/connector.schema.json is not current; UPDATE_EXPECTED=1 writes it anew");
}

#[test]
fn every_name_that_the_schema_refers_to_exists() {
    let schema = connector_schema();
    let text = schema.to_string();
    for part in text.split("\"#/$defs/").skip(1) {
        let name = part.split('"').next().unwrap();
        assert!(schema["$defs"].get(name).is_some(), "{name}");
    }
}
