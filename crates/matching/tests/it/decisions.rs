//! Decisions of stewards, and what keeps clusters apart without them.

use crate::party::{record, resolved, together};
use onefold_matching::{CutCause, LinkDecision, LinkDecisionKind, PartyRecord, Settings, resolve};
use serde_json::json;

fn decide(kind: LinkDecisionKind, left: &PartyRecord, right: &PartyRecord) -> LinkDecision {
    LinkDecision { kind, left: left.id, right: right.id }
}

fn same_person(key: &str) -> PartyRecord {
    record(
        "billing",
        key,
        json!({ "givenName": "Ada", "familyName": "Wexford", "email": "ada@wexford.example", "birthDate": "1984-03-07" }),
    )
}

#[test]
fn a_link_joins_what_shares_nothing() {
    let one = record("billing", "1", json!({ "givenName": "Ada", "familyName": "King" }));
    let other = record("support", "2", json!({ "kind": "ORGANIZATION", "displayName": "Engine GmbH" }));
    let records = [one.clone(), other.clone()];
    let decisions = [decide(LinkDecisionKind::Link, &other, &one)];
    let resolution = resolve(&records, &decisions, &Settings::default(), &mut |_| {});
    assert!(together(&resolution, &one, &other));
}

#[test]
fn a_never_link_splits_what_the_weights_join() {
    let (one, other, third) = (same_person("1"), same_person("2"), same_person("3"));
    let records = [one.clone(), other.clone(), third.clone()];
    assert!(together(&resolved(&records), &one, &other));
    let decisions = [decide(LinkDecisionKind::NeverLink, &one, &other)];
    let resolution = resolve(&records, &decisions, &Settings::default(), &mut |_| {});
    assert!(!together(&resolution, &one, &other));
    assert!(together(&resolution, &one, &third) || together(&resolution, &other, &third));
    assert!(resolution.report.cuts.iter().any(|cut| cut.cause == CutCause::NeverLink));
    // Neither that pair nor any other between the two clusters is asked again.
    assert!(resolution.review.is_empty());
}

#[test]
fn never_link_wins_over_link() {
    let (one, other) = (same_person("1"), same_person("2"));
    let decisions = [decide(LinkDecisionKind::Link, &one, &other), decide(LinkDecisionKind::NeverLink, &other, &one)];
    let resolution = resolve(&[one.clone(), other.clone()], &decisions, &Settings::default(), &mut |_| {});
    assert!(!together(&resolution, &one, &other));
    assert_eq!(resolution.report.refused_links.len(), 1);
}

#[test]
fn different_tax_numbers_are_never_one_cluster_without_a_steward() {
    let company = |key: &str, vat: &str| {
        record(
            "billing",
            key,
            json!({
                "kind": "ORGANIZATION", "legalName": "Wexford Engines GmbH", "vat": vat,
                "phone": "+43 1 5237765", "street": "Burggasse 12", "domains": ["wexford.example"]
            }),
        )
    };
    let (one, other) = (company("1", "ATU12345678"), company("2", "ATU87654321"));
    let records = [one.clone(), other.clone(), company("3", "ATU12345678")];
    let resolution = resolved(&records);
    assert!(!together(&resolution, &one, &other));
    assert!(together(&resolution, &one, &records[2]));
    assert!(resolution.report.cuts.iter().all(|cut| cut.cause == CutCause::Identifiers));

    let decisions = [decide(LinkDecisionKind::Link, &one, &other)];
    let resolution = resolve(&records, &decisions, &Settings::default(), &mut |_| {});
    assert_eq!(resolution.clusters.len(), 1, "a steward may say otherwise, and the rest follows");
}

#[test]
fn decisions_about_unknown_records_change_nothing() {
    let (one, other) = (same_person("1"), same_person("2"));
    let decisions = [decide(LinkDecisionKind::NeverLink, &one, &same_person("elsewhere"))];
    let resolution = resolve(&[one.clone(), other.clone()], &decisions, &Settings::default(), &mut |_| {});
    assert!(together(&resolution, &one, &other));
}

/// Three records that say the same, two of them of one source.
fn trio() -> [PartyRecord; 3] {
    [("billing", "1"), ("billing", "2"), ("support", "3")].map(|(source, key)| record(source, key, person()))
}

fn person() -> serde_json::Value {
    json!({"givenName": "Ada", "familyName": "Wexford", "email": "ada@wexford.example", "birthDate": "1981-03-04"})
}

#[test]
fn of_a_source_of_unique_people_no_cluster_has_two_whatever_joins_them() {
    let [one, two, other] = trio();
    let mut settings = Settings::default();
    assert_eq!(resolve(&trio(), &[], &settings, &mut |_| {}).clusters.len(), 1, "else all are one");
    settings.unique_sources = [one.source].into();
    for order in [[0, 1, 2], [2, 1, 0], [1, 2, 0]] {
        let records: Vec<PartyRecord> = order.iter().map(|at: &usize| trio()[*at].clone()).collect();
        let resolution = resolve(&records, &[], &settings, &mut |_| {});
        assert!(!together(&resolution, &one, &two));
        assert_eq!(resolution.clusters.len(), 2);
        assert_eq!(resolution.review.len(), 2, "both that were cut are for review");
        assert!(resolution.review.iter().all(|pair| pair.cut == Some(CutCause::OneOfSource)));
    }
    let decisions = [decide(LinkDecisionKind::Link, &one, &two)];
    let resolution = resolve(&trio(), &decisions, &settings, &mut |_| {});
    assert!(together(&resolution, &one, &two) && together(&resolution, &one, &other), "a steward may say otherwise");
}
