//! A fold of what changed leaves the rows of a fold of everything.

use super::people::{crowd, customer, decide, party, take_back};
use crate::api::hub::*;
use crate::harness::{on_both, places};
use crate::store::dump::dump;
use onefold::app::IngestRecord;
use onefold::auth::default_policies;
use onefold::identity::{Activation, Identity};
use onefold::store::Store;
use onefold_model::{DecisionId, RecordId, SystemClock};
use proptest::prelude::*;
use proptest::test_runner::RngSeed;

/// A hub whose model is frozen from the first party on.
async fn frozen(store: &Store) -> Hub {
    Hub::with(store, policies(&default_policies(&departments())), Identity::default().frozen_from(1)).await
}

/// Without what tells how much was looked at, and without the random ids of decisions.
fn facts_and_customers(dump: &str) -> String {
    let is_told = |section: &&str| !section.starts_with("audit") && !section.starts_with("decision");
    dump.split("# ").filter(is_told).collect::<Vec<_>>().join("# ")
}

#[derive(Debug, Clone)]
enum Step {
    Put(usize, usize, usize, usize),
    Delete(usize, usize),
    Decide(bool, usize, usize),
    TakeBack(usize),
}

const GIVEN: [&str; 4] = ["Robert", "Bob", "Anna", "Lena"];
const MAILS: [&str; 4] = ["robert.0@example.com", "anna.1@example.com", "familie.huber@example.org", "new@example.net"];

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        5 => (0..SOURCES.len(), 0..4usize, 0..GIVEN.len(), 0..MAILS.len()).prop_map(|(a, b, c, d)| Step::Put(a, b, c, d)),
        1 => (0..SOURCES.len(), 0..4usize).prop_map(|(source, key)| Step::Delete(source, key)),
        3 => (any::<bool>(), 0..crowd().len(), 0..crowd().len()).prop_map(|(is_link, a, b)| Step::Decide(is_link, a, b)),
        2 => (0..8usize).prop_map(Step::TakeBack),
    ];
    proptest::collection::vec(step, 1..14)
}

async fn take(hub: &Hub, step: &Step, records: &[RecordId], made: &mut Vec<DecisionId>) {
    let key = |source: usize, key: usize| format!("{}{key}", ["s", "z", "m"][source]);
    match *step {
        Step::Put(source, at, given, mail) => {
            let record = customer(&key(source, at), party(GIVEN[given], ["Kovac", "Lindqvist"][mail % 2], MAILS[mail]));
            hub.push(SOURCES[source].0, vec![record]).await;
        }
        Step::Delete(source, at) => {
            let there = customer(&key(source, at), party("Robert", "Kovac", MAILS[0]));
            hub.push(SOURCES[source].0, vec![IngestRecord { deleted: true, data: None, ..there }]).await;
        }
        Step::Decide(is_link, one, other) if one != other => {
            let kind = if is_link { "LINK" } else { "NEVER_LINK" };
            made.push(decide(hub.app.store(), kind, records[one], records[other]).await);
        }
        Step::TakeBack(at) if at < made.len() => take_back(hub.app.store(), made.remove(at)).await,
        Step::Decide(..) | Step::TakeBack(_) => {}
    }
}

