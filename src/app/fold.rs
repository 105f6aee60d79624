//! When customers are folded: on demand, and in the background whenever facts have changed.

use super::{App, AppError};
use crate::identity::{FoldReport, Progress};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;
use tracing::Instrument;

/// Facts that arrive within this time of one another are folded together.
const GATHER: Duration = Duration::from_millis(200);

/// What ends by itself ends at most so much later.
const EXPIRY: Duration = Duration::from_secs(30);

/// Records that are made anew in one transaction.
const REBUILD_PIECE: i64 = 500;

/// What a rebuild found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rebuilt {
    /// Records that were looked at.
    pub looked_at: u64,
    /// Records of which something derived was wrong and has been mended.
    pub mended: u64,
    /// Customers that the fold changed.
    pub customers_changed: usize,
}

impl App {
    /// Folds everything now.
    pub async fn fold(
        &self,
        actor: &str,
        progress: impl Fn(Progress) + Send + Sync + Clone + 'static,
    ) -> Result<FoldReport, AppError> {
        let report = self.identity.fold(&self.store, self.clock.as_ref(), actor, progress).await;
        report.map_err(AppError::from)
    }

    /// Folds what changed since the last fold: as [`App::fold`], at the cost of the neighbourhood where the model is frozen.
    pub async fn fold_changes(&self, actor: &str) -> Result<FoldReport, AppError> {
        let folded = self.identity.fold_changes(&self.store, self.clock.as_ref(), actor);
        let report = folded.instrument(tracing::info_span!("fold")).await;
        report.map_err(AppError::from)
    }

    /// Makes everything that is derived anew: places in histories and search words from the records, then customers from
    /// records and decisions. `mended` is called after each piece with the numbers so far.
    pub async fn rebuild(&self, actor: &str, mended: impl Fn(u64, u64)) -> Result<Rebuilt, AppError> {
        let (mut looked_at, mut wrong, mut after) = (0, 0, None);
        loop {
            let mut tx = self.store.begin().await?;
            let step = tx.derived_rebuild(after, REBUILD_PIECE).await?;
            tx.commit().await?;
            looked_at += step.looked_at;
            wrong += step.mended;
            mended(looked_at, wrong);
            after = step.next;
            if after.is_none() {
                break;
            }
        }
        if wrong > 0 {
            self.audit(actor, "derived.rebuild", "records", Some(format!("{wrong} mended"))).await?;
        }
        let fold = self.fold(actor, |_| {}).await?;
        Ok(Rebuilt { looked_at, mended: wrong, customers_changed: fold.changed })
    }

    /// Asks the background to fold soon. Cheap, and as often as one likes.
    pub fn fold_soon(&self) {
        self.fold_wanted.notify_one();
    }

    /// Asks the background to judge anew what has not changed: another model is in place, and the outbox names nobody.
    pub(super) fn refold_soon(&self) {
        self.refold_wanted.store(true, Ordering::Release);
        self.fold_soon();
    }

    /// Folds whenever somebody asked for it, for as long as the process serves. What waits in the outbox from before is
    /// folded at once.
    pub async fn fold_forever(self: Arc<Self>) {
        loop {
            match self.fold_due().await {
                Ok(None) => {}
                Ok(Some(report)) => {
                    tracing::info!(
                        records = report.records,
                        customers = report.customers,
                        changed = report.changed,
                        "customers were folded"
                    );
                }
                Err(error) => {
                    tracing::error!(error = %error, "customers could not be folded; the next change tries again");
                }
            }
            // Woken by somebody, or by the time: decisions and pins may end without anybody's doing.
            let _ = tokio::time::timeout(EXPIRY, self.fold_wanted.notified()).await;
            tokio::time::sleep(GATHER).await;
        }
    }

    /// Folds, if anything waits for it: facts that changed, decisions that ended, or another model.
    pub async fn fold_due(&self) -> Result<Option<FoldReport>, AppError> {
        self.expire().await?;
        self.identity.rules_refresh(&self.store).await?;
        let is_refold = self.refold_wanted.swap(false, Ordering::AcqRel);
        let folded = async {
            if !is_refold && self.store.outbox_depth().await?.0 == 0 {
                return Ok(None);
            }
            self.fold_changes("system:fold").await.map(Some)
        };
        let folded = folded.await;
        if folded.is_err() {
            self.refold_wanted.fetch_or(is_refold, Ordering::AcqRel);
        }
        folded
    }
}
