//! What must not be one party: never-links of stewards, and records that contradict one another although a chain of
//! others joins them.

use super::{Apart, Edge, LeftOut, UnionFind};
use crate::block::PackedPair;
use crate::compare::{self, Attribute, Level};
use crate::normalise::Columns;
use crate::settings::BirthDates;
use crate::weigh::{Counts, MatchWeight, Prior, Weigher};
use onefold_model::{PartyKind, RecordId};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// Components of more records are checked along their edges only: all pairs of so many would take minutes, and so large
/// a component is a defect of the data that the report shows.
const LARGEST_CHECKED: usize = 2000;

/// No pair says more than this for or against two parts, in bits.
const MOST_SAID: f64 = 12.0;

/// Parts with a contradiction between them are put together where their pairs weigh more than this on average, in bits: what
/// one record has wrong, it has wrong against every record of the other part.
const LEAST_SAID: f64 = -4.0;

/// Why two records that weigh enough were not put together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum CutCause {
    /// A steward said never.
    NeverLink,
    /// Two numbers of one register, for example two tax numbers.
    Identifiers,
    /// Jr. and Sr.: a father and his son.
    Generation,
    /// Different given names and different days of birth.
    NameAndBirth,
    /// Days of birth that have nothing in common, where the settings say that this is enough.
    BirthDate,
    /// Two records of one source whose ids are unique people.
    OneOfSource,
    /// Two members that, compared with each other, are clearly different.
    Weight,
    /// A person and an organisation.
    Kind,
}

impl CutCause {
    /// Whether other evidence between two parts may outweigh it: people do misspell names and days of birth.
    fn is_doubt(self) -> bool {
        match self {
            Self::NameAndBirth | Self::Weight => true,
            Self::NeverLink
            | Self::Identifiers
            | Self::Generation
            | Self::BirthDate
            | Self::OneOfSource
            | Self::Kind => false,
        }
    }
}

/// An accepted pair that was cut.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Cut {
    /// The record with the smaller id.
    pub left: RecordId,
    /// The other.
    pub right: RecordId,
    /// What the pair weighs.
    pub weight: MatchWeight,
    /// What keeps their clusters apart.
    pub cause: CutCause,
}

/// Knows which records contradict one another.
pub(crate) struct Guard<'a> {
    pub(crate) columns: &'a Columns,
    pub(crate) counts: &'a Counts,
    pub(crate) weigher: &'a Weigher,
    pub(crate) prior_of: &'a dyn Fn(PartyKind) -> Prior,
    /// Pairs that weigh this or less contradict.
    pub(crate) contradiction: MatchWeight,
    /// What days of birth that have nothing in common are.
    pub(crate) births: BirthDates,
    /// A number for the source of the record at a place in the columns, where the ids of that source are unique people.
    pub(crate) unique_of: &'a dyn Fn(usize) -> Option<u16>,
    /// Where each record stands in the columns, where that is not where it stands among the records to be clustered.
    pub(crate) places: Option<&'a [u32]>,
}

