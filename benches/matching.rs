//! Pairs compared per second, beside Splink on the same records and beside raw string comparisons.
//!
//! One core, nothing stored: records in memory become clusters. A pair counts once, however many of its fields were
//! compared.

#![allow(clippy::pedantic, reason = "figures become floats here all the time, and nothing is built on this")]

#[allow(dead_code, reason = "shared: each program uses a part of it")]
mod measure;
#[allow(dead_code, reason = "shared: each program uses a part of it")]
mod peer;
#[allow(dead_code, reason = "shared: each program uses a part of it")]
mod people;

use measure::{Beside, Table, median, times, whole};
use onefold_matching::{PartyRecord, Progress, Settings, Stage, resolve};
use onefold_model::{RecordId, SourceId, SourceKey, Timestamp};
use people::{People, SYSTEMS, Said};
use rapidfuzz::distance::jaro_winkler;
use std::collections::{BTreeMap, HashMap};
use std::error::Error;
use std::hint::black_box;
use std::io::Write;
use std::sync::Arc;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const ROUNDS: usize = 3;
/// String comparisons of a round of the limit.
const STRINGS: usize = 4_000_000;

/// What a run of the matcher took, in processor seconds.
struct Run {
    pairs: f64,
    all_s: f64,
    compare_s: f64,
    f1: f64,
}

fn main() -> Result<(), Box<dyn Error>> {
    let customers = peer::customers();
    let people = People::new();
    let said: Vec<Said> = (0..customers).flat_map(|index| people.customer(index).records()).collect();
    let (records, truth) = records(&said)?;
    eprintln!("{} records of {customers} customers", whole(records.len() as f64));

    let (mut runs, mut one_by_one, mut cached) = (Vec::new(), Vec::new(), Vec::new());
    let names: Vec<Vec<char>> = said.iter().map(|said| said.family_name().chars().collect()).collect();
    for round in 1..=ROUNDS {
        eprintln!("round {round} of {ROUNDS}");
        runs.push(matched(&records, &truth)?);
        one_by_one.push(strings_one_by_one(&names)?);
        cached.push(strings_cached(&names)?);
    }
    let of = |value: fn(&Run) -> f64| median(runs.iter().map(value));
    let (pairs, all_s, compare_s) = (of(|run| run.pairs), of(|run| run.all_s), of(|run| run.compare_s));

    let (rate_all, rate_compare) = (pairs / all_s, pairs / compare_s);

    let mut table = Table::new(&["", "pairs", "CPU s", "pairs per CPU s", "F1", "onefold's rate is", "its CPU is"]);
    let mut row = |what: &str, pairs: f64, cpu_s: f64, f1: Option<f64>, ours: Option<(f64, f64)>| {
        table.row(&[
            what.to_owned(),
            whole(pairs),
            format!("{cpu_s:.2}"),
            whole(pairs / cpu_s),
            f1.map_or_else(String::new, |f1| format!("{f1:.4}")),
            ours.map_or_else(String::new, |(rate, _)| times(rate, pairs / cpu_s)),
            ours.filter(|_| f1.is_some()).map_or_else(String::new, |(_, ours_s)| times(ours_s, cpu_s)),
        ]);
    };
    row("onefold, records to customers", pairs, all_s, Some(of(|run| run.f1)), None);
    row("onefold, comparing alone", pairs, compare_s, None, None);
    for (what, found) in splink(&said)? {
        let (pairs, f1) = (found["pairs"].as_f64().unwrap_or(f64::NAN), found["f1"].as_f64());
        let (cpu_s, predict_s) = (found["cpu_s"].as_f64(), found["predict_s"].as_f64());
        row(&format!("{what}, records to clusters"), pairs, cpu_s.unwrap_or(f64::NAN), f1, Some((rate_all, all_s)));
        row(
            &format!("{what}, comparing alone"),
            pairs,
            predict_s.unwrap_or(f64::NAN),
            None,
            Some((rate_compare, compare_s)),
        );
    }
    let strings = STRINGS as f64;
    let compare = Some((rate_compare, compare_s));
    row("limit: one Jaro-Winkler of family names, rapidfuzz", strings, median(one_by_one), None, compare);
    row("limit: the same with the pattern kept", strings, median(cached), None, compare);
    table.print(&format!(
        "matching: {} records of {} customers, one core, median of {ROUNDS} rounds",
        whole(records.len() as f64),
        whole(customers as f64)
    ));
    Ok(())
}

/// Records as matching takes them, and the number of the customer whose each is.
type Labelled = (Vec<PartyRecord>, HashMap<RecordId, u64>);

