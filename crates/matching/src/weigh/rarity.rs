//! What a pair shows, without what that is worth: its levels, and how rare the values are that agree.
//!
//! Promises that a signature depends on the two records and on the frequencies of the data alone, so that pairs are
//! compared once and weighed as often as a model changes. All chances are multiples of 1/1024 bit.

use super::counts::Holders;
use super::frequency::{ColumnFrequency, Frequencies};
use super::model::{ComparisonModel, Model};
use super::weight::{UNITS, quantised};
use crate::compare::{Attribute, Comparison, Level, MAX_ATTRIBUTES};
use onefold_model::PartyKind;

/// How much rarer or more common than the average of its column a value may count, in bits.
const RARITY_BOUND: f64 = 6.0;
/// How many imagined pairs stand behind the assumed chance of a column before data is seen.
const ASSUMED_PAIRS: f64 = 1e6;
/// How many imagined records with average frequencies stand behind each value.
const ASSUMED_RECORDS: f64 = 10.0;
/// Chances are looked up for values that fewer parties have, and computed for the others.
const LOOKED_UP: u32 = 1024;
/// Bits that hold a level.
const LEVEL_BITS: usize = 5;

/// What was found in a pair: the level of each attribute, and the chances that unrelated parties agree in those values.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Signature {
    levels: u64,
    /// The logarithms of the chances, but for the attribute that follows the name, added up; in 1/1024 bit.
    chances: i32,
    /// The same of the attribute that follows the name.
    following: i32,
}

impl Signature {
    /// The level of the attribute at this place.
    #[inline]
    #[expect(clippy::cast_possible_truncation, reason = "five bits are wanted")]
    pub(crate) fn level(self, place: usize) -> usize {
        (self.levels >> (LEVEL_BITS * place)) as usize & ((1 << LEVEL_BITS) - 1)
    }

    /// All levels at once.
    #[inline]
    pub(crate) fn levels(self) -> u64 {
        self.levels
    }

    /// The chances of all values that agree but [`Signature::following`], in bits: at most 0.
    #[inline]
    pub(crate) fn chances(self) -> f64 {
        f64::from(self.chances) / UNITS
    }

    /// The chance of the value that agrees in the attribute that follows the name, in bits: at most 0.
    #[inline]
    pub(crate) fn following(self) -> f64 {
        f64::from(self.following) / UNITS
    }
}

/// How rare the values of a data set are.
#[derive(Debug)]
pub(crate) struct Rarity {
    persons: Vec<[Option<Chances>; Level::COUNT]>,
    organizations: Vec<[Option<Chances>; Level::COUNT]>,
    /// Where what follows the name stands among the attributes of a person, and of an organisation.
    following: [Option<usize>; 2],
    /// Of persons, and of organisations.
    units: [Units; 2],
}

/// The chances of values in 1/1024 bit by how many others have them, those of all levels one after the other.
#[derive(Debug)]
struct Units {
    /// Where those of each level begin; those of a level that does not rest on a value are all 0.
    starts: Vec<[u32; Level::COUNT]>,
    units: Vec<i32>,
}

impl Units {
    fn of(chances: &[[Option<Chances>; Level::COUNT]]) -> Self {
        let mut units = vec![0; LOOKED_UP as usize];
        let mut start = 0;
        let mut starts = vec![[0; Level::COUNT]; chances.len()];
        for (levels, starts) in chances.iter().zip(&mut starts) {
            for (chances, place) in
                levels.iter().zip(starts).filter_map(|(level, place)| Some((level.as_ref()?, place)))
            {
                start += LOOKED_UP;
                *place = start;
                units.extend(chances.by_count.iter().map(|bits| in_units(*bits)));
            }
        }
        Self { starts, units }
    }
}

#[derive(Debug, Clone)]
struct Chances {
    average: f64,
    /// The binary logarithm of the average.
    average_bits: f64,
    present: f64,
    by_count: Vec<f64>,
}

impl Rarity {
    /// Of the values that the levels of a model rest on.
    pub(crate) fn new(model: &Model, frequencies: &Frequencies) -> Self {
        let of = |kind| by_level(model.of(kind), kind, frequencies);
        let following = |kind| {
            let follows = Attribute::follows_name(kind)?;
            Attribute::of(kind).iter().position(|attribute| *attribute == follows)
        };
        let (persons, organizations) = (of(PartyKind::Person), of(PartyKind::Organization));
        Self {
            following: [PartyKind::Person, PartyKind::Organization].map(following),
            units: [Units::of(&persons), Units::of(&organizations)],
            persons,
            organizations,
        }
    }

