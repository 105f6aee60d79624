//! Hints: a system says that something has changed, and the source is read.
//!
//! Promises: what was written down is followed by a run that began after it, whichever process does it and however often
//! processes die; of a paused source it waits until it is resumed; a run that fails is tried again, less and less often, and
//! given up on with an error in the log.

use super::super::{App, AppError};
use crate::store::{HintRow, RunState, StoreError};
use crate::sync::{AcceptedLosses, SourceSetup};
use chrono::TimeDelta;
use onefold_model::{SourceKey, Timestamp};
use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// The sources that were hinted at and are being read, and whether another hint has come since.
pub(in crate::app) type Hints = Mutex<HashMap<SourceKey, Again>>;

/// Whether a source is read once more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::app) enum Again {
    Yes,
    No,
}

/// How long a hint waits for a run of the same source that somebody else has begun.
const BUSY: Duration = Duration::from_secs(5);
/// How long after a run that failed a hint is followed again; twice as long after each further one.
const AFTER_FAILURE: TimeDelta = TimeDelta::minutes(5);
/// So often a hint is followed in vain. What it is about is then read by the next run that somebody asks for.
const TRIES: i64 = 5;

impl App {
    /// Follows the hints that wait and that nobody follows here: those of processes that died, those of sources that were
    /// paused, and those that were followed in vain.
    pub async fn hints_resume(self: &Arc<Self>) -> Result<(), AppError> {
        let waiting = self.store.hint_list().await?;
        if waiting.is_empty() {
            return Ok(());
        }
        let now = self.clock.now();
        let paused: HashSet<_> = self.store.pause_list().await?.into_iter().map(|pause| pause.source).collect();
        let is_due = |hint: &&HintRow| hint.again_at.is_none_or(|at| at <= now) && !paused.contains(&hint.source);
        let due: HashSet<_> = waiting.iter().filter(is_due).map(|hint| hint.source).collect();
        for setup in self.engine.sources().filter(|setup| due.contains(&setup.row.id)) {
            let is_followed = self.hints.lock().unwrap_or_else(PoisonError::into_inner).contains_key(&setup.row.key);
            // Also another process may follow it: its run is not joined by a second one.
            if !is_followed && self.store.lease_get(setup.row.id).await?.is_none_or(|lease| lease.expires_at <= now) {
                self.follow_hint(setup.clone());
            }
        }
        Ok(())
    }

    /// Reads a source in the background. Hints that come meanwhile are followed by one more run, however many they are.
    pub(super) fn follow_hint(self: &Arc<Self>, setup: SourceSetup) {
        let key = setup.row.key.clone();
        {
            let mut hints = self.hints.lock().unwrap_or_else(PoisonError::into_inner);
            if let Some(again) = hints.get_mut(&key) {
                *again = Again::Yes;
                return;
            }
            hints.insert(key.clone(), Again::No);
        }
        let app = Arc::clone(self);
        tokio::spawn(async move {
            loop {
                if let Err(error) = app.run_hinted(&setup).await {
                    tracing::error!(source = %setup.row.key, error = %error, "a hint could not be followed: it waits");
                }
                let mut hints = app.hints.lock().unwrap_or_else(PoisonError::into_inner);
                match hints.get_mut(&key) {
                    Some(again) if *again == Again::Yes => *again = Again::No,
                    Some(_) | None => {
                        hints.remove(&key);
                        return;
                    }
                }
            }
        });
    }

    async fn run_hinted(self: &Arc<Self>, setup: &SourceSetup) -> Result<(), AppError> {
        let losses = AcceptedLosses::new();
        let run = loop {
            // Another process may have followed it meanwhile.
            if self.hint(setup).await?.is_none() {
                return Ok(());
            }
            match self.system("webhook").run_begin(setup, "push", &losses).await {
                Ok(run) => break run,
                // A run that goes on may be past what the hint is about: another one follows it.
                Err(AppError::Conflict(_)) => tokio::time::sleep(BUSY).await,
                // It is followed once somebody resumes the source.
                Err(AppError::Paused(_)) => return Ok(()),
                Err(error) => return Err(error),
            }
        };
        let state = match self.sync_run(setup, &run, &losses, |_| {}).await {
            Ok(report) => report.state,
            Err(error) => {
                tracing::warn!(source = %setup.row.key, run = %run.id, error = %error, "a hint was followed and not to its end");
                RunState::Failed
            }
        };
        Ok(self.hint_followed(setup, run.started_at, state).await?)
    }

    async fn hint(&self, setup: &SourceSetup) -> Result<Option<HintRow>, StoreError> {
        Ok(self.store.hint_list().await?.into_iter().find(|hint| hint.source == setup.row.id))
    }

    /// Strikes a hint off, or has it followed again later.
    async fn hint_followed(&self, setup: &SourceSetup, begun_at: Timestamp, state: RunState) -> Result<(), StoreError> {
        let tries = self.hint(setup).await?.map_or(0, |hint| hint.tries);
        let mut tx = self.store.begin().await?;
        match state {
            RunState::Succeeded | RunState::Partial => tx.hint_done(setup.row.id, begun_at).await?,
            RunState::Running | RunState::Failed | RunState::Interrupted | RunState::Cancelled if tries + 1 < TRIES => {
                let wait = AFTER_FAILURE * (1 << tries.clamp(0, TRIES));
                tx.hint_postpone(setup.row.id, begun_at, self.clock.now() + wait).await?;
            }
            RunState::Running | RunState::Failed | RunState::Interrupted | RunState::Cancelled => {
                tracing::error!(source = %setup.row.key, "a hint was followed {TRIES} times in vain and is given up on: see `syncRuns` for the cause, and sync the source");
                tx.hint_done(setup.row.id, begun_at).await?;
            }
        }
        tx.commit().await
    }
}
