//! The row of a test: a type, and what is known of one of its rows.

use crate::auth::{PolicySet, RowAttribute, Scope};
use onefold_model::{DepartmentKey, RecordKind};
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};

/// The values of an attribute: one, or several of an attribute that is a set.
#[derive(Deserialize)]
#[serde(untagged)]
pub(super) enum Values {
    One(String),
    Several(Vec<String>),
}

/// A row that may be seen or not.
pub(super) struct Row {
    type_name: &'static str,
    values: BTreeMap<RowAttribute, BTreeSet<String>>,
}

impl Row {
    /// Refuses types, attributes and departments that there are not: a test of what cannot be must not pass.
    pub(super) fn read(type_name: &str, with: &BTreeMap<String, Values>, set: &PolicySet) -> Result<Self, String> {
        let mut types = RecordKind::ALL.iter().map(|kind| kind.type_name());
        let known = types.find(|known| *known == type_name);
        let type_name = known.ok_or_else(|| format!("there are no rows of {type_name:?}"))?;
        let attributes = RowAttribute::of(type_name);
        let mut values = BTreeMap::new();
        for (name, written) in with {
            let attribute = attributes.iter().copied().find(|known| known.as_str() == name);
            let attribute = attribute.ok_or_else(|| {
                let known: Vec<&str> = attributes.iter().map(|known| known.as_str()).collect();
                format!("a row of {type_name} has no {name:?}: it has {}", known.join(", "))
            })?;
            let written: BTreeSet<String> = match written {
                Values::One(_) if attribute.is_set() => return Err(format!("{name} is a list")),
                Values::Several(_) if !attribute.is_set() => return Err(format!("{name} is one value and no list")),
                Values::One(value) => [value.clone()].into(),
                Values::Several(values) => values.iter().cloned().collect(),
            };
            if attribute.is_department() {
                written.iter().try_for_each(|name| is_known_department(name, set))?;
            }
            values.insert(attribute, written);
        }
        Ok(Self { type_name, values })
    }

    /// What is decided otherwise than expected.
    pub(super) fn check(&self, scope: &Scope, is_seen: bool) -> Result<(), String> {
        let condition = scope.rows(self.type_name);
        let found = condition.holds(&|attribute| self.values_of(attribute));
        if found == is_seen {
            return Ok(());
        }
        let word = if found { "seen" } else { "unseen" };
        Err(format!("the row of {} is {word}; seen is: {condition}", self.type_name))
    }

    /// What is not told of a row: nothing in a set, and the empty text.
    fn values_of(&self, attribute: RowAttribute) -> BTreeSet<String> {
        let untold = || if attribute.is_set() { BTreeSet::new() } else { [String::new()].into() };
        self.values.get(&attribute).cloned().unwrap_or_else(untold)
    }
}

fn is_known_department(name: &str, set: &PolicySet) -> Result<(), String> {
    let key = DepartmentKey::new(name).map_err(|error| error.to_string())?;
    set.unknown_department(&key).map_or(Ok(()), |problem| Err(problem.to_string()))
}
