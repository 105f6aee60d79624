//! One JSON object a line.

use super::upload::Sink;
use super::{BadRow, FileError, FileSetup, Found, Row};
use crate::manifest::file::FileFormat;
use serde_json::{Value, json};
use std::io::{BufRead, Read};

/// Bytes of the longest line that is read.
const MAX_LINE: usize = 64 * 1024 * 1024;

#[derive(Debug)]
pub(crate) struct JsonRows<'t> {
    lines: std::iter::Enumerate<std::str::Lines<'t>>,
}

pub(crate) fn open(text: &str) -> JsonRows<'_> {
    JsonRows { lines: text.lines().enumerate() }
}

impl JsonRows<'_> {
    pub(crate) fn next(&mut self) -> Option<Result<Row, BadRow>> {
        let (index, text) = self.lines.by_ref().find(|(_, text)| !text.trim().is_empty())?;
        Some(row(index as u64 + 1, text).map_err(|bad| *bad))
    }
}

/// The object that stands in a line.
fn row(line: u64, text: &str) -> Result<Row, Box<BadRow>> {
    match serde_json::from_str::<Value>(text) {
        Ok(raw @ Value::Object(_)) => Ok(Row { line, raw }),
        Ok(_) => Err(bad(line, text, None, "expected an object")),
        Err(error) => Err(bad(line, text, Some(error.column().to_string()), "not valid JSON")),
    }
}

fn bad(line: u64, text: &str, column: Option<String>, reason: &str) -> Box<BadRow> {
    let raw = json!({ "line": line, "text": text });
    Box::new(BadRow { line, column, reason: reason.to_owned(), code: "not_json", raw })
}

/// Gives the rows of lines that are read as they are needed, so that memory holds one line, however many there are.
pub(super) fn each_row(mut lines: impl BufRead, sink: Sink<'_>) -> Result<(), FileError> {
    if sink(Found::Setup(setup())).is_break() {
        return Ok(());
    }
    let (mut line, mut bytes) = (0, Vec::new());
    loop {
        bytes.clear();
        let most = MAX_LINE as u64 + 1;
        let length = lines.by_ref().take(most).read_until(b'\n', &mut bytes).map_err(|_| FileError::Damaged)?;
        if length == 0 {
            return Ok(());
        }
        line += 1;
        if length > MAX_LINE {
            return Err(FileError::LongLine(line));
        }
        let whole = if line == 1 { bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&bytes) } else { &bytes };
        let found = match std::str::from_utf8(whole).map(str::trim_end) {
            Ok(text) if text.trim().is_empty() => continue,
            Ok(text) => row(line, text),
            Err(_) => Err(bad(line, &String::from_utf8_lossy(whole), None, "not UTF-8, which JSON always is")),
        };
        if sink(found.map_or_else(|bad| Found::Bad(*bad), Found::Row)).is_break() {
            return Ok(());
        }
    }
}

/// What a file of lines is like.
pub(super) fn setup() -> FileSetup {
    FileSetup { delimiter: '\n', ..FileSetup::of(FileFormat::JsonLines, Vec::new()) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::file::Upload;
    use std::ops::ControlFlow;

    fn found(read: impl FnOnce(Sink<'_>) -> Result<(), FileError>) -> Vec<String> {
        let mut all = Vec::new();
        read(&mut |found| {
            all.push(format!("{found:?}"));
            ControlFlow::Continue(())
        })
        .unwrap();
        all
    }

    #[test]
    fn lines_that_come_are_read_as_lines_in_memory() {
        let bytes = "\u{feff}{\"a\": 1}\r\n\n  \n{\"b\": \"ü\"}\n[1]\n{\"c\": }\n{\"last\": true}";
        assert!(Upload::begins_lines(bytes.as_bytes()) && Upload::begins_lines(&bytes.as_bytes()[..25]));
        let whole = Upload::open(bytes.as_bytes().to_vec()).unwrap();
        let parts = Upload::lines(move || Ok(Box::new(bytes.as_bytes())));
        assert_eq!(found(|sink| whole.each_row(None, sink)), found(|sink| parts.each_row(None, sink)));
        // And again from the beginning.
        assert_eq!(found(|sink| parts.each_row(None, sink)).len(), 6);
    }

    #[test]
    fn a_line_in_another_encoding_is_a_bad_row_and_the_next_one_is_read() {
        let rows = found(|sink| each_row(&b"{\"a\": \"\xfc\"}\n{\"b\": 2}\n"[..], sink));
        assert!(rows[1].starts_with("Bad(") && rows[1].contains("not UTF-8"), "{rows:?}");
        assert!(rows[2].starts_with("Row("), "{rows:?}");
        assert!(!Upload::begins_lines(b"{\"a\": \"\xfc\"}") && !Upload::begins_lines(b"a;b\n"));
    }

    #[test]
    fn a_line_without_an_end_is_no_reason_to_hold_it() {
        let endless = std::io::BufReader::new(std::io::repeat(b'x'));
        let read = each_row(endless, &mut |_| ControlFlow::Continue(()));
        assert!(matches!(read, Err(FileError::LongLine(1))), "{read:?}");
    }
}
