//! Sources that somebody has paused.

use super::{Row, Store, StoreError, Tx};
use crate::args;
use onefold_model::{SourceId, Timestamp};

/// A source that is not read until somebody resumes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PauseRow {
    /// The source.
    pub source: SourceId,
    /// Since when.
    pub at: Timestamp,
    /// Who paused it.
    pub by: String,
    /// Why.
    pub reason: String,
}

const COLUMNS: &str = "source_id, paused_at, paused_by, reason";

impl PauseRow {
    fn read(row: &Row) -> Result<Self, StoreError> {
        Ok(Self { source: SourceId(row.uuid(0)?), at: row.time(1)?, by: row.text(2)?, reason: row.text(3)? })
    }
}

impl Store {
    /// The paused sources.
    pub async fn pause_list(&self) -> Result<Vec<PauseRow>, StoreError> {
        let sql = format!("select {COLUMNS} from source_pause order by source_id");
        self.fetch(sql, args![]).await?.iter().map(PauseRow::read).collect()
    }
}

impl Tx {
    /// Whether a source is paused. Nobody pauses or resumes it until this transaction ends.
    pub async fn pause_get(&mut self, source: SourceId) -> Result<Option<PauseRow>, StoreError> {
        self.source_lock(source).await?;
        let sql = format!("select {COLUMNS} from source_pause where source_id = $1");
        self.fetch(sql, args![source.0]).await?.first().map(PauseRow::read).transpose()
    }

    /// Pauses a source. `false` where it is paused already: who paused it first, and why, stays.
    pub async fn pause_write(&mut self, pause: &PauseRow) -> Result<bool, StoreError> {
        self.source_lock(pause.source).await?;
        let sql =
            format!("insert into source_pause ({COLUMNS}) values ($1, $2, $3, $4) on conflict (source_id) do nothing");
        Ok(self.execute(sql, args![pause.source.0, pause.at, &pause.by, &pause.reason]).await? > 0)
    }

    /// Resumes a source. `false` where it is not paused.
    pub async fn pause_end(&mut self, source: SourceId) -> Result<bool, StoreError> {
        self.source_lock(source).await?;
        Ok(self.execute("delete from source_pause where source_id = $1", args![source.0]).await? > 0)
    }
}
