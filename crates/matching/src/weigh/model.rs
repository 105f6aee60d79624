//! The numbers behind the weights, as data: a model has a version, can be stored, compared and replaced.
//!
//! A pair of records is of one of three classes: the same party, related (two people of one household, two
//! organisations of one group), or unrelated. For each class the model says how often each level of agreement is seen.
//! Two classes would take a family for one person, because what its members share is not independent; the third says so.

use super::frequency::Column;
use super::namesake::Namesakes;
use crate::compare::{Attribute, Level};
use onefold_model::PartyKind;
use serde::{Deserialize, Serialize};

/// How often each level of agreement is seen, by class.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Model {
    /// Which model: a decision names the version that made it.
    pub version: String,
    /// How persons are compared.
    pub persons: ComparisonModel,
    /// How organisations are compared.
    pub organizations: ComparisonModel,
    /// A mailbox, number or identifier that more records have is no evidence.
    pub commonplace: u32,
}

/// How one kind of party is compared.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ComparisonModel {
    /// How many other records of the same party a record is expected to have, on average, before the data is seen. In a
    /// set of `n` records a random pair is then the same party with probability `same_per_record / (n - 1)`.
    pub same_per_record: f64,
    /// How many records of related parties a record is expected to have, on average.
    pub related_per_record: f64,
    /// How much more often than given and family names by themselves, both agree between unrelated parties, in bits: at
    /// least 0. Names go together in families of names, and in a town of one name everybody is a namesake.
    #[serde(default)]
    pub namesakes: f64,
    /// One for each attribute that counts.
    pub attributes: Vec<AttributeModel>,
}

/// The levels of one attribute.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AttributeModel {
    /// Which attribute.
    pub attribute: Attribute,
    /// Its levels; a level that is not listed weighs nothing.
    pub levels: Vec<LevelModel>,
}

/// How often one level is seen, among pairs in which both sides say something.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct LevelModel {
    /// Which level.
    pub level: Level,
    /// Among records of the same party: the m of Fellegi and Sunter.
    pub same: f64,
    /// Among records of related parties.
    pub related: f64,
    /// Among records of unrelated parties: their u. With a column, only what is assumed before data is seen.
    pub unrelated: f64,
    /// The chance among unrelated parties is that of the value which agrees, from this column's frequencies.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub column: Option<Column>,
    /// The chance among unrelated parties whose names agree, where the attribute follows from the name; it counts where
    /// it is greater than that of the level or value.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub namesakes: Option<Namesakes>,
}

impl ComparisonModel {
    /// The levels of an attribute; none where it does not count.
    pub(crate) fn levels(&self, attribute: Attribute) -> &[LevelModel] {
        let found = self.attributes.iter().find(|candidate| candidate.attribute == attribute);
        found.map_or(&[][..], |found| &found.levels)
    }
}

/// Why a model cannot be used.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum ModelError {
    /// A number that is no probability.
    #[error(
        "model {version:?}: {attribute:?} {level:?} has a probability of {value}, which is not above 0 and at most 1"
    )]
    Probability {
        /// Which model.
        version: String,
        /// Where.
        attribute: Attribute,
        /// Where.
        level: Level,
        /// The number.
        value: f64,
    },
    /// The levels of a class are more than everything.
    #[error("model {version:?}: the levels of {attribute:?} add up to {sum} in one class, which is more than 1")]
    Sum {
        /// Which model.
        version: String,
        /// Where.
        attribute: Attribute,
        /// The sum.
        sum: f64,
    },
    /// No expectation of duplicates.
    #[error("model {version:?}: the expected number of records of the same party is {value}, which is not above 0")]
    Prior {
        /// Which model.
        version: String,
        /// The number.
        value: f64,
    },
}

impl Model {
    /// How parties of this kind are compared.
    pub fn of(&self, kind: PartyKind) -> &ComparisonModel {
        match kind {
            PartyKind::Person => &self.persons,
            PartyKind::Organization => &self.organizations,
        }
    }

    /// Checks that the numbers are probabilities and that the levels of each class are at most everything.
    pub fn check(&self) -> Result<(), ModelError> {
        let version = || self.version.clone();
        for comparison in [&self.persons, &self.organizations] {
            for value in [comparison.same_per_record, comparison.related_per_record] {
                if value.is_nan() || value <= 0.0 {
                    return Err(ModelError::Prior { version: version(), value });
                }
            }
            for AttributeModel { attribute, levels } in &comparison.attributes {
                let mut sums = [0.0; 2];
                for level in levels {
                    for value in [level.same, level.related, level.unrelated] {
                        if value.is_nan() || value <= 0.0 || value > 1.0 {
                            let (attribute, level) = (*attribute, level.level);
                            return Err(ModelError::Probability { version: version(), attribute, level, value });
                        }
                    }
                    sums[0] += level.same;
                    sums[1] += level.related;
                }
                if let Some(&sum) = sums.iter().find(|sum| **sum > 1.000_001) {
                    return Err(ModelError::Sum { version: version(), attribute: *attribute, sum });
                }
            }
        }
        Ok(())
    }
}
