//! How good matching is, from a random sample that people judge without knowing what it thought.
//!
//! Promises intervals that hold of each stratum at 95 % (Wilson 1927) and, put together, are at least as wide as they must be.
//! Recall is of the pairs that blocking brings together: what was never compared is not in the sample.

use super::Identity;
use super::fold::{IdentityError, read};
use super::golden::record;
use crate::store::Store;
use onefold_matching::{Automatic, PairStratum, sample_pairs};
use onefold_model::RecordId;
use std::collections::{BTreeSet, HashMap};

/// How many of a stratum there are, and what people said of some of them.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Judged {
    /// What matching did.
    pub automatic: Automatic,
    /// How many pairs there are.
    pub pairs: u64,
    /// How many people have judged.
    pub judged: u64,
    /// Of how many they said that the two are one.
    pub same: u64,
}

/// A share, and between which it is with 95 %.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Estimate {
    /// The best guess.
    pub value: f64,
    /// At least.
    pub low: f64,
    /// At most.
    pub high: f64,
}

impl Identity {
    /// Draws up to so many pairs of each stratum of what matching does by itself now, with the model that judges. Pairs about
    /// which stewards have decided are not its own doing.
    pub async fn quality_draw(
        &self,
        store: &Store,
        seed: u64,
        each: usize,
    ) -> Result<(String, Vec<PairStratum>), IdentityError> {
        let judge = self.judge(store).await?;
        let facts = read(store).await?;
        let drawing = tokio::task::spawn_blocking(move || {
            let records: Vec<_> = facts.parties.iter().filter(|party| !party.deleted).map(record).collect();
            let homes: HashMap<RecordId, _> = facts.current.iter().map(|(record, home)| (*record, home.0)).collect();
            let decided: BTreeSet<(RecordId, RecordId)> =
                facts.decisions.iter().map(|made| (made.left.min(made.right), made.left.max(made.right))).collect();
            let lies = |left: RecordId, right: RecordId| {
                let (one, other) = (homes.get(&left)?, homes.get(&right)?);
                let is_own = !decided.contains(&(left, right));
                is_own.then_some(if one == other { Automatic::Link } else { Automatic::NonLink })
            };
            let strata = sample_pairs(&records, judge.settings(), judge.frequencies(), &lies, (seed, each));
            (judge.version().to_owned(), strata)
        });
        drawing.await.map_err(|_| IdentityError::Stopped)
    }
}

/// The share of links that are right; none while a stratum of links was not judged at all.
pub fn precision(strata: &[Judged]) -> Option<Estimate> {
    let links: Vec<&Judged> = of(strata, Automatic::Link).collect();
    let all: f64 = links.iter().map(|stratum| count(stratum.pairs)).sum();
    if all <= 0.0 || links.iter().any(|stratum| stratum.judged == 0) {
        return None;
    }
    let right = added(&links)?;
    Some(Estimate { value: right.value / all, low: right.low / all, high: right.high / all })
}

/// The share of pairs that are one and were linked, of all compared pairs that are one; none while a stratum was not judged.
pub fn recall(strata: &[Judged]) -> Option<Estimate> {
    let links: Vec<&Judged> = of(strata, Automatic::Link).collect();
    let apart: Vec<&Judged> = of(strata, Automatic::NonLink).collect();
    if links.iter().chain(&apart).any(|stratum| stratum.judged == 0) {
        return None;
    }
    let (found, missed) = (added(&links)?, added(&apart).unwrap_or(Estimate { value: 0.0, low: 0.0, high: 0.0 }));
    let share = |found: f64, missed: f64| if found + missed > 0.0 { found / (found + missed) } else { 0.0 };
    Some(Estimate {
        value: share(found.value, missed.value),
        low: share(found.low, missed.high),
        high: share(found.high, missed.low),
    })
}

/// So many standard deviations are 95 % of a normal distribution.
const Z: f64 = 1.959_963_984_540_054;

/// The score interval of Wilson (1927) for so many of so many, at 95 %.
pub fn wilson(hits: u64, of: u64) -> Estimate {
    if of == 0 {
        return Estimate { value: 0.5, low: 0.0, high: 1.0 };
    }
    let (n, share) = (count(of), count(hits) / count(of));
    let middle = (share + Z * Z / (2.0 * n)) / (1.0 + Z * Z / n);
    let half = Z / (1.0 + Z * Z / n) * (share * (1.0 - share) / n + Z * Z / (4.0 * n * n)).sqrt();
    // Where all or none are hits, the end of the interval is the share itself, but for rounding.
    Estimate { value: share, low: (middle - half).clamp(0.0, share), high: (middle + half).clamp(share, 1.0) }
}

/// Strata that have pairs.
fn of(strata: &[Judged], automatic: Automatic) -> impl Iterator<Item = &Judged> {
    strata.iter().filter(move |stratum| stratum.automatic == automatic && stratum.pairs > 0)
}

/// How many pairs of these strata are one.
fn added(strata: &[&Judged]) -> Option<Estimate> {
    let parts = strata.iter().map(|stratum| (wilson(stratum.same, stratum.judged), count(stratum.pairs)));
    parts
        .map(|(share, pairs)| Estimate { value: share.value * pairs, low: share.low * pairs, high: share.high * pairs })
        .reduce(|a, b| Estimate { value: a.value + b.value, low: a.low + b.low, high: a.high + b.high })
}

#[expect(clippy::cast_precision_loss, reason = "pairs are counted in fewer digits than a number has")]
fn count(pairs: u64) -> f64 {
    pairs as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    fn links(pairs: u64, judged: u64, same: u64) -> Judged {
        Judged { automatic: Automatic::Link, pairs, judged, same }
    }

    fn apart(pairs: u64, judged: u64, same: u64) -> Judged {
        Judged { automatic: Automatic::NonLink, pairs, judged, same }
    }

    /// Agresti and Coull (1998) and every table of the interval: 0 of 10 is 0 to 0.278, 5 of 10 is 0.237 to 0.763.
    #[test]
    fn the_interval_is_that_of_wilson() {
        for (hits, of, low, high) in [(0, 10, 0.0, 0.2775), (5, 10, 0.2366, 0.7634), (95, 100, 0.8882, 0.9785)] {
            let found = wilson(hits, of);
            assert!((found.low - low).abs() < 5e-4 && (found.high - high).abs() < 5e-4, "{hits} of {of}: {found:?}");
        }
        assert_eq!(wilson(0, 0), Estimate { value: 0.5, low: 0.0, high: 1.0 });
    }

    #[test]
    fn strata_count_by_how_many_pairs_they_have() {
        let strata = [links(900, 100, 100), links(100, 50, 25), apart(1_000, 100, 0)];
        let found = precision(&strata).unwrap();
        assert!((found.value - 0.95).abs() < 1e-9 && found.low < 0.95 && 0.95 < found.high, "{found:?}");
        let found = recall(&[links(100, 50, 50), apart(1_000, 100, 10)]).unwrap();
        assert!((found.value - 0.5).abs() < 1e-9, "100 were found and as many missed: {found:?}");
    }

    #[test]
    fn nothing_is_said_before_every_stratum_was_judged() {
        assert_eq!(precision(&[links(10, 0, 0), links(10, 5, 5)]), None);
        assert_eq!(recall(&[links(10, 5, 5), apart(10, 0, 0)]), None);
        assert!(recall(&[links(10, 5, 5), apart(0, 0, 0)]).is_some(), "a stratum without pairs has nothing to judge");
        assert_eq!(precision(&[]), None);
    }
}
