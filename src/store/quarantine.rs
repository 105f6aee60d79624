//! What did not fit: kept whole with its cause until it fits or somebody decides.

mod discard;
mod group;

pub use discard::QuarantineDiscard;
pub use group::{QuarantineCause, QuarantineGroup};

use super::list::{KeyType, SortValue, in_list};
use super::{Arg, Direction, Keyset, PageAsk, Row, Slice, Store, StoreError, Tx};
use crate::args;
use group::WAITS;
use onefold_model::{QuarantineDiscardId, QuarantineId, SourceId, SyncRunId, Timestamp, content_hash};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

/// A payload that did not fit.
#[derive(Debug, Clone, PartialEq)]
pub struct Quarantined {
    /// The stream that it came by.
    pub stream: String,
    /// Its key, where it has one.
    pub external_id: Option<String>,
    /// A stable code of the cause.
    pub code: String,
    /// The field that did not fit, where it is one.
    pub path: Option<String>,
    /// Where in the file or answer: `line 7, column "amount"`.
    pub place: Option<String>,
    /// The cause in words. Names fields, never values.
    pub message: String,
    /// The payload.
    pub raw: Value,
}

/// A quarantined payload as stored.
#[derive(Debug, Clone, PartialEq)]
pub struct QuarantineRow {
    /// Its id.
    pub id: QuarantineId,
    /// The source.
    pub source: SourceId,
    /// The run that last delivered it.
    pub run: Option<SyncRunId>,
    /// The payload and its cause.
    pub item: Quarantined,
    /// When it first came.
    pub first_seen_at: Timestamp,
    /// When it last came.
    pub last_seen_at: Timestamp,
    /// How often it came.
    pub times: i64,
    /// When a later delivery with the same key did fit.
    pub resolved_at: Option<Timestamp>,
    /// Somebody decided not to take it, and it has not been delivered since.
    pub discarded: Option<QuarantineDiscardId>,
}

/// Which of them.
#[derive(Debug, Clone, Default)]
pub struct QuarantineFilter {
    /// Those of these sources.
    pub sources: Vec<SourceId>,
    /// Those with this code.
    pub code: Option<String>,
    /// Also those that have been resolved or discarded.
    pub include_resolved: bool,
}

const COLUMNS: &str = "quarantine_id, source_id, run_id, stream, external_id, code, path, place, message, raw,
    first_seen_at, last_seen_at, times, resolved_at, discard_id";

const NEWEST: Keyset<'_> = Keyset {
    name: "quarantine.last_seen_at",
    column: "last_seen_at",
    id: "quarantine_id",
    ty: KeyType::Time,
    nullable: false,
    direction: Direction::Desc,
};

impl QuarantineRow {
    fn read(row: &Row) -> Result<Self, StoreError> {
        Ok(Self {
            id: QuarantineId(row.uuid(0)?),
            source: SourceId(row.uuid(1)?),
            run: row.opt_uuid(2)?.map(SyncRunId),
            item: Quarantined {
                stream: row.text(3)?,
                external_id: row.opt_text(4)?,
                code: row.text(5)?,
                path: row.opt_text(6)?,
                place: row.opt_text(7)?,
                message: row.text(8)?,
                raw: row.json(9)?,
            },
            first_seen_at: row.time(10)?,
            last_seen_at: row.time(11)?,
            times: row.int(12)?,
            resolved_at: row.opt_time(13)?,
            discarded: row.opt_uuid(14)?.map(QuarantineDiscardId),
        })
    }
}

impl QuarantineFilter {
    fn condition(&self, binds: &mut Vec<Arg>) -> String {
        let ids: Vec<_> = self.sources.iter().map(|id| id.0).collect();
        let mut condition = format!("source_id in {}", in_list(&ids, binds));
        if let Some(code) = &self.code {
            binds.push(code.into());
            let _ = write!(condition, " and code = ${}", binds.len());
        }
        if !self.include_resolved {
            let _ = write!(condition, " and {WAITS}");
        }
        condition
    }
}

impl Store {
    /// Quarantined payloads, last seen first.
    pub async fn quarantine_list(
        &self,
        filter: &QuarantineFilter,
        ask: &PageAsk,
    ) -> Result<Slice<QuarantineRow>, StoreError> {
        let mut binds = Vec::new();
        let condition = filter.condition(&mut binds);
        let head = format!("select {COLUMNS} from quarantine where {condition}");
        self.slice(NEWEST, ask, &head, binds, |row| {
            let item = QuarantineRow::read(row)?;
            Ok((SortValue::Time(Some(item.last_seen_at)), item.id.0, item))
        })
        .await
    }

    /// How many there are.
    pub async fn quarantine_count(&self, filter: &QuarantineFilter) -> Result<i64, StoreError> {
        let mut binds = Vec::new();
        let condition = filter.condition(&mut binds);
        let rows = self.fetch(format!("select count(*) from quarantine where {condition}"), binds).await?;
        rows.first().map_or(Ok(0), |row| row.int(0))
    }

