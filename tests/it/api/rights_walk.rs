//! A walk over the real schema: for every field that a policy can name, documents are generated that reach it by every path
//! there is, and where a policy hides it, none of them shows anything of it.

use super::hub::*;
use super::story::{filled, mailbox, party_id, run_id};
use crate::harness::on_both;
use async_graphql::parser::parse_schema;
use async_graphql::parser::types::{BaseType, TypeKind, TypeSystemDefinition};
use onefold::auth::{Actor, Scope, default_policies};
use onefold::graphql::{graph_fields, sdl};
use onefold::identity::Identity;
use onefold_model::MatchCandidateId;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

/// A path passes through so many types at most.
const HOPS: usize = 6;

/// The object types of the schema, each with its fields and the type that each of these leads to.
pub(super) struct Graph {
    types: BTreeMap<String, Vec<(String, String)>>,
    hops: usize,
}

impl Graph {
    pub(super) fn read() -> Self {
        Self::within(HOPS)
    }

    /// With paths that pass through so many types at most.
    pub(super) fn within(hops: usize) -> Self {
        let mut types = BTreeMap::new();
        for definition in parse_schema(sdl()).unwrap().definitions {
            let TypeSystemDefinition::Type(definition) = definition else { continue };
            let TypeKind::Object(object) = &definition.node.kind else { continue };
            let fields =
                object.fields.iter().map(|field| (field.node.name.node.to_string(), named(&field.node.ty.node.base)));
            types.insert(definition.node.name.node.to_string(), fields.collect());
        }
        Self { types, hops }
    }

    pub(super) fn is_object(&self, name: &str) -> bool {
        name == "Customer" || self.types.contains_key(name)
    }

    /// Selections within a type that lead to the fields `wanted` of the type `of`. The fields themselves are answered under
    /// names that begin with `hit_`. Empty where nothing leads there.
    pub(super) fn paths(&self, within: &str, of: &str, wanted: &BTreeSet<String>, trail: &[&str]) -> String {
        if within == "Customer" {
            let parts = ["Person", "Organization"].map(|kind| (kind, self.paths(kind, of, wanted, trail)));
            let parts = parts.iter().filter(|(_, part)| !part.is_empty());
            return parts.map(|(kind, part)| format!("... on {kind} {{ {part} }}")).collect::<Vec<_>>().join(" ");
        }
        let mut out = String::new();
        let trail: Vec<&str> = trail.iter().copied().chain([governed(within)]).collect();
        for (field, leads_to) in &self.types[within] {
            if governed(within) == of && wanted.contains(field) {
                let _ = write!(out, "hit_{field}: {field}{} ", self.below(leads_to));
            } else if self.is_object(leads_to)
                && field != "edges"
                && trail.len() < self.hops
                && !trail.contains(&governed(leads_to))
            {
                let inner = self.paths(leads_to, of, wanted, &trail);
                if !inner.is_empty() {
                    let page = if leads_to.ends_with("Connection") { "(first: 3)" } else { "" };
                    let _ = write!(out, "{field}{page} {{ {inner}}} ");
                }
            }
        }
        out
    }

    /// What is selected of a field that leads to an object: how many there are, or what the object itself says.
    pub(super) fn below(&self, leads_to: &str) -> String {
        if leads_to.ends_with("Connection") {
            return " { totalCount nodes { __typename } }".to_owned();
        }
        let Some(fields) = self.types.get(leads_to) else {
            return if self.is_object(leads_to) { " { __typename }" } else { "" }.to_owned();
        };
        // What has an id has rights of its own; what has none is a part of the field.
        let is_part = !fields.iter().any(|(field, _)| field == "id");
        let own = fields.iter().filter(|(_, below)| is_part && !self.is_object(below));
        own.fold(" { __typename".to_owned(), |text, (field, _)| text + " " + field) + " }"
    }

