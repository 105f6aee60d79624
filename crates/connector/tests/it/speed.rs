//! How fast a compiled map is, by the time of the processor, beside the same mapping written by hand with serde:
//! `cargo test -p onefold-connector --profile bench --test it speed -- --ignored --nocapture`.

use crate::folders::{load, root};
use crate::hand_written;
use onefold_model::StandardRecord;
use serde_json::Value;
use std::hint::black_box;

const COUNT: usize = 100_000;
/// So many payloads that differ, so that nothing is gained by having seen one before.
const DIFFERENT: usize = 1_000;

#[test]
#[ignore = "a measurement, not a law"]
fn records_mapped_in_a_second() {
    type ByHand = fn(&Value) -> Option<StandardRecord>;
    for (folder, stream, by_hand) in [
        ("billing/stripe", "customers", Some(hand_written::customer as ByHand)),
        ("billing/stripe", "invoices", None),
        ("support/zendesk", "tickets", None),
        ("marketing/mailchimp", "members", None),
    ] {
        let connector = load(folder);
        let payloads = payloads(folder, stream);
        let bytes = payloads.iter().map(|raw| raw.to_string().len()).sum::<usize>() / payloads.len();
        let mapped = rate(&payloads, |raw| connector.map(stream, "key", raw));
        print!("{folder} {stream}: {mapped:.0} payloads a second of a processor, {bytes} bytes each");
        let Some(by_hand) = by_hand else {
            println!();
            continue;
        };
        for raw in &payloads {
            let output = connector.map(stream, "key", raw);
            assert_eq!(Some(&output.records[0].record), by_hand(raw).as_ref(), "both are the same mapping");
        }
        println!("; by hand {:.0}", rate(&payloads, by_hand));
    }
}

/// How many a second, without what goes before the first.
fn rate<T>(payloads: &[Value], map: impl Fn(&Value) -> T) -> f64 {
    for raw in payloads {
        black_box(map(raw));
    }
    let begun = cpu_time::ThreadTime::now();
    for raw in payloads.iter().cycle().take(COUNT) {
        black_box(map(raw));
    }
    COUNT as f64 / begun.elapsed().as_secs_f64()
}

/// The first payload of a fixture, many times with other numbers and addresses.
fn payloads(folder: &str, stream: &str) -> Vec<Value> {
    let text = std::fs::read_to_string(root().join(folder).join(format!("fixtures/{stream}.json"))).unwrap();
    let body: Value = serde_json::from_str(&text).unwrap();
    let records = body["body"].as_object().unwrap().values().find_map(Value::as_array).unwrap();
    (0..DIFFERENT).map(|n| varied(&records[0], n)).collect()
}

fn varied(value: &Value, n: usize) -> Value {
    match value {
        Value::String(text) if text.contains('@') => Value::from(format!("{n}.{text}")),
        Value::String(text) if is_number_to_dial(text) => Value::from(format!("{}{n:03}", &text[..text.len() - 3])),
        Value::Array(list) => list.iter().map(|value| varied(value, n)).collect(),
        Value::Object(object) => object.iter().map(|(key, value)| (key.clone(), varied(value, n))).collect(),
        other => other.clone(),
    }
}

fn is_number_to_dial(text: &str) -> bool {
    text.len() > 7 && text.bytes().all(|b| b.is_ascii_digit() || b" +-()".contains(&b))
}
