//! Names of persons. Given and family name are compared together, because sources exchange them.

use super::distance::{can_reach, edits_at_most, jaro_winkler_at_least};
use super::{Level, Outcome};
use crate::normalise::{Columns, NameFeatures, Names, Row};
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
    if let Some(outcomes) = lone_name(names, counts, a, b).or_else(|| lone_name(names, counts, b, a)) {
        return outcomes;
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

/// Where a record has one name only, it stands in the place of the given name and may be the family's: what it is like is
/// what it is.
fn lone_name(names: &Names, counts: &Counts, lone: &Row, full: &Row) -> Option<(Outcome, Outcome)> {
    if lone.family.is_some() || lone.given.is_none() || full.family.is_none() || lone.given == full.given {
        return None;
    }
    let family = family_names(names, counts, lone.given, full.family);
    let is_family =
        family.level < Level::Similar && given_names(names, counts, lone.given, full.given).level > family.level;
    is_family.then_some((Outcome::MISSING, family))
}

/// Middle names.
pub(crate) fn middle(columns: &Columns, counts: &Counts, a: &Row, b: &Row) -> Outcome {
    let (left, right) = (a.middle, b.middle);
    if left.is_none() || right.is_none() {
        return Outcome::MISSING;
    }
    if left == right {
        // Two equal initials are an initial that fits, not a name that agrees.
        if columns.names.features(left).shape.len == 1 {
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
        if names.features(left).shape.len == 1 {
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
    let (a, b) = (names.features(left), names.features(right));
    if a.first_word == 1 || b.first_word == 1 {
        return initial(a, b);
    }
    if a.groups.iter().any(|group| b.groups.contains(group)) {
        return Level::Nickname;
    }
    if a.skeleton == b.skeleton {
        return Level::Canonical;
    }
    if (a.has_words() || b.has_words()) && shares_word(names.values.get(left), names.values.get(right)) {
        return Level::Partial;
    }
    alike(names, left, right, 0.88, 0.78)
}

/// The level of two family names that are not the same text.
fn unequal_family(names: &Names, left: ValueId, right: ValueId) -> Level {
    let (a, b) = (names.features(left), names.features(right));
    if a.shape.len == 1 || b.shape.len == 1 {
        return initial(a, b);
    }
    if a.skeleton == b.skeleton {
        return Level::Canonical;
    }
    if (a.has_words() || b.has_words()) && shares_word(names.values.get(left), names.values.get(right)) {
        return Level::Partial;
    }
    alike(names, left, right, 0.92, 0.84)
}

fn initial(a: &NameFeatures, b: &NameFeatures) -> Level {
    if a.shape.common_prefix(b.shape) >= 1 { Level::Initial } else { Level::Different }
}

fn alike(names: &Names, left: ValueId, right: ValueId, near: f64, similar: f64) -> Level {
    // Most pairs are told apart by their shapes, without looking at the texts.
    let (a, b) = (names.features(left).shape, names.features(right).shape);
    // One edit in a long name is a typing error whatever its place; in a short one it is another name.
    let can_be_typing_error = a.len.min(b.len) >= 6 && a.least_edits(b) <= 1;
    let can_be_similar = can_reach(a, b, similar);
    if !can_be_similar && !can_be_typing_error {
        return Level::Different;
    }
    let (a, b) = (names.values.get(left), names.values.get(right));
    match can_be_similar.then(|| jaro_winkler_at_least(a, b, similar)).flatten() {
        Some(similarity) if similarity >= near => Level::Near,
        _ if can_be_typing_error && edits_at_most(a, b, 1) => Level::Near,
        Some(_) => Level::Similar,
        None => Level::Different,
    }
}

fn same_or_alike(names: &Names, left: ValueId, right: ValueId) -> bool {
    left.agrees(right) || left.is_some() && right.is_some() && unequal_family(names, left, right) <= Level::Similar
}

/// Whether two names have a word of at least three letters in common.
fn shares_word(a: &str, b: &str) -> bool {
    a.split(' ').any(|word| word.len() >= 3 && b.split(' ').any(|other| other == word))
}
