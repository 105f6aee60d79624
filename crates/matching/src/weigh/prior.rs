//! How likely two random records are one party, or related, before anything is compared; and what follows from the
//! evidence of a pair.

use super::model::ComparisonModel;
use super::weight::{MatchWeight, UNITS, quantised};
use serde::{Deserialize, Serialize};

/// The smallest number of records for which a prior is stated: a set of ten records must not make strangers likely.
const SMALLEST_SET: u64 = 1000;

/// The prior odds of "same" and of "related" against "unrelated", in bits.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Prior {
    pub(crate) same: MatchWeight,
    pub(crate) related: MatchWeight,
}

/// What the attributes of one pair say, in bits: the sums for "same" and for "related".
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Evidence {
    pub(crate) same: f64,
    pub(crate) related: f64,
}

impl Prior {
    /// What a model expects of so many records.
    pub(crate) fn expected(model: &ComparisonModel, records: u64) -> Self {
        let bits = |per_record: f64| MatchWeight(quantised(odds_bits(per_record, records)));
        Self { same: bits(model.same_per_record), related: bits(model.related_per_record) }
    }
}

/// The odds, in bits, that another record out of so many is one of the `per_record` that belong to a record.
pub(crate) fn odds_bits(per_record: f64, records: u64) -> f64 {
    let others = (records.max(SMALLEST_SET) - 1) as f64;
    let share = (per_record / others).clamp(1e-12, 0.5);
    (share / (1.0 - share)).log2()
}

impl Evidence {
    /// What being related explains of the evidence for "same": at most 0.
    pub(crate) fn household(self, prior: Prior) -> f64 {
        let related = prior.related.0 + self.related;
        if related > 50.0 { -related } else { -quantised((1.0 + related.exp2()).log2()) }
    }

    /// The weight of being related, against being one or strangers.
    pub(crate) fn related_weight(self, prior: Prior) -> MatchWeight {
        let (same, related) = (prior.same.0 + self.same, prior.related.0 + self.related);
        let explained = if same > 50.0 { same } else { quantised((1.0 + same.exp2()).log2()) };
        MatchWeight(related - explained)
    }

    /// Never less than the weight, and soon told: `log2(1 + 2^r)` is at least `r`, and at least 0. One unit is for rounding.
    pub(crate) fn most(self, prior: Prior) -> MatchWeight {
        let (same, related) = (prior.same.0 + self.same, prior.related.0 + self.related);
        MatchWeight(same - related.max(0.0) + 1.0 / UNITS)
    }

    /// The same of the weight of being related.
    pub(crate) fn most_related(self, prior: Prior) -> MatchWeight {
        let (same, related) = (prior.same.0 + self.same, prior.related.0 + self.related);
        MatchWeight(related - same.max(0.0) + 1.0 / UNITS)
    }

    /// The weight of the pair.
    pub(crate) fn weight(self, prior: Prior) -> MatchWeight {
        MatchWeight(prior.same.0 + self.same + self.household(prior))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::weigh::Model;

    #[test]
    fn a_small_set_does_not_make_strangers_likely() {
        let model = Model::v1().persons;
        assert_eq!(Prior::expected(&model, 3), Prior::expected(&model, 1000));
        assert!(Prior::expected(&model, 1_000_000).same.0 < -19.0);
    }

    #[test]
    fn no_weight_is_more_than_its_bound() {
        let prior = Prior::expected(&Model::v1().persons, 1000);
        let sums = || (-90..90).map(|bits| f64::from(bits) + 0.3);
        for evidence in sums().flat_map(|same| sums().map(move |related| Evidence { same, related })) {
            assert!(evidence.weight(prior) <= evidence.most(prior));
            assert!(evidence.related_weight(prior) <= evidence.most_related(prior));
        }
    }
}
