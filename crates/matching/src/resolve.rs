//! The whole pipeline over a set of records: normalise, block, compare, weigh, cluster.
//!
//! Promises that the result is a function of the set of records, decisions and settings: the order in which they are
//! given changes nothing. Does not compute golden values; see [`crate::survive`].

mod comparing;
mod content;
mod judge;
mod observe;

use crate::block::{self, AnyRule, BlockingRecall, BlockingReport, Likely, PackedPair};
use crate::cluster::{self, Clustering, Cut, CutCause, Edge, Groups, Guard, LeftOut};
use crate::dataset::Dataset;
use crate::decision::{LinkDecision, LinkDecisionKind};
use crate::normalise::Columns;
use crate::record::PartyRecord;
use crate::settings::Learning;
use crate::settings::Settings;
use crate::weigh::{Counts, Frequencies, Label, MatchWeight, Pairs, Probability, Signature, Weigher, learn};
use comparing::Comparing;
use judge::{Judge, Judged};
use observe::{Compared, Seen};
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
    /// Why they are not together although they weigh enough: a guard kept their clusters apart. Only of pairs for review.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cut: Option<CutCause>,
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
    /// Weights are learned from what the pairs show; counted as one.
    Train,
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
    /// Pairs of two clusters that belong together without being one: persons of one household, organisations of one
    /// group. The weight is that of being related. Ascending by id; nothing is merged because of them.
    pub related: Vec<ScoredPair>,
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
    progress(Progress { stage: Stage::Normalise, done: 0, total: records.len() as u64 });
    run(&Dataset::of_parties(records), decisions, settings, None, progress)
}

/// As [`resolve`], of records that were read without a party for each.
pub fn resolve_dataset(
    dataset: &Dataset,
    decisions: &[LinkDecision],
    settings: &Settings,
    progress: &mut dyn FnMut(Progress),
) -> Resolution {
    run(dataset, decisions, settings, None, progress)
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
    run(&Dataset::of_parties(records), decisions, settings, Some(frequencies), progress)
}

/// As [`resolve_with_frequencies`], of records that were read without a party for each.
pub fn resolve_dataset_with_frequencies(
    dataset: &Dataset,
    decisions: &[LinkDecision],
    settings: &Settings,
    frequencies: &Frequencies,
    progress: &mut dyn FnMut(Progress),
) -> Resolution {
    run(dataset, decisions, settings, Some(frequencies), progress)
}

fn run(
    dataset: &Dataset,
    decisions: &[LinkDecision],
    settings: &Settings,
    known: Option<&Frequencies>,
    progress: &mut dyn FnMut(Progress),
) -> Resolution {
    run_keeping(Pairs::MOST, dataset, decisions, settings, known, progress)
}

