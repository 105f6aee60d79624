//! Files as tables: delimited text, JSON lines, Parquet and the first sheet of a workbook. What a file is, is told from its bytes.
//!
//! Encoding, delimiter and header are found as for an import. A row that is too short or too long is taken as far as it
//! goes. Does not know what columns mean.

use super::error::MatchError;
use chrono::{DateTime, NaiveDate, TimeDelta};
use onefold_connector::{FileError, FileFormat, Found, Upload, decode, read_rows};
use onefold_matching::Table;
use parquet::file::reader::{FileReader, SerializedFileReader};
use parquet::record::Field;
use serde_json::Value;
use std::borrow::Cow;
use std::ops::ControlFlow;
use std::path::Path;

/// Reads a file.
pub(super) fn table(path: &Path) -> Result<Table, MatchError> {
    let bytes = std::fs::read(path).map_err(|source| MatchError::Read { path: path.to_owned(), source })?;
    if bytes.starts_with(b"PAR1") {
        drop(bytes);
        return parquet_table(path);
    }
    let failed = |source| MatchError::Text { path: path.to_owned(), source };
    if bytes.starts_with(b"PK") {
        let mut rows = Vec::new();
        let upload = Upload::open(bytes).map_err(failed)?;
        let read = upload.each_row(None, &mut |found| {
            if let Found::Row(row) = found {
                rows.push(row.raw);
            }
            ControlFlow::Continue(())
        });
        return read.map(|()| json_table(&rows)).map_err(failed);
    }
    let (text, _) = decode(&bytes).map_err(failed)?;
    let setup = {
        let rows = read_rows(&text, None).map_err(failed)?;
        match rows.setup.format {
            FileFormat::JsonLines | FileFormat::Workbook | FileFormat::Cards | FileFormat::Parquet => {
                return Ok(json_table(&rows.filter_map(Result::ok).map(|row| row.raw).collect::<Vec<_>>()));
            }
            FileFormat::Csv => rows.setup,
        }
    };
    let before = text.len() - from_line(&text, setup.header_line).len();
    // Text that is the file's own bytes is not copied: a large file is in memory once.
    let mut text = match text {
        Cow::Owned(text) => text,
        Cow::Borrowed(text) => {
            let mark = bytes.len() - text.len();
            let mut text = String::from_utf8(bytes).map_err(|_| failed(FileError::NotText))?;
            text.drain(..mark);
            text
        }
    };
    text.drain(..before);
    let delimiter = u8::try_from(setup.delimiter).unwrap_or(b',');
    Ok(Table::of_delimited(text, delimiter, Some(setup.header)))
}

/// The text from a line on, counted from 1.
fn from_line(text: &str, line: u64) -> &str {
    let before = usize::try_from(line.saturating_sub(1)).unwrap_or(usize::MAX);
    let ends = text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n').map(|(at, _)| at + 1);
    let start = if before == 0 { 0 } else { ends.take(before).last().unwrap_or(0) };
    &text[start..]
}

fn json_table(rows: &[Value]) -> Table {
    let mut header: Vec<String> = Vec::new();
    for key in rows.iter().filter_map(Value::as_object).flat_map(serde_json::Map::keys) {
        if !header.contains(key) {
            header.push(key.clone());
        }
    }
    let mut table = Table::new(header.clone());
    for row in rows {
        let cell = |key: &String| match row.get(key) {
            None | Some(Value::Null) => String::new(),
            Some(Value::String(text)) => text.clone(),
            Some(other) => other.to_string(),
        };
        let cells: Vec<String> = header.iter().map(cell).collect();
        table.push(cells.iter().map(String::as_str));
    }
    table
}

fn parquet_table(path: &Path) -> Result<Table, MatchError> {
    let file = std::fs::File::open(path).map_err(|source| MatchError::Read { path: path.to_owned(), source })?;
    parquet_rows(file).map_err(|source| MatchError::Parquet { path: path.to_owned(), source })
}

fn parquet_rows(file: std::fs::File) -> Result<Table, parquet::errors::ParquetError> {
    let reader = SerializedFileReader::new(file)?;
    let schema = reader.metadata().file_metadata().schema_descr().root_schema();
    let mut table = Table::new(schema.get_fields().iter().map(|field| field.name().to_owned()).collect());
    let mut cells: Vec<String> = Vec::new();
    for row in reader.get_row_iter(None)? {
        cells.clear();
        cells.extend(row?.get_column_iter().map(|(_, field)| text_of(field)));
        table.push(cells.iter().map(String::as_str));
    }
    Ok(table)
}

/// A value as it would stand in a delimited file.
fn text_of(field: &Field) -> String {
    match field {
        Field::Null => String::new(),
        Field::Str(text) => text.clone(),
        Field::Bytes(bytes) => String::from_utf8_lossy(bytes.data()).into_owned(),
        Field::Date(days) => NaiveDate::default()
            .checked_add_signed(TimeDelta::days(i64::from(*days)))
            .map_or_else(String::new, |day| day.to_string()),
        Field::TimestampMillis(millis) => moment(DateTime::from_timestamp_millis(*millis)),
        Field::TimestampMicros(micros) => moment(DateTime::from_timestamp_micros(*micros)),
        // Whole numbers, also those that pandas made fractions of because a value was missing.
        Field::Double(number) if number.fract() == 0.0 && number.abs() < 1e15 => format!("{number:.0}"),
        Field::Float(number) if number.fract() == 0.0 && number.abs() < 1e7 => format!("{number:.0}"),
        other => other.to_string(),
    }
}

fn moment(time: Option<DateTime<chrono::Utc>>) -> String {
    time.map_or_else(String::new, |time| time.to_rfc3339_opts(chrono::SecondsFormat::AutoSi, true))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(name: &str, content: &[u8]) -> Table {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(name);
        std::fs::write(&path, content).unwrap();
        table(&path).unwrap()
    }

    #[test]
    fn delimiter_header_and_encoding_are_found() {
        for text in [
            "a,b\n1,Gr\u{fc}n\n",
            "a;b\n1;Gr\u{fc}n\n",
            "\n# export\na\tb\n1\tGr\u{fc}n\n\t\n",
            "a|b\r\n1|Gr\u{fc}n\r\n",
        ] {
            let table = read("a.csv", text.as_bytes());
            assert_eq!(table.header(), ["a", "b"], "{text:?}");
            assert_eq!((table.len(), table.cell(0, 0), table.cell(0, 1)), (1, "1", "Gr\u{fc}n"), "{text:?}");
        }
        assert_eq!(read("a.csv", b"a;b\n1;Gr\xfcn\n").cell(0, 1), "Gr\u{fc}n", "Windows-1252");
    }

    #[test]
    fn json_lines_are_rows_too() {
        let table = read("a.jsonl", b"{\"id\": 7, \"name\": \"Ada\"}\n{\"name\": null, \"born\": 1815}\n");
        assert_eq!(table.header(), ["id", "name", "born"]);
        assert_eq!((table.cell(0, 0), table.cell(1, 1), table.cell(1, 2)), ("7", "", "1815"));
    }
}
