//! One export is written: held, moved on part by part, ended.

use super::super::{App, AppError, Session};
use crate::auth::Actor;
use crate::store::{AuditEntry, ExportEnd, ExportMove, ExportRow, ExportState};
use chrono::TimeDelta;
use onefold_model::{ExportId, Timestamp};
use std::sync::Arc;
use uuid::Uuid;

/// So long an export is held for one page.
const HELD: TimeDelta = TimeDelta::seconds(60);
/// How often in a row an export may fail to go on.
const TRIES: i64 = 10;
/// How long it waits after a failure, for each failure in a row.
const WAIT: TimeDelta = TimeDelta::seconds(5);

/// An export that this process holds.
#[derive(Debug)]
pub struct ExportHeld {
    /// As it stands.
    pub row: ExportRow,
    holder: Uuid,
}

impl ExportHeld {
    /// A move that changes nothing yet.
    pub fn stay(&self) -> ExportMove {
        let row = &self.row;
        let (until, found) = (row.created_at, Vec::new());
        ExportMove {
            id: row.id,
            holder: self.holder,
            until,
            place: row.place,
            found,
            last: row.last,
            total: row.total,
            part: None,
        }
    }
}

impl App {
    /// Exports that are to go on now.
    pub async fn export_due(&self) -> Result<Vec<ExportRow>, AppError> {
        Ok(self.store.export_due(self.clock.now()).await?)
    }

    /// Takes an export to write at it. None where another process has it, or it is over.
    pub async fn export_take(&self, id: ExportId) -> Result<Option<ExportHeld>, AppError> {
        let (holder, now) = (Uuid::now_v7(), self.clock.now());
        let mut tx = self.store.begin().await?;
        let is_taken = tx.export_take(id, holder, now, now + HELD).await?;
        tx.commit().await?;
        // It may have been moved on since it was listed.
        let row = if is_taken { self.store.export_get(id).await? } else { None };
        Ok(row.map(|row| ExportHeld { row, holder }))
    }

    /// What who started an export may do now.
    pub fn export_session(self: &Arc<Self>, row: &ExportRow) -> Session {
        self.session(Actor::new(row.subject.clone(), row.departments.clone(), row.roles.clone()))
    }

    /// Moves an export on. `false` where this process does not hold it any more: nothing is written then.
    pub async fn export_move(&self, held: &mut ExportHeld, moved: ExportMove) -> Result<bool, AppError> {
        let moved = ExportMove { until: self.clock.now() + HELD, ..moved };
        let mut tx = self.store.begin().await?;
        if !tx.export_move(&moved).await? {
            return Ok(false);
        }
        tx.commit().await?;
        let row = &mut held.row;
        (row.place, row.last, row.total, row.failures) = (moved.place, moved.last, moved.total, 0);
        if let Some(part) = moved.part {
            row.parts += 1;
            row.rows += part.rows;
            row.bytes += i64::try_from(part.content.len()).unwrap_or(i64::MAX);
        }
        Ok(true)
    }

    /// Others have their turn: an export goes on when they had it.
    pub async fn export_release(&self, held: &ExportHeld) -> Result<(), AppError> {
        self.export_given_back(held, self.clock.now(), held.row.failures).await
    }

    /// An export could not go on: it is tried again, and given up on after some time.
    pub async fn export_failed(&self, held: &ExportHeld) -> Result<(), AppError> {
        let failures = held.row.failures + 1;
        if failures >= TRIES {
            let error = format!("the hub could not go on {TRIES} times: its log says why; start it again");
            return self.export_end(held, Some(error)).await;
        }
        let waits = i32::try_from(failures).unwrap_or(i32::MAX);
        self.export_given_back(held, self.clock.now() + WAIT * waits, failures).await
    }

    async fn export_given_back(&self, held: &ExportHeld, next_at: Timestamp, failures: i64) -> Result<(), AppError> {
        let mut tx = self.store.begin().await?;
        tx.export_release(held.row.id, held.holder, next_at, failures).await?;
        Ok(tx.commit().await?)
    }

    /// Ends an export: as one that is whole, or for a reason.
    pub async fn export_end(&self, held: &ExportHeld, error: Option<String>) -> Result<(), AppError> {
        let at = self.clock.now();
        let state = if error.is_none() { ExportState::Succeeded } else { ExportState::Failed };
        let detail = match &error {
            None => format!("{} lines, {} bytes", held.row.rows, held.row.bytes),
            Some(error) => error.clone(),
        };
        let end = ExportEnd { state, error, at, expires_at: at + self.export_kept() };
        let mut tx = self.store.begin().await?;
        if tx.export_end(held.row.id, Some(held.holder), &end).await? {
            let (actor, target) = ("system:export".to_owned(), held.row.id.to_string());
            tx.audit_append(&AuditEntry { at, actor, action: "export.end", target, detail: Some(detail) }).await?;
        }
        Ok(tx.commit().await?)
    }
}