    /// The ids of all that wait of a source, of one cause or of any, in the order of the ids.
    pub async fn quarantine_waiting(
        &self,
        source: SourceId,
        cause: Option<&QuarantineCause>,
    ) -> Result<Vec<QuarantineId>, StoreError> {
        let mut binds = args![source.0];
        let of_cause = cause.map(|cause| format!(" and {}", cause.condition(&mut binds))).unwrap_or_default();
        let sql = format!(
            "select quarantine_id from quarantine where source_id = $1{of_cause} and {WAITS} order by quarantine_id"
        );
        let rows = self.fetch(sql, binds).await?;
        rows.iter().map(|row| Ok(QuarantineId(row.uuid(0)?))).collect()
    }

    /// These, in the order of their ids.
    pub async fn quarantine_rows(&self, ids: &[QuarantineId]) -> Result<Vec<QuarantineRow>, StoreError> {
        let mut binds = Vec::new();
        let ids: Vec<_> = ids.iter().map(|id| id.0).collect();
        let list = in_list(&ids, &mut binds);
        let sql = format!("select {COLUMNS} from quarantine where quarantine_id in {list} order by quarantine_id");
        self.fetch(sql, binds).await?.iter().map(QuarantineRow::read).collect()
    }

    /// One of them, whatever has become of it.
    pub async fn quarantine_get(&self, id: QuarantineId) -> Result<Option<QuarantineRow>, StoreError> {
        let rows =
            self.fetch(format!("select {COLUMNS} from quarantine where quarantine_id = $1"), args![id.0]).await?;
        rows.first().map(QuarantineRow::read).transpose()
    }
}

impl Tx {
    /// Takes the lock under which payloads of a source are put aside, resolved and discarded.
    pub async fn quarantine_lock(&mut self, source: SourceId) -> Result<(), StoreError> {
        self.source_lock(source).await
    }

    /// Those of these payloads that still wait as they were read: not delivered, resolved or discarded since.
    pub async fn quarantine_unmoved(&mut self, rows: &[QuarantineRow]) -> Result<BTreeSet<QuarantineId>, StoreError> {
        let mut unmoved = BTreeSet::new();
        for chunk in rows.chunks(512) {
            let mut binds = Vec::new();
            let ids: Vec<_> = chunk.iter().map(|row| row.id.0).collect();
            let list = in_list(&ids, &mut binds);
            let sql = format!("select quarantine_id, times from quarantine where quarantine_id in {list} and {WAITS}");
            for now in self.fetch(sql, binds).await? {
                let (id, times) = (QuarantineId(now.uuid(0)?), now.int(1)?);
                if chunk.iter().any(|row| row.id == id && row.times == times) {
                    unmoved.insert(id);
                }
            }
        }
        Ok(unmoved)
    }

    /// Keeps payloads that did not fit. The key, or without one the content, names the row.
    pub async fn quarantine_write(
        &mut self,
        source: SourceId,
        run: Option<SyncRunId>,
        items: &[Quarantined],
        at: Timestamp,
    ) -> Result<(), StoreError> {
        // PostgreSQL refuses to touch a row twice in one statement: the last delivery of a page counts.
        let mut rows: BTreeMap<QuarantineId, Vec<Arg>> = BTreeMap::new();
        for item in items {
            let name = item.external_id.clone().unwrap_or_else(|| content_hash(&item.raw).to_hex());
            let id = QuarantineId::derive(source, &item.stream, &name);
            let row = args![
                id.0,
                source.0,
                &item.stream,
                item.external_id.clone(),
                run.map(|run| run.0),
                &item.code,
                item.path.clone(),
                item.place.clone(),
                &item.message,
                item.raw.to_string(),
                at,
                at,
                1_i64
            ];
            rows.insert(id, row);
        }
        self.insert_many(
            "insert into quarantine (quarantine_id, source_id, stream, external_id, run_id, code, path, place, message,
                                     raw, first_seen_at, last_seen_at, times)",
            rows.into_values().collect(),
            "on conflict (quarantine_id) do update set
                 run_id = excluded.run_id, code = excluded.code, path = excluded.path, place = excluded.place,
                 message = excluded.message, raw = excluded.raw, last_seen_at = excluded.last_seen_at,
                 times = quarantine.times + 1, resolved_at = null, discard_id = null",
        )
        .await?;
        Ok(())
    }

    /// Marks what now fits: records with the same stream and key were accepted.
    pub(super) async fn quarantine_resolve(
        &mut self,
        source: SourceId,
        accepted: &[(String, String)],
        at: Timestamp,
    ) -> Result<(), StoreError> {
        let waiting = self
            .fetch("select 1 from quarantine where source_id = $1 and resolved_at is null limit 1", args![source.0])
            .await?;
        if waiting.is_empty() {
            return Ok(());
        }
        let ids: Vec<_> = accepted.iter().map(|(stream, key)| QuarantineId::derive(source, stream, key).0).collect();
        for chunk in ids.chunks(512) {
            let mut binds = args![at];
            let list = in_list(chunk, &mut binds);
            self.execute(
                format!("update quarantine set resolved_at = $1 where quarantine_id in {list} and resolved_at is null"),
                binds,
            )
            .await?;
        }
        Ok(())
    }

    /// Marks one as resolved.
    pub async fn quarantine_close(&mut self, id: QuarantineId, at: Timestamp) -> Result<(), StoreError> {
        self.execute("update quarantine set resolved_at = $2 where quarantine_id = $1", args![id.0, at]).await?;
        Ok(())
    }
}
