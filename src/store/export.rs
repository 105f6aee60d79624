//! Exports: which document, with whose rights, how far each has come, and what it has written so far.
//!
//! Promises: an export is held by one process at a time, and whoever lost it writes nothing; a part and the place behind it
//! are written together, so that nothing stands in an export twice and nothing is left out, wherever its process ended.
//! Deliberately does not know what is in a part.

use super::login_session::{keys, texts};
use super::{Row, Store, StoreError, Tx};
use crate::args;
use chrono::TimeDelta;
use onefold_model::{CustomerId, DepartmentKey, ExportId, Timestamp};
use serde_json::Value;
use uuid::Uuid;

/// How an export stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ExportState {
    /// Nobody has begun it.
    Waiting,
    /// It is being written.
    Running,
    /// All of it is there.
    Succeeded,
    /// It could not be written, for a reason.
    Failed,
    /// Somebody ended it.
    Cancelled,
}

impl ExportState {
    /// The word in the store.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Waiting => "WAITING",
            Self::Running => "RUNNING",
            Self::Succeeded => "SUCCEEDED",
            Self::Failed => "FAILED",
            Self::Cancelled => "CANCELLED",
        }
    }

    /// Whether nothing more is written.
    pub fn is_over(self) -> bool {
        match self {
            Self::Waiting | Self::Running => false,
            Self::Succeeded | Self::Failed | Self::Cancelled => true,
        }
    }

    fn read(word: &str) -> Result<Self, StoreError> {
        let all = [Self::Waiting, Self::Running, Self::Succeeded, Self::Failed, Self::Cancelled];
        let known = all.into_iter().find(|state| state.as_str() == word);
        known.ok_or(StoreError::Corrupt { what: "an export has an unknown state" })
    }
}

/// In which form customers are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ExportFormat {
    /// A JSON object a line.
    Ndjson,
    /// RFC 4180, with a header.
    Csv,
}

impl ExportFormat {
    /// The word in the store.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Ndjson => "NDJSON",
            Self::Csv => "CSV",
        }
    }

    fn read(word: &str) -> Result<Self, StoreError> {
        let known = [Self::Ndjson, Self::Csv].into_iter().find(|format| format.as_str() == word);
        known.ok_or(StoreError::Corrupt { what: "an export has an unknown format" })
    }
}

/// An export.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExportRow {
    /// Its id.
    pub id: ExportId,
    /// The query that shapes its lines.
    pub document: String,
    /// The variables of that besides the ids, as JSON.
    pub variables: Value,
    /// In which form.
    pub format: ExportFormat,
    /// Who started it.
    pub subject: String,
    /// Their departments, as they were then.
    pub departments: Vec<DepartmentKey>,
    /// Their roles, as they were then.
    pub roles: Vec<String>,
    /// What names the request that started it.
    pub request: String,
    /// When it was asked for.
    pub created_at: Timestamp,
    /// When it was begun.
    pub started_at: Option<Timestamp>,
    /// When it was over.
    pub ended_at: Option<Timestamp>,
    /// When it is deleted.
    pub expires_at: Option<Timestamp>,
    /// How it stands.
    pub state: ExportState,
    /// Why it failed.
    pub error: Option<String>,
    /// Behind which place of the change log; none of everything.
    pub after: Option<i64>,
    /// The place of the change log at which it was asked for.
    pub until: i64,
    /// The place up to which the log was read for who changed.
    pub place: i64,
    /// The customer that was looked at last.
    pub last: Option<CustomerId>,
    /// How many customers are to be looked at, as far as it is known.
    pub total: Option<i64>,
    /// Parts that are written.
    pub parts: i64,
    /// Lines that are written, without a header.
    pub rows: i64,
    /// Bytes that are written.
    pub bytes: i64,
    /// How often in a row it could not go on.
    pub failures: i64,
    /// When it goes on.
    pub next_at: Timestamp,
}

/// What a part holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExportPart {
    /// Lines, without a header.
    pub rows: i64,
    /// The bytes.
    pub content: Vec<u8>,
}

