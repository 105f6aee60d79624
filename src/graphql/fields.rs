//! The types and fields that policies speak about, read from the schema itself: a policy cannot name what is not there.

use crate::auth::GraphFields;
use async_graphql::parser::parse_schema;
use async_graphql::parser::types::{TypeKind, TypeSystemDefinition};
use std::collections::{BTreeMap, BTreeSet};

/// The types whose fields a policy may grant. A person and an organisation share the rights of `Customer`.
const GOVERNED: &[&str] = &[
    "Account",
    "Campaign",
    "CampaignTouch",
    "Consent",
    "Feedback",
    "Interaction",
    "Invoice",
    "MatchCandidate",
    "Payment",
    "Quarantine",
    "Source",
    "SourceRecord",
    "Subscription",
    "SyncRun",
    "Ticket",
];
/// What every object has and nobody is denied who sees the object at all: what it is, how it changed, and where it leads.
/// What it leads to has rights of its own. Every other field is null, or an empty list, where a policy hides it.
const FREE: &[&str] = &[
    "alternateIds",
    "changedAt",
    "createdAt",
    "customer",
    "id",
    "recordCount",
    "redirectedFrom",
    "restrictions",
    "source",
    "sourceRecord",
    "version",
];
/// The same, where another type has a field of that name that is not free.
const FREE_OF: &[(&str, &str)] = &[
    ("Customer", "effectiveConsents"),
    ("MatchCandidate", "foundAt"),
    ("MatchCandidate", "model"),
    ("MatchCandidate", "probability"),
    ("MatchCandidate", "weight"),
    ("Quarantine", "firstSeenAt"),
    ("Quarantine", "lastSeenAt"),
    ("Quarantine", "times"),
    ("Source", "connector"),
    ("Source", "department"),
    ("Source", "key"),
    ("Source", "title"),
    ("SourceRecord", "kind"),
    ("SyncRun", "startedAt"),
    ("SyncRun", "state"),
    ("SyncRun", "trigger"),
];

/// The governed types with their fields.
pub fn graph_fields() -> GraphFields {
    let mut types: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let document = parse_schema(super::sdl());
    for definition in document.map(|document| document.definitions).unwrap_or_default() {
        let TypeSystemDefinition::Type(definition) = definition else { continue };
        let name = match definition.node.name.node.as_str() {
            "Person" | "Organization" => "Customer",
            name if GOVERNED.contains(&name) => name,
            _ => continue,
        };
        let TypeKind::Object(object) = &definition.node.kind else { continue };
        let fields = object.fields.iter().map(|field| field.node.name.node.to_string());
        let fields =
            fields.filter(|field| !FREE.contains(&field.as_str()) && !FREE_OF.contains(&(name, field.as_str())));
        types.entry(name.to_owned()).or_default().extend(fields);
    }
    GraphFields::new(types)
}
