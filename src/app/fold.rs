//! When customers are folded: on demand, and in the background whenever facts have changed.

use super::{App, AppError};
use crate::identity::{FoldReport, IdentityError, Progress};
use std::sync::Arc;
use std::time::Duration;

/// Facts that arrive within this time of one another are folded together.
const GATHER: Duration = Duration::from_millis(200);

impl App {
    /// Folds everything now.
    pub async fn fold(
        &self,
        actor: &str,
        progress: impl Fn(Progress) + Send + Sync + Clone + 'static,
    ) -> Result<FoldReport, AppError> {
        let report = self.identity.fold(&self.store, self.clock.as_ref(), actor, progress).await;
        report.map_err(|error| match error {
            IdentityError::Store(error) => AppError::from(error),
            IdentityError::Stopped | IdentityError::Contended(_) => AppError::Conflict(error.to_string()),
        })
    }

    /// Asks the background to fold soon. Cheap, and as often as one likes.
    pub fn fold_soon(&self) {
        self.fold_wanted.notify_one();
    }

    /// Folds whenever somebody asked for it, for as long as the process serves. What waits in the outbox from before is
    /// folded at once.
    pub async fn fold_forever(self: Arc<Self>) {
        loop {
            match self.store.outbox_depth().await {
                Ok((0, _)) => {}
                Ok(_) => match self.fold("system:fold", |_| {}).await {
                    Ok(report) => {
                        tracing::info!(records = report.records, customers = report.customers, changed = report.changed, "customers were folded");
                    }
                    Err(error) => tracing::error!(error = %error, "customers could not be folded; the next change tries again"),
                },
                Err(error) => tracing::error!(error = %error, "the outbox could not be read"),
            }
            self.fold_wanted.notified().await;
            tokio::time::sleep(GATHER).await;
        }
    }
}
