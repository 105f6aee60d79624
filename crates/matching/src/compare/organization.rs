//! Names of organisations: legal forms are told beside them; words may be left out, turned round or shortened to initials.
//!
//! Words are weighed by how rare they are: two schools that share `School` share nothing, two that share `Gresham` may be
//! one. Promises that the order of words and of records changes nothing.

mod words;

use super::distance::{can_reach, edits_at_most, jaro_winkler_at_least};
use super::{Level, Outcome, address, best_of};
use crate::normalise::{Columns, OrganizationFeatures, Organizations, Row};
use crate::values::ValueId;
use crate::weigh::{Column, Counts};
use words::Overlap;

/// Names of two organisations, the best pair of them; where they say little, the name of one and the domain of the other.
pub(crate) fn organization_names(columns: &Columns, counts: &Counts, a: &Row, b: &Row) -> Outcome {
    let table = &columns.organizations;
    let best = best_of(columns.list(&a.organizations), columns.list(&b.organizations), |left, right| {
        outcome(table, counts, left, right)
    });
    if best.level <= Level::Group {
        return best;
    }
    let is_named = |names: &Row, domains: &Row| is_name_of_domain(columns, names, domains);
    if is_named(a, b) || is_named(b, a) {
        // The explanation shows the names, and that they agree in part.
        let first = |row: &Row| columns.list(&row.organizations).first().copied().unwrap_or_default();
        return Outcome::new(Level::Initial, first(a), first(b));
    }
    best
}

/// Addresses of organisations. One house may be told in two towns, the suburb and the city: that is no other address.
pub(crate) fn seats(columns: &Columns, counts: &Counts, a: &Row, b: &Row) -> Outcome {
    let best = address::addresses(columns, counts, a, b);
    if best.level != Level::Different {
        return best;
    }
    let table = &columns.addresses;
    let elsewhere = best_of(columns.list(&a.addresses), columns.list(&b.addresses), |left, right| {
        let (one, other) = (table.parts(left), table.parts(right));
        let is_house = one.number.agrees(other.number)
            && one.street.is_some()
            && without_direction(table.streets.get(one.street)) == without_direction(table.streets.get(other.street));
        if is_house { Outcome::new(Level::Similar, left, right) } else { Outcome::MISSING }
    });
    best.or_better(elsewhere)
}

fn without_direction(street: &str) -> &str {
    match street.split_once(' ') {
        Some(("n" | "s" | "e" | "w" | "ne" | "nw" | "se" | "sw", rest)) => rest,
        _ => street,
    }
}

/// The organisations that two persons belong to.
pub(crate) fn companies(columns: &Columns, counts: &Counts, left: ValueId, right: ValueId) -> Outcome {
    if left.is_none() || right.is_none() {
        return Outcome::MISSING;
    }
    let table = &columns.organizations;
    if table.features(left).core == table.features(right).core {
        let holders = counts.of(Column::Company, table.features(left).core);
        return Outcome { level: Level::Exact, holders, left, right };
    }
    let level = match unequal(table, counts, left, right).0 {
        Level::Canonical | Level::Near | Level::RareWords | Level::Partial | Level::Group | Level::Initial => {
            Level::Near
        }
        _ => Level::Different,
    };
    Outcome::new(level, left, right)
}

fn outcome(table: &Organizations, counts: &Counts, left: ValueId, right: ValueId) -> Outcome {
    let (a, b) = (table.features(left), table.features(right));
    let (level, rarest) =
        if a.core == b.core { (Level::Exact, ValueId::NONE) } else { unequal(table, counts, left, right) };
    // "Acme GmbH", "Acme AG", "Acme Holding" and "Acme Brasil" are one group, seldom one company.
    let is_group = a.form.contradicts(b.form) || a.is_parent != b.is_parent || a.country.is_other(b.country);
    let level = if is_group && level <= Level::Partial { Level::Group } else { level };
    let holders = match level {
        Level::Exact => counts.of(Column::OrganizationName, a.core),
        Level::RareWords | Level::Partial | Level::Group if rarest.is_some() => {
            counts.of(Column::OrganizationWord, rarest)
        }
        Level::Group => counts.of(Column::OrganizationName, a.core).max(counts.of(Column::OrganizationName, b.core)),
        _ => super::NOBODY,
    };
    Outcome { level, holders, left, right }
}

/// The level of two names that are not the same, and the rarest word that they share.
fn unequal(table: &Organizations, counts: &Counts, left: ValueId, right: ValueId) -> (Level, ValueId) {
    let (a, b) = (table.features(left), table.features(right));
    // Spaces come and go ("Data Works", "DataWorks"), and so does the order of words.
    if a.words == b.words && !a.words.is_empty() || a.squeezed == b.squeezed {
        return (Level::Canonical, ValueId::NONE);
    }
    let overlap = Overlap::of(table, counts, &a.words, &b.words);
    let level = if overlap.numbers_differ {
        // "School 12" and "School 14".
        Level::Similar
    } else if overlap.is_complete || is_slip(a, b, &overlap) {
        Level::Near
    } else if overlap.lesser >= 0.6 && overlap.rarest.is_some() {
        Level::RareWords
    } else if overlap.greater >= 0.85 && overlap.rarest.is_some() {
        Level::Partial
    } else if is_acronym(a, b) || is_acronym(b, a) {
        Level::Initial
    } else if overlap.greater >= 0.5 || is_like(a, b, 0.86) {
        Level::Similar
    } else {
        Level::Different
    };
    (level, overlap.rarest)
}

/// A typing error apart. Where both have as many words, each word is looked at: "BWI Industries" is no slip of "BAE
/// Industries".
fn is_slip(a: &OrganizationFeatures, b: &OrganizationFeatures, overlap: &Overlap) -> bool {
    let (fewer, more) = (a.words.len().min(b.words.len()), a.words.len().max(b.words.len()));
    !overlap.has_other_number
        && a.shape.len.min(b.shape.len) >= 6
        && (fewer != more || fewer == 1)
        && a.shape.least_edits(b.shape) <= 1
        && edits_at_most(&a.squeezed, &b.squeezed, 1)
        || more == 1 && is_like(a, b, 0.94)
}

fn is_like(a: &OrganizationFeatures, b: &OrganizationFeatures, bound: f64) -> bool {
    can_reach(a.shape, b.shape, bound) && jaro_winkler_at_least(&a.squeezed, &b.squeezed, bound).is_some()
}

fn is_acronym(short: &OrganizationFeatures, long: &OrganizationFeatures) -> bool {
    long.acronym != 0 && long.acronym == short.spelling
}

/// Whether a name of one is what the other's internet domain says: `Wexford Bikes` and `wexford-bikes.example`.
fn is_name_of_domain(columns: &Columns, names: &Row, domains: &Row) -> bool {
    columns.list(&domains.domains).iter().any(|&domain| {
        let spelling = columns.domains.spelling(domain);
        let names = columns.list(&names.organizations).iter().map(|&name| columns.organizations.features(name));
        names.into_iter().any(|name| name.spelling == spelling && name.shape.len >= 5)
    })
}