/// How far an export has come, and what was written on the way.
#[derive(Debug, Clone)]
pub struct ExportMove {
    /// Which.
    pub id: ExportId,
    /// Who holds it.
    pub holder: Uuid,
    /// Until when it is held on.
    pub until: Timestamp,
    /// The place up to which the log was read.
    pub place: i64,
    /// Customers that were found there, and of which of them the caller is to be told that they were erased.
    pub found: Vec<(CustomerId, bool)>,
    /// The customer that was looked at last.
    pub last: Option<CustomerId>,
    /// How many are to be looked at.
    pub total: Option<i64>,
    /// What was written.
    pub part: Option<ExportPart>,
}

/// How an export ends.
#[derive(Debug, Clone)]
pub struct ExportEnd {
    /// How it stands from now on.
    pub state: ExportState,
    /// Why it failed.
    pub error: Option<String>,
    /// Now.
    pub at: Timestamp,
    /// When it is deleted.
    pub expires_at: Timestamp,
}

const COLUMNS: &str =
    "export_id, document, variables, format, subject, departments, roles, request, created_at, started_at, ended_at,
    expires_at, state, error, after_seq, until_seq, place, last_key, total, parts, row_count, bytes, failures, next_at";

impl ExportRow {
    fn read(row: &Row) -> Result<Self, StoreError> {
        Ok(Self {
            id: ExportId(row.uuid(0)?),
            document: row.text(1)?,
            variables: row.json(2)?,
            format: ExportFormat::read(&row.text(3)?)?,
            subject: row.text(4)?,
            departments: keys(&row.json(5)?)?,
            roles: texts(&row.json(6)?)?,
            request: row.text(7)?,
            created_at: row.time(8)?,
            started_at: row.opt_time(9)?,
            ended_at: row.opt_time(10)?,
            expires_at: row.opt_time(11)?,
            state: ExportState::read(&row.text(12)?)?,
            error: row.opt_text(13)?,
            after: row.opt_int(14)?,
            until: row.int(15)?,
            place: row.int(16)?,
            last: row.opt_uuid(17)?.map(CustomerId),
            total: row.opt_int(18)?,
            parts: row.int(19)?,
            rows: row.int(20)?,
            bytes: row.int(21)?,
            failures: row.int(22)?,
            next_at: row.time(23)?,
        })
    }
}

fn of_found(row: &Row) -> Result<(CustomerId, bool), StoreError> {
    Ok((CustomerId(row.uuid(0)?), row.int(1)? != 0))
}

impl Store {
    /// Every export, the latest first. The app decides who may see which.
    pub async fn export_list(&self) -> Result<Vec<ExportRow>, StoreError> {
        let sql = format!("select {COLUMNS} from export order by created_at desc, export_id");
        self.fetch(sql, args![]).await?.iter().map(ExportRow::read).collect()
    }

    /// An export.
    pub async fn export_get(&self, id: ExportId) -> Result<Option<ExportRow>, StoreError> {
        let sql = format!("select {COLUMNS} from export where export_id = $1");
        self.fetch(sql, args![id.0]).await?.first().map(ExportRow::read).transpose()
    }

    /// Exports that are to go on and that nobody holds. The one that has waited longest comes first.
    pub async fn export_due(&self, now: Timestamp) -> Result<Vec<ExportRow>, StoreError> {
        let sql = format!(
            "select {COLUMNS} from export
             where state in ('WAITING', 'RUNNING') and next_at <= $1 and (held_until is null or held_until <= $1)
             order by next_at, export_id
             limit 16"
        );
        self.fetch(sql, args![now]).await?.iter().map(ExportRow::read).collect()
    }

    /// Exports whose time is over.
    pub async fn export_expired(&self, now: Timestamp) -> Result<Vec<ExportId>, StoreError> {
        let sql = "select export_id from export where expires_at <= $1 order by expires_at, export_id limit 100";
        self.fetch(sql, args![now]).await?.iter().map(|row| row.uuid(0).map(ExportId)).collect()
    }

    /// The content of a part, counted from 0.
    pub async fn export_part(&self, id: ExportId, part: i64) -> Result<Option<Vec<u8>>, StoreError> {
        let sql = "select content from export_part where export_id = $1 and part = $2";
        self.fetch(sql, args![id.0, part]).await?.first().map(|row| row.bytes(0)).transpose()
    }

