//! String distances with a cheap bound in front: most pairs are told apart by which letters they have.
//!
//! Both distances are computed with the smaller text first, because Jaro's greedy matching may depend on the order.

use rapidfuzz::distance::{jaro_winkler, osa};

/// Whether the Jaro-Winkler similarity (Winkler 1990; prefix weight 0.1) reaches a bound, and what it is. `a_letters`
/// and `b_letters` say which letters occur.
pub(crate) fn jaro_winkler_at_least(a: &str, b: &str, a_letters: u64, b_letters: u64, bound: f64) -> Option<f64> {
    let (a_len, b_len) = (a.len() as f64, b.len() as f64);
    // At most so many letters can be matched: each letter that the other side lacks is one that cannot.
    let matched = (a_len - f64::from((a_letters & !b_letters).count_ones()))
        .min(b_len - f64::from((b_letters & !a_letters).count_ones()));
    if matched <= 0.0 {
        return None;
    }
    let jaro = (matched / a_len + matched / b_len + 1.0) / 3.0;
    let prefix = a.bytes().zip(b.bytes()).take(4).take_while(|(x, y)| x == y).count() as f64;
    if jaro + prefix * 0.1 * (1.0 - jaro) < bound {
        return None;
    }
    let (low, high) = if a <= b { (a, b) } else { (b, a) };
    jaro_winkler::similarity_with_args(low.bytes(), high.bytes(), &jaro_winkler::Args::default().score_cutoff(bound))
}

/// Whether at most `bound` insertions, deletions, replacements and exchanges of neighbours lie between two texts
/// (optimal string alignment, the restricted form of Damerau 1964).
pub(crate) fn edits_at_most(a: &str, b: &str, bound: usize) -> bool {
    if a.len().abs_diff(b.len()) > bound {
        return false;
    }
    let (low, high) = if a <= b { (a, b) } else { (b, a) };
    osa::distance_with_args(low.bytes(), high.bytes(), &osa::Args::default().score_cutoff(bound)).is_some()
}

/// As [`edits_at_most`], with the letters that occur as a bound: an edit changes at most two of them.
pub(crate) fn edits_at_most_with_letters(a: &str, b: &str, a_letters: u64, b_letters: u64, bound: usize) -> bool {
    (a_letters ^ b_letters).count_ones() as usize <= 2 * bound && edits_at_most(a, b, bound)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::normalise::letters;
    use proptest::prelude::*;

    #[test]
    fn an_exchange_of_neighbours_is_one_edit() {
        assert!(edits_at_most("robert", "robetr", 1));
        assert!(!edits_at_most("robert", "robtre", 1));
        assert!(edits_at_most("a", "", 1) && !edits_at_most("ab", "", 1));
    }

    proptest! {
        #[test]
        fn the_bound_never_changes_the_answer(a in "[a-e]{1,8}", b in "[a-e]{1,8}", bound in 0.5f64..0.99) {
            let (low, high) = if a <= b { (&a, &b) } else { (&b, &a) };
            let exact = jaro_winkler::similarity(low.bytes(), high.bytes());
            let found = jaro_winkler_at_least(&a, &b, letters(&a), letters(&b), bound);
            prop_assert_eq!(found.is_some(), exact >= bound);
            prop_assert_eq!(found, jaro_winkler_at_least(&b, &a, letters(&b), letters(&a), bound));
            prop_assert_eq!(
                edits_at_most_with_letters(&a, &b, letters(&a), letters(&b), 2),
                osa::distance(a.bytes(), b.bytes()) <= 2
            );
        }
    }
}
