//! What checkpoints hold. Written by readers, stored by whoever drives them, handed back unchanged.

use onefold_model::Timestamp;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeMap;

/// All checkpoints of a source, by name.
pub type Checkpoints = BTreeMap<String, Value>;

/// A checkpoint that this version does not understand. It is refused and not reset: to forget how far a source has been
/// read is a decision for a person.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("checkpoint {name:?} was written by another version or edited: clear it to read the stream from the start")]
pub struct StateError {
    /// The checkpoint.
    pub name: String,
}

const VERSION: u32 = 1;

/// How far a stream, or one parent's part of it, has been read.
#[derive(Debug, Clone, Serialize, Deserialize, PartialEq)]
#[serde(deny_unknown_fields)]
pub(crate) struct StreamState {
    v: u32,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) snapshot: Option<SnapshotState>,
    #[serde(default, skip_serializing_if = "ChangesState::is_empty")]
    pub(crate) changes: ChangesState,
}

#[derive(Debug, Clone, Serialize, Deserialize, PartialEq)]
#[serde(deny_unknown_fields)]
pub(crate) struct SnapshotState {
    /// Names the enumeration.
    pub(crate) generation: String,
    /// The position of the feed that the snapshot belongs to: another one means another snapshot.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) epoch: Option<Timestamp>,
    /// The vendor's clock at the first page: changes are read from here on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) began: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) done_at: Option<Timestamp>,
    /// Where the next page begins.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) resume: Option<Value>,
    /// A record had no readable key, so absence proves nothing.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(crate) unsound: bool,
}

#[derive(Debug, Clone, Default, Serialize, Deserialize, PartialEq)]
#[serde(deny_unknown_fields)]
pub(crate) struct ChangesState {
    /// Everything up to here has been read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) position: Option<Timestamp>,
    /// The vendor's own token for the same.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) token: Option<String>,
    /// A reading that was begun and not ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) reading: Option<Reading>,
}

/// A window that is being read page by page.
#[derive(Debug, Clone, Serialize, Deserialize, PartialEq)]
#[serde(deny_unknown_fields)]
pub(crate) struct Reading {
    /// Where the next page begins.
    pub(crate) resume: Value,
    /// The lower bound that was asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) from: Option<Timestamp>,
    /// The position never goes beyond this: the vendor's clock at the first page, less what must settle.
    pub(crate) cap: Timestamp,
    /// The newest seen.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) high: Option<Timestamp>,
    /// The upper bound that was asked for, where a stream is read in slices.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) to: Option<Timestamp>,
    /// How many records of the list were read, where the system gives no more than so many.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub(crate) read: u64,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks for a reference")]
fn is_zero(count: &u64) -> bool {
    *count == 0
}

/// How far a feed has been read.
#[derive(Debug, Clone, Serialize, Deserialize, PartialEq)]
#[serde(deny_unknown_fields)]
pub(crate) struct FeedState {
    v: u32,
    /// When the position was first taken. Snapshots of another epoch do not belong to this feed.
    pub(crate) epoch: Timestamp,
    /// Everything up to here has been read.
    pub(crate) position: Timestamp,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) reading: Option<Reading>,
}

impl ChangesState {
    fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

impl Default for StreamState {
    fn default() -> Self {
        Self { v: VERSION, snapshot: None, changes: ChangesState::default() }
    }
}

impl FeedState {
    pub(crate) fn begin(at: Timestamp) -> Self {
        Self { v: VERSION, epoch: at, position: at, reading: None }
    }
}

trait Versioned: DeserializeOwned {
    fn version(&self) -> u32;
}

impl Versioned for StreamState {
    fn version(&self) -> u32 {
        self.v
    }
}

impl Versioned for FeedState {
    fn version(&self) -> u32 {
        self.v
    }
}

fn load<T: Versioned>(checkpoints: &Checkpoints, name: &str) -> Result<Option<T>, StateError> {
    let Some(value) = checkpoints.get(name) else { return Ok(None) };
    match T::deserialize(value) {
        Ok(state) if state.version() == VERSION => Ok(Some(state)),
        _ => Err(StateError { name: name.to_owned() }),
    }
}

pub(crate) fn load_stream(checkpoints: &Checkpoints, name: &str) -> Result<StreamState, StateError> {
    Ok(load(checkpoints, name)?.unwrap_or_default())
}

pub(crate) fn load_feed(checkpoints: &Checkpoints, feed: &str) -> Result<Option<FeedState>, StateError> {
    load(checkpoints, &feed_name(feed))
}

/// The name of a feed's checkpoint. A stream cannot have it: names of streams have no slash.
pub(crate) fn feed_name(feed: &str) -> String {
    format!("feed/{feed}")
}

/// The name of one parent's part of a stream.
pub(crate) fn partition_name(stream: &str, parent: &str) -> String {
    format!("{stream}/{parent}")
}

pub(crate) fn save<T: Serialize>(state: &T) -> Value {
    serde_json::to_value(state).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn an_unknown_state_is_refused_and_not_reset() {
        for state in [json!({"v": 2}), json!({"v": 1, "cursor": 5}), json!("x"), json!(null)] {
            let checkpoints = Checkpoints::from([("customers".to_owned(), state)]);
            assert_eq!(load_stream(&checkpoints, "customers").unwrap_err().name, "customers");
        }
        assert_eq!(load_stream(&Checkpoints::new(), "customers"), Ok(StreamState::default()));
    }

    #[test]
    fn a_state_reads_back_as_it_was_written() {
        let state = json!({"v": 1, "snapshot": {"generation": "7", "resume": {"after": "x"}},
            "changes": {"position": "2026-01-01T00:00:00Z"}});
        let checkpoints = Checkpoints::from([("s".to_owned(), state.clone())]);
        assert_eq!(save(&load_stream(&checkpoints, "s").unwrap()), state);
    }
}
