//! String distances with a cheap bound in front: most pairs are told apart by which letters they have.
//!
//! Both distances are computed with the smaller text first, because Jaro's greedy matching may depend on the order.

use crate::normalise::Shape;
use rapidfuzz::distance::{jaro_winkler, osa};

/// Whether the Jaro-Winkler similarity of two texts of these shapes can be as high as this.
pub(crate) fn can_reach(a: Shape, b: Shape, bound: f64) -> bool {
    let (a_len, b_len) = (f64::from(a.len), f64::from(b.len));
    // At most so many letters can be matched: each letter that the other side lacks is one that cannot.
    let matched = (a_len - f64::from((a.letters & !b.letters).count_ones()))
        .min(b_len - f64::from((b.letters & !a.letters).count_ones()));
    if matched <= 0.0 {
        return false;
    }
    let jaro = (matched / a_len + matched / b_len + 1.0) / 3.0;
    let prefix = f64::from(a.common_prefix(b));
    jaro + prefix * 0.1 * (1.0 - jaro) >= bound
}

/// Whether the Jaro-Winkler similarity (Winkler 1990; prefix weight 0.1) reaches a bound, and what it is. Ask
/// [`can_reach`] before.
pub(crate) fn jaro_winkler_at_least(a: &str, b: &str, bound: f64) -> Option<f64> {
    let (low, high) = if a <= b { (a, b) } else { (b, a) };
    jaro_winkler::similarity_with_args(low.bytes(), high.bytes(), &jaro_winkler::Args::default().score_cutoff(bound))
}

/// Whether at most `bound` insertions, deletions, replacements and exchanges of neighbours lie between two texts
/// (optimal string alignment, the restricted form of Damerau 1964).
pub(crate) fn edits_at_most(a: &str, b: &str, bound: usize) -> bool {
    if a.len().abs_diff(b.len()) > bound {
        return false;
    }
    let (a, b) = without_common_ends(a.as_bytes(), b.as_bytes());
    match (a, b) {
        ([], rest) | (rest, []) => return rest.len() <= bound,
        ([_], [_]) => return bound >= 1,
        ([a, b], [c, d]) if a == d && b == c => return bound >= 1,
        // Whatever is left has another first and another last byte: more than one edit.
        _ if bound <= 1 => return false,
        _ => {}
    }
    let (low, high) = if a <= b { (a, b) } else { (b, a) };
    osa::distance_with_args(low.iter(), high.iter(), &osa::Args::default().score_cutoff(bound)).is_some()
}

/// How many such edits lie between two texts.
pub(crate) fn edits(a: &str, b: &str) -> usize {
    let (low, high) = if a <= b { (a, b) } else { (b, a) };
    osa::distance(low.bytes(), high.bytes())
}

/// The parts between what both begin with and what both end with: the distance is that of the parts.
fn without_common_ends<'a>(a: &'a [u8], b: &'a [u8]) -> (&'a [u8], &'a [u8]) {
    let same = |(x, y): &(&u8, &u8)| x == y;
    let begin = a.iter().zip(b).take_while(same).count();
    let (a, b) = (&a[begin..], &b[begin..]);
    let end = a.iter().rev().zip(b.iter().rev()).take_while(same).count();
    (&a[..a.len() - end], &b[..b.len() - end])
}

/// At most sixteen decimal digits, four bits each, the last digit lowest.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Digits {
    pub(crate) packed: u64,
    pub(crate) len: u32,
}

impl Digits {
    /// How many digits fit.
    pub(crate) const MOST: u32 = 16;

