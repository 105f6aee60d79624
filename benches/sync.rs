//! Records synced per second: lines of JSON become stored, mapped, searchable records, on both databases.
//!
//! Beside the same rows written by SQL that somebody wrote by hand for nothing else, and beside `dlt`, which loads the same
//! file into one table, and beside a Singer tap and target from Python's registry that do the same.

#![allow(clippy::pedantic, reason = "figures become floats here all the time, and nothing is built on this")]

#[allow(dead_code, reason = "shared: each program uses a part of it")]
mod measure;
#[allow(dead_code, reason = "shared: each program uses a part of it")]
mod peer;
#[allow(dead_code, reason = "shared: each program uses a part of it")]
mod people;
#[allow(dead_code, reason = "shared: each program uses a part of it")]
mod place;
#[path = "sync/raw.rs"]
mod raw;

use measure::{Meter, Table, Took, median, times, whole};
use onefold::config::SourceConfig;
use onefold::store::Store;
use onefold::sync::{Engine, FileContent, FileRequest, Registry, SourceSetup};
use onefold_connector::Upload;
use onefold_model::{Clock, DepartmentKey, SourceKey, SystemClock};
use people::People;
use place::Place;
use std::collections::BTreeMap;
use std::error::Error;
use std::fs::File;
use std::io::{BufReader, BufWriter, Write};
use std::path::Path;
use std::sync::Arc;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const ROUNDS: usize = 3;
const FIRST: &str = "onefold, first time";

/// What was measured on one database, round by round.
#[derive(Default)]
struct Measured {
    first: Vec<Took>,
    again: Vec<Took>,
    /// The most memory of this process while it read the file for the first time.
    peak_mb: Vec<f64>,
    raw: Vec<Took>,
    dlt: Vec<Took>,
    singer: Vec<Took>,
}

fn main() -> Result<(), Box<dyn Error>> {
    tokio::runtime::Builder::new_multi_thread().enable_all().build()?.block_on(run())
}

async fn run() -> Result<(), Box<dyn Error>> {
    let customers = peer::customers() / 5;
    let people = People::new();
    let path = peer::work_dir()?.join("sync.jsonl");
    let mut file = BufWriter::new(File::create(&path)?);
    let mut rows = 0.0;
    for said in (0..customers).flat_map(|index| people.customer(index).records()) {
        writeln!(file, "{}", said.to_json())?;
        rows += 1.0;
    }
    drop(file);
    eprintln!("{} lines, {} bytes each", whole(rows), whole(std::fs::metadata(&path)?.len() as f64 / rows));
    let python = peer::python();
    let singer =
        peer::python_with("singer-tap", "singer/tap.txt").zip(peer::python_with("singer-target", "singer/target.txt"));
    let rounds = peer::rounds(ROUNDS);
    let file = path.to_string_lossy().into_owned();

    let kinds = place::kinds().await?;
    let mut measured: BTreeMap<&str, Measured> = BTreeMap::new();
    let mut pages: BTreeMap<&str, raw::Pages> = BTreeMap::new();
    for round in 1..=rounds {
        for kind in kinds.iter().copied() {
            eprintln!("round {round} of {rounds} on {kind}");
            let of = measured.entry(kind).or_default();
            let place = place::fresh(kind, "sync").await?;
            let (first, again, peak_mb) = import(&place, &path).await?;
            of.first.push(first);
            of.again.push(again);
            // Later, what the limit is to write stays in memory too.
            of.peak_mb.extend(peak_mb.filter(|_| round == 1));
            if !pages.contains_key(kind) {
                pages.insert(kind, raw::read(&place).await?);
            }
            let empty = place::fresh(kind, "sync_raw").await?;
            Store::open(&empty.url).await?.close().await;
            of.raw.push(raw::write(&pages[kind], &empty).await?);
        }
        for kind in kinds.iter().copied().chain(["DuckDB"]) {
            let Some(python) = &python else { continue };
            let place = if kind == "DuckDB" { duckdb()? } else { place::fresh(kind, "sync_dlt").await? };
            let target = if kind == "PostgreSQL" { place.url.as_str() } else { place.path() };
            let word = if kind == "PostgreSQL" { "postgres".to_owned() } else { kind.to_lowercase() };
            let found = peer::run_python(python, "dlt_load.py", &[&file, &word, target], place.beside);
            measured.entry(kind).or_default().dlt.extend(found.and_then(took));
        }
        if let (Some((tap, target)), true) = (&singer, kinds.contains(&"PostgreSQL")) {
            let place = place::fresh("PostgreSQL", "sync_singer").await?;
            let (tap, target) = (tap.to_string_lossy(), target.to_string_lossy());
            let arguments = [file.as_str(), &place.url, &tap, &target];
            let found = peer::run_python(Path::new("python3"), "singer_load.py", &arguments, place.beside);
            measured.entry("PostgreSQL").or_default().singer.extend(found.and_then(took));
        }
    }

    let mut table = Table::new(&["", "records/s", "CPU us each", "records per CPU s", "peak MB", "onefold is"]);
    for kind in kinds.iter().copied().chain(["DuckDB"]) {
        let Some(of) = measured.get(kind) else { continue };
        let lines = [
            (FIRST, &of.first),
            ("onefold, the same again", &of.again),
            ("limit: the same rows by SQL alone", &of.raw),
            ("dlt 1.31, one table", &of.dlt),
            ("Singer: tap-singer-jsonl to target-postgres 0.8, one table", &of.singer),
        ];
        let ours = median(of.first.iter().map(|took| rows / took.cpu_s));
        for (what, took) in lines.into_iter().filter(|(_, took)| !took.is_empty()) {
            let per_cpu = median(took.iter().map(|took| rows / took.cpu_s));
            table.row(&[
                format!("{kind}: {what}"),
                whole(median(took.iter().map(|took| rows / took.wall_s))),
                whole(1e6 / per_cpu),
                whole(per_cpu),
                if what == FIRST && !of.peak_mb.is_empty() { whole(median(of.peak_mb.clone())) } else { String::new() },
                if what.starts_with("onefold") || ours.is_nan() { String::new() } else { times(ours, per_cpu) },
            ]);
        }
    }
    table.print(&format!(
        "sync: {} customers as lines of JSON, stored and mapped; median of {rounds} rounds; CPU of process and database",
        whole(rows)
    ));
    Ok(())
}

