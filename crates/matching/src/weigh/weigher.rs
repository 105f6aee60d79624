//! A model made ready for a data set: one look-up per level.

use super::frequency::Frequencies;
use super::model::{ComparisonModel, Model};
use super::namesake::{BOTH, NAMES, NamePlaces};
use super::prior::{Evidence, Prior};
use super::rarity::{Rarity, Signature};
use super::weight::quantised;
use crate::compare::{Attribute, Comparison, Level, MAX_ATTRIBUTES};
use onefold_model::PartyKind;

/// The weights of both kinds of party.
#[derive(Debug)]
pub(crate) struct Weigher {
    rarity: Rarity,
    persons: Weights,
    organizations: Weights,
}

/// For each attribute, in the order of [`Attribute::of`], the weight of each level.
#[derive(Debug)]
struct Weights {
    levels: Vec<[LevelWeight; Level::COUNT]>,
    names: Option<NamePlaces>,
    /// How common the levels of what follows from the name are among namesakes, in bits, by which names agree.
    namesakes: [[f64; Level::COUNT]; NAMES],
    /// How much more often strangers have one name than its parts say, in bits.
    one_name: f64,
}

/// Chances that depend on which names of a pair agree, in bits.
struct ByName {
    /// Of what follows from the name: that of the value, or of namesakes where theirs is greater.
    following: f64,
    /// Of having both names in common, beside the chances of the two by themselves.
    one_name: f64,
}

/// What levels say, whatever values agree: sums for "same" and for "related", and what the chances of names depend on.
#[derive(Debug, Clone, Copy)]
pub(crate) struct LevelsSay {
    same: f64,
    related: f64,
    /// Of what follows from the name: the chance of the level, and that of namesakes.
    own: f64,
    namesakes: f64,
    /// See [`ByName::one_name`].
    one_name: f64,
}

impl LevelsSay {
    /// What a pair with these levels says. Weights add up without rounding, so it is the sum of all of its attributes.
    #[inline]
    pub(crate) fn evidence(&self, signature: Signature) -> Evidence {
        let unrelated = signature.chances() + self.following(signature) + self.one_name;
        Evidence { same: self.same - unrelated, related: self.related - unrelated }
    }

    #[inline]
    fn following(&self, signature: Signature) -> f64 {
        (self.own + signature.following()).max(self.namesakes)
    }
}

/// Bits for "same" and "related": against the chance of the level, or before the chance of the value is taken away.
#[derive(Debug, Clone, Copy, Default)]
struct LevelWeight {
    same: f64,
    related: f64,
    /// The chance of the level, in bits; 0 where the value has one of its own.
    unrelated: f64,
}

impl Weigher {
    /// Prepares a model for the frequencies of a data set, with what its pairs taught.
    pub(crate) fn new(model: &Model, frequencies: &Frequencies) -> Self {
        let of = |kind| Weights::new(frequencies.model(model, kind), kind);
        Self {
            rarity: Rarity::new(model, frequencies),
            persons: of(PartyKind::Person),
            organizations: of(PartyKind::Organization),
        }
    }

    /// What a comparison of two records of this kind shows, whatever it is worth.
    pub(crate) fn signature(&self, kind: PartyKind, comparison: &Comparison) -> Signature {
        self.rarity.signature(kind, comparison)
    }

    /// What a comparison of two records of this kind says.
    pub(crate) fn evidence(&self, kind: PartyKind, comparison: &Comparison) -> Evidence {
        self.evidence_of(kind, self.signature(kind, comparison))
    }

    /// What a pair of this kind says.
    ///
    /// With `P` the probability of what was found in a class, and `π` the share of the class among all pairs, the weight
    /// of the pair is `log2(π_same P_same) - log2(π_unrelated P_unrelated + π_related P_related)`. That is the two-class
    /// sum of Fellegi and Sunter minus `log2(1 + 2^r)`, where `r` is the same sum for "related": the line of the
    /// household, see [`Evidence::household`].
    pub(crate) fn evidence_of(&self, kind: PartyKind, signature: Signature) -> Evidence {
        self.levels_say(kind, signature).evidence(signature)
    }

