//! The naive evaluator: each row and each field is a whole entity, and Cedar's authoriser is asked about each by itself.
//!
//! Written from what the documentation promises, not from the code: it knows neither tables, nor residuals, nor SQL.

use super::world::{Fact, Policies, World};
use cedar_policy::{
    Authorizer, Context, Decision, Entities, Entity, EntityUid, Policy, PolicyId, PolicySet, Request,
    RestrictedExpression,
};
use onefold::auth::{Actor, Mask};
use onefold_model::RecordKind;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verdict {
    Read,
    Masked(Mask),
    Hidden,
}

impl Verdict {
    pub(super) fn apply(self, value: &Value) -> Value {
        match (self, value.as_str()) {
            (Self::Read, _) => value.clone(),
            (Self::Masked(mask), Some(text)) => Value::from(mask.apply(text)),
            (Self::Masked(_), None) | (Self::Hidden, _) => Value::Null,
        }
    }
}

pub(super) struct Naive {
    policies: PolicySet,
    masks: HashMap<String, Mask>,
    actor: Entity,
    /// Whether Cedar lets the actor see the row with this id.
    seen: HashMap<String, bool>,
    /// The departments whose sources know a customer.
    owners: HashMap<String, BTreeSet<&'static str>>,
}

/// No department has this key: it stands for those that are gone.
const OWNERS: [&str; 4] = ["billing", "support", "marketing", "-"];

impl Naive {
    pub(super) fn new(rules: &Policies, world: &World, kinds: &HashMap<String, &str>, who: &Actor) -> Self {
        let departments: Vec<&str> = who.departments().iter().map(onefold_model::DepartmentKey::as_str).collect();
        let mut policies = PolicySet::new();
        let mut masks = HashMap::new();
        for (at, statement) in rules.statements.iter().enumerate() {
            let name = format!("p{at}");
            let policy = Policy::parse(Some(PolicyId::new(&name)), statement).expect("a policy");
            masks.extend(policy.annotation("mask").map(|mask| (name, Mask::named(mask, None).expect("a mask"))));
            policies.add(policy).expect("a policy of its own");
        }
        // Whoever no permit speaks of sees every row that no forbid takes away.
        for kind in RecordKind::ALL {
            let type_name = kind.type_name();
            let speaks = rules.rows.iter().any(|rule| {
                let is_theirs = rule.department.is_none_or(|key| departments.contains(&key));
                rule.permits && rule.type_name == type_name && is_theirs
            });
            if !speaks {
                let open = format!(
                    "permit (principal, action == Onefold::Action::\"see\", resource is Onefold::{type_name});"
                );
                let policy = Policy::parse(Some(PolicyId::new(format!("open {type_name}"))), open).expect("a policy");
                policies.add(policy).expect("a policy of its own");
            }
        }
        let groups = departments.iter().map(|key| uid("Department", key));
        let groups = groups.chain(who.roles().iter().map(|role| uid("Role", role)));
        let actor = Entity::new_no_attrs(uid("Actor", "ann"), groups.collect());
        let mut naive = Self { policies, masks, actor, seen: HashMap::new(), owners: HashMap::new() };
        naive.look_at_rows(world, kinds);
        naive
    }

    fn look_at_rows(&mut self, world: &World, kinds: &HashMap<String, &str>) {
        let mut customers: BTreeMap<&str, Vec<&Fact>> = BTreeMap::new();
        for fact in &world.facts {
            if let Some(customer) = &fact.customer {
                customers.entry(customer).or_default().push(fact);
            }
            if fact.kind != RecordKind::Party {
                let status = fact.data["status"].as_str().unwrap_or_default();
                let attributes = [
                    ("owner", department(fact.department)),
                    ("source", RestrictedExpression::new_string(fact.source.to_owned())),
                    ("status", RestrictedExpression::new_string(status.to_owned())),
                ];
                let seen = self.sees_row(fact.kind.type_name(), attributes);
                self.seen.insert(fact.id.to_string(), seen);
            }
        }
        for (customer, facts) in customers {
            let seen = self.sees_row("Customer", customer_attributes(kinds[customer], &facts));
            self.seen.insert(customer.to_owned(), seen);
            let parties = facts.iter().filter(|fact| fact.kind == RecordKind::Party);
            self.owners.insert(customer.to_owned(), parties.map(|fact| fact.department).collect());
        }
    }

    fn sees_row<'a>(
        &self,
        type_name: &str,
        attributes: impl IntoIterator<Item = (&'a str, RestrictedExpression)>,
    ) -> bool {
        let attributes = attributes.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
        let row = Entity::new(uid(type_name, "row"), attributes, HashSet::new()).expect("a row");
        self.decide("see", row).0
    }

    fn decide(&self, action: &str, resource: Entity) -> (bool, Vec<String>) {
        let request = Request::new(self.actor.uid(), uid("Action", action), resource.uid(), Context::empty(), None)
            .expect("a request");
        let entities = Entities::from_entities([self.actor.clone(), resource], None).expect("entities");
        let response = Authorizer::new().is_authorized(&request, &self.policies, &entities);
        let reasons = response.diagnostics().reason().map(ToString::to_string).collect();
        (response.decision() == Decision::Allow, reasons)
    }

