//! For one run: how many records have each distinct value, and how many other parties that makes.
//!
//! A mailbox in six records is one person's if they all have one name, and a family's if they have four. So for what
//! should be somebody's own (mailboxes, numbers, identifiers, houses, days of birth) the names of the holders are
//! counted, not the records: duplicates must not make a value look common.

use super::frequency::{Column, ColumnFrequency, Frequencies};
use crate::normalise::{Birth, Columns, Row};
use crate::values::{ValueId, Values};
use onefold_model::PartyKind;
use serde::{Deserialize, Serialize};

/// How common a value is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, Serialize, Deserialize)]
pub(crate) struct Holders {
    /// How many other parties seem to have it, besides the one that a pair might be.
    pub(crate) others: u32,
    /// How many records have it.
    pub(crate) records: u32,
}

/// How common each value is, by its number.
#[derive(Debug)]
pub(crate) struct Counts {
    by_value: Vec<Vec<Holders>>,
    /// Ascending by date.
    births: Vec<(u32, Holders)>,
    commonplace: u32,
}

impl Counts {
    /// Counts the records at hand. A value that more than `commonplace` other parties have is nobody's own.
    pub(crate) fn of_data(columns: &Columns, commonplace: u32) -> Self {
        let size = |&column: &Column| values(columns, column).map_or(0, Values::len);
        let mut counts = Self {
            by_value: Column::ALL.iter().map(|column| vec![Holders::default(); size(column)]).collect(),
            births: Vec::new(),
            commonplace,
        };
        let mut births: Vec<u32> =
            columns.rows.iter().filter(|row| row.birth.is_full()).map(|row| row.birth.packed()).collect();
        births.sort_unstable();
        for births in births.chunk_by(|a, b| a == b) {
            let records = u32::try_from(births.len()).unwrap_or(u32::MAX);
            counts.births.push((births[0], Holders { records, others: 0 }));
        }
        let mut found = Vec::new();
        for column in Column::ALL {
            for row in &columns.rows {
                values_of(columns, row, column, &mut found);
                for id in &found {
                    counts.by_value[column as usize][id.index()].records += 1;
                }
            }
        }
        counts.count_others(columns);
        counts
    }

    /// Fills in how many other parties have each value.
    fn count_others(&mut self, columns: &Columns) {
        for (column, holders) in Column::ALL.iter().zip(&mut self.by_value) {
            for holders in holders.iter_mut() {
                holders.others = holders.records.saturating_sub(2);
            }
            if !column.is_own() {
                continue;
            }
            // One entry for each name under which a value is held; only values that three records have are in doubt.
            let mut names: Vec<(ValueId, u64)> = Vec::new();
            let mut found = Vec::new();
            for row in &columns.rows {
                values_of(columns, row, *column, &mut found);
                let in_doubt = found.iter().filter(|id| holders[id.index()].others > 0);
                names.extend(in_doubt.map(|&id| (id, columns.name_key(row))));
            }
            for (id, names) in count_names(names) {
                let others = &mut holders[id.index()].others;
                *others = (*others).min(names - 1);
            }
        }
        let mut names: Vec<(u32, u64)> = Vec::new();
        for (_, holders) in &mut self.births {
            holders.others = holders.records.saturating_sub(2);
        }
        for row in columns.rows.iter().filter(|row| row.birth.is_full()) {
            if self.of_birth(row.birth).others > 0 {
                names.push((row.birth.packed(), columns.name_key(row)));
            }
        }
        for (birth, names) in count_names(names) {
            if let Ok(place) = self.births.binary_search_by_key(&birth, |entry| entry.0) {
                let others = &mut self.births[place].1.others;
                *others = (*others).min(names - 1);
            }
        }
    }

    /// Looks up the values at hand in the frequencies of a larger set.
    pub(crate) fn of_frequencies(columns: &Columns, frequencies: &Frequencies, commonplace: u32) -> Self {
        let none = ColumnFrequency::default();
        let by_value = Column::ALL
            .iter()
            .map(|&column| {
                let known = frequencies.column(column).unwrap_or(&none);
                let Some(values) = values(columns, column) else { return Vec::new() };
                values.ids().map(|id| known.holders(values.hash(id))).collect()
            })
            .collect();
        let known = frequencies.column(Column::BirthDate).unwrap_or(&none);
        let mut births: Vec<u32> = columns.rows.iter().map(|row| row.birth.packed()).collect();
        births.sort_unstable();
        births.dedup();
        let births = births.into_iter().map(|birth| (birth, known.holders(birth_hash(birth)))).collect();
        Self { by_value, births, commonplace }
    }

    /// Looks up the values that came with the record at `place`.
    pub(crate) fn learn(&mut self, columns: &Columns, place: usize, frequencies: &Frequencies) {
        let none = ColumnFrequency::default();
        for (column, holders) in Column::ALL.into_iter().zip(&mut self.by_value) {
            let known = frequencies.column(column).unwrap_or(&none);
            if let Some(values) = values(columns, column) {
                holders.extend(values.ids_from(holders.len()).map(|id| known.holders(values.hash(id))));
            }
        }
        let birth = columns.rows[place].birth.packed();
        if let Err(at) = self.births.binary_search_by_key(&birth, |entry| entry.0) {
            let known = frequencies.column(Column::BirthDate).unwrap_or(&none);
            self.births.insert(at, (birth, known.holders(birth_hash(birth))));
        }
    }

