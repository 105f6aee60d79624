//! Texts with places: `{config.x}`, `{parent.x}`, `{id}`, `{from}`. No logic, by design.
//!
//! Promises: every place is known when the folder is loaded, and a secret can be named only where the text goes into
//! authentication or a header.

use crate::pointer::scalar_text;
use crate::problem::{Position, Report};
use crate::setting::Setting;
use serde_json::Value;
use std::collections::BTreeMap;

/// A text with places.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Template {
    parts: Vec<Part>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Part {
    Literal(String),
    Setting(String),
    Parent(String),
    Id,
    Walk(WalkPlace),
}

/// What changes from request to request of one list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum WalkPlace {
    /// The lower bound of what is read.
    From,
    /// The upper bound of a slice.
    To,
    /// The page that is asked for.
    Place,
    /// The size of a page.
    Size,
}

const WALK_PLACES: [(&str, WalkPlace); 4] =
    [("from", WalkPlace::From), ("to", WalkPlace::To), ("place", WalkPlace::Place), ("size", WalkPlace::Size)];

/// The values of these in one request. Numbers stay numbers where a body is made of them.
#[derive(Debug, Clone, Default)]
pub(crate) struct Asked {
    pub(crate) from: Option<Value>,
    pub(crate) to: Option<Value>,
    pub(crate) place: Option<Value>,
    pub(crate) size: Option<Value>,
}

impl Asked {
    pub(crate) fn get(&self, place: WalkPlace) -> Option<&Value> {
        match place {
            WalkPlace::From => self.from.as_ref(),
            WalkPlace::To => self.to.as_ref(),
            WalkPlace::Place => self.place.as_ref(),
            WalkPlace::Size => self.size.as_ref(),
        }
    }
}

/// What may be named in a template.
#[derive(Clone, Copy)]
pub(crate) struct Scope<'a> {
    pub(crate) settings: &'a [Setting],
    /// Names that the `parent` of a stream keeps.
    pub(crate) parent: &'a [String],
    /// The id of the record that is read again.
    pub(crate) id: bool,
    pub(crate) secrets: bool,
    /// `{from}`, `{to}`, `{place}` and `{size}` of a list.
    pub(crate) walk: bool,
}

impl<'a> Scope<'a> {
    pub(crate) fn of(settings: &'a [Setting]) -> Self {
        Self { settings, parent: &[], id: false, secrets: false, walk: false }
    }

    pub(crate) fn with_secrets(self) -> Self {
        Self { secrets: true, ..self }
    }

    pub(crate) fn with_parent(self, parent: &'a [String]) -> Self {
        Self { parent, ..self }
    }

    pub(crate) fn with_id(self) -> Self {
        Self { id: true, ..self }
    }

    pub(crate) fn with_walk(self) -> Self {
        Self { walk: true, ..self }
    }
}

/// What the places stand for in one request.
#[derive(Clone, Copy)]
pub(crate) struct Places<'a> {
    pub(crate) settings: &'a BTreeMap<String, String>,
    pub(crate) parent: &'a [(String, String)],
    pub(crate) id: Option<&'a str>,
    pub(crate) asked: Option<&'a Asked>,
}

impl Template {
    pub(crate) fn parse(text: &str, at: &Position, scope: Scope<'_>, report: &mut Report) -> Option<Self> {
        let mut parts = Vec::new();
        let mut rest = text;
        while let Some(open) = rest.find('{') {
            if open > 0 {
                parts.push(Part::Literal(rest[..open].to_owned()));
            }
            let Some(close) = rest[open..].find('}') else {
                report.add(at, format!("{text:?} has a {{ without its }}"));
                return None;
            };
            parts.push(place(&rest[open + 1..open + close], at, scope, report)?);
            rest = &rest[open + close + 1..];
        }
        if !rest.is_empty() {
            parts.push(Part::Literal(rest.to_owned()));
        }
        Some(Self { parts })
    }

    /// The text with its places filled. `None` where a place has no value.
    pub(crate) fn render(&self, places: Places<'_>) -> Option<String> {
        self.fill(places, |value, out| out.push_str(value))
    }

