//! For one run: how many records have each distinct value, and how many other parties that makes.
//!
//! A mailbox in six records is one person's if they all have one name, and a family's if they have four. So for what
//! should be somebody's own (mailboxes, numbers, identifiers, houses, days of birth) the names of the holders are
//! counted, not the records: duplicates must not make a value look common. Nor must they a name, which many have: of its
//! holders those count that seem to be another party than a holder drawn by lot.

use super::frequency::{Column, ColumnFrequency, Frequencies};
use crate::block::mix;
use crate::normalise::{Columns, Row};
use crate::values::ValueId;
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
    by_value: [Vec<Holders>; Column::ALL.len()],
    records: u64,
    commonplace: u32,
}

impl Counts {
    /// Counts the records at hand. A value that more than `commonplace` other parties have is nobody's own.
    pub(crate) fn of_data(columns: &Columns, commonplace: u32) -> Self {
        let mut by_value = Column::ALL.map(|column| vec![Holders::default(); hashes(columns, column).len()]);
        for row in &columns.rows {
            for (column, holders) in Column::ALL.into_iter().zip(&mut by_value) {
                each_value(columns, row, column, |id| holders[id.index()].records += 1);
            }
        }
        let mut counts = Self { by_value, records: columns.rows.len() as u64, commonplace };
        counts.count_others(columns);
        counts
    }

    /// Fills in how many other parties have each value.
    fn count_others(&mut self, columns: &Columns) {
        for holders in self.by_value.iter_mut().flatten() {
            holders.others = holders.records.saturating_sub(2);
        }
        for (column, holders) in Column::ALL.into_iter().zip(&mut self.by_value).filter(|(column, _)| column.is_own()) {
            // One entry for each name under which a value is held; only values that three records have are in doubt.
            let mut names: Vec<(ValueId, u64)> = Vec::new();
            for row in &columns.rows {
                each_value(columns, row, column, |id| {
                    if holders[id.index()].others > 0 {
                        // A name is told by where its bearers are, everything else by their names.
                        let is_name = column == Column::OrganizationName;
                        names.push((id, if is_name { columns.seat_key(row) } else { columns.name_key(row) }));
                    }
                });
            }
            for (id, names) in count_names(by_value(&names, holders.len())) {
                let others = &mut holders[id.index()].others;
                *others = (*others).min(names - 1);
            }
        }
        for column in [Column::GivenName, Column::FamilyName] {
            self.count_namesakes(columns, column);
        }
    }

    /// Fills in how many holders of each name are another party than the one that a holder is.
    fn count_namesakes(&mut self, columns: &Columns, column: Column) {
        let holders = &mut self.by_value[column as usize];
        let mut parties: Vec<(ValueId, u64)> = Vec::new();
        for (row, place) in columns.rows.iter().zip(0u64..) {
            let (name, other) = match column {
                Column::GivenName => (row.given, columns.names.features(row.family).skeleton),
                _ => (row.family, columns.names.features(row.given).canonical),
            };
            if name.is_some() && holders[name.index()].others > 0 {
                // Who does not say both is nobody's duplicate, as far as can be told.
                let is_told = other != 0 && row.birth.is_full();
                parties.push((name, if is_told { mix(other, u64::from(row.birth.packed())) } else { place }));
            }
        }
        for of_name in by_value(&parties, holders.len()).chunk_by(|a, b| a.0 == b.0) {
            let alike = of_name.chunk_by(|a, b| a.1 == b.1).map(|party| (party.len() * party.len()) as u64);
            // Of two holders drawn by lot, so many of all are one party (Simpson 1949).
            let same = alike.sum::<u64>().div_ceil(of_name.len() as u64);
            let apart = u32::try_from(of_name.len() as u64 - same).unwrap_or(u32::MAX);
            let others = &mut holders[of_name[0].0.index()].others;
            *others = (*others).min(apart);
        }
    }

    /// Looks up the values at hand in the frequencies of a larger set.
    pub(crate) fn of_frequencies(columns: &Columns, frequencies: &Frequencies, commonplace: u32) -> Self {
        let none = ColumnFrequency::default();
        let by_value = Column::ALL.map(|column| {
            let known = frequencies.column(column).unwrap_or(&none);
            hashes(columns, column).iter().map(|&hash| known.holders(hash)).collect()
        });
        Self { by_value, records: frequencies.records(), commonplace }
    }

