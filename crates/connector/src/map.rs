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
#[cfg(test)]
mod laws;
pub(crate) mod path;
pub(crate) mod rule;
mod words;

pub use error::{Drift, MapCause, MapError};

use onefold_model::{FieldValue, RecordKind, StandardRecord};
use rule::Rule;
use serde_json::Value;
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
        let values = self.values(kind, scope, drift)?;
        // The rules were checked against the fields, so this fails only for values that no record can say in JSON.
        kind.build(values).ok_or_else(|| MapError::new(kind.as_str(), None, MapCause::Record))
    }

    /// The values of the record's fields, in their order.
    fn values(
        &self,
        kind: RecordKind,
        scope: Scope<'_>,
        drift: &mut Vec<Drift>,
    ) -> Result<Vec<Option<FieldValue>>, MapError> {
        let mut values = vec![None; kind.fields().len()];
        for rule in &self.rules {
            let value = rule.apply(scope, drift)?;
            if value.is_none() && rule.target.required {
                return Err(MapError::new(&rule.target.name, rule.origin(), MapCause::Missing));
            }
            values[rule.place] = value;
        }
        Ok(values)
    }
}
