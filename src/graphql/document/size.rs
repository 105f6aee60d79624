//! An operation's size before anything walks it: fragments are counted once each and multiplied, so that a few hundred bytes
//! that spread into billions of fields are refused in a time that follows the bytes. So are a few lists within lists that
//! could hold billions of objects.

use super::values::{JsonMap, JsonValue};
use crate::graphql::page::{DEFAULT_COUNT, MAX_COUNT};
use apollo_compiler::Name;
use apollo_compiler::executable::{ExecutableDocument, Field, Operation, Selection, SelectionSet, Value};
use std::collections::HashMap;

/// Ids that `nodes` takes, and `_entities`.
const MAX_IDS: u64 = 100;

/// Fields of one object that are given another name, fragments counted where they are spread.
const MAX_ALIASES: u64 = 450;
/// Questions about the schema in one document.
const MAX_INTROSPECTIONS: u64 = 10;
/// Lists of a type's parts within each other: those of a type of a field of a type multiply. The standard introspection query
/// has one.
const MAX_TYPE_LISTS: u64 = 2;
const TYPE_LISTS: [&str; 4] = ["fields", "inputFields", "interfaces", "possibleTypes"];

/// What an operation may be.
#[derive(Debug, Clone, Copy)]
pub(in crate::graphql) struct Limits {
    /// Fields, fragments counted where they are spread.
    pub fields: u64,
    /// Objects that its lists would hold if all of them were full.
    pub objects: u64,
    /// Fields within fields.
    pub depth: u64,
}

/// Refuses an operation that is too large once its fragments are spread and its lists are full. Whether fields are skipped is
/// not asked: what is written counts. Gives the objects that its lists would hold if all of them were full.
pub(super) fn check(
    operation: &Operation,
    document: &ExecutableDocument,
    variables: &JsonMap,
    limits: Limits,
) -> Result<u64, String> {
    let mut counter = Counter { document, variables, known: HashMap::new() };
    let whole = counter.set(&operation.selection_set, MAX_IDS);
    let Limits { fields, objects, depth } = limits;
    if whole.fields > fields {
        return Err(format!("the document selects more than {fields} fields once its fragments are spread"));
    }
    if whole.aliases.max(whole.aliases_below) > MAX_ALIASES {
        return Err(format!("the document gives another name to more than {MAX_ALIASES} fields of one object"));
    }
    if whole.introspections > MAX_INTROSPECTIONS {
        return Err(format!("the document asks about the schema more than {MAX_INTROSPECTIONS} times"));
    }
    if whole.type_lists > MAX_TYPE_LISTS {
        return Err(format!("the document asks for parts of types more than {MAX_TYPE_LISTS} times within each other"));
    }
    if whole.depth > depth {
        return Err(format!("the document is nested {} levels deep, at most {depth} are read", whole.depth));
    }
    if whole.objects > objects {
        return Err(format!("the lists of the document could hold more than {objects} objects: ask for smaller pages"));
    }
    Ok(whole.objects)
}

#[derive(Debug, Clone, Copy, Default)]
struct Size {
    fields: u64,
    objects: u64,
    depth: u64,
    /// Of the object itself, and of that of those below which has most.
    aliases: u64,
    aliases_below: u64,
    introspections: u64,
    type_lists: u64,
}

impl Size {
    fn plus(self, other: Self) -> Self {
        Self {
            fields: self.fields.saturating_add(other.fields),
            objects: self.objects.saturating_add(other.objects),
            depth: self.depth.max(other.depth),
            aliases: self.aliases.saturating_add(other.aliases),
            aliases_below: self.aliases_below.max(other.aliases_below),
            introspections: self.introspections.saturating_add(other.introspections),
            type_lists: self.type_lists.max(other.type_lists),
        }
    }
}

struct Counter<'a> {
    document: &'a ExecutableDocument,
    variables: &'a JsonMap,
    /// By name and page size. A valid document has no fragment that contains itself.
    known: HashMap<(Name, u64), Size>,
}

impl Counter<'_> {
    /// `page` is the number of objects that the nodes or edges of this set may have.
    fn set(&mut self, set: &SelectionSet, page: u64) -> Size {
        set.selections.iter().fold(Size::default(), |sum, selection| sum.plus(self.selection(selection, page)))
    }

    fn selection(&mut self, selection: &Selection, page: u64) -> Size {
        match selection {
            Selection::Field(field) => self.field(field, page),
            Selection::InlineFragment(inline) => self.set(&inline.selection_set, page),
            Selection::FragmentSpread(spread) => self.fragment(&spread.fragment_name, page),
        }
    }

    fn field(&mut self, field: &Field, page: u64) -> Size {
        let own = self.page(field);
        let below = self.set(&field.selection_set, own);
        let times = match field.name.as_str() {
            "nodes" | "edges" => page,
            "_entities" => MAX_IDS,
            "search" => own,
            _ => 1,
        };
        let name = field.name.as_str();
        let of_types = field.definition.ty.inner_named_type().starts_with("__") && TYPE_LISTS.contains(&name);
        let is_object = u64::from(!field.selection_set.selections.is_empty());
        Size {
            fields: below.fields.saturating_add(1),
            objects: below.objects.saturating_add(is_object).saturating_mul(times),
            depth: below.depth.saturating_add(1),
            aliases: u64::from(field.alias.is_some()),
            aliases_below: below.aliases.max(below.aliases_below),
            introspections: below.introspections.saturating_add(u64::from(matches!(name, "__schema" | "__type"))),
            type_lists: below.type_lists.saturating_add(u64::from(of_types)),
        }
    }

    /// How many objects a page of this field may have.
    fn page(&self, field: &Field) -> u64 {
        let asked = ["first", "last"].into_iter().find_map(|name| field.specified_argument_by_name(name));
        let number = match asked.map(|value| &**value) {
            Some(Value::Int(digits)) => digits.as_str().parse().ok(),
            Some(Value::Variable(name)) => self.variables.get(name.as_str()).and_then(JsonValue::as_u64),
            _ => None,
        };
        // What is no number is refused by whoever reads it.
        number.unwrap_or(u64::from(DEFAULT_COUNT)).min(u64::from(MAX_COUNT))
    }

    fn fragment(&mut self, name: &Name, page: u64) -> Size {
        let key = (name.clone(), page);
        if let Some(known) = self.known.get(&key) {
            return *known;
        }
        let Some(fragment) = self.document.fragments.get(name) else { return Size::default() };
        let size = self.set(&fragment.selection_set, page);
        self.known.insert(key, size);
        size
    }
}
