//! Bytes as records: the fuzzer writes fields, one a line, in a fixed order.

use onefold_matching::PartyRecord;
use onefold_model::{RecordId, SourceId, SourceKey, Timestamp};
use serde_json::{Map, Value, json};
use std::sync::Arc;

/// How many lines make one record.
pub const LINES: usize = 14;

const NAMES: [&str; 8] =
    ["displayName", "givenName", "middleName", "familyName", "nameSuffix", "nickname", "legalName", "company"];

/// The record that these lines say; `None` where the source's key is none or the model takes no such record.
pub fn record(key: &str, lines: &[&str]) -> Option<PartyRecord> {
    let source = SourceKey::new("fuzz").ok()?;
    let said = |at: usize| lines.get(at).copied().filter(|line| !line.is_empty());
    let mut party = Map::new();
    let is_organization = said(0).is_some_and(|line| line.starts_with('O'));
    party.insert("kind".to_owned(), json!(if is_organization { "ORGANIZATION" } else { "PERSON" }));
    for (at, name) in NAMES.iter().enumerate() {
        if let Some(text) = said(at + 1) {
            party.insert((*name).to_owned(), json!(text));
        }
    }
    if let Some(text) = said(9) {
        party.insert("emails".to_owned(), json!([{ "address": text, "original": text }]));
    }
    if let Some(text) = said(10) {
        party.insert("phones".to_owned(), json!([{ "original": text }]));
    }
    if let Some(text) = said(11) {
        let mut address = Map::new();
        address.insert("lines".to_owned(), json!([text]));
        if let Some(code) = said(12) {
            address.insert("postalCode".to_owned(), json!(code));
            address.insert("locality".to_owned(), json!(code));
        }
        party.insert("addresses".to_owned(), json!([address]));
    }
    if let Some(text) = said(13) {
        party.insert("identifiers".to_owned(), json!([{ "system": "vat", "value": text }]));
        party.insert("domains".to_owned(), json!([text]));
        party.insert("tradeNames".to_owned(), json!([text]));
    }
    Some(PartyRecord {
        id: RecordId::derive(&source, "fuzz", key),
        source: SourceId::derive(&source),
        party: Arc::new(serde_json::from_value(Value::Object(party)).ok()?),
        seen_at: Timestamp::UNIX_EPOCH,
        updated_at: None,
        deleted: false,
    })
}
