//! Sources that are read by themselves, while the hub is served.
//!
//! Promises: a source is read when its schedule says so, by one of the processes that share the store; a time that was missed is
//! made up for once, however many there were; a source that fails is tried again at its next time, and leaves the others alone.

use super::sync::refused;
use super::{App, AppError};
use crate::store::PauseRow;
use crate::sync::{AcceptedLosses, SourceSetup, SyncError};
use onefold_model::SourceId;
use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;
use tokio::task::JoinHandle;

/// So often the clock is looked at. Schedules count minutes.
const LOOK: Duration = Duration::from_secs(10);

impl App {
    /// Reads sources when they are due, and when their systems have hinted at them, for ever.
    pub async fn schedule_forever(self: Arc<Self>) {
        loop {
            for looked in [self.schedule_tick().await.map(drop), self.hints_resume().await] {
                if let Err(error) = looked {
                    tracing::error!(error = %error, "could not see which sources are to be read: tried again in {} s", LOOK.as_secs());
                }
            }
            tokio::time::sleep(LOOK).await;
        }
    }

    /// Begins the runs that are due, and gives what goes on in the background.
    pub async fn schedule_tick(self: &Arc<Self>) -> Result<Vec<JoinHandle<()>>, AppError> {
        let mut begun = Vec::new();
        for setup in self.due().await? {
            let run = match self.engine.run_begin_due(&setup, "system:schedule").await {
                Ok(Some(run)) => run,
                // Another process was there first, or somebody paused it a moment ago.
                Ok(None) | Err(SyncError::Busy { .. } | SyncError::Paused { .. }) => continue,
                Err(error) => return Err(refused(error)),
            };
            let losses = AcceptedLosses::new();
            let session = self.system("schedule");
            session.run_begun(&setup, &run, &losses).await?;
            let app = Arc::clone(self);
            begun.push(tokio::spawn(async move {
                match app.sync_run(&setup, &run, &losses, |_| {}).await {
                    Ok(report) => {
                        tracing::info!(source = %setup.row.key, run = %report.run, state = report.state.as_str(), "a scheduled sync ended");
                    }
                    Err(error) => {
                        tracing::error!(source = %setup.row.key, run = %run.id, error = %error, "a scheduled sync did not come to its end");
                    }
                }
            }));
        }
        Ok(begun)
    }

    /// The sources whose time has come, as far as can be seen without taking them.
    async fn due(&self) -> Result<Vec<SourceSetup>, AppError> {
        let scheduled: Vec<&SourceSetup> =
            self.engine.sources().filter(|setup| setup.next_run_at(None).is_some()).collect();
        if scheduled.is_empty() {
            return Ok(Vec::new());
        }
        let ids: Vec<SourceId> = scheduled.iter().map(|setup| setup.row.id).collect();
        let paused: HashSet<SourceId> =
            self.store.pause_list().await?.into_iter().map(|PauseRow { source, .. }| source).collect();
        let last = self.store.run_last_begun(&ids).await?;
        let now = self.clock.now();
        let is_due = |setup: &&SourceSetup| {
            !paused.contains(&setup.row.id)
                && !self.engine.is_busy(&setup.row.key)
                && setup.next_run_at(last.get(&setup.row.id).copied()).is_some_and(|next| next <= now)
        };
        Ok(scheduled.into_iter().filter(is_due).cloned().collect())
    }
}
