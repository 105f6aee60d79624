//! From a page of payloads to a page of the store: mapped, hashed, and what does not fit put aside with its cause.

use crate::store::{IncomingRecord, Quarantined};
use onefold_connector::{Connector, Item, MapError, Refused};
use onefold_model::content_hash;
use serde_json::Value;

/// Records and what did not fit.
#[derive(Debug, Default)]
pub(super) struct Sorted {
    pub(super) records: Vec<IncomingRecord>,
    pub(super) quarantined: Vec<Quarantined>,
}

/// Maps items. An item becomes all of its records or goes into quarantine whole.
pub(super) fn sort(connector: &Connector, items: Vec<Item>, refused: Vec<Refused>) -> Sorted {
    let mut sorted = Sorted::default();
    for item in items {
        match records(connector, &item) {
            Ok(records) => sorted.records.extend(records),
            Err(error) => sorted.quarantined.push(unfit(item, &error)),
        }
    }
    sorted.quarantined.extend(refused.into_iter().map(keyless));
    sorted
}

fn records(connector: &Connector, item: &Item) -> Result<Vec<IncomingRecord>, MapError> {
    let hash = content_hash(&item.raw);
    let record = |stream: String, external_id: String, raw: Value, mapped| IncomingRecord {
        stream,
        external_id,
        raw,
        content_hash: hash,
        mapped,
        source_version: item.version,
        deleted: item.deleted,
    };
    let mapped = match connector.map(&item.stream, &item.external_id, &item.raw) {
        Ok(output) => output.records,
        // A tombstone may hold no more than its key: the meaning of what it deletes is kept.
        Err(_) if item.deleted => {
            return Ok(vec![record(item.stream.clone(), item.external_id.clone(), item.raw.clone(), None)]);
        }
        Err(error) => return Err(error),
    };
    Ok(mapped
        .into_iter()
        .map(|mapped| record(mapped.stream, mapped.external_id, item.raw.clone(), Some(mapped.record)))
        .collect())
}

fn unfit(item: Item, error: &MapError) -> Quarantined {
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
