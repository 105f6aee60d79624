//! From a document, as the executor would be given it, to a plan. Whatever is not known here makes it none.

use super::fields::{self, Leaf, Type};
use super::plan::{
    AddressPart, Connection, ContactPart, Customers, Edge, Item, Keyed, List, MoneyPart, NodePart, PageArgs, PageInfo,
    Plan, Reach, RestrictionPart, Root,
};
use crate::app::ListColumn;
use async_graphql::parser::types::{
    DocumentOperations, ExecutableDocument, Field, OperationType, Selection, SelectionSet,
};
use async_graphql_value::Value;
use std::collections::BTreeSet;
use std::sync::Mutex;

/// The plan of a document of one operation, whose fields are merged and whose directives are settled.
pub(in crate::graphql) fn compile(document: &ExecutableDocument) -> Option<Plan> {
    let DocumentOperations::Single(operation) = &document.operations else { return None };
    if operation.node.ty != OperationType::Query {
        return None;
    }
    let mut names = BTreeSet::new();
    names_of(&operation.node.selection_set.node, &mut names);
    let roots = each(&operation.node.selection_set.node, root)?;
    Some(Plan { roots, names, ready: Mutex::default() })
}

fn names_of(set: &SelectionSet, names: &mut BTreeSet<String>) {
    for item in &set.items {
        match &item.node {
            Selection::Field(field) => {
                names.insert(field.node.name.node.to_string());
                names_of(&field.node.selection_set.node, names);
            }
            Selection::InlineFragment(inline) => names_of(&inline.node.selection_set.node, names),
            Selection::FragmentSpread(_) => {}
        }
    }
}

/// Every field of a set without fragments, each by what `make` makes of it.
fn each<T>(set: &SelectionSet, mut make: impl FnMut(&Field) -> Option<T>) -> Option<Vec<Keyed<T>>> {
    let mut parts: Vec<Keyed<T>> = Vec::with_capacity(set.items.len());
    for item in &set.items {
        let Selection::Field(field) = &item.node else { return None };
        push(&mut parts, &field.node, &mut make)?;
    }
    Some(parts)
}

/// A name that comes twice was not merged, because it stands in a fragment.
fn push<T>(parts: &mut Vec<Keyed<T>>, field: &Field, make: &mut impl FnMut(&Field) -> Option<T>) -> Option<()> {
    let key = format!("\"{}\":", field.response_key().node).into_boxed_str();
    if !field.directives.is_empty() || parts.iter().any(|other| other.key == key) {
        return None;
    }
    parts.push(Keyed { key, what: make(field)? });
    Some(())
}

/// A field that is asked for without arguments and without anything below it.
fn plain(field: &Field) -> Option<&str> {
    let is_plain = field.arguments.is_empty() && field.selection_set.node.items.is_empty();
    is_plain.then(|| field.name.node.as_str())
}

/// A field that is asked for without arguments.
fn bare(field: &Field) -> Option<&SelectionSet> {
    field.arguments.is_empty().then_some(&field.selection_set.node)
}

fn root(field: &Field) -> Option<Root> {
    match field.name.node.as_str() {
        "__typename" => Some(Root::Typename),
        "customer" => {
            let [(name, id)] = field.arguments.as_slice() else { return None };
            if name.node != "id" {
                return None;
            }
            let mut reach = Reach::default();
            let of = customers(&field.selection_set.node, &mut reach)?;
            Some(Root::Customer { id: id.node.clone(), reach, of })
        }
        "customers" => {
            let mut page = PageArgs::default();
            for (name, value) in &field.arguments {
                let place = match name.node.as_str() {
                    "filter" => &mut page.filter,
                    "orderBy" => &mut page.order_by,
                    "first" => &mut page.first,
                    "after" => &mut page.after,
                    "last" => &mut page.last,
                    "before" => &mut page.before,
                    _ => return None,
                };
                *place = Some(value.node.clone());
            }
            let mut reach = Reach::default();
            let of = connection(&field.selection_set.node, &mut |set| customers(set, &mut reach))?;
            Some(Root::Customers { page: Box::new(page), reach, of })
        }
        _ => None,
    }
}

