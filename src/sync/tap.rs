//! A run of a Singer tap: its messages are read as they come, and stored page by page.
//!
//! Promises: the tap's state is stored only with or after what came before it; a tap that dies leaves what was stored, and
//! the next run goes on from the last state; nothing is deleted unless the tap ended well; what it prints about itself
//! goes to the log, without the secrets that it was given.

mod process;

use super::run::{RunReport, Tick};
use super::task::Running;
use super::{Engine, SyncError};
use crate::store::{RunRow, RunState};
use onefold_connector::{Page, Secret, TAP, TapCommand, TapReader, Task, TaskKind, select_streams};
use process::{Folder, Line, Mask, Process};
use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

/// Payloads that are stored together.
const BATCH: usize = 500;
/// A tap that says nothing for so long hangs.
const SILENCE: Duration = Duration::from_mins(30);
/// A catalogue is not larger.
const CATALOG_BYTES: usize = 64 << 20;

/// Why a tap was not read to its end. Names no value and nothing that the tap printed: that is in the log.
#[derive(Debug, thiserror::Error)]
pub enum TapError {
    /// It does not start.
    #[error("the tap does not start: see whether the command is installed and may be run")]
    Start,
    /// Its configuration cannot be read.
    #[error("the file with the tap's configuration is not there, or is not JSON")]
    Config,
    /// It ended badly.
    #[error("the tap ended with {0}: what it printed is in the log, and the next run goes on from its last state")]
    Ended(String),
    /// It said nothing.
    #[error("the tap said nothing for {} minutes and was ended", SILENCE.as_secs() / 60)]
    Silent,
    /// A message that cannot be read as one.
    #[error("the tap sent a message that is no text or longer than 64 MiB")]
    Message,
    /// Its list of streams does not read.
    #[error("the tap's catalogue does not read: if it has none, say `catalog: none`")]
    Catalog,
    /// It has not what the connector reads.
    #[error("the tap has no stream {0}")]
    NoStream(String),
}

impl Engine {
    pub(super) async fn run_tap(
        &self,
        mut running: Running<'_>,
        run: &RunRow,
        tick: &(impl Fn(Tick) + Send + Sync),
    ) -> Result<RunReport, SyncError> {
        let setup = running.setup;
        let connector = setup.configured.connector();
        let streams = connector.streams().iter().map(|stream| stream.name.to_owned()).collect();
        let task = Task { kind: TaskKind::Changes, name: TAP.to_owned(), streams };
        let outcome = running.tap(&task, tick).await;
        match outcome {
            Err(error @ SyncError::LeaseLost(_)) => return Err(error),
            Err(SyncError::Cancelled) => return running.cancelled(&task, run).await,
            Ok(()) | Err(_) => {}
        }
        let error = outcome.err().map(|error| (error.code(), error.to_string()));
        let is_something_written = running.streams.values().any(|stream| stream.pages > 0);
        let state = match (&error, is_something_written) {
            (None, _) => RunState::Succeeded,
            (Some(_), true) => RunState::Partial,
            (Some(_), false) => RunState::Failed,
        };
        if let Some((code, message)) = &error {
            tracing::warn!(source = %setup.row.key, code, message, "a tap was not read to its end");
        }
        running.streams.entry(TAP.to_owned()).or_default().error.clone_from(&error);
        running.close_streams(&task).await?;
        if error.is_none() {
            running.settle(task.given()).await?;
        }
        for ((what, _), count) in &running.streams.entry(TAP.to_owned()).or_default().left_out {
            tracing::warn!(source = %setup.row.key, what, count, "a tap said something that is not read");
        }
        self.finish(run, state, error.as_ref().map(|(_, message)| message.as_str())).await?;
        Ok(RunReport { run: run.id, state, streams: running.streams })
    }
}

