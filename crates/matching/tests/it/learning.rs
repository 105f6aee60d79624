//! What a data set teaches about weights.

use crate::party::{record, resolved, together};
use crate::world::people;
use onefold_matching::{
    Attribute, Learning, Level, LinkDecision, LinkDecisionKind, PartyRecord, Settings, TrainingWarning, resolve,
};
use onefold_model::PartyKind;
use serde_json::json;

/// How often a level is seen among records of one person, as learned from these.
fn learned(records: &[PartyRecord], attribute: Attribute, level: Level) -> f64 {
    learned_with(records, &[], attribute, level)
}

fn learned_with(records: &[PartyRecord], decisions: &[LinkDecision], attribute: Attribute, level: Level) -> f64 {
    let frequencies = resolve(records, decisions, &Settings::default(), &mut |_| {}).frequencies;
    let model = &frequencies.learned(PartyKind::Person).unwrap().model;
    let attribute = model.attributes.iter().find(|known| known.attribute == attribute).unwrap();
    attribute.levels.iter().find(|known| known.level == level).unwrap().same
}

#[test]
fn how_often_a_field_is_wrong_is_learned_from_the_data() {
    let often = learned(&people(600, 3), Attribute::BirthDate, Level::Exact);
    let rarely = learned(&people(600, 50), Attribute::BirthDate, Level::Exact);
    assert!(often < 0.78 && rarely > 0.9, "{often} {rarely}");
}

#[test]
fn what_stewards_decided_teaches_too() {
    // Every third person has another day of birth in the second system.
    let records = people(600, 3);
    let decide = |kind| -> Vec<LinkDecision> {
        let wrong = records.chunks_exact(2).step_by(3);
        wrong.map(|pair| LinkDecision { kind, left: pair[0].id, right: pair[1].id }).collect()
    };
    let exact = |decisions: &[LinkDecision]| learned_with(&records, decisions, Attribute::BirthDate, Level::Exact);
    let (alone, never) = (exact(&[]), exact(&decide(LinkDecisionKind::NeverLink)));
    assert!(alone < 0.78 && never > 0.95, "those with another day are others, it was said: {alone} {never}");
    let linked = exact(&decide(LinkDecisionKind::Link));
    assert!((0.6..0.75).contains(&linked), "they are the same, it was said: {linked}");
}

#[test]
fn training_settles_and_never_steps_back() {
    let frequencies = resolved(&people(600, 10)).frequencies;
    let training = &frequencies.learned(PartyKind::Person).unwrap().training;
    assert!(training.is_settled, "{training:?}");
    assert!(!training.warnings.contains(&TrainingWarning::StepBack), "{training:?}");
    assert!((0.8..1.2).contains(&training.same_per_record), "{training:?}");
}

#[test]
fn the_same_records_in_another_order_teach_the_same() {
    let mut records = people(300, 10);
    let forwards = resolved(&records).frequencies;
    records.reverse();
    let backwards = resolved(&records).frequencies;
    assert_eq!(forwards, backwards);
}

#[test]
fn few_pairs_teach_nothing_and_say_so() {
    let frequencies = resolved(&people(5, 100)).frequencies;
    let warnings = &frequencies.learned(PartyKind::Person).unwrap().training.warnings;
    assert!(warnings.iter().any(|warning| matches!(warning, TrainingWarning::FewPairs { .. })), "{warnings:?}");
}

#[test]
fn a_model_that_may_not_learn_stands() {
    let settings = Settings { learning: Learning::Never, ..Settings::default() };
    let resolution = resolve(&people(50, 10), &[], &settings, &mut |_| {});
    assert!(resolution.frequencies.learned(PartyKind::Person).is_none());
}

#[test]
fn a_household_is_a_relation_and_no_person() {
    let mut records = people(200, 20);
    let member = |key: &str, given: &str, birth: &str| {
        record(
            "billing",
            key,
            json!({
                "givenName": given, "familyName": "Zwettler", "phone": "+43 1 5237765", "street": "Burggasse 12",
                "birthDate": birth
            }),
        )
    };
    let (one, other) = (member("m1", "Johanna", "1980-02-03"), member("m2", "Ferdinand", "1978-11-30"));
    records.extend([one.clone(), other.clone()]);
    let resolution = resolved(&records);
    assert!(!together(&resolution, &one, &other));
    let pair = (one.id.min(other.id), one.id.max(other.id));
    assert!(resolution.related.iter().any(|related| (related.left, related.right) == pair));
}

#[test]
fn four_equal_records_are_one_person() {
    let one = |source: &str, key: &str| {
        record(source, key, json!({ "givenName": "Robert", "familyName": "Kovač", "email": "robert@example.com" }))
    };
    let records = [one("stripe", "1"), one("zendesk", "1"), one("mailchimp", "1"), one("stripe", "2")];
    let resolution = resolved(&records);
    assert_eq!(resolution.clusters.len(), 1);
}
