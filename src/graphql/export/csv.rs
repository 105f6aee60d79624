//! Lines as CSV, as RFC 4180 has it: UTF-8 without a byte order mark, CRLF, a header of dotted paths.
//!
//! Written here, because no library at hand tells an empty text from nothing. A list is JSON in one cell; nothing is an empty cell, and an empty text is `""`. Texts that a spreadsheet would compute get
//! an apostrophe before them, as OWASP has it (https://owasp.org/www-community/attacks/CSV_Injection); numbers stay numbers.

use crate::graphql::document::{Column, GONE, INTO};
use async_graphql::indexmap::IndexMap;
use async_graphql::{Name, Value};

/// With what a text begins that a spreadsheet would compute. The last four are the wide forms, which some take for the others.
const FORMULA: [char; 11] = ['=', '+', '-', '@', '\t', '\r', '\n', '\u{ff1d}', '\u{ff0b}', '\u{ff0d}', '\u{ff20}'];

/// The line of names.
pub(super) fn header(columns: &[Column], is_increment: bool) -> String {
    let mut cells: Vec<String> = columns.iter().map(|column| quoted(&column.path.join("."))).collect();
    if is_increment {
        cells.extend([GONE, INTO].map(str::to_owned));
    }
    line(&cells)
}

/// A line of values.
pub(super) fn row(columns: &[Column], fields: &IndexMap<Name, Value>, is_increment: bool) -> String {
    let mut cells: Vec<String> = columns.iter().map(|column| cell(column, fields)).collect();
    if is_increment {
        cells.extend([String::new(), String::new()]);
    }
    line(&cells)
}

/// A line of somebody who is gone.
pub(super) fn gone(columns: &[Column], id: &str, why: &str, into: &str) -> String {
    let is_id = |column: &Column| column.path.len() == 1 && column.path[0] == "id";
    let mut cells: Vec<String> =
        columns.iter().map(|column| if is_id(column) { id.to_owned() } else { String::new() }).collect();
    cells.extend([why.to_owned(), into.to_owned()]);
    line(&cells)
}

fn line(cells: &[String]) -> String {
    let mut line = cells.join(",");
    line.push_str("\r\n");
    line
}

fn cell(column: &Column, fields: &IndexMap<Name, Value>) -> String {
    let mut names = column.path.iter();
    let mut value = names.next().and_then(|name| fields.get(name.as_str()));
    for name in names {
        value = match value {
            Some(Value::Object(inner)) => inner.get(name.as_str()),
            _ => None,
        };
    }
    match value {
        None | Some(Value::Null) => String::new(),
        Some(Value::String(text)) if column.is_number && is_decimal(text) => text.clone(),
        Some(Value::String(text)) => quoted(&harmless(text)),
        Some(Value::Enum(name)) => quoted(&harmless(name)),
        Some(Value::Number(number)) => number.to_string(),
        Some(Value::Boolean(is_true)) => is_true.to_string(),
        Some(other @ (Value::List(_) | Value::Object(_) | Value::Binary(_))) => {
            quoted(&serde_json::to_string(other).unwrap_or_default())
        }
    }
}

fn harmless(text: &str) -> String {
    if text.starts_with(FORMULA) { format!("'{text}") } else { text.to_owned() }
}

/// `-12.30`: digits, perhaps a sign before them and a point among them.
fn is_decimal(text: &str) -> bool {
    let digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    let unsigned = text.strip_prefix('-').unwrap_or(text);
    match unsigned.split_once('.') {
        Some((whole, part)) => digits(whole) && digits(part),
        None => digits(unsigned),
    }
}

/// In quotes where it has to be: a comma, a quote, a line's end, a blank at an end, or nothing at all.
fn quoted(text: &str) -> String {
    let has_to = text.is_empty() || text.trim() != text || text.contains([',', '"', '\r', '\n']);
    if has_to { format!("\"{}\"", text.replace('"', "\"\"")) } else { text.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn column(path: &str, is_number: bool) -> Column {
        Column { path: path.split('.').map(str::to_owned).collect(), is_number }
    }

    fn one(value: Value, is_number: bool) -> String {
        let fields = IndexMap::from_iter([(Name::new("it"), value)]);
        row(&[column("it", is_number)], &fields, false).trim_end_matches("\r\n").to_owned()
    }

    #[test]
    fn what_a_spreadsheet_would_compute_gets_an_apostrophe() {
        for (text, cell) in [
            ("=1+1", "'=1+1"),
            ("+49 30 1234", "'+49 30 1234"),
            ("-1", "'-1"),
            ("@SUM(A1)", "'@SUM(A1)"),
            ("\t=1", "'\t=1"),
            ("\r=1", "\"'\r=1\""),
            ("\n=1", "\"'\n=1\""),
            ("\u{ff1d}1", "'\u{ff1d}1"),
            ("\u{ff0b}1", "'\u{ff0b}1"),
            ("\u{ff0d}1", "'\u{ff0d}1"),
            ("\u{ff20}1", "'\u{ff20}1"),
            ("=HYPERLINK(\"http://x\",\"y\")", "\"'=HYPERLINK(\"\"http://x\"\",\"\"y\"\")\""),
        ] {
            assert_eq!(one(Value::from(text), false), cell);
        }
        for plain in ["a=1", "ann@example.com", "Jean-Luc", "'=1"] {
            assert_eq!(one(Value::from(plain), false), plain);
        }
    }

    #[test]
    fn numbers_of_numeric_fields_stay_numbers() {
        assert_eq!(one(Value::from(-5), true), "-5");
        assert_eq!(one(Value::from("-12.50"), true), "-12.50");
        for text in ["-12.50+1", "-", "-.5", "=1", "+1", "-1 "] {
            assert!(one(Value::from(text), true).trim_start_matches('"').starts_with('\''), "{text}");
        }
    }

    #[test]
    fn cells_are_quoted_as_the_standard_has_it() {
        assert_eq!(one(Value::from("a,b"), false), "\"a,b\"");
        assert_eq!(one(Value::from("say \"hi\""), false), "\"say \"\"hi\"\"\"");
        assert_eq!(one(Value::from("two\r\nlines"), false), "\"two\r\nlines\"");
        assert_eq!((one(Value::Null, false), one(Value::from(""), false)), (String::new(), "\"\"".to_owned()));
        let list = Value::List(vec![Value::from("=1"), Value::from("b")]);
        assert_eq!(one(list, false), "\"[\"\"=1\"\",\"\"b\"\"]\"", "a list begins with a bracket, which is no formula");
        assert_eq!(one(Value::from(true), false), "true");
    }

    #[test]
    fn paths_lead_into_objects_and_nothing_is_an_empty_cell() {
        let address = Value::Object(IndexMap::from_iter([(Name::new("city"), Value::from("Berlin"))]));
        let fields = IndexMap::from_iter([(Name::new("address"), address), (Name::new("id"), Value::from("c1"))]);
        let columns = [column("id", false), column("address.city", false), column("address.zip", false)];
        assert_eq!(header(&columns, false), "id,address.city,address.zip\r\n");
        assert_eq!(row(&columns, &fields, false), "c1,Berlin,\r\n");
        assert_eq!(header(&columns, true), "id,address.city,address.zip,__gone,__into\r\n");
        assert_eq!(row(&columns, &fields, true), "c1,Berlin,,,\r\n");
        assert_eq!(gone(&columns, "c2", "MERGED", "c1"), "c2,,,MERGED,c1\r\n");
    }
}
