//! Exports of customers: started, looked at, fetched, ended; written page by page with the rights of who started them.
//!
//! Promises: a line shows what who started the export may see when it is written, under the policies of that moment; an export
//! is its owner's, and of those who administer all departments; one that begins behind a place of the log has every customer
//! that became different since, and says of those that are gone where they went, to whom they could have been shown before.
//! The departments and roles are those of the token by which somebody started it. Deliberately does not know what a line looks
//! like: see [`crate::graphql`].

mod read;
mod write;

pub use read::{ExportFound, ExportGone, ExportLine, ExportNext};
pub use write::ExportHeld;

use super::decision::check_request;
use super::outgoing::check_place;
use super::{App, AppError, Session};
use crate::store::{ExportEnd, ExportFormat, ExportRow, ExportState};
use chrono::TimeDelta;
use onefold_model::{ExportId, Timestamp};
use serde_json::{Map, Value};
use uuid::Uuid;

/// Exports of one person that are kept.
const MOST_EACH: usize = 50;
/// The longest document and the longest variables, in bytes.
const LONGEST: usize = 20_000;

/// What somebody wants written.
#[derive(Debug, Clone)]
pub struct ExportAsk {
    /// The query that shapes a line, looked over already.
    pub document: String,
    /// Its variables besides the ids.
    pub variables: Map<String, Value>,
    /// In which form.
    pub format: ExportFormat,
    /// The place in the log behind which somebody must have changed; none for everybody.
    pub after: Option<i64>,
    /// What names the request.
    pub request: String,
}

impl Session {
    /// Starts an export with the rights of the caller. The same request starts it once: whether it was started before is told.
    pub async fn export_start(&self, ask: ExportAsk) -> Result<(ExportRow, bool), AppError> {
        check_request(&ask.request)?;
        if !self.shows_type("Customer") {
            return Err(AppError::Forbidden { what: "to export customers".to_owned(), policy: None });
        }
        let variables = Value::Object(ask.variables);
        if ask.document.len() > LONGEST || variables.to_string().len() > LONGEST {
            return Err(AppError::Invalid(format!("document and variables: at most {LONGEST} bytes each")));
        }
        let until = self.change_last().await?;
        if let Some(after) = ask.after {
            check_place(after, until)?;
            self.export_incremental()?;
        }
        let now = self.app.clock.now();
        let actor = self.scope().actor();
        let row = ExportRow {
            id: ExportId(Uuid::now_v7()),
            document: ask.document,
            variables,
            format: ask.format,
            subject: actor.subject().to_owned(),
            departments: actor.departments().to_vec(),
            roles: actor.roles().to_vec(),
            request: ask.request,
            created_at: now,
            started_at: None,
            ended_at: None,
            expires_at: None,
            state: ExportState::Waiting,
            error: None,
            after: ask.after,
            until,
            place: ask.after.unwrap_or(until),
            last: None,
            total: None,
            parts: 0,
            rows: 0,
            bytes: 0,
            failures: 0,
            next_at: now,
        };
        self.export_insert(row).await
    }

    async fn export_insert(&self, row: ExportRow) -> Result<(ExportRow, bool), AppError> {
        let mut tx = self.store().begin().await?;
        // Two that are started at once see each other.
        tx.export_owner_lock(&row.subject).await?;
        if !tx.export_insert(&row).await? {
            let before = tx.export_of_request(&row.subject, &row.request).await?;
            let before = before.ok_or(AppError::Invariant("what stands in the way of a request is there"))?;
            let is_same = (&before.document, &before.variables, before.format, before.after)
                == (&row.document, &row.variables, row.format, row.after);
            if is_same {
                return Ok((before, true));
            }
            let request = &row.request;
            let text = format!("the idempotency key {request:?} was used for another export: give each its own");
            return Err(AppError::Conflict(text));
        }
        let own = tx.export_own(&row.subject).await?;
        let (most, under_way) = (self.app.exports.at_once.get(), own.iter().filter(|state| !state.is_over()).count());
        if under_way > most as usize {
            let text = format!("you have {most} exports that are not over: wait for one of them, or `exportCancel` it");
            return Err(AppError::Conflict(text));
        }
        if own.len() > MOST_EACH {
            let text = format!("you have {MOST_EACH} exports: `exportDelete` one before you start another");
            return Err(AppError::Conflict(text));
        }
        let what = if row.after.is_some() { "what changed" } else { "everybody" };
        let detail = format!("{} of {what}", row.format.as_str());
        self.commit_noted(tx, "export.start", row.id.to_string(), Some(detail)).await?;
        Ok((row, false))
    }

