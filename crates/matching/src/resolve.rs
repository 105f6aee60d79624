//! The whole pipeline over a set of records: normalise, block, compare, weigh, cluster.
//!
//! Promises that the result is a function of the set of records, decisions and settings: the order in which they are
//! given changes nothing. Does not compute golden values; see [`crate::survive`].

use crate::block::{self, BlockingReport, BlockingRule, PackedPair};
use crate::cluster::{self, Clustering, Cut, Edge, Guard};
use crate::compare;
use crate::decision::{LinkDecision, LinkDecisionKind};
use crate::normalise::Columns;
use crate::record::PartyRecord;
use crate::settings::Settings;
use crate::weigh::{Counts, Evidence, Frequencies, MatchWeight, Prior, Probability, Weigher};
use onefold_model::{PartyKind, RecordId};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// Two records and how sure it is that they are one party.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ScoredPair {
    /// The record with the smaller id.
    pub left: RecordId,
    /// The other.
    pub right: RecordId,
    /// The evidence, in bits.
    pub weight: MatchWeight,
    /// The same as a probability.
    pub probability: Probability,
}

/// What is being done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Stage {
    /// Records become rows of distinct values.
    Normalise,
    /// Candidate pairs are found; counted in rules.
    Block,
    /// Pairs are compared and weighed; counted in pairs.
    Compare,
    /// Accepted pairs become clusters; counted in records.
    Cluster,
}

/// How far a run is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Progress {
    /// What is being done.
    pub stage: Stage,
    /// How much of it is done.
    pub done: u64,
    /// How much there is to do.
    pub total: u64,
}

/// What a run did, in figures.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ResolutionReport {
    /// Which model weighed.
    pub model: String,
    /// Distinct records.
    pub records: u64,
    /// How candidates were found.
    pub blocking: BlockingReport,
    /// Accepted pairs that were not put together, with the reason; ascending by id.
    pub cuts: Vec<Cut>,
    /// Links of stewards that could not be followed because a never-link of theirs forbids it; ascending.
    pub refused_links: Vec<(RecordId, RecordId)>,
}

/// Who is who.
#[derive(Debug, Clone, PartialEq)]
pub struct Resolution {
    /// A partition of the records: each cluster ascending, the clusters by their smallest id.
    pub clusters: Vec<Vec<RecordId>>,
    /// Pairs inside one cluster that weigh enough to be linked; ascending by id.
    pub accepted: Vec<ScoredPair>,
    /// Pairs that a steward should look at: of two clusters that no never-link keeps apart; ascending by id.
    pub review: Vec<ScoredPair>,
    /// What was done.
    pub report: ResolutionReport,
    /// How common each value was. Explanations and later runs over a part of the records need them.
    pub frequencies: Frequencies,
}

/// Resolves a whole set of records; how rare values are is counted in this set.
///
/// Each record should be given once. Where an id is given more than once, the record that was seen last counts.
pub fn resolve(
    records: &[PartyRecord],
    decisions: &[LinkDecision],
    settings: &Settings,
    progress: &mut dyn FnMut(Progress),
) -> Resolution {
    run(records, decisions, settings, None, progress)
}

/// Resolves a part of a larger set, for example the records around one that has changed; how rare values are is known
/// from the larger set.
pub fn resolve_with_frequencies(
    records: &[PartyRecord],
    decisions: &[LinkDecision],
    settings: &Settings,
    frequencies: &Frequencies,
    progress: &mut dyn FnMut(Progress),
) -> Resolution {
    run(records, decisions, settings, Some(frequencies), progress)
}