async fn same_rows(steps: &[Step]) {
    for (place, other) in places().await.iter().zip(&places().await) {
        let [live, whole] = [Store::open(&place.url).await.unwrap(), Store::open(&other.url).await.unwrap()];
        let [one, two] = [frozen(&live).await, frozen(&whole).await];
        let mut made = [Vec::new(), Vec::new()];
        one.push_all(crowd()).await;
        two.push_all(crowd()).await;
        one.app.fold_changes("system:test").await.unwrap();
        two.fold().await;
        let records: Vec<RecordId> = live.party_list().await.unwrap().iter().map(|party| party.record).collect();
        for step in steps {
            take(&one, step, &records, &mut made[0]).await;
            take(&two, step, &records, &mut made[1]).await;
            let (some, all) = (one.app.fold_changes("system:test").await.unwrap(), two.fold().await);
            assert_eq!((some.records, some.customers, some.candidates), (all.records, all.customers, all.candidates));
            assert_eq!((some.changed, some.relinked), (all.changed, all.relinked));
            assert!(some.matching.blocking.rules.is_empty(), "only the neighbourhood was looked at");
            assert_eq!(facts_and_customers(&dump(&live).await), facts_and_customers(&dump(&whole).await), "{step:?}");
        }
        let before = dump(&live).await;
        let rebuilt = one.app.rebuild("system:test", |_, _| {}).await.unwrap();
        assert_eq!((rebuilt.mended, rebuilt.customers_changed), (0, 0));
        assert_eq!(dump(&live).await, before);
        live.close().await;
        whole.close().await;
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 6, failure_persistence: None, rng_seed: RngSeed::Fixed(7), ..ProptestConfig::default() })]

    #[test]
    fn a_fold_of_what_changed_leaves_the_rows_of_a_fold_of_everything(steps in steps()) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(same_rows(&steps));
    }
}

/// What another process folds is noticed, and the next fold goes on from there.
#[tokio::test]
async fn two_processes_that_fold_in_turn_end_as_one() {
    on_both(|store| async move {
        let [one, two] = [frozen(&store).await, frozen(&store).await];
        one.push_all(crowd()).await;
        for (turn, hub) in [&one, &two, &two, &one, &two].into_iter().enumerate() {
            let new = party(GIVEN[turn % 4], "Kovac", MAILS[turn % 4]);
            hub.push("stripe", vec![customer("turn", new)]).await;
            hub.app.fold_changes("system:test").await.unwrap();
        }
        let before = dump(&store).await;
        assert_eq!(one.app.rebuild("system:test", |_, _| {}).await.unwrap().customers_changed, 0);
        assert_eq!(dump(&store).await, before);
    })
    .await;
}

/// A model that is trained anew changes nothing until it is put in place; then the next fold does what the plan said.
#[tokio::test]
async fn a_new_model_is_a_plan_until_it_is_put_in_place() {
    on_both(|store| async move {
        let hub = frozen(&store).await;
        let identity = Identity::default().frozen_from(1);
        hub.push_all(crowd().into_iter().take(6)).await;
        hub.app.fold_changes("system:test").await.unwrap();
        let first = store.model_active().await.unwrap();
        assert_eq!(first.as_deref(), Some("v1.1"));
        hub.push_all(crowd()).await;
        hub.app.fold_changes("system:test").await.unwrap();

        let version = identity.model_train(&store, &SystemClock, "test").await.unwrap().version;
        let plan = identity.model_plan(&store, &version).await.unwrap().unwrap();
        assert_eq!((version.as_str(), store.model_active().await.unwrap()), ("v1.2", first));
        assert!(plan.plan.added.is_empty() && plan.plan.removed.is_empty());
        assert_eq!(hub.app.fold_changes("system:test").await.unwrap().changed, 0);

        let activate = |version: &'static str| {
            let (identity, store, looked_at) = (identity.clone(), store.clone(), plan.fingerprint.clone());
            async move { identity.model_activate(&store, &SystemClock, "test", version, &looked_at).await.unwrap() }
        };
        assert_eq!(activate("none").await, Activation::NoModel);
        assert_eq!(activate("v1.2").await, Activation::InPlace(plan.clone()));
        let report = hub.app.fold_changes("system:test").await.unwrap();
        assert_eq!(report.changed == 0, plan.plan.is_empty());
        assert_eq!(report.matching.model, "v1.2");
        let again = identity.model_train(&store, &SystemClock, "test").await.unwrap().version;
        let again = identity.model_plan(&store, &again).await.unwrap().unwrap();
        assert!(again.plan.is_empty(), "{again:?}");
    })
    .await;
}
