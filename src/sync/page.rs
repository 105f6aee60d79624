//! From a page of payloads to pages of the store, one for each stream: mapped, hashed, and what does not fit put aside with
//! its cause.

use crate::store::{IncomingRecord, Quarantined};
use onefold_connector::{Connector, Item, MapError, Mapped, Page, Refused};
use onefold_model::{ContentHash, content_hash};
use std::collections::BTreeMap;

/// Records of one stream and what did not fit.
#[derive(Debug, Default)]
pub(super) struct Sorted {
    pub(super) records: Vec<IncomingRecord>,
    pub(super) quarantined: Vec<Quarantined>,
}

/// What became of the payloads of a page.
#[derive(Debug, Default)]
pub(super) struct Outcome {
    /// By stream.
    pub(super) streams: BTreeMap<String, Sorted>,
    /// Further records that the payloads do not give, or give no longer. Most of them were never there.
    pub(super) withdrawn: Vec<IncomingRecord>,
}

/// Maps the payloads of a page.
pub(super) fn sort(connector: &Connector, page: &mut Page) -> Outcome {
    let mut outcome = Outcome::default();
    for item in std::mem::take(&mut page.items) {
        match records(connector, &item) {
            Ok(records) => {
                outcome.withdrawn.extend(withdrawn(connector, &item, &records));
                for record in records {
                    outcome.streams.entry(record.stream.clone()).or_default().records.push(record);
                }
            }
            Err(error) => outcome.streams.entry(item.stream.clone()).or_default().quarantined.push(unfit(item, &error)),
        }
    }
    for refused in std::mem::take(&mut page.refused) {
        outcome.streams.entry(refused.stream.clone()).or_default().quarantined.push(keyless(refused));
    }
    outcome
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
    Ok(records)
}

/// The single further records that a payload does not give.
pub(super) fn withdrawn(connector: &Connector, item: &Item, records: &[IncomingRecord]) -> Vec<IncomingRecord> {
    let is_given = |name: &str| records.iter().any(|record| record.stream == name);
    let missing = connector.also(&item.stream).into_iter().filter(|also| !also.many && !is_given(also.name));
    missing.map(|also| bare(item, content_hash(&item.raw), also.name.to_owned())).collect()
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
    Some(Item {
        stream: quarantined.stream.clone(),
        external_id: quarantined.external_id.clone()?,
        raw: quarantined.raw.clone(),
        // A newer delivery of the same key would have resolved the quarantine, so nothing newer can be replaced.
        version: None,
        deleted: false,
    })
}