    /// Documents with every path from every root, and from the nodes by their ids; none is too large to be answered.
    fn documents(&self, nodes: &[(&str, String)], of: &str, wanted: &BTreeSet<String>) -> Vec<String> {
        let (person, mail) = (&nodes[0].1, mailbox(0));
        let mut out = vec![String::new()];
        let mut add = |part: String| match out.last_mut() {
            Some(last) if last.len() + part.len() < 30_000 => last.push_str(&part),
            _ => out.push(part),
        };
        let mut root = |call: String, within: &str, list: bool| {
            let inner = self.paths(within, of, wanted, &[]);
            if !inner.is_empty() {
                let inner = if list { format!("nodes {{ {inner}}}") } else { inner };
                add(format!("{call} {{ {inner} }} "));
            }
        };
        root(format!("customer(id: {person:?})"), "Customer", false);
        root("customers(first: 3, orderBy: UPDATED_DESC)".to_owned(), "Customer", true);
        root("customerBySource(source: \"zendesk\", externalId: \"c0\")".to_owned(), "Customer", false);
        root(format!("search(text: {mail:?})"), "SearchHit", false);
        root("sources".to_owned(), "Source", false);
        root("syncRuns".to_owned(), "SyncRun", true);
        root("quarantine".to_owned(), "Quarantine", true);
        root("matchCandidates".to_owned(), "MatchCandidate", true);
        // What these objects lead to is walked from their ids.
        for (own, list) in super::rights_matrix::lists::LISTS.into_iter().filter(|(own, _)| *own == of) {
            root(format!("{list}(first: 3)"), own, true);
        }
        for (at, (kind, id)) in nodes.iter().enumerate() {
            let inner = self.paths(kind, of, wanted, &[]);
            if !inner.is_empty() {
                add(format!("n{at}: node(id: {id:?}) {{ ... on {kind} {{ {inner} }} }} "));
            }
        }
        out.into_iter().map(|roots| format!("{{ {roots}__typename }}")).collect()
    }
}

fn named(base: &BaseType) -> String {
    match base {
        BaseType::Named(name) => name.to_string(),
        BaseType::List(inner) => named(&inner.base),
    }
}

/// The type whose rights hold.
pub(super) fn governed(name: &str) -> &str {
    if matches!(name, "Person" | "Organization") { "Customer" } else { name }
}

/// What is shown of each wanted field, as far as it is anything.
fn hits(answer: &Value, found: &mut BTreeMap<String, BTreeSet<String>>) {
    match answer {
        Value::Array(items) => items.iter().for_each(|item| hits(item, found)),
        Value::Object(object) => {
            for (key, value) in object {
                match key.strip_prefix("hit_") {
                    Some(field) if is_anything(value) => {
                        found.entry(field.to_owned()).or_default().insert(value.to_string());
                    }
                    Some(_) => {}
                    None => hits(value, found),
                }
            }
        }
        _ => {}
    }
}

fn is_anything(value: &Value) -> bool {
    match value {
        Value::Null => false,
        Value::Array(items) => !items.is_empty(),
        Value::Object(object) => match object.get("totalCount") {
            Some(count) => object["nodes"].as_array().is_some_and(|nodes| !nodes.is_empty()) || *count != json!(0),
            None => true,
        },
        _ => true,
    }
}

/// An object of each type, by type and id: first the person with a history.
pub(super) async fn nodes(hub: &Hub) -> Vec<(&'static str, String)> {
    let record = |source, stream, key| record_id(source, stream, key).to_string();
    let customer = hub.customer(party_id("stripe", 0)).await.to_string();
    let company = hub.customer(record_id("stripe", "customers", "org")).await.to_string();
    let pair =
        MatchCandidateId::derive(record_id("stripe", "customers", "v1"), record_id("zendesk", "customers", "v2"));
    let waiting = hub.data(&everyone(), "{ quarantine(first: 1) { nodes { id } } }", json!({})).await;
    vec![
        ("Person", customer),
        ("Organization", company),
        ("Account", record("stripe", "accounts", "a0")),
        ("Subscription", record("stripe", "subscriptions", "s0")),
        ("Invoice", record("stripe", "invoices", "i0")),
        ("Payment", record("stripe", "payments", "p0")),
        ("Ticket", record("zendesk", "tickets", "t0")),
        ("Interaction", record("zendesk", "interactions", "x0")),
        ("Feedback", record("zendesk", "feedback", "f0")),
        ("Campaign", record("mailchimp", "campaigns", "spring")),
        ("CampaignTouch", record("mailchimp", "touches", "m0")),
        ("Consent", record("mailchimp", "consents", "n0")),
        ("SourceRecord", record("zendesk", "customers", "c0")),
        ("Source", onefold_model::SourceId::derive(&onefold_model::SourceKey::new("stripe").unwrap()).to_string()),
        ("SyncRun", run_id("stripe").to_string()),
        ("Quarantine", waiting["quarantine"]["nodes"][0]["id"].as_str().unwrap_or_default().to_owned()),
        ("MatchCandidate", pair.to_string()),
    ]
}

