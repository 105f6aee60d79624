//! What held until a time that has come: decisions and pins are taken back then, as if somebody had done it.
//!
//! Promises that nothing ends unseen: what ends is marked with its end, and its records are left for the next fold in the same
//! transaction, so that a fold never has to know what time it is. Safe to run twice: what has ended is not ended again.

use super::decision::{COLUMNS, DecisionRow, LATER};
use super::pin::{PIN, PinRow};
use super::{Store, StoreError, Tx, Undone};
use crate::args;
use onefold_model::{RecordId, Timestamp};

/// So many end in one transaction.
const PIECE: i64 = 500;

/// What has ended.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Ended {
    /// Decisions.
    pub decisions: Vec<DecisionRow>,
    /// Pins.
    pub pins: Vec<PinRow>,
}

impl Store {
    /// Whether anything held until now or before.
    pub async fn expiry_due(&self, now: Timestamp) -> Result<bool, StoreError> {
        let sql = "select (select count(*) from decision where undone_at is null and expires_at <= $1)
            + (select count(*) from pin where undone_at is null and expires_at <= $1)";
        let rows = self.fetch(sql, args![now]).await?;
        Ok(rows.first().map_or(Ok(0), |row| row.int(0))? > 0)
    }
}

impl Tx {
    /// Ends what held until now or before, and leaves its records for the next fold. Among the last things of a transaction.
    pub async fn expiry_end(&mut self, now: Timestamp) -> Result<Ended, StoreError> {
        let sql = format!(
            "select {COLUMNS} from decision d where d.undone_at is null and d.expires_at <= $1
             order by d.expires_at, d.decision_id limit $2"
        );
        let rows = self.fetch(sql, args![now, PIECE]).await?;
        let decisions = rows.iter().map(DecisionRow::read).collect::<Result<Vec<_>, _>>()?;
        let sql = format!(
            "select {PIN} from pin p where p.undone_at is null and p.expires_at <= $1
             order by p.expires_at, p.pin_id limit $2"
        );
        let rows = self.fetch(sql, args![now, PIECE]).await?;
        let pins = rows.iter().map(PinRow::read).collect::<Result<Vec<_>, _>>()?;
        let end = Undone { at: now, by: "system:expiry".to_owned(), reason: "it held until now".to_owned() };
        let mut records: Vec<RecordId> = Vec::new();
        for decision in &decisions {
            self.decision_undo(decision.id, &end).await?;
            if decision.kind != LATER {
                records.extend([decision.left, decision.right]);
            }
        }
        for pin in &pins {
            self.pin_undo(pin.id, &end).await?;
            records.push(pin.record);
        }
        self.fold_leave(&records, now).await?;
        Ok(Ended { decisions, pins })
    }

    /// The standing decisions that a pair is looked at later.
    pub async fn later_of_pair(&mut self, left: RecordId, right: RecordId) -> Result<Vec<DecisionRow>, StoreError> {
        let sql = format!(
            "select {COLUMNS} from decision d
             where d.left_record = $1 and d.right_record = $2 and d.undone_at is null and d.kind = '{LATER}'
             order by d.made_at, d.decision_id"
        );
        self.fetch(sql, args![left.0, right.0]).await?.iter().map(DecisionRow::read).collect()
    }
}
