//! Proposing a field map for a file from the names of its columns and a few of its rows.

mod date;

use super::header::normalise;
use crate::connector::Connector;
use crate::manifest::file::{Columns, KnownFile};
use crate::pointer::scalar_text;
use crate::read::item::join_key;
use onefold_model::{FieldType, RecordKind};
use serde_json::Value;
use std::collections::BTreeSet;
use std::fmt::Write;

/// A proposed map.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proposal {
    /// The map as YAML, to be shown, changed and compiled with [`crate::RecordMap::compile`].
    pub map: String,
    /// What it makes.
    pub kind: RecordKind,
    /// The columns whose values are together the key of a row; without one the content of a row is its key.
    pub key: Vec<String>,
    /// Columns that the map uses.
    pub used: Vec<String>,
    /// Columns that it does not use. Their values are kept with the row all the same.
    pub unused: Vec<String>,
    /// What a person should know: columns that were understood and not used, and why.
    pub notes: Vec<String>,
}

/// The key of a row: the values of these columns together.
///
/// # Errors
/// The column that is blank.
pub fn row_key(columns: &[String], raw: &Value) -> Result<String, String> {
    let part = |column: &String| {
        let text = raw.get(column).and_then(scalar_text).map(|text| text.trim().to_owned());
        text.filter(|text| !text.is_empty()).ok_or_else(|| column.clone())
    };
    let parts = columns.iter().map(part).collect::<Result<Vec<_>, _>>()?;
    Ok(join_key(parts.iter().map(String::as_str)))
}

/// The map of a file of this connector: that of the stream whose file it is, by its columns, or else one that is made
/// from the headers. `country` is the ISO code for telephone numbers without a prefix. `None` where nothing in the
/// header was understood.
pub fn propose(connector: &Connector, header: &[String], sample: &[Value], country: Option<&str>) -> Option<Proposal> {
    let streams = &connector.inner.manifest.streams;
    let known = streams.iter().filter_map(|stream| Some((stream.into, stream.known.as_ref()?)));
    let fitting = known.filter(|(_, known)| known.headers.iter().chain(&known.key).all(|name| header.contains(name)));
    if let Some((kind, known)) = fitting.max_by_key(|(_, known)| known.headers.len()) {
        return Some(of_known(kind, known, header, country));
    }
    let stream = streams.iter().find(|stream| stream.columns.is_some())?;
    let columns = stream.columns.as_ref()?;
    let mut proposer =
        Proposer { kind: stream.into, columns, header, sample, country, used: BTreeSet::new(), notes: Vec::new() };
    let key: Vec<String> = proposer.all(&columns.key).first().map(|name| (*name).to_owned()).into_iter().collect();
    let map = proposer.map()?;
    let used: Vec<String> =
        header.iter().filter(|name| proposer.used.contains(*name) || key.contains(name)).cloned().collect();
    let unused = header.iter().filter(|name| !used.contains(name)).cloned().collect();
    Some(Proposal { map, kind: stream.into, key, used, unused, notes: proposer.notes })
}

/// The map of the folder as it is. A telephone number of which it says no country has that of the operator.
fn of_known(kind: RecordKind, known: &KnownFile, header: &[String], country: Option<&str>) -> Proposal {
    let map = country
        .map_or_else(|| known.map.clone(), |code| known.map.replace("-> phone?", &format!("-> phone(\"{code}\")?")));
    let words: BTreeSet<&str> = map.split(|c: char| !c.is_alphanumeric() && c != '_').collect();
    let is_used =
        |name: &String| known.key.contains(name) || words.contains(name.as_str()) || map.contains(&place(name));
    let (used, unused) = header.iter().cloned().partition(is_used);
    Proposal { map, kind, key: known.key.clone(), used, unused, notes: Vec::new() }
}

struct Proposer<'a> {
    kind: RecordKind,
    columns: &'a Columns,
    header: &'a [String],
    sample: &'a [Value],
    country: Option<&'a str>,
    used: BTreeSet<String>,
    notes: Vec<String>,
}

