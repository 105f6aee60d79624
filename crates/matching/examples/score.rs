//! Resolves a labelled set and prints how well the clusters agree with the truth, and what each stage cost. What the columns
//! are about is recognised. Two tables are linked.
//!
//! ```text
//! cargo run --release -p onefold-matching --example score -- records.csv truth.csv
//! cargo run --release -p onefold-matching --example score -- a.csv b.csv pairs.csv
//! ```
//!
//! `--recall` says for each blocking rule the estimated recall beside the true one, and `--thresholds` runs the whole at each
//! of several thresholds. Both come after what is measured and cost time of their own.
//!
//! A truth is `record_id,cluster_id`, or the pairs that belong together as two columns of ids. With pairs of two tables
//! only pairs across the tables are judged.
#![expect(clippy::print_stdout, reason = "printing is what the example is for")]

#[path = "../tests/it/labelled_file.rs"]
#[expect(dead_code, reason = "the tests need more of it")]
mod labelled_file;
#[path = "../tests/it/set.rs"]
mod set;

use cpu_time::ProcessTime;
use onefold_matching::{
    Dataset, MatchWeight, Resolution, Settings, Thresholds, resolve_dataset, resolve_dataset_with_frequencies,
};
use set::{LabelledSet, Truth};
use std::error::Error;
use std::fmt::Write as _;
use std::path::Path;
use std::time::Instant;

const USAGE: &str = "usage: score [--recall] [--thresholds] FILE [FILE2] TRUTH";

fn main() -> Result<(), Box<dyn Error>> {
    let (flags, arguments): (Vec<String>, Vec<String>) =
        std::env::args().skip(1).partition(|argument| argument.starts_with("--"));
    let (records, truth) = match arguments.as_slice() {
        [records @ .., truth] if (1..=2).contains(&records.len()) => (records, Path::new(truth)),
        _ => return Err(USAGE.into()),
    };
    if flags.iter().any(|flag| !["--recall", "--thresholds"].contains(&flag.as_str())) {
        return Err(USAGE.into());
    }
    let is_asked = |name: &str| flags.iter().any(|flag| flag == name);

    let (began, cpu) = (Instant::now(), ProcessTime::try_now()?);
    let set = LabelledSet::read(records)?;
    let recognised = ("Recognise".to_owned(), cpu.try_elapsed()?.as_secs_f64(), peak_memory());
    let (dataset, ids) = set.dataset();
    // Who only wants to know which rows are one needs the rows no more.
    drop(set);
    let mut stages: Vec<(String, f64, String)> =
        vec![recognised, ("Load".to_owned(), cpu.try_elapsed()?.as_secs_f64(), peak_memory())];
    let resolution = resolve_dataset(&dataset, &[], &Settings::default(), &mut |progress| {
        let at = cpu.elapsed().as_secs_f64();
        let name = format!("{:?}", progress.stage);
        match stages.last_mut() {
            Some((stage, last, peak)) if *stage == name => (*last, *peak) = (at, peak_memory()),
            _ => stages.push((name, at, peak_memory())),
        }
    });
    let (wall, cpu) = (began.elapsed().as_secs_f64(), cpu.try_elapsed()?.as_secs_f64());
    let peak = peak_memory();

    let set = LabelledSet::read(records)?;
    let truth = Truth::read(truth, &set, &ids)?;
    let score = truth.score(&resolution);
    let pairs = resolution.report.blocking.pairs as f64;
    println!("precision {:.4}  recall {:.4}  F1 {:.4}", score.precision, score.recall, score.f1);
    println!(
        "records {}  clusters {}  accepted {}  review {}  cuts {}",
        resolution.report.records,
        resolution.clusters.len(),
        resolution.accepted.len(),
        resolution.review.len(),
        resolution.report.cuts.len()
    );
    println!("fingerprint {:016x}", fingerprint(&resolution)?);
    println!(
        "pairs {pairs:.0}  pairs per CPU second {:.0}  CPU {cpu:.2} s  wall {wall:.2} s  peak {peak}",
        pairs / cpu
    );
    let mut before = 0.0;
    for (stage, at, peak) in stages {
        println!("  {stage}: {:.3} CPU s, peak {peak}", at - before);
        before = at;
    }
    for rule in &resolution.report.blocking.rules {
        println!(
            "  {:<24} {:>8} blocks {:>9} pairs, left out {:>6} blocks {:>10} pairs",
            rule.rule.to_string(),
            rule.blocks,
            rule.pairs,
            rule.left_out_blocks,
            rule.left_out_pairs
        );
    }
    if is_asked("--recall") {
        tell_recall(&set, &truth, &resolution);
    }
    if is_asked("--thresholds") {
        tell_thresholds(&dataset, &truth, &resolution);
    }
    Ok(())
}

