//! Lines of an address card: unfolded, taken apart, decoded.

use std::iter::{Enumerate, Peekable};
use std::str::Lines as TextLines;

/// A property of a card: `TEL;TYPE=work,voice:+49 30 1234`.
#[derive(Debug, Default)]
pub(super) struct Property {
    /// The line that it begins in, from 1.
    pub(super) line: u64,
    /// Its name in capitals, without the group before it.
    pub(super) name: String,
    /// Its parameters: names in capitals; those of 2.1 that have only a value stand under `TYPE`.
    pub(super) parameters: Vec<(String, String)>,
    /// Its value, decoded, with the escapes still in it: they tell the parts of a value apart.
    pub(super) value: String,
}

/// The properties of a text.
pub(super) struct Lines<'t> {
    lines: Peekable<Enumerate<TextLines<'t>>>,
}

impl Property {
    pub(super) fn is(&self, name: &str, value: &str) -> bool {
        self.name == name && self.value.trim().eq_ignore_ascii_case(value)
    }

    pub(super) fn parameter(&self, name: &str) -> Option<&str> {
        self.parameters.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// All values of `TYPE`, in small letters.
    pub(super) fn types(&self) -> Vec<String> {
        let values = self.parameters.iter().filter(|(name, _)| name == "TYPE").flat_map(|(_, value)| value.split(','));
        values.map(|value| value.trim().to_lowercase()).filter(|value| !value.is_empty()).collect()
    }

    /// A picture, a sound or a key.
    pub(super) fn is_binary(&self) -> bool {
        let encoding = self.parameter("ENCODING").unwrap_or_default();
        encoding.eq_ignore_ascii_case("b")
            || encoding.eq_ignore_ascii_case("base64")
            || self.types().iter().any(|value| value == "base64")
            || self.value.get(..5).is_some_and(|start| start.eq_ignore_ascii_case("data:"))
    }

    fn is_quoted_printable(&self) -> bool {
        let is_it = |text: &str| text.eq_ignore_ascii_case("QUOTED-PRINTABLE");
        self.parameter("ENCODING").is_some_and(is_it) || self.types().iter().any(|text| is_it(text))
    }
}

impl<'t> Lines<'t> {
    pub(super) fn of(text: &'t str) -> Self {
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        Self { lines: text.lines().enumerate().peekable() }
    }

    /// The lines of one property as one. The first blank of a folded line is the fold.
    fn unfolded(&mut self) -> Option<(u64, String)> {
        let (index, first) = self.lines.find(|(_, line)| !line.trim().is_empty())?;
        let mut text = first.to_owned();
        while let Some((_, next)) = self.lines.next_if(|(_, next)| next.starts_with([' ', '\t'])) {
            text.push_str(&next[1..]);
        }
        Some((index as u64 + 1, text))
    }
}

impl Iterator for Lines<'_> {
    type Item = Property;

    fn next(&mut self) -> Option<Property> {
        let (line, text) = self.unfolded()?;
        let mut property = take_apart(line, &text);
        if property.is_quoted_printable() {
            // In 2.1 a value goes on in the next line where its own ends with a sign.
            while property.value.ends_with('=') {
                property.value.pop();
                let Some((_, next)) = self.lines.next() else { break };
                property.value.push_str(next);
            }
            property.value = quoted_printable(&property.value, property.parameter("CHARSET"));
        }
        Some(property)
    }
}

/// What stands before the first of the signs that is in no quotes, and what follows it.
fn cut(text: &str, sign: char) -> (&str, Option<&str>) {
    let mut quoted = false;
    for (at, c) in text.char_indices() {
        quoted ^= c == '"';
        if c == sign && !quoted {
            return (&text[..at], Some(&text[at + c.len_utf8()..]));
        }
    }
    (text, None)
}

fn take_apart(line: u64, text: &str) -> Property {
    let (head, value) = cut(text, ':');
    let (name, mut rest) = cut(head, ';');
    let name = name.rsplit('.').next().unwrap_or_default().trim().to_uppercase();
    let mut parameters = Vec::new();
    while let Some(parameter) = rest {
        let (one, next) = cut(parameter, ';');
        parameters.push(match one.split_once('=') {
            Some((name, value)) => (name.trim().to_uppercase(), value.replace('"', "")),
            None => ("TYPE".to_owned(), one.to_owned()),
        });
        rest = next;
    }
    Property { line, name, parameters, value: value.unwrap_or_default().to_owned() }
}

fn quoted_printable(text: &str, charset: Option<&str>) -> String {
    let bytes = text.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while let Some(byte) = bytes.get(at) {
        let decoded = (*byte == b'=').then(|| text.get(at + 1..at + 3)).flatten();
        if let Some(decoded) = decoded.and_then(|pair| u8::from_str_radix(pair, 16).ok()) {
            out.push(decoded);
            at += 3;
        } else {
            out.push(*byte);
            at += 1;
        }
    }
    let named = charset.and_then(|name| encoding_rs::Encoding::for_label(name.as_bytes()));
    let encoding = named.unwrap_or(encoding_rs::UTF_8);
    encoding.decode_without_bom_handling(&out).0.into_owned()
}

/// The parts of a value between a sign, without the escapes that kept them apart.
pub(super) fn parts(value: &str, sign: char) -> Vec<String> {
    let mut parts = vec![String::new()];
    let mut escaped = false;
    for c in value.chars() {
        if !escaped && c == '\\' {
            escaped = true;
            continue;
        }
        if !escaped && c == sign {
            parts.push(String::new());
            continue;
        }
        let c = if escaped && (c == 'n' || c == 'N') { '\n' } else { c };
        escaped = false;
        if let Some(part) = parts.last_mut() {
            part.push(c);
        }
    }
    parts.into_iter().map(|part| part.trim().to_owned()).collect()
}

/// A value that is one text.
pub(super) fn text(value: &str) -> String {
    parts(value, '\0').concat()
}