    /// Customers that were found in the log for an export, in the order of their ids, and whether they are told as erased.
    pub async fn export_found(
        &self,
        id: ExportId,
        after: Option<CustomerId>,
        count: i64,
    ) -> Result<Vec<(CustomerId, bool)>, StoreError> {
        let sql = "select customer_id, erased from export_customer
             where export_id = $1 and customer_id > $2
             order by customer_id
             limit $3";
        let after = after.map_or(Uuid::nil(), |id| id.0);
        self.fetch(sql, args![id.0, after, count]).await?.iter().map(of_found).collect()
    }

    /// How many were found.
    pub async fn export_found_count(&self, id: ExportId) -> Result<i64, StoreError> {
        let sql = "select count(*) from export_customer where export_id = $1";
        self.fetch(sql, args![id.0]).await?.first().map_or(Ok(0), |row| row.int(0))
    }
}

impl Tx {
    /// An export by the request that started it.
    pub async fn export_of_request(&mut self, subject: &str, request: &str) -> Result<Option<ExportRow>, StoreError> {
        let sql = format!("select {COLUMNS} from export where subject = $1 and request = $2");
        self.fetch(sql, args![subject, request]).await?.first().map(ExportRow::read).transpose()
    }

    /// Writes a new export. `false`, and nothing is written, where the same request has started one.
    pub async fn export_insert(&mut self, row: &ExportRow) -> Result<bool, StoreError> {
        let departments: Vec<&str> = row.departments.iter().map(DepartmentKey::as_str).collect();
        let written = self
            .execute(
                format!(
                    "insert into export ({COLUMNS})
                     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20,
                             $21, $22, $23, $24)
                     on conflict (subject, request) do nothing"
                ),
                args![
                    row.id.0,
                    &row.document,
                    row.variables.to_string(),
                    row.format.as_str(),
                    &row.subject,
                    Value::from(departments).to_string(),
                    Value::from(row.roles.clone()).to_string(),
                    &row.request,
                    row.created_at,
                    row.started_at,
                    row.ended_at,
                    row.expires_at,
                    row.state.as_str(),
                    row.error.clone(),
                    row.after,
                    row.until,
                    row.place,
                    row.last.map(|id| id.0),
                    row.total,
                    row.parts,
                    row.rows,
                    row.bytes,
                    row.failures,
                    row.next_at
                ],
            )
            .await?;
        Ok(written > 0)
    }

    /// Takes the lock under which the exports of somebody are counted, until the end of the transaction.
    pub async fn export_owner_lock(&mut self, subject: &str) -> Result<(), StoreError> {
        if let Some(lock) = self.dialect().lock_exports() {
            self.execute(lock, args![subject]).await?;
        }
        Ok(())
    }

    /// How the exports of somebody stand.
    pub async fn export_own(&mut self, subject: &str) -> Result<Vec<ExportState>, StoreError> {
        let sql = "select state from export where subject = $1";
        self.fetch(sql, args![subject]).await?.iter().map(|row| ExportState::read(&row.text(0)?)).collect()
    }

    /// Takes an export to write at it until then. `false` where another process has it, or it is over.
    pub async fn export_take(
        &mut self,
        id: ExportId,
        holder: Uuid,
        now: Timestamp,
        until: Timestamp,
    ) -> Result<bool, StoreError> {
        let sql = "update export
             set held_by = $2, held_until = $4, state = 'RUNNING', started_at = coalesce(started_at, $3)
             where export_id = $1 and state in ('WAITING', 'RUNNING') and next_at <= $3
               and (held_until is null or held_until <= $3)";
        Ok(self.execute(sql, args![id.0, holder, now, until]).await? > 0)
    }

    /// Moves an export on, with what was written on the way. `false`, and nothing is written, where whoever wrote does not
    /// hold it any more: somebody else goes on from the place before.
    pub async fn export_move(&mut self, moved: &ExportMove) -> Result<bool, StoreError> {
        let ExportMove { id, holder, until, place, found, last, total, part } = moved;
        let rows = self
            .fetch(
                "update export set held_until = $3, place = $4, last_key = $5, total = $6, failures = 0
                 where export_id = $1 and held_by = $2 and state = 'RUNNING'
                 returning parts",
                args![id.0, *holder, *until, *place, last.map(|id| id.0), *total],
            )
            .await?;
        let Some(row) = rows.first() else { return Ok(false) };
        let number = row.int(0)?;
        let found = found.iter().map(|(customer, erased)| args![id.0, customer.0, i64::from(*erased)]).collect();
        let head = "insert into export_customer (export_id, customer_id, erased)";
        let tail = "on conflict (export_id, customer_id) do update set
             erased = case when excluded.erased = 1 then 1 else export_customer.erased end";
        self.insert_many(head, found, tail).await?;
        if let Some(part) = part {
            let sql = "insert into export_part (export_id, part, content) values ($1, $2, $3)";
            self.execute(sql, args![id.0, number, &part.content[..]]).await?;
            let bytes = i64::try_from(part.content.len()).unwrap_or(i64::MAX);
            let sql = "update export set parts = parts + 1, row_count = row_count + $2, bytes = bytes + $3
                 where export_id = $1";
            self.execute(sql, args![id.0, part.rows, bytes]).await?;
        }
        Ok(true)
    }

    /// Gives an export back: it goes on at that time. After a failure, one more is counted.
    pub async fn export_release(
        &mut self,
        id: ExportId,
        holder: Uuid,
        next_at: Timestamp,
        failures: i64,
    ) -> Result<(), StoreError> {
        let sql = "update export set held_by = null, held_until = null, next_at = $3, failures = $4
             where export_id = $1 and held_by = $2";
        self.execute(sql, args![id.0, holder, next_at, failures]).await?;
        Ok(())
    }

    /// Ends an export. By whoever holds it; without a holder, by somebody who ends it from outside. Of one that did not succeed
    /// the content goes. `false` where it was over already, or is held by somebody else.
    pub async fn export_end(
        &mut self,
        id: ExportId,
        holder: Option<Uuid>,
        end: &ExportEnd,
    ) -> Result<bool, StoreError> {
        let sql = "update export
             set state = $3, error = $4, ended_at = $5, expires_at = $6, held_by = null, held_until = null
             where export_id = $1 and state in ('WAITING', 'RUNNING') and ($2 is null or held_by = $2)";
        let ExportEnd { state, error, at, expires_at } = end;
        let binds = args![id.0, holder, state.as_str(), error.clone(), *at, *expires_at];
        if self.execute(sql, binds).await? == 0 {
            return Ok(false);
        }
        self.execute("delete from export_customer where export_id = $1", args![id.0]).await?;
        if *state != ExportState::Succeeded {
            self.execute("delete from export_part where export_id = $1", args![id.0]).await?;
            self.execute("update export set parts = 0, bytes = 0 where export_id = $1", args![id.0]).await?;
        }
        Ok(true)
    }

    /// Forgets an export and what it holds. Safe to repeat.
    pub async fn export_delete(&mut self, id: ExportId) -> Result<u64, StoreError> {
        self.execute("delete from export_customer where export_id = $1", args![id.0]).await?;
        self.execute("delete from export_part where export_id = $1", args![id.0]).await?;
        self.execute("delete from export where export_id = $1", args![id.0]).await
    }

    /// Deletes what every export holds, because somebody is erased who may be in any of them.
    pub(super) async fn export_erase(&mut self, at: Timestamp) -> Result<(), StoreError> {
        self.execute("delete from export_customer", args![]).await?;
        self.execute("delete from export_part", args![]).await?;
        self.execute(
            "update export
             set state = 'FAILED', error = 'somebody was erased, and every export from before was deleted: start another one',
                 ended_at = coalesce(ended_at, $1), expires_at = coalesce(expires_at, $2), parts = 0, bytes = 0,
                 held_by = null, held_until = null
             where state in ('WAITING', 'RUNNING', 'SUCCEEDED')",
            args![at, at + TimeDelta::days(1)],
        )
        .await?;
        Ok(())
    }
}
