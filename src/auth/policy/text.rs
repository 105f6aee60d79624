//! The text of a policy file: where its statements begin and where a name stands.
//!
//! Cedar reads the policies; this finds places for messages, and cuts a file into statements so that a mistake in one
//! does not hide those in the others.

/// One policy in a file, up to and with its semicolon.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Statement<'a> {
    /// Where the text begins in the file, in bytes.
    pub(super) offset: usize,
    /// Where its first word begins in the file, in bytes.
    pub(super) start: usize,
    /// The text, with the comments before it.
    pub(super) text: &'a str,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Token<'a> {
    Word(&'a str),
    /// What stands between the quotes, escapes unread.
    Quoted(&'a str),
    /// `::`
    PathSeparator,
    Semicolon,
    Other,
}

/// The statements of a file. What follows the last semicolon is one too, if it is not only comments.
pub(super) fn statements(file: &str) -> Vec<Statement<'_>> {
    let mut statements = Vec::new();
    let mut offset = 0;
    let mut start = None;
    for (at, end, token) in tokens(file) {
        let first = *start.get_or_insert(at);
        if token == Token::Semicolon {
            statements.push(Statement { offset, start: first, text: &file[offset..end] });
            offset = end;
            start = None;
        }
    }
    if let Some(start) = start {
        statements.push(Statement { offset, start, text: &file[offset..] });
    }
    statements
}

/// Where `path::"id"` stands in a text, in bytes.
pub(super) fn find_entity(text: &str, path: &str, id: &str) -> Option<usize> {
    let mut begin = 0;
    let mut spelled = String::new();
    for (at, _, token) in tokens(text) {
        match token {
            Token::Word(word) => {
                if !spelled.ends_with("::") {
                    spelled.clear();
                    begin = at;
                }
                spelled.push_str(word);
            }
            Token::PathSeparator => spelled.push_str("::"),
            Token::Quoted(found) if found == id && spelled.strip_suffix("::") == Some(path) => return Some(begin),
            Token::Quoted(_) | Token::Semicolon | Token::Other => spelled.clear(),
        }
    }
    None
}

/// Where the annotation `@name` stands in a text, in bytes.
pub(super) fn find_annotation(text: &str, name: &str) -> Option<usize> {
    let mut before = None;
    for (at, end, token) in tokens(text) {
        if token == Token::Word(name) && before.is_some_and(|at: usize| text[at..].starts_with('@')) {
            return before;
        }
        before = (end == at + 1).then_some(at);
    }
    None
}

/// Where a word stands in a text after another, in bytes: `resource` in the head of a policy is not that of its condition.
pub(super) fn find_word_after(text: &str, word: &str, after: &[&str]) -> Option<usize> {
    let mut is_after = false;
    for (at, _, token) in tokens(text) {
        match token {
            Token::Word(found) if is_after && found == word => return Some(at),
            Token::Word(found) if after.contains(&found) => is_after = true,
            Token::Word(_) | Token::Quoted(_) | Token::PathSeparator | Token::Semicolon | Token::Other => {}
        }
    }
    None
}

/// Line and column of a place, both from 1; the column counts characters.
pub(super) fn position(file: &str, offset: usize) -> (usize, usize) {
    let before = file.get(..offset).unwrap_or(file);
    let line = before.matches('\n').count() + 1;
    let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
    (line, column)
}

/// Words, texts and signs with where they begin and end; comments and white space are left out.
fn tokens(text: &str) -> impl Iterator<Item = (usize, usize, Token<'_>)> {
    let mut at = 0;
    std::iter::from_fn(move || {
        loop {
            let rest = &text[at..];
            let first = rest.chars().next()?;
            if first.is_whitespace() {
                at += first.len_utf8();
            } else if rest.starts_with("//") {
                at += rest.find('\n').unwrap_or(rest.len());
            } else {
                break;
            }
        }
        let begin = at;
        let rest = &text[begin..];
        let word = rest.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(rest.len());
        let (length, token) = if word > 0 {
            (word, Token::Word(&rest[..word]))
        } else if let Some(quoted) = rest.strip_prefix('"') {
            let inner = quoted_length(quoted);
            ((inner + 2).min(rest.len()), Token::Quoted(&quoted[..inner]))
        } else if rest.starts_with("::") {
            (2, Token::PathSeparator)
        } else if rest.starts_with(';') {
            (1, Token::Semicolon)
        } else {
            (rest.chars().next().map_or(1, char::len_utf8), Token::Other)
        };
        at = begin + length;
        Some((begin, at, token))
    })
}

/// The length of a text up to its closing quote, or to the end if it has none.
fn quoted_length(quoted: &str) -> usize {
    let mut escaped = false;
    for (at, c) in quoted.char_indices() {
        match c {
            '"' if !escaped => return at,
            _ => escaped = c == '\\' && !escaped,
        }
    }
    quoted.len()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn signs_in_comments_and_texts_do_not_end_a_statement() {
        let file = "// one; two\n@id(\"a;\\\";\") permit (principal, action, resource);\n  forbid // ;\n;\n// end;\n";
        let found: Vec<&str> = statements(file).iter().map(|statement| &file[statement.start..][..6]).collect();
        assert_eq!(found, ["@id(\"a", "forbid"]);
        assert_eq!(statements("permit").len(), 1);
        assert_eq!(statements(" // only a comment").len(), 0);
    }

    #[test]
    fn a_name_is_found_with_spaces_and_not_in_comments() {
        let text = "// Onefold::Field::\"A.b\"\n resource == Onefold :: Field::\"A.b\" || X::Field::\"A.c\"";
        assert_eq!(find_entity(text, "Onefold::Field", "A.b"), Some(text.rfind("Onefold").unwrap()));
        assert_eq!(find_entity(text, "Onefold::Field", "A.c"), None);
        assert_eq!(find_entity(text, "Field", "A.b"), None);
    }

    #[test]
    fn an_annotation_is_found() {
        let text = "@id(\"mask\")\n@mask(\"x\") permit";
        assert_eq!(find_annotation(text, "mask"), Some(12));
        assert_eq!(find_annotation(text, "id"), Some(0));
        assert_eq!(find_annotation(text, "x"), None);
    }

    #[test]
    fn places_count_lines_and_characters_from_one() {
        assert_eq!(position("ä\nöx", 0), (1, 1));
        assert_eq!(position("ä\nöx", 5), (2, 2));
        assert_eq!(position("a", 99), (1, 2));
    }

    proptest! {
        #[test]
        fn statements_lose_no_text(file in "[a-z;\"/\\\\ \n@:é]{0,60}") {
            let found = statements(&file);
            let mut at = 0;
            for statement in &found {
                prop_assert_eq!(statement.offset, at);
                at += statement.text.len();
                prop_assert!(statement.start < at && file.is_char_boundary(statement.start));
            }
            let _ = (find_entity(&file, "a::b", "c"), find_annotation(&file, "id"), position(&file, 7));
        }
    }
}