fn run(
    records: &[PartyRecord],
    decisions: &[LinkDecision],
    settings: &Settings,
    known: Option<&Frequencies>,
    progress: &mut dyn FnMut(Progress),
) -> Resolution {
    let mut tell = |stage, done: usize, total: usize| {
        progress(Progress { stage, done: done as u64, total: total as u64 });
    };
    let records = in_order(records);
    tell(Stage::Normalise, 0, records.len());
    let columns = Columns::of(records.iter().copied());
    let counts = match known {
        None => Counts::of_data(&columns, settings.model.commonplace),
        Some(known) => Counts::of_frequencies(&columns, known, settings.model.commonplace),
    };
    let mut frequencies = known.cloned().unwrap_or_else(|| counts.to_frequencies(&columns));
    let weigher = Weigher::new(&settings.model, &frequencies);
    tell(Stage::Normalise, records.len(), records.len());

    let rules = BlockingRule::ALL.len();
    let (pairs, blocking) = block::candidate_pairs(&columns, settings.blocking, |done| tell(Stage::Block, done, rules));

    let kind_of = |pair: &PackedPair| columns.rows[pair.unpack().0 as usize].kind;
    let mut evidence: Vec<Evidence> = Vec::with_capacity(pairs.len());
    for batch in pairs.chunks(1 << 16) {
        for pair in batch {
            let (left, right) = pair.unpack();
            let comparison = compare::compare(&columns, &counts, left as usize, right as usize);
            evidence.push(weigher.evidence(kind_of(pair), &comparison));
        }
        tell(Stage::Compare, evidence.len(), pairs.len());
    }
    if known.is_none() {
        let learned = |kind| {
            let records = columns.rows.iter().filter(|row| row.kind == kind).count() as u64;
            let of_kind = pairs.iter().zip(&evidence).filter(|(pair, _)| kind_of(pair) == kind);
            Some(Prior::learned(settings.model.of(kind), records, of_kind.map(|(_, evidence)| *evidence)))
        };
        frequencies.persons = learned(PartyKind::Person);
        frequencies.organizations = learned(PartyKind::Organization);
    }
    let prior_of = |kind| Weigher::prior(&settings.model, &frequencies, kind);
    let likely = likely_pairs(&pairs, &evidence, |pair| prior_of(kind_of(pair)), settings);

    let place_of = |id: RecordId| {
        let found = records.binary_search_by_key(&id, |record| record.id).ok();
        found.and_then(|place| u32::try_from(place).ok())
    };
    let decided = |kind: LinkDecisionKind| -> BTreeSet<PackedPair> {
        let pair = |decision: &LinkDecision| Some((place_of(decision.left)?, place_of(decision.right)?));
        let pairs = decisions.iter().filter(|decision| decision.kind == kind).filter_map(pair);
        pairs.filter(|(a, b)| a != b).map(|(a, b)| PackedPair::new(a, b)).collect()
    };
    let (links, never) = (decided(LinkDecisionKind::Link), decided(LinkDecisionKind::NeverLink));

    tell(Stage::Cluster, 0, records.len());
    let is_accepted = |edge: &&Edge| edge.weight.probability() >= settings.thresholds.auto_merge;
    let guard = Guard {
        columns: &columns,
        counts: &counts,
        weigher: &weigher,
        prior_of: &prior_of,
        contradiction: settings.contradiction,
        places: None,
    };
    let count = u32::try_from(records.len()).unwrap_or(u32::MAX);
    let edges = likely.iter().filter(is_accepted).copied().collect();
    let clustering = cluster::cluster(count, edges, &links, &never, &guard);
    tell(Stage::Cluster, records.len(), records.len());

    let (accepted, review) = sort_out(&records, &likely, &clustering, &never, settings);
    let id = |place: u32| records[place as usize].id;
    let cut = |cut: &cluster::LeftOut| Cut {
        left: id(cut.edge.left),
        right: id(cut.edge.right),
        weight: cut.edge.weight,
        cause: cut.cause,
    };
    Resolution {
        clusters: clusters(&records, &clustering.labels),
        accepted,
        review,
        report: ResolutionReport {
            model: settings.model.version.clone(),
            records: records.len() as u64,
            blocking,
            cuts: clustering.left_out.iter().map(cut).collect(),
            refused_links: clustering
                .refused_links
                .iter()
                .map(|pair| pair.unpack())
                .map(|(a, b)| (id(a), id(b)))
                .collect(),
        },
        frequencies,
    }
}

/// The pairs that are at least worth a review.
fn likely_pairs(
    pairs: &[PackedPair],
    evidence: &[Evidence],
    prior_of: impl Fn(&PackedPair) -> Prior,
    settings: &Settings,
) -> Vec<Edge> {
    let mut likely = Vec::new();
    for (pair, evidence) in pairs.iter().zip(evidence) {
        let prior = prior_of(pair);
        // Most pairs fall short even without the household: spare them its logarithm.
        if evidence.without_household(prior).probability() < settings.thresholds.review {
            continue;
        }
        let weight = evidence.weight(prior);
        if weight.probability() >= settings.thresholds.review {
            let (left, right) = pair.unpack();
            likely.push(Edge { left, right, weight });
        }
    }
    likely
}

/// The records by id, each once.
fn in_order(records: &[PartyRecord]) -> Vec<&PartyRecord> {
    let mut records: Vec<&PartyRecord> = records.iter().collect();
    records.sort_by_key(|record| (record.id, std::cmp::Reverse(record.seen_at)));
    records.dedup_by_key(|record| record.id);
    records
}

fn clusters(records: &[&PartyRecord], labels: &[u32]) -> Vec<Vec<RecordId>> {
    let mut order: Vec<usize> = (0..records.len()).collect();
    order.sort_by_key(|&place| (labels[place], place));
    order
        .chunk_by(|&a, &b| labels[a] == labels[b])
        .map(|members| members.iter().map(|&place| records[place].id).collect())
        .collect()
}

/// Pairs inside a cluster are accepted; pairs between two clusters are for review, unless a never-link keeps the two
/// apart anyway.
fn sort_out(
    records: &[&PartyRecord],
    likely: &[Edge],
    clustering: &Clustering,
    never: &BTreeSet<PackedPair>,
    settings: &Settings,
) -> (Vec<ScoredPair>, Vec<ScoredPair>) {
    let labels =
        |left: u32, right: u32| PackedPair::new(clustering.labels[left as usize], clustering.labels[right as usize]);
    let apart: BTreeSet<PackedPair> = never.iter().map(|pair| pair.unpack()).map(|(a, b)| labels(a, b)).collect();
    let (mut accepted, mut review) = (Vec::new(), Vec::new());
    for edge in likely {
        let probability = edge.weight.probability();
        let (left, right) = (records[edge.left as usize].id, records[edge.right as usize].id);
        let pair = ScoredPair { left, right, weight: edge.weight, probability };
        if clustering.labels[edge.left as usize] == clustering.labels[edge.right as usize] {
            if probability >= settings.thresholds.auto_merge {
                accepted.push(pair);
            }
        } else if !apart.contains(&labels(edge.left, edge.right)) {
            review.push(pair);
        }
    }
    (accepted, review)
}
