//! Where something stands in a file, as the program that wrote it would say it.

use super::FileSetup;
use crate::manifest::file::FileFormat;

impl FileSetup {
    pub(super) fn of(format: FileFormat, header: Vec<String>) -> Self {
        Self { format, delimiter: ',', header, header_line: 0, sheet: None, first_column: 0 }
    }

    /// A row, or one value of it: `Orders!C17` in a workbook, `line 5, column E-Mail` elsewhere. `column` is a name of the
    /// header, or the place in a map that it was taken from.
    pub fn place(&self, line: u64, column: Option<&str>) -> String {
        match (&self.sheet, self.format) {
            (Some(sheet), _) => address(sheet, column.and_then(|column| self.index(column)), line),
            (None, FileFormat::Parquet) => named("row", line, column),
            (None, _) => named("line", line, column),
        }
    }

    /// The column of a sheet by its name. A map writes it with quotes, and may name several: the first counts.
    fn index(&self, column: &str) -> Option<u32> {
        let of = |name: &str| self.header.iter().position(|known| known == name);
        let alternatives = || column.split(['|', '+']).map(|part| part.trim().trim_matches('"'));
        let found = of(column).or_else(|| of(column.trim_matches('"'))).or_else(|| alternatives().find_map(of))?;
        Some(self.first_column + u32::try_from(found).ok()?)
    }
}

fn named(unit: &str, line: u64, column: Option<&str>) -> String {
    column.map_or_else(|| format!("{unit} {line}"), |column| format!("{unit} {line}, column {column}"))
}

/// As Excel writes it: a name that is more than a word stands in quotes.
pub(super) fn address(sheet: &str, column: Option<u32>, line: u64) -> String {
    let is_word = sheet.chars().all(|c| c.is_alphanumeric() || c == '_');
    let sheet = if is_word { sheet.to_owned() } else { format!("'{}'", sheet.replace('\'', "''")) };
    format!("{sheet}!{}{line}", column.map(letters).unwrap_or_default())
}

/// 0 is `A`, 26 is `AA`.
fn letters(column: u32) -> String {
    let mut rest = column + 1;
    let mut letters = Vec::new();
    while rest > 0 {
        letters.push(char::from(b'A' + u8::try_from((rest - 1) % 26).unwrap_or_default()));
        rest = (rest - 1) / 26;
    }
    letters.iter().rev().collect()
}

/// A value as it may stand in a table that people open with a spreadsheet program: what such a program would take for a
/// formula gets an apostrophe before it (OWASP, CSV injection). Numbers stay numbers.
pub fn neutral_cell(text: &str) -> std::borrow::Cow<'_, str> {
    let is_formula = text.starts_with(['=', '+', '-', '@', '\t', '\r']);
    if is_formula && text.parse::<f64>().is_err() { format!("'{text}").into() } else { text.into() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_those_of_a_spreadsheet() {
        assert_eq!(address("Orders", Some(2), 17), "Orders!C17");
        assert_eq!(address("Bob's list", Some(27), 3), "'Bob''s list'!AB3");
        assert_eq!(letters(701) + &letters(702), "ZZAAA");
        let header = vec!["Name".to_owned(), "E Mail".to_owned()];
        let mut setup = FileSetup { sheet: Some("S".to_owned()), ..FileSetup::of(FileFormat::Workbook, header) };
        assert_eq!(setup.place(4, Some("\"E Mail\"")), "S!B4", "as a map writes it");
        assert_eq!(setup.place(4, Some("Nick | Name + Rest")), "S!A4");
        assert_eq!(setup.place(4, Some("Phone")), "S!4");
        setup.sheet = None;
        assert_eq!(setup.place(4, Some("Name")), "line 4, column Name");
    }

    #[test]
    fn what_a_spreadsheet_would_compute_is_made_text() {
        for text in ["=1+1", "@SUM(A1)", "+cmd|' /C calc'!A0", "-2+3", "\t=1", "+49 30 12"] {
            assert_eq!(neutral_cell(text), format!("'{text}"));
        }
        for text in ["-12.50", "+7", "Ada", "", "a=b"] {
            assert_eq!(neutral_cell(text), text);
        }
    }
}
