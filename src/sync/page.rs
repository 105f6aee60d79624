//! From a page of payloads to pages of the store, one for each stream: mapped, hashed, and what does not fit put aside with
//! its cause.

use super::jq::{JqFault, Made};
use crate::store::{IncomingRecord, Quarantined};
use onefold_connector::{Connector, Item, Mapped, Misfit, Page, Refused};
use onefold_model::{ContentHash, content_hash};
use serde_json::json;
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
    /// Values that were left out and not refused: stream, field and cause, and how often.
    pub(super) left_out: BTreeMap<(String, LeftOut), u64>,
}

/// A field that stayed empty because its value did not read, and why. The source has changed, or the map is behind.
pub type LeftOut = (String, &'static str);

/// Maps the payloads of a page. `made` is what their filters made of them, by their place on the page.
pub(super) fn sort(connector: &Connector, page: &mut Page, mut made: BTreeMap<usize, Made>) -> Outcome {
    let mut outcome = Outcome::default();
    for (place, item) in std::mem::take(&mut page.items).into_iter().enumerate() {
        outcome.add(connector, &item, made.remove(&place));
    }
    for refused in std::mem::take(&mut page.refused) {
        outcome.streams.entry(refused.stream.clone()).or_default().quarantined.push(keyless(refused));
    }
    outcome
}

impl Outcome {
    /// By stream, with what the payloads do not give any more among the records of its stream.
    pub(super) fn with_withdrawn(mut self) -> BTreeMap<String, Sorted> {
        for record in self.withdrawn {
            self.streams.entry(record.stream.clone()).or_default().records.push(record);
        }
        self.streams
    }

    /// Maps a payload. Each of its records is stored or put aside by itself.
    pub(super) fn add(&mut self, connector: &Connector, item: &Item, made: Option<Made>) {
        let hash = content_hash(&item.raw);
        let output = match made {
            Some(Ok(made)) => connector.map_with(&item.stream, &item.external_id, &item.raw, made),
            // A tombstone may say too little for a filter.
            Some(Err(fault)) if !item.deleted => {
                let part = self.streams.entry(item.stream.clone()).or_default();
                return part.quarantined.push(without_jq(item, fault));
            }
            Some(Err(_)) | None => connector.map(&item.stream, &item.external_id, &item.raw),
        };
        for drift in output.drift {
            *self.left_out.entry((item.stream.clone(), (drift.path, drift.code))).or_default() += 1;
        }
        let mut given: Vec<String> = Vec::new();
        // What any payload says, whatever is in it: a tombstone that says no more fits, and has no meaning of its own.
        let nothing = item.deleted.then(|| connector.map(&item.stream, &item.external_id, &json!({})).records);
        for mapped in output.records {
            given.push(mapped.stream.clone());
            let is_same = |blank: &Mapped| blank.stream == mapped.stream && blank.record == mapped.record;
            let record = if nothing.iter().flatten().any(is_same) {
                bare(item, hash, mapped.stream, mapped.external_id)
            } else {
                incoming(item, hash, mapped)
            };
            self.streams.entry(record.stream.clone()).or_default().records.push(record);
        }
        for misfit in output.misfits {
            given.push(misfit.stream.clone());
            let part = self.streams.entry(misfit.stream.clone()).or_default();
            if item.deleted {
                // A tombstone may hold no more than its key: the meaning of what it deletes is kept.
                part.records.push(bare(item, hash, misfit.stream, misfit.external_id));
            } else {
                part.quarantined.push(unfit(item, misfit));
            }
        }
        for also in connector.also(&item.stream) {
            if !also.many && !given.iter().any(|stream| stream == also.name) {
                self.withdrawn.push(bare(item, hash, also.name.to_owned(), item.external_id.clone()));
            }
        }
    }
}

fn incoming(item: &Item, hash: ContentHash, mapped: Mapped) -> IncomingRecord {
    IncomingRecord {
        stream: mapped.stream,
        external_id: mapped.external_id,
        raw: item.raw.clone(),
        content_hash: hash,
        mapped: Some(mapped.record),
        source_version: item.version,
        deleted: item.deleted,
    }
}

/// A deletion that says no more than its key.
fn bare(item: &Item, hash: ContentHash, stream: String, external_id: String) -> IncomingRecord {
    IncomingRecord {
        stream,
        external_id,
        raw: item.raw.clone(),
        content_hash: hash,
        mapped: None,
        source_version: item.version,
        deleted: true,
    }
}

/// A record that its payload does not give.
fn unfit(item: &Item, misfit: Misfit) -> Quarantined {
    Quarantined {
        stream: misfit.stream,
        external_id: Some(misfit.external_id),
        code: misfit.error.code().to_ascii_uppercase(),
        path: Some(misfit.error.path.clone()),
        message: misfit.error.to_string(),
        place: misfit.error.source_path,
        raw: item.raw.clone(),
    }
}

/// A payload of which its filter makes nothing.
fn without_jq(item: &Item, fault: JqFault) -> Quarantined {
    Quarantined {
        stream: item.stream.clone(),
        external_id: Some(item.external_id.clone()),
        code: fault.code().to_owned(),
        path: None,
        message: fault.to_string(),
        place: Some("$jq".to_owned()),
        raw: item.raw.clone(),
    }
}

pub(super) fn keyless(refused: Refused) -> Quarantined {
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

/// A payload that was put aside, as its stream would deliver it again. `None` where it has no key, or where its key is
/// not that of the payload.
pub(super) fn item_again(connector: &Connector, quarantined: &Quarantined) -> Option<Item> {
    let gives = |name: &str| {
        let single = connector.also(name).into_iter().filter(|also| !also.many).map(|also| also.name);
        std::iter::once(name).chain(single).any(|stream| stream == quarantined.stream)
    };
    let streams = connector.streams();
    let stream = streams.iter().find(|stream| gives(stream.name))?;
    Some(Item {
        stream: stream.name.to_owned(),
        external_id: quarantined.external_id.clone()?,
        raw: quarantined.raw.clone(),
        // A newer delivery of the same key would have resolved the quarantine, so nothing newer can be replaced.
        version: None,
        deleted: false,
    })
}
