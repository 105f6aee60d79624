//! Names of persons. Given and family name are compared together, because sources exchange them.

use super::distance::{edits_at_most_with_letters, jaro_winkler_at_least};
use super::{Level, Outcome};
use crate::normalise::{Columns, Names, Row};
use crate::values::ValueId;
use crate::weigh::{Column, Counts};

/// Given and family name. Names that agree crosswise are one outcome, told at the given name; the family name then
/// says nothing more.
pub(crate) fn given_and_family(columns: &Columns, counts: &Counts, a: &Row, b: &Row) -> (Outcome, Outcome) {
    let names = &columns.names;
    if a.given != b.given && a.family != b.family {
        let crosswise = a.given.agrees(b.family) && a.family.agrees(b.given);
        let nearly = || same_or_alike(names, a.given, b.family) && same_or_alike(names, a.family, b.given);
        if crosswise || (a.given.agrees(b.family) || a.family.agrees(b.given)) && nearly() {
            return (Outcome::new(Level::Swapped, a.given, b.given), Outcome::MISSING);
        }
    }
    let mut given = given_names(names, counts, a.given, b.given);
    if a.alias.is_some() {
        given = given.or_better(given_names(names, counts, a.alias, b.given));
    }
    if b.alias.is_some() {
        given = given.or_better(given_names(names, counts, a.given, b.alias));
    }
    (given, family_names(names, counts, a.family, b.family))
}

/// Middle names.
pub(crate) fn middle(columns: &Columns, counts: &Counts, a: &Row, b: &Row) -> Outcome {
    let (left, right) = (a.middle, b.middle);
    if left.is_none() || right.is_none() {
        return Outcome::MISSING;
    }
    if left == right {
        // Two equal initials are an initial that fits, not a name that agrees.
        if columns.names.values.get(left).len() == 1 {
            return Outcome::new(Level::Initial, left, right);
        }
        return Outcome { level: Level::Exact, holders: counts.of(Column::MiddleName, left), left, right };
    }
    let level = match unequal_given(&columns.names, left, right) {
        level @ (Level::Initial | Level::Different) => level,
        Level::Similar => Level::Different,
        _ => Level::Near,
    };
    Outcome::new(level, left, right)
}

/// Jr. and Sr.
pub(crate) fn generation(a: &Row, b: &Row) -> Outcome {
    if !a.generation.is_some() || !b.generation.is_some() {
        return Outcome::MISSING;
    }
    let level = if a.generation == b.generation { Level::Exact } else { Level::Different };
    Outcome::new(level, ValueId::NONE, ValueId::NONE)
}

fn given_names(names: &Names, counts: &Counts, left: ValueId, right: ValueId) -> Outcome {
    if left.is_none() || right.is_none() {
        return Outcome::MISSING;
    }
    if left == right {
        if names.values.get(left).len() == 1 {
            return Outcome::new(Level::Initial, left, right);
        }
        return Outcome { level: Level::Exact, holders: counts.of(Column::GivenName, left), left, right };
    }
    Outcome::new(unequal_given(names, left, right), left, right)
}

fn family_names(names: &Names, counts: &Counts, left: ValueId, right: ValueId) -> Outcome {
    if left.is_none() || right.is_none() {
        return Outcome::MISSING;
    }
    if left == right {
        return Outcome { level: Level::Exact, holders: counts.of(Column::FamilyName, left), left, right };
    }
    Outcome::new(unequal_family(names, left, right), left, right)
}

/// The level of two given names that are not the same text.
fn unequal_given(names: &Names, left: ValueId, right: ValueId) -> Level {
    let (a, b) = (names.values.get(left), names.values.get(right));
    let (a_features, b_features) = (names.features(left), names.features(right));
    let (a_first, b_first) = (&a[..a_features.first_word as usize], &b[..b_features.first_word as usize]);
    if a_first.len() == 1 || b_first.len() == 1 {
        return if a.as_bytes()[0] == b.as_bytes()[0] { Level::Initial } else { Level::Different };
    }
    if a_features.groups.iter().any(|group| b_features.groups.contains(group)) {
        return Level::Nickname;
    }
    if a_features.skeleton == b_features.skeleton {
        return Level::Canonical;
    }
    if (a_first.len() < a.len() || b_first.len() < b.len()) && shares_word(a, b) {
        return Level::Partial;
    }
    alike(a, b, a_features.letters, b_features.letters, 0.88, 0.78)
}

/// The level of two family names that are not the same text.
fn unequal_family(names: &Names, left: ValueId, right: ValueId) -> Level {
    let (a, b) = (names.values.get(left), names.values.get(right));
    let (a_features, b_features) = (names.features(left), names.features(right));
    if a.len() == 1 || b.len() == 1 {
        return if a.as_bytes()[0] == b.as_bytes()[0] { Level::Initial } else { Level::Different };
    }
    if a_features.skeleton == b_features.skeleton {
        return Level::Canonical;
    }
    if (a.contains(' ') || b.contains(' ')) && shares_word(a, b) {
        return Level::Partial;
    }
    alike(a, b, a_features.letters, b_features.letters, 0.92, 0.84)
}

fn alike(a: &str, b: &str, a_letters: u64, b_letters: u64, near: f64, similar: f64) -> Level {
    match jaro_winkler_at_least(a, b, a_letters, b_letters, similar) {
        Some(similarity) if similarity >= near => Level::Near,
        found => {
            // One edit in a long name is a typing error whatever its place; in a short one it is another name.
            let is_long = a.len().min(b.len()) >= 6;
            if is_long && edits_at_most_with_letters(a, b, a_letters, b_letters, 1) {
                Level::Near
            } else if found.is_some() {
                Level::Similar
            } else {
                Level::Different
            }
        }
    }
}

fn same_or_alike(names: &Names, left: ValueId, right: ValueId) -> bool {
    left.agrees(right) || left.is_some() && right.is_some() && unequal_family(names, left, right) <= Level::Similar
}

/// Whether two names have a word of at least three letters in common.
fn shares_word(a: &str, b: &str) -> bool {
    a.split(' ').any(|word| word.len() >= 3 && b.split(' ').any(|other| other == word))
}
