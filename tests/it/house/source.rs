//! The repository as text: its files, and the paths that Rust code names.
//!
//! Reads just enough of the language to tell code from comments and literals. A link in a documentation comment is no
//! import. Does not expand macros and does not follow `super::`.

use std::{fs, io, path::Path};

/// A file of the repository.
pub(super) struct Source {
    /// From the root of the repository, with `/` between the parts.
    pub path: String,
    /// What it holds; bytes that are no text are replaced.
    pub text: String,
}

impl Source {
    pub(super) fn new(path: &str, text: &str) -> Self {
        Self { path: path.to_owned(), text: text.to_owned() }
    }

    /// Is this a file of the module at `module`, such as `src/store`: its file, or anything in its folder?
    pub(super) fn is_in(&self, module: &str) -> bool {
        self.path.strip_prefix(module).is_some_and(|rest| rest == ".rs" || rest.starts_with('/'))
    }

    /// Is this Rust?
    pub(super) fn is_rust(&self) -> bool {
        Path::new(&self.path).extension().is_some_and(|extension| extension == "rs")
    }
}

/// Every file of the repository that `.gitignore` does not name, by path.
pub(super) fn repository() -> io::Result<Vec<Source>> {
    let mut found = Vec::new();
    walk(Path::new(env!("CARGO_MANIFEST_DIR")), "", &mut vec![".git".to_owned()], &mut found)?;
    found.sort_by(|one, other| one.path.cmp(&other.path));
    Ok(found)
}

/// `ignored` holds patterns for a name at any depth, or, with a `/` in front, for one path from the root.
fn walk(folder: &Path, prefix: &str, ignored: &mut Vec<String>, found: &mut Vec<Source>) -> io::Result<()> {
    let outside = ignored.len();
    if let Ok(rules) = fs::read_to_string(folder.join(".gitignore")) {
        let rules = rules.lines().map(|line| line.trim().trim_end_matches('/')).filter(|line| !line.is_empty());
        ignored.extend(rules.filter(|line| !line.starts_with(['#', '!'])).map(|rule| {
            let is_path = rule.contains('/');
            if is_path { format!("/{prefix}{}", rule.trim_start_matches('/')) } else { rule.to_owned() }
        }));
    }
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        let path = format!("{prefix}{name}");
        let is_ignored = ignored.iter().any(|rule| match rule.strip_prefix('/') {
            Some(anchored) => fits(anchored, &path),
            None => fits(rule, &name),
        });
        if is_ignored {
            continue;
        }
        let kind = entry.file_type()?;
        if kind.is_dir() {
            walk(&entry.path(), &format!("{path}/"), ignored, found)?;
        } else if kind.is_file() {
            found.push(Source { path, text: String::from_utf8_lossy(&fs::read(entry.path())?).into_owned() });
        }
    }
    ignored.truncate(outside);
    Ok(())
}

/// A pattern in which `*` stands for anything.
fn fits(pattern: &str, name: &str) -> bool {
    match pattern.split_once('*') {
        None => pattern == name,
        Some((start, rest)) => name
            .strip_prefix(start)
            .is_some_and(|tail| (0..=tail.len()).any(|at| tail.get(at..).is_some_and(|end| fits(rest, end)))),
    }
}

/// A word, `::`, or one other character of code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Token<'a> {
    pub text: &'a str,
    /// Counted from 1.
    pub line: usize,
}

/// The code without comments, literals of text and lifetimes.
pub(super) fn tokens(text: &str) -> Vec<Token<'_>> {
    let mut found = Vec::new();
    let (mut at, mut line) = (0, 1);
    while let Some(first) = text[at..].chars().next() {
        let rest = &text[at..];
        let word = rest.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(rest.len());
        let length = match (first, &rest[..word]) {
            ('/', _) if rest.starts_with("//") => rest.find('\n').unwrap_or(rest.len()),
            ('/', _) if rest.starts_with("/*") => block_comment(rest),
            ('"', _) => quoted(rest),
            ('\'', _) => quote(rest),
            (_, "r" | "br" | "cr") if rest[word..].trim_start_matches('#').starts_with('"') => {
                word + raw(&rest[word..])
            }
            // The letter in front of b"…" and c"…": what follows is an ordinary literal.
            (_, "b" | "c") if rest[word..].starts_with(['"', '\'']) => word,
            (_, "") => {
                let length = if rest.starts_with("::") { 2 } else { first.len_utf8() };
                if !first.is_whitespace() {
                    found.push(Token { text: &rest[..length], line });
                }
                length
            }
            (_, name) => {
                found.push(Token { text: name, line });
                word
            }
        };
        line += rest[..length].matches('\n').count();
        at += length;
    }
    found
}

