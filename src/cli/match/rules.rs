//! Blocking rules that are given on the command line.

use super::error::MatchError;
use crate::config::rules_parse;
use crate::identity::given_rules;
use clap::Args;
use onefold_matching::GivenRule;
use std::path::PathBuf;

/// What two records must share to be compared.
#[derive(Debug, Clone, Args)]
pub(super) struct Rules {
    /// Blocking rules instead of those that are chosen by themselves, as TOML:
    /// `rules = [["family.phonetic", "birth.year"], ["email"]]`.
    #[arg(long = "rules", value_name = "FILE")]
    file: Option<PathBuf>,
}

impl Rules {
    /// The rules of the file, where one is named.
    pub(super) fn read(&self) -> Result<Option<Vec<GivenRule>>, MatchError> {
        let Some(path) = &self.file else { return Ok(None) };
        let text = std::fs::read_to_string(path).map_err(|source| MatchError::Read { path: path.clone(), source })?;
        let failed = |source| MatchError::RulesText { path: path.clone(), source: Box::new(source) };
        let rules = rules_parse(&text, path).map_err(failed)?;
        if rules.is_empty() {
            return Err(MatchError::NoRules { path: path.clone() });
        }
        Ok(Some(given_rules(&rules)?))
    }
}