    /// Looks up the values that have come since.
    pub(crate) fn learn(&mut self, columns: &Columns, frequencies: &Frequencies) {
        let none = ColumnFrequency::default();
        for (column, holders) in Column::ALL.into_iter().zip(&mut self.by_value) {
            let known = frequencies.column(column).unwrap_or(&none);
            let new = hashes(columns, column).get(holders.len()..).unwrap_or_default();
            holders.extend(new.iter().map(|&hash| known.holders(hash)));
        }
    }

    /// How many bytes are held.
    pub(crate) fn bytes(&self) -> usize {
        self.by_value.iter().map(Vec::capacity).sum::<usize>() * size_of::<Holders>()
    }

    /// The counts in a form that outlives the run.
    pub(crate) fn to_frequencies(&self, columns: &Columns) -> Frequencies {
        let of_column = |(&column, holders): (&Column, &Vec<Holders>)| {
            let counted = hashes(columns, column).iter().copied().zip(holders.iter().copied());
            frequency(counted.filter(|&(hash, _)| hash != 0))
        };
        Frequencies {
            records: columns.rows.len() as u64,
            persons: None,
            organizations: None,
            columns: Column::ALL.iter().zip(&self.by_value).map(of_column).collect(),
        }
    }

    /// The share of all records that have this word in the name of an organisation, with `imagined` records beside them
    /// in which it has the share `assumed`.
    pub(crate) fn word_share(&self, word: ValueId, imagined: f64, assumed: f64) -> f64 {
        let holders = f64::from(self.of(Column::OrganizationWord, word).records);
        (holders + imagined * assumed) / (self.records as f64 + imagined)
    }

    /// How common this value is.
    pub(crate) fn of(&self, column: Column, id: ValueId) -> Holders {
        self.by_value[column as usize].get(id.index()).copied().unwrap_or_default()
    }

    /// Whether so many parties have a value that it can be nobody's own: a switchboard, a mailbox of an office.
    pub(crate) fn is_commonplace(&self, holders: Holders) -> bool {
        holders.others > self.commonplace
    }
}

/// The entries in ascending order, of so many values at most: those of one value are few, and soon sorted.
fn by_value(entries: &[(ValueId, u64)], values: usize) -> Vec<(ValueId, u64)> {
    let mut starts = vec![0u32; values + 1];
    for (id, _) in entries {
        starts[id.index() + 1] += 1;
    }
    for place in 1..starts.len() {
        starts[place] += starts[place - 1];
    }
    let mut sorted = entries.to_vec();
    for entry in entries {
        let start = &mut starts[entry.0.index()];
        sorted[*start as usize] = *entry;
        *start += 1;
    }
    sorted.chunk_by_mut(|a, b| a.0 == b.0).for_each(<[_]>::sort_unstable);
    sorted
}

/// How many different names there are for each value, whose entries ascend; at least one.
fn count_names(mut names: Vec<(ValueId, u64)>) -> Vec<(ValueId, u32)> {
    names.dedup();
    let of_value = names.chunk_by(|a, b| a.0 == b.0);
    of_value
        .map(|names| {
            let count = names.iter().filter(|entry| entry.1 != 0).count();
            (names[0].0, u32::try_from(count).unwrap_or(u32::MAX).max(1))
        })
        .collect()
}

