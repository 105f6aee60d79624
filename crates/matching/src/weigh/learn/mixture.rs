//! The classes and their probabilities while they are learned.

use super::groups::{Group, Label};
use super::{LevelCounts, NamesakePairs, Observed, following_place, known_levels};
use crate::compare::{Attribute, Level, MAX_ATTRIBUTES};
use crate::weigh::model::{AttributeModel, ComparisonModel, LevelModel};
use crate::weigh::namesake::{BOTH, FAMILY, GIVEN, NAMES, Namesakes};
use crate::weigh::prior::odds_bits;
use onefold_model::PartyKind;

/// How many imagined pairs stand behind what the model assumes of a class.
const ASSUMED_PAIRS: f64 = 100.0;
/// How many imagined records stand behind the share of one party that the model assumes.
const ASSUMED_RECORDS: f64 = 200.0;
/// The same of related parties: that a few hundred records hold no family must not make the first family one person. That
/// there are families at all is doubted more, the more records there are without one.
const ASSUMED_RELATED_RECORDS: f64 = 500.0;
/// How many imagined pairs of namesakes show what strangers do.
const ASSUMED_NAMESAKES: f64 = 50.0;
/// What is assumed settles within so many rounds; after that it stays, so that each round is an improvement.
const MOVING_ROUNDS: usize = 12;
/// More rounds than this change nothing that matters.
const MOST_ROUNDS: usize = 100;
/// The shares have settled when a round changes them by less.
const SETTLED: f64 = 1e-4;
/// Groups whose odds are below this at the start cannot move anything.
const NEGLIGIBLE_BITS: f64 = -24.0;

/// How training went.
#[derive(Debug, Clone, Copy)]
pub(super) struct Course {
    pub(super) rounds: usize,
    pub(super) is_settled: bool,
    /// The greatest step back of the likelihood in a round after the namesakes were settled, relative to its size:
    /// 0 but for rounding.
    pub(super) step_back: f64,
    /// The share of the pairs of one party, or nearly, that could be told neither way: from 0.05 to 0.95.
    pub(super) uncertain: f64,
    /// How many pairs are one party.
    pub(super) same_pairs: f64,
}

/// How likely a group is of each class.
#[derive(Debug, Clone, Copy, Default)]
struct Posterior {
    same: f64,
    related: f64,
    unrelated: f64,
    /// The logarithm of all together against unrelated alone, in bits.
    all: f64,
}

pub(super) struct Mixture<'a> {
    kind: PartyKind,
    assumed: &'a ComparisonModel,
    groups: Vec<Group>,
    records: u64,
    /// All pairs whose names agree.
    named: NamesakePairs,
    /// How much more often strangers have one name than its parts say, in bits.
    one_name: f64,
    following: usize,
    unrelated: LevelCounts,
    same: LevelCounts,
    related: LevelCounts,
    /// What is assumed of related parties: as far from one party as the model has it.
    assumed_related: LevelCounts,
    namesakes: [[f64; Level::COUNT]; NAMES],
    same_per_record: f64,
    related_per_record: f64,
    /// What is assumed still follows what is learned; after that each round is an improvement.
    is_moving: bool,
}

impl<'a> Mixture<'a> {
    /// At what the model assumes.
    pub(super) fn new(assumed: &'a ComparisonModel, observed: &Observed, unrelated: &LevelCounts) -> Self {
        let mut mixture = Self {
            kind: observed.kind,
            assumed,
            groups: observed.pairs.groups.clone(),
            records: observed.records,
            named: observed.namesakes,
            one_name: 0.0,
            following: following_place(observed.kind),
            unrelated: *unrelated,
            same: [[0.0; Level::COUNT]; MAX_ATTRIBUTES],
            related: [[0.0; Level::COUNT]; MAX_ATTRIBUTES],
            assumed_related: [[0.0; Level::COUNT]; MAX_ATTRIBUTES],
            namesakes: [[0.0; Level::COUNT]; NAMES],
            same_per_record: assumed.same_per_record,
            related_per_record: assumed.related_per_record,
            is_moving: true,
        };
        let nothing = [[0.0; Level::COUNT]; MAX_ATTRIBUTES];
        mixture.learn_levels(&nothing, &nothing);
        let start = mixture.posteriors();
        let is_possible = |posterior: &Posterior| posterior.same.max(posterior.related).log2() > NEGLIGIBLE_BITS;
        let mut possible = start.iter().map(is_possible);
        mixture.groups.retain(|_| possible.next().unwrap_or(false));
        mixture
    }

