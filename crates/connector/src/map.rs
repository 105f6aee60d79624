//! The field map: from a vendor's payload to the standardised record.
//!
//! Promises: compiled once, checked against the record's fields, total (a payload becomes records or an error with its
//! place, never a panic), and silent about values: messages name fields and rules, not what a person's record says.
//! Does not do: loops, conditions, arithmetic. What a map cannot say belongs into a connector's own program.

pub(crate) mod cell;
pub(crate) mod compile;
pub(crate) mod contact;
pub(crate) mod error;
pub(crate) mod expression;
pub(crate) mod function;
pub(crate) mod path;
pub(crate) mod rule;
mod words;

pub use error::{Drift, MapCause, MapError};

use onefold_model::{RecordKind, StandardRecord};
use rule::Rule;
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// The files of a connector folder, by their path within it.
#[derive(Debug, Default)]
pub(crate) struct MapFiles {
    pub(crate) folder: String,
    pub(crate) files: BTreeMap<String, String>,
}

/// A compiled map.
#[derive(Debug, Default)]
pub(crate) struct FieldMap {
    pub(crate) rules: Vec<Rule>,
}

/// What a map sees.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Scope<'v> {
    /// The payload, or one element of it.
    pub(crate) value: &'v Value,
    /// The whole payload, `$record`.
    pub(crate) record: &'v Value,
    /// The key of the record, `$self`.
    pub(crate) id: &'v str,
}

impl FieldMap {
    /// Every place that the rules look at.
    pub(crate) fn paths<'m>(&'m self, into: &mut Vec<&'m path::Path>) {
        for rule in &self.rules {
            rule.paths(into);
        }
    }

    /// Builds the record. What could be left out and was is added to `drift`.
    pub(crate) fn apply(
        &self,
        kind: RecordKind,
        scope: Scope<'_>,
        drift: &mut Vec<Drift>,
    ) -> Result<StandardRecord, MapError> {
        let mut record = Map::with_capacity(self.rules.len());
        for rule in &self.rules {
            if let Some(value) = rule.apply(scope, drift)? {
                record.insert(rule.target.name.clone(), value);
            } else if rule.target.required {
                return Err(MapError::new(&rule.target.name, rule.origin(), MapCause::Missing));
            }
        }
        // The rules were checked against the fields, so this fails only where model and map disagree about a type.
        kind.read(&Value::Object(record)).map_err(|_| MapError::new(kind.as_str(), None, MapCause::Record))
    }
}
