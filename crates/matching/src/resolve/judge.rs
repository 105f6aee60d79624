//! From what pairs show to what they amount to: pairs that may be one party, and pairs that are related.

use super::comparing::Comparing;
use crate::block::PackedPair;
use crate::cluster::Edge;
use crate::settings::Settings;
use crate::weigh::{LevelsSay, MatchWeight, Prior, Probability, Signature, Weigher};
use onefold_model::PartyKind;

/// The pairs that matter, in the order in which they were judged.
#[derive(Debug, Default)]
pub(super) struct Judged {
    /// At least worth a review.
    pub(super) likely: Vec<Edge>,
    /// Related rather than one or strangers, as sure as an automatic link must be.
    pub(super) related: Vec<Edge>,
}

/// Judges pairs, some after the other.
pub(super) struct Judge<'w> {
    said: Recent<'w>,
    priors: [Prior; 2],
    review: Probability,
    link: Probability,
    /// A little less than what a pair must weigh.
    least_same: f64,
    least_related: f64,
    pub(super) judged: Judged,
}

impl<'w> Judge<'w> {
    pub(super) fn new(weigher: &'w Weigher, prior_of: impl Fn(PartyKind) -> Prior, settings: &Settings) -> Self {
        let (review, link) = (settings.thresholds.review, settings.thresholds.auto_merge);
        Self {
            said: Recent::new(weigher),
            priors: [PartyKind::Person, PartyKind::Organization].map(prior_of),
            review,
            link,
            least_same: a_little_below(review.get()),
            least_related: a_little_below(link.get()),
            judged: Judged::default(),
        }
    }

    /// Judges pairs by what they show.
    pub(super) fn add(&mut self, comparing: &Comparing<'_>, pairs: &[PackedPair], signatures: &[Signature]) {
        for (pair, signature) in pairs.iter().zip(signatures) {
            let kind = comparing.kind_of(*pair);
            let prior = if kind == PartyKind::Person { self.priors[0] } else { self.priors[1] };
            let evidence = self.said.of(kind, *signature).evidence(*signature);
            let edge = |weight: MatchWeight| {
                let (left, right) = pair.unpack();
                Edge { left, right, weight }
            };
            // Most pairs fall short whatever the other class explains beyond its own weight: spare them its logarithm.
            if evidence.most(prior).0 >= self.least_same {
                let weight = evidence.weight(prior);
                if weight.probability() >= self.review {
                    self.judged.likely.push(edge(weight));
                }
            }
            if evidence.most_related(prior).0 >= self.least_related {
                let weight = evidence.related_weight(prior);
                if weight.probability() >= self.link {
                    self.judged.related.push(edge(weight));
                }
            }
        }
    }
}

/// What levels say, remembered: most pairs show what many pairs show.
struct Recent<'w> {
    weigher: &'w Weigher,
    entries: Vec<(PartyKind, u64, LevelsSay)>,
}

impl<'w> Recent<'w> {
    /// A power of two, so large that what is often seen has an entry, and so small that it stays in the cache.
    const ENTRIES: usize = 1 << 12;

    fn new(weigher: &'w Weigher) -> Self {
        let nothing = Signature::default();
        let entry = (PartyKind::Person, nothing.levels(), weigher.levels_say(PartyKind::Person, nothing));
        Self { weigher, entries: vec![entry; Self::ENTRIES] }
    }

    #[inline]
    fn of(&mut self, kind: PartyKind, signature: Signature) -> &LevelsSay {
        // Fibonacci hashing; the upper bits are spread best.
        let spread = (signature.levels().wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 40) as usize;
        let entry = &mut self.entries[spread % Self::ENTRIES];
        if (entry.0, entry.1) != (kind, signature.levels()) {
            *entry = (kind, signature.levels(), self.weigher.levels_say(kind, signature));
        }
        &entry.2
    }
}

/// The odds of a probability in bits, and a little less: whatever weighs less is out without a probability.
fn a_little_below(probability: f64) -> f64 {
    (probability / (1.0 - probability)).log2() - 1e-6
}
