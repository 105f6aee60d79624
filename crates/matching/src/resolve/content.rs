//! Records in an order that follows from what they say, so that what is drawn from them does not depend on their ids.
//!
//! Promises the same order for the same contents. Records that say the same stand side by side; which of them comes first
//! changes nothing that is compared.

use crate::block::mix;
use crate::normalise::{Columns, List, Row};
use crate::share;
use crate::values::ValueId;
use std::num::NonZeroUsize;

/// More records than these are not sorted: an even part of them, by hash, tells as much about random pairs.
const MOST: usize = 1 << 17;

/// So many records are hashed together.
const AT_ONCE: usize = 32;

/// These records, or an even part of them, in the order of their contents.
pub(super) fn in_order(columns: &Columns, records: &[u32], threads: NonZeroUsize) -> Vec<u32> {
    let mut hashed: Vec<(u64, u32)> = vec![(0, 0); records.len()];
    share::fill(threads, records, &mut hashed, |records, hashed| {
        for (records, hashed) in records.chunks(AT_ONCE).zip(hashed.chunks_mut(AT_ONCE)) {
            hash_into(columns, records, hashed);
        }
    });
    if hashed.len() > MOST {
        let bound = u64::MAX / hashed.len() as u64 * MOST as u64;
        hashed.retain(|(hash, _)| *hash <= bound);
    }
    hashed.sort_unstable();
    hashed.into_iter().map(|(_, record)| record).collect()
}

/// Writes a hash of all that is compared of each record, beside the record. One value of all of them after the other, so
/// that the processor waits for memory of many records at once.
fn hash_into(columns: &Columns, records: &[u32], hashed: &mut [(u64, u32)]) {
    for (hashed, &record) in hashed.iter_mut().zip(records) {
        *hashed = (3, record);
    }
    let (names, organizations, addresses) = (&columns.names.values, &columns.organizations.values, &columns.addresses);
    let address = |id| {
        let parts = addresses.parts(id);
        let (line, unit) = (addresses.lines.hash(parts.line), addresses.units.hash(parts.unit));
        let (code, town) = (addresses.post_codes.hash(parts.post_code), addresses.localities.hash(parts.locality));
        [line, unit, code, town].into_iter().fold(2, mix)
    };
    let list = |list: &List, hash_of: &dyn Fn(ValueId) -> u64| sum(columns.list(list), hash_of);
    add(columns, hashed, |row| row.kind as u64);
    add(columns, hashed, |row| row.generation.number());
    add(columns, hashed, |row| names.hash(row.given));
    add(columns, hashed, |row| names.hash(row.alias));
    add(columns, hashed, |row| names.hash(row.middle));
    add(columns, hashed, |row| names.hash(row.family));
    add(columns, hashed, |row| u64::from(row.birth.packed()));
    add(columns, hashed, |row| organizations.hash(row.company));
    add(columns, hashed, |row| list(&row.emails, &|id| columns.emails.values.hash(id)));
    add(columns, hashed, |row| list(&row.phones, &|id| columns.phones.values.hash(id)));
    add(columns, hashed, |row| list(&row.addresses, &address));
    add(columns, hashed, |row| list(&row.identifiers, &|id| columns.identifiers.values.hash(id)));
    add(columns, hashed, |row| list(&row.organizations, &|id| organizations.hash(id)));
    add(columns, hashed, |row| list(&row.domains, &|id| columns.domains.hash(id)));
}

/// Adds a part to the hash of each record.
#[inline]
fn add(columns: &Columns, hashed: &mut [(u64, u32)], part_of: impl Fn(&Row) -> u64) {
    for (hash, record) in hashed {
        *hash = mix(*hash, part_of(&columns.rows[*record as usize]));
    }
}

/// Values of one list in any order: their mixed hashes are added.
fn sum(values: &[ValueId], hash_of: &dyn Fn(ValueId) -> u64) -> u64 {
    values.iter().fold(0u64, |sum, &id| sum.wrapping_add(mix(1, hash_of(id))))
}
