//! From a page of payloads to pages of the store, one for each stream: mapped, hashed, and what does not fit put aside with
//! its cause.

use crate::store::{IncomingRecord, Quarantined};
use onefold_connector::{Connector, Item, MapError, Mapped, Page, Refused};
use onefold_model::{ContentHash, content_hash};
use serde_json::Value;
use std::collections::BTreeMap;

/// Records of one stream and what did not fit.
#[derive(Debug, Default)]
pub(super) struct Sorted {
    pub(super) records: Vec<IncomingRecord>,
    pub(super) quarantined: Vec<Quarantined>,
}

/// What becomes of the payloads of a page, by stream.
pub(super) fn sort(connector: &Connector, page: &mut Page) -> BTreeMap<String, Sorted> {
    let mut sorted: BTreeMap<String, Sorted> = BTreeMap::new();
    for item in std::mem::take(&mut page.items) {
        match records(connector, &item) {
            Ok(records) => {
                for record in records {
                    sorted.entry(record.stream.clone()).or_default().records.push(record);
                }
            }
            Err(error) => sorted.entry(item.stream.clone()).or_default().quarantined.push(unfit(item, &error)),
        }
    }
    for refused in std::mem::take(&mut page.refused) {
        sorted.entry(refused.stream.clone()).or_default().quarantined.push(keyless(refused));
    }
    sorted
}

/// Maps a payload. It becomes all of its records or none.
pub(super) fn records(connector: &Connector, item: &Item) -> Result<Vec<IncomingRecord>, MapError> {
    let hash = content_hash(&item.raw);
    let mapped = match connector.map(&item.stream, &item.external_id, &item.raw) {
        Ok(output) => output.records,
        // A tombstone may hold no more than its key: the meaning of what it deletes is kept.
        Err(_) if item.deleted => Vec::new(),
        Err(error) => return Err(error),
    };
    let mut records: Vec<IncomingRecord> =
        mapped.into_iter().map(|mapped| incoming(item, hash, item.deleted, mapped)).collect();
    if records.is_empty() {
        records.push(bare(item, hash, item.stream.clone()));
    }
    // What this payload gives no longer, or never gave: the store leaves alone what it does not have.
    for also in connector.also(&item.stream) {
        if !also.many && !records.iter().any(|record| record.stream == also.name) {
            records.push(bare(item, hash, also.name.to_owned()));
        }
    }
    Ok(records)
}

fn incoming(item: &Item, hash: ContentHash, deleted: bool, mapped: Mapped) -> IncomingRecord {
    IncomingRecord {
        stream: mapped.stream,
        external_id: mapped.external_id,
        raw: item.raw.clone(),
        content_hash: hash,
        mapped: Some(mapped.record),
        source_version: item.version,
        deleted,
    }
}

/// A deletion that says no more than its key.
fn bare(item: &Item, hash: ContentHash, stream: String) -> IncomingRecord {
    IncomingRecord {
        stream,
        external_id: item.external_id.clone(),
        raw: item.raw.clone(),
        content_hash: hash,
        mapped: None,
        source_version: item.version,
        deleted: true,
    }
}

/// A payload that does not fit its map.
pub(super) fn unfit(item: Item, error: &MapError) -> Quarantined {
    Quarantined {
        stream: item.stream,
        external_id: Some(item.external_id),
        code: error.code().to_ascii_uppercase(),
        path: Some(error.path.clone()),
        place: error.source_path.clone(),
        message: error.to_string(),
        raw: item.raw,
    }
}

fn keyless(refused: Refused) -> Quarantined {
    Quarantined {
        stream: refused.stream,
        external_id: None,
        code: "KEY_MISSING".to_owned(),
        path: None,
        message: format!("the payload has no key: {} is missing or blank", refused.missing),
        place: Some(refused.missing),
        raw: refused.raw,
    }
}

/// A payload that was put aside, as its stream would deliver it again. `None` where it has no key.
pub(super) fn item_again(quarantined: &Quarantined) -> Option<Item> {
    let raw: Value = quarantined.raw.clone();
    Some(Item {
        stream: quarantined.stream.clone(),
        external_id: quarantined.external_id.clone()?,
        raw,
        // Without a time of its own it never replaces anything newer that has come since … see `Engine::retry`.
        version: None,
        deleted: false,
    })
}
