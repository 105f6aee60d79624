//! Sync runs and what each did to each stream.

use super::list::{KeyType, SortValue};
use super::{Direction, Keyset, PageAsk, PageOutcome, Row, Slice, Store, StoreError, Tx};
use crate::args;
use onefold_model::{SourceId, SyncRunId, Timestamp};
use std::collections::HashMap;

/// The state of a run, or of a stream within it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RunState {
    /// Going on.
    Running,
    /// Everything was read.
    Succeeded,
    /// Some streams were read and some failed.
    Partial,
    /// Nothing could be read to its end.
    Failed,
    /// The process ended before the run did. The next run goes on from its checkpoints.
    Interrupted,
    /// Somebody ended it. What was read until then stays, and the next run goes on from there.
    Cancelled,
}

impl RunState {
    /// The word in the store and in the graph.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Running => "RUNNING",
            Self::Succeeded => "SUCCEEDED",
            Self::Partial => "PARTIAL",
            Self::Failed => "FAILED",
            Self::Interrupted => "INTERRUPTED",
            Self::Cancelled => "CANCELLED",
        }
    }

    pub(super) fn read(word: &str) -> Result<Self, StoreError> {
        let states = [Self::Running, Self::Succeeded, Self::Partial, Self::Failed, Self::Interrupted, Self::Cancelled];
        states
            .into_iter()
            .find(|state| state.as_str() == word)
            .ok_or(StoreError::Corrupt { what: "a run has an unknown state" })
    }
}

/// A run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunRow {
    /// Its id.
    pub id: SyncRunId,
    /// The source that it read.
    pub source: SourceId,
    /// What set it off: `manual`, `demo`, `schedule`, `push`, `replay`, `trial`.
    pub trigger: String,
    /// Who asked for it.
    pub actor: String,
    /// How it went.
    pub state: RunState,
    /// When it began.
    pub started_at: Timestamp,
    /// When it ended.
    pub finished_at: Option<Timestamp>,
    /// Why it failed.
    pub error: Option<String>,
}

/// What a run did to one stream.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StreamProgress {
    /// The stream.
    pub stream: String,
    /// How it went.
    pub state: RunState,
    /// Pages written.
    pub pages: i64,
    /// Payloads read.
    pub records_read: i64,
    /// Records that were not there before.
    pub created: i64,
    /// Records that became different.
    pub updated: i64,
    /// Records that were the same.
    pub unchanged: i64,
    /// Records that the source no longer has.
    pub deleted: i64,
    /// Payloads that did not fit.
    pub quarantined: i64,
    /// A stable code of the error that stopped it.
    pub error_code: Option<String>,
    /// What stopped it.
    pub error: Option<String>,
}

fn signed(count: u64) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

impl StreamProgress {
    fn of(outcome: &PageOutcome, pages: i64, read: u64) -> Self {
        Self {
            stream: String::new(),
            state: RunState::Running,
            pages,
            records_read: signed(read),
            created: signed(outcome.created),
            updated: signed(outcome.updated),
            unchanged: signed(outcome.unchanged),
            deleted: signed(outcome.deleted),
            quarantined: signed(outcome.quarantined),
            error_code: None,
            error: None,
        }
    }

    pub(super) fn of_page(outcome: &PageOutcome) -> Self {
        let read = outcome.created + outcome.updated + outcome.unchanged + outcome.deleted + outcome.quarantined;
        Self::of(outcome, 1, read)
    }

    pub(super) fn of_sweep(outcome: &PageOutcome) -> Self {
        Self::of(outcome, 0, 0)
    }
}

const COLUMNS: &str = "run_id, source_id, trigger_kind, actor, state, started_at, finished_at, error";

/// Newest first.
const NEWEST: Keyset<'_> = Keyset {
    name: "sync_run.started_at",
    column: "started_at",
    id: "run_id",
    ty: KeyType::Time,
    nullable: false,
    direction: Direction::Desc,
};

