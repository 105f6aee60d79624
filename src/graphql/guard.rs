//! A document's size before anything walks it: fragments are counted once each and multiplied, so that a few hundred bytes
//! that spread into billions of fields are refused in a time that follows the bytes. So are a few lists within lists that
//! could hold billions of objects.

use super::page::{DEFAULT_COUNT, MAX_COUNT};
use async_graphql::parser::types::{Field, FragmentDefinition, Selection, SelectionSet};
use async_graphql::{Name, Positioned, Request, Value, Variables};
use std::collections::{BTreeSet, HashMap};

/// Text that a document may have, in bytes.
const MAX_BYTES: usize = 100_000;
/// Ids that `nodes` takes.
const MAX_IDS: u64 = 100;

/// What a document may be.
#[derive(Debug, Clone, Copy)]
pub(super) struct Limits {
    /// Fields, fragments counted where they are spread.
    pub fields: u64,
    /// Objects that its lists would hold if all of them were full.
    pub objects: u64,
}

/// Refuses a document that is too long, or too large once its fragments are spread and its lists are full. Documents that do
/// not parse pass: the executor says where they are wrong.
pub(super) fn check(request: &mut Request, limits: Limits) -> Result<(), String> {
    if request.query.len() > MAX_BYTES {
        return Err(format!("the document has {} bytes, at most {MAX_BYTES} are read", request.query.len()));
    }
    let variables = request.variables.clone();
    let Ok(document) = request.parsed_query() else { return Ok(()) };
    let mut counter = Counter { fragments: &document.fragments, variables: &variables, known: HashMap::new() };
    let mut whole = Size::default();
    for (_, operation) in document.operations.iter() {
        whole = whole.plus(counter.set(&operation.node.selection_set.node, MAX_IDS));
    }
    let Limits { fields, objects } = limits;
    if whole.fields > fields {
        return Err(format!("the document selects more than {fields} fields once its fragments are spread"));
    }
    if whole.objects > objects {
        return Err(format!("the lists of the document could hold more than {objects} objects: ask for smaller pages"));
    }
    Ok(())
}

/// The names of all fields that the document asks for, wherever they stand. Of one that does not parse, none.
pub(super) fn field_names(request: &mut Request) -> BTreeSet<String> {
    fn walk(set: &SelectionSet, names: &mut BTreeSet<String>) {
        for item in &set.items {
            match &item.node {
                Selection::Field(field) => {
                    names.insert(field.node.name.node.to_string());
                    walk(&field.node.selection_set.node, names);
                }
                Selection::InlineFragment(inline) => walk(&inline.node.selection_set.node, names),
                Selection::FragmentSpread(_) => {}
            }
        }
    }
    let mut names = BTreeSet::new();
    let Ok(document) = request.parsed_query() else { return names };
    for (_, operation) in document.operations.iter() {
        walk(&operation.node.selection_set.node, &mut names);
    }
    for fragment in document.fragments.values() {
        walk(&fragment.node.selection_set.node, &mut names);
    }
    names
}

#[derive(Debug, Clone, Copy, Default)]
struct Size {
    fields: u64,
    objects: u64,
}

impl Size {
    fn plus(self, other: Self) -> Self {
        Self { fields: self.fields.saturating_add(other.fields), objects: self.objects.saturating_add(other.objects) }
    }
}

struct Counter<'a> {
    fragments: &'a HashMap<Name, Positioned<FragmentDefinition>>,
    variables: &'a Variables,
    /// By name and page size. `None` while a fragment is being counted: one that contains itself is the validator's to refuse.
    known: HashMap<(Name, u64), Option<Size>>,
}

impl Counter<'_> {
    /// `page` is the number of objects that the nodes or edges of this set may have.
    fn set(&mut self, set: &SelectionSet, page: u64) -> Size {
        set.items.iter().fold(Size::default(), |sum, item| sum.plus(self.selection(&item.node, page)))
    }

    fn selection(&mut self, selection: &Selection, page: u64) -> Size {
        match selection {
            Selection::Field(field) => self.field(&field.node, page),
            Selection::InlineFragment(inline) => self.set(&inline.node.selection_set.node, page),
            Selection::FragmentSpread(spread) => self.fragment(&spread.node.fragment_name.node, page),
        }
    }

    fn field(&mut self, field: &Field, page: u64) -> Size {
        let own = self.page(field);
        let below = self.set(&field.selection_set.node, own);
        let times = match field.name.node.as_str() {
            "nodes" | "edges" => page,
            "search" => own,
            _ => 1,
        };
        let is_object = u64::from(!field.selection_set.node.items.is_empty());
        Size {
            fields: below.fields.saturating_add(1),
            objects: below.objects.saturating_add(is_object).saturating_mul(times),
        }
    }

    /// How many objects a page of this field may have.
    fn page(&self, field: &Field) -> u64 {
        let asked = ["first", "last"].into_iter().find_map(|name| field.get_argument(name));
        let known = |name| self.variables.get(&name).cloned().ok_or(());
        let number = match asked.map(|value| value.node.clone().into_const_with(known)) {
            Some(Ok(Value::Number(number))) => number.as_u64(),
            _ => None,
        };
        // What is no number is refused by whoever reads it.
        number.unwrap_or(u64::from(DEFAULT_COUNT)).min(u64::from(MAX_COUNT))
    }

    fn fragment(&mut self, name: &Name, page: u64) -> Size {
        let key = (name.clone(), page);
        if let Some(known) = self.known.get(&key) {
            return known.unwrap_or_default();
        }
        let Some(fragment) = self.fragments.get(name) else { return Size::default() };
        self.known.insert(key.clone(), None);
        let size = self.set(&fragment.node.selection_set.node, page);
        self.known.insert(key, Some(size));
        size
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fmt::Write;

    fn limits(fields: u64) -> Limits {
        Limits { fields, objects: 1_000_000 }
    }

    #[test]
    fn lists_within_lists_are_multiplied() {
        let query = "query($n: Int) { customers(first: $n) { ...Page } }
            fragment Page on CustomerConnection { nodes { tickets(last: 30) { edges { node { customer { id } } } } } }";
        let variables = |n: u64| Variables::from_value(Value::from_json(serde_json::json!({"n": n})).unwrap());
        let ask = |n, objects| check(&mut Request::new(query).variables(variables(n)), Limits { fields: 100, objects });
        // Of each customer: the customer, its page of tickets, and 30 times an edge, a ticket and its customer.
        assert_eq!(ask(10, 1 + 10 * (1 + 1 + 30 * 3)), Ok(()));
        assert!(ask(10, 10 * (1 + 1 + 30 * 3)).is_err());
        assert!(ask(11, 1 + 10 * (1 + 1 + 30 * 3)).is_err());
        assert_eq!(ask(u64::MAX, 1 + 200 * 92), Ok(()), "no page is longer than the longest");
    }

    #[test]
    fn a_fragment_bomb_is_refused_in_no_time() {
        let mut query = String::from("{ ...F0 } ");
        for level in 0..24 {
            let _ = write!(query, "fragment F{level} on Query {{ ...F{n} ...F{n} }} ", n = level + 1);
        }
        query.push_str("fragment F24 on Query { viewer { subject } }");
        assert!(check(&mut Request::new(query), limits(4_000)).is_err());
    }

    #[test]
    fn an_ordinary_document_passes() {
        let query = "{ ...A ...A } fragment A on Query { viewer { subject } }";
        assert_eq!(check(&mut Request::new(query), limits(4)), Ok(()));
        assert!(check(&mut Request::new(query), limits(3)).is_err());
    }
}
