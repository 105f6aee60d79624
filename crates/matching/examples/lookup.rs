//! Builds an index over a set of records and prints how long looking one up and changing one takes.
//!
//! The model is frozen by a first run over all records, which writes how common each value is into a file, so that the
//! memory of the second is that of the index:
//!
//! ```text
//! cargo run --release -p onefold-matching --example lookup -- train records.csv model.json
//! cargo run --release -p onefold-matching --example lookup -- run records.csv model.json
//! ```
#![expect(clippy::print_stdout, reason = "printing is what the example is for")]

#[path = "../tests/it/labelled_file.rs"]
#[expect(dead_code, reason = "the tests need more of it")]
mod labelled_file;

use cpu_time::{ProcessTime, ThreadTime};
use onefold_matching::{
    Frequencies, Hints, Index, IndexBuilder, PartyRecord, Settings, Table, TableRoles, recognise, resolve,
};
use onefold_model::SourceKey;
use std::error::Error;
use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// So many records are looked up, and changed.
const PROBES: usize = 10_000;

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        ["train", records, model] => train(Path::new(records), Path::new(model)),
        ["run", records, model] => run(Path::new(records), Path::new(model)),
        _ => Err("usage: lookup (train|run) records.csv model.json".into()),
    }
}

fn train(records: &Path, model: &Path) -> Result<(), Box<dyn Error>> {
    let (table, roles, source) = read(records)?;
    let all: Vec<PartyRecord> = (0..table.len()).map(|row| roles.record(&table, row, &source)).collect();
    let resolution = resolve(&all, &[], &Settings::default(), &mut |_| {});
    println!("records {}  clusters {}", all.len(), resolution.clusters.len());
    fs::write(model, serde_json::to_vec(&resolution.frequencies)?)?;
    Ok(())
}

fn run(records: &Path, model: &Path) -> Result<(), Box<dyn Error>> {
    let frequencies: Frequencies = serde_json::from_slice(&fs::read(model)?)?;
    let (table, roles, source) = read(records)?;
    let every = (table.len() / PROBES).max(1);
    let (before, cpu) = (resident(), ProcessTime::try_now()?);
    let mut builder = IndexBuilder::new(Settings::default(), frequencies);
    let mut probes: Vec<PartyRecord> = Vec::new();
    for row in 0..table.len() {
        let record = roles.record(&table, row, &source);
        builder.push(&record);
        if row % every == 0 && probes.len() < PROBES {
            probes.push(record);
        }
    }
    let read = cpu.elapsed();
    let mut index = builder.finish(&[]);
    println!("records {}  clusters {}", index.len(), index.clusters().len());
    println!("accepted {}  review {}", index.accepted().len(), index.review().len());
    println!(
        "read and normalise {:.2} CPU s  build {:.2} CPU s",
        read.as_secs_f64(),
        cpu.elapsed().saturating_sub(read).as_secs_f64()
    );
    println!("resident {} MB more than before", resident() - before);
    tell_memory(&index);

    let mut found = 0;
    time("look up, as it is", &probes, |probe| found += index.lookup(probe).len());
    println!("  {:.2} candidates each", found as f64 / probes.len() as f64);
    let changed: Vec<PartyRecord> =
        probes.iter().zip(probes.iter().skip(1)).map(|(one, other)| mixed(one, other)).collect();
    time("look up, changed", &changed, |probe| found += index.lookup(probe).len());
    let mut relinked = 0;
    time("upsert, as it is", &probes, |probe| relinked += index.upsert(probe).after.len());
    println!("  {relinked} clusters changed");
    time("upsert, changed", &changed, |probe| relinked += index.upsert(probe).after.len());
    println!("  {relinked} clusters changed");
    time("remove", &changed, |probe| relinked += index.remove(probe.id).after.len());
    time("upsert, new", &probes, |probe| relinked += index.upsert(probe).after.len());
    tell_memory(&index);
    println!("records {}  clusters {}", index.len(), index.clusters().len());
    println!("accepted {}  review {}", index.accepted().len(), index.review().len());
    Ok(())
}

/// A table, what its columns are about, and a name for where it comes from.
fn read(records: &Path) -> Result<(Table, TableRoles, SourceKey), Box<dyn Error>> {
    let table = labelled_file::read_table(records)?;
    let roles = recognise(&table, &Hints::default());
    Ok((table, roles, SourceKey::new("table")?))
}

/// The same record with the family name and the contact points of another: a marriage and a move.
fn mixed(record: &PartyRecord, other: &PartyRecord) -> PartyRecord {
    let mut party = (*record.party).clone();
    party.family_name.clone_from(&other.party.family_name);
    party.emails.clone_from(&other.party.emails);
    party.addresses.clone_from(&other.party.addresses);
    PartyRecord { party: Arc::new(party), ..record.clone() }
}

/// Prints how long each took by the clock, and on the processor: on a busy machine the clock tells of others.
fn time(what: &str, probes: &[PartyRecord], mut work: impl FnMut(&PartyRecord)) {
    let measure = |probe| {
        let (began, cpu) = (Instant::now(), ThreadTime::now());
        work(probe);
        (began.elapsed(), cpu.elapsed())
    };
    let (wall, cpu): (Vec<Duration>, Vec<Duration>) = probes.iter().map(measure).unzip();
    println!("{what}: {}  CPU {}", quantiles(wall), quantiles(cpu));
}

fn quantiles(mut times: Vec<Duration>) -> String {
    times.sort_unstable();
    let micros = |percent: usize| times[(times.len() - 1) * percent / 100].as_secs_f64() * 1e6;
    format!("p50 {:.0} p99 {:.0} max {:.0} µs", micros(50), micros(99), micros(100))
}

fn tell_memory(index: &Index) {
    let memory = index.memory();
    println!(
        "index {:.0} MB by its own count: records {:.0}, values {:.0}, blocks {:.0}, pairs {:.0}",
        megabytes(memory.bytes()),
        megabytes(memory.records),
        megabytes(memory.values),
        megabytes(memory.blocks),
        megabytes(memory.pairs)
    );
}

fn megabytes(bytes: usize) -> f64 {
    bytes as f64 / f64::from(1 << 20)
}

/// Megabytes that the process holds, where the system tells.
fn resident() -> i64 {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let kilobytes = line.and_then(|line| line.trim().trim_end_matches(" kB").parse::<i64>().ok());
    kilobytes.unwrap_or(0) / 1024
}