    /// As [`Template::render`], with the values of `parent` and `id` escaped so that they stay one segment of a path.
    pub(crate) fn render_path(&self, places: Places<'_>) -> Option<String> {
        self.fill(places, escape_segment)
    }

    /// The settings that it names.
    pub(crate) fn settings(&self) -> impl Iterator<Item = &str> {
        self.parts.iter().filter_map(|part| match part {
            Part::Setting(name) => Some(name.as_str()),
            Part::Literal(_) | Part::Parent(_) | Part::Id | Part::Walk(_) => None,
        })
    }

    /// It names this.
    pub(crate) fn names(&self, wanted: WalkPlace) -> bool {
        self.parts.contains(&Part::Walk(wanted))
    }

    /// The text is one of these places and nothing else.
    pub(crate) fn alone(&self) -> Option<WalkPlace> {
        match self.parts.as_slice() {
            [Part::Walk(place)] => Some(*place),
            _ => None,
        }
    }

    /// A text without places.
    pub(crate) fn literal(&self) -> Option<&str> {
        match self.parts.as_slice() {
            [Part::Literal(text)] => Some(text),
            _ => None,
        }
    }

    fn fill(&self, places: Places<'_>, write: impl Fn(&str, &mut String)) -> Option<String> {
        let mut out = String::new();
        for part in &self.parts {
            match part {
                Part::Literal(text) => out.push_str(text),
                Part::Setting(name) => out.push_str(places.settings.get(name)?),
                Part::Parent(name) => write(&places.parent.iter().find(|(key, _)| key == name)?.1, &mut out),
                Part::Id => write(places.id?, &mut out),
                Part::Walk(place) => write(&scalar_text(places.asked?.get(*place)?)?, &mut out),
            }
        }
        Some(out)
    }
}

fn place(name: &str, at: &Position, scope: Scope<'_>, report: &mut Report) -> Option<Part> {
    match name.split_once('.') {
        Some(("config", key)) => match scope.settings.iter().find(|setting| setting.name == key) {
            Some(setting) if setting.secret && !scope.secrets => {
                report.add(at, format!("{{config.{key}}} is a secret: it may stand only in auth and headers"));
                None
            }
            Some(_) => Some(Part::Setting(key.to_owned())),
            None => {
                report.unknown(at, "setting", key, scope.settings.iter().map(|setting| setting.name.as_str()));
                None
            }
        },
        Some(("parent", key)) => {
            if scope.parent.iter().any(|known| known == key) {
                return Some(Part::Parent(key.to_owned()));
            }
            report.unknown(at, "value of the parent", key, scope.parent.iter().map(String::as_str));
            None
        }
        None if name == "id" && scope.id => Some(Part::Id),
        None if scope.walk && WALK_PLACES.iter().any(|(known, _)| *known == name) => {
            WALK_PLACES.iter().find(|(known, _)| *known == name).map(|(_, place)| Part::Walk(*place))
        }
        _ => {
            report.add(
                at,
                format!("{{{name}}} has no meaning here: use {{config.x}}, {{parent.x}}, in a list {{from}}, {{to}}, {{place}}, {{size}} or, in detail, {{id}}"),
            );
            None
        }
    }
}

/// Escapes everything that is not an unreserved character of RFC 3986, so that an id never leaves its segment.
fn escape_segment(value: &str, out: &mut String) {
    use std::fmt::Write;
    // A segment of dots alone would climb up the path even when escaped by the letter.
    let dots = matches!(value, "." | "..");
    for byte in value.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'~') || (byte == b'.' && !dots) {
            out.push(char::from(byte));
        } else {
            let _ = write!(out, "%{byte:02X}");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_never_leaves_its_segment() {
        let at = Position { file: "a".into(), line: 1, column: 1 };
        let template = Template::parse("/v1/{id}", &at, Scope::of(&[]).with_id(), &mut Report::default()).unwrap();
        let settings = BTreeMap::new();
        let render =
            |id| template.render_path(Places { settings: &settings, parent: &[], id: Some(id), asked: None }).unwrap();
        assert_eq!(render("a/b?c"), "/v1/a%2Fb%3Fc");
        assert_eq!(render("a.b"), "/v1/a.b");
        assert_eq!(render(".."), "/v1/%2E%2E");
    }
}
