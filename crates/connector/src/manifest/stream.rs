//! Streams: one kind of record in a source, how it is read and what it becomes.

use super::Context;
use super::cursor::{Cursor, ORDERS, Order, TIME_FORMATS, TimeFormat, read_cursor};
use super::file::{Columns, KnownFile, read_columns};
use super::http::template;
use super::listing::{Listing, check_listing, read_listing_parts};
use crate::map::FieldMap;
use crate::map::compile::compile_map;
use crate::pointer::Pointer;
use crate::problem::{Position, Report};
use crate::template::{Scope, Template};
use crate::yaml::{Fields, Node};
use chrono::TimeDelta;
use onefold_model::RecordKind;

#[derive(Debug)]
pub(crate) struct Stream {
    pub(crate) name: String,
    pub(crate) into: RecordKind,
    pub(crate) key: Vec<KeyPart>,
    pub(crate) version: Option<Version>,
    pub(crate) parent: Option<Parent>,
    pub(crate) snapshot: Option<Snapshot>,
    pub(crate) changes: Option<Changes>,
    pub(crate) deletes: Deletes,
    pub(crate) map: FieldMap,
    /// What a field map cannot say: makes an object of a payload, which the map sees as `$jq`.
    pub(crate) jq: Option<String>,
    pub(crate) also: Vec<Emission>,
    /// For files: the headers by which a map is proposed.
    pub(crate) columns: Option<Columns>,
    /// For files of one program: its columns.
    pub(crate) known: Option<KnownFile>,
}

const JQ_BYTES: usize = 16 * 1024;

/// One part of a record's key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum KeyPart {
    Own(Pointer),
    /// A value that the stream keeps of its parent.
    Parent(String),
}

/// What tells a newer copy of a record from an older one. Without it, the later answer is the newer one.
#[derive(Debug, Clone)]
pub(crate) struct Version {
    pub(crate) at: Vec<Pointer>,
    pub(crate) format: TimeFormat,
}

/// The stream whose records are each asked for theirs.
#[derive(Debug)]
pub(crate) struct Parent {
    pub(crate) source: ParentSource,
    pub(crate) at: Position,
    /// What is kept of the parent, for templates, keys and the map.
    pub(crate) keep: Vec<(String, Pointer)>,
    /// Parents with another value there are not asked.
    pub(crate) only: Vec<(Pointer, Vec<String>)>,
    /// A parent older than this is asked once, and not again.
    pub(crate) again: Option<Again>,
}

/// Where the parents come from: a stream, or a list that is read for nothing else.
#[derive(Debug)]
pub(crate) enum ParentSource {
    Stream(String),
    List { listing: Box<Listing>, key: Pointer },
}

#[derive(Debug)]
pub(crate) struct Again {
    pub(crate) field: Pointer,
    pub(crate) format: TimeFormat,
    pub(crate) within: TimeDelta,
}

/// Everything there is.
#[derive(Debug)]
pub(crate) struct Snapshot {
    pub(crate) listing: Listing,
    /// Not more often than this.
    pub(crate) every: TimeDelta,
}

/// What changed since last time.
#[derive(Debug)]
pub(crate) enum Changes {
    Feed { feed: String, at: Position, kinds: Vec<Glob>, exclude: Vec<Glob>, detail: Option<Detail> },
    Cursor { listing: Box<Listing>, cursor: Box<Cursor>, order: Order },
}

/// Where one record is read by its id.
#[derive(Debug)]
pub(crate) struct Detail {
    pub(crate) get: Template,
    pub(crate) record: Pointer,
}

/// A name with `*` for anything.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Glob(String);

/// How a deletion is seen.
#[derive(Debug, Default)]
pub(crate) struct Deletes {
    pub(crate) feed: bool,
    /// A record with one of these values is gone.
    pub(crate) tombstones: Vec<(Pointer, Vec<String>)>,
    /// What one complete enumeration does not hold is gone; enumerated this often.
    pub(crate) sweep: Option<TimeDelta>,
}

