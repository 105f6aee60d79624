//! An index after any operations is what a run over all records finds.

use crate::laws::{decisions, party};
use crate::party::record;
use crate::world::people;
use onefold_matching::{
    BirthDates, Index, IndexChange, LinkDecision, Operation, PairChange, PartyRecord, Resolution, ScoredPair, Settings,
    resolve, resolve_with_frequencies,
};
use onefold_model::{PartyKind, RecordId, SourceId, SourceKey};
use proptest::prelude::*;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// So many different records there may be: few, so that they come, change and go.
const KEYS: u8 = 12;

/// What the index holds, told by what its changes said.
#[derive(Default)]
struct Mirror {
    clusters: BTreeSet<Vec<RecordId>>,
    accepted: BTreeMap<(RecordId, RecordId), ScoredPair>,
    review: BTreeMap<(RecordId, RecordId), ScoredPair>,
}

impl Mirror {
    fn follow(&mut self, change: &IndexChange) {
        for cluster in &change.before {
            assert!(self.clusters.remove(cluster), "{cluster:?} was no cluster");
        }
        for cluster in &change.after {
            assert!(self.clusters.insert(cluster.clone()), "{cluster:?} was a cluster already");
        }
        follow(&mut self.accepted, &change.accepted);
        follow(&mut self.review, &change.review);
    }
}

fn follow(pairs: &mut BTreeMap<(RecordId, RecordId), ScoredPair>, change: &PairChange) {
    for pair in &change.removed {
        assert_eq!(pairs.remove(&(pair.left, pair.right)), Some(*pair));
    }
    for pair in &change.added {
        assert_eq!(pairs.insert((pair.left, pair.right), *pair), None);
    }
}

#[derive(Debug, Clone)]
enum Step {
    Upsert(u8, Value),
    Remove(u8),
    Decide(u8, u8, bool),
    Revoke(u8),
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        6 => (0..KEYS, party()).prop_map(|(key, party)| Step::Upsert(key, party)),
        2 => (0..KEYS).prop_map(Step::Remove),
        1 => (0..KEYS, 0..KEYS, any::<bool>()).prop_map(|(left, right, is_link)| Step::Decide(left, right, is_link)),
        1 => any::<u8>().prop_map(Step::Revoke),
    ]
}

fn settings(largest_block: u32) -> Settings {
    let mut settings = Settings::default();
    settings.blocking.largest_block = largest_block;
    // Every other case with all guards.
    if largest_block.is_multiple_of(2) {
        settings.births = BirthDates::Block;
        settings.unique_sources = BTreeSet::from([SourceId::derive(&SourceKey::new("billing").unwrap())]);
    }
    settings
}

fn of_key(key: u8, party: Value) -> PartyRecord {
    record(["billing", "support"][usize::from(key) % 2], &key.to_string(), party)
}

/// The set as it should be.
#[derive(Default)]
struct World {
    records: BTreeMap<RecordId, PartyRecord>,
    decisions: Vec<LinkDecision>,
}

impl World {
    fn operation(&mut self, step: &Step) -> Option<Operation> {
        Some(match step {
            Step::Upsert(key, party) => {
                let record = of_key(*key, party.clone());
                self.records.insert(record.id, record.clone());
                Operation::Upsert(record)
            }
            Step::Remove(key) => {
                let id = of_key(*key, json!({})).id;
                self.records.remove(&id);
                Operation::Remove(id)
            }
            Step::Decide(left, right, is_link) => {
                let pair = [of_key(*left, json!({})), of_key(*right, json!({}))];
                let decision = decisions(&pair, &[(0, 1, *is_link)])[0];
                self.decisions.push(decision);
                Operation::Decide(decision)
            }
            Step::Revoke(at) => {
                let decision = *self.decisions.get(usize::from(*at) % self.decisions.len().max(1))?;
                let same = |other: &LinkDecision| {
                    other.kind == decision.kind
                        && BTreeSet::from([other.left, other.right]) == BTreeSet::from([decision.left, decision.right])
                };
                self.decisions.retain(|other| !same(other));
                Operation::Revoke(decision)
            }
        })
    }

    fn run(&self, settings: &Settings, full: &Resolution) -> Resolution {
        let records: Vec<PartyRecord> = self.records.values().cloned().collect();
        resolve_with_frequencies(&records, &self.decisions, settings, &full.frequencies, &mut |_| {})
    }
}

fn assert_same(index: &Index, mirror: &Mirror, expected: &Resolution) {
    assert_eq!(index.clusters(), expected.clusters);
    assert_eq!(index.accepted(), expected.accepted);
    assert_eq!(index.review(), expected.review);
    assert_eq!(mirror.clusters.iter().cloned().collect::<Vec<_>>(), expected.clusters);
    assert_eq!(mirror.accepted.values().copied().collect::<Vec<_>>(), expected.accepted);
    assert_eq!(mirror.review.values().copied().collect::<Vec<_>>(), expected.review);
    for cluster in &expected.clusters {
        assert_eq!(index.cluster_of(cluster[0]), *cluster);
    }
}

