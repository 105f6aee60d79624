//! Sources that systems have hinted at, until they are read.

use super::{Row, Store, StoreError, Tx};
use crate::args;
use onefold_model::{SourceId, Timestamp};

/// A hint that was not followed to its end yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HintRow {
    /// The source to read.
    pub source: SourceId,
    /// When the last hint came: a run that begins later sees what it is about.
    pub asked_at: Timestamp,
    /// How often it was followed in vain.
    pub tries: i64,
    /// When it is to be followed again.
    pub again_at: Option<Timestamp>,
}

impl HintRow {
    fn read(row: &Row) -> Result<Self, StoreError> {
        Ok(Self {
            source: SourceId(row.uuid(0)?),
            asked_at: row.time(1)?,
            tries: row.int(2)?,
            again_at: row.opt_time(3)?,
        })
    }
}

impl Store {
    /// The hints that wait.
    pub async fn hint_list(&self) -> Result<Vec<HintRow>, StoreError> {
        let sql = "select source_id, asked_at, tries, again_at from webhook_hint order by source_id";
        self.fetch(sql, args![]).await?.iter().map(HintRow::read).collect()
    }
}

impl Tx {
    /// Writes down that a source is to be read. Another hint in vain does not count against a new one.
    pub async fn hint_write(&mut self, source: SourceId, at: Timestamp) -> Result<(), StoreError> {
        self.execute(
            "insert into webhook_hint (source_id, asked_at, tries, again_at) values ($1, $2, 0, null)
             on conflict (source_id) do update set asked_at = excluded.asked_at, tries = 0, again_at = null",
            args![source.0, at],
        )
        .await?;
        Ok(())
    }

    /// A run that began then has read the source: hints from before it are followed.
    pub async fn hint_done(&mut self, source: SourceId, begun_at: Timestamp) -> Result<(), StoreError> {
        let sql = "delete from webhook_hint where source_id = $1 and asked_at <= $2";
        self.execute(sql, args![source.0, begun_at]).await?;
        Ok(())
    }

    /// A run that began then did not come to its end: hints from before it are followed again later.
    pub async fn hint_postpone(
        &mut self,
        source: SourceId,
        begun_at: Timestamp,
        until: Timestamp,
    ) -> Result<(), StoreError> {
        let sql = "update webhook_hint set tries = tries + 1, again_at = $3 where source_id = $1 and asked_at <= $2";
        self.execute(sql, args![source.0, begun_at, until]).await?;
        Ok(())
    }
}