fn connection<N>(
    set: &SelectionSet,
    node: &mut impl FnMut(&SelectionSet) -> Option<N>,
) -> Option<Vec<Keyed<Connection<N>>>> {
    each(set, |field| match field.name.node.as_str() {
        "totalCount" => plain(field).map(|_| Connection::TotalCount),
        "nodes" => Some(Connection::Nodes(node(bare(field)?)?)),
        "pageInfo" => Some(Connection::PageInfo(each(bare(field)?, |field| {
            Some(match plain(field)? {
                "hasNextPage" => PageInfo::HasNextPage,
                "hasPreviousPage" => PageInfo::HasPreviousPage,
                "startCursor" => PageInfo::StartCursor,
                "endCursor" => PageInfo::EndCursor,
                _ => return None,
            })
        })?)),
        "edges" => Some(Connection::Edges(each(bare(field)?, |field| match field.name.node.as_str() {
            "cursor" => plain(field).map(|_| Edge::Cursor),
            "node" => Some(Edge::Node(node(bare(field)?)?)),
            _ => None,
        })?)),
        _ => None,
    })
}

fn customers(set: &SelectionSet, reach: &mut Reach) -> Option<Customers> {
    let mut of_type = |name| {
        let mut items = Vec::new();
        of_customer(set, name, reach, &mut items)?;
        Some(items)
    };
    Some(Customers { person: of_type("Person")?, organization: of_type("Organization")? })
}

fn of_customer(
    set: &SelectionSet,
    type_name: &'static str,
    reach: &mut Reach,
    items: &mut Vec<Keyed<Item>>,
) -> Option<()> {
    for item in &set.items {
        match &item.node {
            Selection::Field(field) => push(items, &field.node, &mut |field| customer_item(field, type_name, reach))?,
            Selection::InlineFragment(inline) => {
                let condition = inline.node.type_condition.as_ref()?.node.on.node.as_str();
                if !matches!(condition, "Person" | "Organization") || !inline.node.directives.is_empty() {
                    return None;
                }
                if condition == type_name {
                    of_customer(&inline.node.selection_set.node, type_name, reach, items)?;
                }
            }
            Selection::FragmentSpread(_) => return None,
        }
    }
    Some(())
}

fn customer_item(field: &Field, type_name: &'static str, reach: &mut Reach) -> Option<Item> {
    let name = field.name.node.as_str();
    if let Some(known) = fields::list(name) {
        return list(field, known, reach);
    }
    let set = bare(field)?;
    Some(match name {
        "__typename" => Item::Typename(type_name),
        "id" => Item::Id,
        "redirectedFrom" => Item::RedirectedFrom,
        "version" => Item::Version,
        "createdAt" => Item::CreatedAt,
        "changedAt" => Item::ChangedAt,
        "recordCount" => Item::RecordCount,
        "birthDate" => {
            wants(reach, "birthDate");
            Item::BirthDate
        }
        "address" => {
            wants(reach, "address");
            Item::Address(each(set, address_part)?)
        }
        "emails" | "phones" => {
            reach.values.get_or_insert_default().contacts = true;
            let value = if name == "emails" { "address" } else { "e164" };
            let parts = each(set, |field| contact_part(field, value))?;
            if name == "emails" { Item::Emails(parts) } else { Item::Phones(parts) }
        }
        "restrictions" => {
            reach.values.get_or_insert_default().restrictions = true;
            Item::Restrictions(each(set, restriction_part)?)
        }
        _ => {
            if let Some(name) = fields::labels(name) {
                reach.values.get_or_insert_default().labels = true;
                return Some(Item::Texts(name));
            }
            let name = fields::golden(name)?;
            wants(reach, name);
            Item::Text(name)
        }
    })
}

fn wants(reach: &mut Reach, name: &'static str) {
    let golden = &mut reach.values.get_or_insert_default().golden;
    if !golden.contains(&name) {
        golden.push(name);
    }
}

