//! What waits is tried again, in batches.
//!
//! Promises: what a batch changes and the entry that says who asked for it commit together, so that a crash leaves neither a
//! payload that was stored and not written down, nor an entry about what was not done.

use super::super::{AppError, Session};
use crate::auth::Action;
use crate::store::{AuditEntry, QuarantineCause, QuarantineRow};
use crate::sync::{Attempt, Retried, Retrying, SyncError};
use onefold_model::{SourceId, SourceKey};

/// What became of the payloads that were tried again.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct QuarantineRetried {
    /// Those that fit now and are stored.
    pub resolved: u64,
    /// Those that still do not fit.
    pub unfit: u64,
    /// Those that only their sender can deliver again: pushed records, rows of files, and payloads without a key.
    pub left: u64,
}

/// So many are tried in one transaction.
const BATCH: usize = 200;

/// What a batch came to before it is stored, and why the rest of it was not looked at.
struct Tried {
    attempts: Vec<(QuarantineRow, Attempt)>,
    left: u64,
    stopped: Option<AppError>,
}

impl Session {
    /// Maps what waits of a source once more, all of it or what has one cause, without asking the system: after a better
    /// field map. Safe to repeat.
    pub async fn quarantine_retry(
        &self,
        source: &SourceKey,
        cause: Option<&QuarantineCause>,
    ) -> Result<QuarantineRetried, AppError> {
        let row = self.source_allowed(source, Action::Sync).await?;
        if cause.is_some() {
            self.causes_shown(row).await?;
        }
        let Some(setup) = self.app.engine.source(&row.key) else {
            return Err(AppError::Missing(format!(
                "source {source} is not in the configuration any more: its payloads cannot be mapped"
            )));
        };
        let waiting = self.store().quarantine_waiting(row.id, cause).await?;
        let retrying = self.app.engine.retrying(setup);
        let mut sum = QuarantineRetried::default();
        // Who asked is written down also where nothing waits.
        let none: [&[_]; 1] = [&[]];
        let batches = waiting.chunks(BATCH).chain(none.into_iter().take(usize::from(waiting.is_empty())));
        for batch in batches {
            let tried = tried(&retrying, self.store().quarantine_rows(batch).await?).await?;
            let (done, stopped) = self.batch_stored(&retrying, row.id, source, cause, tried).await?;
            sum.resolved += done.resolved;
            sum.unfit += done.unfit;
            sum.left += done.left;
            self.app.fold_soon();
            if let Some(error) = stopped {
                return Err(error);
            }
        }
        Ok(sum)
    }

    /// Stores a batch with its entry in the audit.
    async fn batch_stored(
        &self,
        retrying: &Retrying<'_>,
        source: SourceId,
        key: &SourceKey,
        cause: Option<&QuarantineCause>,
        tried: Tried,
    ) -> Result<(QuarantineRetried, Option<AppError>), AppError> {
        let mut done = QuarantineRetried { left: tried.left, ..QuarantineRetried::default() };
        let mut tx = self.store().begin().await?;
        tx.quarantine_lock(source).await?;
        let (rows, attempts): (Vec<_>, Vec<_>) = tried.attempts.into_iter().unzip();
        // What came meanwhile is newer than what was mapped here.
        let unmoved = tx.quarantine_unmoved(&rows).await?;
        for (row, attempt) in rows.iter().zip(attempts).filter(|(row, _)| unmoved.contains(&row.id)) {
            match retrying.store(&mut tx, attempt).await? {
                Retried::Fits(_) => done.resolved += 1,
                Retried::Unfit(_) => done.unfit += 1,
            }
            debug_assert_eq!(row.source, source, "a batch is of one source");
        }
        let QuarantineRetried { resolved, unfit, left } = done;
        let of = cause.map(|cause| format!(" of {}", told(cause))).unwrap_or_default();
        let entry = AuditEntry {
            at: self.app.clock.now(),
            actor: self.scope().actor().subject().to_owned(),
            action: "quarantine.retry",
            target: key.to_string(),
            detail: Some(format!("{resolved} resolved, {unfit} unfit, {left} left{of}")),
        };
        tx.audit_append(&entry).await?;
        tx.commit().await?;
        Ok((done, tried.stopped))
    }
}

/// Maps a batch outside of any transaction: a filter may take its time.
async fn tried(retrying: &Retrying<'_>, rows: Vec<QuarantineRow>) -> Result<Tried, AppError> {
    let mut tried = Tried { attempts: Vec::new(), left: 0, stopped: None };
    for row in rows {
        match retrying.map(&row).await {
            Ok(Some(attempt)) => tried.attempts.push((row, attempt)),
            Ok(None) => tried.left += 1,
            Err(SyncError::Store(error)) => return Err(error.into()),
            Err(error) => {
                tried.stopped = Some(AppError::Conflict(error.to_string()));
                break;
            }
        }
    }
    Ok(tried)
}

/// A cause in the words of the audit. It names no value.
pub(super) fn told(cause: &QuarantineCause) -> String {
    let QuarantineCause { stream, code, path } = cause;
    path.as_ref().map_or_else(|| format!("{stream} {code}"), |path| format!("{stream} {code} at {path}"))
}
