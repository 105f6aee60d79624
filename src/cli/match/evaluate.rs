//! `onefold match evaluate`.

use super::charts;
use super::csv_file::CsvFile;
use super::error::MatchError;
use super::input::{Input, Reading};
use super::report::Report;
use super::rules::Rules;
use super::truth::{Agreement, Truth};
use super::words::{self, counted};
use super::work::{self, Weighing, cluster_numbers, probability, set_threshold};
use crate::cli::error::CliError;
use crate::cli::output;
use clap::Args;
use indicatif::ProgressBar;
use onefold_matching::{MatchWeight, Probability, Resolution, explain, resolve_dataset_with_frequencies};
use std::path::{Path, PathBuf};

/// Measures clusters against a truth: precision, recall and F1 of pairs, by threshold.
#[derive(Debug, Args)]
pub(super) struct Evaluate {
    /// One file or two (CSV, JSON lines, Parquet). Without one: the store.
    #[arg(value_name = "FILE", num_args = 0..=2)]
    files: Vec<PathBuf>,
    /// A file with `record_id,cluster_id`, or with the pairs that belong together as two columns of ids.
    #[arg(long, value_name = "FILE")]
    truth: PathBuf,
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
    /// Writes a page with tables and charts.
    #[arg(long, value_name = "FILE")]
    report: Option<PathBuf>,
    /// Writes the pairs that were missed and the pairs that are wrong, at the threshold, as CSV.
    #[arg(long, value_name = "FILE")]
    errors: Option<PathBuf>,
}

/// The weights, in bits, at which the whole is run.
const SWEEP: [f64; 14] = [-4.0, -2.0, 0.0, 1.0, 2.0, 3.0, 5.0, 6.0, 8.0, 10.0, 12.0, 15.0, 18.0, 22.0];

/// True pairs that are looked at to say why they were missed.
const LOOKED_AT: usize = 1000;

/// A run at a threshold.
#[derive(Debug, Clone, Copy)]
pub(super) struct Point {
    pub(super) threshold: Probability,
    pub(super) agreement: Agreement,
    pub(super) clusters: usize,
}

impl Point {
    /// The threshold as a weight.
    pub(super) fn bits(&self) -> f64 {
        let probability = self.threshold.get();
        (probability / (1.0 - probability)).log2()
    }

    /// The threshold with as many digits as tell it from 1.
    pub(super) fn name(&self) -> String {
        let probability = self.threshold.get();
        if probability <= 0.99 { format!("{probability:.2}") } else { format!("1 - {:.0e}", 1.0 - probability) }
    }
}

impl Evaluate {
    pub(super) async fn run(self, config: Option<&Path>) -> Result<(), CliError> {
        let input = Input::open(&self.files, &self.reading, config).await?;
        let truth = Truth::read(&self.truth, &input)?;
        let mut weighing = Weighing::open(self.model.as_deref(), &self.rules, &input, config)?.at(self.threshold);
        let resolution = weighing.resolve(&input);
        // How values weigh is learned once; only the threshold moves.
        weighing.frequencies = Some(resolution.frequencies.clone());
        let numbers = cluster_numbers(&input, &resolution.clusters);
        let threshold = weighing.settings.thresholds.auto_merge;
        let at = Point { threshold, agreement: truth.agreement(&numbers, &input), clusters: resolution.clusters.len() };
        let points = sweep(&input, &weighing, &truth, at);
        let why = missed(&input, &weighing, &truth, &numbers);
        output::print(&said(&truth, at, &points, &why))?;
        if let Some(path) = &self.errors {
            write_errors(path, &input, &weighing, &truth, &resolution)?;
            eprintln!("written: {}", path.display());
        }
        if let Some(path) = &self.report {
            let mut report = Report::new("Matching against the truth");
            report.says(&at_threshold(at));
            report.says(&why);
            report.chart(&charts::thresholds(&points));
            for chart in charts::of_run(&input, &weighing.settings.model, &resolution) {
                report.chart(&chart);
            }
            report.basis(&input, &resolution);
            work::write(path, &report.finish())?;
            eprintln!("written: {}", path.display());
        }
        Ok(())
    }
}

