//! A model made ready for a data set: one look-up per level.

use super::counts::Holders;
use super::frequency::{ColumnFrequency, Frequencies};
use super::model::{ComparisonModel, LevelModel, Model};
use super::prior::{Evidence, Prior};
use super::weight::quantised;
use crate::compare::{Attribute, Comparison, Level, MAX_ATTRIBUTES};
use onefold_model::PartyKind;

/// How much rarer or more common than the average of its column a value may count, in bits.
const RARITY_BOUND: f64 = 6.0;
/// How many imagined pairs stand behind the assumed chance of a column before data is seen.
const ASSUMED_PAIRS: f64 = 1e6;
/// How many imagined records with average frequencies stand behind each value.
const ASSUMED_RECORDS: f64 = 10.0;
/// Chances are looked up for values that fewer parties have, and computed for the others.
const LOOKED_UP: u32 = 256;

/// The weights of both kinds of party.
#[derive(Debug)]
pub(crate) struct Weigher {
    persons: Weights,
    organizations: Weights,
}

/// For each attribute, in the order of [`Attribute::of`], the weight of each level.
#[derive(Debug)]
struct Weights(Vec<[LevelWeight; Level::COUNT]>);

#[derive(Debug, Clone, Default)]
struct LevelWeight {
    same: f64,
    related: f64,
    /// Where the weight depends on how many records have the value: the binary logarithm of that chance, by count.
    chances: Option<Box<Chances>>,
    least: (f64, f64),
    /// The weights of values that few parties have, by how many.
    by_count: Vec<(f64, f64)>,
}

#[derive(Debug, Clone)]
struct Chances {
    average: f64,
    present: f64,
    by_count: Vec<f64>,
}

impl Weigher {
    /// Prepares a model for the frequencies of a data set.
    pub(crate) fn new(model: &Model, frequencies: &Frequencies) -> Self {
        let of = |kind| Weights::new(model.of(kind), kind, frequencies);
        Self { persons: of(PartyKind::Person), organizations: of(PartyKind::Organization) }
    }

    /// What a comparison of two records of this kind says.
    ///
    /// With `P` the probability of what was found in a class, and `π` the share of the class among all pairs, the weight
    /// of the pair is `log2(π_same P_same) - log2(π_unrelated P_unrelated + π_related P_related)`. That is the two-class
    /// sum of Fellegi and Sunter minus `log2(1 + 2^r)`, where `r` is the same sum for "related": the line of the
    /// household, see [`Evidence::household`].
    pub(crate) fn evidence(&self, kind: PartyKind, comparison: &Comparison) -> Evidence {
        let mut evidence = Evidence { same: 0.0, related: 0.0, contradicts: false };
        for ((outcome, levels), attribute) in comparison.iter().zip(&self.of(kind).0).zip(Attribute::of(kind)) {
            evidence.contradicts |= outcome.level == Level::Different && attribute.is_one_persons();
            let (same, related) = levels[outcome.level as usize].of(outcome.holders);
            evidence.same += same;
            evidence.related += related;
        }
        evidence
    }

    /// The weight of each attribute, which add up to the evidence for "same".
    pub(crate) fn lines(&self, kind: PartyKind, comparison: &Comparison) -> [f64; MAX_ATTRIBUTES] {
        let mut lines = [0.0; MAX_ATTRIBUTES];
        for ((outcome, levels), line) in comparison.iter().zip(&self.of(kind).0).zip(&mut lines) {
            *line = levels[outcome.level as usize].of(outcome.holders).0;
        }
        lines
    }

    /// The prior odds of a kind: what the data showed, or else what the model expects.
    pub(crate) fn prior(model: &Model, frequencies: &Frequencies, kind: PartyKind) -> Prior {
        frequencies.prior(kind).unwrap_or_else(|| Prior::expected(model.of(kind), frequencies.records()))
    }

    fn of(&self, kind: PartyKind) -> &Weights {
        match kind {
            PartyKind::Person => &self.persons,
            PartyKind::Organization => &self.organizations,
        }
    }
}

impl Weights {
    fn new(model: &ComparisonModel, kind: PartyKind, frequencies: &Frequencies) -> Self {
        let levels = Attribute::of(kind)
            .iter()
            .map(|attribute| {
                let mut table: [LevelWeight; Level::COUNT] = Default::default();
                let found = model.attributes.iter().find(|candidate| candidate.attribute == *attribute);
                let levels = found.map_or(&[][..], |found| &found.levels);
                for level in levels {
                    table[level.level as usize] = LevelWeight::new(level, frequencies);
                }
                // Agreement on the most common value is still no worse than disagreement.
                let least = &table[Level::Different as usize];
                let least = (least.same, least.related);
                for level in &mut table {
                    level.least = least;
                    level.by_count = level
                        .chances
                        .iter()
                        .flat_map(|chances| &chances.by_count)
                        .map(|&chance| level.with(chance))
                        .collect();
                }
                table
            })
            .collect();
        Self(levels)
    }
}

impl LevelWeight {
    fn new(level: &LevelModel, frequencies: &Frequencies) -> Self {
        let bits = |probability: f64| probability.clamp(1e-12, 1.0).log2();
        let none = ColumnFrequency::default();
        match level.column {
            Some(column) => Self {
                same: bits(level.same),
                related: bits(level.related),
                chances: Some(Box::new(Chances::new(frequencies.column(column).unwrap_or(&none), level.unrelated))),
                least: (0.0, 0.0),
                by_count: Vec::new(),
            },
            None => Self {
                same: quantised(bits(level.same) - bits(level.unrelated)),
                related: quantised(bits(level.related) - bits(level.unrelated)),
                chances: None,
                least: (0.0, 0.0),
                by_count: Vec::new(),
            },
        }
    }

    fn of(&self, holders: Holders) -> (f64, f64) {
        let Some(chances) = &self.chances else { return (self.same, self.related) };
        let known = self.by_count.get(holders.others as usize).copied();
        known.unwrap_or_else(|| self.with(chances.bits(holders.others)))
    }

    /// The weights where the value that agrees has this chance, in bits.
    fn with(&self, chance: f64) -> (f64, f64) {
        (quantised(self.same - chance).max(self.least.0), quantised(self.related - chance).max(self.least.1))
    }
}

impl Chances {
    fn new(frequency: &ColumnFrequency, assumed: f64) -> Self {
        let present = frequency.present as f64;
        let pairs = present * (present - 1.0).max(0.0);
        let average = (frequency.agreeing as f64 + ASSUMED_PAIRS * assumed) / (pairs + ASSUMED_PAIRS);
        let mut chances = Self { average, present, by_count: Vec::new() };
        chances.by_count = (0..LOOKED_UP).map(|others| chances.bits(others)).collect();
        chances
    }

    /// The binary logarithm of the chance that an unrelated record has the value too, when `others` other parties have
    /// it.
    ///
    /// `u = (others + a·ū) / (present + a)`, where `ū` is the chance that two random records agree in this column. Never
    /// more than 6 bits from `ū`.
    fn bits(&self, others: u32) -> f64 {
        let chance = (f64::from(others) + ASSUMED_RECORDS * self.average) / (self.present + ASSUMED_RECORDS);
        let average = self.average.log2();
        chance.log2().clamp(average - RARITY_BOUND, average + RARITY_BOUND).min(0.0)
    }
}
