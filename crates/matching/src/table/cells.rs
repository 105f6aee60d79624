//! A table of text: one buffer for all cells, so that a million rows do not cost a dozen million allocations.

use super::ends::Ends;
use std::hint::black_box;

/// Rows under a header. A cell is text as the file had it; one that a row does not have is blank.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Table {
    header: Vec<String>,
    text: String,
    /// Where the text of each row begins.
    rows: Vec<usize>,
    /// Where each cell ends, from the beginning of its row; as many for each row as there are columns.
    ends: Ends,
}

impl Table {
    /// A table without rows.
    pub fn new(header: Vec<String>) -> Self {
        Self { header, text: String::new(), rows: Vec::new(), ends: Ends::default() }
    }

    /// A table of text that is already together: see the fields.
    pub(super) fn of_parts(header: Vec<String>, text: String, rows: Vec<usize>, ends: Ends) -> Self {
        Self { header, text, rows, ends }
    }

    /// Adds a row. Cells past the header are dropped, missing ones are blank; so is what stands more than 4 GiB into a row.
    pub fn push<'c>(&mut self, cells: impl IntoIterator<Item = &'c str>) {
        let start = self.text.len();
        self.rows.push(start);
        let mut cells = cells.into_iter();
        for _ in 0..self.header.len() {
            let before = self.text.len();
            self.text.push_str(cells.next().unwrap_or_default());
            let end = u32::try_from(self.text.len() - start);
            if end.is_err() {
                self.text.truncate(before);
            }
            self.ends.push(end.unwrap_or(u32::try_from(before - start).unwrap_or(u32::MAX)));
        }
    }

    /// The names of the columns.
    pub fn header(&self) -> &[String] {
        &self.header
    }

    /// How many rows there are.
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// A cell without the blanks around it; blank where there is none.
    pub fn cell(&self, row: usize, column: usize) -> &str {
        let Some(&start) = self.rows.get(row).filter(|_| column < self.header.len()) else { return "" };
        let cell = row * self.header.len() + column;
        let from = if column == 0 { 0 } else { self.ends.get(cell - 1) as usize };
        trimmed(&self.text[start + from..start + self.ends.get(cell) as usize])
    }

    /// Asks for the memory that reading these rows will want, for all of them at once. Changes nothing.
    pub(super) fn fetch(&self, rows: &[u32]) {
        let columns = self.header.len();
        let of_row = |row: u32| {
            let row = row as usize;
            let ends = self.ends.get(row * columns) ^ self.ends.get(row * columns + columns.saturating_sub(1));
            (self.rows.get(row).copied().unwrap_or(0), ends)
        };
        black_box(rows.iter().map(|row| of_row(*row)).fold((0, 0), |seen, of| (seen.0 ^ of.0, seen.1 ^ of.1)));
        let bytes = self.text.as_bytes();
        let text = |&row: &u32| {
            let (start, end) = (self.rows.get(row as usize), self.rows.get(row as usize + 1));
            let (start, end) = (start.copied().unwrap_or(0), end.copied().unwrap_or(bytes.len()));
            // Two of the lines of memory on which a row stands; the processor asks for the one between them by itself.
            [start, end.saturating_sub(1)].map(|at| bytes.get(at).copied().unwrap_or(0))
        };
        black_box(rows.iter().map(text).fold(0, |seen, [first, last]| seen ^ first ^ last));
    }

    /// All text of a row.
    pub(super) fn row_text(&self, row: usize) -> &str {
        let end = self.rows.get(row + 1).copied().unwrap_or(self.text.len());
        &self.text[self.rows[row]..end]
    }
}

/// As [`str::trim`], which most cells do not need: that is told from their first and last byte.
#[inline]
fn trimmed(cell: &str) -> &str {
    match cell.as_bytes() {
        [] | [b'!'..=b'~'] | [b'!'..=b'~', .., b'!'..=b'~'] => cell,
        _ => cell.trim(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_come_back_and_missing_ones_are_blank() {
        let mut table = Table::new(vec!["a".to_owned(), "b".to_owned()]);
        table.push([" x ", "y", "too many"]);
        table.push(["z"]);
        table.push([]);
        let cells = |row| [table.cell(row, 0), table.cell(row, 1), table.cell(row, 2)];
        assert_eq!((table.len(), cells(0), cells(1)), (3, ["x", "y", ""], ["z", "", ""]));
        assert_eq!((cells(2), cells(9)), (["", "", ""], ["", "", ""]));
    }
}
