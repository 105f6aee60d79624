//! The process that computes jq: started by [`super::Jq`], it reads lines and writes lines, and has no other door.
//!
//! Promises: it limits its own memory, processor time, files and core dumps before it reads anything; a filter has no
//! way to the environment, to the clock, to further input or to the end of the process; what it says about a fault names
//! no value. A filter that recurses for ever ends this process and nothing else.

use super::{Answer, Setup};
use jaq_core::load::{Arena, File, Loader};
use jaq_core::{Compiler, Ctx, Filter, Vars, data};
use jaq_json::{Val, read};
use rlimit::Resource;
use std::collections::BTreeMap;
use std::io::{self, BufRead, Write};
use std::process::ExitCode;

type Program = Filter<data::JustLut<Val>>;

/// What a filter must not see or do, by name: natives, and what is defined from them.
const CLOSED: [&str; 8] = ["env", "now", "halt", "halt_error", "debug", "debug_empty", "stderr", "stderr_empty"];
/// More than a record can need.
const ANSWER_BYTES: usize = 8 << 20;
/// Of everything that the process maps, which is a few hundred MiB for a program with debug information.
const MEMORY_BYTES: u64 = 1 << 30;
const CPU_SECONDS: u64 = 60;

/// Reads filters and records from standard input until it ends.
pub fn jq_worker() -> ExitCode {
    if limit().is_err() {
        return ExitCode::FAILURE;
    }
    match serve(&mut io::stdin().lock(), &mut io::stdout().lock()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(_) => ExitCode::FAILURE,
    }
}

fn limit() -> io::Result<()> {
    for (what, limit) in [
        (Resource::AS, MEMORY_BYTES),
        (Resource::CPU, CPU_SECONDS),
        (Resource::FSIZE, 0),
        // A dump would hold records.
        (Resource::CORE, 0),
        (Resource::NOFILE, 16),
    ] {
        what.set(limit, limit)?;
    }
    Ok(())
}

fn serve(input: &mut impl BufRead, output: &mut impl Write) -> io::Result<()> {
    let mut line = String::new();
    input.read_line(&mut line)?;
    let setup: Setup = serde_json::from_str(&line)?;
    let mut programs = BTreeMap::new();
    for (stream, filter) in setup.filters {
        match compile(&filter) {
            Ok(program) => drop(programs.insert(stream, program)),
            Err(reason) => return say(output, &Answer::Filter { stream, reason }),
        }
    }
    say(output, &Answer::Ready)?;
    loop {
        line.clear();
        if input.read_line(&mut line)? == 0 {
            return Ok(());
        }
        let asked = line.split_once('\t').and_then(|(stream, record)| Some((programs.get(stream)?, record)));
        let answer = asked.map_or(Answer::Error, |(program, record)| run(program, record));
        say(output, &answer)?;
    }
}

fn say(output: &mut impl Write, answer: &Answer) -> io::Result<()> {
    serde_json::to_writer(&mut *output, answer)?;
    output.write_all(b"\n")?;
    output.flush()
}

fn compile(code: &str) -> Result<Program, String> {
    let is_open = |name: &str| !CLOSED.contains(&name);
    let defs = jaq_core::defs().chain(jaq_std::defs()).chain(jaq_json::defs()).filter(|def| is_open(def.name));
    let funs = jaq_core::funs().chain(jaq_std::funs()).chain(jaq_json::funs()).filter(|(name, _, _)| is_open(name));
    let arena = Arena::default();
    // A loader that reads nothing: `import` and `include` find no file.
    let modules = Loader::new(defs)
        .load(&arena, File { code, path: () })
        .map_err(|_| "it is not jq, or it imports a module".to_owned())?;
    Compiler::default().with_funs(funs).compile(modules).map_err(|errors| {
        let unknown = errors.iter().flat_map(|(_, unknown)| unknown);
        let names: Vec<String> = unknown.map(|(name, kind)| format!("{} {name}", kind.as_str())).collect();
        format!("there is no {}", names.join(", no "))
    })
}

/// The one value that a filter makes of a record.
fn run(program: &Program, record: &str) -> Answer {
    let Ok(input) = read::parse_single(record.as_bytes()) else { return Answer::Error };
    let context = Ctx::<data::JustLut<Val>>::new(&program.lut, Vars::new([]));
    let mut outputs = program.id.run((context, input));
    let (Some(Ok(first)), None) = (outputs.next(), outputs.next()) else { return Answer::Error };
    let text = first.to_string();
    if text.len() > ANSWER_BYTES {
        return Answer::TooLarge;
    }
    // jq has values that JSON has not.
    match serde_json::from_str(&text) {
        Ok(object) => Answer::Object(object),
        Err(_) => Answer::Error,
    }
}
