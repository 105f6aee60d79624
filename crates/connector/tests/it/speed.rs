//! How fast a compiled map is: `cargo test -p onefold-connector --release --test it speed -- --ignored --nocapture`.

use crate::folders::{load, root};
use serde_json::Value;
use std::time::Instant;

#[test]
#[ignore = "a measurement, not a law"]
fn records_mapped_in_a_second() {
    for (folder, stream, fixture) in [
        ("billing/stripe", "customers", "customers"),
        ("billing/stripe", "invoices", "invoices"),
        ("support/zendesk", "tickets", "tickets"),
        ("marketing/mailchimp", "members", "members"),
    ] {
        let connector = load(folder);
        let text = std::fs::read_to_string(root().join(folder).join(format!("fixtures/{fixture}.json"))).unwrap();
        let body: Value = serde_json::from_str(&text).unwrap();
        let records = body["body"].as_object().unwrap().values().find_map(Value::as_array).unwrap();
        let raw = &records[0];
        let count = 20_000;
        let begun = Instant::now();
        for _ in 0..count {
            assert!(connector.map(stream, "key", raw).misfits.is_empty());
        }
        let rate = f64::from(count) / begun.elapsed().as_secs_f64();
        println!("{folder} {stream}: {rate:.0} payloads a second, {} bytes each", raw.to_string().len());
    }
}
