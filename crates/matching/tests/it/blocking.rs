//! Rules that are given, and what is told of the recall of rules without a truth.

use crate::labelled_file::labelled_file;
use crate::laws::party;
use crate::party::record;
use crate::set::{LabelledSet, Truth};
use crate::world::people;
use onefold_matching::{
    AnyRule, BlockingRecall, GivenRule, Index, PartyRecord, Resolution, Settings, explain, resolve, resolve_dataset,
    resolve_with_frequencies,
};
use onefold_model::RecordId;
use proptest::prelude::*;
use serde_json::Value;
use std::sync::Arc;

fn with_rules(rules: &[&[&str]]) -> Settings {
    let mut settings = Settings::default();
    settings.blocking.rules = rules.iter().map(|names| GivenRule::of_names(names.iter().copied()).unwrap()).collect();
    settings
}

/// Rules that find much in the small worlds of [`party`].
fn given() -> Settings {
    with_rules(&[
        &["email.local"],
        &["phone"],
        &["family.prefix", "birth.year"],
        &["given.initial", "address.line"],
        &["organization.word"],
    ])
}

fn records(most: usize) -> impl Strategy<Value = Vec<PartyRecord>> {
    proptest::collection::vec(party(), 1..most).prop_map(|parties: Vec<Value>| {
        let one = |(key, party): (usize, Value)| record(["billing", "support"][key % 2], &key.to_string(), party);
        parties.into_iter().enumerate().map(one).collect()
    })
}

fn run(records: &[PartyRecord], settings: &Settings) -> Resolution {
    resolve(records, &[], settings, &mut |_| {})
}

fn recall(resolution: &Resolution) -> &BlockingRecall {
    resolution.report.blocking.recall.as_ref().unwrap()
}

/// Of the whole and of each rule that found a hundred pairs, estimate and truth are no further apart than this.
fn assert_near(name: &str, files: &[&str], truth: &str, apart: f64) {
    let of_set = |file: &str| labelled_file(&format!("{name}/{file}"));
    let records: Option<Vec<_>> = files.iter().map(|file| of_set(file)).collect();
    let (Some(records), Some(truth)) = (records, of_set(truth)) else { return };
    let set = LabelledSet::read(&records).unwrap();
    let (dataset, ids) = set.dataset();
    let settings = Settings::default();
    let resolution = resolve_dataset(&dataset, &[], &settings, &mut |_| {});
    let (rules, all) = Truth::read(&truth, &set, &ids).unwrap().recall(&set.records(), &settings.blocking);
    let estimate = recall(&resolution);
    eprintln!("{name}: recall of blocking {:.4}, in truth {all:.4}", estimate.recall);
    assert!((estimate.recall - all).abs() <= apart, "{name}: {} is not near {all}", estimate.recall);
    let mut judged = 0;
    for (one, (rule, truth)) in estimate.rules.iter().zip(rules).filter(|(one, _)| one.found >= 100.0) {
        assert_eq!(one.rule, rule);
        assert!((one.recall - truth).abs() <= apart, "{name}, {rule}: {} is not near {truth}", one.recall);
        judged += 1;
    }
    assert!(judged >= 8, "{name}: {judged} rules were judged");
}

#[test]
fn estimated_recall_is_near_the_truth() {
    assert_near("febrl3", &["records.csv"], "truth.csv", 0.02);
    assert_near("febrl4", &["a.csv", "b.csv"], "truth.csv", 0.02);
    assert_near("pseudopeople_multi", &["records.csv"], "truth.csv", 0.03);
}

/// Each record under an id that has nothing to do with the one it had.
fn renamed(records: &[PartyRecord], salt: u8) -> Vec<PartyRecord> {
    let id = |id: RecordId| {
        let (upper, lower) = id.0.as_u64_pair();
        RecordId(uuid::Uuid::from_u64_pair(lower.rotate_left(u32::from(salt)), upper))
    };
    records.iter().map(|record| PartyRecord { id: id(record.id), ..record.clone() }).collect()
}

