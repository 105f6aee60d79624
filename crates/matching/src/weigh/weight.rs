//! Match weights, probabilities, and the two bounds between which a steward looks.

use serde::{Deserialize, Serialize};
use std::fmt;

/// Evidence in bits: the binary logarithm of the odds that two records are one party. 0 is even, 4.25 is 19 in 20.
#[derive(Debug, Clone, Copy, PartialEq, PartialOrd, Serialize, Deserialize)]
#[serde(transparent)]
pub struct MatchWeight(pub f64);

impl MatchWeight {
    /// `2^w / (1 + 2^w)`.
    pub fn probability(self) -> Probability {
        Probability(1.0 / (1.0 + (-self.0).exp2()))
    }
}

impl fmt::Display for MatchWeight {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:+.1} bits", self.0)
    }
}

/// Weights are whole numbers of this part of a bit.
pub(crate) const UNITS: f64 = 1024.0;

/// Rounds a weight to 1/1024 bit. Multiples of it below 2^42 add up exactly in an `f64`, in any order.
pub(crate) fn quantised(bits: f64) -> f64 {
    (bits * UNITS).round() / UNITS
}

/// A number from 0 to 1.
#[derive(Debug, Clone, Copy, PartialEq, PartialOrd, Serialize, Deserialize)]
#[serde(try_from = "f64", into = "f64")]
pub struct Probability(f64);

/// A number that is no probability.
#[derive(Debug, Clone, Copy, PartialEq, thiserror::Error)]
#[error("{0} is not a probability between 0 and 1")]
pub struct InvalidProbability(f64);

impl Probability {
    /// Checks the range.
    pub fn new(value: f64) -> Result<Self, InvalidProbability> {
        if (0.0..=1.0).contains(&value) { Ok(Self(value)) } else { Err(InvalidProbability(value)) }
    }

    /// The number.
    pub fn get(self) -> f64 {
        self.0
    }
}

impl TryFrom<f64> for Probability {
    type Error = InvalidProbability;
    fn try_from(value: f64) -> Result<Self, InvalidProbability> {
        Self::new(value)
    }
}

impl From<Probability> for f64 {
    fn from(probability: Probability) -> f64 {
        probability.0
    }
}

/// From which probability on records are merged, and from which on a steward is asked.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Thresholds {
    /// Pairs at or above are linked.
    pub auto_merge: Probability,
    /// Pairs at or above, and below [`Thresholds::auto_merge`], are put to a steward.
    pub review: Probability,
}

impl Default for Thresholds {
    /// Linked from 0.95, asked from 0.5: where the evidence is more for than against.
    fn default() -> Self {
        Self { auto_merge: Probability(0.95), review: Probability(0.5) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn zero_bits_are_even_odds() {
        let is = |bits: f64, expected: f64| (MatchWeight(bits).probability().get() - expected).abs() < 1e-12;
        assert!(is(0.0, 0.5));
        assert!(MatchWeight(4.25).probability().get() > 0.95);
        assert!(MatchWeight(4.24).probability().get() < 0.95);
        assert!(is(2000.0, 1.0) && is(-2000.0, 0.0));
    }

    #[test]
    fn what_is_no_probability_is_refused() {
        for value in [-0.1, 1.1, f64::NAN] {
            assert!(Probability::new(value).is_err());
        }
    }

    proptest! {
        #[test]
        fn quantised_weights_add_up_in_any_order(bits in proptest::collection::vec(-60.0f64..60.0, 1..16)) {
            let weights: Vec<f64> = bits.iter().map(|&bits| quantised(bits)).collect();
            let forwards: f64 = weights.iter().sum();
            let backwards: f64 = weights.iter().rev().sum();
            prop_assert_eq!(forwards.to_bits(), backwards.to_bits());
        }
    }
}