impl RunRow {
    fn read(row: &Row) -> Result<Self, StoreError> {
        Ok(Self {
            id: SyncRunId(row.uuid(0)?),
            source: SourceId(row.uuid(1)?),
            trigger: row.text(2)?,
            actor: row.text(3)?,
            state: RunState::read(&row.text(4)?)?,
            started_at: row.time(5)?,
            finished_at: row.opt_time(6)?,
            error: row.opt_text(7)?,
        })
    }
}

impl Store {
    /// Runs, newest first, of these sources.
    pub async fn run_list(&self, sources: &[SourceId], ask: &PageAsk) -> Result<Slice<RunRow>, StoreError> {
        let mut binds = Vec::new();
        let ids: Vec<_> = sources.iter().map(|id| id.0).collect();
        let list = super::list::in_list(&ids, &mut binds);
        let head = format!("select {COLUMNS} from sync_run where source_id in {list}");
        self.slice(NEWEST, ask, &head, binds, |row| {
            let run = RunRow::read(row)?;
            Ok((SortValue::Time(Some(run.started_at)), run.id.0, run))
        })
        .await
    }

    /// A run.
    pub async fn run_get(&self, id: SyncRunId) -> Result<Option<RunRow>, StoreError> {
        let rows = self.fetch(format!("select {COLUMNS} from sync_run where run_id = $1"), args![id.0]).await?;
        rows.first().map(RunRow::read).transpose()
    }

    /// When the last run that read each of these sources began, whoever asked for it.
    pub async fn run_last_begun(&self, sources: &[SourceId]) -> Result<HashMap<SourceId, Timestamp>, StoreError> {
        let mut binds = Vec::new();
        let ids: Vec<_> = sources.iter().map(|id| id.0).collect();
        let list = super::list::in_list(&ids, &mut binds);
        let sql = format!(
            "select source_id, max(started_at) from sync_run
             where source_id in {list} and trigger_kind not in ('replay', 'trial') group by source_id"
        );
        let rows = self.fetch(sql, binds).await?;
        rows.iter().map(|row| Ok((SourceId(row.uuid(0)?), row.time(1)?))).collect()
    }

    /// What these runs did, by stream.
    pub async fn run_streams(&self, ids: &[SyncRunId]) -> Result<Vec<(SyncRunId, StreamProgress)>, StoreError> {
        let mut binds = Vec::new();
        let ids: Vec<_> = ids.iter().map(|id| id.0).collect();
        let list = super::list::in_list(&ids, &mut binds);
        let sql = format!(
            "select run_id, stream, state, pages, records_read, created, updated, unchanged, deleted, quarantined,
                    error_code, error
             from sync_run_stream where run_id in {list} order by run_id, stream"
        );
        let rows = self.fetch(sql, binds).await?;
        rows.iter()
            .map(|row| {
                let progress = StreamProgress {
                    stream: row.text(1)?,
                    state: RunState::read(&row.text(2)?)?,
                    pages: row.int(3)?,
                    records_read: row.int(4)?,
                    created: row.int(5)?,
                    updated: row.int(6)?,
                    unchanged: row.int(7)?,
                    deleted: row.int(8)?,
                    quarantined: row.int(9)?,
                    error_code: row.opt_text(10)?,
                    error: row.opt_text(11)?,
                };
                Ok((SyncRunId(row.uuid(0)?), progress))
            })
            .collect()
    }
}

impl Tx {
    /// When the last run that read a source began, whoever asked for it.
    pub async fn run_last_begun(&mut self, source: SourceId) -> Result<Option<Timestamp>, StoreError> {
        let sql =
            "select max(started_at) from sync_run where source_id = $1 and trigger_kind not in ('replay', 'trial')";
        let rows = self.fetch(sql, args![source.0]).await?;
        Ok(rows.first().map(|row| row.opt_time(0)).transpose()?.flatten())
    }

