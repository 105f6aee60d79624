//! What people decided about pairs of records.

use super::{Store, StoreError, Tx};
use crate::args;
use onefold_model::{DecisionId, RecordId, Timestamp};

/// A steward's decision that still stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DecisionRow {
    /// Its id.
    pub id: DecisionId,
    /// `LINK` or `NEVER_LINK`.
    pub kind: String,
    /// The smaller record id.
    pub left: RecordId,
    /// The larger record id.
    pub right: RecordId,
    /// Who decided.
    pub actor: String,
    /// Why.
    pub reason: String,
    /// When.
    pub made_at: Timestamp,
}

impl Store {
    /// The decisions that stand, in the order in which they were made.
    pub async fn decision_list(&self) -> Result<Vec<DecisionRow>, StoreError> {
        let rows = self
            .fetch(
                "select decision_id, kind, left_record, right_record, actor, reason, made_at
                 from decision
                 where undone_at is null
                 order by made_at, decision_id",
                args![],
            )
            .await?;
        rows.iter()
            .map(|row| {
                Ok(DecisionRow {
                    id: DecisionId(row.uuid(0)?),
                    kind: row.text(1)?,
                    left: RecordId(row.uuid(2)?),
                    right: RecordId(row.uuid(3)?),
                    actor: row.text(4)?,
                    reason: row.text(5)?,
                    made_at: row.time(6)?,
                })
            })
            .collect()
    }
}

impl Tx {
    /// Writes a decision.
    pub async fn decision_insert(&mut self, decision: &DecisionRow) -> Result<(), StoreError> {
        self.execute(
            "insert into decision (decision_id, kind, left_record, right_record, actor, reason, made_at)
             values ($1, $2, $3, $4, $5, $6, $7)",
            args![
                decision.id.0,
                &decision.kind,
                decision.left.0,
                decision.right.0,
                &decision.actor,
                &decision.reason,
                decision.made_at
            ],
        )
        .await?;
        Ok(())
    }

    /// Takes a decision back. The row stays.
    pub async fn decision_undo(&mut self, id: DecisionId, at: Timestamp) -> Result<u64, StoreError> {
        self.execute("update decision set undone_at = $2 where decision_id = $1 and undone_at is null", args![id.0, at])
            .await
    }
}
