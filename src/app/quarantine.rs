//! What did not fit, for the department that owns the source.

mod group;
mod retry;

pub use group::{DiscardAsk, Discarded};
pub use retry::QuarantineRetried;

use super::redact::{Redacted, Restriction, redact, restrictions};
use super::{AppError, ReadKind, Session};
use crate::store::{PageAsk, QuarantineFilter, QuarantineRow, Slice};
use onefold_model::{QuarantineId, SourceId};
use serde_json::json;
use std::collections::HashMap;

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

impl Session {
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
        if code.is_some() {
            self.check_use("Quarantine", "code", "filter")?;
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
        Ok(self.quarantine_by_ids(&[id]).await?.remove(&id))
    }

    /// Those of these that the caller may see.
    pub async fn quarantine_by_ids(
        &self,
        ids: &[QuarantineId],
    ) -> Result<HashMap<QuarantineId, QuarantineView>, AppError> {
        let visible = self.visible_sources("Quarantine");
        let rows = self.store().quarantine_rows(ids).await?.into_iter().filter(|row| visible.contains(&row.source));
        let views: HashMap<_, _> = rows.filter_map(|row| Some((row.id, self.quarantine_view(row)?))).collect();
        for view in views.values() {
            self.quarantine_seen(view);
        }
        Ok(views)
    }
}