    /// How a value of this owner is shown.
    pub(super) fn verdict(&self, type_name: &str, field: &str, owner: &str) -> Verdict {
        let entity = || {
            let attributes = HashMap::from([("owner".to_owned(), department(owner))]);
            let parents = HashSet::from([uid("Type", type_name)]);
            Entity::new(uid("Field", &format!("{type_name}.{field}")), attributes, parents).expect("a field")
        };
        if self.decide("read", entity()).0 {
            return Verdict::Read;
        }
        let (allowed, reasons) = self.decide("readMasked", entity());
        // Of several masks the one that shows least, which stands first.
        let place = |mask: &&Mask| Mask::WORDS.iter().position(|word| *word == mask.as_str());
        let strictest = reasons.iter().filter_map(|name| self.masks.get(name)).min_by_key(place);
        strictest.filter(|_| allowed).map_or(Verdict::Hidden, |mask| Verdict::Masked(*mask))
    }

    fn shows_type_of(&self, type_name: &str, owner: &str) -> bool {
        let fields = super::world::fields(type_name);
        fields.iter().any(|field| self.verdict(type_name, field, owner) != Verdict::Hidden)
    }

    /// Whether objects of the type are shown, of whatever owner.
    pub(super) fn shows_type(&self, type_name: &str) -> bool {
        OWNERS[..3].iter().any(|owner| self.shows_type_of(type_name, owner))
    }

    /// Whether the field is read in every row that is shown.
    pub(super) fn reads_everywhere(&self, type_name: &str, field: &str) -> bool {
        let mut shown: Vec<&str> = OWNERS.into_iter().filter(|owner| self.shows_type_of(type_name, owner)).collect();
        if shown.len() < OWNERS.len() {
            shown.retain(|owner| *owner != "-");
        }
        !shown.is_empty() && shown.iter().all(|owner| self.verdict(type_name, field, owner) == Verdict::Read)
    }

    /// Whether Cedar lets the row through, whoever owns it.
    pub(super) fn sees(&self, id: &str) -> bool {
        self.seen[id]
    }

    pub(super) fn sees_customer(&self, id: &str) -> bool {
        self.sees(id)
    }

    /// Whether the customer is there: its row is let through, and one of its records may be seen.
    pub(super) fn shows_customer(&self, id: &str) -> bool {
        self.sees(id) && self.owners[id].iter().any(|owner| self.shows_type_of("Customer", owner))
    }

    /// What belongs to a hidden customer is hidden with it.
    fn sees_whose(&self, fact: &Fact) -> bool {
        match (&fact.party, &fact.customer) {
            (None, None) => true,
            (_, Some(customer)) => self.sees(customer),
            (Some(_), None) => panic!("{} is of somebody who has not arrived", fact.id),
        }
    }

    /// Whether what happened is there.
    pub(super) fn shows_activity(&self, fact: &Fact) -> bool {
        let id = fact.id.to_string();
        self.shows_type_of(fact.kind.type_name(), fact.department) && self.sees(&id) && self.sees_whose(fact)
    }

    /// Whether the record is there, as a record of its source.
    pub(super) fn shows_record(&self, fact: &Fact) -> bool {
        let sees_itself = fact.kind == RecordKind::Party || self.sees(&fact.id.to_string());
        self.shows_type_of("SourceRecord", fact.department) && sees_itself && self.sees_whose(fact)
    }
}

/// A customer as the documentation describes it, from the records that it is made of and the consents that it gave.
fn customer_attributes(kind: &str, facts: &[&Fact]) -> Vec<(&'static str, RestrictedExpression)> {
    let parties = || facts.iter().filter(|fact| fact.kind == RecordKind::Party);
    let live = || parties().filter(|fact| !fact.deleted);
    let addresses = |field: &'static str| {
        live()
            .flat_map(|fact| fact.data["addresses"].as_array().expect("a list"))
            .filter_map(move |said| said[field].as_str())
    };
    let countries = addresses("country").map(str::to_uppercase).collect();
    let regions = addresses("region").map(str::to_owned).collect();
    let tags = live().flat_map(|fact| fact.data["tags"].as_array().expect("a list")).filter_map(Value::as_str);
    let departments: BTreeSet<&str> = parties().map(|fact| fact.department).collect();
    let mut said: BTreeMap<String, Vec<&str>> = BTreeMap::new();
    for consent in facts.iter().filter(|fact| fact.kind == RecordKind::Consent && !fact.deleted) {
        let word = |field: &str| consent.data[field].as_str().expect("a word");
        said.entry(format!("{}/{}", word("purpose"), word("channel"))).or_default().push(word("status"));
    }
    let granted = said.into_iter().filter(|(_, said)| said.iter().all(|status| *status == "GRANTED"));
    vec![
        ("kind", RestrictedExpression::new_string(kind.to_owned())),
        ("countries", texts(countries)),
        ("regions", texts(regions)),
        ("tags", texts(tags.map(str::to_owned).collect())),
        ("sources", texts(parties().map(|fact| fact.source.to_owned()).collect())),
        ("departments", RestrictedExpression::new_set(departments.into_iter().map(department))),
        ("granted", texts(granted.map(|(word, _)| word).collect())),
    ]
}

fn texts(values: BTreeSet<String>) -> RestrictedExpression {
    RestrictedExpression::new_set(values.into_iter().map(RestrictedExpression::new_string))
}

fn department(key: &str) -> RestrictedExpression {
    RestrictedExpression::new_entity_uid(uid("Department", key))
}

fn uid(kind: &str, id: &str) -> EntityUid {
    format!("Onefold::{kind}::{id:?}").parse().expect("a name")
}