/// The whole at each threshold, ascending.
fn sweep(input: &Input, weighing: &Weighing, truth: &Truth, at: Point) -> Vec<Point> {
    let bar = ProgressBar::new(SWEEP.len() as u64);
    let mut points = vec![at];
    for bits in SWEEP {
        let mut settings = weighing.settings.clone();
        set_threshold(&mut settings, MatchWeight(bits).probability());
        settings.thresholds.review = settings.thresholds.auto_merge;
        let Some(known) = &weighing.frequencies else { break };
        let resolution =
            resolve_dataset_with_frequencies(&input.dataset, &input.decisions, &settings, known, &mut |_| {});
        points.push(Point {
            threshold: settings.thresholds.auto_merge,
            agreement: truth.agreement(&cluster_numbers(input, &resolution.clusters), input),
            clusters: resolution.clusters.len(),
        });
        bar.inc(1);
    }
    bar.finish_and_clear();
    points.sort_by(|a, b| a.threshold.get().total_cmp(&b.threshold.get()));
    points
}

fn at_threshold(at: Point) -> String {
    let Agreement { found, expected, right } = at.agreement;
    format!(
        "at the threshold {}: precision {:.4}, recall {:.4}, F1 {:.4} ({right} of {found} pairs are right, of {expected} that are true)",
        at.threshold.get(),
        at.agreement.precision(),
        at.agreement.recall(),
        at.agreement.f1()
    )
}

fn said(truth: &Truth, at: Point, points: &[Point], why: &str) -> String {
    let about = match truth {
        Truth::Clusters(clusters) => {
            format!(
                "the truth knows the cluster of {}",
                counted(clusters.iter().flatten().count(), "record", "records")
            )
        }
        Truth::Pairs(pairs) => format!("the truth knows {}", counted(pairs.len(), "pair", "pairs")),
    };
    let header = ["threshold", "bits", "precision", "recall", "F1", "clusters"];
    // Of several that are as good, the one that holds.
    let better = |best: Point, other: &Point| if other.agreement.f1() > best.agreement.f1() { *other } else { best };
    let best = points.iter().fold(at, better);
    let best = format!("best of these: F1 {:.4} at the threshold {}", best.agreement.f1(), best.name());
    format!(
        "{about}\n{}\n{why}\n\n{}\n\n{best}",
        at_threshold(at),
        words::table(&header, &charts::threshold_rows(points), 0)
    )
}

/// Why true pairs were missed: never compared, or compared and found too light.
fn missed(input: &Input, weighing: &Weighing, truth: &Truth, numbers: &[usize]) -> String {
    let pairs = truth.missed(numbers, LOOKED_AT);
    let Some(known) = &weighing.frequencies else { return String::new() };
    let (mut never, mut light) = (0usize, 0usize);
    for (a, b) in &pairs {
        let why = explain(&input.record(*a), &input.record(*b), known, &weighing.settings);
        if why.found_by.is_empty() {
            never += 1;
        } else if why.probability < weighing.settings.thresholds.auto_merge {
            light += 1;
        }
    }
    let share = |count: usize| count as f64 / pairs.len().max(1) as f64 * 100.0;
    if pairs.is_empty() {
        return "no true pair was missed".to_owned();
    }
    format!(
        "of the true pairs that were missed {:.0} % share no block and were never compared, {:.0} % weigh too little",
        share(never),
        share(light)
    )
}

/// The mistakes at the threshold: missed pairs, and pairs that were linked and are wrong.
fn write_errors(
    path: &Path,
    input: &Input,
    weighing: &Weighing,
    truth: &Truth,
    resolution: &Resolution,
) -> Result<(), MatchError> {
    let mut file = CsvFile::create(path, &["mistake", "left_id", "right_id", "bits", "left", "right", "why"])?;
    let numbers = cluster_numbers(input, &resolution.clusters);
    let missed = truth.missed(&numbers, usize::MAX).into_iter().map(|pair| ("missed", pair));
    let linked =
        resolution.accepted.iter().filter_map(|pair| Some((input.place(pair.left)?, input.place(pair.right)?)));
    let wrong = linked
        .map(|(a, b)| (a.min(b), a.max(b)))
        .filter(|pair| truth.knows_apart(*pair, input))
        .map(|pair| ("wrong", pair));
    for (mistake, (a, b)) in missed.chain(wrong) {
        let Some(known) = &weighing.frequencies else { break };
        let (left, right) = (input.record(a), input.record(b));
        let why = explain(&left, &right, known, &weighing.settings);
        let bits = format!("{:.3}", why.total.0);
        let [left, right] = [left, right].map(|record| words::who(&record.party));
        file.row(&[mistake, &input.name(a), &input.name(b), &bits, &left, &right, &why.sentence])?;
    }
    file.finish()
}
