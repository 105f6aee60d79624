//! jq, for what a field map cannot say: computed in a process of its own, record by record.
//!
//! Promises: the process has an empty environment and limits of its own (see [`worker`]); it is used again for the next
//! record and started anew after it was killed; a record whose filter fails is put aside with its cause, and the stream
//! stops where that kills the process again and again. Whatever a filter does harms nothing here.

mod worker;

pub use worker::jq_worker;

use onefold_connector::Item;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::collections::{BTreeMap, BTreeSet};
use std::io::{BufRead, BufReader, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// The command of the program that is the worker.
pub const JQ_WORKER: &str = "jq-worker";

/// What a record may take.
const RECORD_TIME: Duration = Duration::from_secs(10);
/// What the start of a process may, on a machine that has much to do.
const START_TIME: Duration = Duration::from_mins(1);
/// What a process may, before it is exchanged: less than the processor time that it is limited to.
const PROCESS_TIME: Duration = Duration::from_secs(30);
/// So many processes killed one after the other stop the stream.
const KILLED_IN_A_ROW: u32 = 3;
/// The longest answer: a little more than the worker gives.
const LINE_BYTES: u64 = 9 << 20;

/// The first line: all filters by stream.
#[derive(Debug, Serialize, Deserialize)]
struct Setup {
    filters: BTreeMap<String, String>,
}

/// An answer, for a record: a line with the stream, a tab, and the payload.
#[derive(Debug, Serialize, Deserialize)]
enum Answer {
    Ready,
    /// A filter cannot be used.
    Filter {
        stream: String,
        reason: String,
    },
    Object(Map<String, Value>),
    Error,
    TooLarge,
}

/// Why a filter gives nothing for a record. Never names a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum JqFault {
    /// It ends with an error, with several values or none, or with something that is no object.
    #[error("the jq filter does not make one object of the payload")]
    Error,
    /// Its value is larger than a record can be.
    #[error("the jq filter makes more than 8 MiB of the payload")]
    TooLarge,
    /// It did not end.
    #[error("the jq filter did not end in time and was killed")]
    Time,
    /// It took more memory than there is for it, or recursed without end.
    #[error("the jq filter took too much memory or recursed too deep, and was killed")]
    Killed,
}

impl JqFault {
    pub(super) fn code(self) -> &'static str {
        match self {
            Self::Error => "JQ_ERROR",
            Self::TooLarge => "JQ_TOO_LARGE",
            Self::Time => "JQ_TIME",
            Self::Killed => "JQ_KILLED",
        }
    }

    fn is_kill(self) -> bool {
        match self {
            Self::Time | Self::Killed => true,
            Self::Error | Self::TooLarge => false,
        }
    }
}

/// Why a stream with a filter cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum JqError {
    /// The filter is wrong.
    #[error("the jq filter of {stream} cannot be used: {reason}")]
    Filter {
        /// The stream.
        stream: String,
        /// What is wrong with it.
        reason: String,
    },
    /// It was killed for several records one after the other.
    #[error("the jq filter of {stream} was killed for {KILLED_IN_A_ROW} payloads in a row ({last}): the stream stops")]
    Stopped {
        /// The stream.
        stream: String,
        /// The last of the causes.
        last: JqFault,
    },
    /// The process does not start.
    #[error("the process for jq does not start")]
    Start,
}

/// What a filter makes of a payload.
pub(super) type Made = Result<Map<String, Value>, JqFault>;

/// What the filters make of a page.
#[derive(Debug, Default)]
pub(super) struct MadeOfPage {
    /// By the place of the payload on the page; only for those whose stream has a filter.
    pub(super) made: BTreeMap<usize, Made>,
    /// The place up to which the page was looked at, and why no further.
    pub(super) stopped: Option<(usize, JqError)>,
}

/// The filters of a source, beside the runtime: it goes on while they compute.
#[derive(Debug)]
pub(super) struct JqStreams {
    jq: Arc<Mutex<Jq>>,
    streams: BTreeSet<String>,
}

impl JqStreams {
    /// The filters by stream, computed by this program.
    pub(super) fn new(program: PathBuf, filters: BTreeMap<String, String>) -> Self {
        let streams = filters.keys().cloned().collect();
        Self { jq: Arc::new(Mutex::new(Jq { program, filters, process: None, killed: 0 })), streams }
    }

    /// Computes the filters for the payloads that have one.
    pub(super) async fn made(&self, items: &[Item]) -> MadeOfPage {
        let asked: Vec<(usize, String, Value)> = items
            .iter()
            .enumerate()
            .filter(|(_, item)| self.streams.contains(&item.stream))
            .map(|(place, item)| (place, item.stream.clone(), item.raw.clone()))
            .collect();
        if asked.is_empty() {
            return MadeOfPage::default();
        }
        let jq = Arc::clone(&self.jq);
        let first = asked[0].0;
        let compute = move || made_of(&mut jq.lock().unwrap_or_else(PoisonError::into_inner), asked);
        let lost = || MadeOfPage { made: BTreeMap::new(), stopped: Some((first, JqError::Start)) };
        tokio::task::spawn_blocking(compute).await.unwrap_or_else(|_| lost())
    }
}

