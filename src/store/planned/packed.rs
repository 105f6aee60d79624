//! What stands in the packed texts of a planned read.
//!
//! Promises: what does not read is an error, never a row that is left out; rows come back in the order in which the list has
//! them.

use super::{ListAsk, ListColumn, ReachAsk, Reached};
use crate::store::list::SortValue;
use crate::store::record::department;
use crate::store::{Row, StoreError};
use onefold_model::{DepartmentKey, RecordId, SourceId, Timestamp};
use std::cmp::Reverse;
use std::ops::Range;
use uuid::Uuid;

/// Between what is told of a row: the unit separator of ASCII.
pub(super) const FIELD: char = '\u{1f}';
/// Between rows: the record separator of ASCII.
pub(super) const ROW: char = '\u{1e}';

/// The records that a customer is made of, by the key of their source.
#[derive(Debug, Default)]
pub struct PackedMembers {
    /// The records.
    pub rows: Vec<PackedMember>,
    /// What is held fast of them, the latest first.
    pub pins: Vec<PackedPin>,
    text: String,
}

/// A record that a customer is made of.
#[derive(Debug)]
pub struct PackedMember {
    /// The department that owns its source.
    pub department: DepartmentKey,
    /// Its source.
    pub source: SourceId,
    /// Its id.
    pub record: RecordId,
    /// The source no longer has it.
    pub deleted: bool,
    key: Range<usize>,
    mapped: Range<usize>,
}

/// A value that is held fast.
#[derive(Debug)]
pub struct PackedPin {
    /// The record that says it.
    pub record: RecordId,
    /// The field.
    pub path: String,
}

/// A list of what happened with a customer.
#[derive(Debug, Default)]
pub struct PackedList {
    /// The latest first.
    pub rows: Vec<PackedActivity>,
    /// How many there are in all; none where that was not asked.
    pub total: Option<i64>,
    text: String,
}

/// Something that happened. What was not asked for is none.
#[derive(Debug)]
pub struct PackedActivity {
    /// Its id.
    pub id: Option<RecordId>,
    /// Its version, from 1.
    pub version: Option<i64>,
    /// When it last became different.
    pub changed_at: Option<Timestamp>,
    /// When it happened, where that is known.
    pub occurred_at: Option<Timestamp>,
    place: Option<i64>,
    department: Range<usize>,
    mapped: Range<usize>,
}

const UNREADABLE: StoreError = StoreError::Corrupt { what: "what was packed for a planned read does not read back" };

impl PackedMembers {
    /// What a record says, as JSON.
    pub fn mapped(&self, member: &PackedMember) -> &str {
        &self.text[member.mapped.clone()]
    }

    fn read(text: Option<String>, pins: Option<String>) -> Result<Self, StoreError> {
        let text = text.unwrap_or_default();
        let mut rows = Vec::new();
        for mut cells in Cells::rows(&text) {
            let (key, owner) = (cells.next()?, cells.next()?);
            let (source, record) = (cells.uuid()?, cells.uuid()?);
            rows.push(PackedMember {
                department: department(text[owner].to_owned())?,
                source: SourceId(source),
                record: RecordId(record),
                deleted: &text[cells.next()?] == "1",
                key,
                mapped: cells.next()?,
            });
        }
        rows.sort_by(|one, other| (&text[one.key.clone()], one.record).cmp(&(&text[other.key.clone()], other.record)));
        Ok(Self { rows, pins: read_pins(&pins.unwrap_or_default())?, text })
    }
}

fn read_pins(text: &str) -> Result<Vec<PackedPin>, StoreError> {
    let mut pins = Vec::new();
    for mut cells in Cells::rows(text) {
        let (made_at, id) = (cells.time()?, cells.uuid()?);
        let pin = PackedPin { record: RecordId(cells.uuid()?), path: text[cells.next()?].to_owned() };
        pins.push(((made_at, id), pin));
    }
    pins.sort_by_key(|(place, _)| Reverse(*place));
    Ok(pins.into_iter().map(|(_, pin)| pin).collect())
}

impl PackedList {
    /// The department that owns the source of a row.
    pub fn department(&self, row: &PackedActivity) -> &str {
        &self.text[row.department.clone()]
    }

    /// What a row says, as JSON; nothing where that was not asked.
    pub fn mapped(&self, row: &PackedActivity) -> &str {
        &self.text[row.mapped.clone()]
    }

    fn read(text: Option<String>, total: Option<i64>, ask: &ListAsk) -> Result<Self, StoreError> {
        let text = text.unwrap_or_default();
        let mut rows = Vec::new();
        for mut cells in Cells::rows(&text) {
            rows.push(PackedActivity {
                department: cells.next()?,
                place: if ask.has(ListColumn::Place) { cells.int()? } else { None },
                id: if ask.has(ListColumn::Id) { Some(RecordId(cells.uuid()?)) } else { None },
                version: if ask.has(ListColumn::Version) { cells.int()? } else { None },
                changed_at: if ask.has(ListColumn::ChangedAt) { cells.time()? } else { None },
                occurred_at: if ask.has(ListColumn::OccurredAt) { cells.time()? } else { None },
                mapped: if ask.has(ListColumn::Mapped) { cells.next()? } else { 0..0 },
            });
        }
        // Without a place: the latest first, what has no date last.
        rows.sort_by_key(|row| (row.place, Reverse(row.occurred_at), Reverse(row.id)));
        Ok(Self { rows, total, text })
    }
}

