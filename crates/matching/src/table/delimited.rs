//! Delimited text (RFC 4180) as a table, in the memory in which the text is.
//!
//! Promises the cells that the `csv` crate reads: quotes count at the beginning of a cell, two of them inside quotes are one,
//! CR and LF end a row, and what is never closed ends with the text. Rows that say nothing are no rows. The text is not copied: what
//! stands between the cells is left out where it stands. Does not find out what the delimiter is.

use super::cells::Table;
use super::ends::Ends;

impl Table {
    /// Reads delimited text. Its first row is the header, in whose place another may be given. Cells past the header are
    /// dropped, missing ones are blank, and rows that say nothing are left out. The delimiter is an ASCII sign; a comma stands
    /// in for any other.
    pub fn of_delimited(text: String, delimiter: u8, header: Option<Vec<String>>) -> Self {
        let begin = if text.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 };
        let delimiter = if delimiter.is_ascii() { delimiter } else { b',' };
        let mut cells = Cells { bytes: text.into_bytes(), delimiter, from: begin, to: 0 };
        let mut names = Vec::new();
        cells.row(usize::MAX, &mut names);
        let header = header.unwrap_or_else(|| {
            let starts = std::iter::once(0).chain(names.iter().copied());
            let name = |(start, end): (u32, &u32)| String::from_utf8_lossy(&cells.bytes[start as usize..*end as usize]);
            starts.zip(&names).map(|place| name(place).into_owned()).collect()
        });
        // The rows are written over the header.
        cells.to = 0;
        let (mut rows, mut ends, mut of_row) = (Vec::new(), Ends::default(), Vec::new());
        loop {
            let start = cells.to;
            of_row.clear();
            if !cells.row(header.len(), &mut of_row) {
                break;
            }
            if is_blank(&cells.bytes[start..cells.to]) {
                cells.to = start;
                continue;
            }
            rows.push(start);
            of_row.resize(header.len(), of_row.last().copied().unwrap_or(0));
            for end in &of_row {
                ends.push(*end);
            }
        }
        let Cells { mut bytes, to, .. } = cells;
        bytes.truncate(to);
        bytes.shrink_to_fit();
        // Only whole ASCII signs were taken out, so it is text as before.
        let text =
            String::from_utf8(bytes).unwrap_or_else(|bytes| String::from_utf8_lossy(bytes.as_bytes()).into_owned());
        Self::of_parts(header, text, rows, ends)
    }
}

/// Whether a row says nothing: there are delimiters alone, or blanks between them.
fn is_blank(row: &[u8]) -> bool {
    let is_plain = row.first().is_some_and(u8::is_ascii_graphic);
    !is_plain && String::from_utf8_lossy(row).trim().is_empty()
}

/// Cells that are moved together, from front to back.
struct Cells {
    bytes: Vec<u8>,
    delimiter: u8,
    /// What is read next.
    from: usize,
    /// Where it is written: never behind what is read.
    to: usize,
}

impl Cells {
    /// Moves the cells of the next row, at most `width` of them, and says where each ends from the beginning of the row. False
    /// where there is none.
    fn row(&mut self, width: usize, ends: &mut Vec<u32>) -> bool {
        while self.bytes.get(self.from).is_some_and(|byte| matches!(byte, b'\r' | b'\n')) {
            self.from += 1;
        }
        if self.from == self.bytes.len() {
            return false;
        }
        let (start, mut end, mut count) = (self.to, 0, 0);
        loop {
            let (cell, has_next) = (self.to, self.cell());
            match u32::try_from(self.to - start) {
                Ok(to) if count < width => end = to,
                // What stands more than 4 GiB into a row is dropped, as by `Table::push`.
                _ => self.to = cell,
            }
            if count < width {
                ends.push(end);
                count += 1;
            }
            if !has_next {
                return true;
            }
        }
    }

