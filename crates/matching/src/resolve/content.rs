//! Records in an order that follows from what they say, so that what is drawn from them does not depend on their ids.
//!
//! Promises the same order for the same contents. Records that say the same stand side by side; which of them comes first
//! changes nothing that is compared.

use crate::block::mix;
use crate::normalise::{Columns, Row};
use crate::share;
use crate::values::ValueId;
use std::num::NonZeroUsize;

/// More records than these are not sorted: an even part of them, by hash, tells as much about random pairs.
const MOST: usize = 1 << 17;

/// These records, or an even part of them, in the order of their contents.
pub(super) fn in_order(columns: &Columns, records: &[u32], threads: NonZeroUsize) -> Vec<u32> {
    let mut hashed: Vec<(u64, u32)> = vec![(0, 0); records.len()];
    share::fill(threads, records, &mut hashed, |records, hashed| {
        for (record, hashed) in records.iter().zip(hashed) {
            *hashed = (hash(columns, &columns.rows[*record as usize]), *record);
        }
    });
    if hashed.len() > MOST {
        let bound = u64::MAX / hashed.len() as u64 * MOST as u64;
        hashed.retain(|(hash, _)| *hash <= bound);
    }
    hashed.sort_unstable();
    hashed.into_iter().map(|(_, record)| record).collect()
}

/// A hash of all that is compared of a record.
fn hash(columns: &Columns, row: &Row) -> u64 {
    let (names, organizations, addresses) = (&columns.names.values, &columns.organizations.values, &columns.addresses);
    // Values of one list in any order: their mixed hashes are added.
    let list = |values: &[ValueId], hash_of: &dyn Fn(ValueId) -> u64| {
        values.iter().fold(0u64, |sum, &id| sum.wrapping_add(mix(1, hash_of(id))))
    };
    let address = |id| {
        let parts = addresses.parts(id);
        let (line, unit) = (addresses.lines.hash(parts.line), addresses.units.hash(parts.unit));
        let (code, town) = (addresses.post_codes.hash(parts.post_code), addresses.localities.hash(parts.locality));
        [line, unit, code, town].into_iter().fold(2, mix)
    };
    let parts = [
        row.kind as u64,
        row.generation.number(),
        names.hash(row.given),
        names.hash(row.alias),
        names.hash(row.middle),
        names.hash(row.family),
        u64::from(row.birth.packed()),
        organizations.hash(row.company),
        list(columns.list(&row.emails), &|id| columns.emails.values.hash(id)),
        list(columns.list(&row.phones), &|id| columns.phones.values.hash(id)),
        list(columns.list(&row.addresses), &address),
        list(columns.list(&row.identifiers), &|id| columns.identifiers.values.hash(id)),
        list(columns.list(&row.organizations), &|id| organizations.hash(id)),
        list(columns.list(&row.domains), &|id| columns.domains.hash(id)),
    ];
    parts.into_iter().fold(3, mix)
}
