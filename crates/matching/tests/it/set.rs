//! Labelled sets of records: one table or two, a truth about their rows, and how well clusters agree with it. Nothing is
//! said of what the columns are about; that is recognised.

use crate::labelled_file::read_table;
use onefold_matching::{
    AnyRule, BlockKey, BlockingSettings, Dataset, Hints, PartyRecord, Resolution, Table, TableRoles, recognise,
};
use onefold_model::{RecordId, SourceKey};
use std::collections::{HashMap, HashSet};
use std::error::Error;
use std::path::Path;

/// The rows of one table, or of two that are to be linked.
pub(crate) struct LabelledSet {
    files: Vec<(SourceKey, Table, TableRoles)>,
}

/// What is known of the rows of a set.
pub(crate) struct Truth {
    known: Known,
    /// For each record whether it is of the second of two tables.
    is_second: HashMap<RecordId, bool>,
}

enum Known {
    /// The cluster that a record belongs to. A record without one is not judged.
    Clusters(HashMap<RecordId, String>),
    /// The pairs that belong together. Of two tables only pairs across them are judged.
    Pairs(HashSet<(RecordId, RecordId)>),
}

/// Pairwise measures: of all pairs that are together in the result or in the truth.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Score {
    pub(crate) precision: f64,
    pub(crate) recall: f64,
    pub(crate) f1: f64,
}

impl LabelledSet {
    pub(crate) fn read(paths: &[impl AsRef<Path>]) -> Result<Self, Box<dyn Error>> {
        let mut files: Vec<(SourceKey, Table, TableRoles)> = Vec::new();
        for (place, path) in paths.iter().enumerate() {
            let table = read_table(path.as_ref())?;
            // The second table is read as the first: persons are never compared with organisations.
            let hints = Hints { kind: files.first().map(|(_, _, roles)| roles.kind), ..Hints::default() };
            let roles = recognise(&table, &hints);
            files.push((SourceKey::new(format!("file-{}", place + 1))?, table, roles));
        }
        Ok(Self { files })
    }

    /// The rows, and their ids in the order of the tables.
    pub(crate) fn dataset(&self) -> (Dataset, Vec<RecordId>) {
        let (mut builder, mut ids) = (Dataset::builder(), Vec::new());
        for (source, table, roles) in &self.files {
            let mut reader = roles.reader(table, source);
            ids.extend(reader.push_all(&mut builder, |_| {}).into_iter().map(|(id, _)| id));
        }
        (builder.build(), ids)
    }

    /// The rows as records of parties.
    pub(crate) fn records(&self) -> Vec<PartyRecord> {
        let of_file = |(source, table, roles): &(SourceKey, Table, TableRoles)| {
            (0..table.len()).map(|row| roles.record(table, row, source)).collect::<Vec<_>>()
        };
        self.files.iter().flat_map(of_file).collect()
    }
}

impl Truth {
    /// Reads `record_id,cluster_id`, or the pairs that belong together as two columns of ids.
    pub(crate) fn read(path: &Path, set: &LabelledSet, ids: &[RecordId]) -> Result<Self, Box<dyn Error>> {
        let (mut by_key, mut is_second) = (HashMap::new(), HashMap::new());
        let rows =
            set.files.iter().enumerate().flat_map(|(file, one)| (0..one.1.len()).map(move |row| (file, one, row)));
        for ((file, (_, table, roles), row), &id) in rows.zip(ids) {
            by_key.insert((file, roles.key(table, row)), id);
            is_second.insert(id, file > 0);
        }
        let table = read_table(path)?;
        let find =
            |file: usize, row: usize, column: usize| by_key.get(&(file, table.cell(row, column).into())).copied();
        let last = set.files.len() - 1;
        let known = if table.header().iter().any(|name| name == "cluster_id") {
            let rows = (0..=last).flat_map(|file| (0..table.len()).map(move |row| (file, row)));
            Known::Clusters(
                rows.filter_map(|(file, row)| Some((find(file, row, 0)?, table.cell(row, 1).to_owned()))).collect(),
            )
        } else {
            Known::Pairs((0..table.len()).filter_map(|row| Some((find(0, row, 0)?, find(last, row, 1)?))).collect())
        };
        match &known {
            Known::Clusters(none) if none.is_empty() => Err("the truth names no row".into()),
            Known::Pairs(none) if none.is_empty() => Err("the truth names no pair of rows".into()),
            _ => Ok(Self { known, is_second }),
        }
    }

