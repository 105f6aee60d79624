//! Sixteen clients at once on PostgreSQL: they push records, decide, merge, take back and read.
//!
//! No decision that was acknowledged is lost, no deadlock and no other failure reaches a client, and afterwards a rebuild finds
//! nothing to change. Runs for two seconds; `ONEFOLD_CLIENTS_SECONDS=60` makes it a minute.

use super::hub::*;
use super::plans::graph_id;
use crate::harness::places;
use crate::identity::people::{crowd, customer, party};
use crate::store::fixture::number;
use onefold::auth::default_policies;
use onefold::identity::Identity;
use onefold::store::Store;
use onefold_model::RecordId;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::{Duration, Instant};

const CLIENTS: usize = 16;
/// So much each does at least, however slow the machine is.
const LEAST: usize = 6;

const DECIDE: &str = "mutation($input: MatchDecideInput!) { matchDecide(input: $input) {
    decision { id } left { id } userErrors { code message } } }";
const TAKE_BACK: &str = "mutation($input: DecisionUndoInput!) { decisionUndo(input: $input) { decision { id undoneAt } userErrors { code } } }";
const PREVIEW: &str = "query($input: MergeInput!) { mergePreview(input: $input) { preview { fingerprint } userErrors { code message } } }";
const APPLY: &str = "mutation($input: MergeApplyInput!) { mergeApply(input: $input) {
    plan { id decisions { id } } userErrors { code message } } }";
const UNDO: &str =
    "mutation($input: PlanUndoInput!) { planUndo(input: $input) { plan { id undoneAt } userErrors { code } } }";
const READ: &str = "{ customers(first: 20, orderBy: UPDATED_DESC) { nodes { id version displayName provenance { path rule }
    sourceRecords { nodes { id version } } } totalCount } matchCandidates(first: 10) { nodes { id probability } } plans(first: 5) { nodes { id } } }";
const CLAIM: &str = "mutation { candidateClaim(input: {}) { candidate { id } userErrors { code } } }";

/// What may be said to somebody whom others are ahead of.
const EXPECTED: [&str; 5] = ["CONFLICT", "INVALID_INPUT", "PLAN_MOVED", "NOT_FOUND", "REASON_NEEDED"];

/// One client, and what it was promised.
struct Client {
    hub: Arc<Hub>,
    number: usize,
    /// Decisions that were acknowledged, and whether they were taken back.
    decided: BTreeMap<String, bool>,
    /// The same of plans.
    planned: BTreeMap<String, bool>,
    records: Vec<RecordId>,
    state: u64,
}

impl Client {
    /// The next number below `bound`: a step of SplitMix64.
    fn below(&mut self, bound: usize) -> usize {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.state ^ self.state >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ mixed >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((mixed ^ mixed >> 31) % bound as u64).unwrap()
    }

    async fn ask(&self, document: &str, input: Value) -> Value {
        let mut answer = self.hub.ask(&everyone(), document, json!({"input": input})).await;
        assert_eq!(answer.get("errors"), None, "no failure reaches a client: {document}");
        answer["data"].take()
    }

    /// The payload, if it was done; what was not done says so with a code that a client can act on.
    async fn done(&self, document: &str, name: &str, input: Value) -> Option<Value> {
        let payload = self.ask(document, input).await[name].take();
        let errors = payload["userErrors"].as_array().unwrap();
        for error in errors {
            let code = error["code"].as_str().unwrap();
            assert!(EXPECTED.contains(&code), "{name}: {error}");
        }
        errors.is_empty().then_some(payload)
    }

    async fn act(&mut self, step: usize) {
        let key = format!("{} {step}", self.number);
        match self.below(8) {
            0 | 1 => self.push(step).await,
            2 | 3 => {
                let [one, other] = [self.pick(), self.pick()].map(graph_id);
                let decision = ["LINK", "NEVER_LINK"][self.below(2)];
                let input = json!({"leftRecord": one, "rightRecord": other, "decision": decision, "reason": "so", "idempotencyKey": key});
                if let Some(done) = self.done(DECIDE, "matchDecide", input).await {
                    self.decided.insert(text(&done["decision"]["id"]), false);
                }
            }
            4 => self.merge(&key).await,
            5 => self.take_back().await,
            6 => {
                let answer = self.hub.ask(&everyone(), READ, json!({})).await;
                assert_eq!(answer.get("errors"), None, "{answer}");
            }
            _ => {
                let answer = self.hub.ask(&everyone(), CLAIM, json!({})).await;
                assert_eq!(answer.get("errors"), None, "{answer}");
            }
        }
    }

    async fn push(&mut self, step: usize) {
        let (given, family) =
            [("Robert", "Kovač"), ("Anna", "Lindqvist"), ("Nina", "Neu"), ("Petra", "Huber")][self.below(4)];
        let source = SOURCES[self.below(SOURCES.len())].0;
        let mail = format!("{}.{}@example.com", given.to_lowercase(), self.below(3));
        let name = format!("of {} {}", self.number, step % 5);
        self.hub.push(source, vec![customer(&name, party(given, family, &mail))]).await;
        if self.below(2) == 0 {
            self.hub.app.fold_changes("system:test").await.expect("a fold comes to its end");
        }
    }

