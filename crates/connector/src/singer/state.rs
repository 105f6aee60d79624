//! What is kept of a tap between runs.

use crate::read::state::{Checkpoints, StateError};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeMap;

const VERSION: u32 = 1;

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct TapState {
    v: u32,
    /// The tap's own, handed back as it is.
    pub(super) tap: Option<Value>,
    /// The version of each stream by which older rows were last deleted.
    #[serde(default)]
    closed: BTreeMap<String, i64>,
    /// Versions of which a record had no readable key, so that absence proves nothing.
    #[serde(default)]
    unsound: BTreeMap<String, i64>,
    #[serde(skip)]
    is_changed: bool,
}

impl TapState {
    pub(super) fn load(checkpoints: &Checkpoints, name: &str) -> Result<Self, StateError> {
        let Some(value) = checkpoints.get(name) else {
            let (closed, unsound) = (BTreeMap::new(), BTreeMap::new());
            return Ok(Self { v: VERSION, tap: None, closed, unsound, is_changed: false });
        };
        match Self::deserialize(value) {
            Ok(state) if state.v == VERSION => Ok(state),
            Ok(_) | Err(_) => Err(StateError { name: name.to_owned() }),
        }
    }

    pub(super) fn save(&mut self) -> Value {
        self.is_changed = false;
        serde_json::to_value(&*self).unwrap_or_default()
    }

    pub(super) fn is_changed(&self) -> bool {
        self.is_changed
    }

    /// Older rows than these are gone already. Deleting once more for the same version would delete rows of it that the
    /// tap had no reason to send again.
    pub(super) fn is_closed(&self, stream: &str, version: i64) -> bool {
        self.closed.get(stream).is_some_and(|closed| version <= *closed)
    }

    pub(super) fn close(&mut self, stream: String, version: i64) {
        self.closed.insert(stream, version);
        self.is_changed = true;
    }

    pub(super) fn is_unsound(&self, stream: &str, version: i64) -> bool {
        self.unsound.get(stream) == Some(&version)
    }

    pub(super) fn doubt(&mut self, stream: &str, version: i64) {
        self.is_changed |= self.unsound.insert(stream.to_owned(), version) != Some(version);
    }
}