fn records(said: &[Said]) -> Result<Labelled, Box<dyn Error>> {
    let keys = SYSTEMS.iter().map(|system| SourceKey::new(*system)).collect::<Result<Vec<_>, _>>()?;
    let mut records = Vec::with_capacity(said.len());
    let mut truth = HashMap::with_capacity(said.len());
    for said in said {
        let source = &keys[said.system];
        let id = RecordId::derive(source, "customers", &said.key);
        truth.insert(id, said.customer);
        records.push(PartyRecord {
            id,
            source: SourceId::derive(source),
            party: Arc::new(said.party()?),
            seen_at: Timestamp::UNIX_EPOCH,
            updated_at: None,
            deleted: false,
        });
    }
    Ok((records, truth))
}

fn matched(records: &[PartyRecord], truth: &HashMap<RecordId, u64>) -> Result<Run, Box<dyn Error>> {
    let cpu = cpu_time::ProcessTime::try_now()?;
    let mut ends: Vec<(Stage, f64)> = Vec::new();
    let resolution = resolve(records, &[], &Settings::default(), &mut |progress: Progress| {
        let at = cpu.elapsed().as_secs_f64();
        match ends.last_mut() {
            Some((stage, last)) if *stage == progress.stage => *last = at,
            _ => ends.push((progress.stage, at)),
        }
    });
    let all_s = cpu.try_elapsed()?.as_secs_f64();
    let end = |wanted: Stage| ends.iter().find(|(stage, _)| *stage == wanted).map_or(f64::NAN, |(_, at)| *at);
    let together =
        |sizes: &mut dyn Iterator<Item = usize>| sizes.map(|n| (n * n.saturating_sub(1) / 2) as f64).sum::<f64>();
    let (mut right, mut of_truth) = (0.0, BTreeMap::<u64, usize>::new());
    for cluster in &resolution.clusters {
        let mut parts = BTreeMap::<u64, usize>::new();
        for record in cluster {
            *parts.entry(truth[record]).or_default() += 1;
            *of_truth.entry(truth[record]).or_default() += 1;
        }
        right += together(&mut parts.into_values());
    }
    let found = together(&mut resolution.clusters.iter().map(Vec::len));
    let true_pairs = together(&mut of_truth.into_values());
    Ok(Run {
        pairs: resolution.report.blocking.pairs as f64,
        all_s,
        compare_s: end(Stage::Compare) - end(Stage::Block),
        f1: 2.0 * right / (found + true_pairs),
    })
}

/// Splink on the same records, with the training that its manual advises and with the quick one.
fn splink(said: &[Said]) -> Result<Vec<(&'static str, serde_json::Value)>, Box<dyn Error>> {
    let Some(python) = peer::python() else { return Ok(Vec::new()) };
    let path = peer::work_dir()?.join("matching.jsonl");
    let mut file = std::io::BufWriter::new(std::fs::File::create(&path)?);
    for said in said {
        writeln!(file, "{}", said.to_json())?;
    }
    file.flush()?;
    let path = path.to_string_lossy().into_owned();
    let runs = [("splink 5.0.0", "full"), ("splink 5.0.0, quick training", "quick")];
    let found = runs.into_iter().filter_map(|(what, training)| {
        Some((what, peer::run_python(&python, "splink_match.py", &[&path, training], Beside::Nothing)?))
    });
    Ok(found.collect())
}

/// Neighbours in a shuffled list, so that most differ, as most pairs of a block do.
fn other(at: usize, names: usize) -> usize {
    (at + 1 + at % 977) % names
}

fn strings_one_by_one(names: &[Vec<char>]) -> Result<f64, Box<dyn Error>> {
    let cpu = cpu_time::ProcessTime::try_now()?;
    for at in 0..STRINGS {
        let (left, right) = (&names[at % names.len()], &names[other(at, names.len())]);
        black_box(jaro_winkler::similarity(left.iter().copied(), right.iter().copied()));
    }
    Ok(cpu.try_elapsed()?.as_secs_f64())
}

fn strings_cached(names: &[Vec<char>]) -> Result<f64, Box<dyn Error>> {
    const KEPT: usize = 1_000;
    let cpu = cpu_time::ProcessTime::try_now()?;
    for left in 0..STRINGS / KEPT {
        let pattern = jaro_winkler::BatchComparator::new(names[left % names.len()].iter().copied());
        for right in 0..KEPT {
            black_box(pattern.similarity(names[other(left + right, names.len())].iter().copied()));
        }
    }
    Ok(cpu.try_elapsed()?.as_secs_f64())
}
