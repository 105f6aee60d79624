//! The types and fields of the graph: what policies can name.

use std::collections::{BTreeMap, BTreeSet};

/// Types with their fields, as the graph spells them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct GraphFields {
    types: BTreeMap<String, BTreeSet<String>>,
}

impl GraphFields {
    /// The graph with these fields, by type.
    pub fn new(types: BTreeMap<String, BTreeSet<String>>) -> Self {
        Self { types }
    }

    /// The types in order.
    pub fn types(&self) -> impl Iterator<Item = &str> {
        self.types.keys().map(String::as_str)
    }

    /// The fields of a type in order; none where there is no such type.
    pub fn fields(&self, type_name: &str) -> impl Iterator<Item = &str> {
        self.types.get(type_name).into_iter().flatten().map(String::as_str)
    }

    /// Whether there is such a type.
    pub fn has_type(&self, type_name: &str) -> bool {
        self.types.contains_key(type_name)
    }

    /// Whether there is such a field, given as `Type.field`.
    pub fn has_path(&self, path: &str) -> bool {
        path.split_once('.').is_some_and(|(ty, field)| self.types.get(ty).is_some_and(|fields| fields.contains(field)))
    }

    /// Every field as `Type.field`, in order.
    pub fn paths(&self) -> impl Iterator<Item = String> {
        self.types.iter().flat_map(|(ty, fields)| fields.iter().map(move |field| format!("{ty}.{field}")))
    }
}

impl<T: Into<String>, F: Into<String>, I: IntoIterator<Item = F>> FromIterator<(T, I)> for GraphFields {
    fn from_iter<L: IntoIterator<Item = (T, I)>>(types: L) -> Self {
        let mut graph = Self::default();
        for (name, fields) in types {
            graph.types.entry(name.into()).or_default().extend(fields.into_iter().map(Into::into));
        }
        graph
    }
}
