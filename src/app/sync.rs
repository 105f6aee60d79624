//! Syncs that somebody starts.

use super::{App, AppError, RunRow, Session};
use crate::auth::Action;
use crate::store::AuditEntry;
use crate::sync::{AcceptedLosses, RunReport, SourceSetup, SyncError, Tick};
use onefold_model::SourceKey;
use std::sync::Arc;

impl Session {
    /// Starts to sync a source in the background and gives the run at once. `accepted` are the streams that may lose half of
    /// their records.
    pub async fn sync_start(&self, source: &SourceKey, accepted: AcceptedLosses) -> Result<RunRow, AppError> {
        let row = self.source_allowed(source, Action::Sync).await?;
        let Some(setup) = self.app.engine.source(&row.key).cloned() else {
            return Err(AppError::Missing(format!(
                "source {source} is not in the configuration any more: it cannot be read"
            )));
        };
        if setup.configured.connector().is_file() {
            return Err(AppError::Invalid(format!("source {source} reads files: `onefold import` takes them")));
        }
        let run = self.run_begin(&setup, "manual", &accepted).await?;
        let app = Arc::clone(&self.app);
        let started = run.clone();
        tokio::spawn(async move {
            match app.sync_run(&setup, &started, &accepted, |_| {}).await {
                Ok(report) => {
                    tracing::info!(source = %setup.row.key, run = %report.run, state = report.state.as_str(), "a sync ended");
                }
                Err(error) => {
                    tracing::error!(source = %setup.row.key, error = %error, "a sync did not come to its end");
                }
            }
        });
        Ok(run)
    }

    /// Notes the beginning of a run, who asked for it, and which losses they accept.
    pub async fn run_begin(
        &self,
        setup: &SourceSetup,
        trigger: &str,
        accepted: &AcceptedLosses,
    ) -> Result<RunRow, AppError> {
        let key = &setup.row.key;
        check_losses(setup, accepted)?;
        if self.app.engine.is_busy(key) {
            return Err(AppError::Conflict(format!("a sync of {key} goes on: `syncRuns` shows it")));
        }
        let actor = self.scope().actor().subject();
        let run = self.app.engine.run_begin(setup, trigger, actor).await.map_err(refused)?;
        self.run_begun(setup, &run, accepted).await?;
        Ok(run)
    }

    /// Writes down who has begun a run.
    pub(super) async fn run_begun(
        &self,
        setup: &SourceSetup,
        run: &RunRow,
        accepted: &AcceptedLosses,
    ) -> Result<(), AppError> {
        let mut detail = run.id.to_string();
        for stream in accepted {
            detail.push_str(", loss accepted of ");
            detail.push_str(stream);
        }
        let mut tx = self.store().begin().await?;
        let entry = AuditEntry {
            at: run.started_at,
            actor: run.actor.clone(),
            action: "sync.start",
            target: setup.row.key.to_string(),
            detail: Some(detail),
        };
        tx.audit_append(&entry).await?;
        Ok(tx.commit().await?)
    }
}

impl App {
    /// Reads a source from its checkpoints to its end, and asks for a fold.
    pub async fn sync_run(
        &self,
        setup: &SourceSetup,
        run: &RunRow,
        accepted: &AcceptedLosses,
        tick: impl Fn(Tick) + Send + Sync,
    ) -> Result<RunReport, AppError> {
        let outcome = self.engine.run(setup, run, accepted, tick).await;
        self.fold_soon();
        match outcome {
            Ok(Some(report)) => Ok(report),
            Ok(None) => Err(AppError::Conflict(format!("a sync of {} goes on", setup.row.key))),
            Err(error) => Err(refused(error)),
        }
    }

    /// The sources that can be read.
    pub fn source_setups(&self) -> Vec<SourceSetup> {
        self.engine.sources().cloned().collect()
    }

    /// The engine, for what reads files.
    pub fn engine(&self) -> &Arc<crate::sync::Engine> {
        &self.engine
    }
}

pub(super) fn refused(error: SyncError) -> AppError {
    match error {
        SyncError::Store(error) => error.into(),
        error @ SyncError::Paused { .. } => AppError::Paused(error.to_string()),
        error => AppError::Conflict(error.to_string()),
    }
}

/// A loss can be accepted of streams whose deletions are seen by absence, and of what comes from their payloads.
fn check_losses(setup: &SourceSetup, accepted: &AcceptedLosses) -> Result<(), AppError> {
    let connector = setup.configured.connector();
    let mut known: Vec<&str> = Vec::new();
    for stream in connector.streams().iter().filter(|stream| stream.deletes.contains(&"sweep")) {
        known.push(stream.name);
        known.extend(stream.also.iter().map(|also| also.name));
    }
    match accepted.iter().find(|stream| !known.contains(&stream.as_str())) {
        None => Ok(()),
        Some(stream) => Err(AppError::Invalid(format!(
            "source {} has no stream {stream:?} of which a loss could be accepted; there are: {}",
            setup.row.key,
            known.join(", ")
        ))),
    }
}
