//! The first model: probabilities by reasoning, looked over once on labelled sets, before anything is learned from data.
//!
//! Rules of thumb behind the numbers, each in bits (`log2(same / unrelated)`): a typing error in a name is worth about
//! 4 to 5, an initial that fits about 4, another given name costs 5 and another day of birth 5, because people change
//! neither; another e-mail address, number or street costs only 1 to 2, because people have several and move. What a
//! household shares (family name, address, number) is as likely among relatives as for one person, so it cannot tell
//! the two apart, however much there is of it.

use super::frequency::Column;
use super::model::{AttributeModel, ComparisonModel, LevelModel, Model};
use crate::compare::{Attribute, Level};

impl Model {
    /// The first model. Persons and organisations have their own comparisons.
    pub fn v1() -> Self {
        Self { version: "v1".to_owned(), persons: persons(), organizations: organizations(), commonplace: 50 }
    }
}

impl Default for Model {
    fn default() -> Self {
        Self::v1()
    }
}

fn persons() -> ComparisonModel {
    ComparisonModel {
        same_per_record: 1.0,
        related_per_record: 1.0,
        namesakes: 0.0,
        attributes: vec![
            attribute(
                Attribute::GivenName,
                &[
                    by_value(Level::Exact, 0.73, 0.02, 0.004, Column::GivenName),
                    level(Level::Swapped, 0.015, 0.0005, 0.000_01),
                    level(Level::Canonical, 0.02, 0.002, 0.0005),
                    level(Level::Nickname, 0.06, 0.003, 0.003),
                    level(Level::Near, 0.07, 0.006, 0.005),
                    level(Level::Partial, 0.02, 0.004, 0.002),
                    level(Level::Initial, 0.05, 0.004, 0.0036),
                    level(Level::Similar, 0.015, 0.05, 0.045),
                    level(Level::Different, 0.014, 0.86, 0.93),
                ],
            ),
            attribute(
                Attribute::FamilyName,
                &[
                    by_value(Level::Exact, 0.87, 0.79, 0.001, Column::FamilyName),
                    level(Level::Canonical, 0.02, 0.02, 0.0005),
                    level(Level::Near, 0.04, 0.03, 0.001),
                    level(Level::Partial, 0.02, 0.02, 0.0005),
                    level(Level::Initial, 0.005, 0.005, 0.0005),
                    level(Level::Similar, 0.01, 0.015, 0.012),
                    level(Level::Different, 0.035, 0.12, 0.98),
                ],
            ),
            attribute(
                Attribute::MiddleName,
                &[
                    by_value(Level::Exact, 0.5, 0.06, 0.01, Column::MiddleName),
                    level(Level::Near, 0.04, 0.01, 0.01),
                    level(Level::Initial, 0.4, 0.08, 0.06),
                    level(Level::Different, 0.06, 0.85, 0.92),
                ],
            ),
            attribute(
                Attribute::NameSuffix,
                &[level(Level::Exact, 0.998, 0.3, 0.4), level(Level::Different, 0.002, 0.7, 0.6)],
            ),
            attribute(
                Attribute::BirthDate,
                &[
                    by_value(Level::Exact, 0.83, 0.02, 0.000_04, Column::BirthDate),
                    level(Level::Near, 0.09, 0.004, 0.002),
                    level(Level::Partial, 0.04, 0.01, 0.01),
                    level(Level::SameYear, 0.02, 0.02, 0.018),
                    level(Level::Different, 0.02, 0.94, 0.97),
                ],
            ),
            attribute(
                Attribute::Email,
                &[
                    by_value(Level::Exact, 0.52, 0.1, 0.000_002, Column::Email),
                    level(Level::Near, 0.04, 0.01, 0.0002),
                    level(Level::SharedMailbox, 0.03, 0.06, 0.003),
                    level(Level::SameLocalPart, 0.05, 0.01, 0.006),
                    by_value(Level::SameDomain, 0.05, 0.15, 0.005, Column::Domain),
                    level(Level::Different, 0.31, 0.67, 0.98),
                ],
            ),
            attribute(
                Attribute::Phone,
                &[
                    by_value(Level::Exact, 0.55, 0.3, 0.000_005, Column::Phone),
                    level(Level::Near, 0.05, 0.01, 0.0005),
                    level(Level::Different, 0.4, 0.69, 0.99),
                ],
            ),
            attribute(Attribute::Address, &address_levels()),
            attribute(
                Attribute::Company,
                &[
                    by_value(Level::Exact, 0.5, 0.3, 0.0005, Column::Company),
                    level(Level::Near, 0.08, 0.05, 0.001),
                    level(Level::Different, 0.42, 0.65, 0.99),
                ],
            ),
            attribute(Attribute::Identifier, &identifier_levels()),
        ],
    }
}

