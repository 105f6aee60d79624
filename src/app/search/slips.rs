//! Slips of the pen: how many a word may have, what it may have been meant to be, and how far a term is from it.
//!
//! A slip is a letter too many, one too few, another one, or two neighbours exchanged: the optimal string alignment distance, the
//! restricted form of Damerau 1964. Pure: what is a term of the store is not known here.

use rapidfuzz::distance::osa;
use std::collections::BTreeSet;

/// Of a longer word nothing is tried: a term is at most so long.
const LONGEST: usize = 200;

/// So many letters of a word with two slips are varied at most: each costs some seventy looks into the index.
const HEAD: usize = 12;

/// So few letters are varied where the longer beginning found nothing.
const SHORT_HEAD: usize = 5;

/// Letters that follow each other in an alphabet. Folding has taken off case and accents.
const SCRIPTS: &[(char, char)] = &[
    ('a', 'z'),
    ('0', '9'),
    ('α', 'ω'),
    ('а', 'я'),
    ('ђ', 'џ'),
    ('ա', 'ֆ'),
    ('א', 'ת'),
    ('ء', 'ي'),
    ('ა', 'ჰ'),
    ('ᄀ', 'ᇂ'),
    ('ぁ', 'ゖ'),
    ('ァ', 'ヺ'),
];

/// What stands between letters in addresses, numbers and whole names.
const BETWEEN: &str = "-./_@+' ";

/// How many slips a word may have: none below four letters, where too many words are near to each other, one below eight, and two
/// from there on. A number has one: with two, whole series of numbers are near.
pub(super) fn slips_of(word: &str) -> usize {
    match word.chars().count() {
        0..=3 | LONGEST.. => 0,
        _ if word.chars().any(char::is_control) => 0,
        4..=7 => 1,
        _ if is_numbered(word) => 1,
        _ => 2,
    }
}

/// Whether a word is a number of something, and no name and no address.
pub(super) fn is_numbered(word: &str) -> bool {
    !word.contains('@') && word.contains(|c: char| c.is_ascii_digit())
}

/// How many slips lie between a word and a term; none where there are more than `most`.
pub(super) fn slips_between(word: &str, term: &str, most: usize) -> Option<usize> {
    osa::distance_with_args(word.chars(), term.chars(), &osa::Args::default().score_cutoff(most))
}

/// Every word that is one slip from this one, in the alphabets of its letters, sorted; the word itself is not among them.
pub(super) fn one_slip_from(word: &str) -> Vec<String> {
    let (letters, alphabet) = (word.chars().collect::<Vec<_>>(), alphabet(word));
    let mut all = BTreeSet::new();
    for at in 0..=letters.len() {
        let (before, rest) = letters.split_at(at);
        let mut put = |middle: &[char], after: &[char]| {
            all.insert(before.iter().chain(middle).chain(after).collect::<String>());
        };
        for letter in &alphabet {
            put(&[*letter], rest);
        }
        let [first, after @ ..] = rest else { continue };
        put(&[], after);
        for letter in &alphabet {
            put(&[*letter], after);
        }
        if let [second, after @ ..] = after {
            put(&[*second, *first], after);
        }
    }
    all.remove(word);
    all.into_iter().collect()
}

/// With what a term begins that is two slips from the word, for one list after the other: first where at most one of the slips is
/// in the first half, then where at most one is among the first five letters, which more terms share.
pub(super) fn beginnings(word: &str) -> Vec<Vec<String>> {
    let letters = word.chars().count();
    let long = (letters.div_ceil(2) + 1).min(HEAD);
    [long, SHORT_HEAD.min(long)]
        .into_iter()
        .collect::<BTreeSet<_>>()
        .into_iter()
        .rev()
        .map(|count| {
            let head: String = word.chars().take(count).collect();
            let mut all = one_slip_from(&head);
            all.push(head);
            all
        })
        .collect()
}

/// The letters that may have been meant: those of the word, and of the alphabets that they are of.
fn alphabet(word: &str) -> BTreeSet<char> {
    let mut letters: BTreeSet<char> = word.chars().collect();
    for (first, last) in SCRIPTS {
        if word.chars().any(|c| (*first..=*last).contains(&c)) {
            letters.extend(*first..=*last);
        }
    }
    if word.contains(|c: char| !c.is_alphanumeric()) {
        letters.extend(BETWEEN.chars());
    }
    letters
}

#[cfg(test)]
mod tests {
    use super::{beginnings, one_slip_from, slips_between, slips_of};
    use proptest::prelude::*;

    #[test]
    fn the_shorter_a_word_the_fewer_slips() {
        let slips = ["ann", "anna", "kovac", "kovacev", "kovacevi", "inv-2026/7", "a1@b.test"].map(slips_of);
        assert_eq!(slips, [0, 1, 1, 1, 2, 1, 2]);
        assert_eq!((slips_of(&"a".repeat(200)), slips_of("kov\u{0}ac")), (0, 0));
    }

    #[test]
    fn an_exchange_of_neighbours_is_one_slip() {
        for word in ["koavc", "kovca", "kovak", "ovac", "govac", "kovaca"] {
            assert_eq!(slips_between(word, "kovac", 1), Some(1), "{word}");
            assert!(one_slip_from(word).contains(&"kovac".to_owned()), "{word}");
        }
        assert_eq!(slips_between("robert.kovak@exmaple.com", "robert.kovac@example.com", 2), Some(2));
        assert_eq!(slips_between("koovca", "kovac", 1), None);
    }

    proptest! {
        #[test]
        fn one_slip_is_one_slip(word in "[a-z]{4,9}") {
            for other in one_slip_from(&word) {
                prop_assert_eq!(slips_between(&word, &other, 2), Some(1), "{}", other);
            }
        }

        /// Whatever one slip makes of a word, the word begins as one of the beginnings of what was made.
        #[test]
        fn a_word_is_under_the_beginnings_of_its_slips(word in "[a-z]{9,14}", at in any::<prop::sample::Index>()) {
            let made = one_slip_from(&word);
            let made = &made[at.index(made.len())];
            for list in beginnings(made) {
                prop_assert!(list.iter().any(|beginning| word.starts_with(beginning)), "{}", made);
            }
        }
    }
}
