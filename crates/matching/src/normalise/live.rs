//! Columns that live on: a row that is replaced, and a row that was only looked at.
//!
//! Promises that rows come and go without touching others. Values, and lists of several of them, that no row has any more
//! stay: numbers of values are never given twice.

use super::tables::held;
use super::{Columns, Row};
use crate::record::RecordText;
use crate::values::{Memo, ValueId};

impl Columns {
    /// Puts the row of a record at a place: that of a row before it, or the end.
    pub(crate) fn put(&mut self, place: usize, record: &RecordText<'_>) {
        self.push(record);
        if place + 1 < self.rows.len() {
            self.rows.swap_remove(place);
        }
    }

    /// Takes the last row out again.
    pub(crate) fn pop(&mut self) {
        self.rows.pop();
    }

    /// Frees what was remembered of spellings; they are read again when they come again.
    pub(crate) fn forget_read(&mut self) {
        self.given_parts = Memo::new();
        self.middle_parts = Memo::new();
        self.family_parts = Memo::new();
        self.organization_names = Memo::new();
        self.identifier_spellings = Memo::new();
        self.addresses.forget_read();
    }

    /// How many bytes are held.
    pub(crate) fn bytes(&self) -> usize {
        let rows = self.rows.capacity() * size_of::<Row>() + self.lists.capacity() * size_of::<ValueId>();
        let of_persons = self.names.bytes() + self.births.bytes();
        let contacts = self.emails.bytes() + self.phones.bytes() + self.addresses.bytes() + self.domains.bytes();
        let others = self.identifiers.bytes() + self.organizations.bytes() + held(&self.found);
        let read = self.given_parts.bytes()
            + self.middle_parts.bytes()
            + self.family_parts.bytes()
            + self.organization_names.bytes()
            + self.identifier_spellings.bytes();
        rows + of_persons + contacts + others + read
    }
}
