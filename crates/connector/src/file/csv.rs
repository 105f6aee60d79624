//! Rows of delimited text.

use super::{BadRow, FileError, FileSetup, Row};
use crate::manifest::file::FileFormat;
use csv::{Reader, ReaderBuilder, StringRecord};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

const DELIMITERS: [char; 4] = [',', ';', '\t', '|'];

/// How many rows are looked at to find delimiter and header.
const SAMPLE: usize = 40;

#[derive(Debug)]
pub(crate) struct CsvRows<'t> {
    text: &'t str,
    reader: Reader<&'t [u8]>,
    delimiter: u8,
    /// Where the reader began.
    offset: usize,
    line: u64,
    header: Vec<String>,
    record: StringRecord,
}

/// Finds delimiter and header.
pub(crate) fn open(text: &str) -> Result<(FileSetup, CsvRows<'_>), FileError> {
    let (mut offset, mut line, declared) = skip_comments(text);
    let rest = &text[offset..];
    if rest.is_empty() {
        return Err(FileError::Empty);
    }
    let delimiter = declared.unwrap_or_else(|| find_delimiter(rest));
    let (start, width) = find_header(rest, delimiter).ok_or(FileError::NoHeader)?;
    line += newlines(&rest[..start]);
    offset += start;
    let mut rows = CsvRows {
        text,
        delimiter: delimiter_byte(delimiter),
        reader: reader(&text[offset..], delimiter_byte(delimiter)),
        offset,
        line,
        header: Vec::with_capacity(width),
        record: StringRecord::new(),
    };
    let mut first = StringRecord::new();
    if !rows.reader.read_record(&mut first).unwrap_or(false) {
        return Err(FileError::NoHeader);
    }
    rows.header = unique(&first);
    let setup = FileSetup { delimiter, header_line: line, ..FileSetup::of(FileFormat::Csv, rows.header.clone()) };
    Ok((setup, rows))
}

fn delimiter_byte(delimiter: char) -> u8 {
    u8::try_from(delimiter).unwrap_or(b',')
}

fn reader(text: &str, delimiter: u8) -> Reader<&[u8]> {
    ReaderBuilder::new().has_headers(false).flexible(true).delimiter(delimiter).from_reader(text.as_bytes())
}

fn newlines(text: &str) -> u64 {
    text.bytes().filter(|byte| *byte == b'\n').count() as u64
}

/// Blank lines, lines that begin with `#`, and the `sep=;` that Excel writes. Returns where the rest begins and its line.
fn skip_comments(text: &str) -> (usize, u64, Option<char>) {
    let (mut offset, mut line, mut delimiter) = (0, 1, None);
    for raw in text.split_inclusive('\n') {
        let trimmed = raw.trim();
        if let Some(declared) = trimmed.strip_prefix("sep=").filter(|_| line == 1) {
            delimiter = declared.chars().next().filter(|c| DELIMITERS.contains(c));
        } else if !trimmed.is_empty() && !trimmed.starts_with('#') {
            break;
        }
        offset += raw.len();
        line += 1;
    }
    (offset, line, delimiter)
}

/// The number of values of each of the first rows.
fn widths(text: &str, delimiter: char) -> Vec<(usize, usize)> {
    let mut reader = reader(text, delimiter_byte(delimiter));
    let mut record = StringRecord::new();
    let mut widths = Vec::new();
    while widths.len() < SAMPLE && reader.read_record(&mut record).unwrap_or(false) {
        let start = record.position().map_or(0, |position| usize::try_from(position.byte()).unwrap_or(0));
        widths.push((start, record.len()));
    }
    widths
}

/// The most frequent width, and how many rows have it. The wider one among equals.
fn usual(widths: &[(usize, usize)]) -> (usize, usize) {
    let mut counts: BTreeMap<usize, usize> = BTreeMap::new();
    for (_, width) in widths {
        *counts.entry(*width).or_default() += 1;
    }
    counts.into_iter().max_by_key(|(width, count)| (*count, *width)).unwrap_or((0, 0))
}

/// The delimiter by which most rows have the same number of values, and more than one.
fn find_delimiter(text: &str) -> char {
    let score = |delimiter: char| {
        let widths = widths(text, delimiter);
        let (width, count) = usual(&widths);
        // Rows in a thousand that have the usual width; a single value a row says nothing.
        if width < 2 { (0, 0) } else { (count * 1000 / widths.len().max(1), width) }
    };
    let mut best = (',', (0, 0));
    for delimiter in DELIMITERS {
        let found = score(delimiter);
        if found > best.1 {
            best = (delimiter, found);
        }
    }
    best.0
}

