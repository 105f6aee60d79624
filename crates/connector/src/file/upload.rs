//! A file as it was handed over: its format is told from its bytes, and its rows are given one after the other.

use super::{BadRow, FileError, FileSetup, Row, decode, jsonl, parquet, read_rows, vcard, workbook};
use crate::manifest::file::FileFormat;
use bytes::Bytes;
use std::io::BufRead;
use std::ops::ControlFlow;
use std::sync::Arc;

/// A file. Cheap to clone.
#[derive(Clone)]
pub struct Upload {
    content: Content,
    format: FileFormat,
}

/// Opens a file at its beginning, as often as it is asked to.
type Opens = dyn Fn() -> std::io::Result<Box<dyn BufRead + Send>> + Send + Sync;

#[derive(Clone)]
enum Content {
    Bytes(Bytes),
    Lines(Arc<Opens>),
}

/// What is found in a file: what it is like, once, and then its rows.
#[derive(Debug)]
pub enum Found {
    /// What was found out about it.
    Setup(FileSetup),
    /// A row.
    Row(Row),
    /// A row that does not read.
    Bad(BadRow),
}

/// Takes what is found, and says whether to go on.
pub(super) type Sink<'s> = &'s mut dyn FnMut(Found) -> ControlFlow<()>;

impl Upload {
    /// Tells the format, and refuses what would unpack to more than may be read.
    ///
    /// # Errors
    /// Nothing in it, no format that is known, or too much.
    pub fn open(bytes: Vec<u8>) -> Result<Self, FileError> {
        let bytes = Bytes::from(bytes);
        let format = match bytes.get(..4) {
            Some(b"PK\x03\x04") => {
                workbook::check_size(&bytes)?;
                FileFormat::Workbook
            }
            // What Excel wrote before 2007, and what it writes where there is a password.
            Some(b"\xd0\xcf\x11\xe0") => return Err(FileError::Workbook),
            Some(b"PAR1") => FileFormat::Parquet,
            _ => text_format(&bytes)?,
        };
        Ok(Self { content: Content::Bytes(bytes), format })
    }

    /// A file of lines of JSON that is read as it is needed, once for its first rows and once for all.
    pub fn lines(opens: impl Fn() -> std::io::Result<Box<dyn BufRead + Send>> + Send + Sync + 'static) -> Self {
        Self { content: Content::Lines(Arc::new(opens)), format: FileFormat::JsonLines }
    }

    /// Whether a file that begins so is one of lines of JSON, in UTF-8.
    pub fn begins_lines(start: &[u8]) -> bool {
        let text = match std::str::from_utf8(start) {
            Ok(text) => text,
            // The last letter may be cut.
            Err(error) if error.error_len().is_none() => {
                std::str::from_utf8(&start[..error.valid_up_to()]).unwrap_or_default()
            }
            Err(_) => return false,
        };
        text.trim_start_matches(|c: char| c.is_whitespace() || c == '\u{feff}').starts_with('{')
    }

    /// How rows stand in it.
    pub fn format(&self) -> FileFormat {
        self.format
    }

    /// The sheets that can be seen, in order; none where it is no workbook.
    ///
    /// # Errors
    /// The workbook cannot be opened.
    pub fn sheets(&self) -> Result<Vec<String>, FileError> {
        match &self.content {
            Content::Bytes(bytes) if self.format == FileFormat::Workbook => workbook::sheets(bytes),
            Content::Bytes(_) | Content::Lines(_) => Ok(Vec::new()),
        }
    }

    /// Gives what is found, until the end or until the sink breaks off. `sheet` is that of a workbook; without it the
    /// first one is read.
    ///
    /// # Errors
    /// The file as a whole cannot be read. What was given before stays valid.
    pub fn each_row(
        &self,
        sheet: Option<&str>,
        sink: &mut dyn FnMut(Found) -> ControlFlow<()>,
    ) -> Result<(), FileError> {
        let bytes = match &self.content {
            Content::Bytes(bytes) => bytes,
            Content::Lines(opens) => return jsonl::each_row(opens().map_err(|_| FileError::Damaged)?, sink),
        };
        match self.format {
            FileFormat::Workbook => workbook::each_row(bytes, sheet, sink),
            FileFormat::Parquet => parquet::each_row(bytes, sink),
            FileFormat::Cards => vcard::each_row(&decode(bytes)?.0, sink),
            FileFormat::Csv | FileFormat::JsonLines => each_text_row(&decode(bytes)?.0, self.format, sink),
        }
    }
}

impl std::fmt::Debug for Upload {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("Upload").field("format", &self.format).finish_non_exhaustive()
    }
}

fn text_format(bytes: &[u8]) -> Result<FileFormat, FileError> {
    let (text, _) = decode(bytes)?;
    let start = text.trim_start_matches(|c: char| c.is_whitespace() || c == '\u{feff}');
    let is_card = start.get(..11).is_some_and(|start| start.eq_ignore_ascii_case("BEGIN:VCARD"));
    if is_card {
        return Ok(FileFormat::Cards);
    }
    Ok(if start.starts_with('{') { FileFormat::JsonLines } else { FileFormat::Csv })
}

fn each_text_row(text: &str, format: FileFormat, sink: Sink<'_>) -> Result<(), FileError> {
    let rows = read_rows(text, Some(format))?;
    let mut go_on = sink(Found::Setup(rows.setup.clone()));
    for row in rows {
        if go_on.is_break() {
            break;
        }
        go_on = sink(row.map_or_else(Found::Bad, Found::Row));
    }
    Ok(())
}
