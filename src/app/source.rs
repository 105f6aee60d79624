//! Sources and their runs, as far as a caller may see them.

use super::redact::{Restriction, restrictions};
use super::{AppError, Session};
use crate::auth::{Action, Permission};
use crate::store::{PageAsk, RunRow, Slice, SourceRow, StreamProgress};
use onefold_model::{CustomerId, RecordKind, SourceId, SourceKey, SyncRunId};
use std::collections::HashMap;

/// A source as a scope shows it.
#[derive(Debug, Clone)]
pub struct SourceView {
    /// The source.
    pub row: SourceRow,
    /// What is withheld.
    pub restrictions: Vec<Restriction>,
}

impl SourceView {
    /// Whether the caller may read this field of it as it is.
    pub fn shows(&self, field: &str) -> bool {
        self.restrictions.iter().all(|withheld| withheld.path != field)
    }
}

impl Session {
    /// The sources, by key.
    pub fn source_list(&self) -> Vec<SourceView> {
        let owners = self.scope().type_owners("Source");
        let mut rows: Vec<&SourceRow> =
            self.app.sources.values().filter(|row| owners.includes(Some(&row.department))).collect();
        rows.sort_by(|one, other| one.key.cmp(&other.key));
        rows.into_iter().map(|row| self.source_view(row)).collect()
    }

    /// A source.
    pub fn source_get(&self, id: SourceId) -> Option<SourceView> {
        let row = self.source(id)?;
        let is_shown = self.scope().type_owners("Source").includes(Some(&row.department));
        is_shown.then(|| self.source_view(row))
    }

    pub(super) fn source_view(&self, row: &SourceRow) -> SourceView {
        SourceView { row: row.clone(), restrictions: restrictions(self.scope(), "Source", &row.department) }
    }

    /// The source with this key, if the caller may do this in its department.
    pub(super) fn source_for(&self, key: &SourceKey, action: Action) -> Result<&SourceRow, AppError> {
        let missing =
            || AppError::Missing(format!("there is no source {key:?}: `sources` lists them", key = key.as_str()));
        let row = self.source(SourceId::derive(key)).ok_or_else(missing)?;
        if action == Action::Ingest && self.pushes_into == Some(row.id) {
            return Ok(row);
        }
        match self.scope().may(action, &row.department) {
            Permission::Allowed { .. } => Ok(row),
            // Whoever may not see the source is told what is told of one that does not exist.
            Permission::Denied { .. } if self.source_get(row.id).is_none() => Err(missing()),
            Permission::Denied { policy } => Err(AppError::Forbidden {
                what: format!("to {} for the source {key}", action.as_str()),
                policy: policy.as_ref().map(ToString::to_string),
            }),
        }
    }

    /// The customer that a record with this key in a source belongs to: its own, or the one that it tells about.
    pub async fn customer_by_source(
        &self,
        source: &SourceKey,
        external_id: &str,
    ) -> Result<Option<CustomerId>, AppError> {
        let mut rows = self.store().record_by_key(self.scope(), SourceId::derive(source), external_id).await?;
        // Who may not read keys learns nothing by trying them.
        rows.retain(|row| self.scope().field("SourceRecord", "externalId", Some(&row.department)).is_read());
        if let Some(own) = rows.iter().find_map(|row| row.customer) {
            return Ok(Some(own));
        }
        for row in rows.iter().filter(|row| row.kind != RecordKind::Party) {
            let told = self.store().activity_get(self.scope(), row.kind, &[row.id]).await?;
            if let Some(customer) = told.into_iter().find_map(|activity| activity.customer) {
                return Ok(Some(customer));
            }
        }
        Ok(None)
    }

    /// The sources whose objects of this type the caller may see.
    pub(super) fn visible_sources(&self, type_name: &str) -> Vec<SourceId> {
        let owners = self.scope().type_owners(type_name);
        let mut ids: Vec<SourceId> =
            self.app.sources.values().filter(|row| owners.includes(Some(&row.department))).map(|row| row.id).collect();
        ids.sort_unstable();
        ids
    }

    /// Runs, newest first; of one source, or of all that the caller may see.
    pub async fn run_list(&self, source: Option<SourceId>, ask: &PageAsk) -> Result<Slice<RunRow>, AppError> {
        let mut sources = self.visible_sources("SyncRun");
        sources.retain(|id| source.is_none_or(|wanted| wanted == *id));
        if sources.is_empty() {
            return Ok(Slice::empty());
        }
        Ok(self.store().run_list(&sources, ask).await?)
    }

    /// A run.
    pub async fn run_get(&self, id: SyncRunId) -> Result<Option<RunRow>, AppError> {
        let run = self.store().run_get(id).await?;
        let visible = self.visible_sources("SyncRun");
        Ok(run.filter(|run| visible.contains(&run.source)))
    }

    /// What is withheld of a run.
    pub fn run_restrictions(&self, run: &RunRow) -> Vec<Restriction> {
        self.source(run.source).map_or_else(Vec::new, |row| restrictions(self.scope(), "SyncRun", &row.department))
    }

    /// What these runs did, by stream.
    pub async fn run_streams(&self, ids: &[SyncRunId]) -> Result<HashMap<SyncRunId, Vec<StreamProgress>>, AppError> {
        let mut streams: HashMap<SyncRunId, Vec<StreamProgress>> = HashMap::new();
        for (run, progress) in self.store().run_streams(ids).await? {
            streams.entry(run).or_default().push(progress);
        }
        Ok(streams)
    }
}
