//! A run: the tasks of a source in order, each page by page.

use super::http::Client;
use super::page::sort;
use super::{Engine, SourceSetup, SyncError};
use crate::store::{PageCommit, PageOutcome, RunRow, RunState, StoreError, Tx};
use onefold_connector::{Enumeration, Page, Step, Task};
use onefold_model::SyncRunId;
use std::collections::{BTreeMap, BTreeSet};
use uuid::Uuid;

/// A page has been written: for progress bars and live progress.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tick {
    /// The stream or feed.
    pub task: String,
    /// What the task has done so far.
    pub outcome: PageOutcome,
    /// How many pages it has read.
    pub pages: u64,
}

/// What a run did to one stream or feed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct StreamReport {
    /// What was written.
    pub outcome: PageOutcome,
    /// How many pages were read.
    pub pages: u64,
    /// Code and cause where it did not come to its end.
    pub error: Option<(&'static str, String)>,
}

/// What a run did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunReport {
    /// The run.
    pub run: SyncRunId,
    /// How it went.
    pub state: RunState,
    /// What it did, by stream or feed.
    pub streams: BTreeMap<String, StreamReport>,
}

/// A complete list without so many of the stored records, and without half of them, is taken for a fault.
const SUDDEN_LOSS_AT_LEAST: i64 = 20;

/// What every part of a run needs.
struct Running<'a> {
    engine: &'a Engine,
    setup: &'a SourceSetup,
    client: Client,
    run: SyncRunId,
}

impl Engine {
    /// Notes the beginning of a run. Runs of the source that never ended are marked as interrupted.
    pub async fn run_begin(&self, setup: &SourceSetup, trigger: &str, actor: &str) -> Result<RunRow, StoreError> {
        let run = RunRow {
            id: SyncRunId(Uuid::now_v7()),
            source: setup.row.id,
            trigger: trigger.to_owned(),
            actor: actor.to_owned(),
            state: RunState::Running,
            started_at: self.clock.now(),
            finished_at: None,
            error: None,
        };
        let mut tx = self.store.begin().await?;
        tx.run_start(&run).await?;
        tx.commit().await?;
        Ok(run)
    }

    /// Reads a source from its checkpoints to its end. `None` where a run of it goes on already.
    pub async fn run(
        &self,
        setup: &SourceSetup,
        run: &RunRow,
        tick: impl Fn(Tick) + Send + Sync,
    ) -> Result<Option<RunReport>, SyncError> {
        let Some(_busy) = self.take(&setup.row.key) else { return Ok(None) };
        let running = Running { engine: self, setup, client: self.client(setup)?, run: run.id };
        let checkpoints = self.store.checkpoint_list(setup.row.id).await?;
        let mut report = RunReport { run: run.id, state: RunState::Running, streams: BTreeMap::new() };
        let mut failed: BTreeSet<String> = BTreeSet::new();
        for task in setup.configured.plan(&checkpoints, self.clock.now()) {
            let entry = report.streams.entry(task.name.clone()).or_default();
            let outcome = running.task(&task, entry, &tick).await;
            let state = match outcome {
                Ok(()) => RunState::Succeeded,
                Err(error) => {
                    let message = error.to_string();
                    tracing::warn!(source = %setup.row.key, task = task.name, code = error.code(), message, "a stream was not read to its end");
                    entry.error = Some((error.code(), message));
                    failed.insert(task.name.clone());
                    RunState::Failed
                }
            };
            let error = entry.error.as_ref().map(|(code, message)| (*code, message.as_str()));
            let mut tx = self.store.begin().await?;
            tx.run_stream_finish(run.id, &task.name, state, error, self.clock.now()).await?;
            tx.commit().await?;
        }
        report.state = match (failed.len(), report.streams.len()) {
            (0, _) => RunState::Succeeded,
            (failed, all) if failed == all => RunState::Failed,
            _ => RunState::Partial,
        };
        let names = failed.into_iter().collect::<Vec<_>>().join(", ");
        let error = (!names.is_empty()).then(|| format!("not read to the end: {names}"));
        let mut tx = self.store.begin().await?;
        tx.run_finish(run.id, report.state, error.as_deref(), self.clock.now()).await?;
        tx.commit().await?;
        Ok(Some(report))
    }
}

impl Running<'_> {
    async fn task(
        &self,
        task: &Task,
        report: &mut StreamReport,
        tick: &(impl Fn(Tick) + Send + Sync),
    ) -> Result<(), SyncError> {
        let store = &self.engine.store;
        // Those of now: an earlier task of this run may have written what this one depends on.
        let checkpoints = store.checkpoint_list(self.setup.row.id).await?;
        let mut reader = self.setup.configured.reader(task, &checkpoints, self.engine.clock.now())?;
        while let Step::Request(request) = reader.next_step() {
            let answer = self.client.send(&request).await?;
            let page = reader.accept(&answer)?;
            let outcome = self.write(task, page).await?;
            add(&mut report.outcome, &outcome);
            report.pages += 1;
            tick(Tick { task: task.name.clone(), outcome: report.outcome, pages: report.pages });
        }
        Ok(())
    }

    /// Maps and writes a page in one transaction. No network inside.
    async fn write(&self, task: &Task, page: Page) -> Result<PageOutcome, SyncError> {
        if page.items.is_empty() && page.refused.is_empty() && page.checkpoints.is_empty() && page.enumeration.is_none() {
            return Ok(PageOutcome::default());
        }
        let connector = self.setup.configured.connector();
        let sorted = sort(connector, page.items, page.refused);
        let commit = PageCommit {
            source: self.setup.row.id,
            source_key: &self.setup.row.key,
            run: Some(self.run),
            stream: page.enumeration.as_ref().map_or(task.name.as_str(), |enumeration| &enumeration.stream),
            mapping: connector.mapping(),
            records: sorted.records,
            quarantined: sorted.quarantined,
            checkpoints: page.checkpoints.into_iter().map(|checkpoint| (checkpoint.name, checkpoint.state)).collect(),
            generation: page.enumeration.as_ref().map(|enumeration| enumeration.generation.as_str()),
            at: self.engine.clock.now(),
        };
        let mut tx = self.engine.store.begin().await?;
        let mut outcome = tx.page_commit(commit).await?;
        let complete = page.enumeration.as_ref().filter(|enumeration| enumeration.complete);
        // With the page that completes the list, or a crash in between would leave the deleted ones alive.
        let swept = match complete {
            Some(enumeration) => self.sweep(&mut tx, enumeration).await,
            None => Ok(0),
        };
        tx.commit().await?;
        outcome.deleted += swept?;
        Ok(outcome)
    }

    /// Closes a complete enumeration: what it has not shown is gone, unless that is suspiciously much.
    async fn sweep(&self, tx: &mut Tx, enumeration: &Enumeration) -> Result<u64, SyncError> {
        let (source, stream, generation) = (self.setup.row.id, &enumeration.stream, &enumeration.generation);
        let (missing, live) = tx.sweep_missing(source, stream, generation).await?;
        if missing >= SUDDEN_LOSS_AT_LEAST && missing * 2 >= live {
            return Err(SyncError::SuddenLoss { stream: stream.clone(), missing, live });
        }
        Ok(tx.sweep_close(source, stream, generation, Some(self.run), self.engine.clock.now()).await?)
    }
}

fn add(sum: &mut PageOutcome, page: &PageOutcome) {
    sum.created += page.created;
    sum.updated += page.updated;
    sum.unchanged += page.unchanged;
    sum.deleted += page.deleted;
    sum.quarantined += page.quarantined;
}