fn made_of(jq: &mut Jq, asked: Vec<(usize, String, Value)>) -> MadeOfPage {
    let mut page = MadeOfPage::default();
    for (place, stream, raw) in asked {
        let (made, stop) = jq.object(&stream, &raw);
        let is_made = made.is_some();
        page.made.extend(made.map(|made| (place, made)));
        if let Some(stop) = stop {
            page.stopped = Some((if is_made { place + 1 } else { place }, stop));
            break;
        }
    }
    page
}

/// The filters of a source, and the process that computes them while there is one.
#[derive(Debug)]
struct Jq {
    program: PathBuf,
    filters: BTreeMap<String, String>,
    process: Option<Process>,
    killed: u32,
}

#[derive(Debug)]
struct Process {
    child: Child,
    input: ChildStdin,
    answers: Receiver<Vec<u8>>,
    busy: Duration,
}

/// A process that is not needed any more does not stay, whatever it is at.
impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Process {
    fn start(program: &Path) -> Option<Self> {
        let mut child = Command::new(program)
            .arg(JQ_WORKER)
            .env_clear()
            .current_dir("/")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .ok()?;
        let (input, output) = (child.stdin.take()?, child.stdout.take()?);
        let (sender, answers) = sync_channel(1);
        // Ends with the process, whose output ends then.
        std::thread::spawn(move || {
            let mut output = BufReader::new(output);
            loop {
                let mut line = Vec::new();
                let read = output.by_ref().take(LINE_BYTES).read_until(b'\n', &mut line);
                if !read.is_ok_and(|_| line.ends_with(b"\n")) || sender.send(line).is_err() {
                    return;
                }
            }
        });
        Some(Self { child, input, answers, busy: Duration::ZERO })
    }

    fn ask(&mut self, before: &str, line: &impl Serialize, limit: Duration) -> Result<Answer, JqFault> {
        let start = Instant::now();
        let mut bytes = before.as_bytes().to_vec();
        serde_json::to_writer(&mut bytes, line).map_err(|_| JqFault::Error)?;
        bytes.push(b'\n');
        // The process waits for this line, so writing it does not block for long.
        self.input.write_all(&bytes).and_then(|()| self.input.flush()).map_err(|_| JqFault::Killed)?;
        let answer = self.answers.recv_timeout(limit).map_err(|error| match error {
            RecvTimeoutError::Timeout => JqFault::Time,
            RecvTimeoutError::Disconnected => JqFault::Killed,
        })?;
        self.busy += start.elapsed();
        serde_json::from_slice(&answer).map_err(|_| JqFault::Killed)
    }
}

impl Jq {
    /// What a filter makes of a payload, and why there is no use in going on. Blocks for as long as that takes.
    fn object(&mut self, stream: &str, raw: &Value) -> (Option<Made>, Option<JqError>) {
        let made = match self.made(stream, raw) {
            Ok(made) => made,
            Err(error) => return (None, Some(error)),
        };
        let fault = made.as_ref().err().copied().filter(|fault| fault.is_kill());
        self.killed = if fault.is_some() { self.killed + 1 } else { 0 };
        let Some(last) = fault else { return (Some(made), None) };
        self.process = None;
        let is_over = self.killed >= KILLED_IN_A_ROW;
        (Some(made), is_over.then(|| JqError::Stopped { stream: stream.to_owned(), last }))
    }

    fn made(&mut self, stream: &str, raw: &Value) -> Result<Made, JqError> {
        Ok(match self.ready()?.ask(&format!("{stream}\t"), raw, RECORD_TIME) {
            Ok(Answer::Object(object)) => Ok(object),
            Ok(Answer::TooLarge) => Err(JqFault::TooLarge),
            Ok(Answer::Error | Answer::Ready | Answer::Filter { .. }) => Err(JqFault::Error),
            Err(fault) => Err(fault),
        })
    }

    /// The process, started where there is none or where it has worked long enough.
    fn ready(&mut self) -> Result<&mut Process, JqError> {
        if self.process.as_ref().is_some_and(|process| process.busy > PROCESS_TIME) {
            self.process = None;
        }
        let process = match self.process.take() {
            Some(process) => process,
            None => self.start()?,
        };
        Ok(self.process.insert(process))
    }

    fn start(&self) -> Result<Process, JqError> {
        let mut process = Process::start(&self.program).ok_or(JqError::Start)?;
        match process.ask("", &Setup { filters: self.filters.clone() }, START_TIME) {
            Ok(Answer::Ready) => Ok(process),
            Ok(Answer::Filter { stream, reason }) => Err(JqError::Filter { stream, reason }),
            Ok(_) | Err(_) => Err(JqError::Start),
        }
    }
}
