//! What is known to be true of records, and how well clusters agree with it.
//!
//! A truth is a table: either `record_id,cluster_id`, or the pairs that belong together, an id in each of two columns. With
//! pairs of two files only pairs across the files are judged, because such a truth says nothing about others.

use super::error::MatchError;
use super::input::Input;
use super::read;
use onefold_matching::Table;
use std::collections::{HashMap, HashSet};
use std::path::Path;

/// What is known to be true.
pub(super) enum Truth {
    /// The true cluster of each record, by place; `None` where nothing is known, and the record is not judged.
    Clusters(Vec<Option<u32>>),
    /// The pairs of places that belong together, the smaller first.
    Pairs(HashSet<(usize, usize)>),
}

/// How many pairs are together in a result, in the truth, and in both.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Agreement {
    pub(super) found: u64,
    pub(super) expected: u64,
    pub(super) right: u64,
}

impl Agreement {
    /// Of the pairs that were found, the share that is true. Of none, all are.
    pub(super) fn precision(self) -> f64 {
        if self.found == 0 { 1.0 } else { self.right as f64 / self.found as f64 }
    }

    /// Of the pairs that are true, the share that was found.
    pub(super) fn recall(self) -> f64 {
        if self.expected == 0 { 1.0 } else { self.right as f64 / self.expected as f64 }
    }

    /// The harmonic mean of the two.
    pub(super) fn f1(self) -> f64 {
        2.0 * self.right as f64 / (self.found + self.expected).max(1) as f64
    }
}

/// Headers of the answer.
const CLUSTER_WORDS: [&str; 7] = ["cluster", "entity", "group", "truth", "true", "party", "customer"];

/// Headers of a judgement about a pair.
const SCORE_WORDS: [&str; 4] = ["score", "match", "label", "duplicate"];

impl Truth {
    /// Reads a truth about these records.
    pub(super) fn read(path: &Path, input: &Input) -> Result<Self, MatchError> {
        let table = read::table(path)?;
        let refused = |reason: String| MatchError::Truth { path: path.to_owned(), reason };
        let has_word = |name: &str, words: &[&str]| words.iter().any(|word| name.to_lowercase().contains(word));
        let names = table.header();
        let cluster = (0..names.len()).find(|&column| {
            has_word(&names[column], &CLUSTER_WORDS) && !has_word(&names[column], &["record", "score"])
        });
        let others = (0..names.len()).filter(|&column| Some(column) != cluster);
        let mut ids: Vec<usize> = others.clone().filter(|&column| has_word(&names[column], &["id", "key"])).collect();
        if ids.is_empty() {
            ids = others.collect();
        }
        let by_key = ByKey::of(input);
        match (cluster, ids.as_slice()) {
            (Some(cluster), [id, ..]) => by_key.clusters(&table, *id, cluster, input.keys.len()),
            (None, [one, other, ..]) => {
                let score = (0..names.len()).find(|&column| has_word(&names[column], &SCORE_WORDS));
                by_key.pairs(&table, *one, *other, score)
            }
            _ => Err("it has neither record_id,cluster_id nor two columns of ids".to_owned()),
        }
        .map_err(refused)
    }

    /// How the numbers of clusters agree with it.
    pub(super) fn agreement(&self, numbers: &[usize], input: &Input) -> Agreement {
        match self {
            Self::Clusters(clusters) => agreement_of_clusters(clusters, numbers),
            Self::Pairs(pairs) => {
                let is_judged = |place: &usize| input.files.len() < 2 || input.file_of(*place) == 0;
                let mut sizes: HashMap<usize, [u64; 2]> = HashMap::new();
                for (place, number) in numbers.iter().enumerate() {
                    sizes.entry(*number).or_default()[usize::from(!is_judged(&place))] += 1;
                }
                let of_one_file = |n: u64| n * n.saturating_sub(1) / 2;
                let found = |[first, second]: &[u64; 2]| {
                    if input.files.len() < 2 { of_one_file(*first) } else { first * second }
                };
                Agreement {
                    found: sizes.values().map(found).sum(),
                    expected: pairs.len() as u64,
                    right: pairs.iter().filter(|(a, b)| numbers[*a] == numbers[*b]).count() as u64,
                }
            }
        }
    }

    /// Whether two records are known to be different.
    pub(super) fn knows_apart(&self, (a, b): (usize, usize), input: &Input) -> bool {
        match self {
            Self::Clusters(clusters) => clusters[a].is_some() && clusters[b].is_some() && clusters[a] != clusters[b],
            Self::Pairs(pairs) => {
                let is_judged = input.files.len() < 2 || input.file_of(a) != input.file_of(b);
                is_judged && !pairs.contains(&(a, b))
            }
        }
    }

