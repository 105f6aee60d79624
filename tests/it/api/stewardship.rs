//! The laws of stewardship over random sequences of what stewards and sources do.
//!
//! Every record is of exactly one customer, every id that was ever issued resolves, a rebuild changes nothing, and what was
//! taken back leaves nothing behind. Rules of survivorship come and go meanwhile.

use super::hub::*;
use super::plans::{Desk, graph_id};
use crate::harness::on_both;
use crate::identity::people::{crowd, customer, decide, partition, party, take_back};
use crate::store::fixture::number;
use onefold::auth::{Scope, default_policies};
use onefold::config::{SurvivorshipConfig, SurvivorshipRule};
use onefold::identity::{Identity, survivorship_rules};
use onefold::store::Store;
use onefold_model::{CustomerId, DecisionId, RecordId};
use proptest::prelude::*;
use proptest::test_runner::RngSeed;
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// What somebody does, with numbers that choose about whom.
#[derive(Debug, Clone, Copy)]
pub(super) enum Deed {
    Ingest(usize, usize),
    Merge(usize, usize),
    Split(usize, usize),
    NeverLink(usize, usize),
    Pin(usize, usize),
    Rule(usize),
    Undo(usize),
}

/// What can be taken back.
#[derive(Debug, Clone)]
enum Done {
    Plan(Value),
    Decision(DecisionId),
    Pin(Value),
}

/// Rules of survivorship, those of the program first.
const RULES: [Option<SurvivorshipRule>; 4] = [
    None,
    Some(SurvivorshipRule::MostRecent),
    Some(SurvivorshipRule::MostFrequent),
    Some(SurvivorshipRule::SourcePriority),
];
const PATHS: [&str; 4] = ["displayName", "givenName", "email", "birthDate"];
const PIN: &str = "mutation($input: ValuePinInput!) { valuePin(input: $input) { pin { id } userErrors { code } } }";
const UNPIN: &str = "mutation($input: ValueUnpinInput!) { valueUnpin(input: $input) { userErrors { code } } }";

const RULES_SEEN: &str = "{ survivorshipPreview { fingerprint } }";
const RULES_APPLY: &str =
    "mutation($input: SurvivorshipApplyInput!) { survivorshipApply(input: $input) { userErrors { code } } }";

/// A hub in which random things are done.
pub(super) struct World {
    pub(super) desk: Desk,
    store: Store,
    pace: Pace,
    records: Vec<RecordId>,
    pub(super) issued: BTreeSet<CustomerId>,
    done: Vec<Done>,
    deeds: usize,
}

/// How the model of matching moves.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Pace {
    /// It follows the records, and every fold is one of everything.
    Follows,
    /// It is frozen, and folds are around what changed.
    Frozen,
}

impl World {
    pub(super) async fn open(store: &Store, pace: Pace) -> Self {
        let desk = Desk { hub: opened(store, pace, 0).await };
        desk.hub.push_all(crowd()).await;
        desk.hub.app.fold_changes("system:test").await.unwrap();
        let records = store.party_list().await.unwrap().iter().map(|party| party.record).collect();
        let mut world =
            Self { desk, store: store.clone(), pace, records, issued: BTreeSet::new(), done: Vec::new(), deeds: 0 };
        world.holds().await;
        world
    }

    async fn fold(&self) {
        self.desk.hub.app.fold_changes("system:test").await.unwrap();
    }

    fn record(&self, n: usize) -> RecordId {
        self.records[n % self.records.len()]
    }

    pub(super) async fn act(&mut self, deed: Deed) {
        self.deeds += 1;
        let key = format!("deed {}", self.deeds);
        match deed {
            Deed::Ingest(who, how) => self.ingest(who, how).await,
            Deed::Merge(one, other) => self.merge(one, other, &key).await,
            Deed::Split(one, other) => self.split(one, other, &key).await,
            Deed::NeverLink(one, other) => {
                let (one, other) = (self.record(one), self.record(other));
                if one != other {
                    self.done.push(Done::Decision(decide(&self.store, "NEVER_LINK", one, other).await));
                    self.fold().await;
                }
            }
            Deed::Pin(one, path) => {
                let input = json!({"input": {"record": graph_id(self.record(one)), "path": PATHS[path % PATHS.len()],
                    "reason": "so", "idempotencyKey": key}});
                let pinned = self.desk.hub.data(&everyone(), PIN, input).await["valuePin"].take();
                if pinned["pin"]["id"].is_string() {
                    self.done.push(Done::Pin(pinned["pin"]["id"].clone()));
                }
            }
            Deed::Rule(which) => self.rule(which % RULES.len()).await,
            Deed::Undo(which) => {
                if !self.done.is_empty() {
                    let done = self.done.remove(which % self.done.len());
                    self.undo(&done).await;
                }
            }
        }
        self.holds().await;
    }