    /// What the levels of a pair say, whatever the values are that agree.
    pub(crate) fn levels_say(&self, kind: PartyKind, signature: Signature) -> LevelsSay {
        let weights = self.of(kind);
        let mut said = weights.names_say(signature);
        for (place, levels) in weights.levels.iter().enumerate() {
            let level = &levels[signature.level(place)];
            said.same += level.same;
            said.related += level.related;
        }
        said
    }

    /// The weight of each attribute, which add up to the evidence for "same".
    pub(crate) fn lines(&self, kind: PartyKind, comparison: &Comparison) -> [f64; MAX_ATTRIBUTES] {
        let weights = self.of(kind);
        let chances = self.rarity.chances(kind, comparison);
        let signature = self.signature(kind, comparison);
        let by_name = weights.by_name(signature);
        let mut lines = [0.0; MAX_ATTRIBUTES];
        for (place, levels) in weights.levels.iter().enumerate() {
            let is_following = weights.names.is_some_and(|names| names.following == place);
            let unrelated = if is_following { by_name.following } else { chances[place].unwrap_or(0.0) };
            let is_family = weights.names.is_some_and(|names| names.family == place);
            let unrelated = unrelated + if is_family { by_name.one_name } else { 0.0 };
            lines[place] = levels[comparison[place].level as usize].same - unrelated;
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
    fn new(model: &ComparisonModel, kind: PartyKind) -> Self {
        let names = NamePlaces::of(kind);
        let mut weights = Self {
            levels: Vec::new(),
            names,
            namesakes: [[f64::NEG_INFINITY; Level::COUNT]; NAMES],
            one_name: quantised(model.namesakes),
        };
        for (place, attribute) in Attribute::of(kind).iter().enumerate() {
            let is_following = names.is_some_and(|names| names.following == place);
            let mut table = [LevelWeight::default(); Level::COUNT];
            for level in model.levels(*attribute) {
                let unrelated = if level.column.is_some() { 0.0 } else { bits(level.unrelated) };
                // Of what follows from the name, the chance is taken away by pair.
                let taken = if is_following { 0.0 } else { unrelated };
                table[level.level as usize] = LevelWeight {
                    same: bits(level.same) - taken,
                    related: bits(level.related) - taken,
                    unrelated: if is_following { unrelated } else { 0.0 },
                };
                if let Some(namesakes) = level.namesakes.filter(|_| is_following) {
                    for (names, chance) in namesakes.by_names().into_iter().enumerate() {
                        weights.namesakes[names][level.level as usize] = chance.map_or(f64::NEG_INFINITY, bits);
                    }
                }
            }
            weights.levels.push(table);
        }
        weights
    }

    /// What the names of a pair say about its chances.
    #[inline]
    fn by_name(&self, signature: Signature) -> ByName {
        let said = self.names_say(signature);
        ByName { following: said.following(signature), one_name: said.one_name }
    }

    /// What the levels of the names say, and nothing of the other attributes.
    fn names_say(&self, signature: Signature) -> LevelsSay {
        let said = LevelsSay { same: 0.0, related: 0.0, own: 0.0, namesakes: f64::NEG_INFINITY, one_name: 0.0 };
        let Some(names) = self.names else { return said };
        let level = signature.level(names.following);
        let agreeing = names.agreeing(|place| signature.level(place));
        LevelsSay {
            own: self.levels[names.following][level].unrelated,
            namesakes: self.namesakes[agreeing][level],
            one_name: if agreeing == BOTH { self.one_name } else { 0.0 },
            ..said
        }
    }
}

fn bits(probability: f64) -> f64 {
    quantised(probability.clamp(1e-12, 1.0).log2())
}