    /// Goes on until nothing changes.
    pub(super) fn train(&mut self) -> Course {
        let mut course = Course { rounds: 0, is_settled: false, step_back: 0.0, uncertain: 0.0, same_pairs: 0.0 };
        let mut before = f64::NEG_INFINITY;
        while course.rounds < MOST_ROUNDS && !course.is_settled {
            let posteriors = self.posteriors();
            self.is_moving = course.rounds < MOVING_ROUNDS;
            if self.is_moving {
                self.learn_one_name(&posteriors);
                self.learn_namesakes(&posteriors);
            } else {
                let now = self.likelihood(&posteriors);
                course.step_back = course.step_back.max((before - now) / now.abs().max(1.0));
                before = now;
            }
            let change = self.learn_classes(&posteriors);
            course.rounds += 1;
            course.is_settled = course.rounds > MOVING_ROUNDS && change < SETTLED;
        }
        let (mut uncertain, mut likely) = (0.0, 0.0);
        for (group, posterior) in self.groups.iter().zip(self.posteriors()) {
            course.same_pairs += group.count * posterior.same;
            if posterior.same > 0.05 {
                likely += group.count;
                uncertain += if posterior.same < 0.95 { group.count } else { 0.0 };
            }
        }
        course.uncertain = uncertain / f64::max(likely, 1.0);
        course
    }

    /// How many other records of the same, and of related parties a record has.
    pub(super) fn shares(&self) -> (f64, f64) {
        (self.same_per_record, self.related_per_record)
    }

    /// How much more often strangers have one name than its parts say, in bits.
    pub(super) fn one_name(&self) -> f64 {
        self.one_name
    }

    /// The probability of a level among records of one party, and among unrelated ones.
    pub(super) fn probabilities(&self, place: usize, level: Level) -> (f64, f64) {
        (self.same[place][level as usize], self.unrelated[place][level as usize])
    }

    /// What was learned, as a model states it.
    pub(super) fn attributes(&self) -> Vec<AttributeModel> {
        let mut attributes = self.assumed.attributes.clone();
        for known in &mut attributes {
            let Some(place) = Attribute::of(self.kind).iter().position(|attribute| *attribute == known.attribute)
            else {
                continue;
            };
            for level in &mut known.levels {
                let at = level.level as usize;
                level.same = self.same[place][at];
                level.related = self.related[place][at];
                if level.column.is_none() {
                    level.unrelated = self.unrelated[place][at];
                }
                if place == self.following && level.level != Level::Different {
                    let [given, family, both] = [GIVEN, FAMILY, BOTH].map(|names| self.namesakes[names][at]);
                    level.namesakes = Some(Namesakes { given, family, both }).filter(|_| both > 0.0);
                }
            }
        }
        attributes
    }

    /// How likely each group is of each class.
    fn posteriors(&self) -> Vec<Posterior> {
        let logarithms = |table: &LevelCounts| table.map(|levels| levels.map(bits));
        let (same, related) = (logarithms(&self.same), logarithms(&self.related));
        let unrelated = self.strangers();
        let namesakes = self
            .namesakes
            .map(|levels| levels.map(|chance| if chance > 0.0 { bits(chance) } else { f64::NEG_INFINITY }));
        let prior = [self.same_per_record, self.related_per_record].map(|share| odds_bits(share, self.records));
        let of_group = |group: &Group| {
            let (mut for_same, mut for_related, mut for_unrelated) = (prior[0], prior[1], group.chances);
            for_unrelated += if group.names == BOTH { self.one_name } else { 0.0 };
            for (place, &level) in group.levels.iter().enumerate() {
                let level = usize::from(level);
                for_same += same[place][level];
                for_related += related[place][level];
                for_unrelated += if place == self.following {
                    (unrelated[place][level] + group.following).max(namesakes[group.names][level])
                } else {
                    unrelated[place][level]
                };
            }
            posterior(for_same - for_unrelated, for_related - for_unrelated, group.label)
        };
        self.groups.iter().map(of_group).collect()
    }