/// A column as an expression.
fn place(column: &str) -> String {
    format!("\"{column}\"")
}

/// A text as a YAML scalar in single quotes.
fn quoted(expression: &str) -> String {
    format!("'{}'", expression.replace('\'', "''"))
}

impl<'a> Proposer<'a> {
    /// The columns with one of these headers, in the order of preference. A quote in a name cannot be written in a map.
    fn all(&self, headers: &[String]) -> Vec<&'a str> {
        let usable = || self.header.iter().filter(|name| !name.contains('"')).map(String::as_str);
        headers.iter().flat_map(|wanted| usable().filter(move |name| normalise(name) == *wanted)).collect()
    }

    fn of(&self, target: &str) -> Vec<&'a str> {
        let fields = self.columns.fields.iter().filter(|(name, _)| name == target);
        fields.flat_map(|(_, headers)| self.all(headers)).collect()
    }

    fn take(&mut self, target: &str) -> Option<&'a str> {
        let column = *self.of(target).first()?;
        self.used.insert(column.to_owned());
        Some(column)
    }

    fn map(&mut self) -> Option<String> {
        let mut out = String::new();
        for field in self.kind.fields() {
            let lines = match (field.name.as_str(), field.ty) {
                ("kind", FieldType::OneOf(_)) if self.kind == RecordKind::Party => Some(self.party_kind()),
                ("displayName", _) => self.display_name(),
                (_, FieldType::EmailList) => self.emails(&field.name),
                (_, FieldType::PhoneList) => self.phones(&field.name),
                (_, FieldType::AddressList) => self.addresses(),
                (_, FieldType::IdentifierList) => self.identifiers(),
                (name, FieldType::TextList) => self.tags(name),
                (name, ty) => self.scalar(name, ty),
            };
            if let Some(lines) = lines {
                let blank = if lines.starts_with('\n') { "" } else { " " };
                let _ = writeln!(out, "{}:{blank}{lines}", field.name);
            }
        }
        (!self.used.is_empty()).then_some(out)
    }

    /// A row with the name of a person is a person; one with only the name of a company is that company.
    fn party_kind(&mut self) -> String {
        let names: Vec<&str> =
            ["givenName", "familyName", "displayName"].iter().flat_map(|name| self.of(name)).collect();
        let company = !self.of("company").is_empty();
        match (names.is_empty(), company) {
            (_, false) => "= PERSON".to_owned(),
            (true, true) => "= ORGANIZATION".to_owned(),
            (false, true) => {
                let names: Vec<String> = names.iter().map(|name| place(name)).collect();
                quoted(&format!("{} -> filled(PERSON, ORGANIZATION)", names.join(" | ")))
            }
        }
    }

    fn display_name(&mut self) -> Option<String> {
        let mut ways: Vec<String> = self.take("displayName").map(place).into_iter().collect();
        let parts: Vec<String> =
            ["givenName", "familyName"].iter().filter_map(|name| Some(place(self.of(name).first()?))).collect();
        if !parts.is_empty() {
            ways.push(parts.join(" + "));
        }
        ways.extend(self.of("company").first().map(|name| place(name)));
        (!ways.is_empty()).then(|| quoted(&format!("{} -> join(\" \")", ways.join(" | "))))
    }

    fn emails(&mut self, target: &str) -> Option<String> {
        let mut out = String::new();
        for (i, column) in self.of(target).into_iter().enumerate() {
            self.used.insert(column.to_owned());
            let primary = if i == 0 { ", primary: '= true'" } else { "" };
            let _ = write!(out, "\n  - {{value: {}{primary}}}", quoted(&format!("{} -> email", place(column))));
        }
        (!out.is_empty()).then_some(out)
    }

    fn phones(&mut self, target: &str) -> Option<String> {
        let country = self.country.map(|code| format!("\"{code}\""));
        let mut out = String::new();
        for column in self.of(target) {
            self.used.insert(column.to_owned());
            let call = country.as_ref().map_or_else(|| "phone".to_owned(), |code| format!("phone({code})"));
            // People write "n/a" and worse into these columns; that is no reason to refuse the row.
            let _ = write!(out, "\n  - {{value: {}}}", quoted(&format!("{} -> {call}?", place(column))));
        }
        (!out.is_empty()).then_some(out)
    }

    /// One address for each word before the headers: `Home City`, `Mailing City`, `City`.
    fn addresses(&mut self) -> Option<String> {
        let mut out = String::new();
        let purposes: Vec<Option<String>> =
            std::iter::once(None).chain(self.columns.purposes.iter().cloned().map(Some)).collect();
        for purpose in purposes {
            let mut parts = Vec::new();
            for part in crate::manifest::file::ADDRESS_PARTS {
                let target = format!("addresses.{part}");
                let fields = self.columns.fields.iter().filter(|(name, _)| *name == target);
                let headers: Vec<String> = fields
                    .flat_map(|(_, headers)| headers)
                    .map(|header| purpose.as_ref().map_or_else(|| header.clone(), |word| format!("{word} {header}")))
                    .collect();
                let mut found = self.all(&headers);
                found.truncate(if part == "lines" { 4 } else { 1 });
                if found.is_empty() {
                    continue;
                }
                self.used.extend(found.iter().map(|name| (*name).to_owned()));
                let expressions: Vec<String> = found.iter().map(|name| quoted(&place(name))).collect();
                let value =
                    if part == "lines" { format!("[{}]", expressions.join(", ")) } else { expressions.join("") };
                parts.push(format!("{part}: {value}"));
            }
            if parts.is_empty() {
                continue;
            }
            parts.extend(purpose.map(|word| format!("purpose: '= {word}'")));
            let _ = write!(out, "\n  - {{{}}}", parts.join(", "));
        }
        (!out.is_empty()).then_some(out)
    }

    fn identifiers(&mut self) -> Option<String> {
        let mut out = String::new();
        for (target, headers) in &self.columns.fields {
            let Some(system) = target.strip_prefix("identifiers.") else { continue };
            for column in self.all(headers) {
                self.used.insert(column.to_owned());
                let _ = write!(out, "\n  - {{system: '= {system}', value: {}}}", quoted(&place(column)));
            }
        }
        (!out.is_empty()).then_some(out)
    }

    fn tags(&mut self, target: &str) -> Option<String> {
        let column = self.take(target)?;
        let separator = if self.values(column).any(|value| value.contains(';')) { ";" } else { "," };
        Some(quoted(&format!("{} -> split(\"{separator}\")", place(column))))
    }

    fn scalar(&mut self, target: &str, ty: FieldType) -> Option<String> {
        let column = self.take(target)?;
        let function = match ty {
            FieldType::Text | FieldType::Integer | FieldType::Bool | FieldType::Currency => {
                return Some(quoted(&place(column)));
            }
            FieldType::Date => date::day(self.values(column)).map(|format| format!("date(\"{format}\")")),
            FieldType::PartialDate => {
                date::day(self.values(column)).map(|format| format!("partial_date(\"{format}\")"))
            }
            FieldType::DateTime => date::time(self.values(column)),
            _ => Err("its values need a function that only you can choose"),
        };
        match function {
            Ok(function) => Some(quoted(&format!("{} -> {function}", place(column)))),
            Err(reason) => {
                self.used.remove(column);
                self.notes.push(format!("column {column:?} looks like {target} and is not mapped: {reason}"));
                None
            }
        }
    }

    fn values<'s>(&'s self, column: &'s str) -> impl Iterator<Item = &'s str> {
        let cell = move |row: &'s Value| row.get(column)?.as_str().map(str::trim).filter(|text| !text.is_empty());
        self.sample.iter().filter_map(cell)
    }
}
