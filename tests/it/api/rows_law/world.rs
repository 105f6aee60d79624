//! Random customers with what happened with them, and random policies about both.

use crate::api::hub::{Hub, SOURCES, put, record_id};
use onefold::auth::Scope;
use onefold_model::{RecordId, RecordKind};
use serde_json::{Value, json};
use std::collections::HashMap;
use std::fmt::Write;

/// Chance from a seed (splitmix64).
pub(super) struct Dice(u64);

impl Dice {
    pub(super) fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) ^ 0x5DEE_CE66)
    }

    pub(super) fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        usize::try_from((mixed ^ (mixed >> 31)) % bound as u64).expect("below what was a usize")
    }

    pub(super) fn one_in(&mut self, bound: usize) -> bool {
        self.below(bound) == 0
    }

    pub(super) fn pick<T: Copy>(&mut self, from: &[T]) -> T {
        from[self.below(from.len())]
    }

    fn some<T: Copy>(&mut self, from: &[T]) -> Vec<T> {
        from.iter().copied().filter(|_| self.one_in(2)).collect()
    }

    /// One or two departments.
    pub(super) fn departments(&mut self) -> Vec<&'static str> {
        let mut some = vec![self.pick(&DEPARTMENTS)];
        if self.one_in(3) {
            some.push(self.pick(&DEPARTMENTS));
        }
        some
    }
}

const DEPARTMENTS: [&str; 3] = ["billing", "support", "marketing"];
const GIVEN: [&str; 12] = [
    "Adalind",
    "Bertalan",
    "Cleomene",
    "Doralice",
    "Emilrich",
    "Fulvia",
    "Gwendolin",
    "Hannelore",
    "Isidor",
    "Jolanthe",
    "Kasimir",
    "Leopoldine",
];
const FAMILY: [&str; 6] = ["Moosbrugger", "Nachtigall", "Oberhofer", "Pichlmayr", "Querfurth", "Rosenzweig"];

/// A record that was pushed, and what became of it.
pub(super) struct Fact {
    pub(super) id: RecordId,
    pub(super) source: &'static str,
    pub(super) department: &'static str,
    pub(super) kind: RecordKind,
    pub(super) data: Value,
    pub(super) deleted: bool,
    /// The record of the party that it is about, whether there is one or not.
    pub(super) party: Option<RecordId>,
    /// The customer that it belongs to, itself or through its party.
    pub(super) customer: Option<String>,
}

pub(super) struct World {
    pub(super) facts: Vec<Fact>,
    by_id: HashMap<String, usize>,
}

impl World {
    /// Pushes a data set, folds it, and takes note of which record belongs to whom.
    pub(super) async fn fill(hub: &Hub, dice: &mut Dice, data_set: u64) -> Self {
        let mut facts: Vec<Fact> = Vec::new();
        for (n, given) in GIVEN.iter().enumerate() {
            for (source, department) in SOURCES {
                if !dice.one_in(3) {
                    let key = format!("{data_set}-{n}");
                    let party = party(dice, given, FAMILY[n % 6], &key);
                    facts.push(fact((source, department), RecordKind::Party, "customers", &key, party));
                    for at in 0..dice.below(4) {
                        facts.push(happened(dice, (source, department), &format!("{key}-{at}"), Some(&key)));
                    }
                }
            }
        }
        for at in 0..6 {
            // Of nobody, and of somebody who never arrives.
            let whose = dice.one_in(2).then(|| format!("{data_set}-nobody"));
            let source = dice.pick(&SOURCES);
            facts.push(happened(dice, source, &format!("{data_set}-x{at}"), whose.as_deref()));
        }
        for fact in &facts {
            hub.push(fact.source, vec![put(fact.kind, stream(fact.kind), &key_of(fact), fact.data.clone())]).await;
        }
        hub.fold().await;
        for fact in facts.iter_mut().filter(|_| dice.one_in(12)) {
            let mut gone = put(fact.kind, stream(fact.kind), &key_of(fact), Value::Null);
            (gone.data, gone.deleted, fact.deleted) = (None, true, true);
            hub.push(fact.source, vec![gone]).await;
        }
        hub.fold().await;
        let ids: Vec<RecordId> = facts.iter().map(|fact| fact.id).collect();
        let rows = hub.app.store().record_get(&Scope::system("test"), &ids).await.expect("the records");
        let links: HashMap<RecordId, String> =
            rows.iter().filter_map(|row| Some((row.id, row.customer?.to_string()))).collect();
        for fact in &mut facts {
            let party = if fact.kind == RecordKind::Party { Some(fact.id) } else { fact.party };
            fact.customer = party.and_then(|party| links.get(&party).cloned());
        }
        let by_id = facts.iter().enumerate().map(|(at, fact)| (fact.id.to_string(), at)).collect();
        Self { facts, by_id }
    }

    pub(super) fn fact(&self, id: &str) -> &Fact {
        &self.facts[self.by_id[id]]
    }
}