    /// Begins a run, under the lease of its source: runs of it that never ended have lost theirs, and are marked as interrupted.
    pub async fn run_start(&mut self, run: &RunRow) -> Result<(), StoreError> {
        let interrupted = RunState::Interrupted.as_str();
        for table in ["sync_run", "sync_run_stream"] {
            self.execute(
                format!(
                    "update {table} set state = $2
                     where state = 'RUNNING' and run_id in (select run_id from sync_run where source_id = $1)"
                ),
                args![run.source.0, interrupted],
            )
            .await?;
        }
        self.execute(
            format!("insert into sync_run ({COLUMNS}) values ($1, $2, $3, $4, $5, $6, $7, $8)"),
            args![
                run.id.0,
                run.source.0,
                &run.trigger,
                &run.actor,
                run.state.as_str(),
                run.started_at,
                run.finished_at,
                run.error.clone()
            ],
        )
        .await?;
        Ok(())
    }

    /// Ends a run.
    pub async fn run_finish(
        &mut self,
        id: SyncRunId,
        state: RunState,
        error: Option<&str>,
        at: Timestamp,
    ) -> Result<(), StoreError> {
        self.execute(
            "update sync_run set state = $2, error = $3, finished_at = $4 where run_id = $1",
            args![id.0, state.as_str(), error, at],
        )
        .await?;
        Ok(())
    }

    /// Ends a run as cancelled that still passes for going on, with its streams.
    pub async fn run_end_running(&mut self, id: SyncRunId, error: &str, at: Timestamp) -> Result<(), StoreError> {
        self.execute(
            "update sync_run_stream set state = 'CANCELLED', updated_at = $2 where run_id = $1 and state = 'RUNNING'",
            args![id.0, at],
        )
        .await?;
        self.execute(
            "update sync_run set state = 'CANCELLED', error = $2, finished_at = $3 where run_id = $1 and state = 'RUNNING'",
            args![id.0, error, at],
        )
        .await?;
        Ok(())
    }

    /// Adds the figures of a page to those of its stream.
    pub(super) async fn run_progress(
        &mut self,
        run: SyncRunId,
        stream: &str,
        delta: StreamProgress,
        at: Timestamp,
    ) -> Result<(), StoreError> {
        self.execute(
            "insert into sync_run_stream (run_id, stream, state, pages, records_read, created, updated, unchanged,
                                          deleted, quarantined, started_at, updated_at)
             values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $11)
             on conflict (run_id, stream) do update set
                 state = excluded.state,
                 pages = sync_run_stream.pages + excluded.pages,
                 records_read = sync_run_stream.records_read + excluded.records_read,
                 created = sync_run_stream.created + excluded.created,
                 updated = sync_run_stream.updated + excluded.updated,
                 unchanged = sync_run_stream.unchanged + excluded.unchanged,
                 deleted = sync_run_stream.deleted + excluded.deleted,
                 quarantined = sync_run_stream.quarantined + excluded.quarantined,
                 updated_at = excluded.updated_at",
            args![
                run.0,
                stream,
                delta.state.as_str(),
                delta.pages,
                delta.records_read,
                delta.created,
                delta.updated,
                delta.unchanged,
                delta.deleted,
                delta.quarantined,
                at
            ],
        )
        .await?;
        Ok(())
    }

    /// Ends a stream within a run.
    pub async fn run_stream_finish(
        &mut self,
        run: SyncRunId,
        stream: &str,
        state: RunState,
        error: Option<(&str, &str)>,
        at: Timestamp,
    ) -> Result<(), StoreError> {
        let nothing = StreamProgress::of(&PageOutcome::default(), 0, 0);
        self.run_progress(run, stream, nothing, at).await?;
        self.execute(
            "update sync_run_stream set state = $3, error_code = $4, error = $5, updated_at = $6
             where run_id = $1 and stream = $2",
            args![run.0, stream, state.as_str(), error.map(|e| e.0), error.map(|e| e.1), at],
        )
        .await?;
        Ok(())
    }
}
