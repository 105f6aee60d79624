//! Which rules choose the values of customers: as JSON that identity reads, with since when they hold.

use super::{Row, Store, StoreError, Tx};
use crate::args;
use onefold_model::Timestamp;

/// Rules that were put in place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SurvivorshipRow {
    /// When.
    pub at: Timestamp,
    /// By whom.
    pub actor: String,
    /// The plan that was looked at; empty of those with which a store began.
    pub fingerprint: String,
    /// The rules as JSON.
    pub rules: String,
}

impl SurvivorshipRow {
    fn read(row: &Row) -> Result<Self, StoreError> {
        Ok(Self { at: row.time(0)?, actor: row.text(1)?, fingerprint: row.text(2)?, rules: row.text(3)? })
    }
}

impl Store {
    /// The rules that hold; none where those of the program do.
    pub async fn survivorship(&self) -> Result<Option<SurvivorshipRow>, StoreError> {
        let sql = "select at, actor, fingerprint, rules from survivorship order by seq desc limit 1";
        self.fetch(sql, args![]).await?.first().map(SurvivorshipRow::read).transpose()
    }

    /// The rules that held at a time.
    pub async fn survivorship_then(&self, at: Timestamp) -> Result<Option<SurvivorshipRow>, StoreError> {
        let sql = "select at, actor, fingerprint, rules from survivorship where at <= $1 order by seq desc limit 1";
        self.fetch(sql, args![at]).await?.first().map(SurvivorshipRow::read).transpose()
    }
}

impl Tx {
    /// Puts rules in place.
    pub async fn survivorship_insert(&mut self, row: &SurvivorshipRow) -> Result<(), StoreError> {
        self.execute(
            "insert into survivorship (at, actor, fingerprint, rules) values ($1, $2, $3, $4)",
            args![row.at, &row.actor, &row.fingerprint, &row.rules],
        )
        .await?;
        Ok(())
    }
}