/// What was estimated of the recall of blocking, and what is true.
fn tell_recall(set: &LabelledSet, truth: &Truth, resolution: &Resolution) {
    let Some(estimate) = &resolution.report.blocking.recall else { return println!("no pair is likely") };
    let (rules, all) = truth.recall(&set.records(), &Settings::default().blocking);
    println!(
        "recall of blocking {:.4}, in truth {all:.4}; {:.0} true pairs found, {:.0} unseen, {} looked up",
        estimate.recall, estimate.found, estimate.unseen, estimate.looked_up
    );
    for (of_rule, (rule, true_recall)) in estimate.rules.iter().zip(rules).filter(|(rule, _)| rule.found > 0.0) {
        println!(
            "  {:<24} recall {:.4}, in truth {true_recall:.4}; finds {:>8.0}, alone {:>7.0}",
            rule.to_string(),
            of_rule.recall,
            of_rule.found,
            of_rule.only
        );
    }
}

/// Precision, recall and F1 by threshold, and the best of them. What was learned stays; only the threshold moves.
fn tell_thresholds(dataset: &Dataset, truth: &Truth, resolution: &Resolution) {
    let mut best = (f64::NEG_INFINITY, 0.0);
    println!("  {:>7} {:>12} {:>9} {:>7} {:>7}", "bits", "probability", "precision", "recall", "F1");
    for bits in [-4.0, -2.0, 0.0, 1.0, 2.0, 3.0, 4.25, 5.0, 6.0, 8.0, 10.0, 12.0, 15.0, 18.0, 22.0] {
        let probability = MatchWeight(bits).probability();
        let thresholds = Thresholds { auto_merge: probability, review: probability };
        let settings = Settings { thresholds, ..Settings::default() };
        let at = resolve_dataset_with_frequencies(dataset, &[], &settings, &resolution.frequencies, &mut |_| {});
        let score = truth.score(&at);
        if score.f1 > best.0 {
            best = (score.f1, bits);
        }
        println!(
            "  {bits:>7} {:>12.8} {:>9.4} {:>7.4} {:>7.4}",
            probability.get(),
            score.precision,
            score.recall,
            score.f1
        );
    }
    let probability = MatchWeight(best.1).probability().get();
    println!("best F1 {:.4} at {} bits, probability {probability:.8}", best.0, best.1);
}

/// The most memory that the process has had; Linux tells.
fn peak_memory() -> String {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let peak =
        status.lines().find_map(|line| line.strip_prefix("VmHWM:")).and_then(|text| text.split_whitespace().next());
    let kib = peak.and_then(|text| text.parse::<f64>().ok());
    kib.map_or("unknown".to_owned(), |kib| format!("{:.0} MB", kib / 1024.0))
}

/// A number that changes with any cluster, pair, weight, cut or frequency of the result.
fn fingerprint(resolution: &Resolution) -> Result<u64, Box<dyn Error>> {
    let mut text = serde_json::to_string(&resolution.frequencies)?;
    text.push_str(&serde_json::to_string(&resolution.report)?);
    text.push_str(&serde_json::to_string(&resolution.clusters)?);
    for pair in resolution.accepted.iter().chain(&resolution.review) {
        write!(
            text,
            "{} {} {:x} {:x};",
            pair.left,
            pair.right,
            pair.weight.0.to_bits(),
            pair.probability.get().to_bits()
        )?;
    }
    Ok(xxhash_rust::xxh3::xxh3_64(text.as_bytes()))
}
