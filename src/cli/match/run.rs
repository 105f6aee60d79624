//! `onefold match run`.

use super::charts;
use super::csv_file::CsvFile;
use super::error::MatchError;
use super::input::{Input, Reading};
use super::report::Report;
use super::rules::Rules;
use super::words::{self, counted};
use super::work::{self, Weighing, cluster_numbers, probability};
use crate::cli::error::CliError;
use crate::cli::output;
use clap::Args;
use onefold_matching::{Probability, Resolution};
use std::path::{Path, PathBuf};

/// Says which rows are the same person or organisation.
#[derive(Debug, Args)]
pub(super) struct Run {
    /// One file or two (CSV, JSON lines, Parquet); two are linked as two sources. Without one: the store.
    #[arg(value_name = "FILE", num_args = 0..=2)]
    files: Vec<PathBuf>,
    #[command(flatten)]
    reading: Reading,
    #[command(flatten)]
    rules: Rules,
    /// A model that `match train` has written. Without one the model is learned from the records.
    #[arg(long, value_name = "FILE")]
    model: Option<PathBuf>,
    /// Pairs from this probability on are linked.
    #[arg(long, value_name = "PROBABILITY", value_parser = probability)]
    threshold: Option<Probability>,
    /// Writes the cluster of each record as CSV.
    #[arg(long, short, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Writes a page with tables and charts.
    #[arg(long, value_name = "FILE")]
    report: Option<PathBuf>,
}

impl Run {
    pub(super) async fn run(self, config: Option<&Path>) -> Result<(), CliError> {
        let input = Input::open(&self.files, &self.reading, config).await?;
        let mut weighing = Weighing::open(self.model.as_deref(), &self.rules, &input, config)?.at(self.threshold);
        let review = weighing.settings.thresholds.review;
        if self.report.is_some() {
            // The chart of weights shows pairs that are far from likely too; clusters do not depend on this.
            weighing.settings.thresholds.review = Probability::new(0.001)?;
        }
        let mut resolution = weighing.resolve(&input);
        output::print(&words::blocking(&resolution.report.blocking))?;
        if let Some(path) = &self.report {
            work::write(path, &report(&input, &weighing, &resolution))?;
        }
        resolution.review.retain(|pair| pair.probability >= review);
        output::print(&summary(&input, &resolution, weighing.settings.thresholds.auto_merge))?;
        if let Some(path) = &self.output {
            write_clusters(path, &input, &resolution)?;
            eprintln!("written: {}", path.display());
        }
        if let Some(path) = &self.report {
            eprintln!("written: {}", path.display());
        }
        Ok(())
    }
}

/// What came of it.
pub(super) fn summary(input: &Input, resolution: &Resolution, threshold: Probability) -> String {
    let several: Vec<usize> = resolution.clusters.iter().map(Vec::len).filter(|&size| size > 1).collect();
    let largest = several.iter().copied().max().unwrap_or(1);
    let together: usize = several.iter().sum();
    format!(
        "{} {} at the threshold {}: {} hold {}, the largest {largest}; {} for review, {} cut",
        counted(input.len(), "record is", "records are"),
        counted(resolution.clusters.len(), "cluster", "clusters"),
        threshold.get(),
        several.len(),
        counted(together, "record", "records"),
        counted(resolution.review.len(), "pair", "pairs"),
        resolution.report.cuts.len(),
    )
}

fn report(input: &Input, weighing: &Weighing, resolution: &Resolution) -> String {
    let names: Vec<&str> = input.files.iter().map(|file| file.name.as_str()).collect();
    let of = if names.is_empty() { "the store".to_owned() } else { names.join(" and ") };
    let mut report = Report::new(&format!("Matching of {of}"));
    report.says(&summary(input, resolution, weighing.settings.thresholds.auto_merge));
    for chart in charts::of_run(input, &weighing.settings.model, resolution) {
        report.chart(&chart);
    }
    report.basis(input, resolution);
    report.finish()
}

/// A row for each record in the order of the input, with the number of its cluster.
fn write_clusters(path: &Path, input: &Input, resolution: &Resolution) -> Result<(), MatchError> {
    let header = ["file", "record_id", "cluster_id"];
    // Of one file nobody needs to be told the name.
    let from = usize::from(input.files.len() < 2);
    let mut out = CsvFile::create(path, &header[from..])?;
    for (place, number) in cluster_numbers(input, &resolution.clusters).into_iter().enumerate() {
        let number = number.to_string();
        let file = if from == 0 { input.files[input.file_of(place)].name.as_str() } else { "" };
        out.row(&[file, &input.keys[place], &number][from..])?;
    }
    out.finish()
}
