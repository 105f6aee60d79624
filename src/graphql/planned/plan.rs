//! What a document asks for, as the order in which it is read and written.

use super::fields::Leaf;
use crate::app::{ListColumn, PlannedReach, PlannedValues};
use crate::auth::Scope;
use async_graphql_value::Value;
use onefold_model::RecordKind;
use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};

/// A document that reads what is known here.
#[derive(Debug)]
pub(in crate::graphql) struct Plan {
    /// What is asked of the root, in the order of the answer.
    pub(super) roots: Vec<Keyed<Root>>,
    /// The names of all fields, for whoever notes what is read.
    pub(in crate::graphql) names: BTreeSet<String>,
    /// What was made ready before, the latest last.
    pub(super) ready: Mutex<Vec<Ready>>,
}

/// Something under its name in the answer.
#[derive(Debug)]
pub(super) struct Keyed<T> {
    /// The name as it is written: with quotes and a colon.
    pub(super) key: Box<str>,
    pub(super) what: T,
}

/// Part of a plan, ready for one set of rights and certain sizes of pages.
#[derive(Debug)]
pub(super) struct Ready {
    pub(super) scope: Scope,
    /// Which root field.
    pub(super) root: usize,
    /// The rows of each list.
    pub(super) rows: Vec<u32>,
    pub(super) reach: Arc<PlannedReach>,
}

#[derive(Debug)]
pub(super) enum Root {
    /// The name of the root's own type.
    Typename,
    Customer {
        id: Value,
        reach: Reach,
        of: Customers,
    },
    Customers {
        page: Box<PageArgs>,
        reach: Reach,
        of: Vec<Keyed<Connection<Customers>>>,
    },
}

/// The arguments of a list of customers, as they are written; absent ones are none.
#[derive(Debug, Default)]
pub(super) struct PageArgs {
    pub(super) filter: Option<Value>,
    pub(super) order_by: Option<Value>,
    pub(super) first: Option<Value>,
    pub(super) after: Option<Value>,
    pub(super) last: Option<Value>,
    pub(super) before: Option<Value>,
}

/// What is asked of each customer, wherever it is written.
#[derive(Debug, Default)]
pub(super) struct Reach {
    pub(super) values: Option<PlannedValues>,
    pub(super) lists: Vec<List>,
}

/// A list of what happened with a customer. One that is asked for twice with the same size is read once.
#[derive(Debug)]
pub(super) struct List {
    pub(super) name: &'static str,
    pub(super) kind: RecordKind,
    pub(super) first: Option<Value>,
    pub(super) peeks: bool,
    pub(super) counted: bool,
    pub(super) columns: Vec<ListColumn>,
    pub(super) fields: Vec<&'static str>,
}

/// What is asked of a customer, by its type.
#[derive(Debug)]
pub(super) struct Customers {
    pub(super) person: Vec<Keyed<Item>>,
    pub(super) organization: Vec<Keyed<Item>>,
}

#[derive(Debug)]
pub(super) enum Item {
    Typename(&'static str),
    Id,
    RedirectedFrom,
    Version,
    CreatedAt,
    ChangedAt,
    RecordCount,
    Text(&'static str),
    Texts(&'static str),
    BirthDate,
    Address(Vec<Keyed<AddressPart>>),
    Emails(Vec<Keyed<ContactPart>>),
    Phones(Vec<Keyed<ContactPart>>),
    Restrictions(Vec<Keyed<RestrictionPart>>),
    /// Which list, and what of it.
    List(usize, Vec<Keyed<Connection<Vec<Keyed<NodePart>>>>>),
}

/// A part of a page; `N` is what is asked of each of its objects.
#[derive(Debug)]
pub(super) enum Connection<N> {
    TotalCount,
    PageInfo(Vec<Keyed<PageInfo>>),
    Nodes(N),
    Edges(Vec<Keyed<Edge<N>>>),
}

#[derive(Debug)]
pub(super) enum Edge<N> {
    Cursor,
    Node(N),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum PageInfo {
    HasNextPage,
    HasPreviousPage,
    StartCursor,
    EndCursor,
}

#[derive(Debug)]
pub(super) enum NodePart {
    Typename(&'static str),
    Id,
    Version,
    ChangedAt,
    Restrictions(Vec<Keyed<RestrictionPart>>),
    /// Which of the fields of the list, and how it is written.
    Field(usize, Leaf),
}

#[derive(Debug, Clone, Copy)]
pub(super) enum MoneyPart {
    Amount,
    Currency,
    MinorUnits,
    Typename,
}

#[derive(Debug, Clone, Copy)]
pub(super) enum AddressPart {
    Lines,
    Locality,
    Region,
    PostalCode,
    Country,
    Purpose,
    Typename,
}

#[derive(Debug, Clone, Copy)]
pub(super) enum ContactPart {
    Value,
    Original,
    Primary,
    Typename,
}

#[derive(Debug, Clone, Copy)]
pub(super) enum RestrictionPart {
    Path,
    Kind,
    Reason,
    Policy,
    Typename,
}
