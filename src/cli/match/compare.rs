//! `onefold match compare`.

use super::csv_file::CsvFile;
use super::error::MatchError;
use super::input::{Input, Reading};
use super::model::ModelFile;
use super::words::{self, counted};
use super::work::{Weighing, cluster_numbers};
use crate::cli::error::CliError;
use crate::cli::output;
use clap::Args;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::path::{Path, PathBuf};

/// Says who would merge and who would split under another model. Changes nothing.
#[derive(Debug, Args)]
pub(super) struct Compare {
    /// The model that is.
    old: PathBuf,
    /// The model that may be.
    new: PathBuf,
    /// One file or two (CSV, JSON lines, Parquet). Without one: the store.
    #[arg(value_name = "FILE", num_args = 0..=2)]
    files: Vec<PathBuf>,
    #[command(flatten)]
    reading: Reading,
    /// Changes that are shown.
    #[arg(long, value_name = "NUMBER", default_value_t = 10)]
    show: usize,
    /// Writes for each record that changes company its cluster under both models, as CSV.
    #[arg(long, short, value_name = "FILE")]
    output: Option<PathBuf>,
}

/// What happens to records that are together under either model.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Change {
    /// Several clusters become one.
    Merge,
    /// One becomes several.
    Split,
    /// Records move between clusters.
    Regroup,
}

impl Change {
    fn as_str(self) -> &'static str {
        match self {
            Self::Merge => "merge",
            Self::Split => "split",
            Self::Regroup => "regroup",
        }
    }
}

/// Records that are connected under either model, by their clusters under both.
struct Difference {
    change: Change,
    /// Places under their old and new cluster.
    members: Vec<(usize, usize, usize)>,
}

impl Compare {
    pub(super) async fn run(self, config: Option<&Path>) -> Result<(), CliError> {
        let input = Input::open_quietly(&self.files, &self.reading, config).await?;
        let mut numbers = Vec::new();
        for path in [&self.old, &self.new] {
            let model = ModelFile::read(path)?;
            let weighing = Weighing { settings: model.settings, frequencies: Some(model.frequencies) };
            numbers.push(cluster_numbers(&input, &weighing.resolve(&input).clusters));
        }
        let differences = differences(&numbers[0], &numbers[1]);
        output::print(&said(&input, &numbers[0], &numbers[1], &differences, self.show))?;
        if let Some(path) = &self.output {
            write_changes(path, &input, &differences)?;
            eprintln!("written: {}", path.display());
        }
        Ok(())
    }
}

/// What differs between two partitions, the largest first, then in the order of the records.
fn differences(old: &[usize], new: &[usize]) -> Vec<Difference> {
    let mut links: BTreeMap<usize, BTreeSet<usize>> = BTreeMap::new();
    let mut back: BTreeMap<usize, BTreeSet<usize>> = BTreeMap::new();
    for (old, new) in old.iter().zip(new) {
        links.entry(*old).or_default().insert(*new);
        back.entry(*new).or_default().insert(*old);
    }
    let mut part_of: BTreeMap<usize, usize> = BTreeMap::new();
    let mut parts: Vec<(BTreeSet<usize>, BTreeSet<usize>)> = Vec::new();
    for &start in links.keys() {
        if part_of.contains_key(&start) {
            continue;
        }
        let mut part = (BTreeSet::new(), BTreeSet::new());
        let mut waiting = vec![start];
        while let Some(cluster) = waiting.pop() {
            if !part.0.insert(cluster) {
                continue;
            }
            part_of.insert(cluster, parts.len());
            for next in &links[&cluster] {
                if part.1.insert(*next) {
                    waiting.extend(&back[next]);
                }
            }
        }
        parts.push(part);
    }
    let mut differences: BTreeMap<usize, Difference> = BTreeMap::new();
    for (place, (old, new)) in old.iter().zip(new).enumerate() {
        let part = part_of[old];
        let change = match (parts[part].0.len(), parts[part].1.len()) {
            (1, 1) => continue,
            (_, 1) => Change::Merge,
            (1, _) => Change::Split,
            _ => Change::Regroup,
        };
        let difference = differences.entry(part).or_insert_with(|| Difference { change, members: Vec::new() });
        difference.members.push((place, *old, *new));
    }
    let mut differences: Vec<Difference> = differences.into_values().collect();
    differences.sort_by_key(|difference| std::cmp::Reverse(difference.members.len()));
    differences
}

fn said(input: &Input, old: &[usize], new: &[usize], differences: &[Difference], show: usize) -> String {
    let clusters = |numbers: &[usize]| numbers.iter().max().copied().unwrap_or(0);
    let count = |change: Change| differences.iter().filter(|one| one.change == change).count();
    let mut out = format!(
        "{} clusters under the old model, {} under the new\n{}, {}, {}; {} in other company",
        clusters(old),
        clusters(new),
        counted(count(Change::Merge), "merge", "merges"),
        counted(count(Change::Split), "split", "splits"),
        counted(count(Change::Regroup), "regrouping", "regroupings"),
        counted(differences.iter().map(|one| one.members.len()).sum(), "record", "records"),
    );
    for difference in differences.iter().take(show) {
        let _ = write!(out, "\n\n{}", difference.change.as_str());
        let row = |(place, old, new): &(usize, usize, usize)| {
            vec![input.name(*place), words::who(&input.record(*place).party), old.to_string(), new.to_string()]
        };
        let rows: Vec<Vec<String>> = difference.members.iter().take(20).map(row).collect();
        let _ = write!(out, "\n{}", words::table(&["record", "who", "old", "new"], &rows, 2));
        if difference.members.len() > rows.len() {
            let _ = write!(out, "\n  and {} more", difference.members.len() - rows.len());
        }
    }
    if differences.len() > show {
        let _ = write!(out, "\n\nand {} more changes", differences.len() - show);
    }
    out
}

fn write_changes(path: &Path, input: &Input, differences: &[Difference]) -> Result<(), MatchError> {
    let mut file = CsvFile::create(path, &["change", "record_id", "old_cluster_id", "new_cluster_id"])?;
    for difference in differences {
        for (place, old, new) in &difference.members {
            file.row(&[difference.change.as_str(), &input.name(*place), &old.to_string(), &new.to_string()])?;
        }
    }
    file.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn merges_splits_and_regroupings_are_told_apart() {
        let old = [1, 1, 2, 3, 4, 4, 5, 5, 6, 7];
        let new = [1, 1, 2, 2, 3, 4, 5, 6, 6, 7];
        let found: Vec<(Change, Vec<usize>)> = differences(&old, &new)
            .into_iter()
            .map(|one| (one.change, one.members.into_iter().map(|(place, _, _)| place).collect()))
            .collect();
        assert_eq!(found, [(Change::Regroup, vec![6, 7, 8]), (Change::Merge, vec![2, 3]), (Change::Split, vec![4, 5])]);
    }
}
