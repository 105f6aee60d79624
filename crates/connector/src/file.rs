//! Files: exports that people have, read row by row.
//!
//! Promises: format, encoding, delimiter and header are found; a row that does not read is named by its place and the rest
//! goes on, even after a quote that nobody closed; nothing of a row is guessed; a formula is never computed, the value
//! that was stored with it is read; a file that would unpack to more than fits is refused before it is read.
//! Does not do: open files. Text and bytes are handed in.

pub(crate) mod csv;
pub(crate) mod encoding;
pub(crate) mod header;
pub(crate) mod jsonl;
mod parquet;
mod place;
mod propose;
mod upload;
mod vcard;
mod workbook;

pub use encoding::{Encoding, decode};
pub use place::neutral_cell;
pub use propose::{Proposal, propose, row_key};
pub use upload::{Found, Upload};

use crate::manifest::file::FileFormat;
use serde_json::Value;

/// Why a file cannot be read at all.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FileError {
    /// Nothing in it.
    #[error("the file is empty")]
    Empty,
    /// Bytes that are no text in any encoding that is looked for.
    #[error("the file is not text: export it as CSV or as one JSON object a line")]
    NotText,
    /// No line with the names of the columns.
    #[error("the file has no header: the first line must name the columns")]
    NoHeader,
    /// A workbook that cannot be opened.
    #[error("the workbook does not open: save it as .xlsx, without a password")]
    Workbook,
    /// No such sheet.
    #[error("there is no sheet {name:?}; the workbook has: {known}")]
    Sheet {
        /// As asked for.
        name: String,
        /// Those that there are.
        known: String,
    },
    /// A Parquet file that cannot be read.
    #[error("the Parquet file does not read: it is damaged, or written in a way that is not supported")]
    Parquet,
    /// Reading it came to no end that was foreseen.
    #[error("the file does not read: it is damaged")]
    Damaged,
    /// It would unpack to more than may be read.
    #[error("the file would unpack to more than {0} MiB: split it")]
    TooLarge(u64),
    /// A line without an end.
    #[error("line {0} is longer than 64 MiB: one JSON object a line is expected")]
    LongLine(u64),
    /// The connector does not read this format.
    #[error("the connector does not read this format of file")]
    Format,
}

/// What was found out about a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileSetup {
    /// How rows stand in it.
    pub format: FileFormat,
    /// What stands between values.
    pub delimiter: char,
    /// The names of the columns; empty for JSON lines.
    pub header: Vec<String>,
    /// The line that they stand in.
    pub header_line: u64,
    /// The sheet, of a workbook.
    pub sheet: Option<String>,
    /// The column that the header begins in, from 0; other than 0 only in a sheet.
    pub first_column: u32,
}

/// A row.
#[derive(Debug, Clone, PartialEq)]
pub struct Row {
    /// The line that it begins in, from 1.
    pub line: u64,
    /// Its values by column.
    pub raw: Value,
}

/// A row that does not read.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[error("line {line}: {reason}")]
pub struct BadRow {
    /// The line that it begins in, from 1.
    pub line: u64,
    /// The column, where it is one: its name, or its number for JSON lines.
    pub column: Option<String>,
    /// What is wrong. Names columns, never values.
    pub reason: String,
    /// A stable word for the cause.
    pub code: &'static str,
    /// What stands there.
    pub raw: Value,
}

/// The rows of a file, in order.
#[derive(Debug)]
pub struct FileRows<'t> {
    /// What was found out about it.
    pub setup: FileSetup,
    rows: Rows<'t>,
}

#[derive(Debug)]
enum Rows<'t> {
    Csv(csv::CsvRows<'t>),
    JsonLines(jsonl::JsonRows<'t>),
}

/// Opens a text. Without a format it is told from the first character.
///
/// # Errors
/// Nothing in it, no header, or a format that is not one of rows of text: [`Upload`] reads those.
pub fn read_rows(text: &str, format: Option<FileFormat>) -> Result<FileRows<'_>, FileError> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let first = text.trim_start().chars().next().ok_or(FileError::Empty)?;
    let format = format.unwrap_or(if first == '{' { FileFormat::JsonLines } else { FileFormat::Csv });
    match format {
        FileFormat::Csv => {
            let (setup, rows) = csv::open(text)?;
            Ok(FileRows { setup, rows: Rows::Csv(rows) })
        }
        FileFormat::JsonLines => Ok(FileRows { setup: jsonl::setup(), rows: Rows::JsonLines(jsonl::open(text)) }),
        FileFormat::Workbook | FileFormat::Cards | FileFormat::Parquet => Err(FileError::Format),
    }
}

impl Iterator for FileRows<'_> {
    type Item = Result<Row, BadRow>;

    fn next(&mut self) -> Option<Self::Item> {
        match &mut self.rows {
            Rows::Csv(rows) => rows.next(),
            Rows::JsonLines(rows) => rows.next(),
        }
    }
}