    /// The logarithms of the chances of levels that do not rest on the value which agrees.
    fn strangers(&self) -> LevelCounts {
        let mut chances = [[0.0; Level::COUNT]; MAX_ATTRIBUTES];
        for (place, known) in known_levels(self.assumed, self.kind) {
            for level in known.levels.iter().filter(|level| level.column.is_none()) {
                chances[place][level.level as usize] = bits(self.unrelated[place][level.level as usize]);
            }
        }
        chances
    }

    /// The step that makes what was seen most likely. Returns the greatest change of a share.
    fn learn_classes(&mut self, posteriors: &[Posterior]) -> f64 {
        let mut same = [[0.0; Level::COUNT]; MAX_ATTRIBUTES];
        let mut related = [[0.0; Level::COUNT]; MAX_ATTRIBUTES];
        let (mut same_pairs, mut related_pairs) = (0.0, 0.0);
        for (group, posterior) in self.groups.iter().zip(posteriors) {
            let (for_same, for_related) = (group.count * posterior.same, group.count * posterior.related);
            same_pairs += for_same;
            related_pairs += for_related;
            for (place, &level) in group.levels.iter().enumerate() {
                same[place][usize::from(level)] += for_same;
                related[place][usize::from(level)] += for_related;
            }
        }
        self.learn_levels(&same, &related);
        // Each pair gives both of its records one other record.
        let records = self.records as f64;
        let per_record =
            |pairs: f64, assumed: f64, imagined: f64| (2.0 * pairs + imagined * assumed) / (records + imagined);
        let (same, related) = (
            per_record(same_pairs, self.assumed.same_per_record, ASSUMED_RECORDS),
            per_record(related_pairs, self.assumed_relatives(), ASSUMED_RELATED_RECORDS),
        );
        let change = (same - self.same_per_record).abs().max((related - self.related_per_record).abs());
        (self.same_per_record, self.related_per_record) = (same, related);
        change
    }

    /// How many records of related parties a record is expected to have, where none is seen.
    fn assumed_relatives(&self) -> f64 {
        self.assumed.related_per_record * ASSUMED_RELATED_RECORDS / (self.records as f64 + ASSUMED_RELATED_RECORDS)
    }

    fn learn_levels(&mut self, same: &LevelCounts, related: &LevelCounts) {
        for (place, known) in known_levels(self.assumed, self.kind) {
            let assumed = |of: fn(&LevelModel) -> f64| {
                let mut table = [0.0; Level::COUNT];
                known.levels.iter().for_each(|level| table[level.level as usize] = of(level));
                table
            };
            let (assumed_same, assumed_related) = (assumed(|level| level.same), assumed(|level| level.related));
            // A father and his son agree in so much that pairs of them would teach that a person is both.
            let is_given = known.attribute == Attribute::NameSuffix;
            let nothing = [0.0; Level::COUNT];
            blend(&mut self.same[place], if is_given { &nothing } else { &same[place] }, &assumed_same);
            if known.attribute.tells_relatives_apart() || self.kind == PartyKind::Organization {
                blend(&mut self.related[place], &nothing, &assumed_related);
                continue;
            }
            if self.is_moving {
                // A field that is seldom wrong for one person is seldom wrong for a family.
                for (at, chance) in self.assumed_related[place].iter_mut().enumerate() {
                    let moved = self.same[place][at] / f64::max(assumed_same[at], f64::MIN_POSITIVE);
                    *chance = assumed_related[at] * moved;
                }
            }
            blend(&mut self.related[place], &related[place], &self.assumed_related[place]);
        }
    }

    /// How much more often strangers have one name than its parts say. Where nearly all of one name are one party, the few
    /// others teach little.
    fn learn_one_name(&mut self, posteriors: &[Posterior]) {
        let one_party = |(group, posterior): (&Group, &Posterior)| {
            if group.names == BOTH { group.count * posterior.same } else { 0.0 }
        };
        let same: f64 = self.groups.iter().zip(posteriors).map(one_party).sum();
        let assumed = ASSUMED_NAMESAKES + same;
        let strangers = f64::max(self.named.pairs[BOTH] - same, 0.0);
        self.one_name = f64::max(((strangers + assumed) / (self.named.by_chance + assumed)).log2(), 0.0);
    }