impl Running<'_> {
    async fn tap(&mut self, task: &Task, tick: &(impl Fn(Tick) + Send + Sync)) -> Result<(), SyncError> {
        let checkpoints = self.engine.store.checkpoint_list(self.setup.row.id).await?;
        let Some((command, mut reader)) = self.setup.configured.tap(&checkpoints)? else { return Ok(()) };
        let read = self.read_tap(task, &command, &mut reader, tick).await;
        // What came before a fault is stored as far as the tap's last state covers it, or further.
        let pages = if read.is_ok() { reader.finish() } else { reader.take_pages() };
        let stored = match &read {
            Err(SyncError::Store(_) | SyncError::Jq(_) | SyncError::Cancelled) => Ok(()),
            Ok(()) | Err(_) => self.store_pages(task, pages, tick).await,
        };
        let report = self.streams.entry(TAP.to_owned()).or_default();
        for (what, count) in reader.left_out() {
            *report.left_out.entry((what.clone(), "NOT_READ")).or_default() += count;
        }
        read.and(stored)
    }

    async fn read_tap(
        &mut self,
        task: &Task,
        command: &TapCommand,
        reader: &mut TapReader,
        tick: &(impl Fn(Tick) + Send + Sync),
    ) -> Result<(), SyncError> {
        let folder = Folder::new().map_err(|_| TapError::Start)?;
        let config = match &command.config_file {
            Some(path) => std::fs::canonicalize(path).map_err(|_| TapError::Config)?,
            None => folder.write("config.json", command.config.expose()).map_err(|_| TapError::Start)?,
        };
        let mut secrets = command.secrets.clone();
        if command.config_file.is_some() {
            secrets.extend(texts_of(&config)?);
        }
        let mask = Mask::new(secrets);
        let source = self.setup.row.key.to_string();
        let begin = || {
            let mut program = Command::new(&command.program);
            program.args(&command.arguments).arg("--config").arg(&config).current_dir(folder.path());
            program
        };
        let catalog = if command.discover {
            Some(discover(begin().arg("--discover"), command, &folder, (mask.clone(), &source)).await?)
        } else {
            None
        };
        let mut program = begin();
        if let Some(catalog) = catalog {
            // Older taps know the catalogue under its other name; those that know both take the newer one.
            program.arg("--catalog").arg(catalog);
        }
        if let Some(state) = &command.state {
            let state = folder.write("state.json", &state.to_string()).map_err(|_| TapError::Start)?;
            program.arg("--state").arg(state);
        }
        let mut process = Process::start(&mut program, mask, source).map_err(|_| TapError::Start)?;
        while let Some(line) = self.stop.or(next(&mut process)).await? {
            reader.accept(&line, self.engine.clock.now());
            if reader.waiting() >= BATCH {
                self.store_pages(task, reader.take_pages(), tick).await?;
            }
        }
        ended(process)
    }

    async fn store_pages(
        &mut self,
        task: &Task,
        pages: Vec<Page>,
        tick: &(impl Fn(Tick) + Send + Sync),
    ) -> Result<(), SyncError> {
        for page in pages {
            let written = self.write(task, page).await?;
            self.report(written, tick)?;
        }
        Ok(())
    }
}

/// All texts in a file of JSON, any of which may be a secret. Short ones are words.
fn texts_of(path: &Path) -> Result<Vec<Secret>, TapError> {
    let text = std::fs::read_to_string(path).map_err(|_| TapError::Config)?;
    let mut waiting = vec![serde_json::from_str::<Value>(&text).map_err(|_| TapError::Config)?];
    let mut texts = Vec::new();
    while let Some(value) = waiting.pop() {
        match value {
            Value::String(text) if text.len() >= 8 => texts.push(Secret::new(text)),
            Value::Array(list) => waiting.extend(list),
            Value::Object(object) => waiting.extend(object.into_iter().map(|(_, value)| value)),
            Value::String(_) | Value::Null | Value::Bool(_) | Value::Number(_) => {}
        }
    }
    Ok(texts)
}

async fn next(process: &mut Process) -> Result<Option<String>, TapError> {
    match tokio::time::timeout(SILENCE, process.next()).await {
        Err(_) => Err(TapError::Silent),
        Ok(Some(Line::Unreadable)) => Err(TapError::Message),
        Ok(Some(Line::Text(text))) => Ok(Some(text)),
        Ok(None) => Ok(None),
    }
}

fn ended(process: Process) -> Result<(), SyncError> {
    let status = process.end().map_err(|_| TapError::Ended("no status".to_owned()))?;
    if status.success() { Ok(()) } else { Err(TapError::Ended(status.to_string()).into()) }
}

/// Asks a tap for its streams, and writes down which of them it is to read.
async fn discover(
    program: &mut Command,
    command: &TapCommand,
    folder: &Folder,
    (mask, source): (Mask, &str),
) -> Result<PathBuf, SyncError> {
    let mut process = Process::start(program, mask, source.to_owned()).map_err(|_| TapError::Start)?;
    let mut text = String::new();
    while let Some(line) = next(&mut process).await? {
        text.push_str(&line);
        if text.len() > CATALOG_BYTES {
            return Err(TapError::Catalog.into());
        }
    }
    ended(process)?;
    let mut catalog: Value = serde_json::from_str(&text).map_err(|_| TapError::Catalog)?;
    let missing = select_streams(&mut catalog, &command.streams);
    if !missing.is_empty() {
        return Err(TapError::NoStream(missing.join(", ")).into());
    }
    Ok(folder.write("catalog.json", &catalog.to_string()).map_err(|_| TapError::Start)?)
}
