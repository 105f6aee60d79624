//! What a data set has to teach: its candidate pairs, random pairs, and how many namesakes there are.
//!
//! Random pairs are drawn with a fixed seed over the records in the order of a hash of what they say, whatever their ids are,
//! and a sample of the candidate pairs by where their records stand among the ids, so that the same records give the same
//! pairs.

use super::comparing::Comparing;
use super::content;
use crate::block::PackedPair;
use crate::compare::{self, Attribute, Level, MAX_ATTRIBUTES};
use crate::weigh::{Column, Frequencies, Label, LevelCounts, NamesakePairs, Observed, Pairs, Signature};
use onefold_model::PartyKind;
use std::collections::BTreeSet;

/// So many random pairs tell how often strangers agree in each level, well enough beside what is assumed.
const RANDOM_PAIRS: u64 = 50_000;
/// One out of so many pairs is drawn at most: of few records, many random pairs are one party.
const PAIRS_FOR_ONE: u64 = 20;

/// The parts of a run that are looked at.
pub(super) struct Seen<'a> {
    pub(super) comparing: Comparing<'a>,
    /// The row of each record, ascending by id.
    pub(super) places: &'a [u32],
    pub(super) frequencies: &'a Frequencies,
    /// How many pairs of persons have one name, in any spelling.
    pub(super) of_one_name: u64,
    /// The candidate pairs, ascending.
    pub(super) pairs: &'a [PackedPair],
    /// What each of them shows; nothing where only those that are looked at are compared.
    pub(super) kept: &'a [Signature],
    /// What stewards decided.
    pub(super) decided: &'a [((u32, u32), Label)],
}

/// Pairs that learning had to compare, with what each shows; ascending.
#[derive(Default)]
pub(super) struct Compared {
    pub(super) pairs: Vec<PackedPair>,
    pub(super) signatures: Vec<Signature>,
}

impl Seen<'_> {
    /// What there is to learn about a kind of party, and the pairs that were compared for it; none where there are no two
    /// records of it.
    pub(super) fn observed(&self, kind: PartyKind) -> Option<(Observed, Compared)> {
        let rows = &self.comparing.columns.rows;
        let records: Vec<u32> =
            self.places.iter().copied().filter(|&place| rows[place as usize].kind == kind).collect();
        if records.len() < 2 {
            return None;
        }
        let is_of_kind = |pair: &PackedPair| rows[pair.unpack().0 as usize].kind == kind;
        // What was decided of a pair replaces what would be guessed of it.
        let decided: BTreeSet<PackedPair> =
            self.decided.iter().map(|((left, right), _)| PackedPair::new(*left, *right)).collect();
        let is_open = |pair: &PackedPair| is_of_kind(pair) && !decided.contains(pair);
        let all = self.pairs.iter().filter(|pair| is_open(pair)).count();
        let one_of = Pairs::one_of(all);
        let lots = if one_of > 1 { self.lots() } else { Vec::new() };
        let is_drawn = |pair: &PackedPair| {
            let (left, right) = pair.unpack();
            one_of == 1 || (lots[left as usize] ^ lots[right as usize]).is_multiple_of(one_of)
        };
        let mut compared = Compared::default();
        let sampled = if self.kept.is_empty() {
            compared.pairs = self.pairs.iter().copied().filter(|pair| is_open(pair) && is_drawn(pair)).collect();
            compared.signatures = self.comparing.signatures(&compared.pairs, |_| {});
            Pairs::of(kind, all, compared.signatures.iter().copied(), self.labelled(kind))
        } else {
            let kept = self.pairs.iter().zip(self.kept).filter(|(pair, _)| is_open(pair) && is_drawn(pair));
            Pairs::of(kind, all, kept.map(|(_, signature)| *signature), self.labelled(kind))
        };
        let observed = Observed {
            kind,
            records: records.len() as u64,
            pairs: sampled,
            random: self.random(kind, &records),
            namesakes: self.namesakes(kind, &records),
        };
        Some((observed, compared))
    }

    /// What the pairs of a kind show of which stewards decided.
    fn labelled(&self, kind: PartyKind) -> impl Iterator<Item = (Signature, Label)> {
        let is_of_kind = move |place: u32| self.comparing.columns.rows[place as usize].kind == kind;
        let labelled = self.decided.iter().filter(move |((left, right), _)| is_of_kind(*left) && is_of_kind(*right));
        labelled.map(move |((left, right), label)| (self.signature(kind, *left, *right), *label))
    }

    /// A number for each row by where its record stands among all. That of a pair is as good as drawn by lot.
    #[expect(clippy::cast_possible_truncation, reason = "any bits of it will do")]
    fn lots(&self) -> Vec<u32> {
        self.comparing.ranks.iter().map(|&rank| mixed(u64::from(rank) + 1) as u32).collect()
    }

    fn signature(&self, kind: PartyKind, left: u32, right: u32) -> Signature {
        let Comparing { columns, counts, weigher, .. } = self.comparing;
        weigher.signature(kind, &compare::compare(columns, counts, left as usize, right as usize))
    }

    fn random(&self, kind: PartyKind, records: &[u32]) -> LevelCounts {
        let records = &content::in_order(self.comparing.columns, records, self.comparing.threads);
        let mut seen = [[0.0; Level::COUNT]; MAX_ATTRIBUTES];
        let mut state = 0x9e37_79b9_7f4a_7c15_u64;
        let all = records.len() as u64;
        for _ in 0..RANDOM_PAIRS.min(all * (all - 1) / 2 / PAIRS_FOR_ONE) {
            let (left, right) = (draw(&mut state, records), draw(&mut state, records));
            if left == right {
                continue;
            }
            let signature = self.signature(kind, left, right);
            for (place, levels) in seen.iter_mut().enumerate().take(Attribute::of(kind).len()) {
                levels[signature.level(place)] += 1.0;
            }
        }
        seen
    }

    /// How many pairs of records have names in common.
    fn namesakes(&self, kind: PartyKind, records: &[u32]) -> NamesakePairs {
        if Attribute::follows_name(kind).is_none() {
            return NamesakePairs::default();
        }
        let is_telling = |place: &&u32| {
            let row = &self.comparing.columns.rows[**place as usize];
            let is_told = row.birth.is_some() || !self.comparing.columns.list(&row.identifiers).is_empty();
            is_told && !self.comparing.columns.list(&row.emails).is_empty()
        };
        let telling = records.iter().filter(is_telling).count() as f64 / records.len() as f64;
        let agreeing = |column| self.frequencies.column(column).map_or(0.0, |column| column.agreeing as f64);
        let present = |column| self.frequencies.column(column).map_or(0.0, |column| column.present as f64);
        let (given, family) = (agreeing(Column::GivenName) / 2.0, agreeing(Column::FamilyName) / 2.0);
        let both = self.of_one_name as f64;
        let families = f64::max(present(Column::FamilyName), 1.0);
        NamesakePairs {
            pairs: [0.0, f64::max(given - both, 0.0), f64::max(family - both, 0.0), both],
            by_chance: given * 2.0 * family / (families * families),
            telling,
        }
    }
}

/// One of the records: a step of SplitMix64 (Steele, Lea, Flood 2014).
#[expect(clippy::cast_possible_truncation, reason = "less than the number of records")]
fn draw(state: &mut u64, records: &[u32]) -> u32 {
    *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let place = (u128::from(mixed(*state)) * records.len() as u128) >> 64;
    records[place as usize]
}

fn mixed(state: u64) -> u64 {
    let mixed = (state ^ state >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let mixed = (mixed ^ mixed >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ mixed >> 31
}
