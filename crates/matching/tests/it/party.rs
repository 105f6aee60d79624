//! Builders of records for tests.

use chrono::Duration;
use onefold_matching::{PartyRecord, Resolution, Settings, resolve};
use onefold_model::{Party, RecordId, SourceId, SourceKey, Timestamp};
use serde_json::{Value, json};
use std::sync::Arc;

/// A record of this source and key; `party` may say `email`, `phone` and `street` for short.
pub(crate) fn record(source: &str, key: &str, party: Value) -> PartyRecord {
    let source = SourceKey::new(source).unwrap();
    PartyRecord {
        id: RecordId::derive(&source, "customers", key),
        source: SourceId::derive(&source),
        party: Arc::new(read(party)),
        seen_at: Timestamp::UNIX_EPOCH,
        updated_at: None,
        deleted: false,
    }
}

/// A record that changed on a day.
pub(crate) fn changed(record: PartyRecord, day: i64) -> PartyRecord {
    PartyRecord { updated_at: Some(Timestamp::UNIX_EPOCH + Duration::days(day)), ..record }
}

/// Resolves with the default settings and without decisions.
pub(crate) fn resolved(records: &[PartyRecord]) -> Resolution {
    resolve(records, &[], &Settings::default(), &mut |_| {})
}

/// Whether two records are in one cluster.
pub(crate) fn together(resolution: &Resolution, one: &PartyRecord, other: &PartyRecord) -> bool {
    resolution.clusters.iter().any(|cluster| cluster.contains(&one.id) && cluster.contains(&other.id))
}

fn read(mut party: Value) -> Party {
    let fields = party.as_object_mut().unwrap();
    fields.entry("kind").or_insert_with(|| json!("PERSON"));
    if let Some(email) = fields.remove("email") {
        fields.insert("emails".to_owned(), json!([{ "address": email, "original": email }]));
    }
    if let Some(phone) = fields.remove("phone") {
        fields.insert("phones".to_owned(), json!([{ "original": phone }]));
    }
    if let Some(street) = fields.remove("street") {
        let address = json!([{ "lines": [street], "locality": "Vienna", "postalCode": "1070" }]);
        fields.insert("addresses".to_owned(), address);
    }
    if let Some(vat) = fields.remove("vat") {
        fields.insert("identifiers".to_owned(), json!([{ "system": "vat", "value": vat }]));
    }
    serde_json::from_value(party).unwrap()
}