    /// How often namesakes agree in what follows from the name. Those among the candidates were chosen for it, so they
    /// are counted against all namesakes there are. Only pairs of which something else tells whether they are one party
    /// teach it: of a pair that shares nothing but name and mailbox nobody knows.
    fn learn_namesakes(&mut self, posteriors: &[Posterior]) {
        let Some(known) = known_levels(self.assumed, self.kind).find(|(place, _)| *place == self.following) else {
            return;
        };
        let levels = &known.1.levels;
        for names in [GIVEN, FAMILY, BOTH] {
            let mut seen = [0.0; Level::COUNT];
            let (mut same, mut others) = (0.0, 0.0);
            for (group, posterior) in self.groups.iter().zip(posteriors) {
                let level = usize::from(group.levels[self.following]);
                if group.names != names || level == Level::Missing as usize || !self.is_told(group) {
                    continue;
                }
                same += group.count * posterior.same;
                others += group.count * posterior.unrelated;
                seen[level] += group.count * posterior.unrelated;
            }

            // Where nearly all namesakes are one party, the few others teach little.
            let assumed = ASSUMED_NAMESAKES + same;
            let all = (self.named.pairs[names] * self.named.telling.powi(2) - same).max(others) + assumed;
            for level in levels {
                let at = level.level as usize;
                self.namesakes[names][at] = ((seen[at] + assumed * level.unrelated) / all).min(1.0);
            }
        }
    }

    /// Whether both records say something that tells relatives apart, besides their given names.
    fn is_told(&self, group: &Group) -> bool {
        let mut attributes = Attribute::of(self.kind).iter().zip(group.levels);
        attributes.any(|(attribute, level)| attribute.tells_by_itself() && level != Level::Missing as u8)
    }

    /// The logarithm of how likely the data is, with what is assumed, up to what no round changes.
    fn likelihood(&self, posteriors: &[Posterior]) -> f64 {
        let ln_2 = std::f64::consts::LN_2;
        let seen: f64 = self.groups.iter().zip(posteriors).map(|(group, p)| group.count * p.all * ln_2).sum();
        let records = self.records as f64;
        // A pair is one other record for two.
        let share = |share: f64, assumed: f64, imagined: f64| {
            (imagined * assumed * share.ln() - (records + imagined) * share) / 2.0
        };
        let mut assumed = share(self.same_per_record, self.assumed.same_per_record, ASSUMED_RECORDS)
            + share(self.related_per_record, self.assumed_relatives(), ASSUMED_RELATED_RECORDS);
        for (place, known) in known_levels(self.assumed, self.kind) {
            let whole_same: f64 = known.levels.iter().map(|level| level.same).sum();
            let whole_related: f64 = self.assumed_related[place].iter().sum();
            for level in &known.levels {
                let at = level.level as usize;
                assumed += ASSUMED_PAIRS * level.same / whole_same * self.same[place][at].ln();
                if !known.attribute.tells_relatives_apart() {
                    let chance = self.assumed_related[place][at] / whole_related;
                    assumed += ASSUMED_PAIRS * chance * self.related[place][at].ln();
                }
            }
        }
        seen + assumed
    }
}

/// Probabilities of levels: what was seen, beside what is assumed; of what is no level of the model, 0.
fn blend(into: &mut [f64; Level::COUNT], seen: &[f64; Level::COUNT], assumed: &[f64; Level::COUNT]) {
    let known = || (0..Level::COUNT).filter(|&at| assumed[at] > 0.0);
    let all: f64 = known().map(|at| seen[at]).sum();
    let whole: f64 = assumed.iter().sum();
    for at in known() {
        into[at] = (seen[at] + ASSUMED_PAIRS * assumed[at] / whole) / (all + ASSUMED_PAIRS);
    }
}

fn posterior(same: f64, related: f64, label: Label) -> Posterior {
    let same = if label == Label::Different { f64::NEG_INFINITY } else { same };
    if label == Label::Same {
        return Posterior { same: 1.0, all: same, ..Posterior::default() };
    }
    let most = same.max(related).max(0.0);
    let (same, related, unrelated) = ((same - most).exp2(), (related - most).exp2(), (-most).exp2());
    let all = same + related + unrelated;
    Posterior { same: same / all, related: related / all, unrelated: unrelated / all, all: all.log2() + most }
}

/// Of what is no level of the model, 0: it says nothing.
fn bits(probability: f64) -> f64 {
    if probability > 0.0 { probability.log2() } else { 0.0 }
}