    /// The hub is started anew with other rules in its configuration, and they are put in place.
    async fn rule(&mut self, which: usize) {
        let last = self.desk.hub.app.clock().now();
        self.desk.hub = opened(&self.store, self.pace, which).await;
        // Its clock begins anew, and time does not.
        while self.desk.hub.app.clock().now() <= last {}
        let plan = self.desk.hub.data(&everyone(), RULES_SEEN, json!({})).await;
        let input = json!({"input": {"fingerprint": plan["survivorshipPreview"]["fingerprint"]}});
        let done = self.desk.hub.data(&everyone(), RULES_APPLY, input).await;
        assert_eq!(done["survivorshipApply"]["userErrors"], json!([]));
    }

    async fn ingest(&mut self, who: usize, how: usize) {
        let names = [("Robert", "Kovač", 0), ("Anna", "Lindqvist", 1), ("Nina", "Neu", 7), ("Petra", "Huber", 8)];
        let (given, family, mail) = names[who % names.len()];
        let source = SOURCES[how % SOURCES.len()].0;
        let mail = format!("{}.{mail}@example.com", given.to_lowercase());
        let key = format!("new{}", how % 4);
        let record = self.desk.hub.push(source, vec![customer(&key, party(given, family, &mail))]).await.results[0].id;
        if !self.records.contains(&record) {
            self.records.push(record);
        }
        self.fold().await;
    }

    async fn merge(&mut self, one: usize, other: usize, key: &str) {
        let asked =
            [self.desk.of(self.record(one)).await, self.desk.of(self.record(other)).await].map(|id| id.to_string());
        let seen = self.desk.merge_preview(&everyone(), &asked).await;
        if seen["preview"].is_null() {
            let code = seen["userErrors"][0]["code"].as_str().unwrap();
            assert!(["INVALID_INPUT", "CONFLICT"].contains(&code), "{seen}");
            return;
        }
        let done = self.desk.merge(&everyone(), &asked, &seen["preview"]["fingerprint"], "so", key).await;
        assert_eq!(done["userErrors"], json!([]), "what was looked at is applied: {done}");
        assert_eq!(done["plan"]["customers"].as_array().unwrap().len(), 1, "{done}");
        self.as_promised(&seen["preview"]).await;
        self.done.push(Done::Plan(done["plan"]["id"].clone()));
    }

    async fn split(&mut self, one: usize, other: usize, key: &str) {
        let record = self.record(one);
        let whole = self.desk.of(record).await.to_string();
        let mut group = vec![graph_id(record)];
        if self.desk.of(self.record(other)).await.to_string() == whole && self.record(other) != record {
            group.push(graph_id(self.record(other)));
        }
        let groups = vec![group];
        let seen = self.desk.split_preview(&everyone(), &whole, &groups).await;
        if seen["preview"].is_null() {
            let code = seen["userErrors"][0]["code"].as_str().unwrap();
            assert!(["INVALID_INPUT", "CONFLICT"].contains(&code), "{seen}");
            return;
        }
        let fingerprint = &seen["preview"]["fingerprint"];
        let done = self.desk.split(&everyone(), (&whole, &groups), fingerprint, "so", key).await;
        assert_eq!(done["userErrors"], json!([]), "what was looked at is applied: {done}");
        self.as_promised(&seen["preview"]).await;
        self.done.push(Done::Plan(done["plan"]["id"].clone()));
    }

    /// Customers are those that a preview said.
    async fn as_promised(&self, preview: &Value) {
        for promised in preview["after"].as_array().unwrap() {
            let document = format!("{{ customer(id: {}) {{ id recordCount }} }}", promised["id"]);
            let found = self.desk.hub.data(&everyone(), &document, json!({})).await;
            assert_eq!(found["customer"]["id"], promised["id"], "{preview}");
            assert_eq!(found["customer"]["recordCount"], promised["recordCount"], "{preview}");
        }
    }

    async fn undo(&self, done: &Done) {
        match done {
            Done::Plan(plan) => assert_eq!(self.desk.undo(&everyone(), plan).await["userErrors"], json!([])),
            Done::Decision(id) => {
                take_back(&self.store, *id).await;
                self.fold().await;
            }
            Done::Pin(id) => {
                let input = json!({"input": {"id": id, "reason": "no more"}});
                let gone = self.desk.hub.data(&everyone(), UNPIN, input).await;
                assert_eq!(gone["valueUnpin"]["userErrors"], json!([]));
            }
        }
    }

