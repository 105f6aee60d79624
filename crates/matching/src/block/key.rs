//! The keys of a record under each rule. Keys are hashes of normalised text, so they are the same on every machine.

use super::BlockingRule;
use crate::normalise::{Columns, Row, domain_label, fold, skeleton};
use crate::values::{ValueId, Values, stable_hash};
use onefold_model::PartyKind;

/// Writes the keys of the record at `place` under one rule; none where a part of the rule is missing.
pub(crate) fn keys_into(rule: BlockingRule, columns: &Columns, place: usize, keys: &mut Vec<u64>) {
    let row = &columns.rows[place];
    match row.kind {
        PartyKind::Person => person_keys(rule, columns, row, keys),
        PartyKind::Organization => organization_keys(rule, columns, row, keys),
    }
}

fn shared_keys(rule: BlockingRule, columns: &Columns, row: &Row, keys: &mut Vec<u64>) {
    let mut push = |values: &Values, id: ValueId| {
        if id.is_some() {
            keys.push(key(rule, &[row.kind as u64, values.hash(id)]));
        }
    };
    match rule {
        BlockingRule::Email => columns.list(row.emails).iter().for_each(|&id| push(&columns.emails.values, id)),
        BlockingRule::Phone => {
            columns.list(row.phones).iter().for_each(|&id| push(&columns.phones.keys, columns.phones.key(id)));
        }
        BlockingRule::Identifier => {
            columns.list(row.identifiers).iter().for_each(|&id| push(&columns.identifiers.values, id));
        }
        BlockingRule::Place => {
            let places = columns.list(row.addresses).iter().map(|&id| columns.addresses.parts(id).place);
            places.for_each(|id| push(&columns.addresses.places, id));
        }
        _ => {}
    }
}

fn person_keys(rule: BlockingRule, columns: &Columns, row: &Row, keys: &mut Vec<u64>) {
    let names = &columns.names;
    let birth = if row.birth.is_full() { u64::from(row.birth.packed()) } else { 0 };
    let year = u64::from(row.birth.year());
    let given = names.features(row.given).canonical;
    let family = names.values.hash(row.family);
    let skeleton = |id: ValueId| if id.is_some() { names.features(id).skeleton } else { 0 };
    let family_skeleton = skeleton(row.family);
    let addresses = || columns.list(row.addresses).iter().map(|&id| columns.addresses.parts(id));
    let post_codes = || addresses().map(|parts| parts.post_code).filter(|id| id.is_some());
    let code_hash = |id| columns.addresses.post_codes.hash(id);
    let mut push = |parts: &[u64]| {
        if !parts.contains(&0) {
            keys.push(key(rule, parts));
        }
    };
    match rule {
        BlockingRule::FamilyBirth => push(&[prefix(names.values.get(row.family), 2), birth]),
        BlockingRule::InitialBirth => push(&[prefix(names.values.get(row.given), 1), birth]),
        BlockingRule::GivenBirth => push(&[given, birth]),
        BlockingRule::SwappedBirth => {
            let other = names.values.hash(row.given);
            push(&[family.min(other), family.max(other), birth]);
        }
        BlockingRule::BirthPostCode => post_codes().for_each(|code| push(&[birth, code_hash(code)])),
        BlockingRule::FamilyPostCode => post_codes().for_each(|code| push(&[family, code_hash(code)])),
        BlockingRule::GivenPostCode => post_codes().for_each(|code| push(&[given, code_hash(code)])),
        BlockingRule::NameLocality => {
            addresses().for_each(|parts| push(&[given, family, columns.addresses.localities.hash(parts.locality)]));
        }
        BlockingRule::Name => push(&[given, family_skeleton]),
        BlockingRule::SwappedName => {
            let other = skeleton(row.given);
            push(&[family_skeleton.min(other), family_skeleton.max(other)]);
        }
        BlockingRule::InitialFamilyLocality => {
            let initial = prefix(names.values.get(row.given), 1);
            let towns = addresses().map(|parts| columns.addresses.localities.hash(parts.locality));
            towns.for_each(|town| push(&[initial, family_skeleton, town]));
        }
        BlockingRule::EmailPrefix => {
            for &id in columns.list(row.emails) {
                let features = columns.emails.features(id);
                let begins = prefix(columns.emails.values.get(id), 2);
                push(&[columns.domains.hash(features.own_domain), begins]);
            }
        }
        BlockingRule::PrefixPostCode => {
            let (given, family) = (prefix(names.values.get(row.given), 3), prefix(names.values.get(row.family), 4));
            post_codes().for_each(|code| push(&[given, family, prefix(columns.addresses.post_codes.get(code), 3)]));
        }
        BlockingRule::LineFamily => {
            let family = prefix(names.values.get(row.family), 3);
            addresses().for_each(|parts| push(&[columns.addresses.lines.hash(parts.line), family]));
        }
        BlockingRule::LocalPart => {
            for &id in columns.list(row.emails) {
                let features = columns.emails.features(id);
                if !features.is_role && columns.emails.locals.get(features.local).len() >= 6 {
                    push(&[columns.emails.locals.hash(features.local)]);
                }
            }
        }
        BlockingRule::InitialFamilyYear => push(&[prefix(names.values.get(row.given), 1), family, year]),
        BlockingRule::PrefixYearPostCode => {
            let family = prefix(names.values.get(row.family), 3);
            post_codes().for_each(|code| push(&[family, year, prefix(columns.addresses.post_codes.get(code), 3)]));
        }
        BlockingRule::Email | BlockingRule::Phone | BlockingRule::Identifier | BlockingRule::Place => {
            shared_keys(rule, columns, row, keys);
        }
        BlockingRule::OrganizationName
        | BlockingRule::Domain
        | BlockingRule::OrganizationWord
        | BlockingRule::OrganizationPostCode
        | BlockingRule::OrganizationSpelling
        | BlockingRule::OrganizationLine => {}
    }
}

