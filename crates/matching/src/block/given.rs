//! The keys of a record under a rule that was given.
//!
//! Promises one key for each way in which the record has all parts of the rule. Parts of one address, of one mailbox or of
//! one name are taken together, never from two of them.

use super::key::{addresses, mix};
use super::part::{GivenRule, KeyPart};
use crate::normalise::{Columns, Row};
use onefold_model::PartyKind;

/// A record has no more keys under one rule: ten mailboxes, ten numbers and ten addresses would be a thousand.
const MOST_KEYS: usize = 256;

/// Tells the keys of a record under a rule; none where a part is missing.
pub(super) fn given_keys(rule: GivenRule, columns: &Columns, row: &Row, tell: impl FnMut(u64)) {
    // Persons and organisations never mix.
    let mut keys = vec![mix(rule.number(), row.kind as u64 + 1)];
    for group in GROUPS {
        let parts: Vec<KeyPart> = group.parts.iter().copied().filter(|part| rule.has(*part)).collect();
        if parts.is_empty() {
            continue;
        }
        let mut values = (group.values)(columns, row, &parts);
        values.retain(|value| !value.contains(&0));
        // Not in the order of the record, so that the bound leaves out the same whatever that order is.
        values.sort_unstable();
        values.dedup();
        let extended = |key: &u64| -> Vec<u64> {
            values.iter().map(|value| value.iter().fold(*key, |mixed, part| mix(mixed, *part))).collect()
        };
        keys = keys.iter().flat_map(extended).take(MOST_KEYS).collect();
    }
    keys.into_iter().for_each(tell);
}

/// Parts that are taken together: for each mailbox, address or name the hashes of the parts; 0 for one that is missing.
struct Group {
    parts: &'static [KeyPart],
    values: fn(&Columns, &Row, &[KeyPart]) -> Vec<Vec<u64>>,
}

const GROUPS: [Group; 7] = [
    Group {
        parts: &[KeyPart::Email, KeyPart::EmailLocal, KeyPart::EmailDomain, KeyPart::EmailPrefix],
        values: |columns, row, parts| {
            let emails = columns.list(&row.emails).iter();
            emails.map(|&id| parts.iter().map(|part| of_email(columns, id, *part)).collect()).collect()
        },
    },
    Group {
        parts: &[KeyPart::Phone],
        values: |columns, row, _| {
            let phones = &columns.phones;
            columns.list(&row.phones).iter().map(|&id| vec![phones.keys.hash(phones.key(id))]).collect()
        },
    },
    Group {
        parts: &[KeyPart::Identifier],
        values: |columns, row, _| {
            columns.list(&row.identifiers).iter().map(|&id| vec![columns.identifiers.values.hash(id)]).collect()
        },
    },
    Group {
        parts: &[KeyPart::Address, KeyPart::AddressLine, KeyPart::PostCode, KeyPart::PostCodePrefix, KeyPart::Town],
        values: |columns, row, parts| {
            let table = &columns.addresses;
            let part_of = |address: &crate::normalise::AddressValue, part: &KeyPart| match part {
                KeyPart::Address => table.places.hash(address.place),
                KeyPart::AddressLine => table.lines.hash(address.line),
                KeyPart::PostCode => table.post_codes.hash(address.post_code),
                KeyPart::PostCodePrefix => table.post_code_begin(address.post_code).first(3),
                KeyPart::Town => table.localities.hash(address.locality),
                _ => 0,
            };
            addresses(columns, row).map(|address| parts.iter().map(|part| part_of(address, part)).collect()).collect()
        },
    },
    Group {
        parts: &[
            KeyPart::Given,
            KeyPart::GivenInitial,
            KeyPart::GivenPrefix,
            KeyPart::GivenPhonetic,
            KeyPart::Family,
            KeyPart::FamilyInitial,
            KeyPart::FamilyPrefix,
            KeyPart::FamilyPhonetic,
            KeyPart::Birth,
            KeyPart::BirthYear,
        ],
        values: |columns, row, parts| match row.kind {
            PartyKind::Person => vec![parts.iter().map(|part| of_person(columns, row, *part)).collect()],
            PartyKind::Organization => Vec::new(),
        },
    },
    Group {
        parts: &[
            KeyPart::Organization,
            KeyPart::OrganizationWord,
            KeyPart::OrganizationPrefix,
            KeyPart::OrganizationSpelling,
        ],
        values: |columns, row, parts| of_organization(columns, row, parts),
    },
    Group {
        parts: &[KeyPart::Domain],
        values: |columns, row, _| columns.list(&row.domains).iter().map(|&id| vec![columns.domains.hash(id)]).collect(),
    },
];

fn of_email(columns: &Columns, id: crate::values::ValueId, part: KeyPart) -> u64 {
    let features = columns.emails.features(id);
    match part {
        KeyPart::Email => columns.emails.values.hash(id),
        KeyPart::EmailLocal if features.is_role => 0,
        KeyPart::EmailLocal => columns.emails.locals.hash(features.local),
        KeyPart::EmailDomain => columns.domains.hash(features.own_domain),
        KeyPart::EmailPrefix => features.shape.begin.first(2),
        _ => 0,
    }
}

fn of_person(columns: &Columns, row: &Row, part: KeyPart) -> u64 {
    let names = &columns.names;
    // Where there is one name only, it may be the family's.
    let lone = if row.family.is_some() { row.family } else { row.given };
    let begin = |id, bytes| names.features(id).shape.begin.first(bytes);
    match part {
        KeyPart::Given => names.features(row.given).canonical,
        KeyPart::GivenInitial => begin(row.given, 1),
        KeyPart::GivenPrefix => begin(row.given, 3),
        KeyPart::GivenPhonetic => names.features(row.given).skeleton,
        KeyPart::Family => names.values.hash(lone),
        KeyPart::FamilyInitial => begin(lone, 1),
        KeyPart::FamilyPrefix => begin(lone, 4),
        KeyPart::FamilyPhonetic => names.features(lone).skeleton,
        KeyPart::Birth if row.birth.is_full() => u64::from(row.birth.packed()),
        KeyPart::BirthYear => u64::from(row.birth.year()),
        _ => 0,
    }
}

fn of_organization(columns: &Columns, row: &Row, parts: &[KeyPart]) -> Vec<Vec<u64>> {
    let table = &columns.organizations;
    let mut values = Vec::new();
    for &name in columns.list(&row.organizations) {
        let features = table.features(name);
        let words: Vec<u64> = features.words.iter().map(|&word| table.words.hash(word)).collect();
        let of_part = |part: &KeyPart, word: u64| match part {
            // The order of the words must not matter, and numbers are not stable: add the hashes.
            KeyPart::Organization => words.iter().copied().fold(0, u64::wrapping_add),
            KeyPart::OrganizationWord => word,
            KeyPart::OrganizationPrefix => features.shape.begin.first(4),
            KeyPart::OrganizationSpelling => features.spelling,
            _ => 0,
        };
        let one = [0];
        let each = if parts.contains(&KeyPart::OrganizationWord) { words.as_slice() } else { &one };
        values.extend(each.iter().map(|&word| parts.iter().map(|part| of_part(part, word)).collect::<Vec<u64>>()));
    }
    values
}
