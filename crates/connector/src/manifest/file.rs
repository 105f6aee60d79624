//! File sources: which formats, and the headers by which a map is proposed.

use crate::problem::Report;
use crate::yaml::{Fields, Node};
use onefold_model::RecordKind;

#[derive(Debug)]
pub(crate) struct FileSource {
    pub(crate) formats: Vec<FileFormat>,
}

/// How rows stand in a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FileFormat {
    /// Rows of values under a header.
    Csv,
    /// One JSON object a line.
    JsonLines,
    /// A sheet of an Excel workbook, with a header.
    Workbook,
    /// Address cards, one after the other.
    Cards,
    /// Columns of Apache Parquet.
    Parquet,
}

/// As manifests name them.
pub(crate) const FORMATS: [(&str, FileFormat); 5] = [
    ("csv", FileFormat::Csv),
    ("jsonl", FileFormat::JsonLines),
    ("parquet", FileFormat::Parquet),
    ("vcard", FileFormat::Cards),
    ("xlsx", FileFormat::Workbook),
];

/// A file whose columns are known: that of one program, always the same.
#[derive(Debug, Clone)]
pub(crate) struct KnownFile {
    /// The columns by which it is recognised.
    pub(crate) headers: Vec<String>,
    /// The columns whose values are together the key of a row.
    pub(crate) key: Vec<String>,
    /// The map as it is written, for the person who wants another one.
    pub(crate) map: String,
}

/// Headers by what they mean, in order of preference.
#[derive(Debug, Clone)]
pub(crate) struct Columns {
    /// The key of a row; without one the content is the key.
    pub(crate) key: Vec<String>,
    /// Words before a header that say what an address is for.
    pub(crate) purposes: Vec<String>,
    /// Field, or part of a list such as `addresses.locality`, and its headers.
    pub(crate) fields: Vec<(String, Vec<String>)>,
}

pub(crate) fn read_file(node: &Node, report: &mut Report) -> Option<FileSource> {
    let mut fields = Fields::open(node, "file source", report)?;
    let formats = fields.require("formats", report).map(Node::items).unwrap_or_default();
    let formats: Vec<FileFormat> =
        formats.iter().filter_map(|node| node.choice("file format", &FORMATS, report)).collect();
    if formats.is_empty() {
        report.add(fields.at, "a file source reads at least one format: csv, jsonl, parquet, vcard, xlsx");
    }
    fields.finish(report);
    Some(FileSource { formats })
}

pub(crate) const ADDRESS_PARTS: [&str; 5] = ["lines", "locality", "region", "postalCode", "country"];

pub(crate) fn read_columns(node: &Node, kind: Option<RecordKind>, report: &mut Report) -> Option<Columns> {
    let kind = kind?;
    let mut columns = Columns { key: Vec::new(), purposes: Vec::new(), fields: Vec::new() };
    for (key, node) in node.entries("headers by field", report) {
        let headers: Vec<String> =
            node.items().iter().filter_map(|node| node.word(report)).map(crate::file::header::normalise).collect();
        match key.text.as_str() {
            "key" => columns.key = headers,
            "purposes" => columns.purposes = headers,
            name if is_target(kind, name) => columns.fields.push((name.to_owned(), headers)),
            name => {
                let known = kind.fields().iter().map(|field| field.name.as_str());
                report.unknown(&key.at, &format!("field of {kind}"), name, known);
            }
        }
    }
    Some(columns)
}

/// A field, a part of an address, or an identifier of some system.
fn is_target(kind: RecordKind, name: &str) -> bool {
    match name.split_once('.') {
        None => kind.field(name).is_some(),
        Some(("addresses", part)) => kind.field("addresses").is_some() && ADDRESS_PARTS.contains(&part),
        Some(("identifiers", system)) => kind.field("identifiers").is_some() && !system.is_empty(),
        Some(_) => false,
    }
}
