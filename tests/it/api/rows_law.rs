//! The law of authorisation: what comes back is what a naive evaluator lets through that asks Cedar about each row and each
//! field, one by one, with whole entities. Random data, random policies and random pages, from fixed seeds.
//!
//! The naive evaluator takes what there is from the process itself, who sees everything, and takes away.

mod naive;
mod world;

use super::hub::*;
use crate::harness::on_both;
use async_graphql::Request;
use naive::{Naive, Verdict};
use onefold::auth::Actor;
use onefold::identity::Identity;
use onefold_model::RecordKind;
use serde_json::{Value, json};
use std::collections::HashMap;
use world::{Dice, Fact, Policies, World};

const DATA_SETS: u64 = 2;
const POLICY_SETS: u64 = 12;

const CUSTOMER: &str = "id displayName email
    invoices(first: 200) { totalCount nodes { id number } }
    tickets(first: 200) { totalCount nodes { id number customer { id } } }
    sourceRecords(first: 200) { totalCount nodes { id } }";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_comes_back_is_what_cedar_lets_through_row_by_row() {
    for data_set in 0..DATA_SETS {
        on_both(|store| async move {
            let mut seen = (0, 0);
            let mut dice = Dice::new(data_set);
            let open = Hub::with(&store, policies(&Policies::none().files()), Identity::default()).await;
            let world = World::fill(&open, &mut dice, data_set).await;
            let truth = Truth::read(&open).await;
            for set in 0..POLICY_SETS {
                let rules = Policies::random(&mut Dice::new(1_000 * data_set + set));
                let hub = open.under(policies(&rules.files())).await;
                let who = actor(&dice.departments(), if dice.one_in(3) { &["chief"] } else { &[] });
                let naive = Naive::new(&rules, &world, &truth.kinds(), &who);
                let case = Case { hub: &hub, world: &world, truth: &truth, naive: &naive, who: &who };
                let context = format!("data {data_set}, policies {set}, {who:?}\n{}", rules.text());
                let shown = case.hold(&mut dice, &context).await;
                seen = (seen.0 + shown, seen.1 + truth.customers.len());
            }
            assert!(seen.0 * 10 > seen.1 && seen.0 * 10 < seen.1 * 9, "neither all nor nothing is shown: {seen:?}");
        })
        .await;
    }
}

/// All that there is, as the process sees it.
struct Truth {
    /// By last change, latest first.
    customers: Vec<Value>,
    /// Their ids by name.
    by_name: Vec<Value>,
    candidates: Vec<Value>,
}

impl Truth {
    async fn read(hub: &Hub) -> Self {
        let document = format!(
            "{{ customers(orderBy: UPDATED_DESC, first: 200) {{ nodes {{ {CUSTOMER} __typename
                 provenance(paths: [\"displayName\", \"email\"]) {{ path source {{ key }} }} }} }}
               byName: customers(orderBy: NAME_ASC, first: 200) {{ nodes {{ id }} }}
               matchCandidates(first: 200) {{ nodes {{ id left {{ id }} right {{ id }} }} }} }}"
        );
        let answer = graphql_system(hub, &document).await;
        let list = |path: &str| answer["data"][path]["nodes"].as_array().expect("a list").clone();
        let by_name = list("byName").into_iter().map(|node| node["id"].clone()).collect();
        Self { customers: list("customers"), by_name, candidates: list("matchCandidates") }
    }

    fn kinds(&self) -> HashMap<String, &'static str> {
        let kind = |customer: &Value| if customer["__typename"] == "Person" { "PERSON" } else { "ORGANIZATION" };
        self.customers.iter().map(|customer| (text(&customer["id"]), kind(customer))).collect()
    }
}

async fn graphql_system(hub: &Hub, document: &str) -> Value {
    let answer = onefold::graphql::execute(&hub.schema, hub.app.system("test"), Request::new(document)).await;
    let answer = serde_json::to_value(&answer).expect("an answer is JSON");
    assert_eq!(answer.get("errors"), None);
    answer
}

struct Case<'a> {
    hub: &'a Hub,
    world: &'a World,
    truth: &'a Truth,
    naive: &'a Naive,
    who: &'a Actor,
}

