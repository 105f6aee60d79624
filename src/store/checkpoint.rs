//! How far each task of a source has been read. Written only together with what was read, see [`super::page`].

use super::{Store, StoreError, Tx};
use crate::args;
use onefold_model::{SourceId, SyncRunId, Timestamp};
use serde_json::Value;
use std::collections::BTreeMap;

impl Store {
    /// The checkpoints of a source by task.
    pub async fn checkpoint_list(&self, source: SourceId) -> Result<BTreeMap<String, Value>, StoreError> {
        let rows = self
            .fetch("select task, state from checkpoint where source_id = $1 order by task", args![source.0])
            .await?;
        rows.iter().map(|row| Ok((row.text(0)?, row.json(1)?))).collect()
    }
}

impl Tx {
    pub(super) async fn checkpoint_write(
        &mut self,
        source: SourceId,
        task: &str,
        state: &Value,
        run: Option<SyncRunId>,
        at: Timestamp,
    ) -> Result<(), StoreError> {
        self.execute(
            "insert into checkpoint (source_id, task, state, run_id, updated_at) values ($1, $2, $3, $4, $5)
             on conflict (source_id, task) do update set
                 state = excluded.state, run_id = excluded.run_id, updated_at = excluded.updated_at",
            args![source.0, task, state.to_string(), run.map(|run| run.0), at],
        )
        .await?;
        Ok(())
    }

    /// Forgets how far one task of a source has been read, so that the next run reads it from the start.
    pub async fn checkpoint_forget(&mut self, source: SourceId, task: &str) -> Result<u64, StoreError> {
        self.execute("delete from checkpoint where source_id = $1 and task = $2", args![source.0, task]).await
    }

    /// Forgets how far a source has been read, so that the next run reads it from the start.
    pub async fn checkpoint_clear(&mut self, source: SourceId) -> Result<u64, StoreError> {
        self.execute("delete from checkpoint where source_id = $1", args![source.0]).await
    }
}
