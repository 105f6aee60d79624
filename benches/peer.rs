//! Peers: small programs in `benches/peers` that do the same work with somebody else's software, installed on demand
//! under `target/bench`. What cannot be installed is skipped, and said.

use super::measure::Beside;
use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// Where installations, data and throw-away stores are: not in the repository.
pub fn work_dir() -> std::io::Result<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/bench");
    std::fs::create_dir_all(&folder)?;
    Ok(folder)
}

/// The folder of the peers' programs.
pub fn sources() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/peers")
}

/// How many customers; the figure of the README is for 100,000.
pub fn customers() -> u64 {
    std::env::var("ONEFOLD_BENCH_CUSTOMERS").ok().and_then(|text| text.parse().ok()).unwrap_or(100_000)
}

/// How many rounds, where somebody has no time for those of the program.
pub fn rounds(usual: usize) -> usize {
    std::env::var("ONEFOLD_BENCH_ROUNDS").ok().and_then(|text| text.parse().ok()).unwrap_or(usual)
}

/// Whether peers run at all: `ONEFOLD_BENCH_PEERS=0` leaves them out.
fn wanted() -> bool {
    std::env::var("ONEFOLD_BENCH_PEERS").as_deref() != Ok("0")
}

/// The Python of a virtual environment with the packages of `benches/peers/requirements.txt`.
pub fn python() -> Option<PathBuf> {
    Some(python_with("python", "requirements.txt")?.join("python"))
}

/// The folder of the programs of a virtual environment with the packages that a file of `benches/peers` lists.
pub fn python_with(name: &str, list: &str) -> Option<PathBuf> {
    if !wanted() {
        eprintln!("skipped: peers, because ONEFOLD_BENCH_PEERS=0");
        return None;
    }
    let folder = work_dir().ok()?.join(name);
    let programs = folder.join("bin");
    let done = folder.join("installed");
    let list = sources().join(list);
    if std::fs::read(&done).ok() != std::fs::read(&list).ok() {
        eprintln!("installing the peers of Python (once): {name}");
        let install = ["-m", "pip", "install", "--quiet", "--requirement"];
        let made = run(Command::new("python3").args(["-m", "venv"]).arg(&folder))
            && run(Command::new(programs.join("python")).args(install).arg(&list));
        if !made || std::fs::copy(&list, &done).is_err() {
            eprintln!("skipped: {name}, because it could not be installed");
            return None;
        }
    }
    Some(programs)
}

/// Runs a peer's Python program. Its last line on standard output is one JSON object; `cpu_s` in it is what the program
/// itself took, to which comes what the database took meanwhile.
pub fn run_python(python: &Path, program: &str, arguments: &[&str], beside: Beside) -> Option<Value> {
    eprintln!("running {program} {}", arguments.join(" "));
    let before = beside.cpu_s();
    let mut command = Command::new(python);
    command.arg(sources().join(program)).args(arguments).current_dir(work_dir().ok()?);
    let output = command.output().ok()?;
    let text = String::from_utf8_lossy(&output.stdout);
    let found: Option<Value> = text.lines().last().and_then(|line| serde_json::from_str(line).ok());
    let Some(mut found) = found else {
        let cause = String::from_utf8_lossy(&output.stderr);
        let cause = cause.lines().rfind(|line| !line.is_empty()).unwrap_or("it printed no result");
        eprintln!("skipped: {program} {}, because it failed: {cause}", arguments.join(" "));
        return None;
    };
    let own = found["cpu_s"].as_f64().unwrap_or(f64::NAN);
    found["cpu_s"] = (own + beside.cpu_s() - before).into();
    Some(found)
}

/// Whether the command could be run and succeeded. What it prints goes to standard error.
fn run(command: &mut Command) -> bool {
    let output = command.stdin(Stdio::null()).output();
    match output {
        Ok(output) if output.status.success() => true,
        Ok(output) => {
            eprintln!("{}", String::from_utf8_lossy(&output.stderr).trim_end());
            false
        }
        Err(error) => {
            eprintln!("{error}");
            false
        }
    }
}

/// The program of the GraphQL server of Node, with its packages installed.
pub fn node() -> Option<PathBuf> {
    if !wanted() {
        return None;
    }
    let folder = work_dir().ok()?.join("node");
    let done = folder.join("installed.json");
    let list = sources().join("graphql/package.json");
    std::fs::create_dir_all(&folder).ok()?;
    for file in ["package.json", "server.mjs"] {
        std::fs::copy(sources().join("graphql").join(file), folder.join(file)).ok()?;
    }
    if std::fs::read(&done).ok() != std::fs::read(&list).ok() {
        eprintln!("installing the peers of Node (once)");
        let installed =
            run(Command::new("npm").args(["install", "--silent", "--no-audit", "--no-fund"]).current_dir(&folder));
        if !installed || std::fs::copy(&list, &done).is_err() {
            eprintln!("skipped: peers of Node, because they could not be installed");
            return None;
        }
    }
    Some(folder.join("server.mjs"))
}
