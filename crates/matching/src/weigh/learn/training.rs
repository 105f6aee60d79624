//! How training went, and whether its result is to be trusted.

use super::Observed;
use super::mixture::{Course, Mixture};
use crate::compare::{Attribute, Level};
use serde::{Deserialize, Serialize};
use std::fmt;

/// Fewer pairs of one party teach little: the assumed model outweighs them.
const FEW_PAIRS: f64 = 50.0;
/// More pairs that can be told neither way than this are more than a steward can look at.
const MUCH_DOUBT: f64 = 0.25;
/// A likelihood that falls by more, relative to its size, is no rounding.
const ROUNDING: f64 = 1e-9;

/// How training went.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Training {
    /// Candidate pairs.
    pub pairs: u64,
    /// How many different things they show.
    pub groups: u64,
    /// Rounds of expectation maximisation.
    pub rounds: u64,
    /// Whether the last round changed nothing that matters.
    pub is_settled: bool,
    /// How many other records of the same party a record has, on average.
    pub same_per_record: f64,
    /// How many records of related parties a record has, on average.
    pub related_per_record: f64,
    /// Of the pairs that may be one party, the share that can be told neither way.
    pub uncertain: f64,
    /// Reasons not to trust the result; none is good.
    pub warnings: Vec<TrainingWarning>,
}

/// A reason not to trust what was learned.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum TrainingWarning {
    /// There are too few pairs of one party to learn from; what was assumed stands.
    FewPairs {
        /// How many there seem to be.
        same_pairs: f64,
    },
    /// The rounds did not come to an end.
    NotSettled,
    /// A round made the data less likely, which no round may.
    StepBack,
    /// Nothing that is compared tells relatives apart: a household may be taken for a person.
    NothingTellsRelativesApart,
    /// Agreement in this attribute is as common between strangers as within a party: the column may hold defaults.
    SaysNothing {
        /// Which.
        attribute: Attribute,
    },
    /// Many pairs can be told neither way.
    MuchDoubt {
        /// Their share.
        uncertain: f64,
    },
}

impl fmt::Display for TrainingWarning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::FewPairs { same_pairs } => {
                write!(f, "only about {same_pairs:.0} pairs of one party to learn from: what was assumed stands")
            }
            Self::NotSettled => f.write_str("the weights had not settled in the last round"),
            Self::StepBack => f.write_str("a round made the data less likely, which is a defect: please report it"),
            Self::NothingTellsRelativesApart => f.write_str(
                "no given name, day of birth or identifier to compare: a household may be taken for a person",
            ),
            Self::SaysNothing { attribute } => {
                write!(f, "agreement in {attribute:?} is as common between strangers: look for defaults in that column")
            }
            Self::MuchDoubt { uncertain } => {
                write!(f, "{:.0} % of the pairs that may be one party can be told neither way", uncertain * 100.0)
            }
        }
    }
}

/// What is to be said of a training.
pub(super) fn judge(observed: &Observed, mixture: &Mixture<'_>, course: &Course) -> Training {
    let (same_per_record, related_per_record) = mixture.shares();
    let mut warnings = Vec::new();
    if course.same_pairs < FEW_PAIRS {
        warnings.push(TrainingWarning::FewPairs { same_pairs: course.same_pairs });
    }
    if !course.is_settled {
        warnings.push(TrainingWarning::NotSettled);
    }
    if course.step_back > ROUNDING {
        warnings.push(TrainingWarning::StepBack);
    }
    let places = || Attribute::of(observed.kind).iter().enumerate();
    let is_seen =
        |place: usize| observed.random[place].iter().sum::<f64>() > observed.random[place][Level::Missing as usize];
    if !places().any(|(place, attribute)| attribute.tells_relatives_apart() && is_seen(place)) {
        warnings.push(TrainingWarning::NothingTellsRelativesApart);
    }
    for (place, attribute) in places().filter(|(place, _)| is_seen(*place)) {
        let (same, unrelated) = mixture.probabilities(place, Level::Exact);
        if unrelated > 0.0 && same <= unrelated {
            warnings.push(TrainingWarning::SaysNothing { attribute: *attribute });
        }
    }
    if course.same_pairs >= FEW_PAIRS && course.uncertain > MUCH_DOUBT {
        warnings.push(TrainingWarning::MuchDoubt { uncertain: course.uncertain });
    }
    Training {
        pairs: observed.pairs.all,
        groups: observed.pairs.groups.len() as u64,
        rounds: course.rounds as u64,
        is_settled: course.is_settled,
        same_per_record,
        related_per_record,
        uncertain: course.uncertain,
        warnings,
    }
}
