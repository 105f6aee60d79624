//! A document's size before anything walks it: fragments are counted once each and multiplied, so that a few hundred bytes
//! that spread into billions of fields are refused in a time that follows the bytes.

use async_graphql::Request;
use async_graphql::parser::types::{FragmentDefinition, Selection, SelectionSet};
use async_graphql::{Name, Positioned};
use std::collections::HashMap;

/// Text that a document may have, in bytes.
const MAX_BYTES: usize = 100_000;

/// Refuses a document that is too long, or whose fragments spread into more than `max_fields` fields. Documents that do not
/// parse pass: the executor says where they are wrong.
pub(super) fn check(request: &mut Request, max_fields: u64) -> Result<(), String> {
    if request.query.len() > MAX_BYTES {
        return Err(format!("the document has {} bytes, at most {MAX_BYTES} are read", request.query.len()));
    }
    let Ok(document) = request.parsed_query() else { return Ok(()) };
    let mut counter = Counter { fragments: &document.fragments, known: HashMap::new() };
    let fields = document
        .operations
        .iter()
        .map(|(_, operation)| counter.set(&operation.node.selection_set.node))
        .fold(0u64, u64::saturating_add);
    if fields > max_fields {
        return Err(format!("the document selects more than {max_fields} fields once its fragments are spread"));
    }
    Ok(())
}

struct Counter<'a> {
    fragments: &'a HashMap<Name, Positioned<FragmentDefinition>>,
    /// `None` while a fragment is being counted: one that contains itself is the validator's to refuse.
    known: HashMap<Name, Option<u64>>,
}

impl Counter<'_> {
    fn set(&mut self, set: &SelectionSet) -> u64 {
        set.items.iter().map(|item| self.selection(&item.node)).fold(0, u64::saturating_add)
    }

    fn selection(&mut self, selection: &Selection) -> u64 {
        match selection {
            Selection::Field(field) => self.set(&field.node.selection_set.node).saturating_add(1),
            Selection::InlineFragment(inline) => self.set(&inline.node.selection_set.node),
            Selection::FragmentSpread(spread) => self.fragment(&spread.node.fragment_name.node),
        }
    }

    fn fragment(&mut self, name: &Name) -> u64 {
        if let Some(known) = self.known.get(name) {
            return known.unwrap_or(0);
        }
        let Some(fragment) = self.fragments.get(name) else { return 0 };
        self.known.insert(name.clone(), None);
        let count = self.set(&fragment.node.selection_set.node);
        self.known.insert(name.clone(), Some(count));
        count
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fmt::Write;

    #[test]
    fn a_fragment_bomb_is_refused_in_no_time() {
        let mut query = String::from("{ ...F0 } ");
        for level in 0..24 {
            let _ = write!(query, "fragment F{level} on Query {{ ...F{n} ...F{n} }} ", n = level + 1);
        }
        query.push_str("fragment F24 on Query { viewer { subject } }");
        assert!(check(&mut Request::new(query), 4_000).is_err());
    }

    #[test]
    fn an_ordinary_document_passes() {
        let query = "{ ...A ...A } fragment A on Query { viewer { subject } }";
        assert_eq!(check(&mut Request::new(query), 4), Ok(()));
        assert!(check(&mut Request::new(query), 3).is_err());
    }
}