/// The first row as wide as most are: titles and notes above it are narrower.
fn find_header(text: &str, delimiter: char) -> Option<(usize, usize)> {
    let widths = widths(text, delimiter);
    let (width, _) = usual(&widths);
    widths.into_iter().find(|(_, found)| *found == width && width > 0)
}

/// Names of columns: none is empty, and none occurs twice.
pub(super) fn unique<'n>(header: impl IntoIterator<Item = &'n str>) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    for (i, name) in header.into_iter().enumerate() {
        let name = match name.trim() {
            "" => format!("column {}", i + 1),
            name => name.to_owned(),
        };
        let mut candidate = name.clone();
        let mut count = 1;
        while names.contains(&candidate) {
            count += 1;
            candidate = format!("{name} ({count})");
        }
        names.push(candidate);
    }
    names
}

impl CsvRows<'_> {
    pub(crate) fn next(&mut self) -> Option<Result<Row, BadRow>> {
        loop {
            match self.reader.read_record(&mut self.record) {
                Ok(true) => {}
                // The text is valid UTF-8 and rows may have any width, so nothing else can go wrong.
                Ok(false) | Err(_) => return None,
            }
            if self.record.iter().all(|cell| cell.trim().is_empty()) {
                continue;
            }
            let (start, line) = self.place();
            let end = self.offset + usize::try_from(self.reader.position().byte()).unwrap_or(0);
            let text = self.text[start..end.max(start)].trim_end_matches(['\r', '\n']);
            // Well-formed rows have an even number of quotes. An odd one that runs over lines is a quote that nobody
            // closed, and has swallowed rows that may be good.
            if text.contains('\n') && text.bytes().filter(|byte| *byte == b'"').count() % 2 == 1 {
                return Some(Err(self.unclosed(start, line)));
            }
            let surplus = self.record.iter().skip(self.header.len()).all(|cell| cell.trim().is_empty());
            if self.record.len() == self.header.len() || (self.record.len() > self.header.len() && surplus) {
                return Some(Ok(self.row(line)));
            }
            return Some(Err(self.ragged(line)));
        }
    }

    /// Where the row begins: its offset and its line. Blank lines before it count as its own for the reader.
    fn place(&self) -> (usize, u64) {
        let (start, line) = self.record.position().map_or((self.offset, self.line), |position| {
            let start = usize::try_from(position.byte()).unwrap_or(0);
            (self.offset + start, self.line + position.line() - 1)
        });
        let blank = self.text[start..].len() - self.text[start..].trim_start_matches(['\r', '\n']).len();
        (start + blank, line + newlines(&self.text[start..start + blank]))
    }

    fn row(&self, line: u64) -> Row {
        let mut raw = Map::with_capacity(self.header.len());
        for (name, cell) in self.header.iter().zip(&self.record) {
            raw.insert(name.clone(), Value::from(cell));
        }
        Row { line, raw: Value::Object(raw) }
    }

    /// A row with too few or too many values.
    fn ragged(&self, line: u64) -> BadRow {
        let (found, expected) = (self.record.len(), self.header.len());
        let missing = self.header.get(found);
        let rest = missing.map(|column| format!(": {column:?} and what follows is missing")).unwrap_or_default();
        let reason = format!("{found} values where the header has {expected} columns{rest}");
        let cells: Vec<Value> = self.record.iter().map(Value::from).collect();
        BadRow {
            line,
            column: missing.cloned(),
            reason,
            code: "ragged_row",
            raw: json!({ "line": line, "cells": cells }),
        }
    }

    /// Only the line with the quote is refused; reading goes on behind it.
    fn unclosed(&mut self, start: usize, line: u64) -> BadRow {
        let first = self.text[start..].split_inclusive('\n').next().unwrap_or_default();
        self.offset = start + first.len();
        self.line = line + 1;
        self.reader = reader(&self.text[self.offset..], self.delimiter);
        let cells = [first.trim_end_matches(['\r', '\n'])];
        let reason = "a quote is not closed".to_owned();
        BadRow { line, column: None, reason, code: "unclosed_quote", raw: json!({ "line": line, "cells": cells }) }
    }
}
