//! Weights learned from the data itself, without labels: expectation maximisation (Dempster, Laird and Rubin, 1977) over
//! counts of what pairs show.
//!
//! Promises: the same pairs teach the same weights to the last bit, whatever their order; a set of any size teaches them
//! within a few tens of milliseconds. Four kinds of pairs are told apart: one party, related (one household, one group),
//! namesakes, and unrelated. Left to themselves, such classes change places as data sets grow; here each is held by what
//! it means:
//! - of **related** parties, what tells relatives apart ([`Attribute::tells_relatives_apart`]) is not learned but given;
//! - **unrelated** pairs are drawn at random from all records, never from candidates, which agree because they were chosen
//!   for it; how rare a value is comes from its frequency;
//! - of **namesakes**, what follows from the name is counted against *all* pairs of one name, whose number is known
//!   without looking at them;
//! - everything else begins at what the model assumes and moves away from it as evidence grows.
//!
//! Does not decide which records are one; see [`super::weigher`].

mod groups;
mod mixture;
mod training;

pub use training::{Training, TrainingWarning};

pub(crate) use groups::{Label, Pairs};

use super::model::{AttributeModel, ComparisonModel, LevelModel};
use super::namesake::{NAMES, NamePlaces};
use super::prior::{Prior, odds_bits};
use super::weight::{MatchWeight, quantised};
use crate::compare::{Attribute, Level, MAX_ATTRIBUTES};
use mixture::Mixture;
use onefold_model::PartyKind;
use serde::{Deserialize, Serialize};

/// How many imagined random pairs stand behind what the model assumes of unrelated parties.
const ASSUMED_RANDOM: f64 = 2000.0;

/// How often each level was seen, by attribute.
pub(crate) type LevelCounts = [[f64; Level::COUNT]; MAX_ATTRIBUTES];

/// What the pairs of a data set taught about one kind of party.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Learned {
    /// The probabilities of levels, as [`super::Model`] states them.
    pub model: ComparisonModel,
    /// How likely two random records are one party, or related.
    pub(crate) prior: Prior,
    /// How training went, and whether its result is to be trusted.
    pub training: Training,
}

/// What there is to learn from.
pub(crate) struct Observed {
    pub(crate) kind: PartyKind,
    /// How many records of this kind there are.
    pub(crate) records: u64,
    /// The candidate pairs, or an even sample of them.
    pub(crate) pairs: Pairs,
    /// What random pairs of records show.
    pub(crate) random: LevelCounts,
    pub(crate) namesakes: NamesakePairs,
}

/// How many pairs of records have names in common, candidates or not: known from counts, without looking at them.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct NamesakePairs {
    /// By which names agree.
    pub(crate) pairs: [f64; NAMES],
    /// How many would agree in both, if given and family names had nothing to do with one another.
    pub(crate) by_chance: f64,
    /// The share of the records that say what follows from the name, and something that tells relatives apart besides.
    pub(crate) telling: f64,
}

/// Learns what a kind of party teaches, beginning at what a model assumes.
pub(crate) fn learn(assumed: &ComparisonModel, observed: &Observed) -> Learned {
    let unrelated = unrelated(assumed, observed);
    let mut mixture = Mixture::new(assumed, observed, &unrelated);
    let course = mixture.train();
    let (same_per_record, related_per_record) = mixture.shares();
    let bits = |per_record: f64| MatchWeight(quantised(odds_bits(per_record, observed.records)));
    let training = training::judge(observed, &mixture, &course);
    Learned {
        model: ComparisonModel {
            same_per_record,
            related_per_record,
            namesakes: mixture.one_name(),
            attributes: mixture.attributes(),
        },
        prior: Prior { same: bits(same_per_record), related: bits(related_per_record) },
        training,
    }
}

/// How often each level is seen between strangers: what random pairs show, beside what is assumed.
fn unrelated(assumed: &ComparisonModel, observed: &Observed) -> LevelCounts {
    let mut chances = [[0.0; Level::COUNT]; MAX_ATTRIBUTES];
    for (place, attribute) in Attribute::of(observed.kind).iter().enumerate() {
        let levels = assumed.levels(*attribute);
        let seen = |level: &LevelModel| observed.random[place][level.level as usize];
        let all: f64 = levels.iter().map(seen).sum();
        let whole: f64 = levels.iter().map(|level| level.unrelated).sum();
        for level in levels {
            let chance = (seen(level) + ASSUMED_RANDOM * level.unrelated / whole) / (all + ASSUMED_RANDOM);
            chances[place][level.level as usize] = chance;
        }
    }
    chances
}

/// Where the attributes that a model knows stand, with their levels.
fn known_levels(model: &ComparisonModel, kind: PartyKind) -> impl Iterator<Item = (usize, &AttributeModel)> {
    model.attributes.iter().filter_map(move |known| {
        Some((Attribute::of(kind).iter().position(|attribute| *attribute == known.attribute)?, known))
    })
}

/// The place of what follows from the name; past the end where nothing does.
fn following_place(kind: PartyKind) -> usize {
    NamePlaces::of(kind).map_or(usize::MAX, |names| names.following)
}
