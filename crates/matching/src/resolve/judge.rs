//! From what pairs show to what they amount to: pairs that may be one party, and pairs that are related.

use crate::block::PackedPair;
use crate::cluster::Edge;
use crate::settings::Settings;
use crate::weigh::{MatchWeight, Prior, Signature, Weigher};
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
    for (pair, signature) in pairs.iter().zip(signatures) {
        let kind = kind_of(pair);
        let prior = if kind == PartyKind::Person { priors[0] } else { priors[1] };
        let evidence = weigher.evidence_of(kind, *signature);
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

/// The odds of a probability in bits, and a little less: whatever weighs less is out without a probability.
fn a_little_below(probability: f64) -> f64 {
    (probability / (1.0 - probability)).log2() - 1e-6
}
