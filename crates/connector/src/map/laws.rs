//! What holds for the maps of every shipped connector, whatever a system sends.

use super::path::Path;
use super::{FieldMap, MapCause, MapError, Scope};
use crate::connector::Connector;
use onefold_model::RecordKind;
use proptest::prelude::*;
use proptest::sample::Index;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use std::path::{Path as FilePath, PathBuf};
use std::sync::LazyLock;

/// A map of a connector, and payloads of its stream.
struct Shipped {
    connector: Connector,
    stream: usize,
    also: Option<usize>,
    payloads: Vec<Value>,
}

impl Shipped {
    fn map(&self) -> (RecordKind, &FieldMap) {
        let stream = &self.connector.inner.manifest.streams[self.stream];
        match self.also {
            Some(place) => (stream.also[place].into, &stream.also[place].map),
            None => (stream.into, &stream.map),
        }
    }
}

static SHIPPED: LazyLock<Vec<Shipped>> = LazyLock::new(shipped);

fn shipped() -> Vec<Shipped> {
    let root = FilePath::new(env!("CARGO_MANIFEST_DIR")).join("../../connectors");
    let mut files = BTreeMap::new();
    let mut folders = vec![root.clone()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|ending| ending == "yaml") {
                let name = path.strip_prefix(&root).unwrap().to_str().unwrap().to_owned();
                files.insert(name, std::fs::read_to_string(&path).unwrap());
            }
        }
    }
    let mut shipped = Vec::new();
    for folder in Connector::folders(&files) {
        let connector = Connector::load(&folder, &files).unwrap();
        for (stream, known) in connector.inner.manifest.streams.iter().enumerate() {
            let payloads = payloads(&root.join(&folder).join(format!("fixtures/{}.json", known.name)));
            for also in std::iter::once(None).chain((0..known.also.len()).map(Some)) {
                shipped.push(Shipped { connector: connector.clone(), stream, also, payloads: payloads.clone() });
            }
        }
    }
    shipped
}

/// The objects of a recorded answer; one with nothing in it where there is none.
fn payloads(fixture: &PathBuf) -> Vec<Value> {
    let mut found = vec![json!({})];
    if let Ok(text) = std::fs::read_to_string(fixture) {
        let fixture: Value = serde_json::from_str(&text).unwrap();
        objects(&fixture["body"], &mut found);
    }
    found
}

fn objects(value: &Value, found: &mut Vec<Value>) {
    match value {
        Value::Array(list) => found.extend(list.iter().filter(|element| element.is_object()).cloned()),
        Value::Object(object) => object.values().for_each(|value| objects(value, found)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

/// Puts a value where a path looks.
fn plant(payload: &mut Value, names: &[String], value: Value) {
    let Some((name, rest)) = names.split_first() else {
        *payload = value;
        return;
    };
    if name == "*" {
        if !payload.is_array() {
            *payload = json!([{}, {}]);
        }
        payload.as_array_mut().unwrap().iter_mut().for_each(|element| plant(element, rest, value.clone()));
        return;
    }
    if !payload.is_object() {
        *payload = json!({});
    }
    plant(payload.as_object_mut().unwrap().entry(name.as_str()).or_insert(Value::Null), rest, value);
}

/// What a field may hold, and what it should not.
fn odd() -> impl Strategy<Value = Value> {
    let texts = [
        "",
        " ",
        " x ",
        "true",
        "N",
        "7",
        "-7",
        "1.5",
        "0.0000001",
        "-0",
        "12,50",
        "1.234,56",
        "99999999999999999999",
        "eur",
        "EURO",
        "1767262800",
        "253402300800",
        "-99999999999",
        "1767262800000",
        "2026-02-28",
        "2026-02-30",
        "12026-02-28",
        "2026-01-31T10:00:00+01:00",
        "2026-01-31T23:59:60Z",
        "2026-01-31T10:00:00.1234567+0000",
        "/Date(1769850000000+0000)/",
        "/Date(999999999999999)/",
        "01/31/2026 10:00",
        "31.01.2026",
        "02/29",
        "13/40",
        "Ada@B.Example",
        "a@b.example; c@d.example",
        "@",
        "+49 40 5550142",
        "040 5550142",
        "12",
        "call me",
        "DE",
        "de",
        "Acme GmbH",
        "Ada King",
        "open",
        "paid",
        "subscribed",
        "a, b;c",
        "line\nline",
    ];
    prop_oneof![
        6 => proptest::sample::select(texts.to_vec()).prop_map(Value::from),
        1 => any::<i64>().prop_map(Value::from),
        1 => (-99_999_999_999_i64..999_999_999_999).prop_map(Value::from),
        1 => proptest::sample::select(vec![
            json!(null), json!(true), json!(false), json!(0), json!([]), json!({}), json!({"id": 7}), json!(["a", null, 1]),
            json!([{"id": "a", "value": 1}, {"id": "b", "value": {}}]), json!([[]]), json!({"a": null, "b": [null]}),
            json!({"x": {"$serde_json::private::Number": "7"}}), json!({"x": {"$serde_json::private::Number": 7}}),
            json!([{"id": "$serde_json::private::Number", "value": "x"}]),
            serde_json::from_str("1.00000000000000000000000000000001").unwrap(),
        ]),
        1 => ".{0,12}".prop_map(Value::from),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4096))]

    /// A record is made without being written down. It is the one that would be read if it were.
    #[test]
    fn a_map_makes_what_its_values_read_as(
        which in any::<Index>(),
        like in any::<Index>(),
        planted in proptest::collection::vec((any::<Index>(), odd()), 0..10),
    ) {
        let shipped = which.get(&SHIPPED);
        let (kind, map) = shipped.map();
        let mut payload = like.get(&shipped.payloads).clone();
        let mut paths: Vec<&Path> = Vec::new();
        map.paths(&mut paths);
        let places: Vec<Vec<String>> = paths.into_iter().filter_map(|path| Some(path.names()?.1)).collect();
        for (place, value) in planted.into_iter().filter(|_| !places.is_empty()) {
            let names: &Vec<String> = place.get(&places);
            plant(&mut payload, names, value);
        }
        let scope = Scope { value: &payload, record: &payload, id: "key" };
        let (mut drift, mut drift_of_values) = (Vec::new(), Vec::new());
        let built = map.apply(kind, scope, &mut drift);
        let read = map.values(kind, scope, &mut drift_of_values).and_then(|values| {
            let fields = kind.fields().iter().zip(values);
            let json: Map<String, Value> =
                fields.filter_map(|(field, value)| Some((field.name.clone(), json!(value?)))).collect();
            let refused = |_| MapError::new(kind.as_str(), None, MapCause::Record);
            kind.read(&Value::Object(json)).map_err(refused)
        });
        prop_assert_eq!(built, read);
        prop_assert_eq!(drift, drift_of_values);
    }
}