/// What a peer's program says that it took.
fn took(found: serde_json::Value) -> Option<Took> {
    Some(Took { wall_s: found["wall_s"].as_f64()?, cpu_s: found["cpu_s"].as_f64()? })
}

fn duckdb() -> Result<Place, Box<dyn Error>> {
    let path = peer::work_dir()?.join("sync_dlt.duckdb");
    let _ = std::fs::remove_file(&path);
    Ok(Place { kind: "DuckDB", url: path.to_string_lossy().into_owned(), beside: measure::Beside::Nothing })
}

/// The file into an empty store, and once more into the same.
async fn import(place: &Place, file: &Path) -> Result<(Took, Took, Option<f64>), Box<dyn Error>> {
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let store = Store::open(&place.url).await?;
    let source = SourceConfig {
        key: SourceKey::new("customers")?,
        connector: "files/party".to_owned(),
        department: Some(DepartmentKey::new("marketing")?),
        title: None,
        private_addresses: None,
        schedule: None,
        settings: BTreeMap::new(),
    };
    let setup = SourceSetup::new(&source, &Registry::load(None)?, clock.as_ref())?;
    let engine = Engine::open(store.clone(), vec![setup.clone()], clock).await?;
    let file = file.to_owned();
    let request = FileRequest {
        content: FileContent::Lines(Upload::lines(move || Ok(Box::new(BufReader::new(File::open(&file)?))))),
        stream: "customers",
        sheet: None,
        map: None,
        key: Some("id"),
        country: None,
    };
    let mut took = [Took::default(); 2];
    let mut peak_mb = None;
    measure::peak_forget();
    for took in &mut took {
        let run = engine.run_begin(&setup, "import", "bench").await?;
        let meter = Meter::start(place.beside);
        let report = engine.import(&setup, &run, &request, |_| {}).await?;
        *took = meter.took();
        peak_mb = peak_mb.or_else(measure::peak_mb);
        eprintln!("  {:?} in {:.1} s", report.outcome, took.wall_s);
    }
    store.close().await;
    Ok((took[0], took[1], peak_mb))
}
