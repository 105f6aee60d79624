//! Accuracy on labelled sets beside the repository. Absent sets are skipped visibly.

use crate::party::resolved;
use crate::set::LabelledSet;
use crate::table::read_dataset;
use onefold_matching::{Settings, resolve_dataset};
use std::num::NonZeroUsize;
use std::path::Path;

/// Pairwise F1 with the default settings must not fall below the floor, which is a little under what was measured.
fn assert_f1(name: &str, floor: f64) {
    let folder = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/data/matching")).join(name);
    let (records, truth) = (folder.join("records.csv"), folder.join("truth.csv"));
    if !records.exists() || !truth.exists() {
        eprintln!("skipped: the labelled set {name} is not beside the repository");
        return;
    }
    let set = LabelledSet::read(&records, &truth).unwrap();
    let score = set.score(&resolved(&set.records));
    eprintln!("{name}: precision {:.4}, recall {:.4}, F1 {:.4}", score.precision, score.recall, score.f1);
    assert!(score.f1 >= floor, "{name}: {score:?} is below {floor}");
}

#[test]
fn a_table_gives_the_same_result_as_parties_on_any_number_of_threads() {
    for name in ["febrl1", "fake_20000"] {
        let folder = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/data/matching")).join(name);
        let (records, truth) = (folder.join("records.csv"), folder.join("truth.csv"));
        if !records.exists() || !truth.exists() {
            eprintln!("skipped: the labelled set {name} is not beside the repository");
            continue;
        }
        let set = LabelledSet::read(&records, &truth).unwrap();
        let dataset = read_dataset(&records).unwrap();
        assert_eq!(dataset.len(), set.records.len());
        let of_parties = resolved(&set.records);
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
