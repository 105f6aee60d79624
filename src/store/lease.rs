//! Who reads a source: a lease that one run holds at a time, across the processes that share the store.
//!
//! Promises: a lease is taken only where there is none, where it has expired, or where its holder is known to be gone; what
//! is written under a lease that was lost in the meantime is not committed, because holding it is part of the transaction.
//! Times are those of the processes: their clocks have to agree to within the length of a lease. Where they do not, a run
//! may be ended early, and still nothing is written twice.

use super::{Row, Store, StoreError, Tx};
use crate::args;
use onefold_model::{SourceId, SyncRunId, Timestamp};
use uuid::Uuid;

/// A lease.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LeaseRow {
    /// The source.
    pub source: SourceId,
    /// Who holds it: drawn anew by each process that opens the sources.
    pub holder: Uuid,
    /// What a person calls the holder: its host and its process.
    pub holder_name: String,
    /// By which another process on the same machine can tell that the holder is gone, where it can be told.
    pub holder_process: Option<String>,
    /// The run that it was taken for.
    pub run: SyncRunId,
    /// Since when.
    pub taken_at: Timestamp,
    /// When it ends, unless it is renewed.
    pub expires_at: Timestamp,
    /// Who has asked that its run end.
    pub cancelled_by: Option<String>,
}

/// What became of renewing a lease.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Renewed {
    /// It is held on.
    Held,
    /// It is held on, and somebody has asked that its run end: nothing more may be written for it but its end.
    Cancelled,
    /// It is another run's by now: nothing may be written for this one.
    Lost,
}

const COLUMNS: &str = "source_id, holder, holder_name, holder_process, run_id, taken_at, expires_at, cancelled_by";

impl LeaseRow {
    fn read(row: &Row) -> Result<Self, StoreError> {
        Ok(Self {
            source: SourceId(row.uuid(0)?),
            holder: row.uuid(1)?,
            holder_name: row.text(2)?,
            holder_process: row.opt_text(3)?,
            run: SyncRunId(row.uuid(4)?),
            taken_at: row.time(5)?,
            expires_at: row.time(6)?,
            cancelled_by: row.opt_text(7)?,
        })
    }
}

impl Store {
    /// The lease of a source, expired or not.
    pub async fn lease_get(&self, source: SourceId) -> Result<Option<LeaseRow>, StoreError> {
        let sql = format!("select {COLUMNS} from source_lease where source_id = $1");
        self.fetch(sql, args![source.0]).await?.first().map(LeaseRow::read).transpose()
    }

    /// All leases, expired or not, by source.
    pub async fn lease_list(&self) -> Result<Vec<LeaseRow>, StoreError> {
        let sql = format!("select {COLUMNS} from source_lease order by source_id");
        self.fetch(sql, args![]).await?.iter().map(LeaseRow::read).collect()
    }
}

impl Tx {
    /// Takes the lease of a source. Where there is one that has neither ended by `lease.taken_at` nor `is_free`, that one is
    /// given back and nothing happens. To be called before anything else is written for the run: it takes the lock of the
    /// source, as pages do.
    pub async fn lease_take(
        &mut self,
        lease: &LeaseRow,
        is_free: impl Fn(&LeaseRow) -> bool,
    ) -> Result<Result<(), LeaseRow>, StoreError> {
        if let Some(held) = self.lease_held(lease.source).await?
            && held.expires_at > lease.taken_at
            && !is_free(&held)
        {
            return Ok(Err(held));
        }
        self.execute(
            format!(
                "insert into source_lease ({COLUMNS}) values ($1, $2, $3, $4, $5, $6, $7, $8)
                 on conflict (source_id) do update set
                     holder = excluded.holder, holder_name = excluded.holder_name,
                     holder_process = excluded.holder_process, run_id = excluded.run_id,
                     taken_at = excluded.taken_at, expires_at = excluded.expires_at,
                     cancelled_by = excluded.cancelled_by, cancelled_at = null"
            ),
            args![
                lease.source.0,
                lease.holder,
                &lease.holder_name,
                lease.holder_process.clone(),
                lease.run.0,
                lease.taken_at,
                lease.expires_at,
                lease.cancelled_by.clone()
            ],
        )
        .await?;
        Ok(Ok(()))
    }

    /// The lease of a source, with nobody else taking or renewing it until this transaction ends.
    async fn lease_held(&mut self, source: SourceId) -> Result<Option<LeaseRow>, StoreError> {
        // Of two that find none, the second one has to see what the first one wrote.
        self.source_lock(source).await?;
        let sql = format!("select {COLUMNS} from source_lease where source_id = $1");
        self.fetch(sql, args![source.0]).await?.first().map(LeaseRow::read).transpose()
    }

    /// Renews the lease of a run.
    pub async fn lease_renew(
        &mut self,
        source: SourceId,
        run: SyncRunId,
        expires_at: Timestamp,
    ) -> Result<Renewed, StoreError> {
        self.source_lock(source).await?;
        let sql = "update source_lease set expires_at = $3 where source_id = $1 and run_id = $2 returning cancelled_by";
        let rows = self.fetch(sql, args![source.0, run.0, expires_at]).await?;
        Ok(match rows.first().map(|row| row.opt_text(0)).transpose()? {
            None => Renewed::Lost,
            Some(None) => Renewed::Held,
            Some(Some(_)) => Renewed::Cancelled,
        })
    }

    /// Asks that the run which holds a lease end. `false` where it holds none by now, or none that has not expired. Who asked
    /// first stays.
    pub async fn lease_cancel(
        &mut self,
        source: SourceId,
        run: SyncRunId,
        by: &str,
        at: Timestamp,
    ) -> Result<bool, StoreError> {
        self.source_lock(source).await?;
        let sql = "update source_lease
             set cancelled_by = coalesce(cancelled_by, $3), cancelled_at = coalesce(cancelled_at, $4)
             where source_id = $1 and run_id = $2 and expires_at > $4";
        Ok(self.execute(sql, args![source.0, run.0, by, at]).await? > 0)
    }

    /// Who has asked that the run end which holds the lease of a source.
    pub async fn lease_cancelled_by(&mut self, source: SourceId, run: SyncRunId) -> Result<Option<String>, StoreError> {
        let sql = "select cancelled_by from source_lease where source_id = $1 and run_id = $2";
        let rows = self.fetch(sql, args![source.0, run.0]).await?;
        Ok(rows.first().map(|row| row.opt_text(0)).transpose()?.flatten())
    }

    /// Gives the lease of a run back. `false` where it was not its own any more.
    pub async fn lease_end(&mut self, source: SourceId, run: SyncRunId) -> Result<bool, StoreError> {
        self.source_lock(source).await?;
        let sql = "delete from source_lease where source_id = $1 and run_id = $2";
        Ok(self.execute(sql, args![source.0, run.0]).await? > 0)
    }

    /// Marks as interrupted what goes on without a lease: the runs of processes that died.
    pub async fn lease_sweep(&mut self, now: Timestamp) -> Result<(), StoreError> {
        for table in ["sync_run_stream", "sync_run"] {
            self.execute(
                format!(
                    "update {table} set state = 'INTERRUPTED'
                     where state = 'RUNNING'
                       and run_id in (select run_id from sync_run where state = 'RUNNING')
                       and not exists (
                           select 1 from source_lease lease
                           where lease.run_id = {table}.run_id and lease.expires_at > $1)"
                ),
                args![now],
            )
            .await?;
        }
        Ok(())
    }
}