#[test]
fn what_is_learned_does_not_depend_on_ids() {
    let records = people(150, 5);
    let settings = Settings::default();
    let one = run(&records, &settings);
    for salt in [3, 17, 40] {
        let other = run(&renamed(&records, salt), &settings);
        assert_eq!(one.frequencies, other.frequencies);
        assert_eq!(one.report.blocking, other.report.blocking);
        assert_eq!(one.clusters.len(), other.clusters.len());
    }
}

#[test]
fn the_rules_that_were_given_take_the_place_of_all_others() {
    let records = people(60, 5);
    let settings = with_rules(&[&["email"], &["email"], &["birth.year", "family.phonetic"]]);
    let resolution = run(&records, &settings);
    let rules: Vec<String> = resolution.report.blocking.rules.iter().map(|rule| rule.rule.to_string()).collect();
    assert_eq!(rules, ["email", "family.phonetic + birth.year"]);
    let pair = resolution.accepted[0];
    let by_id = |id: RecordId| records.iter().find(|record| record.id == id).unwrap();
    let why = explain(by_id(pair.left), by_id(pair.right), &resolution.frequencies, &settings);
    assert!(!why.found_by.is_empty() && why.found_by.iter().all(|rule| matches!(rule, AnyRule::Given(_))));
    let text = serde_json::to_string(&settings).unwrap();
    assert_eq!(serde_json::from_str::<Settings>(&text).unwrap(), settings);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn given_rules_compare_what_shares_a_key(records in records(14)) {
        let settings = given();
        let resolution = run(&records, &settings);
        let keys: Vec<_> = records.iter().map(|record| settings.blocking.keys(record)).collect();
        let shares = |one: usize, other: usize| keys[one].iter().any(|key| keys[other].contains(key));
        let pairs = (0..records.len()).flat_map(|one| (one + 1..records.len()).map(move |other| (one, other)));
        prop_assert_eq!(resolution.report.blocking.pairs, pairs.filter(|(one, other)| shares(*one, *other)).count() as u64);
    }

    #[test]
    fn an_index_under_given_rules_is_what_a_run_finds(records in records(14), gone in any::<u8>()) {
        let settings = given();
        let frequencies = Arc::new(run(&records, &settings).frequencies);
        let mut index = Index::build(&records[1..], &[], settings.clone(), Arc::clone(&frequencies));
        index.upsert(&records[0]);
        let gone = usize::from(gone) % records.len();
        index.remove(records[gone].id);
        let mut rest = records.clone();
        rest.remove(gone);
        let expected = resolve_with_frequencies(&rest, &[], &settings, &frequencies, &mut |_| {});
        prop_assert_eq!(index.clusters(), expected.clusters);
        prop_assert_eq!(index.accepted(), expected.accepted);
        prop_assert_eq!(index.review(), expected.review);
    }

    #[test]
    fn estimates_of_recall_are_shares_and_do_not_depend_on_order(
        (records, shuffled) in records(20).prop_flat_map(|records| (Just(records.clone()), Just(records).prop_shuffle())),
    ) {
        let (one, other) = (run(&records, &Settings::default()), run(&shuffled, &Settings::default()));
        prop_assert_eq!(&one.report.blocking, &other.report.blocking);
        let Some(recall) = &one.report.blocking.recall else { return Ok(()) };
        prop_assert!(recall.found > 0.0 && recall.unseen >= 0.0);
        prop_assert!((recall.recall - recall.found / (recall.found + recall.unseen)).abs() < 1e-9);
        let likely = one.accepted.iter().chain(&one.review).filter(|pair| pair.probability.get() >= 0.5).count();
        prop_assert!(recall.looked_up >= likely as u64, "cuts and links are likely pairs too");
        let mut only = 0.0;
        for rule in &recall.rules {
            prop_assert!((0.0..=recall.recall).contains(&rule.recall));
            prop_assert!(rule.only <= rule.found && rule.found <= recall.found);
            only += rule.only;
        }
        prop_assert!(only <= recall.found);
    }
}
