//! Rows of Excel workbooks (.xlsx).
//!
//! Cells are read one after the other, so a sheet costs memory by the row and not by its size. A formula is not
//! computed: what Excel stored as its value is read. Everything becomes the text that a delimited file of the same
//! sheet would have, days as 2026-01-31.

mod cell;

use super::csv::unique;
use super::place::address;
use super::upload::{Found, Sink};
use super::{BadRow, FileError, FileSetup, Row};
use crate::manifest::file::FileFormat;
use bytes::Bytes;
use calamine::{Reader, SheetVisible, Xlsx};
use cell::Cell;
use serde_json::{Map, Value, json};
use std::io::{Cursor, Read};

/// What a sheet may unpack to.
const SHEET_MIB: u64 = 2048;
/// What everything else may: texts and forms are held in memory.
const REST_MIB: u64 = 192;
/// The text of a row. A cell of Excel holds no more than 32,767 letters, but a row of them has no limit.
const ROW_BYTES: usize = 1 << 20;
/// Rows that are looked at to find the header.
const SAMPLE: usize = 40;

type Workbook = Xlsx<Cursor<Bytes>>;

/// A line of cells that are not blank, with their columns, in order.
struct Line {
    row: u32,
    cells: Vec<(u32, Cell)>,
    is_too_large: bool,
}

/// Unpacks without keeping, and counts: what an archive says about itself need not be true.
pub(super) fn check_size(bytes: &Bytes) -> Result<(), FileError> {
    let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).map_err(|_| FileError::NotText)?;
    let mut rest = 0;
    let mut is_workbook = false;
    for index in 0..archive.len() {
        let entry = archive.by_index(index).map_err(|_| FileError::Workbook)?;
        let name = entry.name().map_err(|_| FileError::Workbook)?.to_lowercase();
        is_workbook |= name == "xl/workbook.xml";
        let is_sheet = name.starts_with("xl/worksheets/");
        let limit = if is_sheet { SHEET_MIB } else { REST_MIB };
        let mut counted = entry.take((limit << 20) + 1);
        let size = std::io::copy(&mut counted, &mut std::io::sink()).map_err(|_| FileError::Workbook)?;
        rest += if is_sheet { 0 } else { size };
        if size > limit << 20 || rest > REST_MIB << 20 {
            return Err(FileError::TooLarge(limit));
        }
    }
    if is_workbook { Ok(()) } else { Err(FileError::NotText) }
}

fn open(bytes: &Bytes) -> Result<Workbook, FileError> {
    Xlsx::new(Cursor::new(bytes.clone())).map_err(|_| FileError::Workbook)
}

fn visible(workbook: &Workbook) -> Vec<String> {
    let sheets = workbook.sheets_metadata().iter();
    sheets.filter(|sheet| sheet.visible == SheetVisible::Visible).map(|sheet| sheet.name.clone()).collect()
}

pub(super) fn sheets(bytes: &Bytes) -> Result<Vec<String>, FileError> {
    Ok(visible(&open(bytes)?))
}

pub(super) fn each_row(bytes: &Bytes, sheet: Option<&str>, sink: Sink<'_>) -> Result<(), FileError> {
    let mut workbook = open(bytes)?;
    let known = workbook.sheet_names();
    let name = match sheet {
        Some(name) => known.iter().find(|known| *known == name).cloned(),
        None => visible(&workbook).into_iter().next(),
    };
    let name =
        name.ok_or_else(|| FileError::Sheet { name: sheet.unwrap_or_default().to_owned(), known: known.join(", ") })?;
    let cells = workbook.worksheet_cells_reader(&name).map_err(|_| FileError::Workbook)?;
    let mut lines = Lines { cells, waiting: None, at_end: false };
    let mut first = Vec::new();
    while first.len() < SAMPLE {
        let Some(line) = lines.next_line()? else { break };
        first.push(line);
    }
    if first.is_empty() {
        return Err(FileError::Empty);
    }
    let header = header_of(&first).ok_or(FileError::NoHeader)?;
    let setup = setup(&name, &first[header]);
    let mut go_on = sink(Found::Setup(setup.clone()));
    for line in first.into_iter().skip(header + 1) {
        if go_on.is_break() {
            return Ok(());
        }
        go_on = sink(found(&setup, &name, &line));
    }
    while go_on.is_continue() {
        let Some(line) = lines.next_line()? else { break };
        go_on = sink(found(&setup, &name, &line));
    }
    Ok(())
}