fn block_comment(rest: &str) -> usize {
    let (mut at, mut depth) = (2, 1);
    while depth > 0 && at < rest.len() {
        let (step, change) = match &rest.as_bytes()[at..] {
            [b'/', b'*', ..] => (2, 1),
            [b'*', b'/', ..] => (2, -1),
            _ => (1, 0),
        };
        at += step;
        depth += change;
    }
    at
}

/// `"…"` or `'…'`, in which a backslash takes the next character along.
fn quoted(rest: &str) -> usize {
    let bytes = rest.as_bytes();
    let mut at = 1;
    while at < bytes.len() && bytes[at] != bytes[0] {
        at += if bytes[at] == b'\\' { 2 } else { 1 };
    }
    (at + 1).min(rest.len())
}

/// A character, or only the quote of a lifetime.
fn quote(rest: &str) -> usize {
    let mut inside = rest[1..].chars();
    match (inside.next(), inside.next()) {
        (Some('\\'), _) | (_, Some('\'')) => quoted(rest),
        _ => 1,
    }
}

/// `#"…"#`, with any number of `#`.
fn raw(rest: &str) -> usize {
    let hashes = rest.len() - rest.trim_start_matches('#').len();
    let end = format!("\"{}", "#".repeat(hashes));
    rest[hashes + 1..].find(&end).map_or(rest.len(), |at| hashes + 1 + at + end.len())
}

/// A path that code names, `["crate", "store", "Tx"]`.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Named<'a> {
    pub parts: Vec<&'a str>,
    pub line: usize,
}

/// Every path with a `::` in it and everything that a `use` brings in, groups spelled out.
pub(super) fn paths<'a>(tokens: &[Token<'a>]) -> Vec<Named<'a>> {
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(token) = tokens.get(at) {
        let next_is_colons = tokens.get(at + 1).is_some_and(|next| next.text == "::");
        if token.text == "use" {
            at = tree(tokens, at + 1, &[], &mut found);
        } else if is_word(token.text) && next_is_colons {
            at = tree(tokens, at, &[], &mut found);
        } else {
            at += 1;
        }
    }
    found
}

fn is_word(text: &str) -> bool {
    text.starts_with(|c: char| c.is_alphabetic() || c == '_')
}

/// Reads a tree of a `use`, or a path, from `at` on; gives where it ends.
fn tree<'a>(tokens: &[Token<'a>], mut at: usize, prefix: &[&'a str], found: &mut Vec<Named<'a>>) -> usize {
    let mut parts = prefix.to_vec();
    let text = |at: usize| tokens.get(at).map_or("", |token| token.text);
    loop {
        let line = tokens.get(at).map_or(0, |token| token.line);
        match text(at) {
            "::" => at += 1,
            "{" => {
                at += 1;
                while !matches!(text(at), "}" | "") {
                    at = tree(tokens, at, &parts, found).max(at + 1);
                    at += usize::from(text(at) == ",");
                }
                return at + 1;
            }
            word if is_word(word) => {
                parts.push(word);
                at += 1;
                if text(at) != "::" {
                    found.push(Named { parts, line });
                    return if text(at) == "as" { at + 2 } else { at };
                }
            }
            other => {
                // `*`, or the `<` of `Vec::<u8>`: what was read so far is the path.
                if !parts.is_empty() {
                    found.push(Named { parts, line });
                }
                return at + usize::from(other == "*");
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(text: &str) -> Vec<String> {
        paths(&tokens(text)).iter().map(|path| path.parts.join("::")).collect()
    }

    #[test]
    fn groups_are_spelled_out() {
        assert_eq!(
            named("use crate::{auth::Scope, store::{self, Tx as T}}; use a::*; use {b, ::c::d};"),
            ["crate::auth::Scope", "crate::store::self", "crate::store::Tx", "a", "b", "c::d"]
        );
    }

    #[test]
    fn paths_in_expressions_types_and_attributes_are_seen() {
        assert_eq!(
            named("#[derive(a::B)] pub(crate) fn f(x: ::c::D) -> Vec<e::F> { crate::g::h::<u8>(i.j, $crate::k!()) }"),
            ["a::B", "c::D", "e::F", "crate::g::h", "crate::k"]
        );
    }

    #[test]
    fn comments_literals_and_lifetimes_are_not_code() {
        let text = r##"
            //! [a](crate::a::b)
            /* crate::c::d /* nested */ crate::e::f */
            fn f<'x>(s: &'x str) {
                let _ = ("crate::g::\"h", r#"crate::i::"j"#, b"crate::k::l", '"', '\'', b'"', 'é');
                m::n()
            }
        "##;
        assert_eq!(named(text), ["m::n"]);
        assert_eq!(paths(&tokens(text))[0].line, 6);
    }

    #[test]
    fn patterns_fit_as_git_has_them() {
        assert!(fits("onefold.db*", "onefold.db-wal") && fits("*.snap.new", "a.snap.new") && fits("target", "target"));
        assert!(!fits("target", "targets") && !fits("*.snap.new", "a.snap"));
    }
}