impl Guard<'_> {
    /// Writes the labels of one component, and the edges that it was cut at. `edges` are those of the component, the
    /// heaviest first; `groups` are the records that stewards have linked.
    pub(crate) fn split(
        &self,
        members: &[u32],
        edges: &[Edge],
        groups: &UnionFind,
        never: &BTreeSet<PackedPair>,
        labels: &mut [u32],
        left_out: &mut Vec<LeftOut>,
    ) {
        let (apart, doubts) = self.kept_apart(members, edges, groups, never);
        if apart.is_empty() && doubts.is_empty() && !self.has_two_of_one_source(members) {
            return;
        }
        // Inside the component, a part is known by its place among the members.
        let at = |place: u32| {
            let found = members.binary_search(&place).ok();
            found.and_then(|found| u32::try_from(found).ok()).unwrap_or(u32::MAX)
        };
        let mut parts = UnionFind::new(u32::try_from(members.len()).unwrap_or(u32::MAX));
        let mut records: Vec<Vec<u32>> = vec![Vec::new(); members.len()];
        for &place in members {
            parts.join(at(groups.root(place)), at(place));
            records[at(groups.root(place)) as usize].push(place);
        }
        // What each part has of sources whose ids are unique people.
        let mut unique: Vec<BTreeSet<u16>> = records.iter().map(|part| self.unique_in(part).collect()).collect();
        let (mut apart, mut doubts) = (apart.map_roots(at), doubts.map_roots(at));
        for edge in edges {
            let (one, other) = (parts.root(at(edge.left)), parts.root(at(edge.right)));
            if one == other {
                continue;
            }
            let doubt = || {
                let cause = doubts.cause(one, other)?;
                let (one, other) = (&records[one as usize], &records[other as usize]);
                (self.between(one, other) <= LEAST_SAID * (one.len() * other.len()) as f64).then_some(cause)
            };
            let twice = || {
                let (one, other) = (&unique[one as usize], &unique[other as usize]);
                (!one.is_disjoint(other)).then_some(CutCause::OneOfSource)
            };
            if let Some(cause) = apart.cause(one, other).or_else(twice).or_else(doubt) {
                left_out.push(LeftOut { edge: *edge, cause });
                continue;
            }
            parts.join(one, other);
            let (kept, gone) = (one.min(other), one.max(other));
            apart.join(kept, gone);
            doubts.join(kept, gone);
            let theirs = std::mem::take(&mut unique[gone as usize]);
            unique[kept as usize].extend(theirs);
            let gone = std::mem::take(&mut records[gone as usize]);
            records[kept as usize].extend(gone);
        }
        for &place in members {
            labels[place as usize] = members[parts.root(at(place)) as usize];
        }
    }

    /// Which parts of a component, known by the smallest member of what stewards have linked, must stay apart, and which
    /// only may be put together where all that is between them speaks for it.
    fn kept_apart(
        &self,
        members: &[u32],
        edges: &[Edge],
        groups: &UnionFind,
        never: &BTreeSet<PackedPair>,
    ) -> (Apart, Apart) {
        let is_untouched = never.is_empty() && members.iter().all(|&place| groups.root(place) == place);
        if is_untouched && members.len() <= LARGEST_CHECKED {
            return self.contradictions(members);
        }
        let mut parts: BTreeMap<u32, Vec<u32>> = BTreeMap::new();
        for &place in members {
            parts.entry(groups.root(place)).or_default().push(place);
        }
        let (mut apart, mut doubts) = (Apart::default(), Apart::default());
        let check = |apart: &mut Apart, doubts: &mut Apart, one: u32, other: u32| {
            if let Some(cause) = self.cause_between(&parts[&one], &parts[&other], never) {
                if cause.is_doubt() { doubts } else { apart }.keep(one, other, cause);
            }
        };
        if parts.len() <= LARGEST_CHECKED {
            let roots: Vec<u32> = parts.keys().copied().collect();
            for (i, &one) in roots.iter().enumerate() {
                roots[i + 1..].iter().for_each(|&other| check(&mut apart, &mut doubts, one, other));
            }
        } else {
            for edge in edges {
                let (one, other) = (groups.root(edge.left), groups.root(edge.right));
                if one != other {
                    check(&mut apart, &mut doubts, one, other);
                }
            }
            for pair in never {
                let (one, other) = pair.unpack();
                let (one, other) = (groups.root(one), groups.root(other));
                if one != other && parts.contains_key(&one) && parts.contains_key(&other) {
                    apart.keep(one, other, CutCause::NeverLink);
                }
            }
        }
        (apart, doubts)
    }

    /// Which members contradict one another, where no steward has said anything.
    fn contradictions(&self, members: &[u32]) -> (Apart, Apart) {
        let (mut apart, mut doubts) = (Apart::default(), Apart::default());
        for (i, &one) in members.iter().enumerate() {
            for &other in &members[i + 1..] {
                if let Some(cause) = self.contradiction(one, other) {
                    if cause.is_doubt() { &mut doubts } else { &mut apart }.keep(one, other, cause);
                }
            }
        }
        (apart, doubts)
    }

    /// The sources whose ids are unique people that these records are of.
    fn unique_in(&self, records: &[u32]) -> impl Iterator<Item = u16> {
        records.iter().filter_map(|&record| (self.unique_of)(self.place(record)))
    }

    fn has_two_of_one_source(&self, members: &[u32]) -> bool {
        let mut seen = BTreeSet::new();
        self.unique_in(members).any(|source| !seen.insert(source))
    }

    /// Where a record stands in the columns.
    fn place(&self, record: u32) -> usize {
        self.places.map_or(record, |places| places[record as usize]) as usize
    }

    /// What all pairs between two parts weigh together. One pair alone cannot outweigh many others.
    fn between(&self, one: &[u32], other: &[u32]) -> f64 {
        let pairs = one.iter().flat_map(|&a| other.iter().map(move |&b| (a, b)));
        pairs.map(|(a, b)| self.weight(a, b).clamp(-MOST_SAID, MOST_SAID)).sum()
    }

    fn weight(&self, a: u32, b: u32) -> f64 {
        let (a, b) = (self.place(a), self.place(b));
        let kind = self.columns.rows[a].kind;
        let comparison = compare::compare(self.columns, self.counts, a, b);
        self.weigher.evidence(kind, &comparison).weight((self.prior_of)(kind)).0
    }

    /// Why two parts must stay apart: any never-link between them; a contradiction only where every pair has one,
    /// because what a steward has linked may contradict itself.
    fn cause_between(&self, one: &[u32], other: &[u32], never: &BTreeSet<PackedPair>) -> Option<CutCause> {
        let pairs = || one.iter().flat_map(|&a| other.iter().map(move |&b| (a, b)));
        if !never.is_empty() && pairs().any(|(a, b)| never.contains(&PackedPair::new(a, b))) {
            return Some(CutCause::NeverLink);
        }
        let mut cause = None;
        for (a, b) in pairs() {
            cause = Some(self.contradiction(a, b)?);
        }
        cause
    }

    /// Why two records cannot be one party.
    fn contradiction(&self, a: u32, b: u32) -> Option<CutCause> {
        let (a, b) = (self.place(a), self.place(b));
        let kind = self.columns.rows[a].kind;
        if kind != self.columns.rows[b].kind {
            return Some(CutCause::Kind);
        }
        let comparison = compare::compare(self.columns, self.counts, a, b);
        let level = |attribute| {
            let place = Attribute::of(kind).iter().position(|candidate| *candidate == attribute);
            place.map_or(Level::Missing, |place| comparison[place].level)
        };
        if compare::register_numbers_differ(self.columns, self.counts, a, b) {
            return Some(CutCause::Identifiers);
        }
        if level(Attribute::NameSuffix) == Level::Different {
            return Some(CutCause::Generation);
        }
        if self.births == BirthDates::Block && level(Attribute::BirthDate) == Level::Different {
            return Some(CutCause::BirthDate);
        }
        if kind == PartyKind::Person
            && level(Attribute::GivenName) == Level::Different
            && level(Attribute::BirthDate) == Level::Different
        {
            return Some(CutCause::NameAndBirth);
        }
        let weight = self.weigher.evidence(kind, &comparison).weight((self.prior_of)(kind));
        (weight.0 <= self.contradiction.0).then_some(CutCause::Weight)
    }
}
