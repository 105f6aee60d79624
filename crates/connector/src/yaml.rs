//! YAML as a tree in which every node knows its line and column.
//!
//! Promises: scalars stay texts, so `no` is a word and `007` keeps its zeros; a key that occurs twice is a problem.
//! Does not do: anchors, aliases, tags and several documents, which a manifest has no use for and which make small files
//! expand without bound.

mod fields;
mod scalar;

pub(crate) use fields::Fields;

use crate::problem::{LoadError, Position, Report};
use saphyr_parser::{Event, Parser, Span};
use serde_json::Value;
use std::sync::Arc;

/// More nesting than this is a mistake (or an attack on the stack).
const DEPTH: usize = 24;

/// A node of the tree.
#[derive(Debug, Clone)]
pub(crate) struct Node {
    pub(crate) at: Position,
    pub(crate) data: Data,
}

#[derive(Debug, Clone)]
pub(crate) enum Data {
    Scalar(String),
    List(Vec<Node>),
    Map(Vec<(Key, Node)>),
}

#[derive(Debug, Clone)]
pub(crate) struct Key {
    pub(crate) at: Position,
    pub(crate) text: String,
}

impl Node {
    /// What the node is, for messages.
    pub(crate) fn form(&self) -> &'static str {
        match self.data {
            Data::Scalar(_) => "a single value",
            Data::List(_) => "a list",
            Data::Map(_) => "a mapping",
        }
    }
}

/// Reads one document. Problems are reported and `None` is returned.
pub(crate) fn parse(file: &str, text: &str, report: &mut Report) -> Option<Node> {
    let mut reader = TreeReader { file: file.into(), parser: Parser::new_from_str(text), report };
    reader.document()
}

/// A YAML document as JSON. Every single value is a text.
///
/// # Errors
/// What is wrong with it, each with its place.
pub fn read_yaml(file: &str, text: &str) -> Result<Value, LoadError> {
    let mut report = Report::default();
    match parse(file, text, &mut report) {
        Some(root) if report.is_empty() => Ok(json_of(root)),
        _ => Err(report.into_error()),
    }
}

fn json_of(node: Node) -> Value {
    match node.data {
        Data::Scalar(text) => Value::String(text),
        Data::List(items) => Value::Array(items.into_iter().map(json_of).collect()),
        Data::Map(entries) => entries.into_iter().map(|(key, node)| (key.text, json_of(node))).collect(),
    }
}

struct TreeReader<'input, 'r> {
    file: Arc<str>,
    parser: Parser<'input, saphyr_parser::StrInput<'input>>,
    report: &'r mut Report,
}

impl<'input> TreeReader<'input, '_> {
    fn position(&self, span: Span) -> Position {
        Position { file: self.file.clone(), line: span.start.line().max(1), column: span.start.col() + 1 }
    }

    fn event(&mut self) -> Option<(Event<'input>, Position)> {
        match self.parser.next_event()? {
            Ok((event, span)) => {
                let at = self.position(span);
                Some((event, at))
            }
            Err(error) => {
                let marker = *error.marker();
                let at = Position { file: self.file.clone(), line: marker.line().max(1), column: marker.col() + 1 };
                self.report.add(&at, format!("not valid YAML: {}", error.info()));
                None
            }
        }
    }

    fn document(&mut self) -> Option<Node> {
        let mut root = None;
        loop {
            let (event, at) = self.event()?;
            match event {
                Event::StreamEnd => {
                    if root.is_none() {
                        self.report.add(&at, "the file is empty");
                    }
                    return root;
                }
                Event::DocumentStart(_) if root.is_some() => {
                    self.report.add(&at, "one document per file, please: found a second one");
                    return None;
                }
                Event::Nothing | Event::StreamStart | Event::DocumentStart(_) | Event::DocumentEnd => {}
                event => root = Some(self.node(event, at, 0)?),
            }
        }
    }

    fn node(&mut self, event: Event<'input>, at: Position, depth: usize) -> Option<Node> {
        if depth > DEPTH {
            self.report.add(&at, format!("nested more than {DEPTH} levels deep"));
            return None;
        }
        let data = match event {
            Event::Scalar(text, _, anchor, tag) => {
                self.plain(&at, anchor, tag.is_some())?;
                Data::Scalar(text.into_owned())
            }
            Event::SequenceStart(anchor, tag) => {
                self.plain(&at, anchor, tag.is_some())?;
                let mut list = Vec::new();
                loop {
                    match self.event()? {
                        (Event::SequenceEnd, _) => break Data::List(list),
                        (event, at) => list.push(self.node(event, at, depth + 1)?),
                    }
                }
            }
            Event::MappingStart(anchor, tag) => {
                self.plain(&at, anchor, tag.is_some())?;
                self.mapping(depth)?
            }
            Event::Alias(_) => {
                self.report.add(&at, "aliases (*name) are not supported: write the value out");
                return None;
            }
            _ => {
                self.report.add(&at, "unexpected end of the document");
                return None;
            }
        };
        Some(Node { at, data })
    }

    fn mapping(&mut self, depth: usize) -> Option<Data> {
        let mut entries: Vec<(Key, Node)> = Vec::new();
        loop {
            let (event, at) = self.event()?;
            let text = match event {
                Event::MappingEnd => return Some(Data::Map(entries)),
                Event::Scalar(text, ..) => text.into_owned(),
                _ => {
                    self.report.add(&at, "a key must be a single text");
                    return None;
                }
            };
            let (event, value_at) = self.event()?;
            let value = self.node(event, value_at, depth + 1)?;
            if entries.iter().any(|(key, _)| key.text == text) {
                self.report.add(&at, format!("the key {text:?} occurs twice"));
            } else {
                entries.push((Key { at, text }, value));
            }
        }
    }

    fn plain(&mut self, at: &Position, anchor: usize, tagged: bool) -> Option<()> {
        if anchor == 0 && !tagged {
            return Some(());
        }
        self.report.add(at, "anchors (&name) and tags (!name) are not supported: write the value out");
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn problems(text: &str) -> String {
        let mut report = Report::default();
        let _ = parse("a.yaml", text, &mut report);
        report.into_error().to_string()
    }

    #[test]
    fn nodes_know_their_place() {
        let mut report = Report::default();
        let root = parse("a.yaml", "one: 1\ntwo:\n  - {x: no}\n", &mut report).unwrap();
        let Data::Map(entries) = root.data else { panic!("a mapping") };
        let Data::List(list) = &entries[1].1.data else { panic!("a list") };
        let Data::Map(inner) = &list[0].data else { panic!("a mapping") };
        assert_eq!(inner[0].1.at.to_string(), "a.yaml:3:9");
        assert_eq!(entries[1].0.at.to_string(), "a.yaml:2:1");
    }

    #[test]
    fn what_would_hide_a_mistake_is_refused_with_its_place() {
        assert_eq!(problems("a: 1\na: 2\n"), "a.yaml:2:1: the key \"a\" occurs twice");
        assert!(problems("a: &x 1\nb: *x\n").contains("a.yaml:1:"));
        assert!(problems("a: [1, 2\nb: 3\n").contains("not valid YAML"));
        assert!(problems("").contains("empty"));
        assert!(problems(&format!("{}{}", "[".repeat(40), "]".repeat(40))).contains("nested"));
        assert!(problems(&"[".repeat(10_000)).contains("not valid YAML"));
    }

    proptest! {
        #[test]
        fn no_text_makes_the_reader_panic(text in "[ -~\n]{0,80}") {
            let mut report = Report::default();
            let _ = parse("a.yaml", &text, &mut report);
        }
    }
}
