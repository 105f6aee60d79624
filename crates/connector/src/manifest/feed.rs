//! Change feeds: read once, fanned out to many streams.

use super::Context;
use super::cursor::{Cursor, ORDERS, Order, TimeCursor, read_time_cursor};
use super::listing::{Listing, check_listing, read_listing_parts};
use crate::pointer::Pointer;
use crate::problem::Report;
use crate::yaml::{Fields, Node};
use chrono::TimeDelta;

#[derive(Debug)]
pub(crate) struct Feed {
    pub(crate) name: String,
    pub(crate) listing: Listing,
    pub(crate) order: Order,
    pub(crate) cursor: TimeCursor,
    /// How long the vendor keeps events. A cursor older than this means: take a snapshot again.
    pub(crate) retention: TimeDelta,
    /// The object that an event is about.
    pub(crate) object: Pointer,
    /// What kind of event it is.
    pub(crate) kind: Pointer,
    /// Kinds that end like this are deletions.
    pub(crate) deleted: Option<String>,
    /// Events say what changed, not how it is now: the object is read again by its id.
    pub(crate) refetch: bool,
}

pub(crate) fn read_feeds(node: &Node, context: Context<'_>, report: &mut Report) -> Vec<Feed> {
    let entries = node.entries("feeds", report);
    entries.iter().filter_map(|(key, node)| read_feed(&key.text, node, context, report)).collect()
}

fn read_feed(name: &str, node: &Node, context: Context<'_>, report: &mut Report) -> Option<Feed> {
    let mut fields = Fields::open(node, "feed", report)?;
    let listing = read_listing_parts(&mut fields, context, &[], report);
    let order = fields.require("order", report).and_then(|node| node.choice("order", &ORDERS, report));
    let cursor = fields.require("cursor", report).and_then(|node| {
        let mut fields = Fields::open(node, "cursor", report)?;
        let cursor = read_time_cursor(&mut fields, "from", context.settings, report);
        fields.finish(report);
        cursor
    });
    if let (Some(listing), Some(order), Some(cursor)) = (&listing, order, &cursor) {
        check_listing(listing, Some((&Cursor::Time(cursor.clone()), order)), fields.at, report);
        if cursor.step.is_some() {
            report.add(fields.at, "a feed is not read in slices: it is asked for everything since its position");
        }
    }
    let retention = fields.require("retention", report).and_then(|node| node.period(report));
    let object = fields.require("object", report).and_then(|node| node.pointer(report));
    let kind = fields.require("kind", report).and_then(|node| node.pointer(report));
    let deleted = fields.get("deleted").and_then(|node| {
        let mut fields = Fields::open(node, "deletion", report)?;
        let suffix = fields.require("suffix", report).and_then(|node| node.word(report)).map(str::to_owned);
        fields.finish(report);
        suffix
    });
    let refetch = fields.get("refetch").and_then(|node| node.flag(report)).unwrap_or(false);
    fields.finish(report);
    Some(Feed {
        name: name.to_owned(),
        listing: listing?,
        order: order?,
        cursor: cursor?,
        retention: retention?,
        object: object?,
        kind: kind?,
        deleted,
        refetch,
    })
}
