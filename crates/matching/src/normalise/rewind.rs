//! Columns that live on: a row that is replaced, and a row that was only looked at.

use super::{Columns, Row, Span};
use crate::values::Values;
use onefold_model::Party;

/// How long every column was.
#[derive(Debug)]
pub(crate) struct Mark {
    rows: usize,
    lists: usize,
    names: usize,
    emails: usize,
    locals: usize,
    domains: usize,
    phones: usize,
    phone_keys: usize,
    addresses: [usize; 8],
    identifiers: [usize; 2],
    organizations: [usize; 2],
    memos: [usize; 3],
}

impl Columns {
    /// Puts the row of a party at a place: that of a row before it, or the end.
    ///
    /// The lists of the row before are written over where the new ones are no longer. Values that nobody has any more stay.
    pub(crate) fn put(&mut self, place: usize, party: &Party) {
        self.push(party);
        if place + 1 == self.rows.len() {
            return;
        }
        let Some(mut row) = self.rows.pop() else { return };
        let before = taken(&mut self.rows[place]);
        let (start, len) = taken(&mut row);
        if len > 0 && len <= before.1 {
            self.lists.copy_within(start..start + len, before.0);
            self.lists.truncate(start);
            for span in spans(&mut row).into_iter().filter(|span| span.len > 0) {
                let moved = span.start as usize - start + before.0;
                span.start = u32::try_from(moved).unwrap_or(u32::MAX);
            }
        }
        for span in spans(&mut row).into_iter().filter(|span| span.len == 0) {
            *span = Span::default();
        }
        self.rows[place] = row;
    }

    /// How long every column is.
    pub(crate) fn mark(&self) -> Mark {
        let (addresses, identifiers, organizations) = (&self.addresses, &self.identifiers, &self.organizations);
        Mark {
            rows: self.rows.len(),
            lists: self.lists.len(),
            names: self.names.values.len(),
            emails: self.emails.values.len(),
            locals: self.emails.locals.len(),
            domains: self.domains.len(),
            phones: self.phones.values.len(),
            phone_keys: self.phones.keys.len(),
            addresses: addresses.columns().map(Values::len),
            identifiers: identifiers.columns().map(Values::len),
            organizations: organizations.columns().map(Values::len),
            memos: [self.given_parts.len(), self.family_parts.len(), self.organization_names.len()],
        }
    }

    /// Makes every column as long as it was, so that nothing stays of the rows and values that came since.
    pub(crate) fn rewind(&mut self, mark: &Mark) {
        self.rows.truncate(mark.rows);
        self.lists.truncate(mark.lists);
        self.names.truncate(mark.names);
        self.emails.truncate(mark.emails, mark.locals);
        self.domains.truncate(mark.domains);
        self.phones.truncate(mark.phones, mark.phone_keys);
        self.addresses.truncate(mark.addresses);
        self.identifiers.truncate(mark.identifiers);
        self.organizations.truncate(mark.organizations);
        self.given_parts.truncate(mark.memos[0]);
        self.family_parts.truncate(mark.memos[1]);
        self.organization_names.truncate(mark.memos[2]);
    }

    /// How many bytes are held.
    pub(crate) fn bytes(&self) -> usize {
        let rows = self.rows.capacity() * size_of::<Row>() + self.lists.capacity() * 4;
        let memos = self.given_parts.bytes() + self.family_parts.bytes() + self.organization_names.bytes();
        let tables = self.names.bytes() + self.emails.bytes() + self.phones.bytes() + self.addresses.bytes();
        rows + memos + tables + self.domains.bytes() + self.identifiers.bytes() + self.organizations.bytes()
    }
}

fn spans(row: &mut Row) -> [&mut Span; 6] {
    [
        &mut row.emails,
        &mut row.phones,
        &mut row.addresses,
        &mut row.identifiers,
        &mut row.organizations,
        &mut row.domains,
    ]
}

/// Where the lists of a row begin, and how long they are together: they stand one after the other.
fn taken(row: &mut Row) -> (usize, usize) {
    let starts = spans(row).map(|span| if span.len > 0 { span.start } else { u32::MAX });
    let len = spans(row).map(|span| span.len as usize).iter().sum();
    (starts.into_iter().min().unwrap_or(0) as usize, len)
}
