//! A run: the tasks of a source in order, each page by page.

use super::access::Asking;
use super::drift::Watch;
use super::page::LeftOut;
use super::task::Running;
use super::{Engine, SourceSetup, SyncError};
use crate::store::{PageOutcome, PauseRow, RunRow, RunState, StoreError};
use onefold_connector::{ReadError, Task};
use onefold_model::SyncRunId;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use tracing::Instrument;
use uuid::Uuid;

/// A page has been written: for progress bars and live progress.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tick {
    /// The stream or feed.
    pub task: String,
    /// What the run has done to it so far.
    pub outcome: PageOutcome,
    /// How many pages have been written.
    pub pages: u64,
}

/// The streams that may lose so much at once that it would pass for a fault: a person has looked and says that the records
/// are gone. Holds for one run, which reads the list anew: what is there again by then stays.
pub type AcceptedLosses = BTreeSet<String>;

/// What a run did to one stream or feed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct StreamReport {
    /// What was written.
    pub outcome: PageOutcome,
    /// How many pages were written.
    pub pages: u64,
    /// Code and cause where it did not come to its end.
    pub error: Option<(&'static str, String)>,
    /// Fields that stayed empty because their values did not read, why, and how often: the source has changed, or the
    /// field map is behind. The values are kept with the raw payload.
    pub left_out: BTreeMap<LeftOut, u64>,
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

/// Whether a run begins in any case.
enum Due {
    Always,
    /// Only where the schedule still says that it is time: another process may have been there first.
    BySchedule,
}

impl Engine {
    /// Takes the source for a run and notes its beginning. Runs of the source that never ended are marked as interrupted.
    ///
    /// # Errors
    /// [`SyncError::Busy`] where a run of it goes on, in this process or another; [`SyncError::Paused`] where it is paused.
    pub async fn run_begin(&self, setup: &SourceSetup, trigger: &str, actor: &str) -> Result<RunRow, SyncError> {
        let begun = self.begin(setup, trigger, actor, Due::Always).await?;
        // Nothing but a schedule keeps it from beginning.
        begun.ok_or(SyncError::Read(ReadError::Unasked))
    }

    /// The same for a source whose schedule says that it is time. `None` where it does not say so any more.
    pub async fn run_begin_due(&self, setup: &SourceSetup, actor: &str) -> Result<Option<RunRow>, SyncError> {
        self.begin(setup, "schedule", actor, Due::BySchedule).await
    }

    async fn begin(
        &self,
        setup: &SourceSetup,
        trigger: &str,
        actor: &str,
        due: Due,
    ) -> Result<Option<RunRow>, SyncError> {
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
        let _turn = self.turn.lock().await;
        let mut tx = self.store.begin().await?;
        if let Some(PauseRow { at, by, .. }) = tx.pause_get(setup.row.id).await? {
            return Err(SyncError::Paused { source_key: setup.row.key.to_string(), at, by });
        }
        self.lease_take(&mut tx, setup, &run).await?;
        match due {
            Due::Always => {}
            Due::BySchedule => {
                let last = tx.run_last_begun(setup.row.id).await?;
                if setup.next_run_at(last).is_none_or(|next| next > run.started_at) {
                    return Ok(None);
                }
            }
        }
        tx.run_start(&run).await?;
        tx.commit().await?;
        Ok(Some(run))
    }

    /// Reads a source from its checkpoints to its end. `None` where a run of it goes on already, or began since this one.
    ///
    /// A stream that fails leaves the others to go on, and its checkpoint stays where it was. Credentials that are not
    /// accepted end the run: asking again and again with them would lock an account.
    pub async fn run(
        &self,
        setup: &SourceSetup,
        run: &RunRow,
        accepted: &AcceptedLosses,
        tick: impl Fn(Tick) + Send + Sync,
    ) -> Result<Option<RunReport>, SyncError> {
        let Some(busy) = self.hold(setup, run).await? else { return Ok(None) };
        let is_tap = setup.configured.connector().is_tap();
        let client = match self.client(setup) {
            Ok(client) => Some(Arc::new(client)),
            Err(_) if is_tap => None,
            Err(error) => {
                self.finish(run, RunState::Failed, Some(&error.to_string())).await?;
                return Err(error);
            }
        };
        let jq = self.jq(setup.configured.connector());
        let stop = busy.stop.clone();
        let asking = Asking::new(self, setup, run.id, stop.clone());
        let streams = BTreeMap::new();
        let watch = Watch::new(&self.store, &setup.row);
        let running = Running { engine: self, setup, client, asking, jq, run: run.id, accepted, stop, watch, streams };
        let span = tracing::info_span!("sync", source = %setup.row.key, run = %run.id);
        // Both are large: who waits for a run should not carry them.
        if is_tap {
            return Box::pin(self.run_tap(running, run, &tick)).instrument(span).await.map(Some);
        }
        Box::pin(self.run_tasks(running, run, &tick)).instrument(span).await.map(Some)
    }

    async fn run_tasks(
        &self,
        mut running: Running<'_>,
        run: &RunRow,
        tick: &(impl Fn(Tick) + Send + Sync),
    ) -> Result<RunReport, SyncError> {
        let setup = running.setup;
        let checkpoints = self.store.checkpoint_list(setup.row.id).await?;
        let tasks = setup.configured.plan(&checkpoints, self.clock.now());
        let mut failed: Vec<&Task> = Vec::new();
        let mut refused: Option<(&'static str, String)> = None;
        for task in &tasks {
            let outcome = match &refused {
                Some(error) => Err(error.clone()),
                None => {
                    match running.task(task, tick).instrument(tracing::info_span!("task", name = task.name)).await {
                        Ok(()) => Ok(()),
                        // Whoever has the lease now has marked this run, and writes its own.
                        Err(error @ SyncError::LeaseLost(_)) => return Err(error),
                        Err(SyncError::Cancelled) => return running.cancelled(task, run).await,
                        Err(error) => {
                            let message = error.to_string();
                            tracing::warn!(source = %setup.row.key, task = task.name, kind = task.kind.as_str(), code = error.code(), message, "a task did not come to its end");
                            let described = (error.code(), message);
                            if error.is_auth() {
                                refused = Some(described.clone());
                            }
                            Err(described)
                        }
                    }
                }
            };
            if let Err(error) = outcome {
                running.streams.entry(task.name.clone()).or_default().error.get_or_insert(error);
                failed.push(task);
            }
            running.close_streams(task).await?;
        }
        let state = match (failed.len(), tasks.len()) {
            (0, _) => RunState::Succeeded,
            (failed, all) if failed == all => RunState::Failed,
            _ => RunState::Partial,
        };
        let ended = tasks.iter().filter(|task| !failed.iter().any(|failed| failed.name == task.name));
        let ended: BTreeSet<&str> = ended.flat_map(Task::given).collect();
        let broken: BTreeSet<&str> = failed.iter().flat_map(|task| task.given()).collect();
        running.settle(ended.difference(&broken).copied()).await?;
        let streams = running.streams;
        for (name, stream) in &streams {
            for ((field, code), count) in &stream.left_out {
                tracing::info!(source = %setup.row.key, stream = name, field, code, count, "a field stayed empty because its values did not read");
            }
        }
        // A stream of a feed may be denied although the feed itself was read.
        let denied = streams.values().any(|stream| stream.error.is_some());
        let state = if state == RunState::Succeeded && denied { RunState::Partial } else { state };
        let names: Vec<&str> =
            streams.iter().filter(|(_, stream)| stream.error.is_some()).map(|(name, _)| name.as_str()).collect();
        let error = (!names.is_empty()).then(|| format!("not read to the end: {}", names.join(", ")));
        self.finish(run, state, error.as_deref()).await?;
        Ok(RunReport { run: run.id, state, streams })
    }

    /// Ends a run that somebody has ended, with what it did until then.
    pub(super) async fn finish_cancelled(
        &self,
        run: &RunRow,
        streams: BTreeMap<String, StreamReport>,
    ) -> Result<RunReport, StoreError> {
        let mut tx = self.store.begin().await?;
        let by = tx.lease_cancelled_by(run.source, run.id).await?.unwrap_or_default();
        if tx.lease_end(run.source, run.id).await? {
            let error =
                format!("cancelled by {by}: what was read until then stays, and the next run goes on from there");
            tx.run_finish(run.id, RunState::Cancelled, Some(&error), self.clock.now()).await?;
        }
        tx.commit().await?;
        tracing::info!(run = %run.id, "a run was cancelled");
        Ok(RunReport { run: run.id, state: RunState::Cancelled, streams })
    }

    /// Ends a run and gives its source back. One that has lost its lease was ended by who has it now.
    pub(super) async fn finish(&self, run: &RunRow, state: RunState, error: Option<&str>) -> Result<(), StoreError> {
        let mut tx = self.store.begin().await?;
        if tx.lease_end(run.source, run.id).await? {
            tx.run_finish(run.id, state, error, self.clock.now()).await?;
        }
        tx.commit().await
    }
}
