//! A table of labelled records, read cell by cell into a data set: no party for each row.

use onefold_matching::{AddressText, Dataset, IdentifierText, PhoneText, RecordText};
use onefold_model::{PartyKind, RecordId, SourceKey};
use std::error::Error;
use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::Path;

/// A row of a table in CSV (RFC 4180).
#[derive(Default)]
struct Row {
    /// The cells without quotes, one behind the other, with a byte between them.
    text: String,
    ends: Vec<usize>,
}

impl Row {
    /// Reads the next row; false at the end.
    fn read(&mut self, reader: &mut impl BufRead) -> Result<bool, Box<dyn Error>> {
        let mut line = std::mem::take(&mut self.text).into_bytes();
        line.clear();
        self.ends.clear();
        let mut quotes = 0;
        loop {
            let start = line.len();
            if reader.read_until(b'\n', &mut line)? == 0 {
                break;
            }
            for (place, &byte) in line.iter().enumerate().skip(start) {
                match byte {
                    b',' => self.ends.push(place),
                    b'"' => quotes += 1,
                    _ => {}
                }
            }
            // A line that ends inside quotes goes on.
            if quotes % 2 == 0 {
                break;
            }
        }
        if line.is_empty() {
            return Ok(false);
        }
        while line.last().is_some_and(|byte| matches!(byte, b'\n' | b'\r')) {
            line.pop();
        }
        if quotes > 0 {
            self.unquote(&mut line);
        }
        self.ends.push(line.len());
        self.text = String::from_utf8(line)?;
        Ok(true)
    }

    fn unquote(&mut self, line: &mut Vec<u8>) {
        let quoted = std::mem::take(line);
        self.ends.clear();
        let mut is_inside = false;
        for (place, &byte) in quoted.iter().enumerate() {
            match byte {
                b'"' => {
                    is_inside = !is_inside;
                    // Two quotes inside quotes are one.
                    if is_inside && place > 0 && quoted[place - 1] == b'"' {
                        line.push(byte);
                    }
                }
                b',' if !is_inside => {
                    self.ends.push(line.len());
                    line.push(byte);
                }
                _ => line.push(byte),
            }
        }
    }

    fn cell(&self, column: usize) -> &str {
        let start = column.checked_sub(1).and_then(|before| self.ends.get(before)).map_or(0, |end| end + 1);
        self.ends.get(column).map_or("", |&end| &self.text[start..end])
    }
}

/// The columns that may hold a part, the first that says something counts. The names are those of the labelled sets.
struct Part(Vec<usize>);

impl Part {
    fn of(headers: &[String], names: &[&str]) -> Self {
        Self(names.iter().filter_map(|name| headers.iter().position(|header| header == *name)).collect())
    }

    fn read<'a>(&self, row: &'a Row) -> &'a str {
        let said = |text: &&str| !text.is_empty() && text.bytes().any(|b| !b.is_ascii_whitespace());
        self.0.iter().map(|&column| row.cell(column)).find(said).unwrap_or("")
    }
}