/// As [`run`]. What pairs show is kept until they are judged, where there are no more pairs than `most`.
fn run_keeping(
    most: usize,
    dataset: &Dataset,
    decisions: &[LinkDecision],
    settings: &Settings,
    known: Option<&Frequencies>,
    progress: &mut dyn FnMut(Progress),
) -> Resolution {
    let mut tell = |stage, done: usize, total: usize| {
        progress(Progress { stage, done: done as u64, total: total as u64 });
    };
    let Dataset { ids, places, columns, sources } = dataset;
    // Where the record of each row stands among all by id.
    let mut ranks = vec![0; places.len()];
    places.iter().zip(0u32..).for_each(|(&place, rank)| ranks[place as usize] = rank);
    tell(Stage::Normalise, 0, ids.len());
    let counts = match known {
        None => Counts::of_data(columns, settings.model.commonplace),
        Some(known) => Counts::of_frequencies(columns, known, settings.model.commonplace),
    };
    let mut frequencies = known.cloned().unwrap_or_else(|| counts.to_frequencies(columns));
    let weigher = Weigher::new(&settings.model, &frequencies);
    tell(Stage::Normalise, ids.len(), ids.len());

    let rules = settings.blocking.all_rules().len();
    let threads = settings.threads();
    let block::Found { mut pairs, report: mut blocking, left_out, of_one_name } =
        block::candidate_pairs(columns, &settings.blocking, threads, |done| tell(Stage::Block, done, rules));

    let comparing = Comparing { columns, counts: &counts, ranks: &ranks, weigher: &weigher, threads };
    let learns = known.is_none() && settings.learning == Learning::FromData;
    // Of few pairs all teach, and what they show is kept until they are judged; of many an even part teaches, and only what
    // that part shows is kept.
    let is_kept = learns && pairs.len() <= most;
    let kept =
        if is_kept { comparing.signatures(&pairs, |done| tell(Stage::Compare, done, pairs.len())) } else { Vec::new() };
    let place_of = |id: RecordId| {
        let found = ids.binary_search(&id).ok();
        found.and_then(|place| u32::try_from(place).ok())
    };
    let decided = |kind: LinkDecisionKind| -> BTreeSet<PackedPair> {
        let pair = |decision: &LinkDecision| Some((place_of(decision.left)?, place_of(decision.right)?));
        let pairs = decisions.iter().filter(|decision| decision.kind == kind).filter_map(pair);
        pairs.filter(|(a, b)| a != b).map(|(a, b)| PackedPair::new(a, b)).collect()
    };
    let (links, never) = (decided(LinkDecisionKind::Link), decided(LinkDecisionKind::NeverLink));

    let mut taught = None;
    let mut compared: Vec<Compared> = Vec::new();
    if learns {
        tell(Stage::Train, 0, 1);
        let labels = [(&links, Label::Same), (&never, Label::Different)];
        let rows = |pair: &PackedPair| {
            let (left, right) = pair.unpack();
            (places[left as usize], places[right as usize])
        };
        let decided: Vec<((u32, u32), Label)> =
            labels.into_iter().flat_map(|(pairs, label)| pairs.iter().map(move |pair| (rows(pair), label))).collect();
        let seen = Seen {
            comparing,
            places,
            frequencies: &frequencies,
            of_one_name,
            pairs: &pairs,
            kept: &kept,
            decided: &decided,
        };
        let mut learned = |kind| {
            let (observed, for_it) = seen.observed(kind)?;
            compared.push(for_it);
            Some(learn(settings.model.of(kind), &observed))
        };
        let (persons, organizations) = (learned(PartyKind::Person), learned(PartyKind::Organization));
        (frequencies.persons, frequencies.organizations) = (persons, organizations);
        taught = Some(Weigher::new(&settings.model, &frequencies));
        tell(Stage::Train, 1, 1);
    }
    let weigher = taught.as_ref().unwrap_or(&weigher);
    let prior_of = |kind| Weigher::prior(&settings.model, &frequencies, kind);
    let mut judge = Judge::new(weigher, prior_of, settings);
    if is_kept {
        judge.add(&comparing, &pairs, &kept);
    } else {
        let all = pairs.len();
        for Compared { pairs, signatures } in &compared {
            judge.add(&comparing, pairs, signatures);
        }
        leave_out(&mut pairs, &compared);
        let mut done = all - pairs.len();
        let mut signatures = vec![Signature::default(); pairs.len().min(comparing.at_once())];
        for some in pairs.chunks(comparing.at_once()) {
            let signatures = &mut signatures[..some.len()];
            comparing.compare_into(some, signatures);
            judge.add(&comparing, some, signatures);
            done += some.len();
            tell(Stage::Compare, done, all);
        }
    }
    let Judged { likely, related } = judge.judged;
    // Few pairs are likely; the room of all others is worth having again.
    drop((pairs, kept, compared));
    blocking.recall = recall(columns, &blocking, &left_out, &likely);
    drop(left_out);
    let (likely, related) = (by_rank(likely, &ranks), by_rank(related, &ranks));

    tell(Stage::Cluster, 0, ids.len());
    let is_accepted = |edge: &&Edge| edge.weight.probability() >= settings.thresholds.auto_merge;
    let guard = Guard {
        columns,
        counts: &counts,
        weigher,
        prior_of: &prior_of,
        contradiction: settings.contradiction,
        births: settings.births,
        unique_of: &|place| sources.among(place, &settings.unique_sources),
        places: Some(places),
    };
    let count = u32::try_from(ids.len()).unwrap_or(u32::MAX);
    let edges = likely.iter().filter(is_accepted).copied().collect();
    let clustering = cluster::cluster(count, edges, &links, &never, &guard);
    tell(Stage::Cluster, ids.len(), ids.len());

    let (accepted, review) = sort_out(ids, &likely, &clustering, &never, settings);
    let id = |place: u32| ids[place as usize];
    let cut = |cut: &cluster::LeftOut| Cut {
        left: id(cut.edge.left),
        right: id(cut.edge.right),
        weight: cut.edge.weight,
        cause: cut.cause,
    };
    Resolution {
        clusters: clusters(ids, &clustering.labels),
        accepted,
        review,
        related: between_clusters(ids, &related, &clustering),
        report: ResolutionReport {
            model: settings.model.version.clone(),
            records: ids.len() as u64,
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

/// How many of the true pairs blocking found, given likely pairs of rows. Pairs that are rather not one party are left out
/// whatever is for review, so that the estimate does not depend on it.
fn recall(
    columns: &Columns,
    blocking: &BlockingReport,
    left_out: &[Vec<u64>],
    likely: &[Edge],
) -> Option<BlockingRecall> {
    let rules: Vec<AnyRule> = blocking.rules.iter().map(|rule| rule.rule).collect();
    let likely = likely.iter().map(|edge| Likely {
        left: edge.left,
        right: edge.right,
        probability: edge.weight.probability().get(),
    });
    block::estimate(columns, &rules, left_out, likely.filter(|pair| pair.probability >= 0.5))
}

/// Takes pairs that have been compared out of all pairs. Both ascend.
fn leave_out(pairs: &mut Vec<PackedPair>, compared: &[Compared]) {
    let mut ahead: Vec<_> = compared.iter().map(|compared| compared.pairs.iter().peekable()).collect();
    pairs.retain(|pair| !ahead.iter_mut().any(|ahead| ahead.next_if_eq(&pair).is_some()));
}

/// Edges between rows as edges between places among the ids; ascending.
fn by_rank(mut edges: Vec<Edge>, ranks: &[u32]) -> Vec<Edge> {
    for edge in &mut edges {
        let (one, other) = (ranks[edge.left as usize], ranks[edge.right as usize]);
        (edge.left, edge.right) = (one.min(other), one.max(other));
    }
    edges.sort_unstable_by_key(|edge| (edge.left, edge.right));
    edges
}

fn clusters(ids: &[RecordId], labels: &[u32]) -> Vec<Vec<RecordId>> {
    let groups = Groups::of(labels);
    groups.groups().map(|places| places.iter().map(|&place| ids[place as usize]).collect()).collect()
}

/// The pairs whose records are in two clusters.
fn between_clusters(ids: &[RecordId], pairs: &[Edge], clustering: &Clustering) -> Vec<ScoredPair> {
    let label = |place: u32| clustering.labels[place as usize];
    let apart = pairs.iter().filter(|pair| label(pair.left) != label(pair.right));
    apart.map(|pair| scored(ids, pair)).collect()
}

fn scored(ids: &[RecordId], edge: &Edge) -> ScoredPair {
    let (left, right) = (ids[edge.left as usize], ids[edge.right as usize]);
    ScoredPair { left, right, weight: edge.weight, probability: edge.weight.probability(), cut: None }
}

/// Pairs inside a cluster are accepted; pairs between two clusters are for review, unless a never-link keeps the two
/// apart anyway.
fn sort_out(
    ids: &[RecordId],
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
        let pair = scored(ids, edge);
        if clustering.labels[edge.left as usize] == clustering.labels[edge.right as usize] {
            if pair.probability >= settings.thresholds.auto_merge {
                accepted.push(pair);
            }
        } else if !apart.contains(&labels(edge.left, edge.right)) {
            let place = |cut: &LeftOut| (cut.edge.left, cut.edge.right);
            let found = clustering.left_out.binary_search_by_key(&(edge.left, edge.right), place).ok();
            review.push(ScoredPair { cut: found.map(|at| clustering.left_out[at].cause), ..pair });
        }
    }
    (accepted, review)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::RecordText;
    use onefold_model::SourceKey;

    #[test]
    fn what_is_kept_of_pairs_changes_nothing() {
        let source = SourceKey::new("billing").unwrap();
        let id = |row: usize| RecordId::derive(&source, "customers", &row.to_string());
        let mut builder = Dataset::builder();
        for row in 0..600 {
            let given_name = ["Ada", "William", "Zoe", "Cleo", "Bert"][row % 5];
            let family_name = ["King", "Lattus", "Samuels", "Trombley"][row / 5 % 4];
            let email = format!("{given_name}{}@{family_name}.example", row / 2 % 90).to_lowercase();
            let emails = &[email.as_str()];
            builder.push(id(row), &RecordText { given_name, family_name, emails, ..RecordText::PERSON });
        }
        let decision = |kind, left, right| LinkDecision { left: id(left), right: id(right), kind };
        let decisions = [decision(LinkDecisionKind::Link, 1, 9), decision(LinkDecisionKind::NeverLink, 0, 180)];
        let dataset = builder.build();
        let keeping = |most| run_keeping(most, &dataset, &decisions, &Settings::default(), None, &mut |_| {});
        let (all, none) = (keeping(usize::MAX), keeping(0));
        assert!(all.report.blocking.pairs > 100 && !all.accepted.is_empty());
        assert_eq!(all, none);
    }
}
