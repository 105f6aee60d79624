//! What the payloads of streams look like, and which of their fields came, went or changed.
//!
//! Promises: no value is kept, only where it stands and in which records; what was acknowledged stays so until something new
//! happens to the field. Deliberately does not know what a map reads: whoever asks compares.

use super::list::in_list;
use super::{Row, Store, StoreError, Tx, Undone};
use crate::args;
use onefold_model::{RecordId, SourceId, Timestamp};
use std::collections::HashMap;

/// A field as one or more samples of payloads showed it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldSeen {
    /// Its place, as a map writes it.
    pub path: String,
    /// What it has held so far: words with `|` between them.
    pub forms: String,
    /// What it held before, where these samples hold something else.
    pub forms_before: Option<String>,
    /// In how many payloads of these samples it stood.
    pub times: i64,
    /// How many of the payloads of these samples had been looked at when it was last seen.
    pub last_seen: i64,
    /// Records that show what is new of it.
    pub samples: Vec<RecordId>,
}

/// What the payloads of a stream look like.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StreamShape {
    /// Whether it is known how the stream is: what comes from now on is news.
    pub is_settled: bool,
    /// How many payloads were looked at.
    pub observed: i64,
    /// What each field has held, by its place.
    pub forms: HashMap<String, String>,
}

/// What samples of a stream's payloads showed.
#[derive(Debug, Clone, Copy)]
pub struct ShapeSeen<'a> {
    /// The source.
    pub source: SourceId,
    /// The stream.
    pub stream: &'a str,
    /// How many payloads were looked at for it.
    pub looked_at: i64,
    /// The fields that are read of the payloads, where no connector says so: a list of places in JSON.
    pub reads: Option<&'a str>,
    /// Now.
    pub at: Timestamp,
}

/// What was stored of a stream before more was added to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ShapeBefore {
    /// Whether it was known how the stream is.
    pub is_settled: bool,
    /// How many payloads had been looked at.
    pub observed: i64,
}

/// A field of a stream as stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldRow {
    /// The source.
    pub source: SourceId,
    /// The stream.
    pub stream: String,
    /// Its place, as a map writes it.
    pub path: String,
    /// What it has held so far.
    pub forms: String,
    /// It was there when the stream was first read.
    pub from_start: bool,
    /// When it was first seen.
    pub first_seen_at: Timestamp,
    /// When it was last seen.
    pub last_seen_at: Timestamp,
    /// In how many of the payloads that were looked at it stood.
    pub times: i64,
    /// How many payloads had been looked at when it was last seen.
    pub last_observed: i64,
    /// How many have been looked at by now.
    pub observed: i64,
    /// What it held before it changed, and when it did.
    pub changed: Option<(String, Timestamp)>,
    /// Who has said that they know, when and why.
    pub acknowledged: Option<Undone>,
}

const COLUMNS: &str = "f.source_id, f.stream, f.path, f.forms, f.from_start, f.first_seen_at, f.last_seen_at, f.times,
    f.last_observed, s.observed, f.forms_before, f.changed_at, f.acknowledged_at, f.acknowledged_by,
    f.acknowledged_reason";

const FIELDS: &str = "stream_field f join stream_shape s on s.source_id = f.source_id and s.stream = f.stream";

const FORMS: &str = "select path, forms from stream_field where source_id = $1 and stream = $2";

fn forms(rows: &[Row]) -> Result<HashMap<String, String>, StoreError> {
    rows.iter().map(|row| Ok((row.text(0)?, row.text(1)?))).collect()
}

impl FieldRow {
    fn read(row: &Row) -> Result<Self, StoreError> {
        Ok(Self {
            source: SourceId(row.uuid(0)?),
            stream: row.text(1)?,
            path: row.text(2)?,
            forms: row.text(3)?,
            from_start: row.bool(4)?,
            first_seen_at: row.time(5)?,
            last_seen_at: row.time(6)?,
            times: row.int(7)?,
            last_observed: row.int(8)?,
            observed: row.int(9)?,
            changed: row.opt_text(10)?.zip(row.opt_time(11)?),
            acknowledged: Undone::read(row, 12)?,
        })
    }
}

impl Store {
    /// What the payloads of a stream look like; nothing where none was looked at.
    pub async fn shape_get(&self, source: SourceId, stream: &str) -> Result<Option<StreamShape>, StoreError> {
        let sql = "select settled, observed from stream_shape where source_id = $1 and stream = $2";
        let rows = self.fetch(sql, args![source.0, stream]).await?;
        let Some(row) = rows.first() else { return Ok(None) };
        let (is_settled, observed) = (row.bool(0)?, row.int(1)?);
        let forms = forms(&self.fetch(FORMS, args![source.0, stream]).await?)?;
        Ok(Some(StreamShape { is_settled, observed, forms }))
    }

    /// The fields that are read of the payloads of streams, where no connector says so: by source and stream, a list of places
    /// in JSON.
    pub async fn shape_reads(&self, sources: &[SourceId]) -> Result<Vec<(SourceId, String, String)>, StoreError> {
        let mut binds = Vec::new();
        let ids: Vec<_> = sources.iter().map(|id| id.0).collect();
        let list = in_list(&ids, &mut binds);
        let sql = format!(
            "select source_id, stream, field_reads from stream_shape
             where source_id in {list} and field_reads is not null order by source_id, stream"
        );
        let rows = self.fetch(sql, binds).await?;
        rows.iter().map(|row| Ok((SourceId(row.uuid(0)?), row.text(1)?, row.text(2)?))).collect()
    }

