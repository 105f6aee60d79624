//! When records are the same customer.
//!
//! Deliberately does not know which parts of keys there are: that is for matching, which tells what it does not know with the
//! place that is kept here.

use serde::Deserialize;
use std::path::Path;

/// The thresholds of matching, and what is compared.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct MatchingConfig {
    /// From this probability on two records are folded into one customer without asking.
    pub auto_merge: f64,
    /// From this probability on a pair is shown to a steward.
    pub review: f64,
    /// The keys of sources of which each record of a party is another person or organisation, beside those whose connector says
    /// so: two of them are never taken for one without a steward.
    pub unique_people: Vec<String>,
    /// What two days of birth that have nothing in common, a typing error aside, are.
    pub birth_dates: BirthDatesRule,
    /// A mailbox, telephone number or identifier that more other parties have than this is no evidence by itself: a
    /// switchboard, info@. None for what the model says, which is 50. Holds for models that are trained from now on.
    pub shared_by_most: Option<u32>,
    /// What two records must share to be compared: one rule or the other, all parts of it. None stands for the rules that are
    /// chosen by the matcher.
    pub rules: Vec<Vec<RulePart>>,
}

/// What days of birth that differ are.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum BirthDatesRule {
    /// Evidence that other evidence may outweigh.
    #[default]
    Weigh,
    /// A contradiction: nobody is put together without a steward.
    Block,
}

/// A part of a rule as it is written, and where.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(from = "toml::Spanned<String>")]
pub struct RulePart {
    /// What is written.
    pub text: String,
    /// File, line and column, once they are known.
    pub at: String,
    start: usize,
}

/// A file with nothing but rules.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct RulesFile {
    rules: Vec<Vec<RulePart>>,
}

impl Default for MatchingConfig {
    fn default() -> Self {
        Self {
            auto_merge: 0.95,
            review: 0.5,
            unique_people: Vec::new(),
            birth_dates: BirthDatesRule::default(),
            shared_by_most: None,
            rules: Vec::new(),
        }
    }
}

impl From<toml::Spanned<String>> for RulePart {
    fn from(spanned: toml::Spanned<String>) -> Self {
        let start = spanned.span().start;
        Self { text: spanned.into_inner(), at: String::new(), start }
    }
}

/// Reads the text of a file that says `rules = [["family.phonetic", "birth.year"], ["email"]]` and nothing else.
pub fn rules_parse(text: &str, path: &Path) -> Result<Vec<Vec<RulePart>>, toml::de::Error> {
    let mut file: RulesFile = toml::from_str(text)?;
    locate(&mut file.rules, text, path);
    Ok(file.rules)
}

/// Says of each part where it stands.
pub(super) fn locate(rules: &mut [Vec<RulePart>], text: &str, path: &Path) {
    for part in rules.iter_mut().flatten() {
        let before = text.get(..part.start).unwrap_or_default();
        let line = before.matches('\n').count() + 1;
        let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
        part.at = format!("{}, line {line}, column {column}", path.display());
    }
}