/// A further record from the same payload.
#[derive(Debug)]
pub(crate) struct Emission {
    pub(crate) name: String,
    pub(crate) into: RecordKind,
    /// One record for each element there, told apart by `key`.
    pub(crate) each: Option<(Pointer, Pointer)>,
    /// Only where there is a value.
    pub(crate) when: Option<Pointer>,
    /// Only where these have one of these values.
    pub(crate) only: Vec<(Pointer, Vec<String>)>,
    pub(crate) map: FieldMap,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum SourceKind {
    Http,
    File,
    Singer,
}

pub(crate) fn read_streams(node: &Node, kind: SourceKind, context: Context<'_>, report: &mut Report) -> Vec<Stream> {
    let entries = node.entries("streams", report);
    if entries.is_empty() {
        report.add(&node.at, "a connector has at least one stream");
    }
    entries.iter().filter_map(|(key, node)| read_stream(&key.text, &key.at, node, kind, context, report)).collect()
}

fn read_stream(
    name: &str,
    at: &Position,
    node: &Node,
    kind: SourceKind,
    context: Context<'_>,
    report: &mut Report,
) -> Option<Stream> {
    let mut fields = Fields::open(node, "stream", report)?;
    let into = fields.require("into", report).and_then(|node| read_kind(node, report));
    let deletes = fields.require("deletes", report).and_then(|node| read_deletes(node, report));
    let also = fields.get("also").map(|node| read_emissions(node, context, report)).unwrap_or_default();
    if kind == SourceKind::File {
        let columns = fields.get("columns").and_then(|node| read_columns(node, into, report));
        let (map, known) = read_known(&mut fields, into, context, report).unzip();
        if columns.is_some() == known.is_some() {
            report.add(fields.at, "a stream of files needs either \"columns\", or \"headers\", \"key\" and \"map\"");
        }
        let map = map.unwrap_or_default();
        fields.finish(report);
        return Some(Stream {
            name: name.to_owned(),
            into: into?,
            key: Vec::new(),
            version: None,
            parent: None,
            snapshot: None,
            changes: None,
            deletes: deletes?,
            map,
            jq: None,
            also,
            columns,
            known,
        });
    }
    let parent = fields.get("parent").and_then(|node| read_parent(node, context, report));
    let kept: Vec<String> =
        parent.iter().flat_map(|parent: &Parent| parent.keep.iter().map(|(name, _)| name.clone())).collect();
    let key = fields.require("key", report).map(|node| read_key(node, &kept, report)).unwrap_or_default();
    let version = fields.get("version").and_then(|node| read_version(node, report));
    let ways = (fields.get("snapshot"), fields.get("changes"));
    let snapshot = ways.0.and_then(|node| read_snapshot(node, context, &kept, report));
    let changes = ways.1.and_then(|node| read_changes(node, context, &kept, report));
    let jq = fields.get("jq").and_then(|node| read_jq(node, report));
    if kind == SourceKind::Singer {
        if ways.0.is_some() || ways.1.is_some() || parent.is_some() || deletes.as_ref().is_some_and(|way| way.feed) {
            report.add(
                at,
                "a stream of a tap has no snapshot, changes or parent of its own, and deletes by sweep or not",
            );
        }
    } else {
        check_ways(at, ways, parent.as_ref(), changes.as_ref(), deletes.as_ref(), report);
    }
    let map = fields.require("map", report).zip(into).and_then(|(node, into)| compile_map(node, into, context, report));
    fields.finish(report);
    Some(Stream {
        name: name.to_owned(),
        into: into?,
        key,
        version,
        parent,
        snapshot,
        changes,
        deletes: deletes?,
        map: map?,
        jq,
        also,
        columns: None,
        known: None,
    })
}

/// A file whose columns are known. The map stands in a file of the folder, so that it can be shown and changed.
fn read_known(
    fields: &mut Fields<'_>,
    into: Option<RecordKind>,
    context: Context<'_>,
    report: &mut Report,
) -> Option<(FieldMap, KnownFile)> {
    let (headers, key, map) = (fields.get("headers"), fields.get("key"), fields.get("map"));
    if headers.is_none() && key.is_none() && map.is_none() {
        return None;
    }
    let mut words = |node: Option<&Node>| -> Vec<String> {
        let nodes = node.map(Node::items).unwrap_or_default();
        nodes.iter().filter_map(|node| node.word(report)).map(str::to_owned).collect()
    };
    let (headers, key) = (words(headers), words(key));
    let text = map
        .and_then(|node| node.entries("fields of the record", report).iter().find(|(key, _)| key.text == "file"))
        .and_then(|(_, file)| context.files.files.get(file.word(report)?));
    let (Some(text), false, false) = (text, headers.is_empty(), key.is_empty()) else {
        report.add(fields.at, "a file that is known has \"headers\", \"key\" and \"map: {file: map/…}\"");
        return None;
    };
    let compiled = compile_map(map?, into?, context, report)?;
    Some((compiled, KnownFile { headers, key, map: text.clone() }))
}

/// The filter itself is read where it runs: in a process of its own.
fn read_jq(node: &Node, report: &mut Report) -> Option<String> {
    let text = node.word(report)?;
    if text.len() > JQ_BYTES {
        report.add(&node.at, format!("a jq filter stays under {JQ_BYTES} bytes"));
        return None;
    }
    Some(text.to_owned())
}

/// The ways to read a stream and to see its deletions must go together.
fn check_ways(
    at: &Position,
    (snapshot, way): (Option<&Node>, Option<&Node>),
    parent: Option<&Parent>,
    changes: Option<&Changes>,
    deletes: Option<&Deletes>,
    report: &mut Report,
) {
    if snapshot.is_none() && way.is_none() {
        report.add(at, "a stream needs a way to be read: snapshot, changes or both");
    }
    let by_feed = matches!(changes, Some(Changes::Feed { .. }));
    if by_feed && snapshot.is_none() {
        report.add(at, "a feed tells only what changes: the stream needs a snapshot as well");
    }
    if by_feed && parent.is_some() {
        report.add(at, "a stream with a parent cannot take its changes from a feed");
    }
    let Some(deletes) = deletes else { return };
    if deletes.feed && !by_feed && (way.is_none() || changes.is_some()) {
        report.add(at, "deletes: feed needs changes from a feed");
    }
    if deletes.sweep.is_some() && snapshot.is_none() {
        report.add(at, "deletes: sweep needs a snapshot, which is the complete enumeration");
    }
    if deletes.sweep.is_some() && parent.is_some_and(|parent| parent.again.is_some()) {
        report.add(at, "a sweep needs every parent each time: it cannot stand beside \"again\"");
    }
}

fn read_kind(node: &Node, report: &mut Report) -> Option<RecordKind> {
    let kinds: Vec<(&str, RecordKind)> = RecordKind::ALL.iter().map(|kind| (kind.as_str(), *kind)).collect();
    node.choice("kind of record", &kinds, report)
}

fn read_key(node: &Node, kept: &[String], report: &mut Report) -> Vec<KeyPart> {
    let mut parts = Vec::new();
    for node in node.items() {
        let Some(text) = node.word(report) else { continue };
        match text.strip_prefix("parent.") {
            Some(name) if kept.iter().any(|known| known == name) => parts.push(KeyPart::Parent(name.to_owned())),
            Some(name) => report.unknown(&node.at, "value of the parent", name, kept.iter().map(String::as_str)),
            None => parts.extend(node.pointer(report).map(KeyPart::Own)),
        }
    }
    parts
}

fn read_version(node: &Node, report: &mut Report) -> Option<Version> {
    let mut fields = Fields::open(node, "version", report)?;
    let at = fields.require("at", report).map(Node::items).unwrap_or_default();
    let at: Vec<Pointer> = at.iter().filter_map(|node| node.pointer(report)).collect();
    let format = fields.require("type", report).and_then(|node| node.choice("type of time", &TIME_FORMATS, report));
    fields.finish(report);
    Some(Version { at, format: format? })
}

fn read_parent(node: &Node, context: Context<'_>, report: &mut Report) -> Option<Parent> {
    let mut fields = Fields::open(node, "parent", report)?;
    let (stream, list) = (fields.get("stream"), fields.get("list"));
    let at = stream.map_or(&node.at, |node| &node.at).clone();
    let source = match (stream, list) {
        (Some(node), None) => node.word(report).map(|name| {
            context.names.check_stream(name, &node.at, report);
            ParentSource::Stream(name.to_owned())
        }),
        (None, Some(node)) => read_parent_list(node, context, report),
        _ => {
            report.add(&node.at, "parent needs exactly one of \"stream\" and \"list\"");
            None
        }
    };
    let keep = fields
        .require("keep", report)
        .map(|node| node.entries("values kept of the parent", report))
        .unwrap_or_default()
        .iter()
        .filter_map(|(key, node)| Some((key.text.clone(), node.pointer(report)?)))
        .collect();
    let only = fields.get("only").map(|node| read_conditions(node, report)).unwrap_or_default();
    let again = fields.get("again").and_then(|node| {
        let mut fields = Fields::open(node, "repetition", report)?;
        let field = fields.require("field", report).and_then(|node| node.pointer(report));
        let format = fields.require("type", report).and_then(|node| node.choice("type of time", &TIME_FORMATS, report));
        let within = fields.require("within", report).and_then(|node| node.period(report));
        fields.finish(report);
        Some(Again { field: field?, format: format?, within: within? })
    });
    fields.finish(report);
    Some(Parent { source: source?, at, keep, only, again })
}

fn read_parent_list(node: &Node, context: Context<'_>, report: &mut Report) -> Option<ParentSource> {
    let mut fields = Fields::open(node, "list of parents", report)?;
    let listing = read_listing_parts(&mut fields, context, &[], report);
    let key = fields.require("key", report).and_then(|node| node.pointer(report));
    if let Some(listing) = &listing {
        check_listing(listing, None, fields.at, report);
    }
    fields.finish(report);
    Some(ParentSource::List { listing: Box::new(listing?), key: key? })
}

/// `{/status: deleted}`, `{/status: [deleted, merged]}`: a pointer and the values that count.
fn read_conditions(node: &Node, report: &mut Report) -> Vec<(Pointer, Vec<String>)> {
    let mut conditions = Vec::new();
    for (key, node) in node.entries("conditions", report) {
        let values = node.items().iter().filter_map(|node| node.text(report)).map(str::to_owned).collect();
        match Pointer::parse(&key.text) {
            Some(pointer) => conditions.push((pointer, values)),
            None => report.add(&key.at, format!("expected a JSON pointer such as /status, found {:?}", key.text)),
        }
    }
    conditions
}

fn read_snapshot(node: &Node, context: Context<'_>, kept: &[String], report: &mut Report) -> Option<Snapshot> {
    let mut fields = Fields::open(node, "snapshot", report)?;
    let listing = read_listing_parts(&mut fields, context, kept, report);
    let every = fields.get("every").and_then(|node| node.period(report)).unwrap_or_default();
    if let Some(listing) = &listing {
        check_listing(listing, None, fields.at, report);
    }
    fields.finish(report);
    Some(Snapshot { listing: listing?, every })
}

fn read_changes(node: &Node, context: Context<'_>, kept: &[String], report: &mut Report) -> Option<Changes> {
    let mut fields = Fields::open(node, "changes", report)?;
    let Some(feed) = fields.get("feed") else {
        let listing = read_listing_parts(&mut fields, context, kept, report);
        let cursor = fields.require("cursor", report).and_then(|node| read_cursor(node, context.settings, report));
        let order = fields.get("order").and_then(|node| node.choice("order", &ORDERS, report));
        let order = order.unwrap_or(Order::Unordered);
        if let (Some(listing), Some(cursor)) = (&listing, &cursor) {
            check_listing(listing, Some((cursor, order)), fields.at, report);
        }
        fields.finish(report);
        let (listing, cursor) = (Box::new(listing?), Box::new(cursor?));
        return Some(Changes::Cursor { listing, cursor, order });
    };
    let at = feed.at.clone();
    let feed = feed.word(report).map(str::to_owned);
    if let Some(name) = &feed {
        context.names.check_feed(name, &at, report);
    }
    let globs = |node: Option<&Node>, report: &mut Report| -> Vec<Glob> {
        let items = node.map(Node::items).unwrap_or_default();
        items.iter().filter_map(|node| node.word(report)).map(|text| Glob(text.to_owned())).collect()
    };
    let kinds = globs(fields.require("kinds", report), report);
    let exclude = globs(fields.get("exclude"), report);
    let detail = fields.get("detail").and_then(|node| {
        let mut fields = Fields::open(node, "detail", report)?;
        let scope = Scope::of(context.settings).with_id();
        let get = fields.require("get", report).and_then(|node| template(node, scope, report));
        let record = fields.get("record").map(|node| node.pointer(report));
        fields.finish(report);
        let record = record.unwrap_or_else(|| Pointer::parse(""));
        Some(Detail { get: get?, record: record? })
    });
    fields.finish(report);
    Some(Changes::Feed { feed: feed?, at, kinds, exclude, detail })
}

fn read_deletes(node: &Node, report: &mut Report) -> Option<Deletes> {
    if let crate::yaml::Data::Scalar(_) = node.data {
        let ways = [("none", 0), ("feed", 1), ("sweep", 2)];
        return Some(match node.choice("way to see deletions", &ways, report)? {
            1 => Deletes { feed: true, ..Deletes::default() },
            2 => Deletes { sweep: Some(TimeDelta::zero()), ..Deletes::default() },
            _ => Deletes::default(),
        });
    }
    let mut fields = Fields::open(node, "way to see deletions", report)?;
    let feed = fields.get("feed").and_then(|node| node.flag(report)).unwrap_or(false);
    let tombstones = fields.get("tombstone_field").map(|node| read_conditions(node, report)).unwrap_or_default();
    let sweep = fields.get("sweep").and_then(|node| node.period(report));
    fields.finish(report);
    Some(Deletes { feed, tombstones, sweep })
}

fn read_emissions(node: &Node, context: Context<'_>, report: &mut Report) -> Vec<Emission> {
    let mut emissions = Vec::new();
    for (key, node) in node.entries("further records", report) {
        let Some(mut fields) = Fields::open(node, "further record", report) else { continue };
        let into = fields.require("into", report).and_then(|node| read_kind(node, report));
        let each = fields.get("each").and_then(|node| node.pointer(report));
        let id = fields.get("key").and_then(|node| node.pointer(report));
        let when = fields.get("when").and_then(|node| node.pointer(report));
        let only = fields.get("only").map(|node| read_conditions(node, report)).unwrap_or_default();
        if each.is_some() != id.is_some() {
            report.add(&key.at, "each and key go together: the key tells the elements apart");
        }
        let map =
            fields.require("map", report).zip(into).and_then(|(node, into)| compile_map(node, into, context, report));
        fields.finish(report);
        if let (Some(into), Some(map)) = (into, map) {
            emissions.push(Emission { name: key.text.clone(), into, each: each.zip(id), when, only, map });
        }
    }
    emissions
}

impl Glob {
    pub(crate) fn matches(&self, text: &str) -> bool {
        let mut parts = self.0.split('*');
        let Some(mut rest) = parts.next().and_then(|head| text.strip_prefix(head)) else { return false };
        let mut parts = parts.peekable();
        if parts.peek().is_none() {
            return rest.is_empty();
        }
        while let Some(part) = parts.next() {
            if parts.peek().is_none() {
                return rest.ends_with(part);
            }
            let Some(found) = rest.find(part) else { return false };
            rest = &rest[found + part.len()..];
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_star_stands_for_anything() {
        let matches = |glob: &str, text| Glob(glob.to_owned()).matches(text);
        assert!(matches("invoice.*", "invoice.paid"));
        assert!(!matches("invoice.*", "invoiceitem.created"));
        assert!(matches("customer.created", "customer.created"));
        assert!(!matches("customer.created", "customer.created.twice"));
        assert!(matches("*.deleted", "customer.deleted"));
        assert!(!matches("a*b*c", "acb"));
        assert!(matches("a*b*c", "axbbc"));
    }
}
