//! The rules by which values are chosen, as settings.

use onefold_model::SourceId;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What makes one value better than another. Rules are applied one after the other; each keeps the best and passes ties
/// on. What is left after the last rule is decided by the smallest record id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Rule {
    /// The source that stands first in [`SurvivorshipRules::sources`]; sources that are not listed come last.
    SourcePriority,
    /// The record that its source changed last, or created last where it tells no change. Records of which neither is known
    /// come last and are tied: when they arrived does not count.
    MostRecent,
    /// A value that its source has verified, then one that it calls primary.
    Verified,
    /// The value that most records have, in any spelling.
    MostFrequent,
    /// The value that says most: no placeholder, more parts, a longer text, not all in capitals.
    MostComplete,
    /// Not a setting: somebody pinned what this record says.
    Pinned,
    /// Not a setting: every record that says something says the same.
    OnlyValue,
    /// Not a setting: the record that the rest of the name comes from.
    SameRecord,
    /// Not a setting: a placeholder such as "n/a" never wins over a value.
    NoPlaceholder,
    /// Not a setting: the tie that remained went to the smallest record id.
    SmallestId,
}

impl Rule {
    /// Why a value lost to another by this rule.
    pub(crate) fn lost_because(self) -> &'static str {
        match self {
            Rule::SourcePriority => "another source comes first",
            Rule::MostRecent => "another record changed later",
            Rule::Verified => "another value is verified or primary",
            Rule::MostFrequent => "more records say otherwise",
            Rule::MostComplete => "another value is more complete",
            Rule::Pinned => "what another record says is pinned",
            Rule::OnlyValue => "all records agree",
            Rule::SameRecord => "the name is taken from one record",
            Rule::NoPlaceholder => "it is a placeholder",
            Rule::SmallestId => "all rules were tied; the smallest record id decided",
        }
    }
}

/// Which rules choose which field.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct SurvivorshipRules {
    /// Sources, the most trusted first.
    pub sources: Vec<SourceId>,
    /// The chain of rules of a field, by its name in the standardised party; also `email`, `phone` and `address`. The
    /// parts of a person's name follow `givenName`.
    pub fields: BTreeMap<String, Vec<Rule>>,
    /// The chain of rules of every other field.
    pub otherwise: Vec<Rule>,
}

impl Default for SurvivorshipRules {
    fn default() -> Self {
        let chain = |rules: &[Rule]| rules.to_vec();
        let name = chain(&[Rule::SourcePriority, Rule::MostFrequent, Rule::MostComplete, Rule::MostRecent]);
        let fields = [
            ("displayName", name.clone()),
            ("givenName", name.clone()),
            ("middleName", chain(&[Rule::SourcePriority, Rule::MostComplete, Rule::MostFrequent, Rule::MostRecent])),
            ("familyName", name),
            ("birthDate", chain(&[Rule::SourcePriority, Rule::MostComplete, Rule::MostFrequent, Rule::MostRecent])),
            ("email", chain(&[Rule::Verified, Rule::SourcePriority, Rule::MostFrequent, Rule::MostRecent])),
            ("phone", chain(&[Rule::Verified, Rule::SourcePriority, Rule::MostFrequent, Rule::MostRecent])),
            ("address", chain(&[Rule::SourcePriority, Rule::MostComplete, Rule::MostRecent, Rule::MostFrequent])),
        ];
        Self {
            sources: Vec::new(),
            fields: fields.into_iter().map(|(path, chain)| (path.to_owned(), chain)).collect(),
            otherwise: chain(&[Rule::SourcePriority, Rule::MostRecent, Rule::MostComplete, Rule::MostFrequent]),
        }
    }
}

impl SurvivorshipRules {
    /// The chain of a field.
    pub(crate) fn chain(&self, path: &str) -> &[Rule] {
        self.fields.get(path).unwrap_or(&self.otherwise)
    }
}
