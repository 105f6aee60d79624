//! Erased people are recognised by keyed hashes, so that no write path brings them back.
//!
//! A tombstone is HMAC-SHA-256 under the operator's secret, over the id of a record (which stands for its source, stream and
//! key) or, where that was asked for, over an e-mail address or the digits of a telephone number. Whoever has the store and
//! not the secret cannot tell who was erased. Promises: every page that is written goes through [`Tx::without_erased`]; where
//! people were erased and the secret is missing or another one, nothing is written. Deliberately never gives a tombstone back.

use super::page::PageCommit;
use super::{Arg, IncomingRecord, Quarantined, Store, StoreError, Tx};
use crate::args;
use crate::config::Secret;
use hmac::{Hmac, KeyInit, Mac};
use onefold_model::{Email, Party, RecordId, SourceKey, StandardRecord, Timestamp};
use serde_json::Value;
use sha2::Sha256;
use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::fmt;
use std::sync::Arc;

/// The shortest secret, in bytes.
const SECRET_MIN: usize = 32;
/// Digits that a telephone number has at least.
const DIGITS_MIN: usize = 7;

/// The secret of the tombstones.
#[derive(Clone)]
pub(super) struct ErasureKey(Secret);

impl fmt::Debug for ErasureKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ErasureKey(***)")
    }
}

/// What an erased person is recognised by.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Mark {
    /// A record, by its id.
    Record(RecordId),
    /// An address in lower case.
    Email(String),
    /// The digits of a number with its country code.
    Phone(String),
}

impl Mark {
    pub(super) fn email(text: &str) -> Option<Self> {
        Email::parse(text).ok().map(|email| Self::Email(email.address))
    }

    pub(super) fn phone(text: &str) -> Option<Self> {
        let is_number =
            text.chars().all(|c| c.is_ascii_digit() || matches!(c, '+' | ' ' | '-' | '(' | ')' | '/' | '.'));
        let digits: String = text.chars().filter(char::is_ascii_digit).collect();
        (is_number && digits.len() >= DIGITS_MIN).then_some(Self::Phone(digits))
    }

    fn kind(&self) -> &'static str {
        match self {
            Self::Record(_) => "record",
            Self::Email(_) => "email",
            Self::Phone(_) => "phone",
        }
    }
}

impl ErasureKey {
    fn mac(&self, kind: &str, value: &[u8]) -> Result<Vec<u8>, StoreError> {
        let key = Hmac::<Sha256>::new_from_slice(self.0.reveal().as_bytes());
        let mut mac = key.map_err(|_| StoreError::ErasureSecret("is not a key"))?;
        mac.update(kind.as_bytes());
        mac.update(&[0]);
        mac.update(value);
        Ok(mac.finalize().into_bytes().to_vec())
    }

    fn hash(&self, mark: &Mark) -> Result<Vec<u8>, StoreError> {
        match mark {
            Mark::Record(id) => self.mac(mark.kind(), id.0.as_bytes()),
            Mark::Email(text) | Mark::Phone(text) => self.mac(mark.kind(), text.as_bytes()),
        }
    }

    /// By this the key itself is recognised.
    fn check(&self) -> Result<Vec<u8>, StoreError> {
        self.mac("key", b"onefold-erased-1")
    }
}

impl Store {
    /// The same store, which can erase people and recognises those who were.
    pub fn with_erasure(mut self, secret: &Secret) -> Result<Self, StoreError> {
        if secret.reveal().len() < SECRET_MIN {
            return Err(StoreError::ErasureSecret("has fewer than 32 bytes"));
        }
        self.erasure = Some(Arc::new(ErasureKey(secret.clone())));
        Ok(self)
    }
}

impl Store {
    /// Refuses to go on where people were erased and their tombstones could not be told.
    pub async fn erasure_check(&self) -> Result<(), StoreError> {
        self.begin().await?.erasure_in_force().await.map(|_| ())
    }
}

impl Tx {
    /// The key, where somebody was erased; an error where it is not the one by which they were.
    async fn erasure_in_force(&mut self) -> Result<Option<Arc<ErasureKey>>, StoreError> {
        let rows = self.fetch("select hash from erased where kind = 'key'", args![]).await?;
        let Some(row) = rows.first() else { return Ok(None) };
        let Some(key) = self.erasure.clone() else {
            return Err(StoreError::ErasureSecret("is missing, and people were erased"));
        };
        if key.check()? == row.bytes(0)? {
            return Ok(Some(key));
        }
        Err(StoreError::ErasureSecret("is not the one with which people were erased"))
    }

    /// Leaves tombstones. Safe to run twice.
    pub(super) async fn erased_write(&mut self, marks: &BTreeSet<Mark>, at: Timestamp) -> Result<(), StoreError> {
        let key = match self.erasure_in_force().await? {
            Some(key) => key,
            None => self.erasure.clone().ok_or(StoreError::ErasureSecret("is missing"))?,
        };
        let mut rows = vec![args!["key", &key.check()?[..], at]];
        for mark in marks {
            rows.push(args![mark.kind(), &key.hash(mark)?[..], at]);
        }
        self.insert_many("insert into erased (kind, hash, at)", rows, "on conflict (kind, hash) do nothing").await?;
        Ok(())
    }

