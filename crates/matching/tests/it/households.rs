//! Families: what they share must not make them one person.

use crate::party::{record, resolved, together};
use crate::world::people;
use onefold_matching::{Attribute, PartyRecord, Settings, Thresholds, explain};
use serde_json::{Value, json};

fn member(key: &str, own: &Value) -> PartyRecord {
    let mut party = json!({
        "familyName": "Zwettler", "email": "familie@zwettler.example", "phone": "+43 1 5237765",
        "street": "Burggasse 12", "company": "Zwettler KG"
    });
    for (field, value) in own.as_object().into_iter().flatten() {
        party[field] = value.clone();
    }
    record("billing", key, party)
}

/// A small world around the family, so that their values are rare as in life.
fn with_strangers(members: &[PartyRecord]) -> Vec<PartyRecord> {
    people(150, 20).into_iter().chain(members.iter().cloned()).collect()
}

fn probability(one: &PartyRecord, other: &PartyRecord) -> f64 {
    let records = with_strangers(&[one.clone(), other.clone()]);
    let resolution = resolved(&records);
    let explanation = explain(one, other, &resolution.frequencies, &Settings::default());
    let auto_merge = Thresholds::default().auto_merge;
    assert_eq!(together(&resolution, one, other), explanation.probability >= auto_merge);
    explanation.probability.get()
}

#[test]
fn different_given_names_are_never_merged_by_what_a_family_shares() {
    let one = member("1", &json!({ "givenName": "Johanna" }));
    let other = member("2", &json!({ "givenName": "Ferdinand" }));
    assert!(probability(&one, &other) < 0.5);
}

#[test]
fn a_shared_mailbox_alone_never_merges_two_given_names() {
    let record = |key, given| {
        record(
            "billing",
            key,
            json!({ "givenName": given, "familyName": "Zwettler", "email": "familie@zwettler.example" }),
        )
    };
    assert!(probability(&record("1", "Johanna"), &record("2", "Ferdinand")) < 0.5);
}

#[test]
fn father_and_son_of_one_name_are_not_merged() {
    let father = member("1", &json!({ "givenName": "Johann", "birthDate": "1951-04-02" }));
    let son = member("2", &json!({ "givenName": "Johann", "birthDate": "1983-11-19" }));
    assert!(probability(&father, &son) < 0.95);
    let senior = member("3", &json!({ "givenName": "Johann", "nameSuffix": "Sr." }));
    let junior = member("4", &json!({ "givenName": "Johann", "nameSuffix": "Jr." }));
    assert!(probability(&senior, &junior) < 0.95);
}

#[test]
fn twins_are_not_merged() {
    let one = member("1", &json!({ "givenName": "Johanna", "birthDate": "1990-05-05" }));
    let other = member("2", &json!({ "givenName": "Ferdinand", "birthDate": "1990-05-05" }));
    assert!(probability(&one, &other) < 0.95);
}

#[test]
fn one_person_in_two_systems_is_merged_although_the_household_shares_everything() {
    let one = member("1", &json!({ "givenName": "Ferdinand", "birthDate": "1990-05-05" }));
    let other = member("2", &json!({ "givenName": "Ferdi", "birthDate": "1990-05-05" }));
    assert!(probability(&one, &other) > 0.95);
}

#[test]
fn an_explanation_names_the_household() {
    let one = member("1", &json!({ "givenName": "Johanna" }));
    let other = member("2", &json!({ "givenName": "Ferdinand" }));
    let frequencies = resolved(&with_strangers(&[one.clone(), other.clone()])).frequencies;
    let explanation = explain(&one, &other, &frequencies, &Settings::default());
    let household = explanation.comparisons.iter().find(|line| line.attribute == Attribute::Household).unwrap();
    assert!(household.weight.0 < -10.0);
    assert!(explanation.sentence.contains("people of one household share"), "{}", explanation.sentence);
}
