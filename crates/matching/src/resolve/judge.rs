//! From what pairs show to what they amount to: pairs that may be one party, and pairs that are related.

use crate::block::PackedPair;
use crate::cluster::Edge;
use crate::settings::Settings;
use crate::weigh::{LevelsSay, MatchWeight, Prior, Signature, Weigher};
use onefold_model::PartyKind;

/// The pairs that matter; ascending.
#[derive(Debug, Default)]
pub(super) struct Judged {
    /// At least worth a review.
    pub(super) likely: Vec<Edge>,
    /// Related rather than one or strangers, as sure as an automatic link must be.
    pub(super) related: Vec<Edge>,
}

/// Judges all pairs. `kind_of` tells of which kind both records of a pair are.
pub(super) fn judge(
    pairs: &[PackedPair],
    signatures: &[Signature],
    kind_of: impl Fn(&PackedPair) -> PartyKind,
    weigher: &Weigher,
    prior_of: impl Fn(PartyKind) -> Prior,
    settings: &Settings,
) -> Judged {
    let mut judged = Judged::default();
    let (review, link) = (settings.thresholds.review, settings.thresholds.auto_merge);
    let (least_same, least_related) = (a_little_below(review.get()), a_little_below(link.get()));
    let priors = [PartyKind::Person, PartyKind::Organization].map(&prior_of);
    let mut said = Recent::new(weigher);
    for (pair, signature) in pairs.iter().zip(signatures) {
        let kind = kind_of(pair);
        let prior = if kind == PartyKind::Person { priors[0] } else { priors[1] };
        let evidence = said.of(kind, *signature).evidence(*signature);
        let edge = |weight: MatchWeight| {
            let (left, right) = pair.unpack();
            Edge { left, right, weight }
        };
        // Most pairs fall short even without what the other class explains: spare them its logarithm.
        if evidence.without_household(prior).0 >= least_same {
            let weight = evidence.weight(prior);
            if weight.probability() >= review {
                judged.likely.push(edge(weight));
            }
        }
        if prior.related.0 + evidence.related >= least_related {
            let weight = evidence.related_weight(prior);
            if weight.probability() >= link {
                judged.related.push(edge(weight));
            }
        }
    }
    judged
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