fn organizations() -> ComparisonModel {
    ComparisonModel {
        same_per_record: 1.0,
        related_per_record: 0.5,
        namesakes: 0.0,
        attributes: vec![
            attribute(
                Attribute::OrganizationName,
                &[
                    by_value(Level::Exact, 0.6, 0.05, 0.000_05, Column::OrganizationName),
                    level(Level::Canonical, 0.06, 0.006, 0.000_01),
                    level(Level::Near, 0.08, 0.01, 0.0001),
                    by_value(Level::RareWords, 0.08, 0.05, 0.001, Column::OrganizationWord),
                    by_value(Level::Partial, 0.07, 0.05, 0.001, Column::OrganizationWord),
                    by_value(Level::Group, 0.02, 0.22, 0.001, Column::OrganizationWord),
                    level(Level::Initial, 0.02, 0.01, 0.0005),
                    level(Level::Similar, 0.03, 0.1, 0.02),
                    level(Level::Different, 0.04, 0.49, 0.97),
                ],
            ),
            attribute(
                Attribute::Domain,
                &[
                    by_value(Level::Exact, 0.75, 0.4, 0.000_05, Column::OrganizationDomain),
                    level(Level::Different, 0.25, 0.6, 0.99),
                ],
            ),
            attribute(
                Attribute::Email,
                &[
                    by_value(Level::Exact, 0.4, 0.1, 0.000_005, Column::Email),
                    level(Level::Near, 0.03, 0.01, 0.0002),
                    // The domain has its own attribute.
                    level(Level::SameLocalPart, 0.05, 0.04, 0.02),
                ],
            ),
            attribute(
                Attribute::Phone,
                &[
                    by_value(Level::Exact, 0.55, 0.15, 0.000_01, Column::Phone),
                    level(Level::Near, 0.07, 0.05, 0.0005),
                    level(Level::Different, 0.38, 0.8, 0.99),
                ],
            ),
            attribute(
                Attribute::Address,
                // Unlike a family, a group has a house for each of its members more often than one for all.
                &[
                    by_value(Level::Exact, 0.6, 0.2, 0.000_02, Column::Place),
                    level(Level::Near, 0.12, 0.05, 0.0002),
                    by_value(Level::PostCode, 0.06, 0.06, 0.002, Column::PostCode),
                    by_value(Level::Area, 0.03, 0.06, 0.002, Column::PostCode),
                    by_value(Level::Locality, 0.05, 0.15, 0.01, Column::Locality),
                    level(Level::Similar, 0.03, 0.01, 0.001),
                    level(Level::Different, 0.11, 0.47, 0.98),
                ],
            ),
            attribute(Attribute::Identifier, &identifier_levels()),
        ],
    }
}

fn address_levels() -> [LevelModel; 6] {
    let related = 0.7;
    [
        by_value(Level::Exact, 0.6, related, 0.000_02, Column::Place),
        level(Level::Near, 0.12, related / 7.0, 0.0002),
        by_value(Level::PostCode, 0.06, 0.05, 0.002, Column::PostCode),
        by_value(Level::Area, 0.02, 0.02, 0.002, Column::PostCode),
        by_value(Level::Locality, 0.04, 0.03, 0.01, Column::Locality),
        level(Level::Different, 0.16, 0.08, 0.98),
    ]
}

fn identifier_levels() -> [LevelModel; 3] {
    [
        by_value(Level::Exact, 0.9, 0.001, 0.000_001, Column::Identifier),
        level(Level::Near, 0.06, 0.001, 0.0001),
        level(Level::Different, 0.04, 0.99, 0.999),
    ]
}

fn attribute(attribute: Attribute, levels: &[LevelModel]) -> AttributeModel {
    AttributeModel { attribute, levels: levels.to_vec() }
}

fn level(level: Level, same: f64, related: f64, unrelated: f64) -> LevelModel {
    LevelModel { level, same, related, unrelated, column: None, namesakes: None }
}

fn by_value(level: Level, same: f64, related: f64, unrelated: f64, column: Column) -> LevelModel {
    LevelModel { level, same, related, unrelated, column: Some(column), namesakes: None }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::weigh::{MatchWeight, Thresholds};

    /// The greatest weight that a pair with these levels can have, whatever its values and however rare they are.
    fn bound(levels: &[(Attribute, Level)]) -> MatchWeight {
        let model = Model::v1().persons;
        let ratio = |&(attribute, wanted): &(Attribute, Level)| {
            let levels = &model.attributes.iter().find(|found| found.attribute == attribute).unwrap().levels;
            let level = levels.iter().find(|found| found.level == wanted).unwrap();
            (level.same / level.related).log2()
        };
        let prior = (model.same_per_record / model.related_per_record).log2();
        MatchWeight(prior + levels.iter().map(ratio).sum::<f64>())
    }

    #[test]
    fn the_model_is_one() {
        Model::v1().check().unwrap();
    }

    #[test]
    fn whatever_a_family_shares_it_is_not_merged() {
        let shared =
            [Attribute::FamilyName, Attribute::Email, Attribute::Phone, Attribute::Address, Attribute::Company];
        let mut contradictions = vec![
            vec![(Attribute::GivenName, Level::Different)],
            vec![(Attribute::GivenName, Level::Different), (Attribute::BirthDate, Level::Exact)],
            vec![(Attribute::GivenName, Level::Exact), (Attribute::BirthDate, Level::Different)],
            vec![(Attribute::GivenName, Level::Exact), (Attribute::NameSuffix, Level::Different)],
        ];
        for levels in &mut contradictions {
            levels.extend(shared.map(|attribute| (attribute, Level::Exact)));
            let bound = bound(levels);
            assert!(bound.probability() < Thresholds::default().auto_merge, "{levels:?} can weigh {bound}");
        }
    }
}