    /// What always holds.
    async fn holds(&mut self) {
        let links = self.store.link_list().await.unwrap();
        let linked: BTreeSet<_> = links.iter().map(|link| link.0).collect();
        assert_eq!(linked, self.records.iter().map(|record| record.0).collect(), "every record is of a customer");
        assert_eq!(linked.len(), links.len(), "and of exactly one");
        self.issued.extend(links.iter().map(|link| link.1));
        let ids: Vec<CustomerId> = self.issued.iter().copied().collect();
        let known = self.store.customer_get(&Scope::system("test"), &ids).await.unwrap();
        let lost: Vec<&CustomerId> = ids.iter().filter(|id| !known.contains_key(id)).collect();
        assert_eq!(lost, Vec::<&CustomerId>::new(), "every id that was ever issued resolves");
    }

    async fn end(&mut self, order: usize) {
        assert_eq!(self.desk.hub.app.rebuild("system:test", |_, _| {}).await.unwrap().customers_changed, 0);
        while !self.done.is_empty() {
            let done = self.done.remove(order % self.done.len());
            self.undo(&done).await;
            self.holds().await;
        }
        self.rule(0).await;
        let standing = "select count(*) from decision where undone_at is null";
        assert_eq!(number(&self.store, standing).await, 0, "nothing stands any more");
        assert_eq!(self.desk.hub.app.rebuild("system:test", |_, _| {}).await.unwrap().customers_changed, 0);
    }
}

/// A hub over this store with these rules in its configuration.
async fn opened(store: &Store, pace: Pace, rules: usize) -> Hub {
    let identity = match pace {
        Pace::Follows => Identity::default(),
        Pace::Frozen => Identity::default().frozen_from(5),
    };
    let mut config = SurvivorshipConfig { otherwise: RULES[rules].map(|rule| vec![rule]), ..Default::default() };
    if config.otherwise.is_some() {
        config.sources = SOURCES.iter().rev().map(|(key, _)| (*key).to_owned()).collect();
    }
    let rules = survivorship_rules(&config, &store.source_list().await.unwrap()).unwrap();
    Hub::with(store, policies(&default_policies(&departments())), identity.with_survivorship(rules)).await
}

fn number_of() -> impl Strategy<Value = usize> {
    0_usize..100
}

fn deed() -> impl Strategy<Value = Deed> {
    let two = || (number_of(), number_of());
    prop_oneof![
        3 => two().prop_map(|(one, other)| Deed::Merge(one, other)),
        3 => two().prop_map(|(one, other)| Deed::Split(one, other)),
        2 => two().prop_map(|(one, other)| Deed::NeverLink(one, other)),
        2 => two().prop_map(|(one, path)| Deed::Pin(one, path)),
        1 => number_of().prop_map(Deed::Rule),
        1 => number_of().prop_map(Deed::Undo),
    ]
}

pub(super) fn deed_or_news() -> impl Strategy<Value = Deed> {
    prop_oneof![3 => deed(), 1 => (number_of(), number_of()).prop_map(|(who, how)| Deed::Ingest(who, how))]
}

pub(super) fn run(body: impl Future<Output = ()>) {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(body);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 5, failure_persistence: None, rng_seed: RngSeed::Fixed(11), ..ProptestConfig::default() })]

    #[test]
    fn what_stewards_take_back_in_any_order_leaves_every_read_as_it_was(
        (deeds, order) in (prop::collection::vec(deed(), 1..7), number_of())
    ) {
        run(on_both(|store| {
            let deeds = deeds.clone();
            async move {
                let mut world = World::open(&store, Pace::Follows).await;
                let before = world.desk.read().await.to_string();
                for deed in deeds {
                    world.act(deed).await;
                }
                world.end(order).await;
                assert_eq!(world.desk.read().await.to_string(), before);
            }
        }));
    }

    #[test]
    fn records_are_of_one_customer_and_ids_resolve_whatever_is_done_meanwhile(
        (deeds, order) in (prop::collection::vec(deed_or_news(), 1..8), number_of())
    ) {
        run(on_both(|store| {
            let deeds = deeds.clone();
            async move {
                let mut world = World::open(&store, Pace::Frozen).await;
                for deed in &deeds {
                    world.act(*deed).await;
                }
                world.end(order).await;
                // As if nothing but the news had come.
                let news: Vec<Deed> = deeds.into_iter().filter(|deed| matches!(deed, Deed::Ingest(..))).collect();
                let place = tempfile::tempdir().unwrap();
                let url = format!("sqlite:{}", place.path().join("alone.db").display());
                let alone = Store::open(&url).await.unwrap();
                let mut other = World::open(&alone, Pace::Frozen).await;
                for deed in news {
                    other.act(deed).await;
                }
                assert_eq!(partition(&store).await, partition(&alone).await);
                alone.close().await;
            }
        }));
    }
}