fn organization_keys(rule: BlockingRule, columns: &Columns, row: &Row, keys: &mut Vec<u64>) {
    let table = &columns.organizations;
    let names = columns.list(row.organizations);
    match rule {
        BlockingRule::OrganizationName => {
            for &name in names {
                // The order of the words must not matter, and numbers are not stable: add the hashes.
                let hashes = table.features(name).words.iter().map(|&word| table.words.hash(word));
                keys.push(key(rule, &[hashes.fold(0, u64::wrapping_add)]));
            }
        }
        BlockingRule::Domain => {
            keys.extend(columns.list(row.domains).iter().map(|&id| key(rule, &[columns.domains.hash(id)])));
        }
        BlockingRule::OrganizationWord => {
            for &name in names {
                let words = table.features(name).words.iter().filter(|&&word| table.words.get(word).len() >= 4);
                keys.extend(words.map(|&word| key(rule, &[table.words.hash(word)])));
            }
        }
        BlockingRule::OrganizationPostCode => {
            for &name in names {
                let begins = prefix(&table.features(name).squeezed, 4);
                let codes = columns.list(row.addresses).iter().map(|&id| columns.addresses.parts(id).post_code);
                let hashes = codes.filter(|code| code.is_some()).map(|code| columns.addresses.post_codes.hash(code));
                keys.extend(hashes.map(|code| key(rule, &[begins, code])));
            }
        }
        BlockingRule::OrganizationSpelling => {
            keys.extend(names.iter().map(|&name| key(rule, &[stable_hash(&table.features(name).squeezed)])));
            for &domain in columns.list(row.domains) {
                let label = skeleton(&fold(domain_label(columns.domains.get(domain))));
                keys.push(key(rule, &[stable_hash(&label)]));
            }
        }
        BlockingRule::OrganizationLine => {
            let lines = columns.list(row.addresses).iter().map(|&id| columns.addresses.parts(id).line);
            for line in lines.filter(|line| line.is_some()) {
                let line = columns.addresses.lines.hash(line);
                let words = names.iter().flat_map(|&name| &table.features(name).words);
                keys.extend(words.map(|&word| key(rule, &[line, table.words.hash(word)])));
            }
        }
        BlockingRule::Email | BlockingRule::Phone | BlockingRule::Identifier | BlockingRule::Place => {
            shared_keys(rule, columns, row, keys);
        }
        BlockingRule::FamilyBirth
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

/// The first bytes of a text as a number; 0 where the text is empty.
fn prefix(text: &str, bytes: usize) -> u64 {
    text.bytes().take(bytes).fold(0, |packed, byte| packed << 8 | u64::from(byte))
}

// A multiply-and-shift mix; the multiplier is the one of SplitMix64 (Steele, Lea, Flood 2014). Part of the stored format.
fn key(rule: BlockingRule, parts: &[u64]) -> u64 {
    parts.iter().fold(rule as u64 + 1, |mixed, part| {
        let mixed = (mixed ^ part.rotate_left(23)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed ^ mixed >> 31
    })
}