fn stream(kind: RecordKind) -> &'static str {
    if kind == RecordKind::Party { "customers" } else { kind.as_str() }
}

fn key_of(fact: &Fact) -> String {
    fact.data["extensions"]["key"].as_str().expect("every record keeps its key").to_owned()
}

fn fact(
    (source, department): (&'static str, &'static str),
    kind: RecordKind,
    stream: &str,
    key: &str,
    mut data: Value,
) -> Fact {
    data["extensions"] = json!({"key": key});
    let party = data["customer"]["externalId"].as_str().map(|key| record_id(source, "customers", key));
    Fact { id: record_id(source, stream, key), source, department, kind, data, deleted: false, party, customer: None }
}

fn party(dice: &mut Dice, given: &str, family: &str, key: &str) -> Value {
    let mailbox = format!("{}.{key}@example.com", given.to_lowercase());
    let mut addresses = Vec::new();
    for _ in 0..dice.below(3) {
        let mut address = json!({"lines": ["1 Way"]});
        if !dice.one_in(3) {
            address["country"] = json!(dice.pick(&["AT", "de", "US"]));
        }
        if !dice.one_in(3) {
            address["region"] = json!(dice.pick(&["Tyrol", "Vienna"]));
        }
        addresses.push(address);
    }
    json!({
        "kind": if dice.one_in(4) { "ORGANIZATION" } else { "PERSON" }, "displayName": format!("{given} {family}"),
        "givenName": given, "familyName": family, "emails": [{"address": mailbox, "original": mailbox}],
        "addresses": addresses, "tags": dice.some(&["vip", "staff"]),
    })
}

fn happened(dice: &mut Dice, source: (&'static str, &'static str), key: &str, whose: Option<&str>) -> Fact {
    let (kind, mut data) = match dice.below(4) {
        0 => (RecordKind::Invoice, json!({"number": format!("INV-{key}")})),
        1 => (RecordKind::Ticket, json!({"number": format!("T-{key}")})),
        _ => {
            let status = dice.pick(&["GRANTED", "GRANTED", "WITHDRAWN", "PENDING"]);
            let (purpose, channel) = (dice.pick(&["newsletter", "analytics"]), dice.pick(&["EMAIL", "PHONE"]));
            (RecordKind::Consent, json!({"purpose": purpose, "channel": channel, "status": status}))
        }
    };
    // Numbers are of one source each, so that a word finds what it was taken from.
    if kind != RecordKind::Consent {
        data["number"] = json!(format!("{}-{}", data["number"].as_str().expect("a number"), source.0));
        if !dice.one_in(3) {
            data["status"] = json!(dice.pick(&["OPEN", if kind == RecordKind::Invoice { "PAID" } else { "CLOSED" }]));
        }
    }
    if let Some(whose) = whose {
        data["customer"] = json!({"stream": "customers", "externalId": whose});
    }
    fact(source, kind, kind.as_str(), key, data)
}

/// A policy on rows, as far as the naive evaluator has to know it.
pub(super) struct RowRule {
    pub(super) permits: bool,
    pub(super) department: Option<&'static str>,
    pub(super) type_name: &'static str,
}

pub(super) struct Policies {
    pub(super) statements: Vec<String>,
    pub(super) rows: Vec<RowRule>,
}

const FIELDS: [(&str, &[&str]); 5] = [
    (
        "Customer",
        &[
            "displayName",
            "givenName",
            "familyName",
            "legalName",
            "tradeNames",
            "email",
            "invoices",
            "tickets",
            "sourceRecords",
        ],
    ),
    ("Invoice", &["number", "status"]),
    ("Ticket", &["number", "status", "subject"]),
    ("SourceRecord", &["externalId", "raw"]),
    ("MatchCandidate", &["left", "right"]),
];

/// The fields that random policies speak of.
pub(super) fn fields(type_name: &str) -> &'static [&'static str] {
    FIELDS.iter().find(|(name, _)| *name == type_name).map_or(&[], |(_, fields)| *fields)
}

impl Policies {
    pub(super) fn none() -> Self {
        Self { statements: Vec::new(), rows: Vec::new() }
    }

    pub(super) fn files(&self) -> Vec<(String, String)> {
        vec![("random.cedar".to_owned(), self.text())]
    }

    pub(super) fn text(&self) -> String {
        self.statements.iter().enumerate().fold(String::new(), |mut text, (at, statement)| {
            let _ = writeln!(text, "@id(\"p{at}\") {statement}");
            text
        })
    }

    pub(super) fn random(dice: &mut Dice) -> Self {
        let mut all = Self::none();
        for department in DEPARTMENTS {
            for (type_name, fields) in FIELDS {
                all.fields(dice, department, type_name, fields);
            }
        }
        for _ in 0..=dice.below(5) {
            all.row(dice);
        }
        all
    }

