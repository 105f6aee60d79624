//! Any two records, compared in both directions.
#![no_main]

use libfuzzer_sys::fuzz_target;
use onefold_matching::{Frequencies, Settings, explain};
use onefold_matching_fuzz::{LINES, record};

fuzz_target!(|data: &[u8]| {
    let text = String::from_utf8_lossy(data);
    let lines: Vec<&str> = text.split('\n').collect();
    let (first, second) = lines.split_at(lines.len().min(LINES));
    let (Some(one), Some(other)) = (record("1", first), record("2", second)) else { return };
    let (frequencies, settings) = (Frequencies::empty(), Settings::default());
    let forwards = explain(&one, &other, &frequencies, &settings);
    let backwards = explain(&other, &one, &frequencies, &settings);
    assert_eq!(forwards.total.0.to_bits(), backwards.total.0.to_bits());
    for (line, mirrored) in forwards.comparisons.iter().zip(&backwards.comparisons) {
        assert_eq!((line.attribute, line.level), (mirrored.attribute, mirrored.level));
    }
    let sum = forwards.comparisons.iter().fold(forwards.prior.0, |sum, line| sum + line.weight.0);
    assert_eq!(sum.to_bits(), forwards.total.0.to_bits());
});
