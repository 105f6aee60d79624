//! Reading a mapping key by key: what is not asked for is unknown, and is reported with the nearest name.

use super::{Data, Key, Node};
use crate::problem::{Position, Report};

/// A mapping being read. Call [`Fields::finish`] when every key has been asked for.
pub(crate) struct Fields<'n> {
    pub(crate) at: &'n Position,
    what: &'static str,
    entries: &'n [(Key, Node)],
    asked: Vec<&'static str>,
}

impl<'n> Fields<'n> {
    /// `what` names the mapping in messages: `stream`, `page style`.
    pub(crate) fn open(node: &'n Node, what: &'static str, report: &mut Report) -> Option<Self> {
        let Data::Map(entries) = &node.data else {
            report.add(&node.at, format!("expected a mapping that describes a {what}, found {}", node.form()));
            return None;
        };
        Some(Self { at: &node.at, what, entries, asked: Vec::new() })
    }

    pub(crate) fn get(&mut self, name: &'static str) -> Option<&'n Node> {
        self.asked.push(name);
        self.entries.iter().find(|(key, _)| key.text == name).map(|(_, node)| node)
    }

    pub(crate) fn require(&mut self, name: &'static str, report: &mut Report) -> Option<&'n Node> {
        let found = self.get(name);
        if found.is_none() {
            report.add(self.at, format!("{} needs {name:?}", self.what));
        }
        found
    }

    /// Reports the keys that nobody asked for.
    pub(crate) fn finish(self, report: &mut Report) {
        for (key, _) in self.entries {
            if !self.asked.contains(&key.text.as_str()) {
                report.unknown(&key.at, &format!("key in {}", self.what), &key.text, self.asked.iter().copied());
            }
        }
    }
}

impl Node {
    /// The entries of a mapping whose keys are free, such as the streams by name.
    pub(crate) fn entries(&self, what: &str, report: &mut Report) -> &[(Key, Node)] {
        let Data::Map(entries) = &self.data else {
            report.add(&self.at, format!("expected a mapping of {what}, found {}", self.form()));
            return &[];
        };
        entries
    }

    /// The items of a list; a single value counts as a list of one.
    pub(crate) fn items(&self) -> &[Node] {
        match &self.data {
            Data::List(items) => items,
            _ => std::slice::from_ref(self),
        }
    }
}
