//! Accuracy on labelled sets, without a word of configuration. Absent sets are skipped visibly.

use crate::labelled_file::labelled_file;
use crate::party::resolved;
use crate::set::{LabelledSet, Truth};
use onefold_matching::{Settings, resolve_dataset};
use std::num::NonZeroUsize;
use std::path::PathBuf;

/// Pairwise F1 with the default settings must not fall below the floor, which is a little under what was measured.
fn assert_f1(name: &str, floor: f64) {
    let of_set = |file: &str| labelled_file(&format!("{name}/{file}"));
    assert_f1_of(name, of_set("records.csv").map(|records| vec![records]), of_set("truth.csv"), floor);
}

fn assert_f1_of(name: &str, records: Option<Vec<PathBuf>>, truth: Option<PathBuf>, floor: f64) {
    let (Some(records), Some(truth)) = (records, truth) else { return };
    let set = LabelledSet::read(&records).unwrap();
    let (dataset, ids) = set.dataset();
    let resolution = resolve_dataset(&dataset, &[], &Settings::default(), &mut |_| {});
    let score = Truth::read(&truth, &set, &ids).unwrap().score(&resolution);
    eprintln!("{name}: precision {:.4}, recall {:.4}, F1 {:.4}", score.precision, score.recall, score.f1);
    assert!(score.f1 >= floor, "{name}: {score:?} is below {floor}");
}

/// As [`assert_f1`], of two tables that are linked.
fn assert_f1_of_link(name: &str, truth: &str, floor: f64) {
    let of_set = |file: &str| labelled_file(&format!("{name}/{file}"));
    let records = ["a.csv", "b.csv"].into_iter().map(of_set).collect();
    assert_f1_of(name, records, of_set(truth), floor);
}

#[test]
fn a_table_gives_the_same_result_as_parties_on_any_number_of_threads() {
    for name in ["febrl1", "fake_20000", "chicago_early_childhood", "pseudopeople_multi"] {
        let Some(path) = labelled_file(&format!("{name}/records.csv")) else { continue };
        let set = LabelledSet::read(&[path]).unwrap();
        let records = set.records();
        let (dataset, ids) = set.dataset();
        assert_eq!(ids, records.iter().map(|record| record.id).collect::<Vec<_>>());
        let of_parties = resolved(&records);
        for threads in 1..4 {
            let settings = Settings { threads: NonZeroUsize::new(threads), ..Settings::default() };
            let of_table = resolve_dataset(&dataset, &[], &settings, &mut |_| {});
            assert_eq!(of_table, of_parties, "{name}, {threads} threads");
        }
    }
}

#[test]
fn accuracy_on_febrl1() {
    assert_f1("febrl1", 0.975);
}

#[test]
fn accuracy_on_fake_1000() {
    assert_f1("fake_1000", 0.64);
}

#[test]
fn accuracy_on_chicago_early_childhood() {
    assert_f1("chicago_early_childhood", 0.89);
}

#[test]
fn accuracy_on_crm_100k() {
    assert_f1("crm_100k", 0.955);
}

#[test]
fn accuracy_of_a_link_of_persons() {
    assert_f1_of_link("febrl4", "truth.csv", 0.99);
}

#[test]
fn accuracy_of_a_link_of_restaurants() {
    assert_f1_of_link("fodors_zagats", "pairs.csv", 0.96);
}
