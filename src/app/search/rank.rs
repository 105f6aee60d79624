//! Which of the found come first, and why each was found.
//!
//! Each word gives a customer a weight: 1 where one of its terms is the word; from ½ to 1 where one begins with it, more the more
//! of the term the word covers; and up to ½ where one is similar, more the fewer of its letters are slips (see [`super::slips`]):
//! ½ · (1 − slips / letters of the longer), where another first letter counts half a slip more, because that is the letter that
//! people get right most often (Pollock and Zamora 1984). A customer's score is the mean over the words. So of one word, whoever has it exactly
//! comes before whoever has it at the beginning, and both before whoever is only similar.

use super::slips::slips_between;
use super::{SearchMatch, SearchResult};
use crate::store::SearchHit;
use onefold_model::CustomerId;
use std::collections::BTreeMap;

/// What was found by one word.
pub(super) struct Found {
    /// The folded word.
    pub(super) word: String,
    /// How many of the words that were typed it stands for.
    pub(super) words: usize,
    /// The terms that are the word, begin with it, or are similar.
    pub(super) hits: Vec<SearchHit>,
}

/// How a customer was found by one or more words.
#[derive(Clone, Copy)]
struct Weighed<'a> {
    /// The sum of the weights of the words.
    sum: f64,
    /// How many words it was found by.
    words: usize,
    /// The weight of the hit.
    weight: f64,
    /// What is shown as the reason.
    hit: &'a SearchHit,
    /// The weakest of the words.
    how: SearchMatch,
}

/// The customers that were found, best first; equal ones in the order of their ids. `typed` is how many words were typed.
pub(super) fn rank(found: &[Found], typed: usize) -> Vec<SearchResult> {
    let mut results: Vec<SearchResult> = weigh(found, typed)
        .into_iter()
        .map(|(customer, Weighed { sum, hit, how, .. })| SearchResult {
            customer,
            matched: if hit.path == "phone_end" { "phone".to_owned() } else { hit.path.clone() },
            text: hit.whole.clone(),
            record: hit.record,
            score: sum / typed.max(1) as f64,
            how,
        })
        .collect();
    results.sort_by(|one, other| other.score.total_cmp(&one.score).then(one.customer.cmp(&other.customer)));
    results
}

/// How many customers have all the words that were typed.
pub(super) fn having_all(found: &[Found], typed: usize) -> usize {
    weigh(found, typed).values().filter(|weighed| weighed.words >= typed).count()
}

fn weigh(found: &[Found], typed: usize) -> BTreeMap<CustomerId, Weighed<'_>> {
    let mut all: BTreeMap<CustomerId, Weighed<'_>> = BTreeMap::new();
    // What stands for all of them takes the place of what was found by each, where it is better.
    let (each, together): (Vec<&Found>, Vec<&Found>) = found.iter().partition(|found| found.words < typed);
    for (customer, weighed) in each.into_iter().flat_map(best_of) {
        let known = all.entry(customer);
        known.and_modify(|known| *known = known.and(weighed)).or_insert(weighed);
    }
    for (customer, weighed) in together.into_iter().flat_map(best_of) {
        let known = all.entry(customer).or_insert(weighed);
        if weighed.sum > known.sum {
            *known = weighed;
        }
    }
    all
}

/// The best hit of each customer by one word.
fn best_of(found: &Found) -> BTreeMap<CustomerId, Weighed<'_>> {
    let mut best: BTreeMap<CustomerId, Weighed<'_>> = BTreeMap::new();
    for hit in &found.hits {
        let (how, weight) = weight(&found.word, &hit.term);
        let weighed = Weighed { sum: weight * found.words as f64, words: found.words, weight, hit, how };
        let known = best.entry(hit.customer).or_insert(weighed);
        if weight > known.weight {
            *known = weighed;
        }
    }
    best
}

impl Weighed<'_> {
    /// By another word too.
    fn and(self, other: Self) -> Self {
        let better = if other.weight > self.weight { other } else { self };
        let (sum, words, how) = (self.sum + other.sum, self.words + other.words, self.how.max(other.how));
        Self { sum, words, how, ..better }
    }
}

/// How a term has a word, and what that weighs.
fn weight(word: &str, term: &str) -> (SearchMatch, f64) {
    let (typed, whole) = (word.chars().count(), term.chars().count().max(1));
    if word == term {
        (SearchMatch::Exact, 1.0)
    } else if term.starts_with(word) {
        (SearchMatch::Prefix, 0.5 + 0.5 * typed as f64 / whole as f64)
    } else {
        let longer = typed.max(whole);
        let slips = slips_between(word, term, longer).unwrap_or(longer);
        let first = if word.chars().next() == term.chars().next() { 0.0 } else { 0.5 };
        (SearchMatch::Similar, 0.5 * (1.0 - (slips as f64 + first) / longer as f64).max(0.0))
    }
}

#[cfg(test)]
mod tests {
    use super::{SearchMatch, weight};

    #[test]
    fn exact_is_before_a_beginning_and_that_before_similar() {
        let weights = ["kovac", "kovacevic", "kovak", "kovacx"].map(|term| weight("kovac", term));
        assert_eq!(weights[0], (SearchMatch::Exact, 1.0));
        assert!(weights[1].0 == SearchMatch::Prefix && (0.77..0.78).contains(&weights[1].1));
        assert_eq!(weights[2], (SearchMatch::Similar, 0.4));
        assert_eq!(weights[3].0, SearchMatch::Prefix);
        assert_eq!(weight("kovak", "novak"), (SearchMatch::Similar, 0.35), "less than kovac");
    }
}