/// A set of records under a model that was frozen at half of them.
fn begin(parties: &[Value], settings: &Settings) -> (World, Resolution, Index, Mirror) {
    let records: Vec<PartyRecord> =
        parties.iter().zip(0..KEYS).map(|(party, key)| of_key(key, party.clone())).collect();
    let full = resolve(&records[..records.len() / 2], &[], settings, &mut |_| {});
    let index = Index::build(&records, &[], settings.clone(), full.frequencies.clone());
    let mirror = Mirror {
        clusters: index.clusters().into_iter().collect(),
        accepted: index.accepted().into_iter().map(|pair| ((pair.left, pair.right), pair)).collect(),
        review: index.review().into_iter().map(|pair| ((pair.left, pair.right), pair)).collect(),
    };
    let records = records.into_iter().map(|record| (record.id, record)).collect();
    (World { records, decisions: Vec::new() }, full, index, mirror)
}

/// In a world that is large enough to teach: half of it at once and half record by record is the run that taught.
#[test]
fn what_a_run_has_learned_holds_for_the_index() {
    let records = people(1500, 4);
    let settings = Settings::default();
    let full = resolve(&records, &[], &settings, &mut |_| {});
    assert!(full.frequencies.learned(PartyKind::Person).is_some());
    let (half, rest) = records.split_at(records.len() / 2);
    let mut index = Index::build(half, &[], settings, full.frequencies);
    for record in rest {
        index.upsert(record);
    }
    assert_eq!(index.clusters(), full.clusters);
    assert_eq!(index.accepted(), full.accepted);
    assert_eq!(index.review(), full.review);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn one_by_one_is_the_same_as_all_at_once(
        parties in proptest::collection::vec(party(), 0..usize::from(KEYS)),
        steps in proptest::collection::vec(step(), 1..30),
        largest_block in prop_oneof![0u32..6, Just(60)],
    ) {
        let settings = settings(largest_block);
        let (mut world, full, mut index, mut mirror) = begin(&parties, &settings);
        assert_same(&index, &mirror, &world.run(&settings, &full));
        for step in &steps {
            let change = match world.operation(step) {
                None => continue,
                Some(Operation::Upsert(record)) => index.upsert(&record),
                Some(Operation::Remove(id)) => index.remove(id),
                Some(Operation::Decide(decision)) => index.decide(decision),
                Some(Operation::Revoke(decision)) => index.revoke(decision),
            };
            mirror.follow(&change);
            assert_same(&index, &mirror, &world.run(&settings, &full));
        }
    }

    #[test]
    fn many_at_once_are_the_same_as_all_at_once(
        parties in proptest::collection::vec(party(), 0..usize::from(KEYS)),
        steps in proptest::collection::vec(step(), 1..40),
        cuts in proptest::collection::vec(any::<bool>(), 40),
        largest_block in prop_oneof![0u32..6, Just(60)],
    ) {
        let settings = settings(largest_block);
        let (mut world, full, mut index, mut mirror) = begin(&parties, &settings);
        let mut batch = Vec::new();
        for (step, is_end) in steps.iter().zip(cuts.into_iter().chain([true])) {
            batch.extend(world.operation(step));
            if is_end {
                mirror.follow(&index.apply(&batch));
                assert_same(&index, &mirror, &world.run(&settings, &full));
                batch.clear();
            }
        }
    }

    #[test]
    fn a_lookup_finds_what_an_upsert_would_and_changes_no_answer(
        parties in proptest::collection::vec(party(), 0..usize::from(KEYS)),
        probes in proptest::collection::vec((0..KEYS, party()), 1..8),
        largest_block in prop_oneof![0u32..6, Just(60)],
    ) {
        let settings = settings(largest_block);
        let (mut world, full, mut index, mut mirror) = begin(&parties, &settings);
        for (key, party) in probes {
            let probe = of_key(key, party.clone());
            let found = index.lookup(&probe);
            prop_assert!(found.is_sorted_by(|a, b| (b.weight.0, a.record) <= (a.weight.0, b.record)));
            assert_same(&index, &mirror, &world.run(&settings, &full));
            index.lookup(&probe);
            for candidate in &found {
                prop_assert_eq!(index.cluster_of(candidate.record)[0], candidate.cluster);
            }
            // All pairs of the record, whatever became of them, are those that were found.
            world.operation(&Step::Upsert(key, party));
            mirror.follow(&index.upsert(&probe));
            let run = world.run(&settings, &full);
            assert_same(&index, &mirror, &run);
            let weights: BTreeMap<RecordId, f64> = found.iter().map(|found| (found.record, found.weight.0)).collect();
            for pair in run.accepted.iter().chain(&run.review).filter(|pair| pair.left == probe.id || pair.right == probe.id) {
                let other = if pair.left == probe.id { pair.right } else { pair.left };
                prop_assert_eq!(weights.get(&other), Some(&pair.weight.0));
            }
        }
    }
}
