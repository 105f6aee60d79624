//! `onefold match train`.

use super::charts;
use super::error::MatchError;
use super::input::{Input, Reading};
use super::model::{ModelFile, TrainedOn};
use super::report::Report;
use super::rules::Rules;
use super::run::summary;
use super::words;
use super::work::{self, Weighing};
use crate::cli::error::CliError;
use crate::cli::output::print;
use clap::Args;
use onefold_matching::{Probability, Resolution};
use std::path::{Path, PathBuf};

/// Learns a model from records and writes it as a readable file.
#[derive(Debug, Args)]
pub(super) struct Train {
    /// One file or two (CSV, JSON lines, Parquet). Without one: the store.
    #[arg(value_name = "FILE", num_args = 0..=2)]
    files: Vec<PathBuf>,
    #[command(flatten)]
    reading: Reading,
    #[command(flatten)]
    rules: Rules,
    /// Where the model is written. Without it and without a file, the model is stored beside the one in place.
    #[arg(long, short, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Writes a page with tables and charts.
    #[arg(long, value_name = "FILE")]
    report: Option<PathBuf>,
}

impl Train {
    pub(super) async fn run(self, config: Option<&Path>) -> Result<(), CliError> {
        let output = match &self.output {
            Some(output) => output,
            None if self.files.is_empty() => return super::stored::train(config).await,
            None => return Err(MatchError::NoOutput.into()),
        };
        let input = Input::open(&self.files, &self.reading, config).await?;
        let weighing = Weighing::open(None, &self.rules, &input, config)?;
        let mut wide = Weighing { settings: weighing.settings.clone(), frequencies: None };
        // Diagnostics look at pairs that are far from likely too; what is learned does not depend on this.
        wide.settings.thresholds.review = Probability::new(0.001)?;
        let resolution = wide.resolve(&input);
        let names = input.files.iter().map(|file| file.name.clone()).collect::<Vec<_>>();
        let trained_on = TrainedOn {
            names: if names.is_empty() { vec!["store".to_owned()] } else { names },
            records: resolution.report.records,
            pairs: resolution.report.blocking.pairs,
        };
        let threshold = weighing.settings.thresholds.auto_merge;
        let model = ModelFile::new(trained_on, weighing.settings, resolution.frequencies.clone());
        work::write(output, &model.to_text()?)?;
        print(&words::blocking(&resolution.report.blocking))?;
        for kind in &input.kinds {
            let chart = charts::weights(&model.settings.model, &model.frequencies, *kind);
            print(&format!("{}\n{}\n", chart.title, words::table(&chart.header, &chart.rows, 2)))?;
        }
        let pairs = charts::pair_weights(&resolution);
        print(&format!("{}\n{}\n", pairs.title, words::table(&pairs.header, &pairs.rows, 0)))?;
        let diagnostics = diagnostics(&input, &resolution);
        for line in &diagnostics {
            print(line)?;
        }
        if let Some(path) = &self.report {
            let mut report = Report::new(&format!("A model learned from {}", model.trained_on.names.join(" and ")));
            report.says(&summary(&input, &resolution, threshold));
            for line in &diagnostics {
                report.says(line);
            }
            for chart in charts::of_run(&input, &model.settings.model, &resolution) {
                report.chart(&chart);
            }
            report.basis(&input, &resolution);
            work::write(path, &report.finish())?;
            eprintln!("written: {}", path.display());
        }
        eprintln!("written: {}", output.display());
        Ok(())
    }
}

/// What speaks for and against trusting the model.
fn diagnostics(input: &Input, resolution: &Resolution) -> Vec<String> {
    let of_bits = |low: f64, high: f64| {
        let pairs = resolution.accepted.iter().chain(&resolution.review);
        pairs.filter(|pair| pair.weight.0 >= low && pair.weight.0 < high).count()
    };
    let (sure, unsure) = (of_bits(4.25, f64::INFINITY), of_bits(-4.25, 4.25));
    let mut lines = vec![format!("{sure} pairs are sure to be the same, {unsure} could be either")];
    for kind in &input.kinds {
        let Some(learned) = resolution.frequencies.learned(*kind) else { continue };
        let training = &learned.training;
        lines.push(format!(
            "{}: learned from {} candidate pairs in {}; a record has {:.2} others of the same party and {:.2} of related ones",
            words::kind(*kind),
            training.pairs,
            words::counted(usize::try_from(training.rounds).unwrap_or(usize::MAX), "round", "rounds"),
            training.same_per_record,
            training.related_per_record
        ));
        lines.extend(training.warnings.iter().map(|warning| format!("caution: {warning}")));
    }
    if resolution.report.records < 1000 {
        lines.push("caution: fewer than 1000 records say little about how common a value is".to_owned());
    }
    let left_out: u64 = resolution.report.blocking.rules.iter().map(|rule| rule.left_out_pairs).sum();
    if left_out > resolution.report.blocking.pairs {
        lines.push(format!(
            "caution: {left_out} pairs are in blocks that are too large and were not compared by their rule"
        ));
    }
    let largest = resolution.clusters.iter().map(Vec::len).max().unwrap_or(0);
    if largest > 50 {
        lines
            .push(format!("caution: the largest cluster has {largest} records: look at it before you trust the model"));
    }
    lines
}
