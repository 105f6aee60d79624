//! The one-line language of a map: `name | email`, `created -> unix`, `list_id + id -> ref(members)`, `= EMAIL`.
//!
//! ```text
//! expression  = "=" text | alternative { "|" alternative } { "->" function }
//! alternative = path { "+" path }
//! function    = name [ "(" argument { "," argument } ")" ] [ "?" ]
//! argument    = text [ ":" text ]
//! ```
//! The first alternative that has a value counts. `?` leaves a value out that does not read, and reports it, where the
//! whole record would be refused otherwise. Texts with other signs than letters, digits and `_-$*/@#=` stand in quotes.

use super::path::Path;

/// An expression as it is written, before its types are checked.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Written {
    Constant(String),
    Paths { alternatives: Vec<Vec<Path>>, calls: Vec<Call> },
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Call {
    pub(crate) name: String,
    pub(crate) arguments: Vec<Argument>,
    pub(crate) lenient: bool,
}

/// `a`, `"a b"`, `a: B`.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Argument {
    pub(crate) text: String,
    pub(crate) quoted: bool,
    pub(crate) value: Option<String>,
}

impl Argument {
    /// The argument as a place in the payload.
    pub(crate) fn path(&self) -> Option<Path> {
        let mut reader = Reader { rest: &self.text };
        let path = reader.path().ok()?;
        reader.rest.trim().is_empty().then_some(path)
    }
}

/// Reads an expression; the error says what was expected.
pub(crate) fn read_expression(text: &str) -> Result<Written, String> {
    let text = text.trim();
    if let Some(constant) = text.strip_prefix('=') {
        let constant = constant.trim();
        let unquoted = constant.strip_prefix('"').and_then(|inner| inner.strip_suffix('"')).unwrap_or(constant);
        if unquoted.is_empty() {
            return Err("expected a value after =".to_owned());
        }
        return Ok(Written::Constant(unquoted.to_owned()));
    }
    let mut reader = Reader { rest: text };
    let mut alternatives = vec![reader.alternative()?];
    while reader.eat("|") {
        alternatives.push(reader.alternative()?);
    }
    let mut calls = Vec::new();
    while reader.eat("->") {
        calls.push(reader.call()?);
    }
    if reader.rest.trim().is_empty() {
        Ok(Written::Paths { alternatives, calls })
    } else {
        Err(format!("expected |, + or -> before {:?}", reader.rest.trim()))
    }
}

struct Reader<'t> {
    rest: &'t str,
}

impl Reader<'_> {
    fn eat(&mut self, sign: &str) -> bool {
        let rest = self.rest.trim_start();
        match rest.strip_prefix(sign) {
            Some(rest) => {
                self.rest = rest;
                true
            }
            None => false,
        }
    }

    fn alternative(&mut self) -> Result<Vec<Path>, String> {
        let mut parts = vec![self.path()?];
        while self.eat("+") {
            parts.push(self.path()?);
        }
        Ok(parts)
    }

    fn path(&mut self) -> Result<Path, String> {
        let mut segments = vec![self.text()?];
        while self.rest.starts_with('.') {
            self.rest = &self.rest[1..];
            segments.push(self.text()?);
        }
        Path::new(segments)
            .ok_or_else(|| "expected a place such as address.city, $record.id, $parent.id or $self".to_owned())
    }

    /// A bare word or a quoted text; tells which.
    fn text(&mut self) -> Result<(String, bool), String> {
        let rest = self.rest.trim_start();
        if let Some(inner) = rest.strip_prefix('"') {
            let close = inner.find('"').ok_or("a quoted text has no end")?;
            self.rest = &inner[close + 1..];
            return Ok((inner[..close].to_owned(), true));
        }
        let mut end = 0;
        for (i, c) in rest.char_indices() {
            let plain = c.is_alphanumeric() || "_$*/@#=".contains(c) || (c == '-' && !rest[i..].starts_with("->"));
            if !plain {
                break;
            }
            end = i + c.len_utf8();
        }
        if end == 0 {
            return Err(match rest.chars().next() {
                Some(found) => format!("expected a name or a quoted text, found {found:?}"),
                None => "expected a name or a quoted text, found the end".to_owned(),
            });
        }
        self.rest = &rest[end..];
        Ok((rest[..end].to_owned(), false))
    }

    fn call(&mut self) -> Result<Call, String> {
        let (name, _) = self.text()?;
        let mut arguments = Vec::new();
        if self.eat("(") {
            loop {
                arguments.push(self.argument()?);
                if self.eat(")") {
                    break;
                }
                if !self.eat(",") {
                    return Err(format!("expected , or ) among the arguments of {name}"));
                }
            }
        }
        Ok(Call { name, arguments, lenient: self.eat("?") })
    }

    fn argument(&mut self) -> Result<Argument, String> {
        let before = self.rest.trim_start();
        let (text, quoted) = self.text()?;
        // A dotted place is one argument.
        let mut whole = text;
        if !quoted {
            while self.rest.starts_with('.') {
                self.rest = &self.rest[1..];
                self.text()?;
                before[..before.len() - self.rest.len()].clone_into(&mut whole);
            }
        }
        let value = if self.eat(":") { Some(self.text()?.0) } else { None };
        Ok(Argument { text: whole, quoted, value })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn paths(text: &str) -> (Vec<Vec<String>>, Vec<Call>) {
        match read_expression(text).unwrap() {
            Written::Paths { alternatives, calls } => {
                (alternatives.iter().map(|parts| parts.iter().map(Path::to_string).collect()).collect(), calls)
            }
            Written::Constant(_) => panic!("not a constant"),
        }
    }

    #[test]
    fn alternatives_parts_and_functions_are_read() {
        let (alternatives, calls) = paths("\"First Name\" + last-name | $parent.id -> ref(members) -> join(\", \")?");
        assert_eq!(alternatives, [vec!["\"First Name\"", "last-name"], vec!["$parent.id"]]);
        assert_eq!((calls[0].name.as_str(), calls[0].arguments[0].text.as_str()), ("ref", "members"));
        assert!(calls[1].lenient && calls[1].arguments[0].quoted);
        let (_, calls) = paths("a -> one_of(a: B, \"c d\": E, *: F) -> phone(address.country)");
        assert_eq!(calls[0].arguments[1].value.as_deref(), Some("E"));
        assert_eq!(calls[1].arguments[0].text, "address.country");
        assert_eq!(read_expression("= EMAIL"), Ok(Written::Constant("EMAIL".to_owned())));
    }

    #[test]
    fn mistakes_say_what_was_expected() {
        assert!(read_expression("a b").unwrap_err().contains("->"));
        assert!(read_expression("a ->").unwrap_err().contains("end"));
        assert!(read_expression("\"a").unwrap_err().contains("no end"));
        assert!(read_expression("$other.x").unwrap_err().contains("$record"));
        assert!(read_expression("").is_err());
    }

    proptest! {
        #[test]
        fn no_text_makes_the_reader_panic(text in "\\PC{0,40}") {
            let _ = read_expression(&text);
        }
    }
}
