//! Postal addresses, compared as a whole: a street says little without its town.

use super::distance::{can_reach, edits_at_most, jaro_winkler_at_least};
use super::{Level, NOBODY, Outcome, best_of};
use crate::normalise::{AddressValue, Addresses, Columns, Row};
use crate::values::ValueId;
use crate::weigh::{Column, Counts};

/// Addresses, the best pair of them.
pub(crate) fn addresses(columns: &Columns, counts: &Counts, a: &Row, b: &Row) -> Outcome {
    let table = &columns.addresses;
    best_of(columns.list(&a.addresses), columns.list(&b.addresses), |left, right| {
        let (a, b) = (table.parts(left), table.parts(right));
        let level = level(table, a, b);
        let holders = match level {
            // The same house may be known by post code here and by town there: the better known of the two counts.
            Level::Exact => counts.of(Column::Place, a.place).max(counts.of(Column::Place, b.place)),
            Level::PostCode | Level::Area => counts.of(Column::PostCode, a.post_code),
            Level::Locality => counts.of(Column::Locality, a.locality).max(counts.of(Column::Locality, b.locality)),
            _ => NOBODY,
        };
        Outcome { level, holders, left, right }
    })
}

fn level(table: &Addresses, a: &AddressValue, b: &AddressValue) -> Level {
    let same_code = a.post_code.agrees(b.post_code);
    let same_town = a.locality.agrees(b.locality);
    if a.street.is_none() || b.street.is_none() {
        return level_without_street(table, a, b);
    }
    if a.line.agrees(b.line) {
        let other_unit = a.unit.is_some() && b.unit.is_some() && a.unit != b.unit;
        if (same_code || same_town) && !other_unit {
            return Level::Exact;
        }
        if is_near_town(table, a, b) {
            return Level::Near;
        }
    } else if is_near_line(table, a, b) && is_near_town(table, a, b) {
        return Level::Near;
    }
    if same_code {
        Level::Area
    } else if same_town {
        Level::Locality
    } else {
        Level::Different
    }
}

fn level_without_street(table: &Addresses, a: &AddressValue, b: &AddressValue) -> Level {
    if a.post_code.agrees(b.post_code) {
        Level::PostCode
    } else if a.locality.agrees(b.locality) || are_near_towns(table, a, b) {
        Level::Locality
    } else if differs(a.post_code, b.post_code) || differs(a.locality, b.locality) {
        Level::Different
    } else {
        Level::Missing
    }
}

fn is_near_line(table: &Addresses, a: &AddressValue, b: &AddressValue) -> bool {
    if a.number == b.number || a.number.is_none() || b.number.is_none() {
        let is_numbered = a.number.is_some() || b.number.is_some();
        return a.street == b.street || is_numbered && are_near_streets(table, a.street, b.street);
    }
    // "52" for "25" or "17" for "170": a typing error, where the street is long enough not to be chance. "17" for "18"
    // is the neighbour.
    if a.street != b.street {
        return false;
    }
    let (a_number, b_number) = (table.numbers.get(a.number), table.numbers.get(b.number));
    a_number.len().max(b_number.len()) >= 3 && edits_at_most(a_number, b_number, 1)
}

fn are_near_streets(table: &Addresses, a: ValueId, b: ValueId) -> bool {
    can_reach(table.street_shape(a), table.street_shape(b), 0.88)
        && jaro_winkler_at_least(table.streets.get(a), table.streets.get(b), 0.88).is_some()
}

fn is_near_town(table: &Addresses, a: &AddressValue, b: &AddressValue) -> bool {
    if a.post_code.agrees(b.post_code) || a.locality.agrees(b.locality) {
        return true;
    }
    let near_codes = || edits_at_most(table.post_codes.get(a.post_code), table.post_codes.get(b.post_code), 1);
    let known_codes = a.post_code.is_some() && b.post_code.is_some();
    let known_towns = a.locality.is_some() && b.locality.is_some();
    known_codes && near_codes()
        || are_near_towns(table, a, b)
        // Nothing contradicts.
        || !known_codes && !known_towns
}

fn are_near_towns(table: &Addresses, a: &AddressValue, b: &AddressValue) -> bool {
    let (one, other) = (table.locality_shape(a.locality), table.locality_shape(b.locality));
    one.len.min(other.len) >= 4
        && can_reach(one, other, 0.92)
        && jaro_winkler_at_least(table.localities.get(a.locality), table.localities.get(b.locality), 0.92).is_some()
}

fn differs(a: ValueId, b: ValueId) -> bool {
    a.is_some() && b.is_some() && a != b
}
