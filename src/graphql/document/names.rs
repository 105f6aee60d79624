//! What a document asks for, by name.

use async_graphql::Request;
use async_graphql::parser::types::{Selection, SelectionSet};
use std::collections::BTreeSet;

/// Whether the operation of a prepared request asks about the schema.
pub(in crate::graphql) fn asks_about_schema(request: &mut Request) -> bool {
    let Ok(document) = request.parsed_query() else { return false };
    let mut roots = document.operations.iter().flat_map(|(_, operation)| &operation.node.selection_set.node.items);
    roots.any(|item| match &item.node {
        Selection::Field(field) => matches!(field.node.name.node.as_str(), "__schema" | "__type"),
        // A prepared operation has no fragment on its own root type.
        Selection::FragmentSpread(_) | Selection::InlineFragment(_) => false,
    })
}

/// The names of all fields that the operation of a prepared request asks for, wherever they stand.
pub(in crate::graphql) fn field_names(request: &mut Request) -> BTreeSet<String> {
    fn walk(set: &SelectionSet, names: &mut BTreeSet<String>) {
        for item in &set.items {
            match &item.node {
                Selection::Field(field) => {
                    names.insert(field.node.name.node.to_string());
                    walk(&field.node.selection_set.node, names);
                }
                Selection::InlineFragment(inline) => walk(&inline.node.selection_set.node, names),
                // A prepared operation has none.
                Selection::FragmentSpread(_) => {}
            }
        }
    }
    let mut names = BTreeSet::new();
    let Ok(document) = request.parsed_query() else { return names };
    for (_, operation) in document.operations.iter() {
        walk(&operation.node.selection_set.node, &mut names);
    }
    names
}
