//! Values that compete for one field, and the contest between them.

use super::Rule;
use onefold_model::{RecordId, SourceId, Timestamp};
use serde_json::Value;
use std::collections::BTreeMap;

/// A value that a record says.
#[derive(Debug, Clone)]
pub(crate) struct Candidate {
    pub(crate) value: Value,
    /// Equal for spellings of one value.
    pub(crate) key: String,
    pub(crate) record: RecordId,
    pub(crate) source: SourceId,
    /// When its source last changed the record, else created it, where the source tells either.
    pub(crate) said_at: Option<Timestamp>,
    pub(crate) is_placeholder: bool,
    /// 2 verified, 1 primary, 0 neither.
    pub(crate) verified: u32,
    /// How much the value says; only comparable inside one field.
    pub(crate) completeness: u32,
}

/// A candidate that lost, and the rule that it lost by.
#[derive(Debug)]
pub(crate) struct Loser {
    pub(crate) candidate: Candidate,
    pub(crate) rule: Rule,
}

/// The outcome of a contest.
#[derive(Debug)]
pub(crate) struct Chosen {
    pub(crate) winner: Candidate,
    /// The last rule that told values apart.
    pub(crate) rule: Rule,
    /// By record id, and in the order of the record.
    pub(crate) losers: Vec<Loser>,
}

/// The records that are preferred, if any.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Preferred {
    /// What somebody pinned, whatever else speaks for another.
    pub(crate) pinned: Option<RecordId>,
    /// Where the rest of the name comes from.
    pub(crate) from: Option<RecordId>,
}

/// Chooses one candidate. `candidates` are ordered by record id.
pub(crate) fn choose(
    candidates: Vec<Candidate>,
    chain: &[Rule],
    sources: &[SourceId],
    preferred: Preferred,
) -> Option<Chosen> {
    if candidates.len() == 1 {
        let winner = candidates.into_iter().next()?;
        let rule = if preferred.pinned == Some(winner.record) { Rule::Pinned } else { Rule::OnlyValue };
        return Some(Chosen { winner, rule, losers: Vec::new() });
    }
    let frequency = frequency(&candidates);
    let mut remaining: Vec<usize> = (0..candidates.len()).collect();
    let mut lost: Vec<Option<Rule>> = vec![None; candidates.len()];
    let mut decided = Rule::OnlyValue;
    let steps = [Rule::Pinned, Rule::NoPlaceholder, Rule::SameRecord].iter().chain(chain);
    for &rule in steps {
        let score = |place: &usize| score(rule, &candidates[*place], frequency[*place], sources, preferred);
        let Some(best) = remaining.iter().map(score).max() else { break };
        let (kept, gone): (Vec<usize>, Vec<usize>) = remaining.iter().partition(|place| score(place) == best);
        let told_apart = kept.iter().any(|&one| gone.iter().any(|&other| candidates[one].key != candidates[other].key));
        if told_apart {
            decided = rule;
        }
        for place in gone {
            lost[place] = Some(rule);
        }
        remaining = kept;
    }
    let winner = *remaining.first()?;
    if remaining.iter().any(|&place| candidates[place].key != candidates[winner].key) {
        decided = Rule::SmallestId;
    }
    let chosen = candidates[winner].clone();
    if preferred.pinned == Some(chosen.record) {
        decided = Rule::Pinned;
    }
    let losers = candidates
        .into_iter()
        .zip(lost)
        .enumerate()
        .filter(|(place, _)| *place != winner)
        .map(|(_, (candidate, rule))| Loser { candidate, rule: rule.unwrap_or(Rule::SmallestId) })
        .collect();
    Some(Chosen { winner: chosen, rule: decided, losers })
}

/// How many candidates say the same as each.
fn frequency(candidates: &[Candidate]) -> Vec<u32> {
    let mut by_key: BTreeMap<&str, u32> = BTreeMap::new();
    for candidate in candidates {
        *by_key.entry(&candidate.key).or_default() += 1;
    }
    candidates.iter().map(|candidate| by_key.get(candidate.key.as_str()).copied().unwrap_or(0)).collect()
}

/// How good a candidate is under one rule: greater is better. `frequency` is how many say the same.
fn score(rule: Rule, candidate: &Candidate, frequency: u32, sources: &[SourceId], preferred: Preferred) -> i64 {
    match rule {
        Rule::SourcePriority => {
            let rank = sources.iter().position(|source| *source == candidate.source).unwrap_or(sources.len());
            i64::try_from(rank).map_or(i64::MIN, |rank| -rank)
        }
        Rule::MostRecent => candidate.said_at.map_or(i64::MIN, |at| at.timestamp_micros()),
        Rule::Verified => i64::from(candidate.verified),
        Rule::MostFrequent => i64::from(frequency),
        Rule::MostComplete => i64::from(candidate.completeness),
        Rule::NoPlaceholder => i64::from(!candidate.is_placeholder),
        Rule::SameRecord => i64::from(preferred.from == Some(candidate.record)),
        Rule::Pinned => i64::from(preferred.pinned == Some(candidate.record)),
        Rule::OnlyValue | Rule::SmallestId => 0,
    }
}