struct Lines<'w> {
    cells: calamine::XlsxCellReader<'w, Cursor<Bytes>>,
    /// The first cell of the next line.
    waiting: Option<(u32, u32, Cell)>,
    at_end: bool,
}

impl Lines<'_> {
    fn next_cell(&mut self) -> Result<Option<(u32, u32, Cell)>, FileError> {
        if let Some(cell) = self.waiting.take() {
            return Ok(Some(cell));
        }
        while !self.at_end {
            let Some(found) = self.cells.next_cell().map_err(|_| FileError::Workbook)? else {
                self.at_end = true;
                break;
            };
            let (row, column) = found.get_position();
            if let Some(cell) = Cell::of(found.get_value()) {
                return Ok(Some((row, column, cell)));
            }
        }
        Ok(None)
    }

    /// The next line with something in it.
    fn next_line(&mut self) -> Result<Option<Line>, FileError> {
        let Some((row, column, cell)) = self.next_cell()? else { return Ok(None) };
        let mut size = cell.size();
        let mut line = Line { row, cells: vec![(column, cell)], is_too_large: false };
        while let Some((next, column, cell)) = self.next_cell()? {
            if next != row {
                self.waiting = Some((next, column, cell));
                break;
            }
            size += cell.size();
            line.is_too_large |= size > ROW_BYTES;
            if !line.is_too_large {
                line.cells.push((column, cell));
            }
        }
        Ok(Some(line))
    }
}

/// The first line of texts that is about as wide as the widest: titles and notes above it are narrower.
fn header_of(lines: &[Line]) -> Option<usize> {
    let widest = lines.iter().map(|line| line.cells.len()).max()?;
    let is_wide = |line: &Line| line.cells.len() * 3 >= widest * 2;
    let is_text = |line: &Line| line.cells.iter().all(|(_, cell)| cell.is_name());
    lines.iter().position(|line| is_wide(line) && is_text(line)).or_else(|| lines.iter().position(is_wide))
}

fn setup(sheet: &str, line: &Line) -> FileSetup {
    let first_column = line.cells.first().map_or(0, |(column, _)| *column);
    let last = line.cells.iter().map(|(column, _)| *column).max().unwrap_or(first_column);
    let name = |column: u32| line.cells.iter().find(|(at, _)| *at == column).map_or("", |(_, cell)| cell.text());
    FileSetup {
        header_line: u64::from(line.row) + 1,
        sheet: Some(sheet.to_owned()),
        first_column,
        ..FileSetup::of(FileFormat::Workbook, unique((first_column..=last).map(name)))
    }
}

fn found(setup: &FileSetup, sheet: &str, line: &Line) -> Found {
    let number = u64::from(line.row) + 1;
    let mut raw: Map<String, Value> = setup.header.iter().map(|name| (name.clone(), Value::from(""))).collect();
    let bad = |code, column: Option<String>, reason: String, cells: Value| {
        Found::Bad(BadRow { line: number, column, reason, code, raw: json!({ "line": number, "cells": cells }) })
    };
    if line.is_too_large {
        return bad("row_too_large", None, format!("the row holds more than {ROW_BYTES} bytes"), json!([]));
    }
    let column_of = |column: u32| setup.header.get(usize::try_from(column.checked_sub(setup.first_column)?).ok()?);
    let mut broken = Vec::new();
    let mut first = None;
    for (column, cell) in &line.cells {
        let place = || address(sheet, Some(*column), number);
        match (column_of(*column), cell) {
            (Some(name), Cell::Text(text) | Cell::Value(text)) => {
                raw.insert(name.clone(), Value::from(text.as_str()));
            }
            (name, Cell::Error(what)) => {
                first = first.or_else(|| name.cloned());
                broken.push(("cell_error", format!("{} holds {what}", place())));
            }
            (None, Cell::Text(_) | Cell::Value(_)) => {
                broken.push(("ragged_row", format!("{} holds a value where the header has no column", place())));
            }
        }
    }
    let Some((code, _)) = broken.first() else { return Found::Row(Row { line: number, raw: Value::Object(raw) }) };
    let cells = line.cells.iter().map(|(_, cell)| Value::from(cell.text())).collect();
    let reasons: Vec<&str> = broken.iter().take(20).map(|(_, reason)| reason.as_str()).collect();
    bad(code, first, reasons.join(", "), cells)
}
