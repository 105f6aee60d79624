//! Deletions found by absence: a complete enumeration marks what it saw; what it did not see is gone in the source.

use super::list::in_list;
use super::{Arg, ChangeEntry, ChangeKind, PageOutcome, StoreError, StreamProgress, Tx};
use crate::args;
use onefold_model::{ContentHash, RecordId, SourceId, SyncRunId, Timestamp, content_hash};
use serde_json::json;
use uuid::Uuid;

impl Tx {
    pub(super) async fn sweep_mark(
        &mut self,
        source: SourceId,
        stream: &str,
        generation: &str,
        ids: &[Uuid],
    ) -> Result<(), StoreError> {
        let rows: Vec<Vec<Arg>> = ids.iter().map(|id| args![source.0, stream, generation, *id]).collect();
        self.insert_many(
            "insert into sweep_seen (source_id, stream, generation, record_id)",
            rows,
            "on conflict (source_id, stream, generation, record_id) do nothing",
        )
        .await?;
        Ok(())
    }

    /// How many live records of the stream the enumeration has not seen, and how many there are: a caller asks before it
    /// closes, because a sudden emptiness is more often a fault than a deletion.
    pub async fn sweep_missing(
        &mut self,
        source: SourceId,
        stream: &str,
        generation: &str,
    ) -> Result<(i64, i64), StoreError> {
        let rows = self
            .fetch(
                "select count(*), count(*) - count(s.record_id)
                 from record r
                 left join sweep_seen s
                   on s.source_id = r.source_id and s.stream = $2 and s.generation = $3 and s.record_id = r.record_id
                 where r.source_id = $1 and r.stream = $2 and r.deleted_at is null",
                args![source.0, stream, generation],
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
        let rows = self
            .fetch(
                "select r.record_id from record r
                 left join sweep_seen s
                   on s.source_id = r.source_id and s.stream = $2 and s.generation = $3 and s.record_id = r.record_id
                 where r.source_id = $1 and r.stream = $2 and r.deleted_at is null and s.record_id is null
                 order by r.record_id",
                args![source.0, stream, generation],
            )
            .await?;
        let gone = rows.iter().map(|row| row.uuid(0)).collect::<Result<Vec<_>, _>>()?;
        self.tombstone(&gone, run, at).await?;
        self.execute("delete from sweep_seen where source_id = $1 and stream = $2", args![source.0, stream]).await?;
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
        self.change_append(at, &changes).await?;
        Ok(gone.len() as u64)
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
            let rows: Vec<Vec<Arg>> = chunk.iter().map(|id| args!["identity", *id, at]).collect();
            self.insert_many("insert into outbox (topic, record_id, at)", rows, "").await?;
        }
        self.term_clear(gone).await
    }
}
