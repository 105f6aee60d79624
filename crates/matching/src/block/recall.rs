//! How many of the true pairs blocking finds, told without a truth.
//!
//! Each likely pair counts as much as it is probable, and is looked up under every rule: that gives the share of the found
//! pairs that a rule finds by itself. What no rule finds is estimated from how many pairs were found by one rule only and by
//! two (Chao, *Estimating the population size for capture-recapture data with unequal catchability*, 1987). Deterministic and
//! linear; of many pairs an even sample is looked up. Decides nothing.

use super::each_key;
use super::key::mix;
use super::rule::AnyRule;
use crate::normalise::{Columns, Row};
use serde::{Deserialize, Serialize};

/// So many pairs are looked up: the share of a rule is then known to less than a hundredth.
const MOST_PAIRS: u64 = 20_000;

/// What is known of recall without a truth.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct BlockingRecall {
    /// Likely pairs that were looked up under every rule: all, or an even sample of many.
    pub looked_up: u64,
    /// True pairs among the candidates, as far as pairs count that are at least as likely as not: the sum of their
    /// probabilities.
    pub found: f64,
    /// True pairs that no rule found. The formula gives the least number that fits.
    pub unseen: f64,
    /// The share of all true pairs, found or not, that some rule found; from 0 to 1.
    pub recall: f64,
    /// One for each rule, in the order of the report.
    pub rules: Vec<RuleRecall>,
}

/// What is known of the recall of one rule.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RuleRecall {
    /// Which rule.
    pub rule: AnyRule,
    /// True pairs that it found.
    pub found: f64,
    /// Those of them that no other rule found.
    pub only: f64,
    /// The share of all true pairs, found by some rule or not, that it found; from 0 to 1.
    pub recall: f64,
}

/// A pair that is rather one party than not.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Likely {
    pub(crate) left: u32,
    pub(crate) right: u32,
    pub(crate) probability: f64,
}

/// Estimates recall from likely pairs, in any order; those of one record are best one after the other. `left_out` are the keys of each rule whose blocks were too large.
pub(crate) fn estimate(
    columns: &Columns,
    rules: &[AnyRule],
    left_out: &[Vec<u64>],
    likely: impl Iterator<Item = Likely> + Clone,
) -> Option<BlockingRecall> {
    let (mut count, mut mass) = (0u64, 0.0);
    for pair in likely.clone() {
        count += 1;
        mass += exact(pair.probability);
    }
    let bound = if count <= MOST_PAIRS { u64::MAX } else { u64::MAX / count * MOST_PAIRS };
    let mut seen =
        Seen { found: vec![0.0; rules.len()], only: vec![0.0; rules.len()], once: 0.0, twice: 0.0, all: 0.0 };
    let mut keys = Keys { columns, rules, left_out, left: Vec::new(), right: Vec::new(), of_left: None };
    let mut looked_up = 0;
    for pair in likely.filter(|pair| pair_hash(columns, *pair) <= bound) {
        looked_up += 1;
        seen.add(&keys.shared(pair.left, pair.right), exact(pair.probability));
    }
    (seen.all > 0.0).then(|| seen.estimate(rules, looked_up, mass / seen.all))
}

/// Sums of probabilities.
struct Seen {
    /// By rule.
    found: Vec<f64>,
    /// By rule: of pairs that no other rule found.
    only: Vec<f64>,
    /// Of pairs that one rule found.
    once: f64,
    /// Of pairs that two rules found.
    twice: f64,
    all: f64,
}

impl Seen {
    fn add(&mut self, rules: &[usize], probability: f64) {
        self.all += probability;
        for &rule in rules {
            self.found[rule] += probability;
        }
        match rules {
            [rule] => {
                self.once += probability;
                self.only[*rule] += probability;
            }
            [_, _] => self.twice += probability,
            _ => {}
        }
    }

    /// `scale` is how many pairs each that was looked up stands for.
    fn estimate(&self, rules: &[AnyRule], looked_up: u64, scale: f64) -> BlockingRecall {
        let unseen = unseen(self.once, self.twice, rules.len());
        let all = self.all + unseen;
        let of_rule = |(place, rule): (usize, &AnyRule)| RuleRecall {
            rule: *rule,
            found: self.found[place] * scale,
            only: self.only[place] * scale,
            recall: self.found[place] / all,
        };
        BlockingRecall {
            looked_up,
            found: self.all * scale,
            unseen: unseen * scale,
            recall: self.all / all,
            rules: rules.iter().enumerate().map(of_rule).collect(),
        }
    }
}

/// How many were caught on no occasion, from how many were caught on one and on two: `(m - 1) / m · f1² / 2 f2`, or
/// `(m - 1) / m · f1 (f1 - 1) / 2` where none was caught twice (Chao 1987).
fn unseen(once: f64, twice: f64, occasions: usize) -> f64 {
    let occasions = occasions as f64;
    let pairs = if twice > 0.0 { once * once / (2.0 * twice) } else { once * (once - 1.0).max(0.0) / 2.0 };
    (occasions - 1.0).max(0.0) / occasions.max(1.0) * pairs
}

/// The keys of two records, those of the left one kept for its next pair.
struct Keys<'a> {
    columns: &'a Columns,
    rules: &'a [AnyRule],
    left_out: &'a [Vec<u64>],
    left: Vec<Vec<u64>>,
    right: Vec<u64>,
    of_left: Option<u32>,
}

impl Keys<'_> {
    /// The places of the rules that find a pair.
    fn shared(&mut self, left: u32, right: u32) -> Vec<usize> {
        if self.of_left != Some(left) {
            self.of_left = Some(left);
            self.left.resize(self.rules.len(), Vec::new());
            for (rule, keys) in self.rules.iter().zip(&mut self.left) {
                keys.clear();
                each_key(*rule, self.columns, left, |key| keys.push(key));
            }
        }
        let mut shared = Vec::new();
        for (place, rule) in self.rules.iter().enumerate().filter(|(place, _)| !self.left[*place].is_empty()) {
            self.right.clear();
            each_key(*rule, self.columns, right, |key| self.right.push(key));
            let is_compared = |key: &u64| self.left_out[place].binary_search(key).is_err();
            if self.left[place].iter().any(|key| self.right.contains(key) && is_compared(key)) {
                shared.push(place);
            }
        }
        shared
    }
}

/// A probability as a multiple of 2^-30: such numbers add up without rounding, in any order.
fn exact(probability: f64) -> f64 {
    const UNITS: f64 = (1u64 << 30) as f64;
    (probability * UNITS).round() / UNITS
}

/// A number for a pair that does not depend on ids, nor on which record comes first.
fn pair_hash(columns: &Columns, pair: Likely) -> u64 {
    let hash = |row: &Row| {
        let names = &columns.names.values;
        let organization = columns.list(&row.organizations).first();
        let of_name = [names.hash(row.given), names.hash(row.family), u64::from(row.birth.packed())];
        let email = columns.list(&row.emails).first().map_or(0, |&id| columns.emails.values.hash(id));
        let organization = organization.map_or(0, |&id| columns.organizations.values.hash(id));
        of_name.into_iter().chain([email, organization]).fold(1, mix)
    };
    let of = |place: u32| hash(&columns.rows[place as usize]);
    mix(1, of(pair.left).wrapping_add(of(pair.right)))
}