    /// Forgets the values that the columns have forgotten. Days of birth stay: there are not many.
    pub(crate) fn shorten(&mut self, columns: &Columns) {
        for (column, holders) in Column::ALL.into_iter().zip(&mut self.by_value) {
            holders.truncate(values(columns, column).map_or(0, Values::len));
        }
    }

    /// How many bytes are held.
    pub(crate) fn bytes(&self) -> usize {
        let by_value: usize = self.by_value.iter().map(Vec::capacity).sum();
        by_value * size_of::<Holders>() + self.births.capacity() * size_of::<(u32, Holders)>()
    }

    /// The counts in a form that outlives the run.
    pub(crate) fn to_frequencies(&self, columns: &Columns) -> Frequencies {
        let of_column = |&column: &Column| match values(columns, column) {
            None => frequency(self.births.iter().map(|&(birth, holders)| (birth_hash(birth), holders))),
            Some(values) => {
                frequency(values.ids().map(|id| (values.hash(id), self.of(column, id))).filter(|&(hash, _)| hash != 0))
            }
        };
        Frequencies {
            records: columns.rows.len() as u64,
            persons: None,
            organizations: None,
            columns: Column::ALL.iter().map(of_column).collect(),
        }
    }

    /// How common this value is.
    pub(crate) fn of(&self, column: Column, id: ValueId) -> Holders {
        self.by_value[column as usize].get(id.index()).copied().unwrap_or_default()
    }

    /// How common this day of birth is.
    pub(crate) fn of_birth(&self, birth: Birth) -> Holders {
        let found = self.births.binary_search_by_key(&birth.packed(), |entry| entry.0);
        found.map_or(Holders::default(), |place| self.births[place].1)
    }

    /// Whether so many parties have a value that it can be nobody's own: a switchboard, a mailbox of an office.
    pub(crate) fn is_commonplace(&self, holders: Holders) -> bool {
        holders.others > self.commonplace
    }
}

/// How many different names there are for each value; at least one.
fn count_names<T: Copy + Ord>(mut names: Vec<(T, u64)>) -> Vec<(T, u32)> {
    names.sort_unstable();
    names.dedup();
    let of_value = names.chunk_by(|a, b| a.0 == b.0);
    of_value
        .map(|names| {
            let count = names.iter().filter(|entry| entry.1 != 0).count();
            (names[0].0, u32::try_from(count).unwrap_or(u32::MAX).max(1))
        })
        .collect()
}

/// The distinct values of a record in a column; none for days of birth.
fn values_of(columns: &Columns, row: &Row, column: Column, found: &mut Vec<ValueId>) {
    found.clear();
    let addresses = || columns.list(row.addresses).iter().map(|&id| columns.addresses.parts(id));
    match column {
        Column::GivenName => found.push(row.given),
        Column::FamilyName => found.push(row.family),
        Column::MiddleName => found.push(row.middle),
        Column::BirthDate => {}
        Column::Email => found.extend(columns.list(row.emails)),
        Column::Phone => found.extend(columns.list(row.phones).iter().map(|&id| columns.phones.key(id))),
        Column::Place => found.extend(addresses().map(|parts| parts.place)),
        Column::PostCode => found.extend(addresses().map(|parts| parts.post_code)),
        Column::Locality => found.extend(addresses().map(|parts| parts.locality)),
        Column::Company => found.push(row.company),
        Column::OrganizationName => found.extend(columns.list(row.organizations)),
        Column::Domain => match row.kind {
            PartyKind::Person => {
                found.extend(columns.list(row.emails).iter().map(|&id| columns.emails.features(id).own_domain));
            }
            PartyKind::Organization => found.extend(columns.list(row.domains)),
        },
        Column::Identifier => found.extend(columns.list(row.identifiers)),
    }
    found.retain(|id| id.is_some());
    if found.len() > 1 {
        found.sort_unstable();
        found.dedup();
    }
}

fn frequency(counted: impl Iterator<Item = (u64, Holders)>) -> ColumnFrequency {
    let mut frequency = ColumnFrequency::default();
    for (hash, holders) in counted {
        let records = u64::from(holders.records);
        frequency.present += records;
        frequency.agreeing += records * records.saturating_sub(1);
        if records > 1 {
            frequency.repeated.push((hash, holders));
        }
    }
    frequency.repeated.sort_unstable();
    frequency
}

fn birth_hash(birth: u32) -> u64 {
    u64::from(birth)
}

/// The distinct values of a column; dates of birth are numbers already.
fn values(columns: &Columns, column: Column) -> Option<&Values> {
    Some(match column {
        Column::GivenName | Column::FamilyName | Column::MiddleName => &columns.names.values,
        Column::BirthDate => return None,
        Column::Email => &columns.emails.values,
        Column::Phone => &columns.phones.keys,
        Column::Place => &columns.addresses.places,
        Column::PostCode => &columns.addresses.post_codes,
        Column::Locality => &columns.addresses.localities,
        Column::Company | Column::OrganizationName => &columns.organizations.values,
        Column::Domain => &columns.domains,
        Column::Identifier => &columns.identifiers.values,
    })
}