/// Tells the distinct values of a record in a column.
#[inline]
fn each_value(columns: &Columns, row: &Row, column: Column, tell: impl FnMut(ValueId)) {
    match column {
        Column::GivenName => each_distinct(&[row.given], |id| id, tell),
        Column::FamilyName => each_distinct(&[row.family], |id| id, tell),
        Column::MiddleName => each_distinct(&[row.middle], |id| id, tell),
        // A part of a date is common, and no day.
        Column::BirthDate if row.birth.is_full() => each_distinct(&[row.birth_value], |id| id, tell),
        Column::BirthDate => {}
        Column::Email => each_distinct(columns.list(&row.emails), |id| id, tell),
        Column::Phone => each_distinct(columns.list(&row.phones), |id| columns.phones.key(id), tell),
        Column::Place => {
            each_distinct(columns.list(&row.addresses), |id| columns.addresses.parts(id).place, tell);
        }
        Column::PostCode => {
            each_distinct(columns.list(&row.addresses), |id| columns.addresses.parts(id).post_code, tell);
        }
        Column::Locality => {
            each_distinct(columns.list(&row.addresses), |id| columns.addresses.parts(id).locality, tell);
        }
        Column::Company => each_distinct(&[row.company], |id| columns.organizations.features(id).core, tell),
        Column::OrganizationName => {
            each_distinct(columns.list(&row.organizations), |id| columns.organizations.features(id).core, tell);
        }
        Column::OrganizationWord => {
            let words = |&name: &ValueId| columns.organizations.features(name).words.as_slice();
            match columns.list(&row.organizations) {
                [] => {}
                [name] => each_distinct(words(name), |id| id, tell),
                names => each_distinct(&names.iter().map(words).collect::<Vec<_>>().concat(), |id| id, tell),
            }
        }
        Column::Domain => {
            each_distinct(columns.list(&row.emails), |id| columns.emails.features(id).own_domain, tell);
        }
        Column::OrganizationDomain => each_distinct(columns.list(&row.domains), |id| id, tell),
        Column::Identifier => each_distinct(columns.list(&row.identifiers), |id| id, tell),
    }
}

#[inline]
fn each_distinct(list: &[ValueId], value_of: impl Fn(ValueId) -> ValueId, mut tell: impl FnMut(ValueId)) {
    for (place, &id) in list.iter().enumerate() {
        let value = value_of(id);
        if value.is_some() && !list[..place].iter().any(|&before| value_of(before) == value) {
            tell(value);
        }
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

/// The hashes of a column's distinct values, by number.
fn hashes(columns: &Columns, column: Column) -> &[u64] {
    match column {
        Column::GivenName | Column::FamilyName | Column::MiddleName => columns.names.values.hashes(),
        Column::BirthDate => columns.births.hashes(),
        Column::Email => columns.emails.values.hashes(),
        Column::Phone => columns.phones.keys.hashes(),
        Column::Place => columns.addresses.places.hashes(),
        Column::PostCode => columns.addresses.post_codes.hashes(),
        Column::Locality => columns.addresses.localities.hashes(),
        Column::Company | Column::OrganizationName => columns.organizations.cores.hashes(),
        Column::OrganizationWord => columns.organizations.words.hashes(),
        Column::Domain | Column::OrganizationDomain => columns.domains.hashes(),
        Column::Identifier => columns.identifiers.values.hashes(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dataset::Dataset;
    use crate::record::RecordText;
    use onefold_model::{RecordId, SourceKey};

    /// Of how many holders it is taken that another party has the family name of the first.
    fn others(people: &[(&str, &str, Option<&str>)]) -> u32 {
        let source = SourceKey::new("billing").unwrap();
        let mut builder = Dataset::builder();
        for (row, (given_name, family_name, birth)) in people.iter().enumerate() {
            let birth_date = birth.map(|day| day.parse().unwrap());
            let id = RecordId::derive(&source, "customers", &row.to_string());
            builder.push(id, &RecordText { given_name, family_name, birth_date, ..RecordText::PERSON });
        }
        let dataset = builder.build();
        let counts = Counts::of_data(&dataset.columns, 20);
        counts.of(Column::FamilyName, dataset.columns.rows[0].family).others
    }

    #[test]
    fn duplicates_do_not_make_a_name_look_common() {
        let (ada, zoe) = (("Ada", "King", Some("1984-03-07")), ("Zoe", "King", Some("1990-01-31")));
        assert_eq!(others(&[ada; 5]), 0);
        assert_eq!(others(&[ada, ada, ada, ada, ada, zoe]), 1);
        assert_eq!(others(&[ada, zoe, zoe, ada]), 2);
        // Whose birthday is not known is nobody's duplicate, as far as can be told.
        assert_eq!(others(&[("Ada", "King", None); 5]), 3);
    }
}