    /// The caller's own exports, or all of them for whoever administers the hub; the latest first.
    pub async fn export_list(&self) -> Result<Vec<ExportRow>, AppError> {
        let rows = self.store().export_list().await?.into_iter();
        Ok(rows.filter(|row| self.export_shown(row)).collect())
    }

    /// An export, if it is shown to the caller.
    pub async fn export_get(&self, id: ExportId) -> Result<Option<ExportRow>, AppError> {
        Ok(self.store().export_get(id).await?.filter(|row| self.export_shown(row)))
    }

    /// Ends an export that is under way; what it has written goes. One that is over stays as it is.
    pub async fn export_cancel(&self, id: ExportId) -> Result<ExportRow, AppError> {
        let row = self.export_known(id).await?;
        if row.state.is_over() {
            return Ok(row);
        }
        let at = self.app.clock.now();
        let expires_at = at + self.app.export_kept();
        let end = ExportEnd { state: ExportState::Cancelled, error: None, at, expires_at };
        let mut tx = self.store().begin().await?;
        if tx.export_end(id, None, &end).await? {
            self.commit_noted(tx, "export.cancel", id.to_string(), None).await?;
        }
        self.export_known(id).await
    }

    /// Deletes an export and what it holds.
    pub async fn export_delete(&self, id: ExportId) -> Result<(), AppError> {
        self.export_known(id).await?;
        let mut tx = self.store().begin().await?;
        tx.export_delete(id).await?;
        self.commit_noted(tx, "export.delete", id.to_string(), None).await
    }

    /// An export that can be fetched. None where it is not shown to the caller, is not whole, or is no more.
    pub async fn export_fetch(&self, id: ExportId) -> Result<Option<ExportRow>, AppError> {
        let now = self.app.clock.now();
        let row = self.export_get(id).await?.filter(|row| row.state == ExportState::Succeeded);
        let row = row.filter(|row| self.shows_type("Customer") && row.expires_at.is_some_and(|until| until > now));
        if let Some(row) = &row {
            let actor = self.scope().actor().subject();
            let detail = format!("{} lines, {} bytes", row.rows, row.bytes);
            self.app.audit(actor, "export.fetch", &row.id.to_string(), Some(detail)).await?;
        }
        Ok(row)
    }

    /// A part of an export that [`Session::export_fetch`] gave. None where it was deleted meanwhile.
    pub async fn export_part(&self, row: &ExportRow, part: i64) -> Result<Option<Vec<u8>>, AppError> {
        Ok(self.store().export_part(row.id, part).await?)
    }

    /// Whether the caller can be told of who changed since. Who sees customers under a condition cannot: that somebody does not
    /// meet it any more is in no log, and that somebody never met it is not theirs to know.
    pub fn export_incremental(&self) -> Result<(), AppError> {
        if self.scope().rows("Customer").is_always() {
            return Ok(());
        }
        let text = "after: you see customers under a condition, so that the log cannot say who left your sight: export everybody, without `after`";
        Err(AppError::Invalid(text.to_owned()))
    }

    async fn export_known(&self, id: ExportId) -> Result<ExportRow, AppError> {
        let missing = || AppError::Missing(format!("there is no export {id}: `exports` lists them"));
        self.export_get(id).await?.ok_or_else(missing)
    }

    fn export_shown(&self, row: &ExportRow) -> bool {
        row.subject == self.scope().actor().subject() || self.administers_all()
    }
}

impl App {
    /// How long an export is kept.
    fn export_kept(&self) -> TimeDelta {
        TimeDelta::hours(i64::from(self.exports.keep_hours.get()))
    }

    /// The most bytes of one export.
    pub fn export_most(&self) -> u64 {
        self.exports.max_bytes.get()
    }

    /// Deletes exports whose time is over.
    pub async fn export_expire(&self) -> Result<usize, AppError> {
        let now: Timestamp = self.clock.now();
        let over = self.store.export_expired(now).await?;
        for id in &over {
            let mut tx = self.store.begin().await?;
            tx.export_delete(*id).await?;
            tx.commit().await?;
        }
        Ok(over.len())
    }
}
