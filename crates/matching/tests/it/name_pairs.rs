//! Pairs of names with a label, judged by the levels of their names alone. Skipped visibly where they are absent.
//!
//! The set asks what a screening list would ask: is this another spelling of that name? There is no other evidence, and
//! no data in which a word could be rare.

use crate::party::record;
use onefold_matching::{Attribute, Frequencies, Level, Settings, explain};
use serde_json::json;
use std::collections::HashMap;
use std::path::Path;

/// The levels at which two names were found to agree.
fn levels(kind: &str, one: &str, other: &str) -> HashMap<Attribute, Level> {
    let named = |key: &str, name: &str| record("names", key, json!({ "kind": kind, "displayName": name }));
    let explanation = explain(&named("1", one), &named("2", other), &Frequencies::empty(), &Settings::default());
    explanation.comparisons.iter().map(|line| (line.attribute, line.level)).collect()
}

/// Whether all words of two names agree, in whatever order, up to a typing error in each.
fn same_words(one: &str, other: &str) -> bool {
    let levels = levels("ORGANIZATION", one, other);
    levels.get(&Attribute::OrganizationName).is_some_and(|level| *level <= Level::Near)
}

/// Whether given, middle and family name agree, as far as both have them.
fn same_parts(one: &str, other: &str) -> bool {
    let levels = levels("PERSON", one, other);
    let level = |attribute| levels.get(&attribute).copied().unwrap_or(Level::Missing);
    let is_near = |level: Level| level <= Level::Near;
    let given = level(Attribute::GivenName);
    let (middle, family) = (level(Attribute::MiddleName), level(Attribute::FamilyName));
    (is_near(given) || given == Level::Initial)
        && (is_near(family) || family == Level::Missing)
        && (is_near(middle) || matches!(middle, Level::Initial | Level::Missing))
}

#[test]
fn names_alone_tell_most_of_what_a_screening_asks() {
    let path = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../../../shared/data/matching/opensanctions_name_pairs/pairs_labelled.csv"
    );
    if !Path::new(path).exists() {
        eprintln!("skipped: the labelled set opensanctions_name_pairs is not beside the repository");
        return;
    }
    let (mut right, mut wrong, mut missed) = (0.0, 0.0, 0.0);
    for row in csv::Reader::from_path(path).unwrap().deserialize::<HashMap<String, String>>() {
        let row = row.unwrap();
        let (one, other) = (&row["name1"], &row["name2"]);
        let found = same_words(one, other) || row["schema"] == "Person" && same_parts(one, other);
        match (found, row["is_match"] == "true") {
            (true, true) => right += 1.0,
            (true, false) => wrong += 1.0,
            (false, true) => missed += 1.0,
            (false, false) => {}
        }
    }
    let (precision, recall) = (right / (right + wrong), right / (right + missed));
    let f1 = 2.0 * precision * recall / (precision + recall);
    eprintln!("opensanctions_name_pairs: precision {precision:.4}, recall {recall:.4}, F1 {f1:.4}");
    assert!(f1 >= 0.795, "precision {precision}, recall {recall}, F1 {f1}");
}
