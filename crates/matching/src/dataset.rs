//! Records made ready for matching, read one after the other from wherever they stand.
//!
//! Promises that only the set of records matters, not the order in which they are pushed, and that each distinct text is
//! read and kept once: a table of a million rows needs no party for each row.

use crate::normalise::Columns;
use crate::record::{PartyRecord, PartyTexts, RecordText};
use onefold_model::RecordId;

/// The records of one run, ascending by id, each once.
#[derive(Debug)]
pub struct Dataset {
    pub(crate) ids: Vec<RecordId>,
    pub(crate) columns: Columns,
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
}

impl Dataset {
    /// Begins without records.
    pub fn builder() -> DatasetBuilder {
        DatasetBuilder { ids: Vec::new(), columns: Columns::new() }
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
    pub(crate) fn of_parties(records: &[PartyRecord]) -> Self {
        let mut order: Vec<&PartyRecord> = records.iter().collect();
        order.sort_by_key(|record| (record.id, std::cmp::Reverse(record.seen_at)));
        order.dedup_by_key(|record| record.id);
        let mut builder = Self::builder();
        let mut texts = PartyTexts::default();
        for record in order {
            builder.push(record.id, &texts.of(&record.party));
        }
        builder.build()
    }
}

impl DatasetBuilder {
    /// Adds a record. Where an id is pushed more than once, the last one counts.
    pub fn push(&mut self, id: RecordId, record: &RecordText<'_>) {
        self.ids.push(id);
        self.columns.push(record);
    }

    /// Ends the reading.
    pub fn build(mut self) -> Dataset {
        if !self.ids.is_sorted_by(|a, b| a < b) {
            let mut order: Vec<(RecordId, u32)> = self.ids.iter().copied().zip(0..).collect();
            order.sort_unstable_by_key(|&(id, place)| (id, std::cmp::Reverse(place)));
            order.dedup_by_key(|entry| entry.0);
            self.columns.reorder(order.iter().map(|&(_, place)| place as usize));
            self.ids.clear();
            self.ids.extend(order.into_iter().map(|(id, _)| id));
        }
        self.columns.forget_spellings();
        Dataset { ids: self.ids, columns: self.columns }
    }
}
