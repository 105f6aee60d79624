//! Pairs that show the same are one group with a count: a few thousand groups stand for millions of pairs.

use crate::compare::{Attribute, Level, MAX_ATTRIBUTES};
use crate::weigh::namesake::NamePlaces;
use crate::weigh::rarity::Signature;
use onefold_model::PartyKind;

/// Chances are told apart by half a bit, and of what follows from the name by a bit.
const BUCKETS_A_BIT: f64 = 2.0;

/// What a steward said of a pair.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Label {
    /// Nothing.
    None,
    /// The two are one party.
    Same,
    /// They are not.
    Different,
}

/// Pairs that show the same.
#[derive(Debug, Clone)]
pub(super) struct Group {
    pub(super) levels: [u8; MAX_ATTRIBUTES],
    /// Which names agree, see [`NamePlaces::agreeing`].
    pub(super) names: usize,
    /// The chances of the values that agree, in bits.
    pub(super) chances: f64,
    /// The same of what follows from the name, where names agree.
    pub(super) following: f64,
    /// How many pairs.
    pub(super) count: f64,
    pub(super) label: Label,
}

/// The candidate pairs of one kind of party.
#[derive(Debug)]
pub(crate) struct Pairs {
    pub(super) groups: Vec<Group>,
    /// How many pairs there are.
    pub(super) all: u64,
}

impl Pairs {
    /// About so many pairs are looked at, or all where there are fewer.
    pub(crate) const MOST: usize = 1_000_000;

    /// Of so many pairs, one of how many is enough.
    pub(crate) fn one_of(all: usize) -> u32 {
        u32::try_from(all.div_ceil(Self::MOST).max(1)).unwrap_or(u32::MAX)
    }

    /// Groups a sample of the `all` pairs that nobody decided, and every pair that a steward decided.
    pub(crate) fn of(
        kind: PartyKind,
        all: usize,
        sampled: impl Iterator<Item = Signature>,
        labelled: impl Iterator<Item = (Signature, Label)>,
    ) -> Self {
        let mut keys: Vec<u64> = sampled.map(|signature| key(kind, signature)).collect();
        keys.sort_unstable();
        let mut groups = counted(kind, &keys, all as f64 / keys.len().max(1) as f64, Label::None);
        let mut decided: Vec<(Label, u64)> = labelled.map(|(signature, label)| (label, key(kind, signature))).collect();
        decided.sort_unstable();
        for decided in decided.chunk_by(|a, b| a.0 == b.0) {
            let keys: Vec<u64> = decided.iter().map(|(_, key)| *key).collect();
            groups.extend(counted(kind, &keys, 1.0, decided[0].0));
        }
        Self { groups, all: (all + decided.len()) as u64 }
    }
}

fn counted(kind: PartyKind, keys: &[u64], each: f64, label: Label) -> Vec<Group> {
    keys.chunk_by(|a, b| a == b).map(|same| group(kind, same[0], same.len() as f64 * each, label)).collect()
}

/// The levels, 8 bits of half bits of chance, and 5 of bits of what follows from the name.
fn key(kind: PartyKind, signature: Signature) -> u64 {
    let places = Attribute::of(kind).len();
    let levels = (0..places).rev().fold(0u64, |key, place| key << 5 | signature.level(place) as u64);
    let names = NamePlaces::of(kind).map_or(0, |names| names.agreeing(|place| signature.level(place)));
    let (chances, following) = if names == 0 {
        (signature.chances() + signature.following(), 0.0)
    } else {
        (signature.chances(), signature.following())
    };
    levels << 13 | bucket(chances, BUCKETS_A_BIT, 255) << 5 | bucket(following, 1.0, 31)
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "from 0 to the greatest bucket")]
fn bucket(bits: f64, buckets: f64, greatest: u64) -> u64 {
    (-bits * buckets).round().clamp(0.0, greatest as f64) as u64
}

fn group(kind: PartyKind, key: u64, count: f64, label: Label) -> Group {
    let mut levels = [Level::Missing as u8; MAX_ATTRIBUTES];
    for (place, level) in levels.iter_mut().take(Attribute::of(kind).len()).enumerate() {
        #[expect(clippy::cast_possible_truncation, reason = "five bits are wanted")]
        {
            *level = (key >> (13 + 5 * place)) as u8 & 31;
        }
    }
    let names = NamePlaces::of(kind).map_or(0, |names| names.agreeing(|place| usize::from(levels[place])));
    Group {
        levels,
        names,
        chances: -((key >> 5 & 255) as f64) / BUCKETS_A_BIT,
        following: -((key & 31) as f64),
        count,
        label,
    }
}
