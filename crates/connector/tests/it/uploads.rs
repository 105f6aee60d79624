//! Workbooks, Parquet and address cards: rows, places, and files that would harm.

use crate::folders::load;
use onefold_connector::{BadRow, FileError, FileFormat, FileSetup, Found, RecordMap, Row, Upload, propose};
use rust_xlsxwriter::{ExcelDateTime, Format, Formula, Workbook};
use serde_json::{Value, json};
use std::io::{Cursor, Write};
use std::ops::ControlFlow;
use zip::write::SimpleFileOptions;

type Read = (FileSetup, Vec<Result<Row, BadRow>>);

fn read(bytes: Vec<u8>, sheet: Option<&str>) -> Result<Read, FileError> {
    let (mut setup, mut rows) = (None, Vec::new());
    Upload::open(bytes)?.each_row(sheet, &mut |found| {
        match found {
            Found::Setup(found) => setup = Some(found),
            Found::Row(row) => rows.push(Ok(row)),
            Found::Bad(bad) => rows.push(Err(bad)),
        }
        ControlFlow::Continue(())
    })?;
    Ok((setup.unwrap(), rows))
}

fn cards(text: &str) -> Vec<Result<Row, BadRow>> {
    read(text.as_bytes().to_vec(), None).unwrap().1
}

fn card(text: &str) -> Value {
    cards(text).remove(0).unwrap().raw
}

fn orders() -> Vec<u8> {
    let mut book = Workbook::new();
    let notes = book.add_worksheet().set_name("Read me").unwrap();
    notes.write(0, 0, "made by the till").unwrap();
    let sheet = book.add_worksheet().set_name("Orders").unwrap();
    let day = Format::new().set_num_format("yyyy-mm-dd");
    sheet.write(0, 1, "Orders of March").unwrap();
    for (column, name) in ["No", "Name", "Born", "Total"].into_iter().enumerate() {
        sheet.write(2, u16::try_from(column).unwrap() + 1, name).unwrap();
    }
    sheet.write(3, 1, 17).unwrap().write(3, 2, "Ada").unwrap();
    sheet.write_with_format(3, 3, ExcelDateTime::parse_from_str("1985-12-31").unwrap(), &day).unwrap();
    sheet.write_formula(3, 4, Formula::new("=HYPERLINK(\"http://evil.example\")").set_result("19.99")).unwrap();
    sheet.write(4, 1, 18).unwrap().write(4, 3, true).unwrap().write(4, 4, 0.1 + 0.2).unwrap();
    sheet.write_formula(5, 2, Formula::new("=1/0").set_result("#DIV/0!")).unwrap();
    sheet.write(6, 1, 20).unwrap().write(6, 7, "stray").unwrap();
    book.save_to_buffer().unwrap()
}

#[test]
fn a_sheet_is_read_under_its_header_and_formulas_are_not_computed() {
    let (setup, rows) = read(orders(), Some("Orders")).unwrap();
    assert_eq!((setup.format, setup.header_line, setup.first_column), (FileFormat::Workbook, 3, 1));
    assert_eq!(setup.header, ["No", "Name", "Born", "Total"]);
    let first = Row { line: 4, raw: json!({"No": "17", "Name": "Ada", "Born": "1985-12-31", "Total": "19.99"}) };
    assert_eq!(rows[0], Ok(first));
    let second = Row { line: 5, raw: json!({"No": "18", "Name": "", "Born": "true", "Total": "0.3"}) };
    assert_eq!(rows[1], Ok(second), "what a float has beyond its 15 digits was never typed");
    assert_eq!(rows.len(), 4);
}

#[test]
fn bad_cells_are_named_by_sheet_and_address() {
    let (setup, rows) = read(orders(), Some("Orders")).unwrap();
    let stray = rows[3].as_ref().unwrap_err();
    assert_eq!((stray.code, stray.line), ("ragged_row", 7));
    assert_eq!(stray.reason, "Orders!H7 holds a value where the header has no column");
    assert_eq!(setup.place(4, Some("Born")), "Orders!D4");
    let broken = rows[2].as_ref().unwrap_err();
    assert_eq!((broken.code, broken.column.as_deref()), ("cell_error", Some("Name")));
    assert_eq!(broken.reason, "Orders!C6 holds #DIV/0!");
}

#[test]
fn a_sheet_that_is_not_there_is_answered_with_those_that_are() {
    assert_eq!(Upload::open(orders()).unwrap().sheets().unwrap(), ["Read me", "Orders"]);
    let error = read(orders(), Some("Order")).unwrap_err();
    assert_eq!(error.to_string(), "there is no sheet \"Order\"; the workbook has: Read me, Orders");
}

