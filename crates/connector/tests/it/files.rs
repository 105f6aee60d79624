//! Files: encodings, headers, ragged rows, quotes that nobody closed.

use crate::folders::load;
use onefold_connector::{BadRow, Encoding, FileError, FileFormat, RecordMap, Row, decode, propose, read_rows};
use proptest::prelude::*;
use serde_json::{Value, json};
use std::path::{Path, PathBuf};

fn rows(text: &str) -> Vec<Result<Row, BadRow>> {
    read_rows(text, None).unwrap().collect()
}

fn header(text: &str) -> Vec<String> {
    read_rows(text, None).unwrap().setup.header
}

#[test]
fn the_header_is_found_below_comments_and_titles() {
    assert_eq!(header("# a report\n#\n\nName,Mail\nA,b\n"), ["Name", "Mail"]);
    assert_eq!(header("sep=;\nName;Mail\nA;b\n"), ["Name", "Mail"]);
    assert_eq!(header("Customers of March\n\nName\tMail\tCity\nA\tb\tc\nD\te\tf\n"), ["Name", "Mail", "City"]);
    assert_eq!(header("\u{feff}Name|Mail\nA|b\n"), ["Name", "Mail"]);
    let rows = read_rows("# c\n\nName,Mail\nA,b\n", None).unwrap();
    assert_eq!((rows.setup.header_line, rows.setup.delimiter), (3, ','));
}

#[test]
fn columns_without_a_name_or_with_the_same_one_stay_apart() {
    assert_eq!(header("Mail,,Mail\na,b,c\n"), ["Mail", "column 2", "Mail (2)"]);
}

#[test]
fn quoted_values_may_hold_line_breaks_and_lines_are_still_counted() {
    let rows = rows("a,b\n1,\"x\ny\"\n\n2,z\n");
    assert_eq!(rows[0], Ok(Row { line: 2, raw: json!({"a": "1", "b": "x\ny"}) }));
    assert_eq!(rows[1].as_ref().unwrap().line, 5);
}

#[test]
fn ragged_rows_are_named_and_the_rest_goes_on() {
    let rows = rows("a,b,c\n1,2\n1,2,3\n1,2,3,\n1,2,3,4\n7,8,9\n");
    let lines: Vec<(u64, bool)> = rows
        .iter()
        .map(|row| match row {
            Ok(row) => (row.line, true),
            Err(bad) => (bad.line, false),
        })
        .collect();
    assert_eq!(lines, [(2, false), (3, true), (4, true), (5, false), (6, true)], "an empty surplus is none");
    let bad = rows[0].as_ref().unwrap_err();
    assert_eq!((bad.column.as_deref(), bad.code), (Some("c"), "ragged_row"));
    assert_eq!(bad.to_string(), "line 2: 2 values where the header has 3 columns: \"c\" and what follows is missing");
}

#[test]
fn a_quote_that_nobody_closed_costs_one_row() {
    let rows = rows("a,b\n1,\"open\n2,two\n3,three\n");
    assert_eq!(rows.len(), 3);
    assert_eq!(rows[0].as_ref().unwrap_err().line, 2);
    assert_eq!(rows[1], Ok(Row { line: 3, raw: json!({"a": "2", "b": "two"}) }));
    assert_eq!(rows[2], Ok(Row { line: 4, raw: json!({"a": "3", "b": "three"}) }));
}

#[test]
fn json_lines_are_objects_and_bad_ones_are_named() {
    let rows = rows("{\"a\": 1}\n\n[1]\n{\"a\": \n{\"a\": 2}\n");
    let lines: Vec<(u64, bool)> =
        rows.iter().map(|row| row.as_ref().map_or_else(|bad| (bad.line, false), |row| (row.line, true))).collect();
    assert_eq!(lines, [(1, true), (3, false), (4, false), (5, true)]);
}

#[test]
fn files_without_rows_say_so() {
    assert_eq!(read_rows("", None).unwrap_err(), FileError::Empty);
    assert_eq!(read_rows("# only a comment\n", Some(FileFormat::Csv)).unwrap_err(), FileError::Empty);
    assert_eq!(rows("a,b\n").len(), 0);
}

#[test]
fn a_proposal_says_what_it_did_not_use_and_why() {
    let header: Vec<String> =
        ["E-mail", "First Name", "Surname", "DOB", "Shoe size", "Billing City"].map(String::from).to_vec();
    let sample = [json!({"DOB": "1/5/2024", "E-mail": "a@b.example"})];
    let proposal = propose(&load("files/party"), &header, &sample, None).unwrap();
    assert_eq!(proposal.unused, ["DOB", "Shoe size"]);
    assert_eq!(
        proposal.notes,
        ["column \"DOB\" looks like birthDate and is not mapped: day and month cannot be told apart from its values"]
    );
    assert!(proposal.map.contains("purpose: '= billing'"), "{}", proposal.map);
    RecordMap::compile("p", &proposal.map, proposal.kind).unwrap();
    assert_eq!(propose(&load("files/party"), &["x".to_owned()], &[], None), None);
}

