//! The keys of a record under each rule. Keys are hashes of normalised text, so they are the same on every machine.

use super::BlockingRule;
use super::wide::{is_sparse, wide_keys};
use crate::normalise::{AddressValue, Columns, Row};
use onefold_model::PartyKind;

/// Rows that some rules look at alone; ascending. Most sets have few of them, or none.
#[derive(Debug, Default)]
pub(super) struct FewRows {
    organizations: Vec<u32>,
    /// Of persons of whom little is known.
    sparse: Vec<u32>,
}

impl FewRows {
    pub(super) fn of(columns: &Columns) -> Self {
        let mut few = Self::default();
        for (row, place) in columns.rows.iter().zip(0u32..) {
            match row.kind {
                PartyKind::Organization => few.organizations.push(place),
                PartyKind::Person if is_sparse(columns, row) => few.sparse.push(place),
                PartyKind::Person => {}
            }
        }
        few
    }
}

/// Writes the keys of all rows under one rule, each with the place of its row, which ascend.
pub(super) fn entries_into(rule: BlockingRule, columns: &Columns, few: &FewRows, entries: &mut Vec<(u64, u32)>) {
    // One loop for each rule that looks at all rows: inside it nothing asks which rule it is.
    macro_rules! each_row {
        ($($known:ident)*) => {
            match rule {
                $(BlockingRule::$known => {
                    for (row, place) in columns.rows.iter().zip(0u32..) {
                        each_key(BlockingRule::$known, columns, row, |key| entries.push((key, place)));
                    }
                })*
                _ => {
                    let places = if rule.is_wide() { &few.sparse } else { &few.organizations };
                    for &place in places {
                        each_key(rule, columns, &columns.rows[place as usize], |key| entries.push((key, place)));
                    }
                }
            }
        };
    }
    each_row!(
        Email Phone Identifier Place FamilyBirth GivenBirth InitialBirth SwappedBirth BirthPostCode FamilyPostCode
        GivenPostCode NameLocality Name SwappedName InitialFamilyLocality PrefixPostCode LineFamily LocalPart
        EmailPrefix InitialFamilyYear PrefixYearPostCode
    );
}

/// Tells the keys of a record under one rule; none where a part of the rule is missing.
#[inline]
pub(super) fn each_key(rule: BlockingRule, columns: &Columns, row: &Row, mut tell: impl FnMut(u64)) {
    match rule {
        BlockingRule::Email | BlockingRule::Phone | BlockingRule::Identifier | BlockingRule::Place => {
            // Persons and organisations never mix.
            shared_hashes(rule, columns, row, |hash| {
                if hash != 0 {
                    tell(key(rule, &[row.kind as u64, hash]));
                }
            });
        }
        _ => match row.kind {
            PartyKind::Person => person_keys(rule, columns, row, tell),
            PartyKind::Organization => organization_keys(rule, columns, row, tell),
        },
    }
}

#[inline]
fn shared_hashes(rule: BlockingRule, columns: &Columns, row: &Row, mut tell: impl FnMut(u64)) {
    match rule {
        BlockingRule::Email => columns.list(&row.emails).iter().for_each(|&id| tell(columns.emails.values.hash(id))),
        BlockingRule::Phone => {
            columns.list(&row.phones).iter().for_each(|&id| tell(columns.phones.keys.hash(columns.phones.key(id))));
        }
        BlockingRule::Identifier => {
            columns.list(&row.identifiers).iter().for_each(|&id| tell(columns.identifiers.values.hash(id)));
        }
        BlockingRule::Place => {
            addresses(columns, row).for_each(|parts| tell(columns.addresses.places.hash(parts.place)));
        }
        _ => {}
    }
}

#[inline]
pub(super) fn addresses<'a>(columns: &'a Columns, row: &'a Row) -> impl Iterator<Item = &'a AddressValue> {
    columns.list(&row.addresses).iter().map(|&id| columns.addresses.parts(id))
}

