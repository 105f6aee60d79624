//! A random sample of what matching decides by itself, by score: pairs that are linked and pairs that are not, for people to
//! judge who do not know which is which.
//!
//! Promises that the same records, model and seed give the same sample, whatever order they come in, and that every pair of a
//! stratum has the same chance. Only of pairs that blocking brings together: nobody can judge a sample of all others, because
//! almost none of those are one party.

use crate::block;
use crate::compare;
use crate::dataset::Dataset;
use crate::record::PartyRecord;
use crate::resolve::ScoredPair;
use crate::settings::Settings;
use crate::weigh::{Counts, Frequencies, Weigher};
use onefold_model::{PartyKind, RecordId};
use std::collections::BTreeMap;

/// What matching did with a pair.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Automatic {
    /// It put the two together.
    Link,
    /// It kept them apart without asking anybody.
    NonLink,
}

/// Pairs of one kind between two probabilities, and some of them.
#[derive(Debug, Clone, PartialEq)]
pub struct PairStratum {
    /// What matching did with them.
    pub automatic: Automatic,
    /// At least so likely.
    pub low: f64,
    /// Less likely than this; 1 is within the last one.
    pub high: f64,
    /// How many there are.
    pub pairs: u64,
    /// Some of them, by a number that is drawn for each.
    pub sampled: Vec<ScoredPair>,
}

/// Where strata of pairs that are kept apart begin.
const APART: [f64; 4] = [0.0, 1e-6, 1e-4, 1e-2];
/// Where strata of pairs that are put together begin, beside the threshold.
const TOGETHER: [f64; 2] = [0.999, 0.999_99];

/// Draws up to so many pairs of each stratum. `lies` tells how two records lie: together or not, and nothing of a pair that is
/// not matching's own doing.
pub fn sample_pairs(
    records: &[PartyRecord],
    settings: &Settings,
    frequencies: &Frequencies,
    lies: &dyn Fn(RecordId, RecordId) -> Option<Automatic>,
    (seed, each): (u64, usize),
) -> Vec<PairStratum> {
    let dataset = Dataset::of_parties(records);
    let columns = &dataset.columns;
    let counts = Counts::of_frequencies(columns, frequencies, settings.model.commonplace);
    let weigher = Weigher::new(&settings.model, frequencies);
    let prior_of = |kind: PartyKind| Weigher::prior(&settings.model, frequencies, kind);
    let mut ids = vec![None; dataset.places.len()];
    for (id, place) in dataset.ids.iter().zip(&dataset.places) {
        ids[*place as usize] = Some(*id);
    }
    let (link, review) = (settings.thresholds.auto_merge.get(), settings.thresholds.review.get());
    let mut strata = strata(link, review);
    let found = block::candidate_pairs(columns, &settings.blocking, settings.threads(), |_| {});
    for (one, other) in found.pairs.iter().map(|pair| pair.unpack()) {
        let (Some(a), Some(b)) = (ids[one as usize], ids[other as usize]) else { continue };
        // The smaller id is on the left, as everywhere.
        let (left, right, one, other) = if a < b { (a, b, one, other) } else { (b, a, other, one) };
        let Some(automatic) = lies(left, right) else { continue };
        let kind = columns.rows[one as usize].kind;
        let comparison = compare::compare(columns, &counts, one as usize, other as usize);
        let weight = weigher.evidence(kind, &comparison).weight(prior_of(kind));
        let probability = weight.probability();
        let is_within = |drawn: &&mut Drawn| {
            let stratum = &drawn.stratum;
            let is_below = probability.get() < stratum.high || stratum.high >= 1.0;
            stratum.automatic == automatic && stratum.low <= probability.get() && is_below
        };
        if let Some(drawn) = strata.iter_mut().find(is_within) {
            let pair = ScoredPair { left, right, weight, probability, cut: None };
            drawn.take(lot(seed, left, right), pair, each);
        }
    }
    strata.into_iter().map(Drawn::ended).collect()
}

/// A stratum that is being drawn.
struct Drawn {
    stratum: PairStratum,
    /// Those with the smallest numbers so far.
    best: BTreeMap<(u64, RecordId, RecordId), ScoredPair>,
}

impl Drawn {
    fn take(&mut self, lot: u64, pair: ScoredPair, each: usize) {
        self.stratum.pairs += 1;
        self.best.insert((lot, pair.left, pair.right), pair);
        if self.best.len() > each {
            self.best.pop_last();
        }
    }

    fn ended(self) -> PairStratum {
        PairStratum { sampled: self.best.into_values().collect(), ..self.stratum }
    }
}

/// All strata: of what is kept apart up to what is shown to people, and of what is put together.
fn strata(link: f64, review: f64) -> Vec<Drawn> {
    let cut = |bounds: &[f64], low: f64, high: f64| {
        let within = bounds.iter().copied().filter(|bound| low < *bound && *bound < high);
        std::iter::once(low).chain(within).chain([high]).collect::<Vec<f64>>()
    };
    let mut all = Vec::new();
    for (automatic, bounds) in
        [(Automatic::NonLink, cut(&APART, 0.0, review)), (Automatic::Link, cut(&TOGETHER, link, 1.0))]
    {
        for bounds in bounds.windows(2) {
            let stratum = PairStratum { automatic, low: bounds[0], high: bounds[1], pairs: 0, sampled: Vec::new() };
            all.push(Drawn { stratum, best: BTreeMap::new() });
        }
    }
    all
}

/// The number of a pair in the lottery of a seed: SplitMix64 (Steele, Lea, Flood 2014) over all of its bits.
fn lot(seed: u64, left: RecordId, right: RecordId) -> u64 {
    let ((a, b), (c, d)) = (left.0.as_u64_pair(), right.0.as_u64_pair());
    [a, b, c, d].into_iter().fold(seed, |state, part| {
        let state = (state ^ part).wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (state ^ state >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ mixed >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ mixed >> 31
    })
}
