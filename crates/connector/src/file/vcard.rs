//! Address cards: vCard 2.1, 3.0 (RFC 2426) and 4.0 (RFC 6350), one or many in a file.
//!
//! A card becomes an object: `FN`, `N` with its parts, `EMAIL`, `TEL` and `ADR` as lists with the preferred one first,
//! and every other property as a list of texts under its name. Lines are unfolded, escapes and quoted-printable are
//! undone. Pictures, sounds and keys are left out. A card without `UID` is known by its name and first address, so that
//! a changed card is the same card again.

mod card;
mod line;

use super::upload::{Found, Sink};
use super::{BadRow, FileError, FileSetup, Row};
use crate::manifest::file::FileFormat;
use line::{Lines, Property};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// The text of a card without its pictures.
const CARD_BYTES: usize = 1 << 20;

pub(super) fn each_row(text: &str, sink: Sink<'_>) -> Result<(), FileError> {
    if text.trim().is_empty() {
        return Err(FileError::Empty);
    }
    let mut go_on = sink(Found::Setup(FileSetup::of(FileFormat::Cards, Vec::new())));
    let mut lines = Lines::of(text);
    let mut seen: BTreeMap<String, u32> = BTreeMap::new();
    while go_on.is_continue() {
        let Some(first) = lines.next() else { break };
        let found = if first.is("BEGIN", "VCARD") {
            read_card(&first, &mut lines, &mut seen)
        } else {
            Found::Bad(bad(first.line, "no_card", "a line that belongs to no card"))
        };
        go_on = sink(found);
    }
    Ok(())
}

fn bad(line: u64, code: &'static str, reason: &str) -> BadRow {
    BadRow { line, column: None, reason: reason.to_owned(), code, raw: json!({ "line": line }) }
}

/// The properties up to the end of the card. What a card says about an agent, another card within it, is left out.
fn read_card(begin: &Property, lines: &mut Lines<'_>, seen: &mut BTreeMap<String, u32>) -> Found {
    let mut properties = Vec::new();
    let (mut depth, mut size) = (1, 0);
    for property in lines.by_ref() {
        if property.is("BEGIN", "VCARD") {
            depth += 1;
        } else if property.is("END", "VCARD") {
            depth -= 1;
            if depth == 0 {
                return finish(begin.line, size, properties, seen);
            }
        } else if depth == 1 && !property.is_binary() {
            size += property.value.len();
            if size <= CARD_BYTES {
                properties.push(property);
            }
        }
    }
    Found::Bad(bad(begin.line, "unfinished_card", "the card has no end: END:VCARD is missing"))
}

fn finish(line: u64, size: usize, properties: Vec<Property>, seen: &mut BTreeMap<String, u32>) -> Found {
    if size > CARD_BYTES {
        return Found::Bad(bad(line, "row_too_large", &format!("the card holds more than {CARD_BYTES} bytes")));
    }
    let mut raw = card::read(properties);
    let key = card::key(&raw);
    // Two cards that cannot be told apart must not overwrite each other.
    let count = seen.entry(key.clone()).or_default();
    *count += 1;
    let key = if *count == 1 { key } else { format!("{key} ({count})") };
    raw.insert("KEY".to_owned(), Value::from(key));
    Found::Row(Row { line, raw: Value::Object(raw) })
}