    /// True pairs that are not together, at most so many, in order.
    pub(super) fn missed(&self, numbers: &[usize], most: usize) -> Vec<(usize, usize)> {
        let mut missed: Vec<(usize, usize)> = match self {
            Self::Pairs(pairs) => pairs.iter().copied().filter(|(a, b)| numbers[*a] != numbers[*b]).collect(),
            Self::Clusters(clusters) => {
                let mut members: HashMap<u32, Vec<usize>> = HashMap::new();
                for (place, cluster) in clusters.iter().enumerate() {
                    members.entry(cluster.unwrap_or(u32::MAX)).or_default().push(place);
                }
                members.remove(&u32::MAX);
                let pairs = members.values().flat_map(|places| {
                    places.iter().enumerate().flat_map(|(at, &a)| places[at + 1..].iter().map(move |&b| (a, b)))
                });
                pairs.filter(|(a, b)| numbers[*a] != numbers[*b]).collect()
            }
        };
        missed.sort_unstable();
        // Spread over the whole, so that a part speaks for all.
        let step = missed.len().div_ceil(most.max(1)).max(1);
        missed.into_iter().step_by(step).collect()
    }
}

fn agreement_of_clusters(clusters: &[Option<u32>], numbers: &[usize]) -> Agreement {
    let (mut found, mut expected, mut right) = (HashMap::new(), HashMap::new(), HashMap::new());
    for (number, cluster) in numbers.iter().zip(clusters) {
        let Some(cluster) = cluster else { continue };
        *found.entry(*number).or_insert(0u64) += 1;
        *expected.entry(*cluster).or_insert(0u64) += 1;
        *right.entry((*number, *cluster)).or_insert(0u64) += 1;
    }
    let pairs = |n: &u64| n * n.saturating_sub(1) / 2;
    Agreement {
        found: found.values().map(pairs).sum(),
        expected: expected.values().map(pairs).sum(),
        right: right.values().map(pairs).sum(),
    }
}

/// The places of records by what names them.
struct ByKey<'i> {
    places: HashMap<&'i str, Vec<usize>>,
    input: &'i Input,
}

impl<'i> ByKey<'i> {
    fn of(input: &'i Input) -> Self {
        let mut places: HashMap<&str, Vec<usize>> = HashMap::new();
        for (place, key) in input.keys.iter().enumerate() {
            places.entry(key).or_default().push(place);
        }
        Self { places, input }
    }

    fn clusters(&self, table: &Table, id: usize, cluster: usize, records: usize) -> Result<Truth, String> {
        let mut numbers: HashMap<&str, u32> = HashMap::new();
        let mut clusters = vec![None; records];
        let mut known = 0;
        for row in 0..table.len() {
            let next = u32::try_from(numbers.len()).unwrap_or(u32::MAX);
            let number = *numbers.entry(table.cell(row, cluster)).or_insert(next);
            match self.places.get(table.cell(row, id)).map_or(&[][..], Vec::as_slice) {
                [] => {}
                [place] => {
                    clusters[*place] = Some(number);
                    known += 1;
                }
                _ => return Err(format!("{:?} is the id of a record in both files", table.cell(row, id))),
            }
        }
        if known == 0 {
            Err(format!("none of {:?} is the id of a record", table.header()[id]))
        } else {
            Ok(Truth::Clusters(clusters))
        }
    }

    fn pairs(&self, table: &Table, one: usize, other: usize, score: Option<usize>) -> Result<Truth, String> {
        let place = |key: &str, file: usize| {
            let places = self.places.get(key).map_or(&[][..], Vec::as_slice);
            let is_there = |place: &&usize| self.input.files.len() < 2 || self.input.file_of(**place) == file;
            places.iter().find(is_there).copied()
        };
        let mut pairs = HashSet::new();
        for row in 0..table.len() {
            let text = score.map_or("1", |score| table.cell(row, score)).to_lowercase();
            let is_true =
                text.parse::<f64>().map_or(matches!(text.as_str(), "true" | "yes" | "match"), |score| score >= 0.5);
            if let (true, Some(a), Some(b)) =
                (is_true, place(table.cell(row, one), 0), place(table.cell(row, other), 1))
            {
                pairs.insert((a.min(b), a.max(b)));
            }
        }
        if pairs.is_empty() {
            Err("none of its pairs is one of two records".to_owned())
        } else {
            Ok(Truth::Pairs(pairs))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn records_without_a_truth_are_not_judged() {
        let clusters = [Some(0), Some(0), Some(1), None, Some(1)];
        let agreement = agreement_of_clusters(&clusters, &[1, 1, 1, 1, 2]);
        assert_eq!(agreement, Agreement { found: 3, expected: 2, right: 1 });
        assert!((agreement.f1() - 0.4).abs() < 1e-12);
        assert_eq!(Truth::Clusters(clusters.to_vec()).missed(&[1, 1, 1, 1, 2], 9), [(2, 4)]);
    }
}
