//! Wide rules, for persons of whom little is known: where there is no mailbox, number, street or identifier, a name with a
//! town has to do. Records that have one of those are found by narrower rules, and cost nothing here.

use super::BlockingRule;
use super::key::{addresses, key};
use crate::normalise::{Columns, Row};

/// Tells the keys of a person under one of the wide rules; none under another rule.
#[inline]
pub(super) fn wide_keys(rule: BlockingRule, columns: &Columns, row: &Row, mut tell: impl FnMut(u64)) {
    if !is_sparse(columns, row) {
        return;
    }
    let names = &columns.names;
    // Where there is one name only, it may be either.
    let family = if row.family.is_some() { row.family } else { row.given };
    let family = names.features(family).skeleton;
    let birth = if row.birth.is_full() { u64::from(row.birth.packed()) } else { 0 };
    let mut push = |parts: &[u64]| {
        if !parts.contains(&0) {
            tell(key(rule, parts));
        }
    };
    match rule {
        BlockingRule::OnlyBirth => push(&[birth]),
        BlockingRule::OnlyPostCode => {
            addresses(columns, row).for_each(|parts| push(&[columns.addresses.post_codes.hash(parts.post_code)]));
        }
        BlockingRule::FamilyTown | BlockingRule::GivenTown => {
            let name = if rule == BlockingRule::FamilyTown { family } else { names.features(row.given).canonical };
            addresses(columns, row).for_each(|parts| push(&[name, columns.addresses.localities.hash(parts.locality)]));
        }
        BlockingRule::BirthTown => {
            addresses(columns, row).for_each(|parts| push(&[birth, columns.addresses.localities.hash(parts.locality)]));
        }
        BlockingRule::NamePrefixes => {
            let begin = |id, bytes| names.features(id).shape.begin.first(bytes);
            push(&[begin(row.given, 3), begin(row.family, 4)]);
        }
        _ => {}
    }
}

/// Whether nothing is known that leads to a person.
pub(super) fn is_sparse(columns: &Columns, row: &Row) -> bool {
    columns.list(&row.emails).is_empty()
        && columns.list(&row.phones).is_empty()
        && columns.list(&row.identifiers).is_empty()
        && addresses(columns, row).all(|parts| parts.street.is_none())
}
