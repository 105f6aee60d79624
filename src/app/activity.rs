//! What happened with customers: pages by customer or by what it belongs to, as the scope shows it.

use super::redact::{Redacted, Restriction, redact, restrictions};
use super::{AppError, ReadKind, Session};
use crate::auth::Scope;
use crate::store::{ActivityChoice, ActivityFilter, ActivityRow, PageAsk, Slice};
use onefold_model::{CustomerId, DepartmentKey, RecordId, RecordKind, SourceId, Timestamp};
use std::borrow::Cow;
use std::collections::HashMap;
use uuid::Uuid;

/// An invoice, a ticket, a touch, …: its fields as the scope shows them.
#[derive(Debug, Clone)]
pub struct ActivityView {
    /// The record.
    pub id: RecordId,
    /// What it is.
    pub kind: RecordKind,
    /// The source.
    pub source: SourceId,
    /// The department that owns the source.
    pub department: DepartmentKey,
    /// Whose it is.
    pub customer: Option<CustomerId>,
    /// What it belongs to.
    pub parent: Option<RecordId>,
    /// Its version, from 1.
    pub version: i64,
    /// When it last became different.
    pub changed_at: Timestamp,
    /// What it says.
    pub fields: Redacted,
    /// What is withheld.
    pub restrictions: Vec<Restriction>,
}

impl ActivityView {
    /// Whether the caller may read this field of it as it is.
    pub fn shows(&self, field: &str) -> bool {
        self.restrictions.iter().all(|withheld| withheld.path != field)
    }
}

impl Session {
    fn activity_view(&self, row: ActivityRow) -> ActivityView {
        let name = row.kind.type_name();
        ActivityView {
            id: row.id,
            kind: row.kind,
            source: row.source,
            customer: row.customer,
            parent: row.parent,
            version: row.version,
            changed_at: row.changed_at,
            fields: redact(self.scope(), name, &row.department, row.mapped),
            restrictions: restrictions(self.scope(), name, &row.department),
            department: row.department,
        }
    }

    fn activity_seen<'a>(&self, kind: RecordKind, rows: impl Iterator<Item = &'a ActivityRow>) {
        self.read(rows.filter_map(|row| row.customer), ReadKind::of_record(kind));
    }

    /// A page for each customer, or for each record that they belong to, of those that are chosen.
    pub async fn activity_pages(
        &self,
        kind: RecordKind,
        filter: &ActivityFilter,
        choice: &ActivityChoice,
        ask: &PageAsk,
    ) -> Result<HashMap<Uuid, Slice<ActivityView>>, AppError> {
        self.activity_uses_allowed(kind, choice).await?;
        let pages = self.store().activity_pages_of(&self.scope_by(filter), kind, filter, choice, ask).await?;
        self.activity_seen(kind, pages.values().flat_map(|slice| slice.rows.iter().map(|(_, row)| row)));
        Ok(pages.into_iter().map(|(group, slice)| (group, slice.map(|row| self.activity_view(row)))).collect())
    }

    /// How many there are for each, of those that are chosen.
    pub async fn activity_counts(
        &self,
        kind: RecordKind,
        filter: &ActivityFilter,
        choice: &ActivityChoice,
    ) -> Result<HashMap<Uuid, i64>, AppError> {
        self.activity_uses_allowed(kind, choice).await?;
        Ok(self.store().activity_counts_of(&self.scope_by(filter), kind, filter, choice).await?)
    }

    /// A page of all of a kind, of those that are chosen.
    pub async fn activity_list(
        &self,
        kind: RecordKind,
        choice: &ActivityChoice,
        ask: &PageAsk,
    ) -> Result<Slice<ActivityView>, AppError> {
        self.activity_uses_allowed(kind, choice).await?;
        let slice = self.store().activity_list(self.scope(), kind, choice, ask).await?;
        self.activity_seen(kind, slice.rows.iter().map(|(_, row)| row));
        Ok(slice.map(|row| self.activity_view(row)))
    }

    /// How many of a kind there are, of those that are chosen.
    pub async fn activity_count(&self, kind: RecordKind, choice: &ActivityChoice) -> Result<i64, AppError> {
        self.activity_uses_allowed(kind, choice).await?;
        Ok(self.store().activity_count(self.scope(), kind, choice).await?)
    }

    /// What a list is chosen and ordered by has to be readable as it is, but for what everybody sees. A refusal is written down.
    async fn activity_uses_allowed(&self, kind: RecordKind, choice: &ActivityChoice) -> Result<(), AppError> {
        for (field, usage) in choice.fields().filter(|(field, _)| !field.is_free()) {
            self.use_allowed(kind.type_name(), field.name, usage).await?;
        }
        Ok(())
    }

    /// Whom the activities of a record belong to is not known before.
    fn scope_by(&self, filter: &ActivityFilter) -> Cow<'_, Scope> {
        match filter {
            ActivityFilter::Customers(ids) => self.scope_of(ids),
            ActivityFilter::Parents(_) | ActivityFilter::Ids(_) => Cow::Borrowed(self.scope()),
        }
    }

    /// Exactly these.
    pub async fn activity_get(&self, kind: RecordKind, ids: &[RecordId]) -> Result<Vec<ActivityView>, AppError> {
        let rows = self.store().activity_get(self.scope(), kind, ids).await?;
        self.activity_seen(kind, rows.iter());
        Ok(rows.into_iter().map(|row| self.activity_view(row)).collect())
    }
}
