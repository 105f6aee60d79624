//! Records made ready for matching, read one after the other from wherever they stand.
//!
//! Promises that only the set of records matters, not the order in which they are pushed, and that each distinct text is
//! read and kept once: a table of a million rows needs no party for each row. The order in which they are pushed is the
//! one in which they stand in memory, so records that will be compared should be pushed one after the other.

use crate::block::sort_by_key;
use crate::normalise::{Ahead, Columns};
use crate::record::{PartyRecord, PartyTexts, RecordText, neighbourhood};
use crate::sources::Sources;
use onefold_model::{Party, RecordId, SourceId};
use std::cmp::Reverse;

/// The records of one run, each once.
#[derive(Debug)]
pub struct Dataset {
    /// Ascending.
    pub(crate) ids: Vec<RecordId>,
    /// The row of each of them, which are in the order in which they were read.
    pub(crate) places: Vec<u32>,
    pub(crate) columns: Columns,
    pub(crate) sources: Sources,
}

/// Takes records one after the other.
///
/// ```
/// use onefold_matching::{Dataset, RecordText, Settings, resolve_dataset};
/// use onefold_model::{RecordId, SourceKey};
///
/// let key = SourceKey::new("billing")?;
/// let mut builder = Dataset::builder();
/// for (row, (given, family)) in [("Ada", "King"), ("Ada", "King"), ("William", "King")].into_iter().enumerate() {
///     let id = RecordId::derive(&key, "customers", &row.to_string());
///     let emails: &[&str] = if given == "Ada" { &["ada@king.example"] } else { &[] };
///     builder.push(id, &RecordText { given_name: given, family_name: family, emails, ..RecordText::PERSON });
/// }
/// let resolution = resolve_dataset(&builder.build(), &[], &Settings::default(), &mut |_| {});
/// assert_eq!(resolution.clusters.len(), 2);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct DatasetBuilder {
    ids: Vec<RecordId>,
    columns: Columns,
    sources: Sources,
}

impl Dataset {
    /// Begins without records.
    pub fn builder() -> DatasetBuilder {
        DatasetBuilder { ids: Vec::new(), columns: Columns::new(), sources: Sources::default() }
    }

    /// How many records there are.
    pub fn len(&self) -> usize {
        self.ids.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.ids.is_empty()
    }

    /// The records of parties. Where an id is given more than once, the record that was seen last counts.
    pub fn of_parties(records: &[PartyRecord]) -> Self {
        let mut order: Vec<&PartyRecord> = records.iter().collect();
        order.sort_by_key(|record| (record.id, std::cmp::Reverse(record.seen_at)));
        order.dedup_by_key(|record| record.id);
        order.sort_by_cached_key(|record| neighbourhood_of(&record.party));
        let mut builder = Self::builder();
        builder.reserve(order.len());
        let mut texts = PartyTexts::default();
        for record in order {
            builder.push_of(Some(record.source), record.id, &texts.of(&record.party));
        }
        builder.build()
    }
}

impl DatasetBuilder {
    /// Adds a record. Where an id is pushed more than once, the last one counts.
    pub fn push(&mut self, id: RecordId, record: &RecordText<'_>) {
        self.push_of(None, id, record);
    }

    /// As [`DatasetBuilder::push`], of a source.
    fn push_of(&mut self, source: Option<SourceId>, id: RecordId, record: &RecordText<'_>) {
        self.sources.put(self.ids.len(), source);
        self.ids.push(id);
        self.columns.push(record);
    }

    /// Makes room for so many more records, so that what is read of them need not move.
    pub(crate) fn reserve(&mut self, records: usize) {
        self.ids.reserve_exact(records);
        self.columns.reserve(records);
    }

    /// Asks for the memory that records with these texts will want. Changes nothing.
    pub(crate) fn fetch(&mut self, texts: &Ahead<'_>) {
        self.columns.fetch(texts);
    }

    /// Ends the reading.
    pub fn build(mut self) -> Dataset {
        self.columns.forget_spellings();
        let mut places = self.order();
        let ids = places.iter().map(|&place| self.ids[place as usize]).collect();
        if places.len() < self.ids.len() {
            let mut kept = places.clone();
            kept.sort_unstable();
            self.columns.reorder(kept.iter().map(|&place| place as usize));
            self.sources.reorder(kept.iter().map(|&place| place as usize));
            // How many are kept before a row is where it stands now.
            for place in &mut places {
                *place = number(kept.partition_point(|kept| kept < place));
            }
        }
        Dataset { ids, places, columns: self.columns, sources: self.sources }
    }

    /// The places of the records that count, ascending by id.
    fn order(&self) -> Vec<u32> {
        let upper_half = |id: &RecordId| id.0.as_u64_pair().0;
        let mut entries: Vec<(u64, u32)> = self.ids.iter().map(upper_half).zip(0..).collect();
        sort_by_key(&mut entries, &mut Vec::new());
        for alike in entries.chunk_by_mut(|a, b| a.0 == b.0).filter(|alike| alike.len() > 1) {
            alike.sort_unstable_by_key(|entry| (self.ids[entry.1 as usize], Reverse(entry.1)));
        }
        entries.dedup_by_key(|entry| self.ids[entry.1 as usize]);
        entries.into_iter().map(|entry| entry.1).collect()
    }
}

/// See [`neighbourhood`].
fn neighbourhood_of(party: &Party) -> u64 {
    let names = [&party.family_name, &party.display_name, &party.legal_name, &party.company];
    let family = names.into_iter().find_map(|name| name.as_deref()).unwrap_or_default();
    neighbourhood(family, party.given_name.as_deref().unwrap_or_default())
}

/// A place; more records than that do not fit in memory.
fn number(place: usize) -> u32 {
    u32::try_from(place).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use onefold_model::SourceKey;

    #[test]
    fn of_an_id_that_comes_again_the_last_counts_wherever_its_rows_stand() {
        let source = SourceKey::new("billing").unwrap();
        let id = |key: &str| RecordId::derive(&source, "customers", key);
        let pushed = [("c", "Zoe"), ("a", "Ada"), ("c", "Cleo"), ("b", "Bill"), ("a", "Anna")];
        let mut builder = Dataset::builder();
        for (key, given_name) in pushed {
            builder.push(id(key), &RecordText { given_name, family_name: "King", ..RecordText::PERSON });
        }
        let dataset = builder.build();
        assert!(dataset.ids.is_sorted_by(|a, b| a < b));
        assert_eq!((dataset.len(), dataset.columns.rows.len()), (3, 3));
        for (key, given) in [("a", "anna"), ("b", "bill"), ("c", "cleo")] {
            let rank = dataset.ids.binary_search(&id(key)).unwrap();
            let row = &dataset.columns.rows[dataset.places[rank] as usize];
            assert_eq!(dataset.columns.names.values.get(row.given), given);
        }
    }
}