    /// Moves the next cell, and says whether another one follows in its row.
    fn cell(&mut self) -> bool {
        if self.bytes.get(self.from) == Some(&b'"') {
            self.from += 1;
            loop {
                let at = self.find([b'"'; 3]);
                self.take_until(at);
                self.from = (at + 1).min(self.bytes.len());
                if at == self.bytes.len() || self.bytes.get(self.from) != Some(&b'"') {
                    break;
                }
                // Two of them are one, with which the text goes on.
                self.take_until(self.from + 1);
            }
        }
        let at = self.find([self.delimiter, b'\n', b'\r']);
        self.take_until(at);
        self.from = (at + 1).min(self.bytes.len());
        self.bytes.get(at) == Some(&self.delimiter)
    }

    /// Where any of the signs stands next; the end where there is none.
    fn find(&self, signs: [u8; 3]) -> usize {
        const ONES: u64 = u64::from_ne_bytes([1; 8]);
        // The highest bit of each byte that is zero; those behind the first may be wrong (Mycroft 1987).
        let zeros = |word: u64| word.wrapping_sub(ONES) & !word & (ONES << 7);
        let mut at = self.from;
        while let Some(word) = self.bytes.get(at..at + 8).and_then(|bytes| bytes.try_into().ok()) {
            let word = u64::from_le_bytes(word);
            let found = signs.iter().fold(0, |found, sign| found | zeros(word ^ (ONES * u64::from(*sign))));
            if found != 0 {
                return at + found.trailing_zeros() as usize / 8;
            }
            at += 8;
        }
        let rest = self.bytes[at..].iter().position(|byte| signs.contains(byte));
        rest.map_or(self.bytes.len(), |further| at + further)
    }

    fn take_until(&mut self, end: usize) {
        self.bytes.copy_within(self.from..end, self.to);
        self.to += end - self.from;
        self.from = end;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn cells(table: &Table) -> Vec<Vec<String>> {
        let row = |row| (0..table.header().len()).map(|column| table.cell(row, column).to_owned()).collect();
        (0..table.len()).map(row).collect()
    }

    fn by_csv(text: &str, delimiter: u8) -> Table {
        let mut reader = csv::ReaderBuilder::new().flexible(true).delimiter(delimiter).from_reader(text.as_bytes());
        let mut table = Table::new(reader.headers().unwrap().iter().map(str::to_owned).collect());
        let width = table.header().len();
        let rows = reader.records().map(Result::unwrap);
        rows.filter(|row| row.iter().take(width).any(|cell| !cell.trim().is_empty())).for_each(|row| table.push(&row));
        table
    }

    #[test]
    fn cells_are_read_where_they_stand() {
        let text = "\u{feff}id,name\r\n1,\"King, \"\"Ada\"\"\"\r\n\r\n , \n2\n3,Müller,more\n\"4\"x,\"open";
        let table = Table::of_delimited(text.to_owned(), b',', None);
        assert_eq!(table.header(), ["id", "name"]);
        assert_eq!(cells(&table), [["1", "King, \"Ada\""], ["2", ""], ["3", "Müller"], ["4x", "open"]]);
        let named = Table::of_delimited("a\n1".to_owned(), b',', Some(vec!["b".to_owned(), "c".to_owned()]));
        assert_eq!((named.header()[1].as_str(), cells(&named)), ("c", vec![vec!["1".to_owned(), String::new()]]));
        assert!(Table::of_delimited(String::new(), b';', None).is_empty());
    }

    proptest! {
        #[test]
        fn a_text_is_read_as_the_csv_crate_reads_it(
            text in "[a\",;\r\n]{0,40}|([a-c ]{0,9}|\"[a,é\n\"]{0,12}\"|é)([,;]([a-c ]{0,9}|\"([a,é\n]|\"\"){0,12}\"|é)){0,3}([,;\n]([a-c]{0,20}|\"[a,\n]{0,4}\")){0,12}",
            delimiter in proptest::sample::select(vec![b',', b';']),
        ) {
            prop_assert_eq!(Table::of_delimited(text.clone(), delimiter, None), by_csv(&text, delimiter));
        }
    }
}
