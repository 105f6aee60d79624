//! The README's query under load, over HTTP with tokens and the shipped policies: requests per second, how long an answer takes
//! at the middle and at the hundredth of the slowest, and the most memory, with 1, 16 and 256 connections that ask without a
//! pause, on both databases; and with 16 beside 10,000 sockets that are open and say nothing.
//!
//! Whoever asks runs on the same processors as the hub and the database: with many connections a part of each figure is theirs.

#![allow(clippy::pedantic, reason = "figures become floats here all the time, and nothing is built on this")]

#[path = "query/copy.rs"]
mod copy;
#[allow(dead_code, reason = "shared: each program uses a part of it")]
mod hub;
#[allow(dead_code, reason = "shared: each program uses a part of it")]
mod measure;
#[allow(dead_code, reason = "shared: each program uses a part of it")]
mod peer;
#[allow(dead_code, reason = "shared: each program uses a part of it")]
mod people;
#[allow(dead_code, reason = "shared: each program uses a part of it")]
mod place;
#[path = "query/population.rs"]
mod population;
#[path = "query/served.rs"]
mod served;
#[path = "query/serving.rs"]
mod serving;
#[path = "load/sockets.rs"]
mod sockets;

use measure::{Beside, Table, whole};
use people::{People, Random};
use place::Place;
use served::{Served, readme_query, readme_variables};
use std::error::Error;
use std::process::Command;
use std::sync::Arc;
use std::time::{Duration, Instant};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Connections that ask, and sockets that are open meanwhile: as many as a hub takes, but for some.
const LOADS: [(u64, usize); 4] = [(1, 0), (16, 0), (16, 9_990), (256, 0)];
/// How long each number of connections asks, and how long before it counts.
const LASTS: Duration = Duration::from_secs(10);
const WARMS: Duration = Duration::from_secs(2);

fn main() -> Result<(), Box<dyn Error>> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let arguments: Vec<String> = std::env::args().collect();
    match arguments.iter().position(|argument| argument == "--serve").and_then(|at| arguments.get(at + 1)) {
        Some(url) => runtime.block_on(serving::serve(url)),
        None => runtime.block_on(run()),
    }
}

async fn run() -> Result<(), Box<dyn Error>> {
    let customers = peer::customers();
    eprintln!("{customers} customers");
    let sqlite = population::sqlite(customers).await?;
    let mut places = vec![sqlite.clone()];
    if place::kinds().await?.contains(&"PostgreSQL") {
        places.push(copy::postgres(&sqlite).await?);
    }
    let mut table = Table::new(&["", "requests/s", "p50 ms", "p99 ms", "CPU ms each", "peak MB of the hub"]);
    for place in &places {
        // One process for each number, so that memory is its own.
        for (connections, sockets) in LOADS {
            let row = loaded(place, customers, connections, sockets).await?;
            let beside = if sockets > 0 { format!(", {} sockets", whole(sockets as f64)) } else { String::new() };
            table.row(&[vec![format!("{}, {connections} connections{beside}", place.kind)], row].concat());
        }
    }
    table.print(&format!("the README's query under load at {} customers", whole(customers as f64)));
    Ok(())
}

async fn loaded(
    place: &Place,
    customers: u64,
    connections: u64,
    sockets: usize,
) -> Result<Vec<String>, Box<dyn Error>> {
    let served = Arc::new(Served::start(Command::new(std::env::current_exe()?).args(["--serve", &place.url]))?);
    let held = sockets::held(&served, sockets).await?;
    asked(&served, customers, connections, WARMS).await?;
    let cpu = || Beside::Server(served.pid()).cpu_s() + place.beside.cpu_s();
    let (began, before) = (Instant::now(), cpu());
    let mut took = asked(&served, customers, connections, LASTS).await?;
    let (seconds, cpu_s) = (began.elapsed().as_secs_f64(), cpu() - before);
    took.sort_by(f64::total_cmp);
    let at = |share: f64| format!("{:.1}", took[((took.len() - 1) as f64 * share) as usize]);
    let count = took.len() as f64;
    let memory =
        measure::peak_own_mb_of(&served.pid().to_string()).map_or_else(|| "?".to_owned(), |mb| format!("{mb:.0}"));
    let row = vec![whole(count / seconds), at(0.5), at(0.99), format!("{:.2}", cpu_s * 1e3 / count), memory];
    drop(held);
    Arc::try_unwrap(served).map_err(|_| "somebody still asks")?.stop()?;
    Ok(row)
}

/// How many milliseconds each answer took, to so many connections that ask for so long.
async fn asked(
    served: &Arc<Served>,
    customers: u64,
    connections: u64,
    lasts: Duration,
) -> Result<Vec<f64>, Box<dyn Error>> {
    let until = Instant::now() + lasts;
    let clients: Vec<_> = (0..connections)
        .map(|number| {
            let served = Arc::clone(served);
            tokio::spawn(
                async move { asks(&served, customers, number, until).await.map_err(|error| error.to_string()) },
            )
        })
        .collect();
    let mut took = Vec::new();
    for client in clients {
        took.extend(client.await??);
    }
    Ok(took)
}

async fn asks(served: &Served, customers: u64, number: u64, until: Instant) -> Result<Vec<f64>, Box<dyn Error>> {
    let people = People::new();
    let mut random = Random::of(12, number);
    let mut client = served.connect().await?;
    let document = readme_query();
    let mut took = Vec::new();
    while Instant::now() < until {
        let variables = readme_variables(&people.customer(random.below(customers)).email());
        let began = Instant::now();
        let answer = client.ask(&document, &variables).await?;
        if answer.windows(8).any(|bytes| bytes == b"\"errors\"") {
            return Err(String::from_utf8_lossy(answer).into_owned().into());
        }
        took.push(began.elapsed().as_secs_f64() * 1e3);
    }
    Ok(took)
}
