//! Why two records are, or are not, taken for one party: every line of evidence with its weight.
//!
//! Promises that the prior and the weights of the lines add up to the total exactly, and that the total is the weight
//! that [`crate::resolve`] gives the pair with the same frequencies and settings. Also answers "why not": a pair that no
//! block key brings together says so.

mod enough;
mod original;
mod sentence;

pub use enough::{BetterLevel, EnoughEvidence, would_link};

use crate::block::{AnyRule, BlockingSettings};
use crate::compare::{self, Attribute, Comparison, Level};
use crate::normalise::Columns;
use crate::record::PartyRecord;
use crate::settings::Settings;
use crate::weigh::{Counts, Frequencies, MatchWeight, Prior, Probability, Weigher};
use onefold_model::{PartyKind, RecordId};
use serde::{Deserialize, Serialize};

/// One line of evidence.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ComparisonLine {
    /// What was compared.
    pub attribute: Attribute,
    /// What the left record says, as its source wrote it; of several values the one that decided.
    pub left: Option<String>,
    /// What the right record says.
    pub right: Option<String>,
    /// How well the two agree.
    pub level: Level,
    /// What that is worth: above 0 for, below 0 against.
    pub weight: MatchWeight,
    /// The share of all records that have the value which agrees, where the weight depends on it.
    pub rarity: Option<f64>,
    /// How many records have it.
    pub holders: Option<u32>,
}

/// Why two records are, or are not, taken for one party.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Explanation {
    /// The left record, as it was given.
    pub left: RecordId,
    /// The right record.
    pub right: RecordId,
    /// Which model weighed.
    pub model: String,
    /// The evidence before anything is compared: two random records are rarely one party.
    pub prior: MatchWeight,
    /// The lines, in the order of the attributes; one where either side says something, and last what being related
    /// explains, where it explains anything.
    pub comparisons: Vec<ComparisonLine>,
    /// The prior and all lines.
    pub total: MatchWeight,
    /// The total as a probability.
    pub probability: Probability,
    /// The rules under which the two share a block key; with none, they are never compared.
    pub found_by: Vec<AnyRule>,
    /// All of it in a sentence or two.
    pub sentence: String,
}

/// Explains a pair. `frequencies` are those of the set that the records belong to, as a [`crate::Resolution`] gives
/// them.
pub fn explain(left: &PartyRecord, right: &PartyRecord, frequencies: &Frequencies, settings: &Settings) -> Explanation {
    let mut columns = Columns::of([left, right].into_iter());
    let weigher = Weigher::new(&settings.model, frequencies);
    // Of two kinds, one way round as the other.
    let kinds = [0, 1].map(|side| columns.rows[side].kind);
    let kind = kinds[0].min(kinds[1]);
    let priors = Weigher::prior(&settings.model, frequencies, kind);
    let prior = priors.same;
    let mut explanation = Explanation {
        left: left.id,
        right: right.id,
        model: settings.model.version.clone(),
        prior,
        comparisons: Vec::new(),
        total: prior,
        probability: prior.probability(),
        found_by: found_by(left, right, &settings.blocking),
        sentence: String::new(),
    };
    if kinds[0] != kinds[1] {
        "Not compared: one is a person, the other an organisation.".clone_into(&mut explanation.sentence);
        return explanation;
    }
    let counts = Counts::of_frequencies(&columns, frequencies, settings.model.commonplace);
    let comparison = compare::compare(&columns, &counts, 0, 1);
    let evidence = weigher.evidence(kind, &comparison);
    let lines = weigher.lines(kind, &comparison);
    for ((&attribute, outcome), weight) in Attribute::of(kind).iter().zip(&comparison).zip(lines) {
        let texts = original::texts(&mut columns, attribute, [&left.party, &right.party], outcome);
        if texts == [None, None] && outcome.level == Level::Missing {
            continue;
        }
        let [left, right] = texts;
        let holders = Some(outcome.holders.records).filter(|&records| records > 0);
        let all = frequencies.records().max(1) as f64;
        explanation.comparisons.push(ComparisonLine {
            attribute,
            left,
            right,
            level: outcome.level,
            weight: MatchWeight(weight),
            rarity: holders.map(|holders| f64::from(holders) / all),
            holders,
        });
    }
    let household = evidence.household(priors);
    if household != 0.0 {
        explanation.comparisons.push(ComparisonLine {
            attribute: Attribute::Household,
            left: None,
            right: None,
            level: Level::Related,
            weight: MatchWeight(household),
            rarity: None,
            holders: None,
        });
    }
    explanation.total = evidence.weight(priors);
    explanation.probability = explanation.total.probability();
    explanation.sentence = sentence::sentence(&explanation, kind, settings.thresholds);
    explanation
}

/// Two records of one kind, compared, and what weighs them.
struct Compared {
    kind: PartyKind,
    weigher: Weigher,
    priors: Prior,
    comparison: Comparison,
}

impl Compared {
    /// None of two kinds, which are never compared.
    fn of(left: &PartyRecord, right: &PartyRecord, frequencies: &Frequencies, settings: &Settings) -> Option<Self> {
        let columns = Columns::of([left, right].into_iter());
        let kind = columns.rows[0].kind;
        if kind != columns.rows[1].kind {
            return None;
        }
        let counts = Counts::of_frequencies(&columns, frequencies, settings.model.commonplace);
        Some(Self {
            kind,
            weigher: Weigher::new(&settings.model, frequencies),
            priors: Weigher::prior(&settings.model, frequencies, kind),
            comparison: compare::compare(&columns, &counts, 0, 1),
        })
    }

    /// What the pair weighs, if this were what comparing it found.
    fn weight(&self, comparison: &Comparison) -> MatchWeight {
        self.weigher.evidence(self.kind, comparison).weight(self.priors)
    }
}

fn found_by(left: &PartyRecord, right: &PartyRecord, blocking: &BlockingSettings) -> Vec<AnyRule> {
    let theirs = blocking.keys(right);
    let mut rules: Vec<AnyRule> =
        blocking.keys(left).into_iter().filter(|key| theirs.contains(key)).map(|key| key.rule).collect();
    rules.dedup();
    rules
}