async fn shown(
    hub: &Hub,
    who: &Actor,
    graph: &Graph,
    nodes: &[(&str, String)],
    of: &str,
    wanted: &BTreeSet<String>,
) -> BTreeMap<String, BTreeSet<String>> {
    let mut found = BTreeMap::new();
    for document in graph.documents(nodes, of, wanted) {
        hits(&hub.data(who, &document, json!({})).await, &mut found);
    }
    found
}

pub(super) const SEES_ALL: &str = r#"@id("all") permit (principal, action == Onefold::Action::"read", resource)"#;

/// Fields of which the data of the story has nothing, or that are only shown to whom nothing is withheld: no guard keeps a pair
/// of it apart, and what is pushed is not watched for drift.
const WITHOUT_DATA: &[&str] = &["MatchCandidate.cause", "Source.drift", "SourceRecord.deletedAtSource"];

#[tokio::test]
async fn a_hidden_field_is_shown_by_no_path() {
    on_both(|store| async move {
        let (graph, fields) = (Graph::read(), graph_fields());
        let who = billing();
        let all = Hub::with(&store, policies(&[("all.cedar", format!("{SEES_ALL};"))]), Identity::default()).await;
        filled(&all, 1).await;
        let nodes = nodes(&all).await;
        let (mut walked, mut never) = (0, Vec::new());
        for of in fields.types() {
            let every: BTreeSet<String> = fields.fields(of).map(str::to_owned).collect();
            let whole = shown(&all, &who, &graph, &nodes, of, &every).await;
            never.extend(every.iter().filter(|field| !whole.contains_key(*field)).map(|field| format!("{of}.{field}")));
            // One half and then the other, so that the type itself is still shown.
            for half in [0, 1] {
                let hidden: BTreeSet<String> = every.iter().skip(half).step_by(2).cloned().collect();
                let named: Vec<String> =
                    hidden.iter().map(|field| format!("Onefold::Field::\"{of}.{field}\"")).collect();
                let text = format!("{SEES_ALL} unless {{ resource in [{}] }};", named.join(", "));
                let hub = all.under(policies(&[("all.cedar", text)])).await;
                let found = shown(&hub, &who, &graph, &nodes, of, &hidden).await;
                assert!(found.is_empty(), "what is hidden of {of} shows {found:?}");
                walked += hidden.len();
            }
        }
        assert_eq!(never, WITHOUT_DATA, "the walk proves nothing of fields that nobody sees");
        eprintln!("{:?}: {walked} fields were hidden", store.dialect());
        assert!(walked > 100, "{walked} fields were hidden");
    })
    .await;
}

fn is_hidden_everywhere(scope: &Scope, of: &str, field: &str) -> bool {
    departments().iter().all(|owner| scope.field(of, field, Some(owner)).is_hidden())
}

#[tokio::test]
async fn a_read_never_returns_what_its_scope_forbids() {
    on_both(|store| async move {
        let (graph, fields) = (Graph::read(), graph_fields());
        let hub = Hub::open(&store).await;
        filled(&hub, 1).await;
        let (nodes, set) = (nodes(&hub).await, policies(&default_policies(&departments())));
        let mut walked = 0;
        let roles = [
            billing(),
            support(),
            marketing(),
            steward(),
            actor(&["billing"], &["operator"]),
            actor(&["legal"], &["steward"]),
            actor(&["legal"], &["operator"]),
            actor(&["legal"], &[]),
        ];
        for who in roles {
            let scope = set.scope(&who);
            for of in fields.types() {
                let hidden = fields.fields(of).filter(|field| is_hidden_everywhere(&scope, of, field));
                let hidden: BTreeSet<String> = hidden.map(str::to_owned).collect();
                let found = shown(&hub, &who, &graph, &nodes, of, &hidden).await;
                assert!(found.is_empty(), "{} sees of {of}: {found:?}", who.subject());
                walked += hidden.len();
            }
        }
        eprintln!("{:?}: {walked} pairs of role and hidden field", store.dialect());
        assert!(walked > 300, "{walked} pairs of role and hidden field");
    })
    .await;
}