    async fn merge(&mut self, key: &str) {
        let two = [self.pick(), self.pick()];
        let rows = self.hub.app.store().link_get(&two).await.unwrap();
        let customers: BTreeSet<String> = rows.into_iter().map(|(_, customer, _)| customer.to_string()).collect();
        let merge = json!({"customers": customers});
        let Some(seen) = self.done(PREVIEW, "mergePreview", merge.clone()).await else { return };
        let fingerprint = &seen["preview"]["fingerprint"];
        let input = json!({"merge": merge, "fingerprint": fingerprint, "reason": "so", "idempotencyKey": key});
        if let Some(done) = self.done(APPLY, "mergeApply", input).await {
            self.planned.insert(text(&done["plan"]["id"]), false);
        }
    }

    async fn take_back(&mut self) {
        let open = |made: &BTreeMap<String, bool>| made.iter().find(|(_, undone)| !**undone).map(|(id, _)| id.clone());
        if let Some(id) = open(&self.decided) {
            let input = json!({"id": id, "reason": "no"});
            if self.done(TAKE_BACK, "decisionUndo", input).await.is_some() {
                self.decided.insert(id, true);
            }
        } else if let Some(id) = open(&self.planned)
            && self.done(UNDO, "planUndo", json!({"id": id, "reason": "no"})).await.is_some()
        {
            self.planned.insert(id, true);
        }
    }

    fn pick(&mut self) -> RecordId {
        let at = self.below(self.records.len());
        self.records[at]
    }
}

fn text(value: &Value) -> String {
    value.as_str().unwrap().to_owned()
}

fn seconds() -> u64 {
    std::env::var("ONEFOLD_CLIENTS_SECONDS").ok().and_then(|text| text.parse().ok()).unwrap_or(2)
}

/// Everything that clients were promised is there, and nothing that is derived is wrong.
async fn holds(store: &Store, hub: &Hub, clients: &[Client]) {
    let ask = "query($after: String) { decisions(first: 200, after: $after) { nodes { id undoneAt } pageInfo { hasNextPage endCursor } } }";
    let (mut found, mut after) = (BTreeMap::new(), Value::Null);
    loop {
        let page = hub.data(&everyone(), ask, json!({"after": after})).await["decisions"].take();
        for decision in page["nodes"].as_array().unwrap() {
            found.insert(text(&decision["id"]), !decision["undoneAt"].is_null());
        }
        after = page["pageInfo"]["endCursor"].clone();
        if page["pageInfo"]["hasNextPage"] == json!(false) {
            break;
        }
    }
    for client in clients {
        for (id, undone) in &client.decided {
            let there = found.get(id);
            // One that stands may have been taken back by a plan or a later link of somebody else's, never the other way round.
            assert!(there.is_some() && (!undone || there == Some(&true)), "client {}: {id} is lost", client.number);
        }
    }
    let planned: usize = clients.iter().map(|client| client.planned.len()).sum();
    assert_eq!(number(store, "select count(*) from plan where kind = 'MERGE'").await, i64::try_from(planned).unwrap());
    let undone = clients.iter().flat_map(|client| client.planned.values()).filter(|undone| **undone).count();
    let sql = "select count(*) from plan where kind = 'MERGE' and undone_at is not null";
    assert_eq!(number(store, sql).await, i64::try_from(undone).unwrap());
    let homeless = "select count(*) from record r left join link l on l.record_id = r.record_id
                    where r.kind = 'party' and l.record_id is null";
    assert_eq!(number(store, homeless).await, 0);
    let empty =
        "select count(*) from customer c where not exists (select 1 from link l where l.customer_id = c.customer_id)";
    assert_eq!(number(store, empty).await, 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn sixteen_clients_at_once_lose_nothing_and_meet_no_deadlock() {
    let Some(place) = places().await.into_iter().nth(1) else { return };
    let store = Store::open(&place.url).await.unwrap();
    let identity = Identity::default().frozen_from(5);
    let hub = Arc::new(Hub::with(&store, policies(&default_policies(&departments())), identity).await);
    hub.push_all(crowd()).await;
    hub.fold().await;
    let records: Vec<RecordId> = store.party_list().await.unwrap().iter().map(|party| party.record).collect();
    let until = Instant::now() + Duration::from_secs(seconds());
    let mut tasks = tokio::task::JoinSet::new();
    for number in 0..CLIENTS {
        let (hub, records) = (Arc::clone(&hub), records.clone());
        let state = u64::try_from(number).unwrap() + 1;
        tasks.spawn(async move {
            let (decided, planned) = (BTreeMap::new(), BTreeMap::new());
            let mut client = Client { hub, number, decided, planned, records, state };
            let mut step = 0;
            while step < LEAST || Instant::now() < until {
                client.act(step).await;
                step += 1;
            }
            client
        });
    }
    let clients = tasks.join_all().await;
    assert!(clients.iter().any(|client| !client.decided.is_empty()), "somebody decided something");
    hub.app.fold_changes("system:test").await.unwrap();
    holds(&store, &hub, &clients).await;
    assert_eq!(hub.app.rebuild("system:test", |_, _| {}).await.unwrap().customers_changed, 0);
    store.close().await;
}