    /// A page without what belongs to erased people: their records, what refers to them, and whatever carries an address or
    /// number that was asked to be kept out. Called under the lock of the source, which an erasure holds too.
    pub(super) async fn without_erased<'p>(&mut self, mut page: PageCommit<'p>) -> Result<PageCommit<'p>, StoreError> {
        let Some(key) = self.erasure_in_force().await? else { return Ok(page) };
        let source = page.source_key;
        let of_records: Vec<BTreeSet<Mark>> = page.records.iter().map(|record| record_marks(source, record)).collect();
        let of_misfits: Vec<BTreeSet<Mark>> = page.quarantined.iter().map(|item| misfit_marks(source, item)).collect();
        let mut hashes: BTreeMap<&Mark, Vec<u8>> = BTreeMap::new();
        for mark in of_records.iter().chain(&of_misfits).flatten() {
            if !hashes.contains_key(mark) {
                hashes.insert(mark, key.hash(mark)?);
            }
        }
        let erased = self.erased_among(hashes.values()).await?;
        if erased.is_empty() {
            return Ok(page);
        }
        let is_kept = |marks: &BTreeSet<Mark>| !marks.iter().any(|mark| erased.contains(&hashes[mark]));
        let mut records = of_records.iter().map(is_kept);
        page.records.retain(|_| records.next().unwrap_or(true));
        let mut misfits = of_misfits.iter().map(is_kept);
        page.quarantined.retain(|_| misfits.next().unwrap_or(true));
        Ok(page)
    }

    async fn erased_among<'h>(
        &mut self,
        hashes: impl Iterator<Item = &'h Vec<u8>>,
    ) -> Result<HashSet<Vec<u8>>, StoreError> {
        let hashes: Vec<&Vec<u8>> = hashes.collect();
        let mut found = HashSet::new();
        for chunk in hashes.chunks(256) {
            let names: Vec<String> = (1..=chunk.len()).map(|n| format!("${n}")).collect();
            let sql = format!("select hash from erased where hash in ({})", names.join(", "));
            let binds = chunk.iter().map(|hash| Arg::Bytes((*hash).clone())).collect();
            for row in self.fetch(sql, binds).await? {
                found.insert(row.bytes(0)?);
            }
        }
        Ok(found)
    }
}

/// By what a record is recognised: itself, whose it is, what it belongs to, and how its person is reached.
fn record_marks(source: &SourceKey, record: &IncomingRecord) -> BTreeSet<Mark> {
    let own = RecordId::derive(source, &record.stream, &record.external_id);
    let mut marks = BTreeSet::from([Mark::Record(own)]);
    let Some(mapped) = &record.mapped else { return marks };
    let facets = mapped.facets();
    for to in [facets.party, facets.parent].into_iter().flatten() {
        marks.insert(Mark::Record(RecordId::derive(source, &to.stream, &to.external_id)));
    }
    if let StandardRecord::Party(party) = mapped {
        marks.extend(contact_marks(party));
    }
    marks
}

/// The addresses and numbers of a party.
pub(super) fn contact_marks(party: &Party) -> BTreeSet<Mark> {
    let emails = party.emails.iter().filter_map(|email| Mark::email(&email.address));
    let phones = party.phones.iter().filter_map(|phone| Mark::phone(phone.e164.as_deref().unwrap_or(&phone.original)));
    emails.chain(phones).collect()
}

/// By what a payload that did not fit is recognised: its key, and every address and number in it.
fn misfit_marks(source: &SourceKey, item: &Quarantined) -> BTreeSet<Mark> {
    let mut marks = BTreeSet::new();
    if let Some(key) = &item.external_id {
        marks.insert(Mark::Record(RecordId::derive(source, &item.stream, key)));
    }
    leaves(&item.raw, &mut |text| marks.extend(Mark::email(text).or_else(|| Mark::phone(text))));
    marks
}

/// Every text in a payload.
pub(super) fn leaves(value: &Value, see: &mut impl FnMut(&str)) {
    match value {
        Value::String(text) => see(text),
        Value::Array(items) => {
            for item in items {
                leaves(item, see);
            }
        }
        Value::Object(fields) => {
            for field in fields.values() {
                leaves(field, see);
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_recognised_by_their_digits_and_nothing_else_is_a_number() {
        assert_eq!(Mark::phone("+43 (660) 12-345.00"), Some(Mark::Phone("436601234500".to_owned())));
        assert_eq!(Mark::phone("+436601234500"), Mark::phone("0043 660 1234500".trim_start_matches("00")));
        for text in ["", "12345", "order 4366012345", "2026-11-27T10:00"] {
            assert_eq!(Mark::phone(text), None, "{text}");
        }
        assert_eq!(Mark::email("Ann <ANN@Example.com>"), Some(Mark::Email("ann@example.com".to_owned())));
    }

    #[test]
    fn the_hash_depends_on_the_secret_and_on_the_kind() {
        let key = |text: &str| ErasureKey(Secret::new(text));
        let mark = Mark::Phone("436601234500".to_owned());
        let hash = key("one").hash(&mark).unwrap();
        assert_ne!(hash, key("two").hash(&mark).unwrap());
        assert_ne!(hash, key("one").hash(&Mark::Email("436601234500".to_owned())).unwrap());
        assert!(!format!("{:?}", key("one")).contains("one"));
    }
}