#[inline]
fn person_keys(rule: BlockingRule, columns: &Columns, row: &Row, mut tell: impl FnMut(u64)) {
    let names = &columns.names;
    // Where there is one name only, it may be the family's.
    let lone = if row.family.is_some() { row.family } else { row.given };
    let (given_name, family_name) = (names.features(row.given), names.features(row.family));
    let birth = if row.birth.is_full() { u64::from(row.birth.packed()) } else { 0 };
    let year = || u64::from(row.birth.year());
    let given = given_name.canonical;
    let family = || names.values.hash(row.family);
    let (given_skeleton, family_skeleton) = (given_name.skeleton, family_name.skeleton);
    let given_begin = |bytes| given_name.shape.begin.first(bytes);
    let family_begin = |bytes| family_name.shape.begin.first(bytes);
    let addresses = || addresses(columns, row);
    let code = |parts: &AddressValue| columns.addresses.post_codes.hash(parts.post_code);
    let code_begin = |parts: &AddressValue| columns.addresses.post_code_begin(parts.post_code).first(3);
    let town = |parts: &AddressValue| columns.addresses.localities.hash(parts.locality);
    let mut push = |parts: &[u64]| {
        if !parts.contains(&0) {
            tell(key(rule, parts));
        }
    };
    match rule {
        BlockingRule::FamilyBirth => push(&[names.features(lone).shape.begin.first(2), birth]),
        BlockingRule::InitialBirth => push(&[given_begin(1), birth]),
        BlockingRule::GivenBirth => push(&[given, birth]),
        BlockingRule::SwappedBirth => {
            let (family, other) = (family(), names.values.hash(row.given));
            push(&[family.min(other), family.max(other), birth]);
        }
        BlockingRule::BirthPostCode => addresses().for_each(|parts| push(&[birth, code(parts)])),
        BlockingRule::FamilyPostCode => {
            addresses().for_each(|parts| push(&[names.values.hash(lone), code(parts)]));
        }
        BlockingRule::GivenPostCode => addresses().for_each(|parts| push(&[given, code(parts)])),
        BlockingRule::NameLocality => addresses().for_each(|parts| push(&[given, family(), town(parts)])),
        BlockingRule::Name => push(&[given, family_skeleton]),
        BlockingRule::SwappedName => {
            push(&[family_skeleton.min(given_skeleton), family_skeleton.max(given_skeleton)]);
        }
        BlockingRule::InitialFamilyLocality => {
            addresses().for_each(|parts| push(&[given_begin(1), family_skeleton, town(parts)]));
        }
        BlockingRule::EmailPrefix => {
            for &id in columns.list(&row.emails) {
                let features = columns.emails.features(id);
                push(&[columns.domains.hash(features.own_domain), features.shape.begin.first(2)]);
            }
        }
        BlockingRule::PrefixPostCode => {
            addresses().for_each(|parts| push(&[given_begin(3), family_begin(4), code_begin(parts)]));
        }
        BlockingRule::LineFamily => {
            addresses().for_each(|parts| push(&[columns.addresses.lines.hash(parts.line), family_begin(3)]));
        }
        BlockingRule::LocalPart => {
            for &id in columns.list(&row.emails) {
                let features = columns.emails.features(id);
                if !features.is_role && features.local_len >= 6 {
                    push(&[columns.emails.locals.hash(features.local)]);
                }
            }
        }
        BlockingRule::OnlyBirth
        | BlockingRule::OnlyPostCode
        | BlockingRule::FamilyTown
        | BlockingRule::GivenTown
        | BlockingRule::BirthTown
        | BlockingRule::NamePrefixes => wide_keys(rule, columns, row, tell),
        BlockingRule::InitialFamilyYear => push(&[given_begin(1), family(), year()]),
        BlockingRule::PrefixYearPostCode => {
            addresses().for_each(|parts| push(&[family_begin(3), year(), code_begin(parts)]));
        }
        BlockingRule::Email
        | BlockingRule::Phone
        | BlockingRule::Identifier
        | BlockingRule::Place
        | BlockingRule::OrganizationName
        | BlockingRule::Domain
        | BlockingRule::OrganizationWord
        | BlockingRule::OrganizationPostCode
        | BlockingRule::OrganizationSpelling
        | BlockingRule::OrganizationLine => {}
    }
}