impl Case<'_> {
    /// Holds every use against the naive evaluator. Gives the number of customers that are shown.
    async fn hold(&self, dice: &mut Dice, context: &str) -> usize {
        let expected: Vec<Value> = self.truth.customers.iter().filter_map(|customer| self.customer(customer)).collect();
        assert_eq!(self.walk(dice.below(4) + 1, expected.len()).await, expected, "the list: {context}");
        self.by_name(context).await;
        self.nodes(context).await;
        self.candidates(context).await;
        for _ in 0..6 {
            let (word, found) = self.search(dice);
            let data = self
                .data(
                    "query($text: String!) { search(text: $text, first: 50) { customer { id } } }",
                    json!({"text": word}),
                )
                .await;
            let mut hits = ids(&data["search"], |hit| &hit["customer"]["id"]);
            hits.sort();
            assert_eq!(hits, found, "the search for {word}: {context}");
        }
        expected.len()
    }

    async fn data(&self, document: &str, variables: Value) -> Value {
        self.hub.data(self.who, document, variables).await
    }

    /// All pages of the list, each with the same total.
    async fn walk(&self, size: usize, total: usize) -> Vec<Value> {
        let document = format!(
            "query($after: String) {{ customers(orderBy: UPDATED_DESC, first: {size}, after: $after) {{
               totalCount pageInfo {{ hasNextPage endCursor }} nodes {{ {CUSTOMER} }} }} }}"
        );
        let (mut all, mut after) = (Vec::new(), Value::Null);
        loop {
            let page = self.data(&document, json!({"after": after})).await["customers"].take();
            assert_eq!(page["totalCount"], json!(total));
            all.extend(page["nodes"].as_array().expect("a list").iter().cloned());
            if page["pageInfo"]["hasNextPage"] != json!(true) {
                return all;
            }
            after = page["pageInfo"]["endCursor"].clone();
        }
    }

    async fn by_name(&self, context: &str) {
        let document = "{ customers(orderBy: NAME_ASC, first: 200) { nodes { id } } }";
        if !self.naive.reads_everywhere("Customer", "displayName") {
            let refusals = self.hub.refusals(self.who, document, json!({})).await;
            assert_eq!(refusals.first().map(|(code, _)| code.as_str()), Some("FIELD_FORBIDDEN"), "{context}");
            return;
        }
        let data = self.data(document, json!({})).await;
        let shown: Vec<String> =
            self.truth.by_name.iter().map(text).filter(|id| self.naive.shows_customer(id)).collect();
        assert_eq!(ids(&data["customers"]["nodes"], |node| &node["id"]), shown, "by name: {context}");
    }

    async fn nodes(&self, context: &str) {
        let customers = self.truth.customers.iter().map(|customer| {
            let id = text(&customer["id"]);
            let shown = self.naive.shows_customer(&id).then(|| customer["__typename"].clone());
            (id, shown.unwrap_or(Value::Null))
        });
        // What is of somebody who has not arrived has a test of its own.
        let known = |fact: &&Fact| fact.customer.is_some() || fact.party.is_none();
        let records = self.world.facts.iter().filter(known).map(|fact| {
            let is_there = self.naive.shows_record(fact)
                && (fact.kind == RecordKind::Party || (!fact.deleted && self.naive.shows_activity(fact)));
            let name = if fact.kind == RecordKind::Party { "SourceRecord" } else { fact.kind.type_name() };
            (fact.id.to_string(), if is_there { json!(name) } else { Value::Null })
        });
        let all: Vec<(String, Value)> = customers.chain(records).collect();
        for part in all.chunks(100) {
            let asked: Vec<&String> = part.iter().map(|(id, _)| id).collect();
            let data =
                self.data("query($ids: [ID!]!) { nodes(ids: $ids) { __typename } }", json!({"ids": asked})).await;
            for ((id, expected), node) in part.iter().zip(data["nodes"].as_array().expect("a list")) {
                assert_eq!(&node["__typename"], expected, "node {id}: {context}");
            }
        }
    }

    async fn candidates(&self, context: &str) {
        let data = self.data("{ matchCandidates(first: 200) { totalCount nodes { id } } }", json!({})).await;
        let sees = |side: &Value| self.naive.sees_customer(&text(&side["id"]));
        let pairs = self.truth.candidates.iter().filter(|pair| sees(&pair["left"]) && sees(&pair["right"]));
        let pairs: Vec<String> = pairs.map(|pair| text(&pair["id"])).collect();
        let pairs = if self.naive.shows_type("MatchCandidate") { pairs } else { Vec::new() };
        assert_eq!(data["matchCandidates"]["totalCount"], json!(pairs.len()), "{context}");
        assert_eq!(ids(&data["matchCandidates"]["nodes"], |pair| &pair["id"]), pairs, "{context}");
    }

    /// Something to look for, and the customers that it finds.
    fn search(&self, dice: &mut Dice) -> (String, Vec<String>) {
        let fact = &self.world.facts[dice.below(self.world.facts.len())];
        let word = match fact.kind {
            RecordKind::Party => fact.data["givenName"].clone(),
            RecordKind::Invoice | RecordKind::Ticket => fact.data["number"].clone(),
            _ => json!("Nobodyknows"),
        };
        let word = text(&word);
        let mut found: Vec<String> = self
            .world
            .facts
            .iter()
            .filter(|fact| {
                !fact.deleted && (fact.data["givenName"] == word.as_str() || fact.data["number"] == word.as_str())
            })
            .filter(|fact| match fact.kind {
                RecordKind::Party => ["displayName", "givenName", "familyName", "legalName", "tradeNames"]
                    .iter()
                    .all(|field| self.naive.verdict("Customer", field, fact.department) == Verdict::Read),
                kind => {
                    self.naive.verdict(kind.type_name(), "number", fact.department) == Verdict::Read
                        && self.naive.sees(&fact.id.to_string())
                }
            })
            .filter_map(|fact| fact.customer.clone())
            .filter(|customer| self.naive.shows_customer(customer))
            .collect();
        found.sort();
        found.dedup();
        (word, found)
    }

    /// The customer as the naive evaluator lets it through.
    fn customer(&self, truth: &Value) -> Option<Value> {
        let id = text(&truth["id"]);
        self.naive.shows_customer(&id).then(|| {
            json!({
                "id": id,
                "displayName": self.golden(truth, "displayName"),
                "email": self.golden(truth, "email"),
                "invoices": self.list(truth, "invoices", "Invoice"),
                "tickets": self.list(truth, "tickets", "Ticket"),
                "sourceRecords": self.source_records(truth),
            })
        })
    }

    fn golden(&self, truth: &Value, field: &str) -> Value {
        let said = truth["provenance"].as_array().expect("a list").iter().find(|said| said["path"] == field);
        let Some(said) = said else { return Value::Null };
        let (_, owner) = SOURCES.into_iter().find(|(key, _)| said["source"]["key"] == *key).expect("a known source");
        self.naive.verdict("Customer", field, owner).apply(&truth[field])
    }

    fn list(&self, truth: &Value, list: &str, type_name: &str) -> Value {
        let reads = |(_, owner): &(&str, &str)| self.naive.verdict("Customer", list, owner) == Verdict::Read;
        if !SOURCES.iter().any(reads) || !self.naive.shows_type(type_name) {
            return Value::Null;
        }
        let nodes = truth[list]["nodes"].as_array().expect("a list").iter().filter_map(|node| {
            let fact = self.world.fact(&text(&node["id"]));
            let mut node = node.clone();
            node["number"] = self.naive.verdict(type_name, "number", fact.department).apply(&node["number"]);
            self.naive.shows_activity(fact).then_some(node)
        });
        let nodes: Vec<Value> = nodes.collect();
        json!({"totalCount": nodes.len(), "nodes": nodes})
    }

    fn source_records(&self, truth: &Value) -> Value {
        let nodes = truth["sourceRecords"]["nodes"].as_array().expect("a list").iter().filter(|node| {
            let fact = self.world.fact(&text(&node["id"]));
            self.naive.shows_record(fact)
                && self.naive.verdict("Customer", "sourceRecords", fact.department) == Verdict::Read
        });
        let nodes: Vec<&Value> = nodes.collect();
        json!({"totalCount": nodes.len(), "nodes": nodes})
    }
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

fn ids(list: &Value, id: impl Fn(&Value) -> &Value) -> Vec<String> {
    list.as_array().expect("a list").iter().map(|item| text(id(item))).collect()
}
