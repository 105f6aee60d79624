//! Whether the chain is whole: every entry is read once, in pieces, and hashed anew.
//!
//! Promises that the first place at which somebody changed, removed, inserted or reordered an entry is named, at the end too.
//! Deliberately does not mend. Whoever can rewrite every later entry and the head as well is found only by a head that was
//! exported before.

use super::chain::{AuditHead, Entry, read_hash, read_head};
use crate::args;
use crate::store::{Store, StoreError};
use onefold_model::CustomerId;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

/// Where the chain is broken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AuditFault {
    /// This entry is not what its hash was made of.
    Changed(i64),
    /// Entries from the first to the second number are not there.
    Removed(i64, i64),
    /// This entry carries the hash of another entry before it than the one that is there.
    Misplaced(i64),
    /// Entries after this number stand in the table, and the head does not know them.
    BeyondHead(i64),
    /// The head tells another hash for its entry than the one that is there.
    OtherHead(i64),
    /// The exported head is not in the chain: what was there at this number was removed, or written anew.
    OtherExport(i64),
}

impl AuditFault {
    /// The number of the entry.
    pub fn seq(self) -> i64 {
        match self {
            Self::Changed(seq)
            | Self::Removed(seq, _)
            | Self::Misplaced(seq)
            | Self::BeyondHead(seq)
            | Self::OtherHead(seq)
            | Self::OtherExport(seq) => seq,
        }
    }
}

impl fmt::Display for AuditFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Changed(seq) => write!(f, "entry {seq} was changed: its hash is not that of its content"),
            Self::Removed(from, to) if from == to => write!(f, "entry {from} was removed"),
            Self::Removed(from, to) => write!(f, "entries {from} to {to} were removed"),
            Self::Misplaced(seq) => {
                write!(
                    f,
                    "entry {seq} does not follow the one before it: inserted, reordered, or one before was rewritten"
                )
            }
            Self::BeyondHead(seq) => write!(f, "entry {seq} was inserted after the end of the chain"),
            Self::OtherHead(seq) => write!(f, "the head of the chain is not the hash of entry {seq}"),
            Self::OtherExport(seq) => {
                write!(
                    f,
                    "the exported head {seq} is not in the chain: entries were removed or rewritten since it was exported"
                )
            }
        }
    }
}

/// What a look at the whole chain found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditVerdict {
    /// Entries that were read.
    pub entries: u64,
    /// The head as it was when reading began.
    pub head: AuditHead,
    /// Where it is broken, at most [`FAULTS`] places.
    pub faults: Vec<AuditFault>,
}

/// So many broken places are told.
const FAULTS: usize = 20;
/// Entries that are read at a time.
const PIECE: i64 = 1_000;

/// What reading has come to.
struct Reading {
    last: AuditHead,
    faults: Vec<AuditFault>,
    entries: u64,
    /// What the chain has at the place of the exported head.
    exported: Option<[u8; 32]>,
}

impl Store {
    /// Reads the chain from its beginning. `exported` is a head that was kept elsewhere; `tick` is told how many entries have
    /// been read and how many there are. Memory stays that of one piece.
    pub async fn audit_verify(
        &self,
        exported: Option<AuditHead>,
        mut tick: impl FnMut(u64, i64),
    ) -> Result<AuditVerdict, StoreError> {
        let head = self.audit_head().await?;
        let start = AuditHead { seq: 0, hash: [0; 32] };
        let mut reading = Reading { last: start, faults: Vec::new(), entries: 0, exported: None };
        loop {
            let pieces = self.audit_piece(reading.last.seq, head.seq).await?;
            let Some((last, _)) = pieces.last() else { break };
            let end = last.seq;
            for (entry, hash) in pieces {
                reading.step(&entry, hash, exported);
            }
            tick(reading.entries, head.seq);
            if end >= head.seq {
                break;
            }
        }
        reading.end(head, exported);
        // One statement, one moment: however much has been written since, the table ends where the head does.
        let rows = self
            .fetch("select h.seq, (select coalesce(max(a.seq), 0) from audit a) from audit_head h", args![])
            .await?;
        if let Some(row) = rows.first() {
            let (known, there) = (row.int(0)?, row.int(1)?);
            if there > known {
                reading.fault(AuditFault::BeyondHead(known + 1));
            }
        }
        Ok(AuditVerdict { entries: reading.entries, head, faults: reading.faults })
    }

    /// The next entries with the hashes that they carry.
    async fn audit_piece(&self, after: i64, up_to: i64) -> Result<Vec<(Entry, [u8; 32])>, StoreError> {
        let rows = self
            .fetch(
                "select seq, previous, at, actor, action, target, detail, hash from audit
                 where seq > $1 and seq <= $2 order by seq limit $3",
                args![after, up_to, PIECE],
            )
            .await?;
        let (Some(first), Some(last)) = (rows.first(), rows.last()) else { return Ok(Vec::new()) };
        let mut customers: BTreeMap<i64, BTreeSet<CustomerId>> = BTreeMap::new();
        let sql = "select seq, customer_id from audit_subject where seq >= $1 and seq <= $2";
        for row in self.fetch(sql, args![first.int(0)?, last.int(0)?]).await? {
            customers.entry(row.int(0)?).or_default().insert(CustomerId(row.uuid(1)?));
        }
        rows.iter()
            .map(|row| {
                let of = customers.remove(&row.int(0)?).unwrap_or_default();
                Ok((Entry::read(row, of)?, read_hash(row, 7)?))
            })
            .collect()
    }

    /// The hash of an entry, as its row has it.
    pub async fn audit_hash(&self, seq: i64) -> Result<Option<AuditHead>, StoreError> {
        let rows = self.fetch("select seq, hash from audit where seq = $1", args![seq]).await?;
        if rows.is_empty() { Ok(None) } else { read_head(&rows).map(Some) }
    }
}

impl Reading {
    fn fault(&mut self, fault: AuditFault) {
        if self.faults.len() < FAULTS {
            self.faults.push(fault);
        }
    }

    fn step(&mut self, entry: &Entry, hash: [u8; 32], exported: Option<AuditHead>) {
        self.entries += 1;
        let expected = self.last.seq + 1;
        if entry.seq > expected {
            self.fault(AuditFault::Removed(expected, entry.seq - 1));
        } else if entry.previous != self.last.hash {
            self.fault(AuditFault::Misplaced(entry.seq));
        }
        if entry.hash() != hash {
            self.fault(AuditFault::Changed(entry.seq));
        }
        if exported.is_some_and(|head| head.seq == entry.seq) {
            self.exported = Some(hash);
        }
        self.last = AuditHead { seq: entry.seq, hash };
    }

    fn end(&mut self, head: AuditHead, exported: Option<AuditHead>) {
        if self.last.seq < head.seq {
            self.fault(AuditFault::Removed(self.last.seq + 1, head.seq));
        } else if self.last.hash != head.hash {
            self.fault(AuditFault::OtherHead(head.seq));
        }
        // The place before the first entry is in every chain.
        let is_there = |wanted: AuditHead| wanted.seq == 0 || self.exported == Some(wanted.hash);
        if let Some(wanted) = exported.filter(|wanted| !is_there(*wanted)) {
            self.fault(AuditFault::OtherExport(wanted.seq));
        }
    }
}
