//! Deletions found by absence: a complete enumeration marks what it saw; what it did not see is gone in the source.
//!
//! Beside the records that it saw, an enumeration marks when it began, see [`beginning`]: what arrived by another way while
//! it went on is not gone, and what never began, or has been closed, deletes nothing.

use super::list::in_list;
use super::{Arg, ChangeEntry, ChangeKind, PageOutcome, StoreError, StreamProgress, Tx};
use crate::args;
use onefold_model::{ContentHash, RecordId, RecordKind, SourceId, SyncRunId, Timestamp, content_hash};
use serde_json::json;
use uuid::Uuid;

/// The mark of a beginning: a time in the place of a record id. Ids of records are of version 8, and this one is of none.
fn beginning(at: Timestamp) -> Uuid {
    Uuid::from_u64_pair(0, u64::try_from(at.timestamp_micros()).unwrap_or(0))
}

/// The live records of a stream, each with its mark of a generation, or without.
const LIVE: &str = "record r
    left join sweep_seen s
      on s.source_id = r.source_id and s.stream = $2 and s.generation = $3 and s.record_id = r.record_id
    where r.source_id = $1 and r.stream = $2 and r.deleted_at is null";

impl Tx {
    pub(super) async fn sweep_mark(
        &mut self,
        source: SourceId,
        stream: &str,
        generation: &str,
        ids: &[Uuid],
        at: Timestamp,
    ) -> Result<(), StoreError> {
        let mut seen = ids.to_vec();
        if self.sweep_began(source, stream, generation).await?.is_none() {
            seen.push(beginning(at));
        }
        let rows: Vec<Vec<Arg>> = seen.iter().map(|id| args![source.0, stream, generation, *id]).collect();
        self.insert_many(
            "insert into sweep_seen (source_id, stream, generation, record_id)",
            rows,
            "on conflict (source_id, stream, generation, record_id) do nothing",
        )
        .await?;
        Ok(())
    }

    /// When the enumeration began, if it did and is not closed. The mark of a beginning is smaller than any record id.
    async fn sweep_began(
        &mut self,
        source: SourceId,
        stream: &str,
        generation: &str,
    ) -> Result<Option<Timestamp>, StoreError> {
        let rows = self
            .fetch(
                "select record_id from sweep_seen
                 where source_id = $1 and stream = $2 and generation = $3
                 order by record_id limit 1",
                args![source.0, stream, generation],
            )
            .await?;
        let Some(row) = rows.first() else { return Ok(None) };
        let (high, micros) = row.uuid(0)?.as_u64_pair();
        let at = i64::try_from(micros).ok().filter(|_| high == 0).and_then(Timestamp::from_timestamp_micros);
        at.map(Some).ok_or(StoreError::Corrupt { what: "an enumeration has no beginning" })
    }

    /// How many live records of the stream the enumeration has not seen, and how many there are: a caller asks before it
    /// closes, because a sudden emptiness is more often a fault than a deletion.
    pub async fn sweep_missing(
        &mut self,
        source: SourceId,
        stream: &str,
        generation: &str,
    ) -> Result<(i64, i64), StoreError> {
        let began = self.sweep_began(source, stream, generation).await?;
        let rows = self
            .fetch(
                format!(
                    "select count(*), count(case when s.record_id is null and r.changed_at <= $4 then 1 end) from {LIVE}"
                ),
                args![source.0, stream, generation, began],
            )
            .await?;
        rows.first().map_or(Ok((0, 0)), |row| Ok((row.int(1)?, row.int(0)?)))
    }

    /// Ends a complete enumeration: what it did not see gets a tombstone. Safe to run twice.
    pub async fn sweep_close(
        &mut self,
        source: SourceId,
        stream: &str,
        generation: &str,
        run: Option<SyncRunId>,
        at: Timestamp,
    ) -> Result<u64, StoreError> {
        self.source_lock(source).await?;
        let Some(began) = self.sweep_began(source, stream, generation).await? else { return Ok(0) };
        let rows = self
            .fetch(
                format!(
                    "select r.record_id, r.kind from {LIVE} and s.record_id is null and r.changed_at <= $4
                     order by r.record_id"
                ),
                args![source.0, stream, generation, began],
            )
            .await?;
        let gone = rows.iter().map(|row| row.uuid(0)).collect::<Result<Vec<_>, _>>()?;
        let mut parties = Vec::new();
        for row in &rows {
            if row.text(1)? == RecordKind::Party.as_str() {
                parties.push(row.uuid(0)?);
            }
        }
        self.tombstone(&gone, run, at).await?;
        self.sweep_forget(source, stream).await?;
        let outcome = PageOutcome { deleted: gone.len() as u64, ..PageOutcome::default() };
        if let Some(run) = run {
            self.run_progress(run, stream, StreamProgress::of_sweep(&outcome), at).await?;
        }
        let changes: Vec<ChangeEntry> = gone
            .iter()
            .map(|id| ChangeEntry {
                kind: ChangeKind::RecordDeleted,
                node: RecordId(*id).into(),
                source: Some(source),
                detail: None,
            })
            .collect();
        self.outbox_write(&parties, at).await?;
        self.change_append(at, &changes).await?;
        Ok(gone.len() as u64)
    }

    /// Forgets what enumerations of a stream have seen: they delete nothing any more.
    pub async fn sweep_forget(&mut self, source: SourceId, stream: &str) -> Result<u64, StoreError> {
        self.execute("delete from sweep_seen where source_id = $1 and stream = $2", args![source.0, stream]).await
    }

    async fn tombstone(&mut self, gone: &[Uuid], run: Option<SyncRunId>, at: Timestamp) -> Result<(), StoreError> {
        let ContentHash(hash) = content_hash(&json!({"swept": true}));
        for chunk in gone.chunks(256) {
            let mut binds = args![at, &hash[..]];
            let list = in_list(chunk, &mut binds);
            self.execute(
                format!(
                    "update record set version = version + 1, deleted_at = $1, changed_at = $1, content_hash = $2
                     where record_id in {list}"
                ),
                binds,
            )
            .await?;
            let mut binds = args![at, run.map(|run| run.0), &hash[..]];
            let list = in_list(chunk, &mut binds);
            self.execute(
                format!(
                    "insert into record_version
                         (record_id, version, received_at, run_id, content_hash, mapping, deleted, raw, mapped)
                     select r.record_id, r.version, $1, $2, $3, v.mapping, r.deleted_at is not null, '{{\"swept\":true}}', v.mapped
                     from record r join record_version v on v.record_id = r.record_id and v.version = r.version - 1
                     where r.record_id in {list}"
                ),
                binds,
            )
            .await?;
            let mut binds = args![true];
            let list = in_list(chunk, &mut binds);
            self.execute(format!("update activity set deleted = $1 where record_id in {list}"), binds).await?;
        }
        self.term_clear(gone).await
    }
}
