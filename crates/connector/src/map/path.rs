//! Dotted places in a payload: `address.city`, `tags.*.name`, `"First Name"`, `$record.id`.

use super::Scope;
use crate::pointer::scalar_text;
use serde_json::{Map, Value};
use std::fmt;

/// Where a payload holds what a jq filter made of it, while it is mapped.
pub(crate) const JQ: &str = "$jq";

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Path {
    root: Root,
    segments: Vec<Segment>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Root {
    /// The payload, or the element that `each` is at.
    Value,
    /// The whole payload.
    Record,
    /// The key of the record.
    Key,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Segment {
    /// In an object the key, in a list the index where it is a number.
    Name(String, Option<usize>),
    /// The first element of a list that has this value at this key: `Phones.PhoneType=MOBILE.PhoneNumber`.
    Where(String, String),
    /// Every element of a list.
    Each,
}

/// What stands at a path. Nothing, JSON `null`, blank texts and empty lists and objects are all absent.
#[derive(Debug, Clone)]
pub(crate) enum Found<'v> {
    Absent,
    Key(&'v str),
    One(&'v Value),
    Many(Vec<&'v Value>),
}

impl Path {
    /// From segments that were split and unquoted; `None` where there is none or one is empty.
    pub(crate) fn new(segments: Vec<(String, bool)>) -> Option<Self> {
        let mut segments = segments.into_iter().peekable();
        let root = match segments.peek() {
            Some((text, false)) if text == "$record" => Root::Record,
            Some((text, false)) if text == "$self" => Root::Key,
            // The kept values of the parent and what jq made travel inside the payload, so `$parent.id` and `$jq.id` are
            // ordinary paths from there.
            Some((text, false)) if text == "$parent" || text == JQ => {
                let segments = segments.map(segment).collect::<Option<Vec<_>>>()?;
                return (segments.len() > 1).then_some(Self { root: Root::Record, segments });
            }
            Some((text, false)) if text.starts_with('$') => return None,
            Some(_) => Root::Value,
            None => return None,
        };
        if root != Root::Value {
            segments.next();
        }
        let segments = segments.map(segment).collect::<Option<Vec<_>>>()?;
        (segments.is_empty() == (root == Root::Key)).then_some(Self { root, segments })
    }

    pub(crate) fn is_key(&self) -> bool {
        self.root == Root::Key
    }

    /// Whether it begins at the whole payload, and the names that lead there; `*` for an element of a list. `None` where it
    /// leads to no field of the payload: to its key, or to what travels with it.
    pub(crate) fn names(&self) -> Option<(bool, Vec<String>)> {
        let is_foreign =
            |segment: &Segment| matches!(segment, Segment::Name(name, _) if name == "$parent" || name == JQ);
        if self.root == Root::Key || self.segments.first().is_some_and(is_foreign) {
            return None;
        }
        let names = self.segments.iter().map(|segment| match segment {
            Segment::Name(name, None) => name.clone(),
            Segment::Name(_, Some(_)) | Segment::Where(..) | Segment::Each => "*".to_owned(),
        });
        Some((self.root == Root::Record, names.collect()))
    }

    pub(crate) fn get<'v>(&self, scope: Scope<'v>) -> Found<'v> {
        let start = match self.root {
            Root::Value => scope.value,
            Root::Record => scope.record,
            Root::Key => return Found::Key(scope.id),
        };
        walk(start, &self.segments)
    }
}

fn segment((text, quoted): (String, bool)) -> Option<Segment> {
    match text.as_str() {
        "" => None,
        "*" if !quoted => Some(Segment::Each),
        _ if !quoted && text.contains('=') => {
            let (key, value) = text.split_once('=').filter(|(key, value)| !key.is_empty() && !value.is_empty())?;
            Some(Segment::Where(key.to_owned(), value.to_owned()))
        }
        _ => {
            let index = text.parse().ok();
            Some(Segment::Name(text, index))
        }
    }
}

fn walk<'v>(start: &'v Value, segments: &[Segment]) -> Found<'v> {
    let mut value = start;
    for (i, segment) in segments.iter().enumerate() {
        let next = match (segment, value) {
            (Segment::Name(name, _), Value::Object(object)) => field(object, name),
            (Segment::Name(_, Some(index)), Value::Array(list)) => list.get(*index),
            (Segment::Where(key, wanted), Value::Array(list)) => {
                list.iter().find(|element| element.get(key).and_then(scalar_text).is_some_and(|text| text == *wanted))
            }
            (Segment::Each, Value::Array(list)) => {
                let mut many = Vec::with_capacity(list.len());
                for element in list {
                    match walk(element, &segments[i + 1..]) {
                        Found::One(value) => many.push(value),
                        Found::Many(values) => many.extend(values),
                        Found::Absent | Found::Key(_) => {}
                    }
                }
                return if many.is_empty() { Found::Absent } else { Found::Many(many) };
            }
            _ => None,
        };
        match next {
            Some(found) => value = found,
            None => return Found::Absent,
        }
    }
    match value {
        Value::Null => Found::Absent,
        Value::String(text) if is_blank(text) => Found::Absent,
        Value::Array(list) if list.is_empty() => Found::Absent,
        Value::Object(object) if object.is_empty() => Found::Absent,
        value => Found::One(value),
    }
}

/// What stands under a name. Of few names the right one is found sooner than its hash.
fn field<'v>(object: &'v Map<String, Value>, name: &str) -> Option<&'v Value> {
    if object.len() > FEW {
        return object.get(name);
    }
    object.iter().find(|(key, _)| *key == name).map(|(_, value)| value)
}

const FEW: usize = 16;

fn is_blank(text: &str) -> bool {
    // Nearly every text begins with a letter or a digit.
    !text.starts_with(|c: char| c.is_ascii_alphanumeric()) && text.trim().is_empty()
}

impl fmt::Display for Path {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.root {
            Root::Key => return f.write_str("$self"),
            Root::Record if !matches!(self.segments.first(), Some(Segment::Name(name, _)) if name == "$parent" || name == JQ) =>
            {
                f.write_str("$record.")?;
            }
            Root::Record | Root::Value => {}
        }
        for (i, segment) in self.segments.iter().enumerate() {
            let dot = if i == 0 { "" } else { "." };
            match segment {
                Segment::Each => write!(f, "{dot}*")?,
                Segment::Where(key, value) => write!(f, "{dot}{key}={value}")?,
                Segment::Name(name, _) if name.contains(|c: char| c.is_whitespace() || "|+.,()=\"".contains(c)) => {
                    write!(f, "{dot}{name:?}")?;
                }
                Segment::Name(name, _) => write!(f, "{dot}{name}")?,
            }
        }
        Ok(())
    }
}
