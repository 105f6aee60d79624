//! What sync leaves for identity: the parties whose facts changed.

use super::{Arg, Store, StoreError, Tx};
use crate::args;
use onefold_model::{RecordId, Timestamp};
use uuid::Uuid;

/// One entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OutboxRow {
    /// Its place in the order.
    pub seq: i64,
    /// The record that changed.
    pub record: RecordId,
}

impl Store {
    /// The waiting entries, oldest first.
    pub async fn outbox_list(&self, limit: i64) -> Result<Vec<OutboxRow>, StoreError> {
        let rows = self
            .fetch("select seq, record_id from outbox where topic = 'identity' order by seq limit $1", args![limit])
            .await?;
        rows.iter().map(|row| Ok(OutboxRow { seq: row.int(0)?, record: RecordId(row.uuid(1)?) })).collect()
    }

    /// How many entries wait, and the highest of them.
    pub async fn outbox_depth(&self) -> Result<(i64, i64), StoreError> {
        let rows =
            self.fetch("select count(*), coalesce(max(seq), 0) from outbox where topic = 'identity'", args![]).await?;
        rows.first().map_or(Ok((0, 0)), |row| Ok((row.int(0)?, row.int(1)?)))
    }
}

impl Tx {
    /// Leaves parties for identity. Among the last things of a transaction, under the lock of the change log: an entry that
    /// is committed after a later one has been read would be taken away unseen.
    pub(super) async fn outbox_write(&mut self, parties: &[Uuid], at: Timestamp) -> Result<(), StoreError> {
        if parties.is_empty() {
            return Ok(());
        }
        self.change_lock().await?;
        let rows: Vec<Vec<Arg>> = parties.iter().map(|id| args!["identity", *id, at]).collect();
        self.insert_many("insert into outbox (topic, record_id, at)", rows, "").await?;
        Ok(())
    }

    /// Takes away the entries up to this one: they have been folded in this transaction.
    pub async fn outbox_done(&mut self, up_to: i64) -> Result<u64, StoreError> {
        self.execute("delete from outbox where topic = 'identity' and seq <= $1", args![up_to]).await
    }
}