    /// The fields of these sources that were seen, by stream and place.
    pub async fn field_list(&self, sources: &[SourceId]) -> Result<Vec<FieldRow>, StoreError> {
        let mut binds = Vec::new();
        let ids: Vec<_> = sources.iter().map(|id| id.0).collect();
        let list = in_list(&ids, &mut binds);
        let sql = format!(
            "select {COLUMNS} from {FIELDS} where f.source_id in {list} order by f.source_id, f.stream, f.path"
        );
        self.fetch(sql, binds).await?.iter().map(FieldRow::read).collect()
    }

    /// The records that show what is new of the fields of a source: stream, place and record.
    pub async fn field_samples(&self, source: SourceId) -> Result<Vec<(String, String, RecordId)>, StoreError> {
        let sql = "select stream, path, record_id from stream_field_sample
             where source_id = $1 order by stream, path, record_id";
        let rows = self.fetch(sql, args![source.0]).await?;
        rows.iter().map(|row| Ok((row.text(0)?, row.text(1)?, RecordId(row.uuid(2)?)))).collect()
    }
}

impl Tx {
    /// Counts payloads of a stream that were looked at, with nobody else counting until the transaction ends. Says what was
    /// stored before.
    pub async fn shape_count(&mut self, seen: ShapeSeen<'_>) -> Result<ShapeBefore, StoreError> {
        self.source_lock(seen.source).await?;
        let rows = self
            .fetch(
                "insert into stream_shape (source_id, stream, settled, observed, field_reads) values ($1, $2, $3, $4, $5)
                 on conflict (source_id, stream) do update set
                     observed = stream_shape.observed + excluded.observed,
                     field_reads = coalesce(excluded.field_reads, stream_shape.field_reads)
                 returning settled, observed",
                args![seen.source.0, seen.stream, false, seen.looked_at, seen.reads],
            )
            .await?;
        let row = rows.first().ok_or(StoreError::Corrupt { what: "a row that was written is not there" })?;
        Ok(ShapeBefore { is_settled: row.bool(0)?, observed: row.int(1)? - seen.looked_at })
    }

    /// What the fields of a stream have held, by place.
    pub async fn shape_forms(&mut self, source: SourceId, stream: &str) -> Result<HashMap<String, String>, StoreError> {
        forms(&self.fetch(FORMS, args![source.0, stream]).await?)
    }

    /// Notes that it is known by now how these streams are. Those of which nothing was looked at are left out.
    pub async fn shape_settle(&mut self, source: SourceId, streams: &[&str]) -> Result<(), StoreError> {
        self.source_lock(source).await?;
        for stream in streams {
            let sql = "update stream_shape set settled = $3 where source_id = $1 and stream = $2 and settled <> $3";
            self.execute(sql, args![source.0, *stream, true]).await?;
        }
        Ok(())
    }

    /// Adds what samples of a stream's payloads showed of its fields, after they were counted.
    pub async fn shape_write(
        &mut self,
        seen: ShapeSeen<'_>,
        before: ShapeBefore,
        fields: &[FieldSeen],
    ) -> Result<(), StoreError> {
        let ShapeSeen { source, stream, at, .. } = seen;
        let rows = fields.iter().map(|field| {
            args![
                source.0,
                stream,
                &field.path,
                &field.forms,
                !before.is_settled,
                at,
                at,
                field.times,
                before.observed + field.last_seen,
                field.forms_before.clone(),
                field.forms_before.as_ref().map(|_| at)
            ]
        });
        self.insert_many(
            "insert into stream_field (source_id, stream, path, forms, from_start, first_seen_at, last_seen_at, times,
                                       last_observed, forms_before, changed_at)",
            rows.collect(),
            "on conflict (source_id, stream, path) do update set
                 forms = excluded.forms, last_seen_at = excluded.last_seen_at,
                 times = stream_field.times + excluded.times, last_observed = excluded.last_observed,
                 forms_before = coalesce(excluded.forms_before, stream_field.forms_before),
                 changed_at = coalesce(excluded.changed_at, stream_field.changed_at)",
        )
        .await?;
        let samples = fields
            .iter()
            .flat_map(|field| field.samples.iter().map(|record| args![source.0, stream, &field.path, record.0]));
        self.insert_many(
            "insert into stream_field_sample (source_id, stream, path, record_id)",
            samples.collect(),
            "on conflict (source_id, stream, path, record_id) do nothing",
        )
        .await?;
        Ok(())
    }

    /// Notes that somebody knows what has become of a field. `false` where there is none.
    pub async fn field_acknowledge(
        &mut self,
        source: SourceId,
        stream: &str,
        path: &str,
        acknowledged: &Undone,
    ) -> Result<bool, StoreError> {
        self.source_lock(source).await?;
        let Undone { at, by, reason } = acknowledged;
        let sql = "update stream_field
             set acknowledged_at = $4, acknowledged_by = $5, acknowledged_reason = $6
             where source_id = $1 and stream = $2 and path = $3";
        Ok(self.execute(sql, args![source.0, stream, path, *at, by, reason]).await? > 0)
    }
}
