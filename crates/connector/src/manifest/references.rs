//! What the parts of a manifest say about each other: streams, parents, feeds, references.

use super::feed::Feed;
use super::stream::{Changes, Parent, ParentSource, Stream};
use crate::problem::{Position, Report};
use crate::yaml::{Data, Node};

/// The names that a manifest declares, read before anything else, so that a stream with a fault does not make every
/// reference to it look wrong.
#[derive(Debug, Default)]
pub(crate) struct Names {
    /// Streams and further records, and how many parts their keys have. A further record's key is always taken whole.
    streams: Vec<(String, Option<usize>)>,
    feeds: Vec<String>,
}

impl Names {
    pub(crate) fn read(feeds: Option<&Node>, streams: Option<&Node>, report: &mut Report) -> Self {
        let mut names = Self::default();
        for (key, node) in entries(streams) {
            let part = |name: &str| entries(Some(node)).iter().find(|(key, _)| key.text == name).map(|(_, node)| node);
            let parts = part("key").map_or(1, |node| node.items().len());
            names.add(&key.text, Some(parts), &key.at, report);
            for (key, _) in entries(part("also")) {
                names.add(&key.text, None, &key.at, report);
            }
        }
        names.feeds = entries(feeds).iter().map(|(key, _)| key.text.clone()).collect();
        names
    }

    fn add(&mut self, name: &str, parts: Option<usize>, at: &Position, report: &mut Report) {
        if self.streams.iter().any(|(known, _)| known == name) {
            report.add(at, format!("two streams are named {name:?}"));
        }
        if name.contains('/') {
            report.add(at, "the name of a stream has no slash");
        }
        self.streams.push((name.to_owned(), parts));
    }

    pub(crate) fn check_feed(&self, name: &str, at: &Position, report: &mut Report) {
        if !self.feeds.iter().any(|known| known == name) {
            report.unknown(at, "feed", name, self.feeds.iter().map(String::as_str));
        }
    }

    pub(crate) fn check_stream(&self, name: &str, at: &Position, report: &mut Report) {
        if !self.streams.iter().any(|(known, _)| known == name) {
            report.unknown(at, "stream", name, self.streams.iter().map(|(known, _)| known.as_str()));
        }
    }

    /// A reference to a stream by so many values; `None` where the key is taken whole.
    pub(crate) fn check_reference(&self, name: &str, parts: Option<usize>, at: &Position, report: &mut Report) {
        self.check_stream(name, at, report);
        let expected = self.streams.iter().find(|(known, _)| known == name).and_then(|(_, parts)| *parts);
        if let (Some(expected), Some(found)) = (expected, parts)
            && expected != found
        {
            report.add(at, format!("the key of {name:?} has {expected} part(s), joined with +"));
        }
    }
}

fn entries(node: Option<&Node>) -> &[(crate::yaml::Key, Node)] {
    match node.map(|node| &node.data) {
        Some(Data::Map(entries)) => entries,
        _ => &[],
    }
}

/// What can be told only when the parts have been read.
pub(crate) fn check(feeds: &[Feed], streams: &[Stream], report: &mut Report) {
    for stream in streams {
        if let Some(parent) = &stream.parent
            && let ParentSource::Stream(name) = &parent.source
            && let Some(other) = streams.iter().find(|other| other.name == *name)
        {
            if other.parent.is_some() || other.name == stream.name {
                report.add(&parent.at, "a parent has no parent of its own");
            } else if other.snapshot.is_none() {
                report.add(&parent.at, format!("{name:?} has no snapshot, by which its records are listed"));
            }
        }
        if let Some(Changes::Feed { feed: name, at, detail, .. }) = &stream.changes {
            let refetches = feeds.iter().any(|feed| feed.name == *name && feed.refetch);
            if refetches && detail.is_none() {
                report.add(at, format!("the feed {name:?} reads objects again: the stream needs \"detail\""));
            }
        }
    }
}

impl Stream {
    /// What this one keeps of the records of another stream, whose children it reads.
    pub(crate) fn parent_of(&self, stream: &str) -> Option<&Parent> {
        let is_parent = |parent: &&Parent| matches!(&parent.source, ParentSource::Stream(name) if name == stream);
        self.parent.as_ref().filter(is_parent)
    }

    pub(crate) fn feed(&self) -> Option<&str> {
        match &self.changes {
            Some(Changes::Feed { feed, .. }) => Some(feed),
            Some(Changes::Cursor { .. }) | None => None,
        }
    }
}
