//! How well two records agree, attribute by attribute.
//!
//! Promises symmetry: exchanging the records exchanges left and right and changes no level. A side that says nothing is
//! [`Level::Missing`], never a disagreement. Does not know what a level is worth; see [`crate::weigh`].

mod address;
mod attribute;
mod birth;
mod contact;
mod distance;
mod name;
mod organization;

pub use attribute::{Attribute, Level};
pub(crate) use distance::edits;

use crate::normalise::{Columns, Row};
use crate::values::ValueId;
use crate::weigh::{Counts, Holders};
use onefold_model::PartyKind;
use std::hint::black_box;

/// Of a level that does not rest on one value.
pub(crate) const NOBODY: Holders = Holders { others: 0, records: 0 };

/// What comparing one attribute of two records found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Outcome {
    /// How well the two agree.
    pub(crate) level: Level,
    /// How common the value that agrees is; nobody's where the level does not rest on one value.
    pub(crate) holders: Holders,
    /// The value on the left that decided, no value for attributes that are not interned.
    pub(crate) left: ValueId,
    /// The value on the right that decided.
    pub(crate) right: ValueId,
}

impl Outcome {
    /// One side says nothing.
    pub(crate) const MISSING: Outcome =
        Outcome { level: Level::Missing, holders: NOBODY, left: ValueId::NONE, right: ValueId::NONE };

    /// A level that does not rest on how rare a value is.
    pub(crate) fn new(level: Level, left: ValueId, right: ValueId) -> Self {
        Self { level, holders: NOBODY, left, right }
    }

    /// The better of two: the higher level, then the rarer value.
    pub(crate) fn or_better(self, other: Outcome) -> Outcome {
        let rank = |outcome: &Outcome| (outcome.level, outcome.holders);
        if rank(&other) < rank(&self) { other } else { self }
    }
}

/// The most attributes that a comparison has.
pub(crate) const MAX_ATTRIBUTES: usize = Attribute::PERSON.len();

/// Two records compared: one outcome for each of [`Attribute::of`] the kind, in that order.
pub(crate) type Comparison = [Outcome; MAX_ATTRIBUTES];

/// Compares two records of one kind. Records of different kinds are never compared.
pub(crate) fn compare(columns: &Columns, counts: &Counts, left: usize, right: usize) -> Comparison {
    let (a, b) = (&columns.rows[left], &columns.rows[right]);
    match a.kind {
        PartyKind::Person => compare_persons(columns, counts, a, b),
        PartyKind::Organization => compare_organizations(columns, counts, a, b),
    }
}

/// Asks for the memory that comparing these pairs will want, for all of them at once: where there are many records,
/// waiting for memory is most of the work. Changes nothing.
pub(crate) fn fetch(columns: &Columns, pairs: impl Iterator<Item = (u32, u32)> + Clone) {
    for (_, right) in pairs.clone() {
        black_box(columns.rows[right as usize].given);
    }
    let mut before = None;
    for (left, right) in pairs {
        // Pairs of one record follow one another.
        if before != Some(left) {
            columns.fetch_features(&columns.rows[left as usize]);
        }
        before = Some(left);
        columns.fetch_features(&columns.rows[right as usize]);
    }
}

/// Whether two records have numbers of one register that contradict one another.
pub(crate) fn register_numbers_differ(columns: &Columns, counts: &Counts, left: usize, right: usize) -> bool {
    contact::register_numbers_differ(columns, counts, &columns.rows[left], &columns.rows[right])
}

fn compare_persons(columns: &Columns, counts: &Counts, a: &Row, b: &Row) -> Comparison {
    let (given, family) = name::given_and_family(columns, counts, a, b);
    [
        given,
        family,
        name::middle(columns, counts, a, b),
        name::generation(a, b),
        birth::births(counts, a, b),
        contact::emails(columns, counts, a, b),
        contact::phones(columns, counts, a, b),
        address::addresses(columns, counts, a, b),
        organization::companies(columns, counts, a.company, b.company),
        contact::identifiers(columns, counts, a, b),
    ]
}

fn compare_organizations(columns: &Columns, counts: &Counts, a: &Row, b: &Row) -> Comparison {
    let mut comparison = [Outcome::MISSING; MAX_ATTRIBUTES];
    let outcomes = [
        organization::organization_names(columns, counts, a, b),
        contact::domains(columns, counts, a, b),
        contact::emails(columns, counts, a, b),
        contact::phones(columns, counts, a, b),
        organization::seats(columns, counts, a, b),
        contact::identifiers(columns, counts, a, b),
    ];
    comparison[..outcomes.len()].copy_from_slice(&outcomes);
    comparison
}

/// The best outcome of any value on the left with any on the right; missing where a side has none.
fn best_of(left: &[ValueId], right: &[ValueId], mut outcome_of: impl FnMut(ValueId, ValueId) -> Outcome) -> Outcome {
    // Most lists have one value.
    if let ([a], [b]) = (left, right) {
        return Outcome::MISSING.or_better(outcome_of(*a, *b));
    }
    let mut best = Outcome::MISSING;
    for &a in left {
        for &b in right {
            best = best.or_better(outcome_of(a, b));
        }
    }
    best
}
