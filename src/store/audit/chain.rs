//! The hash of an entry: SHA-256 over a canonical encoding of everything in it.
//!
//! In this order: the text `onefold-audit-1`, the number, the hash of the entry before (32 bytes, of the first one zeros),
//! the time in microseconds since 1970, actor, action, target, detail, and the customers. Numbers are eight bytes, the
//! highest first. A text is its length in bytes and its bytes in UTF-8; an absent detail is the byte 0, one that is there
//! the byte 1 and the text. The customers are their number and their ids (16 bytes each) in ascending order.

use crate::args;
use crate::store::value::without_zero;
use crate::store::{Arg, Row, StoreError};
use onefold_model::{ContentHash, CustomerId, Timestamp, truncate_to_micros};
use sha2::{Digest, Sha256};
use std::collections::BTreeSet;
use std::fmt;
use std::str::FromStr;

/// Names the encoding, so that another one can follow.
const ENCODING: &[u8] = b"onefold-audit-1";

/// A place in the chain: the number of an entry and its hash. Written as `NUMBER:HASH`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AuditHead {
    /// The number; 0 before the first entry.
    pub seq: i64,
    /// The hash.
    pub hash: [u8; 32],
}

impl fmt::Display for AuditHead {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.seq, ContentHash(self.hash).to_hex())
    }
}

impl FromStr for AuditHead {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let wanted = "a head is NUMBER:HASH, as `onefold audit head` prints it";
        let (seq, digits) = text.trim().split_once(':').ok_or(wanted)?;
        let seq = seq.parse().ok().filter(|seq| *seq >= 0).ok_or(wanted)?;
        let mut hash = [0; 32];
        if digits.len() != 64 || !digits.is_ascii() {
            return Err(wanted);
        }
        for (at, byte) in hash.iter_mut().enumerate() {
            *byte = u8::from_str_radix(&digits[at * 2..at * 2 + 2], 16).map_err(|_| wanted)?;
        }
        Ok(Self { seq, hash })
    }
}

/// The head as its table has it.
pub(super) fn read_head(rows: &[Row]) -> Result<AuditHead, StoreError> {
    let row = rows.first().ok_or(StoreError::Corrupt { what: "the audit has no head" })?;
    Ok(AuditHead { seq: row.int(0)?, hash: read_hash(row, 1)? })
}

/// A hash in a column. One of another length belongs to no entry: it reads as zeros, and does not fit.
pub(super) fn read_hash(row: &Row, column: usize) -> Result<[u8; 32], StoreError> {
    Ok(row.bytes(column)?.try_into().unwrap_or([0; 32]))
}

/// All that an entry's hash covers, as it is stored.
#[derive(Debug)]
pub(super) struct Entry {
    pub(super) seq: i64,
    pub(super) previous: [u8; 32],
    at: Timestamp,
    /// Actor, action and target.
    words: [String; 3],
    detail: Option<String>,
    pub(super) customers: BTreeSet<CustomerId>,
}

impl Entry {
    /// An entry in the form in which the databases give it back.
    pub(super) fn new(
        seq: i64,
        previous: [u8; 32],
        at: Timestamp,
        words: [String; 3],
        detail: Option<String>,
        customers: BTreeSet<CustomerId>,
    ) -> Self {
        let words = words.map(|word| without_zero(Some(word)).unwrap_or_default());
        Self { seq, previous, at: truncate_to_micros(at), words, detail: without_zero(detail), customers }
    }

    /// From the columns `seq, previous, at, actor, action, target, detail`.
    pub(super) fn read(row: &Row, customers: BTreeSet<CustomerId>) -> Result<Self, StoreError> {
        let words = [row.text(3)?, row.text(4)?, row.text(5)?];
        Ok(Self {
            seq: row.int(0)?,
            previous: read_hash(row, 1)?,
            at: row.time(2)?,
            words,
            detail: row.opt_text(6)?,
            customers,
        })
    }

    /// The columns `seq, at, actor, action, target, detail, previous, hash`.
    pub(super) fn args(&self, hash: &[u8; 32]) -> Vec<Arg> {
        let [actor, action, target] = &self.words;
        args![self.seq, self.at, actor, action, target, self.detail.clone(), &self.previous[..], &hash[..]]
    }

    /// The hash of all of it.
    pub(super) fn hash(&self) -> [u8; 32] {
        let mut hasher = Sha256::new();
        hasher.update(ENCODING);
        hasher.update(self.seq.to_be_bytes());
        hasher.update(self.previous);
        hasher.update(self.at.timestamp_micros().to_be_bytes());
        for word in &self.words {
            text(&mut hasher, word);
        }
        match &self.detail {
            None => hasher.update([0]),
            Some(detail) => {
                hasher.update([1]);
                text(&mut hasher, detail);
            }
        }
        hasher.update((self.customers.len() as u64).to_be_bytes());
        for customer in &self.customers {
            hasher.update(customer.0.as_bytes());
        }
        hasher.finalize().into()
    }
}

fn text(hasher: &mut Sha256, text: &str) {
    hasher.update((text.len() as u64).to_be_bytes());
    hasher.update(text.as_bytes());
}

#[cfg(test)]
mod tests {
    use super::*;
    use onefold_model::Clock;

    fn entry(words: [&str; 3], detail: Option<&str>) -> Entry {
        let at = Timestamp::from_timestamp_micros(1_767_225_600_000_001).unwrap();
        Entry::new(1, [0; 32], at, words.map(str::to_owned), detail.map(str::to_owned), BTreeSet::new())
    }

    #[test]
    fn the_encoding_is_the_one_that_is_written_down() {
        let mut bytes = b"onefold-audit-1".to_vec();
        bytes.extend([0, 0, 0, 0, 0, 0, 0, 1]);
        bytes.extend([0; 32]);
        bytes.extend(1_767_225_600_000_001_i64.to_be_bytes());
        for word in ["ann", "sync.start", "stripe"] {
            bytes.extend((word.len() as u64).to_be_bytes());
            bytes.extend(word.as_bytes());
        }
        bytes.push(0);
        bytes.extend([0; 8]);
        let expected: [u8; 32] = Sha256::digest(&bytes).into();
        assert_eq!(entry(["ann", "sync.start", "stripe"], None).hash(), expected);
    }

    #[test]
    fn no_two_entries_share_an_encoding() {
        let hashes: BTreeSet<[u8; 32]> = [
            entry(["a", "b", "c"], None),
            entry(["ab", "", "c"], None),
            entry(["a", "bc", ""], None),
            entry(["a", "b", ""], Some("c")),
            entry(["a", "b", "c"], Some("")),
        ]
        .iter()
        .map(Entry::hash)
        .collect();
        assert_eq!(hashes.len(), 5);
    }

    #[test]
    fn a_head_reads_back_as_it_is_written() {
        let head = AuditHead { seq: 7, hash: entry(["a", "b", "c"], None).hash() };
        assert_eq!(head.to_string().parse(), Ok(head));
        for wrong in ["", "7", "7:ab", "-1:00", &format!("x:{}", "0".repeat(64)), &format!("1:{}", "é".repeat(32))] {
            assert!(wrong.parse::<AuditHead>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn what_a_database_cuts_is_cut_before_it_is_hashed() {
        let now = onefold_model::SystemClock.now();
        let entry = Entry::new(1, [0; 32], now, ["a\0", "b", "c"].map(str::to_owned), None, BTreeSet::new());
        assert_eq!(entry.words[0], "a\u{FFFD}");
        assert_eq!(entry.at.timestamp_subsec_nanos() % 1_000, 0);
    }
}
