//! Records as they are mapped once more: what their sources said, and what was made of it under another map.

use super::list::in_list;
use super::{Store, StoreError, Tx};
use crate::args;
use onefold_model::{RecordId, SourceId};
use serde_json::Value;
use std::collections::HashMap;
use uuid::Uuid;

/// A record under the key of its stream, with what its source said last.
#[derive(Debug, Clone, PartialEq)]
pub struct ReplayRow {
    /// Its key.
    pub external_id: String,
    /// The payload.
    pub raw: Value,
}

/// What is stored of a record.
#[derive(Debug, Clone, PartialEq)]
pub struct ReplayKnown {
    /// Its version.
    pub version: i64,
    /// The map that made it what it is.
    pub mapping: String,
    /// Whether its source still has it.
    pub state: ReplayState,
    /// What it means.
    pub mapped: Value,
}

/// Whether a source still has a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReplayState {
    /// It has.
    Live,
    /// It has not.
    Deleted,
}

/// The first so many rows whose keys come after one.
#[derive(Debug, Clone, Copy)]
pub struct ReplayAsk<'a> {
    /// The source.
    pub source: SourceId,
    /// The stream.
    pub stream: &'a str,
    /// The map of now: what it has made already is not looked at.
    pub mapping: &'a str,
    /// The key of the last one; none at the beginning.
    pub after: Option<&'a str>,
    /// How many.
    pub count: i64,
}

impl Store {
    /// Live records of a stream that another map than that of now has made, by key. For the process itself, which maps them.
    pub async fn replay_batch(&self, ask: ReplayAsk<'_>) -> Result<Vec<ReplayRow>, StoreError> {
        let ReplayAsk { source, stream, mapping, after, count } = ask;
        let sql = "select r.external_id, v.raw
             from record r
             join record_version v on v.record_id = r.record_id and v.version = r.version
             where r.source_id = $1 and r.stream = $2 and r.external_id > $3 and r.deleted_at is null and r.mapping <> $4
             order by r.external_id
             limit $5";
        let rows = self.fetch(sql, args![source.0, stream, after.unwrap_or_default(), mapping, count]).await?;
        rows.iter().map(|row| Ok(ReplayRow { external_id: row.text(0)?, raw: row.json(1)? })).collect()
    }

    /// What is stored of these records. For the process itself, which compares it.
    pub async fn replay_known(&self, ids: &[RecordId]) -> Result<HashMap<RecordId, ReplayKnown>, StoreError> {
        let mut known = HashMap::with_capacity(ids.len());
        for chunk in ids.chunks(512) {
            let ids: Vec<Uuid> = chunk.iter().map(|id| id.0).collect();
            let mut binds = Vec::new();
            let list = in_list(&ids, &mut binds);
            let sql = format!(
                "select r.record_id, r.version, r.mapping, r.deleted_at, v.mapped
                 from record r
                 join record_version v on v.record_id = r.record_id and v.version = r.version
                 where r.record_id in {list}"
            );
            for row in self.fetch(sql, binds).await? {
                let state = if row.opt_time(3)?.is_some() { ReplayState::Deleted } else { ReplayState::Live };
                let row_known =
                    ReplayKnown { version: row.int(1)?, mapping: row.text(2)?, state, mapped: row.json(4)? };
                known.insert(RecordId(row.uuid(0)?), row_known);
            }
        }
        Ok(known)
    }
}

impl Tx {
    /// The versions of these records, with nobody else writing those of their source until this transaction ends.
    pub async fn replay_versions(
        &mut self,
        source: SourceId,
        ids: &[RecordId],
    ) -> Result<HashMap<RecordId, i64>, StoreError> {
        self.source_lock(source).await?;
        let mut versions = HashMap::with_capacity(ids.len());
        for chunk in ids.chunks(512) {
            let ids: Vec<Uuid> = chunk.iter().map(|id| id.0).collect();
            let mut binds = Vec::new();
            let list = in_list(&ids, &mut binds);
            for row in
                self.fetch(format!("select record_id, version from record where record_id in {list}"), binds).await?
            {
                versions.insert(RecordId(row.uuid(0)?), row.int(1)?);
            }
        }
        Ok(versions)
    }
}
