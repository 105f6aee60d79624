//! A copy of customers that somebody holds elsewhere, and what exports make of it.

use super::lines;
use serde_json::Value;
use std::collections::BTreeMap;

/// By id.
pub(crate) struct Copy(BTreeMap<String, Value>);

impl Copy {
    /// From an export of everybody.
    pub(crate) fn of(text: &str) -> Self {
        let mut copy = Self(BTreeMap::new());
        for line in lines(text) {
            let before = copy.0.insert(line["id"].as_str().unwrap().to_owned(), line);
            assert_eq!(before, None, "nobody stands in an export twice");
        }
        copy
    }

    /// By an export of who changed since.
    pub(crate) fn apply(&mut self, text: &str) {
        for line in lines(text) {
            let id = line["id"].as_str().unwrap().to_owned();
            if line.get("__gone").is_some() {
                self.0.remove(&id);
            } else {
                self.0.insert(id, line);
            }
        }
    }

    pub(crate) fn rows(&self) -> Vec<Value> {
        self.0.values().cloned().collect()
    }
}