/// A zip of one entry that unpacks to so many bytes of nothing.
fn bomb(name: &str, mib: usize) -> Vec<u8> {
    let mut archive = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for name in ["xl/workbook.xml", name] {
        archive.start_file(name, SimpleFileOptions::default().compression_level(Some(1))).unwrap();
    }
    let block = vec![0; 1 << 20];
    for _ in 0..mib {
        archive.write_all(&block).unwrap();
    }
    archive.finish().unwrap().into_inner()
}

#[test]
fn what_would_unpack_to_too_much_is_refused_before_it_is_read() {
    let bytes = bomb("xl/sharedStrings.xml", 193);
    assert!(bytes.len() < 4 << 20, "a small file");
    assert!(matches!(Upload::open(bytes).map(|_| ()), Err(FileError::TooLarge(192))));
}

#[test]
fn other_archives_old_workbooks_and_damaged_ones_are_told_apart() {
    let error = |bytes: &[u8]| read(bytes.to_vec(), None).unwrap_err();
    assert_eq!(error(b"PK\x03\x04\x00\x00"), FileError::NotText);
    assert_eq!(error(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"), FileError::Workbook);
    assert_eq!(error(&bomb("xl/other.xml", 0)), FileError::Workbook);
    assert_eq!(error(b"PAR1\x00\x00\x00\x00PAR1"), FileError::Parquet);
    let whole = orders();
    for end in (0..whole.len()).step_by(97) {
        assert!(read(whole[..end].to_vec(), None).is_err(), "cut at {end}");
    }
}

#[test]
fn a_cell_at_the_far_end_costs_no_memory() {
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    sheet.write(0, 0, "Name").unwrap().write(1, 0, "Ada").unwrap().write(1_048_575, 16_383, "far").unwrap();
    let (_, rows) = read(book.save_to_buffer().unwrap(), None).unwrap();
    assert_eq!(rows[0], Ok(Row { line: 2, raw: json!({"Name": "Ada"}) }));
    assert_eq!(rows[1].as_ref().unwrap_err().reason, "Sheet1!XFD1048576 holds a value where the header has no column");
}

const FOUR: &str = "BEGIN:VCARD\r\nVERSION:4.0\r\nUID:urn:uuid:7\r\nFN:Ada Love\r\n lace\\, Countess\r\nN:Lovelace;Ada;Augusta;Lady;\r\n\
    EMAIL;TYPE=home:ada@home.example\r\nEMAIL;PREF=1;TYPE=\"work,x\":mailto:ada@work.example\r\n\
    TEL;VALUE=uri;TYPE=work:tel:+49-30-901820;ext=12\r\nitem1.TEL;TYPE=home:+49 30 901821\r\n\
    ADR;TYPE=work:;Hof 2;Chausseestr. 1;Berlin;;10115;Germany\r\nADR;TYPE=home:;;Dorf\\;weg 3;Ulm;;89073;Germany\r\n\
    ORG:Analytical\\; Engines;Research\r\nBDAY:--1210\r\nREV:20240131T101500Z\r\nCATEGORIES:one,two\\,half\r\n\
    PHOTO:data:image/png;base64,AAAA\r\nEND:VCARD\r\n";

#[test]
fn a_card_is_unfolded_unescaped_and_has_its_lists_in_order_of_preference() {
    let raw = card(FOUR);
    assert_eq!(raw["FN"], "Ada Lovelace, Countess");
    assert_eq!(raw["N"], json!({"family": "Lovelace", "given": "Ada", "middle": "Augusta", "prefix": "Lady"}));
    assert_eq!(raw["EMAIL"][0], json!({"value": "ada@work.example", "purpose": "work", "types": ["work", "x"]}));
    assert_eq!(raw["EMAIL"][1]["value"], "ada@home.example");
    assert_eq!((&raw["TEL"][0]["value"], &raw["TEL"][1]["value"]), (&json!("+49-30-901820"), &json!("+49 30 901821")));
    assert_eq!((&raw["ADR"][0]["extended"], &raw["ADR"][1]["street"]), (&json!("Hof 2"), &json!("Dorf;weg 3")));
    assert_eq!(raw["ORG"], json!({"name": "Analytical; Engines", "unit": "Research"}));
    assert_eq!((&raw["BDAY"], &raw["REV"]), (&json!("--12-10"), &json!("2024-01-31T10:15:00+00:00")));
    assert_eq!((&raw["CATEGORIES"], &raw["KEY"]), (&json!(["one", "two,half"]), &json!("urn:uuid:7")));
    assert!(raw.get("PHOTO").is_none());
}

#[test]
fn quoted_printable_of_old_cards_is_decoded_over_its_lines() {
    let raw = card(
        "BEGIN:VCARD\nVERSION:2.1\nN;CHARSET=ISO-8859-1;ENCODING=QUOTED-PRINTABLE:M=FCller;J=FCr=\ngen\n\
         NOTE;QUOTED-PRINTABLE:line=0Atwo =C3=BC\nTEL;CELL;PREF:0171 2345678\nTEL;HOME:030 1\n\
         PHOTO;ENCODING=BASE64;JPEG:\n  AAAA\n  BBBB\n\nEND:VCARD\n",
    );
    assert_eq!(raw["N"], json!({"family": "Müller", "given": "Jürgen"}));
    assert_eq!(raw["NOTE"], "line\ntwo ü");
    assert_eq!(raw["TEL"][0]["types"], json!(["cell", "pref"]));
    assert_eq!(raw["KEY"], "Jürgen Müller / 0171 2345678");
}

#[test]
fn a_card_that_does_not_end_is_named_and_cards_that_look_alike_stay_apart() {
    let rows = cards(
        "BEGIN:VCARD\nFN:Bo\nEND:VCARD\nstray\nBEGIN:VCARD\nFN:Bo\nAGENT:\nBEGIN:VCARD\nFN:Agent\nEND:VCARD\nEND:VCARD\n\
         BEGIN:VCARD\nFN:Ole\n",
    );
    assert_eq!(rows[0].as_ref().unwrap().raw["KEY"], "Bo / ");
    let stray = rows[1].as_ref().unwrap_err();
    assert_eq!((stray.line, stray.code), (4, "no_card"));
    let second = rows[2].as_ref().unwrap();
    assert_eq!((&second.raw["KEY"], &second.raw["FN"]), (&json!("Bo /  (2)"), &json!("Bo")));
    let open = rows[3].as_ref().unwrap_err();
    assert_eq!((open.line, open.code), (12, "unfinished_card"));
}

#[test]
fn a_card_becomes_a_party_with_all_its_addresses() {
    let party = load("files/party");
    let raw = card(FOUR);
    let header: Vec<String> = raw.as_object().unwrap().keys().cloned().collect();
    let proposal = propose(&party, &header, std::slice::from_ref(&raw), Some("DE")).unwrap();
    assert_eq!(proposal.key, ["KEY"]);
    let map = RecordMap::compile("map", &proposal.map, proposal.kind).unwrap();
    let record = map.map("urn:uuid:7", &raw, &mut Vec::new()).unwrap();
    let text = record.to_json().to_string();
    for part in ["ada@work.example", "ada@home.example", "+4930901820", "+4930901821", "Chausseestr. 1", "89073"] {
        assert!(text.contains(part), "{part} is not in {text}");
    }
}

#[test]
fn parquet_is_read_by_row() {
    let bytes = parquet_file();
    let (setup, rows) = read(bytes, None).unwrap();
    assert_eq!((setup.format, setup.header.clone()), (FileFormat::Parquet, vec!["id".to_owned(), "name".to_owned()]));
    assert_eq!(rows[0], Ok(Row { line: 1, raw: json!({"id": "9007199254740993", "name": "Ada"}) }));
    assert_eq!(rows[1], Ok(Row { line: 2, raw: json!({"id": "2", "name": ""}) }));
    assert_eq!(setup.place(2, Some("name")), "row 2, column name");
}

fn parquet_file() -> Vec<u8> {
    use parquet::data_type::{ByteArray, ByteArrayType, Int64Type};
    use parquet::file::writer::SerializedFileWriter;
    let schema = "message rows { required int64 id; optional binary name (UTF8); }";
    let schema = std::sync::Arc::new(parquet::schema::parser::parse_message_type(schema).unwrap());
    let mut bytes = Vec::new();
    let mut writer = SerializedFileWriter::new(&mut bytes, schema, std::sync::Arc::default()).unwrap();
    let mut group = writer.next_row_group().unwrap();
    let mut ids = group.next_column().unwrap().unwrap();
    ids.typed::<Int64Type>().write_batch(&[9_007_199_254_740_993, 2], None, None).unwrap();
    ids.close().unwrap();
    let mut names = group.next_column().unwrap().unwrap();
    names.typed::<ByteArrayType>().write_batch(&[ByteArray::from("Ada")], Some(&[1, 0]), None).unwrap();
    names.close().unwrap();
    group.close().unwrap();
    writer.close().unwrap();
    bytes
}