fn list(
    field: &Field,
    (name, kind, known): (&'static str, onefold_model::RecordKind, &'static [(&'static str, Type)]),
    reach: &mut Reach,
) -> Option<Item> {
    let mut first: Option<Value> = None;
    for (argument, value) in &field.arguments {
        if argument.node != "first" {
            return None;
        }
        first = Some(value.node.clone());
    }
    let alike = |other: &List| other.name == name && other.first == first;
    let at = reach.lists.iter().position(alike).unwrap_or_else(|| {
        let (columns, fields) = (Vec::new(), Vec::new());
        reach.lists.push(List { name, kind, first: first.clone(), peeks: false, counted: false, columns, fields });
        reach.lists.len() - 1
    });
    let list = &mut reach.lists[at];
    let of = connection(&field.selection_set.node, &mut |set| {
        each(set, |field| node_part(field, kind.type_name(), known, list))
    })?;
    for part in &of {
        match &part.what {
            Connection::TotalCount => list.counted = true,
            Connection::PageInfo(parts) => {
                list.peeks |= parts.iter().any(|part| part.what == PageInfo::HasNextPage);
                if parts.iter().any(|part| matches!(part.what, PageInfo::StartCursor | PageInfo::EndCursor)) {
                    for column in [ListColumn::Id, ListColumn::OccurredAt] {
                        column_wanted(list, column);
                    }
                }
            }
            Connection::Edges(parts) if parts.iter().any(|part| matches!(part.what, Edge::Cursor)) => {
                for column in [ListColumn::Id, ListColumn::OccurredAt] {
                    column_wanted(list, column);
                }
            }
            Connection::Edges(_) | Connection::Nodes(_) => {}
        }
    }
    Some(Item::List(at, of))
}

fn column_wanted(list: &mut List, column: ListColumn) {
    if !list.columns.contains(&column) {
        list.columns.push(column);
    }
}

fn node_part(
    field: &Field,
    type_name: &'static str,
    known: &'static [(&'static str, Type)],
    list: &mut List,
) -> Option<NodePart> {
    let set = bare(field)?;
    let mut column = |column, part| {
        column_wanted(list, column);
        Some(part)
    };
    match field.name.node.as_str() {
        "__typename" => Some(NodePart::Typename(type_name)),
        "id" => column(ListColumn::Id, NodePart::Id),
        "version" => column(ListColumn::Version, NodePart::Version),
        "changedAt" => column(ListColumn::ChangedAt, NodePart::ChangedAt),
        "restrictions" => Some(NodePart::Restrictions(each(set, restriction_part)?)),
        name => {
            let (name, ty) = *known.iter().find(|(known, _)| *known == name)?;
            column_wanted(list, ListColumn::Mapped);
            let at = list.fields.iter().position(|known| *known == name).unwrap_or_else(|| {
                list.fields.push(name);
                list.fields.len() - 1
            });
            let leaf = match ty {
                Type::Text => Leaf::Text,
                Type::Texts => Leaf::Texts,
                Type::Time => Leaf::Time,
                Type::Date => Leaf::Date,
                Type::Int => Leaf::Int,
                Type::Word(words) => Leaf::Word(words),
                Type::Money => Leaf::Money(each(set, money_part)?),
            };
            Some(NodePart::Field(at, leaf))
        }
    }
}

fn money_part(field: &Field) -> Option<MoneyPart> {
    Some(match plain(field)? {
        "amount" => MoneyPart::Amount,
        "currency" => MoneyPart::Currency,
        "minorUnits" => MoneyPart::MinorUnits,
        "__typename" => MoneyPart::Typename,
        _ => return None,
    })
}

fn address_part(field: &Field) -> Option<AddressPart> {
    Some(match plain(field)? {
        "lines" => AddressPart::Lines,
        "locality" => AddressPart::Locality,
        "region" => AddressPart::Region,
        "postalCode" => AddressPart::PostalCode,
        "country" => AddressPart::Country,
        "purpose" => AddressPart::Purpose,
        "__typename" => AddressPart::Typename,
        _ => return None,
    })
}

fn contact_part(field: &Field, value: &str) -> Option<ContactPart> {
    Some(match plain(field)? {
        "original" => ContactPart::Original,
        "primary" => ContactPart::Primary,
        "__typename" => ContactPart::Typename,
        name if name == value => ContactPart::Value,
        _ => return None,
    })
}

fn restriction_part(field: &Field) -> Option<RestrictionPart> {
    Some(match plain(field)? {
        "path" => RestrictionPart::Path,
        "kind" => RestrictionPart::Kind,
        "reason" => RestrictionPart::Reason,
        "policy" => RestrictionPart::Policy,
        "__typename" => RestrictionPart::Typename,
        _ => return None,
    })
}
