//! Who did what: a chain of entries, each with the hash of the one before.
//!
//! Promises: an entry commits with the deed or not at all; numbers have no gaps, and follow the order of commit; nothing is
//! changed or taken out, and [`verify`] finds where somebody did so behind the program's back. Entries wait in the
//! transaction until its end, because whoever extends the chain holds its head until commit. Deliberately holds no personal
//! data: ids of customers, kinds of fields, figures. See `docs/decisions/0006-the-audit-is-a-chain.md`.

mod chain;
mod list;
mod verify;

pub use chain::AuditHead;
pub use list::{AuditFilter, AuditRow};
pub use verify::{AuditFault, AuditVerdict};

use super::{Arg, Store, StoreError, Tx};
use crate::args;
use chain::{Entry, read_head};
use onefold_model::{CustomerId, Timestamp};
use std::collections::BTreeSet;

/// An entry to be written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditEntry {
    /// When.
    pub at: Timestamp,
    /// The subject of the token, or `system`.
    pub actor: String,
    /// What, as `noun.verb`.
    pub action: &'static str,
    /// To what: an id or a key.
    pub target: String,
    /// Figures, never personal data.
    pub detail: Option<String>,
}

/// An entry that waits for the end of its transaction.
#[derive(Debug)]
pub(super) struct Waiting {
    at: Timestamp,
    actor: String,
    action: String,
    target: String,
    detail: Option<String>,
    customers: BTreeSet<CustomerId>,
}

/// Entries from before the chain that are moved at a time.
const PIECE: i64 = 1_000;

impl Store {
    /// The last entry. Kept somewhere else, it shows later that nothing was taken from the end.
    pub async fn audit_head(&self) -> Result<AuditHead, StoreError> {
        read_head(&self.fetch("select seq, hash from audit_head", args![]).await?)
    }

    /// Moves the entries from before the chain into it. Safe to run twice, and from two processes at once.
    pub(super) async fn audit_chain_older(&self) -> Result<(), StoreError> {
        loop {
            if self.fetch("select 1 from audit_unchained limit 1", args![]).await?.is_empty() {
                return Ok(());
            }
            let mut tx = self.begin().await?;
            tx.audit_take_older().await?;
            tx.commit().await?;
        }
    }
}

impl Tx {
    /// Leaves an entry, which is written at the end of the transaction.
    pub async fn audit_append(&mut self, entry: &AuditEntry) -> Result<(), StoreError> {
        self.audit_append_about(entry, &[]).await
    }

    /// The same about these customers, by whom the entry is found.
    pub async fn audit_append_about(&mut self, entry: &AuditEntry, of: &[CustomerId]) -> Result<(), StoreError> {
        let AuditEntry { at, actor, action, target, detail } = entry.clone();
        let customers = of.iter().copied().collect();
        self.audits.push(Waiting { at, actor, action: action.to_owned(), target, detail, customers });
        Ok(())
    }

    /// Extends the chain by what waits. The last thing of a transaction: the head is held until commit.
    pub(super) async fn audit_flush(&mut self) -> Result<(), StoreError> {
        if self.audits.is_empty() {
            return Ok(());
        }
        let head = read_head(&self.fetch(self.dialect().audit_head(), args![]).await?)?;
        let waiting = std::mem::take(&mut self.audits);
        let (mut entries, mut subjects) = (Vec::new(), Vec::new());
        let AuditHead { mut seq, mut hash } = head;
        for Waiting { at, actor, action, target, detail, customers } in waiting {
            seq += 1;
            let entry = Entry::new(seq, hash, at, [actor, action, target], detail, customers);
            hash = entry.hash();
            subjects.extend(entry.customers.iter().map(|id| args![id.0, seq]));
            entries.push(entry.args(&hash));
        }
        self.audit_write(entries, subjects, &AuditHead { seq, hash }).await
    }

    async fn audit_write(
        &mut self,
        entries: Vec<Vec<Arg>>,
        subjects: Vec<Vec<Arg>>,
        head: &AuditHead,
    ) -> Result<(), StoreError> {
        let columns = "insert into audit (seq, at, actor, action, target, detail, previous, hash)";
        self.insert_many(columns, entries, "").await?;
        self.insert_many("insert into audit_subject (customer_id, seq)", subjects, "").await?;
        self.execute("update audit_head set seq = $1, hash = $2", args![head.seq, &head.hash[..]]).await?;
        Ok(())
    }

    /// Takes a piece of the entries from before the chain, under the lock of the head.
    async fn audit_take_older(&mut self) -> Result<(), StoreError> {
        self.fetch(self.dialect().audit_head(), args![]).await?;
        let rows = self
            .fetch(
                "select seq, at, actor, action, target, detail from audit_unchained order by seq limit $1",
                args![PIECE],
            )
            .await?;
        for row in &rows {
            self.audits.push(Waiting {
                at: row.time(1)?,
                actor: row.text(2)?,
                action: row.text(3)?,
                target: row.text(4)?,
                detail: row.opt_text(5)?,
                customers: BTreeSet::new(),
            });
        }
        if let Some(last) = rows.last() {
            self.execute("delete from audit_unchained where seq <= $1", args![last.int(0)?]).await?;
        }
        Ok(())
    }
}
