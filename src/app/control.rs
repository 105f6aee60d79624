//! Whether a source is read: paused, resumed, a run of it ended, and when it is read next.
//!
//! Promises: what somebody decides here and the entry that says so commit together; a paused source begins no run, whoever asks
//! and whichever process; a run that is ended keeps what it has committed and says who ended it. For those who may sync the
//! source.

use super::decision::check_reason;
use super::{AppError, RunRow, RunState, Session, SourceView};
use crate::auth::Action;
use crate::store::{AuditEntry, PauseRow, SourceRow, Tx};
use onefold_model::{SourceId, SourceKey, SyncRunId, Timestamp};
use std::collections::{HashMap, HashSet};

/// Whether a source is being read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ControlState {
    /// It waits for its time, or for somebody to ask.
    Idle,
    /// A run of it goes on.
    Running,
    /// It is not read until somebody resumes it.
    Paused,
}

/// How reading a source stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SourceControl {
    /// Whether it is being read.
    pub state: ControlState,
    /// When it is read by itself, as the configuration says.
    pub schedule: Option<String>,
    /// When that is next. Nothing while it is paused.
    pub next_run_at: Option<Timestamp>,
    /// Who has paused it, when and why. A run that went on then comes to its end.
    pub paused: Option<PauseRow>,
}

impl Session {
    /// How reading these sources stands.
    pub async fn source_controls(&self, ids: &[SourceId]) -> Result<HashMap<SourceId, SourceControl>, AppError> {
        let shown: Vec<SourceId> = ids.iter().copied().filter(|id| self.source_get(*id).is_some()).collect();
        if shown.is_empty() {
            return Ok(HashMap::new());
        }
        let now = self.app.clock.now();
        let leases = self.store().lease_list().await?;
        let running: HashSet<SourceId> =
            leases.iter().filter(|lease| lease.expires_at > now).map(|lease| lease.source).collect();
        let mut pauses: HashMap<SourceId, PauseRow> =
            self.store().pause_list().await?.into_iter().map(|pause| (pause.source, pause)).collect();
        let last = self.store().run_last_begun(&shown).await?;
        let controls = shown.into_iter().map(|id| {
            let setup = self.source(id).and_then(|row| self.app.engine.source(&row.key));
            let pause = pauses.remove(&id);
            let next = setup.and_then(|setup| setup.next_run_at(last.get(&id).copied()));
            let state = match (running.contains(&id), &pause) {
                (true, _) => ControlState::Running,
                (false, Some(_)) => ControlState::Paused,
                (false, None) => ControlState::Idle,
            };
            let control = SourceControl {
                state,
                schedule: setup.and_then(|setup| setup.schedule.as_ref()).map(ToString::to_string),
                next_run_at: next.filter(|_| pause.is_none()),
                paused: pause,
            };
            (id, control)
        });
        Ok(controls.collect())
    }

    /// Pauses a source: no run of it begins until it is resumed. Safe to repeat: who paused it first, and why, stays.
    pub async fn source_pause(&self, source: &SourceKey, reason: &str) -> Result<SourceView, AppError> {
        let row = self.source_allowed(source, Action::Sync).await?.clone();
        check_reason(reason)?;
        let by = self.scope().actor().subject().to_owned();
        let pause = PauseRow { source: row.id, at: self.app.clock.now(), by, reason: reason.to_owned() };
        let mut tx = self.store().begin().await?;
        if tx.pause_write(&pause).await? {
            self.control_commit(tx, "source.pause", &row, Some(pause.reason)).await?;
        }
        Ok(self.source_view(&row))
    }

    /// Resumes a source: one that was due meanwhile is read once. Safe to repeat.
    pub async fn source_resume(&self, source: &SourceKey) -> Result<SourceView, AppError> {
        let row = self.source_allowed(source, Action::Sync).await?.clone();
        let mut tx = self.store().begin().await?;
        if tx.pause_end(row.id).await? {
            self.control_commit(tx, "source.resume", &row, None).await?;
        }
        Ok(self.source_view(&row))
    }

    /// Ends a run: at once where it waits for the system, or else before it writes anything more. Safe to repeat.
    pub async fn sync_cancel(&self, id: SyncRunId) -> Result<RunRow, AppError> {
        let missing = || AppError::Missing(format!("there is no run {id}: `syncRuns` lists them"));
        let run = self.run_get(id).await?.ok_or_else(missing)?;
        let key = self.source(run.source).ok_or_else(missing)?.key.clone();
        let row = self.source_allowed(&key, Action::Sync).await?.clone();
        match run.state {
            RunState::Running => {}
            RunState::Cancelled => return Ok(run),
            RunState::Succeeded | RunState::Partial | RunState::Failed | RunState::Interrupted => {
                let state = run.state.as_str();
                return Err(AppError::Conflict(format!("the run {id} has ended already: it is {state}")));
            }
        }
        let (by, at) = (self.scope().actor().subject(), self.app.clock.now());
        let mut tx = self.store().begin().await?;
        if !tx.lease_cancel(row.id, id, by, at).await? {
            // Its process died: nobody would end it before the next run does.
            tx.lease_end(row.id, id).await?;
            let error = format!("cancelled by {by}: its process had ended before, and the next run goes on from there");
            tx.run_end_running(id, &error, at).await?;
        }
        self.control_commit(tx, "sync.cancel", &row, Some(id.to_string())).await?;
        self.app.engine.run_stop(id);
        self.run_get(id).await?.ok_or_else(missing)
    }

    async fn control_commit(
        &self,
        mut tx: Tx,
        action: &'static str,
        source: &SourceRow,
        detail: Option<String>,
    ) -> Result<(), AppError> {
        let entry = AuditEntry {
            at: self.app.clock.now(),
            actor: self.scope().actor().subject().to_owned(),
            action,
            target: source.key.to_string(),
            detail,
        };
        tx.audit_append(&entry).await?;
        Ok(tx.commit().await?)
    }
}