proptest! {
    #[test]
    fn every_row_is_read_or_named(cells in proptest::collection::vec(proptest::collection::vec("[a-z \"\n,;é]{0,6}", 1..5), 1..12)) {
        // Written as a writer of CSV would, every cell in quotes.
        let quote = |cell: &String| format!("\"{}\"", cell.replace('"', "\"\""));
        let lines: Vec<String> = cells.iter().map(|row| row.iter().map(quote).collect::<Vec<_>>().join(",")).collect();
        let text = format!("c1,c2,c3\nx,y,z\nx,y,z\nx,y,z\nx,y,z\nx,y,z\nx,y,z\nx,y,z\nx,y,z\nx,y,z\nx,y,z\nx,y,z\nx,y,z\n{}\n", lines.join("\n"));
        let rows = rows(&text);
        let good = rows.iter().filter(|row| row.is_ok()).count();
        let blank = |row: &&Vec<String>| row.iter().all(|cell| cell.trim().is_empty());
        let fitting = cells.iter().filter(|row| !blank(row) && (row.len() == 3 || (row.len() > 3 && row[3..].iter().all(|cell| cell.trim().is_empty())))).count();
        prop_assert!(good >= 12 + fitting, "{good} of {} in\n{text}", 12 + fitting);
        prop_assert!(rows.len() >= 12 + cells.iter().filter(|row| !blank(row)).count());
    }

    #[test]
    fn no_bytes_make_the_readers_panic(bytes in proptest::collection::vec(any::<u8>(), 0..80)) {
        if let Ok((text, _)) = decode(&bytes)
            && let Ok(rows) = read_rows(&text, None)
        {
            prop_assert!(rows.count() <= 80);
        }
    }
}

fn shared(name: &str) -> Option<PathBuf> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data/connectors").join(name);
    if path.exists() {
        Some(path)
    } else {
        eprintln!("skipped: {name}, because the shared data is not beside the repository");
        None
    }
}

/// Proposes a map for a real export and maps all of its rows.
fn import(name: &str) -> Option<(Encoding, Vec<Result<Value, String>>)> {
    let bytes = std::fs::read(shared(name)?).unwrap();
    let (text, encoding) = decode(&bytes).unwrap();
    let opened = read_rows(&text, None).unwrap();
    let header = opened.setup.header.clone();
    let rows: Vec<_> = opened.collect();
    let sample: Vec<Value> = rows.iter().filter_map(|row| Some(row.as_ref().ok()?.raw.clone())).collect();
    let proposal = propose(&load("files/party"), &header, &sample, Some("DE")).unwrap();
    let map =
        RecordMap::compile(name, &proposal.map, proposal.kind).unwrap_or_else(|e| panic!("{e}\n{}", proposal.map));
    let mapped = rows.into_iter().map(|row| {
        let row = row.map_err(|bad| bad.to_string())?;
        map.map("row", &row.raw, &mut Vec::new()).map(|record| record.to_json()).map_err(|error| error.to_string())
    });
    Some((encoding, mapped.collect()))
}

#[test]
fn exports_of_older_systems_are_understood() {
    if let Some((encoding, rows)) = import("legacy/act_contacts.csv") {
        assert_eq!(encoding, Encoding::Windows1252);
        let first = rows[0].as_ref().unwrap();
        assert_eq!(first["displayName"], "Jürgen Biller");
        assert_eq!(first["company"], "Biller & Söhne GmbH");
        assert_eq!(first["phones"][0]["e164"], "+492215550134");
        let second = rows[1].as_ref().unwrap();
        assert_eq!(second["emails"].as_array().unwrap().len(), 2, "several addresses share a cell");
    }
    if let Some((encoding, rows)) = import("legacy/zoho_crm_contacts_export.csv") {
        assert_eq!(encoding, Encoding::Utf8);
        let first = rows[0].as_ref().unwrap();
        assert_eq!((&first["givenName"], &first["tags"]), (&json!("Jürgen"), &json!(["vip", "eu"])));
        assert_eq!(first["addresses"][0]["purpose"], "mailing");
    }
    if let Some((_, rows)) = import("legacy/goldmine_contact1.csv") {
        assert_eq!(rows[0].as_ref().unwrap()["phones"][0]["e164"], "+492215550134");
    }
    if let Some((_, rows)) = import("legacy/eventbrite_attendees_us.csv") {
        assert_eq!(rows.iter().filter(|row| row.is_ok()).count(), 3, "{rows:?}");
    }
    if let Some(path) = shared("legacy/ga4_pages_export.csv") {
        let text = std::fs::read_to_string(path).unwrap();
        let rows = read_rows(&text, None).unwrap();
        assert_eq!((rows.setup.header_line, rows.setup.header[0].as_str()), (10, "Page path and screen class"));
    }
}