#[inline]
fn organization_keys(rule: BlockingRule, columns: &Columns, row: &Row, mut tell: impl FnMut(u64)) {
    let table = &columns.organizations;
    let names = columns.list(&row.organizations);
    match rule {
        BlockingRule::OrganizationName => {
            for &name in names {
                // The order of the words must not matter, and numbers are not stable: add the hashes.
                let hashes = table.features(name).words.iter().map(|&word| table.words.hash(word));
                tell(key(rule, &[hashes.fold(0, u64::wrapping_add)]));
            }
        }
        BlockingRule::Domain => {
            columns.list(&row.domains).iter().for_each(|&id| tell(key(rule, &[columns.domains.hash(id)])));
        }
        BlockingRule::OrganizationWord => {
            for &name in names {
                let words = table.features(name).words.iter().filter(|&&word| table.words.get(word).len() >= 4);
                words.for_each(|&word| tell(key(rule, &[table.words.hash(word)])));
            }
        }
        BlockingRule::OrganizationPostCode => {
            for &name in names {
                let begins = table.features(name).shape.begin.first(4);
                let codes = addresses(columns, row).map(|parts| parts.post_code).filter(|code| code.is_some());
                codes.for_each(|code| tell(key(rule, &[begins, columns.addresses.post_codes.hash(code)])));
            }
        }
        BlockingRule::OrganizationSpelling => {
            for &name in names {
                tell(key(rule, &[table.features(name).spelling]));
            }
            columns.list(&row.domains).iter().for_each(|&id| tell(key(rule, &[columns.domains.spelling(id)])));
        }
        BlockingRule::OrganizationLine => {
            for line in addresses(columns, row).map(|parts| parts.line).filter(|line| line.is_some()) {
                let line = columns.addresses.lines.hash(line);
                let words = names.iter().flat_map(|&name| &table.features(name).words);
                words.for_each(|&word| tell(key(rule, &[line, table.words.hash(word)])));
            }
        }
        BlockingRule::Email
        | BlockingRule::Phone
        | BlockingRule::Identifier
        | BlockingRule::Place
        | BlockingRule::OnlyBirth
        | BlockingRule::OnlyPostCode
        | BlockingRule::FamilyTown
        | BlockingRule::GivenTown
        | BlockingRule::BirthTown
        | BlockingRule::NamePrefixes
        | BlockingRule::FamilyBirth
        | BlockingRule::GivenBirth
        | BlockingRule::InitialBirth
        | BlockingRule::SwappedBirth
        | BlockingRule::SwappedName
        | BlockingRule::InitialFamilyLocality
        | BlockingRule::EmailPrefix
        | BlockingRule::BirthPostCode
        | BlockingRule::FamilyPostCode
        | BlockingRule::GivenPostCode
        | BlockingRule::NameLocality
        | BlockingRule::Name
        | BlockingRule::PrefixPostCode
        | BlockingRule::LineFamily
        | BlockingRule::LocalPart
        | BlockingRule::InitialFamilyYear
        | BlockingRule::PrefixYearPostCode => {}
    }
}

// A multiply-and-shift mix; the multiplier is the one of SplitMix64 (Steele, Lea, Flood 2014). Part of the stored format.
#[inline]
pub(super) fn key(rule: BlockingRule, parts: &[u64]) -> u64 {
    parts.iter().fold(rule as u64 + 1, |mixed, part| mix(mixed, *part))
}

/// One number more in a hash.
#[inline]
pub(crate) fn mix(mixed: u64, part: u64) -> u64 {
    let mixed = (mixed ^ part.rotate_left(23)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed ^ mixed >> 31
}
