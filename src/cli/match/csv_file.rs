//! Tables that are written for people: what a spreadsheet program would take for a formula is made text in every cell.

use super::error::MatchError;
use onefold_connector::neutral_cell;
use std::fs::File;
use std::path::Path;

/// A file of comma-separated values that is being written.
pub(super) struct CsvFile<'p> {
    path: &'p Path,
    writer: csv::Writer<File>,
}

impl<'p> CsvFile<'p> {
    pub(super) fn create(path: &'p Path, header: &[&str]) -> Result<Self, MatchError> {
        let writer = csv::Writer::from_path(path);
        let writer = writer.map_err(|source| MatchError::WriteCsv { path: path.to_owned(), source })?;
        let mut file = Self { path, writer };
        file.row(header)?;
        Ok(file)
    }

    pub(super) fn row(&mut self, cells: &[&str]) -> Result<(), MatchError> {
        let mut write = || {
            for cell in cells {
                self.writer.write_field(neutral_cell(cell).as_bytes())?;
            }
            self.writer.write_record(None::<&[u8]>)
        };
        write().map_err(|source| MatchError::WriteCsv { path: self.path.to_owned(), source })
    }

    pub(super) fn finish(mut self) -> Result<(), MatchError> {
        self.writer.flush().map_err(|source| MatchError::Write { path: self.path.to_owned(), source })
    }
}
