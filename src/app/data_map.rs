//! The data map: which standard field which system fills, how often customers show its value, and where systems disagree.
//!
//! Who sees what: a field of a source is told to whoever may read that field, as it is, where it comes from that source's
//! department; a masked field is told to nobody, because its figures are those of the values. Only records and customers that
//! the caller may see are counted. A disagreement is counted where the caller may read both values; one with a value that is
//! hidden would tell that there is one. Whatever is left out is not listed: the map has no holes to guess from.

use super::{AppError, Session};
use crate::identity::{Pin, golden};
use crate::store::{FieldFill, SourceRow, StoredParty};
use onefold_model::{DepartmentKey, RecordKind, SourceId, Timestamp};
use std::collections::{BTreeSet, HashMap};

/// How a source fills a field.
#[derive(Debug, Clone, PartialEq)]
pub struct DataMapEntry {
    /// The type in the graph that has the field.
    pub type_name: &'static str,
    /// The field.
    pub field: &'static str,
    /// The source.
    pub source: SourceId,
    /// Live records of the source that could say something in it.
    pub records: i64,
    /// Those that do.
    pub filled: i64,
    /// When one of those last arrived.
    pub last_arrival_at: Option<Timestamp>,
    /// What customers show of it. Absent where nobody asked, and for fields of which a customer shows every value.
    pub golden: Option<GoldenFigures>,
}

/// What customers that are made of several records show of one field of one source.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct GoldenFigures {
    /// Customers that show the value of this source.
    pub wins: i64,
    /// Customers of which this source and another one say different things, and one of the two is shown.
    pub conflicts: i64,
}

/// Whether customers are looked at, which takes longer than counting records.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DataMapDepth {
    /// Records only.
    Records,
    /// What customers show too.
    Customers,
}

/// Customers that are looked at in one statement.
const BATCH: i64 = 500;
/// Lists of which a customer shows the best value, and the name of that.
const BEST_OF: [(&str, &str); 3] = [("emails", "email"), ("phones", "phone"), ("addresses", "address")];
/// Lists that are put together and not chosen from.
const JOINED: [&str; 4] = ["tradeNames", "domains", "identifiers", "tags"];

type Figures = HashMap<(String, SourceId), GoldenFigures>;

impl Session {
    /// The map, by type, field and source; of one source, or of all.
    pub async fn data_map(&self, source: Option<SourceId>, depth: DataMapDepth) -> Result<Vec<DataMapEntry>, AppError> {
        // It reads the whole store: one at a time, however many ask.
        let _turn = self.app.data_map.lock().await;
        let counts = self.store().data_map_counts(self.scope()).await?;
        let fills = self.store().data_map_fills(self.scope()).await?;
        let fills: HashMap<(SourceId, RecordKind, String), FieldFill> =
            fills.into_iter().map(|fill| ((fill.source, fill.kind, fill.field.clone()), fill)).collect();
        let figures = match depth {
            DataMapDepth::Records => None,
            DataMapDepth::Customers => Some(self.golden_figures().await?),
        };
        let mut map = Vec::new();
        for count in counts.iter().filter(|count| source.is_none_or(|wanted| wanted == count.source)) {
            let Some(row) = self.source(count.source).filter(|row| self.source_get(row.id).is_some()) else { continue };
            for field in count.kind.fields().iter().filter(|field| self.maps(count.kind.type_name(), &field.name, row))
            {
                let fill = fills.get(&(count.source, count.kind, field.name.clone()));
                map.push(DataMapEntry {
                    type_name: count.kind.type_name(),
                    field: &field.name,
                    source: count.source,
                    records: count.records,
                    filled: fill.map_or(0, |fill| fill.filled),
                    last_arrival_at: fill.map(|fill| fill.last_arrival_at),
                    golden: figures.as_ref().and_then(|all| golden_of(all, count.kind, &field.name, count.source)),
                });
            }
        }
        let key = |entry: &DataMapEntry| self.source(entry.source).map(|row| row.key.clone());
        map.sort_by_cached_key(|entry| (entry.type_name, entry.field, key(entry)));
        Ok(map)
    }

    fn maps(&self, type_name: &str, field: &str, source: &SourceRow) -> bool {
        self.scope().field(type_name, field, Some(&source.department)).is_read()
    }

    /// What customers of several records show, by field and source.
    async fn golden_figures(&self) -> Result<Figures, AppError> {
        let mut figures = Figures::new();
        let mut after = None;
        loop {
            let ids = self.store().customers_of_several(self.scope(), after, BATCH).await?;
            let (members, pins) = self.pinned_members(self.scope(), &ids).await?;
            for parties in members.values() {
                self.figures_of(parties, &pins, &mut figures);
            }
            match ids.last() {
                Some(last) if ids.len() >= usize::try_from(BATCH).unwrap_or(usize::MAX) => after = Some(*last),
                Some(_) | None => return Ok(figures),
            }
        }
    }

    fn figures_of(&self, members: &[StoredParty], pins: &[Pin], figures: &mut Figures) {
        let reads = |path: &str, owner: &DepartmentKey| self.scope().field("Customer", path, Some(owner)).is_read();
        let of = |record| members.iter().find(|party| party.record == record);
        let rules = self.app.identity.rules();
        for field in golden(members, pins, &rules).map(|golden| golden.fields).unwrap_or_default() {
            let Some(winner) = of(field.record).filter(|party| reads(&field.path, &party.department)) else { continue };
            figures.entry((field.path.clone(), winner.source)).or_default().wins += 1;
            let others = field.losing.iter().filter_map(|losing| of(losing.record));
            let others = others.filter(|party| party.source != winner.source && reads(&field.path, &party.department));
            let mut disagree: BTreeSet<SourceId> = others.map(|party| party.source).collect();
            if !disagree.is_empty() {
                disagree.insert(winner.source);
            }
            for source in disagree {
                figures.entry((field.path.clone(), source)).or_default().conflicts += 1;
            }
        }
    }
}

fn golden_of(figures: &Figures, kind: RecordKind, field: &str, source: SourceId) -> Option<GoldenFigures> {
    if kind != RecordKind::Party || JOINED.contains(&field) {
        return None;
    }
    let path = BEST_OF.iter().find(|(list, _)| *list == field).map_or(field, |(_, best)| best);
    Some(figures.get(&(path.to_owned(), source)).copied().unwrap_or_default())
}
