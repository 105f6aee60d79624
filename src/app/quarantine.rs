//! What did not fit, for the department that owns the source.

use super::redact::{Redacted, Restriction, redact, restrictions};
use super::{AppError, ReadKind, Session};
use crate::auth::Action;
use crate::store::{AuditEntry, PageAsk, QuarantineFilter, QuarantineRow, Slice};
use crate::sync::{Retried, SyncError};
use onefold_model::{QuarantineId, SourceId, SourceKey};
use serde_json::json;

/// A quarantined payload as a scope shows it.
#[derive(Debug, Clone)]
pub struct QuarantineView {
    /// Which, when and how often. What it says is in `fields`, because it may be withheld.
    pub row: QuarantineRow,
    /// `code`, `path`, `place`, `message`, `externalId`, `stream`, `raw`.
    pub fields: Redacted,
    /// What is withheld.
    pub restrictions: Vec<Restriction>,
}

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

/// So many are read at a time.
const BATCH: usize = 200;

impl Session {
    /// Maps what waits of a source once more, without asking the system: after a better field map. Safe to repeat.
    pub async fn quarantine_retry(&self, source: &SourceKey) -> Result<QuarantineRetried, AppError> {
        let row = self.source_allowed(source, Action::Sync).await?;
        let Some(setup) = self.app.engine.source(&row.key) else {
            return Err(AppError::Missing(format!(
                "source {source} is not in the configuration any more: its payloads cannot be mapped"
            )));
        };
        let waiting = self.store().quarantine_waiting(row.id).await?;
        let mut retried = QuarantineRetried::default();
        let retrying = self.app.engine.retrying(setup);
        for batch in waiting.chunks(BATCH) {
            for row in self.store().quarantine_rows(batch).await? {
                match retrying.retry(&row).await {
                    Ok(Retried::Fits(_)) => retried.resolved += 1,
                    Ok(Retried::Unfit(_)) => retried.unfit += 1,
                    Ok(Retried::NotHere) => retried.left += 1,
                    Err(SyncError::Store(error)) => return Err(error.into()),
                    Err(error) => return Err(AppError::Conflict(error.to_string())),
                }
            }
        }
        let QuarantineRetried { resolved, unfit, left } = retried;
        let mut tx = self.store().begin().await?;
        let entry = AuditEntry {
            at: self.app.clock.now(),
            actor: self.scope().actor().subject().to_owned(),
            action: "quarantine.retry",
            target: source.to_string(),
            detail: Some(format!("{resolved} resolved, {unfit} unfit, {left} left")),
        };
        tx.audit_append(&entry).await?;
        tx.commit().await?;
        self.app.fold_soon();
        Ok(retried)
    }

    fn quarantine_view(&self, row: QuarantineRow) -> Option<QuarantineView> {
        let department = &self.source(row.source)?.department;
        let object = json!({
            "code": row.item.code,
            "path": row.item.path,
            "place": row.item.place,
            "message": row.item.message,
            "externalId": row.item.external_id,
            "stream": row.item.stream,
            "raw": row.item.raw,
        });
        Some(QuarantineView {
            fields: redact(self.scope(), "Quarantine", department, object),
            restrictions: restrictions(self.scope(), "Quarantine", department),
            row,
        })
    }

    /// Whose payload it is, nobody knows: it did not fit.
    fn quarantine_seen(&self, view: &QuarantineView) {
        if view.restrictions.iter().all(|withheld| withheld.path != "raw") {
            self.read_other(view.row.id, ReadKind::Payload);
        }
    }

    /// Which rows are meant; nothing where the caller may see none. A code that may not be read may not be asked for: the
    /// answer would tell it.
    fn quarantine_filter(
        &self,
        source: Option<SourceId>,
        code: Option<String>,
    ) -> Result<Option<QuarantineFilter>, AppError> {
        if code.is_some() && !self.scope().field_any_owner("Quarantine", "code").is_read() {
            return Err(AppError::FieldForbidden { type_name: "Quarantine", field: "code", usage: "filter" });
        }
        let mut sources = self.visible_sources("Quarantine");
        sources.retain(|id| source.is_none_or(|wanted| wanted == *id));
        Ok((!sources.is_empty()).then_some(QuarantineFilter { sources, code, include_resolved: false }))
    }

    /// A page of what waits, last seen first.
    pub async fn quarantine_list(
        &self,
        source: Option<SourceId>,
        code: Option<String>,
        ask: &PageAsk,
    ) -> Result<Slice<QuarantineView>, AppError> {
        let Some(filter) = self.quarantine_filter(source, code)? else { return Ok(Slice::empty()) };
        let slice = self.store().quarantine_list(&filter, ask).await?;
        let (has_next, has_previous) = (slice.has_next, slice.has_previous);
        let rows: Vec<_> =
            slice.rows.into_iter().filter_map(|(cursor, row)| Some((cursor, self.quarantine_view(row)?))).collect();
        for (_, view) in &rows {
            self.quarantine_seen(view);
        }
        Ok(Slice { rows, has_next, has_previous })
    }

    /// How many wait.
    pub async fn quarantine_count(&self, source: Option<SourceId>, code: Option<String>) -> Result<i64, AppError> {
        match self.quarantine_filter(source, code)? {
            Some(filter) => Ok(self.store().quarantine_count(&filter).await?),
            None => Ok(0),
        }
    }

    /// One of them.
    pub async fn quarantine_get(&self, id: QuarantineId) -> Result<Option<QuarantineView>, AppError> {
        let visible = self.visible_sources("Quarantine");
        let row = self.store().quarantine_get(id).await?.filter(|row| visible.contains(&row.source));
        let view = row.and_then(|row| self.quarantine_view(row));
        if let Some(view) = &view {
            self.quarantine_seen(view);
        }
        Ok(view)
    }
}