    pub(crate) fn score(&self, resolution: &Resolution) -> Score {
        let (found, right, expected) = match &self.known {
            Known::Clusters(clusters) => of_clusters(clusters, &resolution.clusters),
            Known::Pairs(pairs) => self.of_pairs(pairs, &resolution.clusters),
        };
        let precision = right as f64 / found.max(1) as f64;
        let recall = right as f64 / expected.max(1) as f64;
        Score { precision, recall, f1: 2.0 * precision * recall / (precision + recall).max(f64::MIN_POSITIVE) }
    }

    /// The pairs that belong together and are judged, each once.
    pub(crate) fn pairs(&self) -> Vec<(RecordId, RecordId)> {
        let clusters = match &self.known {
            Known::Pairs(pairs) => return pairs.iter().copied().collect(),
            Known::Clusters(clusters) => clusters,
        };
        let mut members: HashMap<&str, Vec<RecordId>> = HashMap::new();
        for (record, cluster) in clusters {
            members.entry(cluster).or_default().push(*record);
        }
        let pairs_of = |members: &Vec<RecordId>| {
            let pair = |at: usize| members[at + 1..].iter().map(move |other| (at, *other)).collect::<Vec<_>>();
            (0..members.len()).flat_map(pair).map(|(at, other)| (members[at], other)).collect::<Vec<_>>()
        };
        members.values().flat_map(pairs_of).collect()
    }

    /// The true recall of each rule, and of all together: the share of the true pairs that share a block within the bound.
    pub(crate) fn recall(&self, records: &[PartyRecord], settings: &BlockingSettings) -> (Vec<(AnyRule, f64)>, f64) {
        let keys: HashMap<RecordId, Vec<BlockKey>> =
            records.iter().map(|record| (record.id, settings.keys(record))).collect();
        let mut sizes: HashMap<BlockKey, u32> = HashMap::new();
        for key in keys.values().flatten() {
            *sizes.entry(*key).or_default() += 1;
        }
        let pairs = self.pairs();
        let (mut of_rule, mut of_any): (HashMap<AnyRule, u64>, u64) = (HashMap::new(), 0);
        for (one, other) in &pairs {
            let is_found = |key: &&BlockKey| keys[other].contains(key) && sizes[key] <= settings.largest_block;
            let rules: HashSet<AnyRule> = keys[one].iter().filter(is_found).map(|key| key.rule).collect();
            of_any += u64::from(!rules.is_empty());
            for rule in rules {
                *of_rule.entry(rule).or_default() += 1;
            }
        }
        let share = |found: u64| found as f64 / pairs.len() as f64;
        let rules = settings.all_rules().into_iter();
        (rules.map(|rule| (rule, share(of_rule.get(&rule).copied().unwrap_or(0)))).collect(), share(of_any))
    }

    fn of_pairs(&self, pairs: &HashSet<(RecordId, RecordId)>, clusters: &[Vec<RecordId>]) -> (u64, u64, u64) {
        let is_link = self.is_second.values().any(|is_second| *is_second);
        let (mut found, mut number) = (0, HashMap::new());
        for (place, cluster) in clusters.iter().enumerate() {
            let second = cluster.iter().filter(|id| self.is_second[id]).count() as u64;
            let all = cluster.len() as u64;
            found += if is_link { second * (all - second) } else { choose_two(all) };
            number.extend(cluster.iter().map(|id| (*id, place)));
        }
        let right = pairs.iter().filter(|(one, other)| number[one] == number[other]).count();
        (found, right as u64, pairs.len() as u64)
    }
}

fn of_clusters(of_record: &HashMap<RecordId, String>, clusters: &[Vec<RecordId>]) -> (u64, u64, u64) {
    let mut truth_sizes: HashMap<&str, u64> = HashMap::new();
    for cluster in of_record.values() {
        *truth_sizes.entry(cluster).or_default() += 1;
    }
    let (mut found, mut right) = (0, 0);
    for cluster in clusters {
        let mut parts: HashMap<&str, u64> = HashMap::new();
        for cluster in cluster.iter().filter_map(|id| of_record.get(id)) {
            *parts.entry(cluster).or_default() += 1;
        }
        found += choose_two(parts.values().sum());
        right += parts.values().map(|&n| choose_two(n)).sum::<u64>();
    }
    (found, right, truth_sizes.values().map(|&n| choose_two(n)).sum())
}

/// How many pairs there are of so many.
fn choose_two(n: u64) -> u64 {
    n * n.saturating_sub(1) / 2
}
