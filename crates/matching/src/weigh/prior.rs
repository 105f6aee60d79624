//! How likely two random records are one party, before anything is compared: learned from the candidate pairs.
//!
//! The model says what to expect; the data corrects it. This is the step of expectation maximisation (Dempster, Laird,
//! Rubin 1977) for the shares of the classes alone, with the model's probabilities held fixed.

use super::model::ComparisonModel;
use super::weight::{MatchWeight, quantised};
use serde::{Deserialize, Serialize};

/// The smallest number of records for which a prior is stated: a set of ten records must not make strangers likely.
const SMALLEST_SET: u64 = 1000;
/// How many imagined records stand behind what the model expects.
const EXPECTED_RECORDS: f64 = 1000.0;
/// The shares settle within a few rounds, because most pairs are clear cases. A fixed number keeps runs equal.
const ROUNDS: usize = 5;
/// Pairs whose odds are below this at the model's prior cannot move a share.
const NEGLIGIBLE_BITS: f64 = -12.0;

/// The prior odds of "same" and of "related" against "unrelated", in bits.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Prior {
    pub(crate) same: MatchWeight,
    pub(crate) related: MatchWeight,
    /// The same for pairs that contradict one another in what a person has one of. At least as likely, against "same",
    /// as the model expects: the odds of these two classes are what keeps a family apart, and data with many duplicates
    /// and few families must not undo that.
    pub(crate) related_contradicting: MatchWeight,
}

/// What the attributes of one pair say, in bits: the sums for "same" and for "related".
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Evidence {
    pub(crate) same: f64,
    pub(crate) related: f64,
    /// The two differ in what a person has one of: given name, day of birth, Jr. or Sr.
    pub(crate) contradicts: bool,
}

impl Prior {
    /// What the model expects of so many records.
    pub(crate) fn expected(model: &ComparisonModel, records: u64) -> Self {
        Self::of(model, model.same_per_record, model.related_per_record, records)
    }

    /// What the candidate pairs of so many records show.
    pub(crate) fn learned(model: &ComparisonModel, records: u64, pairs: impl Iterator<Item = Evidence>) -> Self {
        let expected = Self::expected(model, records);
        let odds: Vec<(f64, f64, bool)> = pairs
            .filter(|pair| (expected.same.0 + pair.same).max(expected.related.0 + pair.related) > NEGLIGIBLE_BITS)
            .map(|pair| (pair.same.exp2(), pair.related.exp2(), pair.contradicts))
            .collect();
        let mut prior = expected;
        for _ in 0..ROUNDS {
            let share_same = prior.same.0.exp2();
            let share_related = [prior.related.0.exp2(), prior.related_contradicting.0.exp2()];
            let (mut same, mut related) = (0.0, 0.0);
            for (for_same, for_related, contradicts) in &odds {
                let for_same = share_same * for_same;
                let for_related = share_related[usize::from(*contradicts)] * for_related;
                let all = 1.0 + for_same + for_related;
                same += for_same / all;
                related += for_related / all;
            }
            // Each pair gives both of its records one other record.
            let per_record = |pairs: f64, expected: f64| {
                (2.0 * pairs + EXPECTED_RECORDS * expected) / (records as f64 + EXPECTED_RECORDS)
            };
            let same = per_record(same, model.same_per_record);
            prior = Self::of(model, same, per_record(related, model.related_per_record), records);
        }
        prior
    }

    fn of(model: &ComparisonModel, same_per_record: f64, related_per_record: f64, records: u64) -> Self {
        let others = (records.max(SMALLEST_SET) - 1) as f64;
        let bits = |per_record: f64| {
            let share = (per_record / others).clamp(1e-12, 0.5);
            MatchWeight(quantised((share / (1.0 - share)).log2()))
        };
        let least = same_per_record * model.related_per_record / model.same_per_record;
        Self {
            same: bits(same_per_record),
            related: bits(related_per_record),
            related_contradicting: bits(related_per_record.max(least)),
        }
    }
}

impl Evidence {
    /// What being related explains of the evidence for "same": at most 0.
    pub(crate) fn household(self, prior: Prior) -> f64 {
        let prior = if self.contradicts { prior.related_contradicting } else { prior.related };
        let related = prior.0 + self.related;
        if related > 50.0 { -related } else { -quantised((1.0 + related.exp2()).log2()) }
    }

    /// The weight without what being related explains: never less than the weight with it.
    pub(crate) fn without_household(self, prior: Prior) -> MatchWeight {
        MatchWeight(prior.same.0 + self.same)
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
    fn the_prior_follows_the_share_of_clear_pairs() {
        let model = Model::v1().persons;
        let clear = Evidence { same: 60.0, related: 0.0, contradicts: false };
        let learned = |pairs| Prior::learned(&model, 10_000, std::iter::repeat_n(clear, pairs));
        // 20,000 pairs of 10,000 records: four others for each, where the model expected one.
        assert!((learned(20_000).same.0 - Prior::expected(&model, 10_000).same.0 - 1.9).abs() < 0.1);
        assert!(learned(0).same.0 < Prior::expected(&model, 10_000).same.0);
        assert_eq!(Prior::expected(&model, 3), Prior::expected(&model, 1000));
    }
}