impl PackedActivity {
    /// The page cursor that leads to what comes after it. Only of a row of which id and time were asked for.
    pub fn cursor(&self) -> String {
        let id = self.id.map_or(Uuid::nil(), |id| id.0);
        crate::store::activity::LATEST.cursor(&SortValue::Time(self.occurred_at), id)
    }
}

impl Reached {
    /// From the columns from `at` on.
    pub(super) fn read(row: &Row, ask: &ReachAsk, at: usize) -> Result<Self, StoreError> {
        let mut at = at;
        let mut next = || {
            at += 1;
            at - 1
        };
        let mut reached = Self::default();
        if ask.members {
            reached.members = PackedMembers::read(row.opt_text(next())?, row.opt_text(next())?)?;
        }
        for list in &ask.lists {
            let text = row.opt_text(next())?;
            let total = if list.counted { Some(row.int(next())?) } else { None };
            reached.lists.push(PackedList::read(text, total, list)?);
        }
        Ok(reached)
    }
}

/// The cells of one row, as places in the whole text.
struct Cells<'a> {
    text: &'a str,
    at: usize,
    end: usize,
}

impl<'a> Cells<'a> {
    fn rows(text: &'a str) -> impl Iterator<Item = Self> {
        let mut at = 0;
        text.split(ROW).filter(|row| !row.is_empty()).map(move |row| {
            let start = at;
            at += row.len() + ROW.len_utf8();
            Self { text, at: start, end: start + row.len() }
        })
    }

    fn next(&mut self) -> Result<Range<usize>, StoreError> {
        if self.at > self.end {
            return Err(UNREADABLE);
        }
        let rest = &self.text[self.at..self.end];
        let length = rest.find(FIELD).unwrap_or(rest.len());
        let cell = self.at..self.at + length;
        self.at = cell.end + FIELD.len_utf8();
        Ok(cell)
    }

    fn uuid(&mut self) -> Result<Uuid, StoreError> {
        Uuid::try_parse(&self.text[self.next()?]).map_err(|_| UNREADABLE)
    }

    fn int(&mut self) -> Result<Option<i64>, StoreError> {
        let text = &self.text[self.next()?];
        if text.is_empty() { Ok(None) } else { text.parse().map(Some).map_err(|_| UNREADABLE) }
    }

    fn time(&mut self) -> Result<Option<Timestamp>, StoreError> {
        let Some(micros) = self.int()? else { return Ok(None) };
        Timestamp::from_timestamp_micros(micros).map(Some).ok_or(UNREADABLE)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use onefold_model::RecordKind;

    fn list(text: &str, columns: &[ListColumn]) -> Result<PackedList, StoreError> {
        let ask = ListAsk { kind: RecordKind::Invoice, rows: 5, columns: columns.to_vec(), counted: false };
        PackedList::read(Some(text.to_owned()), None, &ask)
    }

    #[test]
    fn rows_come_back_in_their_order() {
        let placed = "support\u{1f}2\u{1f}{\"a\":1}\u{1e}billing\u{1f}1\u{1f}{}";
        let list = super::tests::list(placed, &[ListColumn::Place, ListColumn::Mapped]).unwrap();
        let rows: Vec<(&str, &str)> = list.rows.iter().map(|row| (list.department(row), list.mapped(row))).collect();
        assert_eq!(rows, [("billing", "{}"), ("support", "{\"a\":1}")]);
        let id = |n: u128| Uuid::from_u128(n).simple().to_string();
        let dated = ["", "5", "7", "7"].iter().zip(1..).map(|(at, n)| format!("x\u{1f}{}\u{1f}{at}", id(n)));
        let dated = dated.collect::<Vec<_>>().join("\u{1e}");
        let list = super::tests::list(&dated, &[ListColumn::Id, ListColumn::OccurredAt]).unwrap();
        let ids: Vec<u128> = list.rows.iter().filter_map(|row| row.id).map(|id| id.0.as_u128()).collect();
        assert_eq!(ids, [4, 3, 2, 1]);
    }

    #[test]
    fn what_does_not_read_is_an_error() {
        for text in ["billing", "billing\u{1f}no id"] {
            assert!(list(text, &[ListColumn::Id]).is_err(), "{text}");
        }
        assert!(list("", &[ListColumn::Id]).unwrap().rows.is_empty());
    }

    #[test]
    fn pins_come_the_latest_first() {
        let id = |n: u128| Uuid::from_u128(n).simple().to_string();
        let pin = |at: i64, n: u128| format!("{at}\u{1f}{}\u{1f}{}\u{1f}email", id(n), id(n));
        let pins = read_pins(&[pin(1, 1), pin(2, 2), pin(2, 3)].join("\u{1e}")).unwrap();
        let records: Vec<u128> = pins.iter().map(|pin| pin.record.0.as_u128()).collect();
        assert_eq!(records, [3, 2, 1]);
    }
}