    fn fields(&mut self, dice: &mut Dice, department: &str, type_name: &str, fields: &[&str]) {
        let statement = |dice: &mut Dice, effect: &str, action: &str, fields: &[&str]| {
            let named: Vec<String> =
                fields.iter().map(|field| format!("Onefold::Field::\"{type_name}.{field}\"")).collect();
            let owner = if dice.one_in(5) {
                format!(" && resource.owner == Onefold::Department::\"{}\"", dice.pick(&DEPARTMENTS))
            } else {
                String::new()
            };
            format!(
                "{effect} (principal in Onefold::Department::\"{department}\", action == Onefold::Action::\"{action}\",
                 resource in Onefold::Type::\"{type_name}\") when {{ resource in [{}]{owner} }};",
                named.join(", ")
            )
        };
        if !dice.one_in(5) {
            let named = if dice.one_in(3) { dice.some(fields) } else { fields.to_vec() };
            if !named.is_empty() {
                self.statements.push(statement(dice, "permit", "read", &named));
            }
        }
        let masked: &[(&str, &str)] = if type_name == "Customer" {
            &[("displayName", "initial"), ("email", "email")]
        } else {
            &[("number", "lastFour")]
        };
        for (field, mask) in masked {
            if fields.contains(field) && dice.one_in(3) {
                let permit = statement(dice, "permit", "readMasked", &[*field]);
                self.statements.push(format!("@mask(\"{mask}\") {permit}"));
            }
        }
        if dice.one_in(4) {
            let one = dice.pick(fields);
            self.statements.push(statement(dice, "forbid", "read", &[one]));
        }
    }

    fn row(&mut self, dice: &mut Dice) {
        let type_name = dice.pick(&["Customer", "Customer", "Customer", "Invoice", "Ticket", "Consent"]);
        let department = (!dice.one_in(3)).then(|| dice.pick(&DEPARTMENTS));
        let permits = !dice.one_in(3);
        let principal = department
            .map_or_else(|| "principal".to_owned(), |key| format!("principal in Onefold::Department::\"{key}\""));
        let (effect, clause) = (if permits { "permit" } else { "forbid" }, dice.pick(&["when", "when", "unless"]));
        let condition = condition(dice, type_name, 2);
        self.statements.push(format!(
            "{effect} ({principal}, action == Onefold::Action::\"see\", resource is Onefold::{type_name}) {clause} {{ {condition} }};"
        ));
        self.rows.push(RowRule { permits, department, type_name });
    }
}

fn condition(dice: &mut Dice, type_name: &str, depth: usize) -> String {
    if depth > 0 && dice.one_in(2) {
        let mut part = || condition(dice, type_name, depth - 1);
        let (one, two, three) = (part(), part(), part());
        return match dice.below(4) {
            0 => format!("({one} && {two})"),
            1 => format!("({one} || {two})"),
            2 => format!("!({one})"),
            _ => format!("(if {one} then {two} else {three})"),
        };
    }
    let chief = "principal in Onefold::Role::\"chief\"".to_owned();
    if type_name != "Customer" {
        return match dice.below(5) {
            0 => format!("resource.owner == Onefold::Department::\"{}\"", dice.pick(&DEPARTMENTS)),
            1 => "principal in resource.owner".to_owned(),
            2 => format!("resource.source != \"{}\"", dice.pick(&SOURCES).0),
            3 => format!("{}.contains(resource.status)", list(&dice.some(&["OPEN", "PAID", "GRANTED", ""]))),
            _ => chief,
        };
    }
    let sets: [(&str, &[&str]); 5] = [
        ("countries", &["AT", "DE", "US"]),
        ("regions", &["Tyrol", "Vienna"]),
        ("tags", &["vip", "staff"]),
        ("sources", &["stripe", "zendesk", "mailchimp"]),
        ("granted", &["newsletter/EMAIL", "newsletter/PHONE", "analytics/EMAIL"]),
    ];
    let (set, words) = dice.pick(&sets);
    let mut some = dice.some(words);
    some.push(words[0]);
    match dice.below(9) {
        0 | 1 => format!("resource.{set}.contains(\"{}\")", dice.pick(words)),
        2 => format!("resource.{set}.containsAny({})", list(&some)),
        3 => format!("resource.{set}.containsAll({})", list(&some)),
        4 => format!("resource.{set}.isEmpty()"),
        5 => format!("resource.kind {} \"PERSON\"", dice.pick(&["==", "!="])),
        6 => format!("resource.departments.contains(Onefold::Department::\"{}\")", dice.pick(&DEPARTMENTS)),
        7 => "principal in resource.departments".to_owned(),
        _ => chief,
    }
}

fn list(words: &[&str]) -> String {
    // Cedar knows no type of an empty list.
    let words = if words.is_empty() { &["nothing"][..] } else { words };
    format!("[{}]", words.iter().map(|word| format!("{word:?}")).collect::<Vec<_>>().join(", "))
}
