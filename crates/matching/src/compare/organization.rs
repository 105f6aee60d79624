//! Names of organisations: legal forms are gone already; words may be left out, turned round or shortened to initials.

use super::distance::{can_reach, edits_at_most, jaro_winkler_at_least};
use super::{Level, Outcome, best_of};
use crate::normalise::{Columns, Organizations, Row};
use crate::values::ValueId;
use crate::weigh::{Column, Counts};

/// Names of two organisations, the best pair of them.
pub(crate) fn organization_names(columns: &Columns, counts: &Counts, a: &Row, b: &Row) -> Outcome {
    best_of(columns.list(&a.organizations), columns.list(&b.organizations), |left, right| {
        if left == right {
            return Outcome { level: Level::Exact, holders: counts.of(Column::OrganizationName, left), left, right };
        }
        Outcome::new(unequal(&columns.organizations, left, right), left, right)
    })
}

/// The organisations that two persons belong to.
pub(crate) fn companies(columns: &Columns, counts: &Counts, left: ValueId, right: ValueId) -> Outcome {
    if left.is_none() || right.is_none() {
        return Outcome::MISSING;
    }
    if left == right {
        return Outcome { level: Level::Exact, holders: counts.of(Column::Company, left), left, right };
    }
    let level = match unequal(&columns.organizations, left, right) {
        Level::Canonical | Level::Near | Level::Partial | Level::Initial => Level::Near,
        _ => Level::Different,
    };
    Outcome::new(level, left, right)
}

fn unequal(table: &Organizations, left: ValueId, right: ValueId) -> Level {
    let (a, b) = (table.values.get(left), table.values.get(right));
    let (a_features, b_features) = (table.features(left), table.features(right));
    let (a_words, b_words) = (&a_features.words, &b_features.words);
    // Spaces come and go ("Data Works", "DataWorks"), and so does the order of words.
    if a_words == b_words || a.bytes().filter(|b| *b != b' ').eq(b.bytes().filter(|b| *b != b' ')) {
        return Level::Canonical;
    }
    let shared = a_words.iter().filter(|word| b_words.binary_search(word).is_ok());
    let (mut common, mut letters) = (0, 0);
    for &word in shared {
        common += 1;
        letters += table.words.get(word).len();
    }
    let (fewer, more) = (a_words.len().min(b_words.len()), a_words.len().max(b_words.len()));
    let (a_shape, b_shape) = (a_features.shape, b_features.shape);
    let similarity = can_reach(a_shape, b_shape, 0.8).then(|| jaro_winkler_at_least(a, b, 0.8)).flatten();
    let is_long = a.len().min(b.len()) >= 6;
    if similarity.is_some_and(|similarity| similarity >= 0.94)
        || is_long && a_shape.least_edits(b_shape) <= 1 && edits_at_most(a, b, 1)
    {
        return Level::Near;
    }
    if common == fewer && letters >= 4 || common >= 2 && common * 3 >= more * 2 {
        return Level::Partial;
    }
    let fits = |acronym: &str, name: &str| acronym.len() >= 3 && acronym == name;
    if fits(&a_features.acronym, b) || fits(&b_features.acronym, a) {
        return Level::Initial;
    }
    if similarity.is_some_and(|similarity| similarity >= 0.86) || common * 2 >= more {
        Level::Similar
    } else {
        Level::Different
    }
}
