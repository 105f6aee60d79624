//! From the configuration to the settings of matching.

use crate::config::{BirthDatesRule, MatchingConfig, RulePart};
use onefold_matching::{
    BirthDates, BlockingSettings, GivenRule, InvalidProbability, KeyPart, Probability, RuleError, Settings, Thresholds,
};

/// Why matching cannot be set up.
#[derive(Debug, thiserror::Error)]
pub enum MatchingSetupError {
    /// A threshold is no probability.
    #[error("a threshold is not as it should be")]
    Threshold(#[from] InvalidProbability),
    /// A part of a rule is unknown.
    #[error("{at}")]
    Part {
        /// File, line and column.
        at: String,
        /// What is wrong.
        source: RuleError,
    },
    /// A rule cannot be used.
    #[error("rule {number} of the blocking rules{}", at.as_ref().map(|at| format!(" ({at})")).unwrap_or_default())]
    Rule {
        /// Which, from 1.
        number: usize,
        /// Where its first part stands; none of a rule without parts.
        at: Option<String>,
        /// What is wrong.
        source: RuleError,
    },
}

/// The settings that a configuration asks for.
pub fn matching_settings(config: &MatchingConfig) -> Result<Settings, MatchingSetupError> {
    let thresholds =
        Thresholds { auto_merge: Probability::new(config.auto_merge)?, review: Probability::new(config.review)? };
    let blocking = BlockingSettings { rules: given_rules(&config.rules)?, ..BlockingSettings::default() };
    let births = match config.birth_dates {
        BirthDatesRule::Weigh => BirthDates::Weigh,
        BirthDatesRule::Block => BirthDates::Block,
    };
    let mut settings = Settings { thresholds, blocking, births, ..Settings::default() };
    if let Some(most) = config.shared_by_most {
        settings.model.commonplace = most;
    }
    Ok(settings)
}

/// The rules that are written so.
pub fn given_rules(rules: &[Vec<RulePart>]) -> Result<Vec<GivenRule>, MatchingSetupError> {
    let mut given = Vec::new();
    for (place, parts) in rules.iter().enumerate() {
        let mut known = Vec::new();
        for part in parts {
            let failed = |source| MatchingSetupError::Part { at: part.at.clone(), source };
            known.push(part.text.parse::<KeyPart>().map_err(failed)?);
        }
        let at = parts.first().map(|part| part.at.clone());
        let failed = |source| MatchingSetupError::Rule { number: place + 1, at, source };
        given.push(GivenRule::new(known).map_err(failed)?);
    }
    Ok(given)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Config;
    use std::error::Error;
    use std::path::Path;

    fn settings(text: &str) -> Result<Settings, MatchingSetupError> {
        matching_settings(&Config::parse(text, Path::new("onefold.toml")).unwrap().matching)
    }

    #[test]
    fn rules_are_those_that_are_written() {
        let settings = settings("[matching]\nrules = [[\"birth.year\", \"family.phonetic\"], [\"email\"]]\n").unwrap();
        let names: Vec<String> = settings.blocking.rules.iter().map(ToString::to_string).collect();
        assert_eq!(names, ["family.phonetic + birth.year", "email"]);
    }

    #[test]
    fn an_unknown_part_is_refused_with_its_place_and_the_nearest_name() {
        let error = settings("[matching]\nrules = [\n  [\"email\"],\n  [\"birth.yaer\"],\n]\n").unwrap_err();
        assert_eq!(error.to_string(), "onefold.toml, line 4, column 4");
        assert!(error.source().unwrap().to_string().contains("\"birth.year\""));
    }

    #[test]
    fn a_rule_that_finds_everything_or_nothing_is_refused_with_its_number() {
        let error = settings("[matching]\nrules = [[\"email\"], []]\n").unwrap_err();
        assert_eq!(error.to_string(), "rule 2 of the blocking rules");
        let error = settings("[matching]\nrules = [[\"birth\", \"domain\"]]\n").unwrap_err();
        assert_eq!(error.to_string(), "rule 1 of the blocking rules (onefold.toml, line 2, column 11)");
    }
}