/// Reads a table as [`crate::set::LabelledSet`] does.
pub(crate) fn read_dataset(path: &Path) -> Result<Dataset, Box<dyn Error>> {
    let mut reader = BufReader::with_capacity(1 << 18, File::open(path)?);
    let mut row = Row::default();
    row.read(&mut reader)?;
    let headers: Vec<String> = (0..row.ends.len()).map(|column| row.cell(column).to_owned()).collect();
    let part = |names: &[&str]| Part::of(&headers, names);
    let [key, source, given, middle, family] = [
        part(&["record_id"]),
        part(&["source"]),
        part(&["first_name", "given_name"]),
        part(&["middle"]),
        part(&["last_name", "surname"]),
    ];
    let [whole, organization, company, birth] = [
        part(&["full_name"]),
        part(&["Site name", "name"]),
        part(&["company", "employer"]),
        part(&["dob", "date_of_birth"]),
    ];
    let [email, phone, number] = [part(&["email"]), part(&["phone", "Phone"]), part(&["ssn", "soc_sec_id"])];
    let [street_number, street, unit, second_line] = [
        part(&["street_number"]),
        part(&["street", "address_1", "street_name", "Address", "addr"]),
        part(&["unit"]),
        part(&["address_2"]),
    ];
    let [town, post_code] =
        [part(&["city", "suburb", "birth_place"]), part(&["postcode", "zipcode", "postcode_fake", "Zip"])];

    let mut builder = Dataset::builder();
    let (mut keys, mut line): (Vec<(String, SourceKey)>, String) = (Vec::new(), String::new());
    while row.read(&mut reader)? {
        let (street_number, street, unit) = (street_number.read(&row), street.read(&row), unit.read(&row));
        let has_first_line = !(street_number.is_empty() && street.is_empty());
        let first_line = if street_number.is_empty() && unit.is_empty() {
            street
        } else {
            line.clear();
            for text in [street_number, street, unit].into_iter().filter(|text| !text.is_empty()) {
                line.extend([if line.is_empty() { "" } else { " " }, text]);
            }
            if has_first_line { &line } else { "" }
        };
        // Of two lines the one with street and house number counts.
        let has_digit = |line: &str| line.bytes().any(|b| b.is_ascii_digit());
        let second_line = second_line.read(&row);
        let is_second = !has_first_line || !has_digit(first_line) && has_digit(second_line);
        let address = AddressText {
            street: if is_second { second_line } else { first_line },
            more_lines: [if is_second { "" } else { second_line }, ""],
            locality: town.read(&row),
            post_code: post_code.read(&row),
            ..AddressText::default()
        };
        let phone = [PhoneText { e164: "", original: phone.read(&row) }];
        let number = [IdentifierText { system: "ssn", value: number.read(&row) }];
        let lower;
        let mut email = email.read(&row);
        if !is_canonical_email(email) {
            lower = onefold_model::Email::parse(email).map(|email| email.address).unwrap_or_default();
            email = &lower;
        }
        let (whole, organization) = (whole.read(&row), organization.read(&row));
        let record = RecordText {
            kind: if organization.is_empty() { PartyKind::Person } else { PartyKind::Organization },
            given_name: given.read(&row),
            middle_name: middle.read(&row),
            family_name: family.read(&row),
            display_name: if whole.is_empty() { organization } else { whole },
            company: company.read(&row),
            birth_date: birth_date(birth.read(&row)),
            emails: said(std::slice::from_ref(&email), email),
            phones: said(&phone, phone[0].original),
            addresses: std::slice::from_ref(&address),
            identifiers: said(&number, number[0].value),
            ..RecordText::PERSON
        };
        let source = source.read(&row);
        let known = keys.iter().position(|known| known.0 == source).unwrap_or(keys.len());
        if known == keys.len() {
            let name = if source.is_empty() { "labelled" } else { source };
            keys.push((source.to_owned(), SourceKey::new(name)?));
        }
        builder.push(RecordId::derive(&keys[known].1, "people", key.read(&row)), &record);
    }
    Ok(builder.build())
}

fn said<'a, T>(list: &'a [T], text: &str) -> &'a [T] {
    if text.is_empty() { &[] } else { list }
}

fn birth_date(text: &str) -> Option<onefold_model::PartialDate> {
    if text.len() == 8 && text.is_ascii() {
        return format!("{}-{}-{}", &text[..4], &text[4..6], &text[6..]).parse().ok();
    }
    text.parse().ok()
}

/// Whether [`onefold_model::Email::parse`] would give the text back as it is. False where that is not plain to see.
fn is_canonical_email(text: &str) -> bool {
    let plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b'.' | b'-' | b'_' | b'@');
    text.bytes().all(plain)
        && text.len() <= 64
        && text.split_once('@').is_some_and(|(local, domain)| {
            !local.is_empty()
                && domain.contains('.')
                && domain.split('.').all(|label| !label.is_empty() && !label.contains('@'))
        })
}