    /// What a comparison of two records of this kind shows.
    pub(crate) fn signature(&self, kind: PartyKind, comparison: &Comparison) -> Signature {
        let following = self.following[usize::from(kind == PartyKind::Organization)];
        let mut signature = Signature { levels: 0, chances: 0, following: 0 };
        let looked_up = &self.units[usize::from(kind == PartyKind::Organization)];
        for (place, (outcome, starts)) in comparison.iter().zip(&looked_up.starts).enumerate() {
            signature.levels |= (outcome.level as u64) << (LEVEL_BITS * place);
            let others = outcome.holders.others;
            let units = if others < LOOKED_UP {
                looked_up.units[(starts[outcome.level as usize] + others) as usize]
            } else {
                let chances = self.of(kind)[place][outcome.level as usize].as_ref();
                chances.map_or(0, |chances| in_units(chances.bits(others)))
            };
            let sum = if Some(place) == following { &mut signature.following } else { &mut signature.chances };
            *sum += units;
        }
        signature
    }

    /// The chance of each attribute's value, in bits; none where the level does not rest on one.
    pub(crate) fn chances(&self, kind: PartyKind, comparison: &Comparison) -> [Option<f64>; MAX_ATTRIBUTES] {
        let mut found = [None; MAX_ATTRIBUTES];
        for ((outcome, levels), chance) in comparison.iter().zip(self.of(kind)).zip(&mut found) {
            *chance = levels[outcome.level as usize].as_ref().map(|chances| chances.of(outcome.holders));
        }
        found
    }

    fn of(&self, kind: PartyKind) -> &[[Option<Chances>; Level::COUNT]] {
        match kind {
            PartyKind::Person => &self.persons,
            PartyKind::Organization => &self.organizations,
        }
    }
}

fn by_level(
    model: &ComparisonModel,
    kind: PartyKind,
    frequencies: &Frequencies,
) -> Vec<[Option<Chances>; Level::COUNT]> {
    let none = ColumnFrequency::default();
    let of_attribute = |attribute: &Attribute| {
        let mut table: [Option<Chances>; Level::COUNT] = Default::default();
        for level in model.levels(*attribute) {
            let column = level.column.map(|column| frequencies.column(column).unwrap_or(&none));
            table[level.level as usize] = column.map(|column| Chances::new(column, level.unrelated));
        }
        table
    };
    Attribute::of(kind).iter().map(of_attribute).collect()
}

impl Chances {
    fn new(frequency: &ColumnFrequency, assumed: f64) -> Self {
        let present = frequency.present as f64;
        let pairs = present * (present - 1.0).max(0.0);
        let average = (frequency.agreeing as f64 + ASSUMED_PAIRS * assumed) / (pairs + ASSUMED_PAIRS);
        let average_bits = average.log2();
        let mut chances = Self { average, average_bits, present, by_count: Vec::new() };
        chances.by_count = (0..LOOKED_UP).map(|others| chances.bits(others)).collect();
        chances
    }

    fn of(&self, holders: Holders) -> f64 {
        let known = self.by_count.get(holders.others as usize).copied();
        known.unwrap_or_else(|| self.bits(holders.others))
    }

    /// The binary logarithm of the chance that an unrelated record has the value too, when `others` other parties have
    /// it.
    ///
    /// `u = (others + a·ū) / (present + a)`, where `ū` is the chance that two random records agree in this column. Never
    /// more than 6 bits from `ū`.
    fn bits(&self, others: u32) -> f64 {
        let chance = (f64::from(others) + ASSUMED_RECORDS * self.average) / (self.present + ASSUMED_RECORDS);
        let average = self.average_bits;
        quantised(chance.log2().clamp(average - RARITY_BOUND, average + RARITY_BOUND).min(0.0))
    }
}

#[expect(clippy::cast_possible_truncation, reason = "a number from -60 to 0, and a multiple of a unit")]
fn in_units(bits: f64) -> i32 {
    (bits * UNITS) as i32
}
