//! The change log: one ordered list of what became different, read by subscriptions, webhooks and export alike.

use super::{Arg, Row, Store, StoreError, Tx};
use crate::args;
use onefold_model::{NodeId, SourceId, Timestamp};

/// What became different.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ChangeKind {
    /// A source delivered something new.
    RecordCreated,
    /// A source delivered something different.
    RecordUpdated,
    /// A source no longer has it.
    RecordDeleted,
    /// Records were folded into a new customer.
    CustomerCreated,
    /// A customer's records or their content changed.
    CustomerUpdated,
    /// A customer went into another; the detail names it.
    CustomerMerged,
    /// A customer came out of another; the detail names it.
    CustomerSplit,
    /// A customer was erased, on request: whoever keeps a copy erases it too.
    CustomerErased,
}

impl ChangeKind {
    /// Every kind.
    pub const ALL: [Self; 8] = [
        Self::RecordCreated,
        Self::RecordUpdated,
        Self::RecordDeleted,
        Self::CustomerCreated,
        Self::CustomerUpdated,
        Self::CustomerMerged,
        Self::CustomerSplit,
        Self::CustomerErased,
    ];

    fn read(word: &str) -> Result<Self, StoreError> {
        let known = Self::ALL.into_iter().find(|kind| kind.as_str() == word);
        known.ok_or(StoreError::Corrupt { what: "the change log has a kind that nobody knows" })
    }

    /// The word in the log.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::RecordCreated => "RECORD_CREATED",
            Self::RecordUpdated => "RECORD_UPDATED",
            Self::RecordDeleted => "RECORD_DELETED",
            Self::CustomerCreated => "CUSTOMER_CREATED",
            Self::CustomerUpdated => "CUSTOMER_UPDATED",
            Self::CustomerMerged => "CUSTOMER_MERGED",
            Self::CustomerSplit => "CUSTOMER_SPLIT",
            Self::CustomerErased => "CUSTOMER_ERASED",
        }
    }
}

/// An entry to be written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChangeEntry {
    /// What became different.
    pub kind: ChangeKind,
    /// Of what.
    pub node: NodeId,
    /// The source that said so, for records.
    pub source: Option<SourceId>,
    /// The other customer of a merge or split.
    pub detail: Option<NodeId>,
}

/// An entry as it stands in the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChangeRow {
    /// Its place in the order.
    pub seq: i64,
    /// When.
    pub at: Timestamp,
    /// What became different.
    pub kind: ChangeKind,
    /// Of what.
    pub node: NodeId,
    /// The source that said so, for records; of somebody erased, a source that told of them.
    pub source: Option<SourceId>,
    /// The other customer of a merge or split.
    pub detail: Option<NodeId>,
}

impl Store {
    /// The entries after `seq`, in order of commit.
    pub async fn change_list(&self, after: i64, limit: i64) -> Result<Vec<ChangeRow>, StoreError> {
        let sql = "select seq, at, kind, node, source_id, detail from change where seq > $1 order by seq limit $2";
        self.fetch(sql, args![after, limit]).await?.iter().map(ChangeRow::read).collect()
    }

    /// The number of the last entry; 0 where there is none.
    pub async fn change_last(&self) -> Result<i64, StoreError> {
        let rows = self.fetch("select coalesce(max(seq), 0) from change", args![]).await?;
        rows.first().map_or(Ok(0), |row| row.int(0))
    }
}

impl ChangeRow {
    fn read(row: &Row) -> Result<Self, StoreError> {
        let node = |text: String| {
            text.parse().map_err(|_| StoreError::Corrupt { what: "the change log names an object by no id" })
        };
        Ok(Self {
            seq: row.int(0)?,
            at: row.time(1)?,
            kind: ChangeKind::read(&row.text(2)?)?,
            node: node(row.text(3)?)?,
            source: row.opt_uuid(4)?.map(SourceId),
            detail: row.opt_text(5)?.map(node).transpose()?,
        })
    }
}

impl Tx {
    /// Takes the log's lock, which is held until commit. Whoever takes a number out of a sequence that is read in order of
    /// commit takes it first.
    pub(super) async fn change_lock(&mut self) -> Result<(), StoreError> {
        if let Some(lock) = self.dialect().lock_change_log() {
            self.execute(lock, args![]).await?;
        }
        Ok(())
    }

    /// Writes entries. The last thing of a transaction: it holds the log's lock until commit.
    pub async fn change_append(&mut self, at: Timestamp, entries: &[ChangeEntry]) -> Result<(), StoreError> {
        if entries.is_empty() {
            return Ok(());
        }
        self.change_lock().await?;
        let rows: Vec<Vec<Arg>> = entries
            .iter()
            .map(|entry| {
                args![
                    at,
                    entry.kind.as_str(),
                    entry.node.to_string(),
                    entry.source.map(|id| id.0),
                    entry.detail.map(|id| id.to_string())
                ]
            })
            .collect();
        self.insert_many("insert into change (at, kind, node, source_id, detail)", rows, "").await?;
        Ok(())
    }
}
