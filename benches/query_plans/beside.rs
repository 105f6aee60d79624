//! The same three reads over HTTP, beside servers of graphs that somebody else wrote, on one PostgreSQL: requests per second,
//! times, and processor time of server and database together.

use super::measure::{Beside, Table, whole};
use super::place::Place;
use super::served::Served;
use super::{QUERIES, Question, peer};
use serde_json::{Value, json};
use std::error::Error;
use std::path::{Path, PathBuf};
use std::process::Command;

const ROUNDS: usize = 5;
const SECONDS: u32 = 4;
const CONNECTIONS: u32 = 16;

/// Where the peers' programs are: not in this repository.
fn programs() -> PathBuf {
    std::env::var_os("ONEFOLD_GRAPHQL_PEERS")
        .map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/bench/graphql"), PathBuf::from)
}

/// Runs them all and prints what was measured.
pub fn run(place: &Place, questions: &[Question]) -> Result<(), Box<dyn Error>> {
    let folder = programs();
    let (Some(python), Beside::Server(server)) = (peer::python(), place.beside) else { return Ok(()) };
    if !folder.join("seed.sql").is_file() {
        eprintln!("skipped: servers of graphs beside ours, because there are none in {}", folder.display());
        return Ok(());
    }
    let served = Served::start(Command::new(std::env::current_exe()?).args(["--serve", &place.url]))?;
    let queries = QUERIES.iter().map(|(name, _, document)| {
        let bodies = questions.iter().map(|of| json!({ "query": document, "variables": of.variables })).collect();
        json!({ "name": name, "bodies": Value::Array(bodies) })
    });
    let work = peer::work_dir()?;
    let ask = json!({
        "admin": std::env::var("ONEFOLD_TEST_POSTGRES")?, "server": server, "folder": folder, "work": work,
        "ours": { "url": served.url("http"), "token": served.token(), "pid": served.pid() },
        "seconds": SECONDS, "rounds": peer::rounds(ROUNDS), "connections": CONNECTIONS,
        "queries": queries.collect::<Vec<_>>(),
    });
    let path = work.join("graph_peers.json");
    std::fs::write(&path, ask.to_string())?;
    let found = peer::run_python(&python, "graph_peers.py", &[&path.to_string_lossy()], Beside::Nothing);
    served.stop()?;
    let Some(found) = found else { return Ok(()) };
    for (name, ..) in &QUERIES {
        print(name, found["rows"].as_array().into_iter().flatten().filter(|row| row["query"] == *name));
    }
    Ok(())
}

fn print<'r>(name: &str, rows: impl Iterator<Item = &'r Value>) {
    let mut table = Table::new(&[
        "PostgreSQL, over HTTP",
        "requests/s",
        "p50 ms",
        "p99 ms",
        "CPU ms each",
        "of the server",
        "bytes",
        "onefold is",
    ]);
    let number = |row: &Value, field: &str| row[field].as_f64().unwrap_or(f64::NAN);
    let cpu = |row: &Value| number(row, "server_ms") + number(row, "database_ms");
    let mut ours = f64::NAN;
    for row in rows {
        let is_ours = row["name"] == "onefold";
        if is_ours {
            ours = cpu(row);
        }
        let failed = number(row, "failed");
        let title = row["name"].as_str().unwrap_or_default();
        table.row(&[
            if failed > 0.0 { format!("{title} ({failed} failed)") } else { title.to_owned() },
            whole(number(row, "per_s")),
            format!("{:.2}", number(row, "p50_ms")),
            format!("{:.2}", number(row, "p99_ms")),
            format!("{:.3}", cpu(row)),
            format!("{:.3}", number(row, "server_ms")),
            whole(number(row, "bytes")),
            if is_ours { String::new() } else { super::measure::times(1.0 / ours, 1.0 / cpu(row)) },
        ]);
    }
    table.print(&format!("{name}: {CONNECTIONS} connections, CPU of server and database together"));
}