    /// As [`edits_at_most`] with a bound of one.
    pub(crate) fn is_one_edit_from(self, other: Self) -> bool {
        let differing = self.packed ^ other.packed;
        let lowest = differing.trailing_zeros() / 4;
        if self.len == other.len {
            if differing == 0 {
                return true;
            }
            let highest = differing.ilog2() / 4;
            let digit = |digits: Self, place: u32| digits.packed >> (4 * place) & 0xf;
            return highest == lowest
                || highest == lowest + 1
                    && digit(self, lowest) == digit(other, highest)
                    && digit(self, highest) == digit(other, lowest);
        }
        let (short, long) = if self.len < other.len { (self, other) } else { (other, self) };
        // One digit more, and before and behind it the same.
        let behind = lowest.min(short.len);
        let above = |digits: Self, place: u32| digits.packed.checked_shr(4 * place).unwrap_or(0);
        long.len == short.len + 1 && above(long, behind + 1) == above(short, behind)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeSet;

    #[test]
    fn an_exchange_of_neighbours_is_one_edit() {
        assert!(edits_at_most("robert", "robetr", 1));
        assert!(!edits_at_most("robert", "robtre", 1));
        assert!(edits_at_most("a", "", 1) && !edits_at_most("ab", "", 1));
    }

    /// How far comparing is from the metric alone: `cargo test --release -p onefold-matching --lib -- --ignored
    /// --nocapture metrics`.
    #[test]
    #[ignore = "prints figures and asserts none"]
    fn metrics_per_second() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/data/matching/crm_100k/records.csv");
        let Ok(mut reader) = csv::Reader::from_path(path) else {
            eprintln!("skipped: the labelled set crm_100k is not beside the repository");
            return;
        };
        let names: BTreeSet<String> =
            reader.records().map(|row| row.unwrap()[3].to_lowercase()).filter(|name| !name.is_empty()).collect();
        let names: Vec<(String, Shape)> = names.into_iter().map(|name| (name.clone(), Shape::of(&name))).collect();
        let (rows, columns) = (500, 4000);
        let at = |place: usize| &names[place * 7919 % names.len()];
        let measure = |what: &str, one_to_many: &dyn Fn(&(String, Shape)) -> usize| {
            let began = cpu_time::ProcessTime::now();
            let found: usize = (0..rows).map(|row| one_to_many(at(row))).sum();
            let seconds = began.elapsed().as_secs_f64();
            let millions = (rows * columns) as f64 / 1e6;
            eprintln!("{what:<44} {:>7.1} million pairs per CPU second, {found} at 0.84 or more", millions / seconds);
        };
        let others = || (0..columns).map(|column| at(column + 31));
        measure("rapidfuzz, one by one", &|(name, _)| {
            let similarity = |other: &str| jaro_winkler::similarity(name.bytes(), other.bytes());
            others().filter(|(other, _)| similarity(other) >= 0.84).count()
        });
        measure("rapidfuzz, one to many with a kept pattern", &|(name, _)| {
            let pattern = jaro_winkler::BatchComparator::new(name.bytes());
            others().filter(|(other, _)| pattern.similarity(other.bytes()) >= 0.84).count()
        });
        measure("shapes, then the metric", &|(name, shape)| {
            let reaches = |other: &str, others: Shape| {
                can_reach(*shape, others, 0.84) && jaro_winkler_at_least(name, other, 0.84).is_some()
            };
            others().filter(|(other, shape)| reaches(other, *shape)).count()
        });
    }

    proptest! {
        #[test]
        fn short_cuts_are_the_distance(a in "[a-c]{0,7}", b in "[a-c]{0,7}", bound in 0usize..4) {
            prop_assert_eq!(edits_at_most(&a, &b, bound), osa::distance(a.bytes(), b.bytes()) <= bound);
        }

        #[test]
        fn packed_digits_are_told_apart_as_texts_are(
            (a, b) in ("[0-2]{1,16}", proptest::collection::vec((0usize..16, 0u8..5), 0..3)).prop_map(|(a, changes)| {
                let mut b = a.clone().into_bytes();
                for (place, change) in changes {
                    let place = place % b.len().max(1);
                    match change {
                        0 if b.len() > 1 => { b.remove(place); }
                        1 if b.len() < 16 => b.insert(place, b'1'),
                        2 if place + 1 < b.len() => b.swap(place, place + 1),
                        _ => if let Some(digit) = b.get_mut(place) { *digit = b'2' },
                    }
                }
                (a, String::from_utf8(b).unwrap())
            }),
        ) {
            let digits = |text: &str| Digits {
                packed: text.bytes().fold(0, |packed, digit| packed << 4 | u64::from(digit & 0xf)),
                len: u32::try_from(text.len()).unwrap(),
            };
            prop_assert_eq!(digits(&a).is_one_edit_from(digits(&b)), edits_at_most(&a, &b, 1));
        }

        #[test]
        fn the_bound_never_changes_the_answer(a in "[a-e]{1,8}", b in "[a-e]{1,8}", bound in 0.5f64..0.99) {
            let (low, high) = if a <= b { (&a, &b) } else { (&b, &a) };
            let exact = jaro_winkler::similarity(low.bytes(), high.bytes());
            let found = jaro_winkler_at_least(&a, &b, bound);
            let shapes = (Shape::of(&a), Shape::of(&b));
            prop_assert_eq!(found.is_some(), exact >= bound);
            prop_assert!(exact < bound || can_reach(shapes.0, shapes.1, bound));
            prop_assert_eq!(found, jaro_winkler_at_least(&b, &a, bound));
            prop_assert!(shapes.0.least_edits(shapes.1) as usize <= osa::distance(a.bytes(), b.bytes()));
        }
    }
}
