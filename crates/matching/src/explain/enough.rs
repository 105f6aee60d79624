//! What would link a pair that is not linked: the least evidence that lacks.
//!
//! Promises that every answer crosses the threshold of linking under the same model, and that the answers are the smallest
//! sets of attributes that do. Assumes that a value which would agree is one that nobody else has. Does not look for what
//! keeps clusters apart: decisions and contradictions are told elsewhere.

use super::Compared;
use crate::compare::{Attribute, Comparison, Level, Outcome};
use crate::record::PartyRecord;
use crate::settings::Settings;
use crate::weigh::{Frequencies, Holders, MatchWeight, Probability};
use serde::{Deserialize, Serialize};

/// At most so many ways are told: the cheapest ones.
const WAYS: usize = 5;
/// More attributes than this together are no advice to anybody.
const MOST_TOGETHER: usize = 3;
/// A value that the two records have and nobody else.
const THEIRS_ALONE: Holders = Holders { others: 0, records: 2 };

/// An attribute that agrees better than it does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct BetterLevel {
    /// Which attribute.
    pub attribute: Attribute,
    /// How well it would have to agree, at least.
    pub level: Level,
}

/// Evidence that would link a pair, if it came.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct EnoughEvidence {
    /// What would have to agree, in the order of the attributes.
    pub better: Vec<BetterLevel>,
    /// What the pair would weigh.
    pub total: MatchWeight,
    /// The same as a probability.
    pub probability: Probability,
}

/// A level that an attribute could have, and the comparison with it.
#[derive(Clone, Copy)]
struct Step {
    place: usize,
    level: Level,
}

/// The cheapest evidence that would link two records: the fewest attributes, and of these the least that is enough. Nothing
/// where they weigh enough already, where they are of different kinds, or where no three attributes would do.
pub fn would_link(
    left: &PartyRecord,
    right: &PartyRecord,
    frequencies: &Frequencies,
    settings: &Settings,
) -> Vec<EnoughEvidence> {
    let Some(compared) = Compared::of(left, right, frequencies, settings) else { return Vec::new() };
    let is_enough = |weight: MatchWeight| weight.probability() >= settings.thresholds.auto_merge;
    if is_enough(compared.weight(&compared.comparison)) {
        return Vec::new();
    }
    let steps = steps(&compared, settings);
    for together in 1..=MOST_TOGETHER {
        let mut ways: Vec<(Vec<Step>, MatchWeight)> = Vec::new();
        // From three on only what agrees best is tried: fewer steps, and none of them is cheap any more.
        let tried = if together < MOST_TOGETHER { steps.clone() } else { best_steps(&compared, &steps) };
        each_choice(&tried, together, &mut Vec::new(), &mut |chosen| {
            let weight = compared.weight(&with(&compared.comparison, chosen));
            if is_enough(weight) {
                keep_cheapest(&mut ways, chosen, weight);
            }
        });
        if !ways.is_empty() {
            ways.sort_by(|a, b| a.1.0.total_cmp(&b.1.0).then_with(|| places(&a.0).cmp(&places(&b.0))));
            return ways.into_iter().take(WAYS).map(|(steps, total)| told(&compared, &steps, total)).collect();
        }
    }
    Vec::new()
}

/// Every level of every attribute that is better than what was found.
fn steps(compared: &Compared, settings: &Settings) -> Vec<Step> {
    let model = settings.model.of(compared.kind);
    let mut steps = Vec::new();
    for (place, &attribute) in Attribute::of(compared.kind).iter().enumerate() {
        let now = compared.comparison[place].level;
        let levels = model.levels(attribute).iter().map(|level| level.level);
        let better = levels.filter(|&level| level < now && level < Level::Different);
        steps.extend(better.map(|level| Step { place, level }));
    }
    steps
}

/// Of each attribute the level that weighs most.
fn best_steps(compared: &Compared, steps: &[Step]) -> Vec<Step> {
    let weight = |step: &Step| compared.weight(&with(&compared.comparison, &[*step])).0;
    let of_one = steps.chunk_by(|a, b| a.place == b.place);
    of_one.filter_map(|levels| levels.iter().max_by(|a, b| weight(a).total_cmp(&weight(b)))).copied().collect()
}

/// Every choice of so many steps of different attributes.
fn each_choice(steps: &[Step], together: usize, chosen: &mut Vec<Step>, see: &mut impl FnMut(&[Step])) {
    if chosen.len() == together {
        see(chosen);
        return;
    }
    let after = chosen.last().map(|step| step.place);
    for step in steps.iter().filter(|step| after.is_none_or(|after| step.place > after)) {
        chosen.push(*step);
        each_choice(steps, together, chosen, see);
        chosen.pop();
    }
}

/// Of the same attributes only the least that is enough.
fn keep_cheapest(ways: &mut Vec<(Vec<Step>, MatchWeight)>, chosen: &[Step], weight: MatchWeight) {
    match ways.iter_mut().find(|way| places(&way.0) == places(chosen)) {
        Some(way) if weight.0 < way.1.0 => *way = (chosen.to_vec(), weight),
        Some(_) => {}
        None => ways.push((chosen.to_vec(), weight)),
    }
}

fn places(steps: &[Step]) -> Vec<usize> {
    steps.iter().map(|step| step.place).collect()
}

fn with(comparison: &Comparison, steps: &[Step]) -> Comparison {
    let mut changed = *comparison;
    for step in steps {
        changed[step.place] = Outcome { level: step.level, holders: THEIRS_ALONE, ..changed[step.place] };
    }
    changed
}

fn told(compared: &Compared, steps: &[Step], total: MatchWeight) -> EnoughEvidence {
    let attributes = Attribute::of(compared.kind);
    let better = steps.iter().map(|step| BetterLevel { attribute: attributes[step.place], level: step.level });
    EnoughEvidence { better: better.collect(), total, probability: total.probability() }
}
