//! Lists: what is asked, page by page, and where the records of an answer stand.
//!
//! Promises: a list says which page is meant and, where it is read from a time on, from which time: as query parameters,
//! or with `{place}` and `{from}` in query, headers or body.

use super::Context;
use super::cursor::{Cursor, Order, TimeCursor};
use super::http::{pairs, template};
use super::page::Pages;
use crate::pointer::Pointer;
use crate::problem::{Position, Report};
use crate::template::{Places, Scope, Template, WalkPlace};
use crate::yaml::{Data, Fields, Node};
use serde_json::{Map, Value};

/// A list to read page by page.
#[derive(Debug, Clone)]
pub(crate) struct Listing {
    pub(crate) path: Template,
    pub(crate) query: Vec<(String, Template)>,
    pub(crate) headers: Vec<(String, Template)>,
    /// What is sent as JSON; then it is a `POST`.
    pub(crate) body: Option<Body>,
    pub(crate) pages: Pages,
    pub(crate) records: Pointer,
    pub(crate) absent: Absent,
    /// Where the objects stand that records only name by type and id (JSON:API).
    pub(crate) included: Option<Pointer>,
}

/// What it means when an answer does not have the list of records.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Absent {
    Error,
    /// The system leaves out a list that is empty.
    Empty,
}

/// A body with places.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Body {
    Text(Template),
    List(Vec<Body>),
    Map(Vec<(String, Body)>),
}

impl Body {
    fn read(node: &Node, scope: Scope<'_>, report: &mut Report) -> Option<Self> {
        Some(match &node.data {
            Data::Scalar(_) => Body::Text(template(node, scope, report)?),
            Data::List(items) => Body::List(items.iter().filter_map(|node| Self::read(node, scope, report)).collect()),
            Data::Map(entries) => Body::Map(
                entries
                    .iter()
                    .filter_map(|(key, node)| Some((key.text.clone(), Self::read(node, scope, report)?)))
                    .collect(),
            ),
        })
    }

    /// The body with its places filled. What stands for nothing is left out: the first page has no token yet.
    pub(crate) fn render(&self, places: Places<'_>) -> Option<Value> {
        match self {
            Body::Text(text) => match (text.alone(), text.literal()) {
                (Some(place), _) => places.asked?.get(place).cloned(),
                (None, Some(literal)) => Some(plain(literal)),
                (None, None) => text.render(places).map(Value::from),
            },
            Body::List(items) => Some(items.iter().filter_map(|item| item.render(places)).collect()),
            Body::Map(entries) => {
                let filled = entries.iter().filter_map(|(key, body)| Some((key.clone(), body.render(places)?)));
                Some(Value::Object(filled.collect::<Map<_, _>>()))
            }
        }
    }

    fn names(&self, wanted: WalkPlace) -> bool {
        match self {
            Body::Text(text) => text.names(wanted),
            Body::List(items) => items.iter().any(|item| item.names(wanted)),
            Body::Map(entries) => entries.iter().any(|(_, body)| body.names(wanted)),
        }
    }
}

/// YAML keeps every scalar as a text; in a body, counts and switches are what they look like.
fn plain(literal: &str) -> Value {
    match literal {
        "true" => Value::Bool(true),
        "false" => Value::Bool(false),
        _ => literal.parse::<i64>().map_or_else(|_| Value::from(literal), Value::from),
    }
}

/// The parts that every list has: `get` or `post` with `body`, `query`, `headers`, `pages`, `records`.
pub(crate) fn read_listing_parts(
    fields: &mut Fields<'_>,
    context: Context<'_>,
    kept: &[String],
    report: &mut Report,
) -> Option<Listing> {
    let scope = Scope::of(context.settings).with_parent(kept);
    let (get, post, body) = (fields.get("get"), fields.get("post"), fields.get("body"));
    match (get, post, body) {
        (Some(_), None, None) | (None, Some(_), Some(_)) => {}
        _ => report.add(fields.at, "a list needs either \"get\", or \"post\" and \"body\""),
    }
    let path = get.or(post).and_then(|node| template(node, scope, report));
    let walk = scope.with_walk();
    let body = body.and_then(|node| Body::read(node, walk, report));
    let query = fields.get("query").map(|node| pairs(node, "query parameters", walk, report)).unwrap_or_default();
    let headers = fields.get("headers").map(|node| pairs(node, "headers", walk, report)).unwrap_or_default();
    let pages = fields.require("pages", report).and_then(|node| {
        let name = node.word(report)?;
        let found = context.pages.iter().find(|pages| pages.name == name);
        if found.is_none() {
            report.unknown(&node.at, "page style", name, context.pages.iter().map(|pages| pages.name.as_str()));
        }
        found.cloned()
    });
    let records = fields.require("records", report).and_then(|node| node.pointer(report));
    let absent = fields.get("absent").and_then(|node| node.choice("meaning", &[("empty", Absent::Empty)], report));
    let included = fields.get("included").and_then(|node| node.pointer(report));
    Some(Listing {
        path: path?,
        query,
        headers,
        body,
        pages: pages?,
        records: records?,
        absent: absent.unwrap_or(Absent::Error),
        included,
    })
}

impl Listing {
    fn names(&self, wanted: WalkPlace) -> bool {
        self.query.iter().chain(&self.headers).any(|(_, template)| template.names(wanted))
            || self.body.as_ref().is_some_and(|body| body.names(wanted))
    }
}

/// What the list asks for and what it is asked with must go together.
pub(crate) fn check_listing(listing: &Listing, cursor: Option<(&Cursor, Order)>, at: &Position, report: &mut Report) {
    let style = &listing.pages.style;
    match (style.is_asked_for(), style.param().is_some(), listing.names(WalkPlace::Place)) {
        (true, false, false) => {
            report
                .add(at, "nothing says which page is meant: give the page style a param, or name {place} in the list");
        }
        (true, true, true) => report.add(at, "the page is asked for twice: by param and by {place}"),
        (false, _, true) => report.add(at, "{place} has no meaning here: the address of the next page is given"),
        _ => {}
    }
    match cursor {
        Some((Cursor::Time(time), order)) => check_bounds(listing, time, order, at, report),
        Some((Cursor::Token(_), _)) | None => {
            if listing.names(WalkPlace::From) || listing.names(WalkPlace::To) {
                report.add(at, "{from} and {to} need a cursor that is a time");
            }
        }
    }
}

fn check_bounds(listing: &Listing, time: &TimeCursor, order: Order, at: &Position, report: &mut Report) {
    match (&time.param, listing.names(WalkPlace::From)) {
        (None, false) => {
            report.add(at, "nothing says from when on: give the cursor a param, or name {from} in the list");
        }
        (Some(_), true) => report.add(at, "the lower bound is asked for twice: by param and by {from}"),
        _ => {}
    }
    let upper = time.until.is_some() || listing.names(WalkPlace::To);
    match (time.step, upper) {
        (Some(_), false) => report.add(at, "slices of time need an upper bound: until, or {to} in the list"),
        (None, true) => report.add(at, "an upper bound needs step: the length of a slice"),
        _ => {}
    }
    if listing.pages.cap.is_some() && order != Order::OldestFirst {
        report.add(at, "a list with a cap is read on from the last time seen: it must come oldest_first, and say so");
    }
}
