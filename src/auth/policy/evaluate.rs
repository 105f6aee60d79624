//! From policies to tables: every decision for one set of departments and roles, made in one go.
//!
//! Cedar decides each case. What is added is only which cases need not be asked: a policy whose head speaks of other
//! principals, actions or types is left out before, and a field is decided once for all owners where no policy in question
//! asks for the owner. A property test holds this against a plain reading of the policies.

mod explain;

use super::check::pseudonym_department;
use super::schema::{READ, READ_MASKED, uid};
use super::{DepartmentKey, GraphFields, Table};
use crate::auth::scope::{Action, FieldDecision, Mask, Permission, PseudonymSecret, Verdict};
use cedar_policy::{
    ActionConstraint, Authorizer, Context, Decision, Entities, Entity, EntityUid, Policy, PolicySet,
    PrincipalConstraint, Request, ResourceConstraint, RestrictedExpression,
};
use std::collections::{HashMap, HashSet};
use std::fmt;
use std::sync::Arc;

/// No department has this key, because no key has this form: it stands for owners that nobody knows any more.
const UNKNOWN_OWNER: &str = "-";

/// The policies, and everything that they can be asked about.
pub(super) struct Evaluator {
    policies: Vec<Prepared>,
    types: Vec<(Arc<str>, Vec<FieldName>)>,
    departments: Arc<[DepartmentKey]>,
    /// The fields as Cedar entities, once for each known owner and once for those that nobody knows. None where Cedar did
    /// not take them: then nothing is permitted.
    fields_by_owner: Option<Vec<Entities>>,
    authorizer: Authorizer,
}

struct FieldName {
    name: Arc<str>,
    uid: EntityUid,
}

struct Prepared {
    policy: Policy,
    name: Arc<str>,
    mask: Option<Mask>,
    asks_owner: bool,
}

/// The policies that may apply to one actor and action.
struct Applicable<'a> {
    action: EntityUid,
    set: PolicySet,
    by_name: HashMap<&'a str, &'a Prepared>,
}

/// What Cedar said, with the policies that decided in order of their names.
struct Answer<'a> {
    allowed: bool,
    deciding: Vec<&'a Prepared>,
}

impl Evaluator {
    pub(super) fn new(
        policies: Vec<Policy>,
        graph: &GraphFields,
        departments: Arc<[DepartmentKey]>,
        pseudonyms: Option<&PseudonymSecret>,
    ) -> Self {
        let policies = policies.into_iter().map(|policy| Prepared::new(policy, pseudonyms)).collect();
        let owners = departments.iter().map(DepartmentKey::as_str).chain([UNKNOWN_OWNER]);
        let fields_by_owner = owners.map(|owner| field_entities(graph, owner)).collect();
        let types = graph.types().map(|type_name| {
            let fields = graph.fields(type_name).filter_map(|field| {
                Some(FieldName { name: field.into(), uid: uid("Field", &format!("{type_name}.{field}"))? })
            });
            (type_name.into(), fields.collect())
        });
        let types = types.collect();
        Self { policies, types, departments, fields_by_owner, authorizer: Authorizer::new() }
    }

    /// Every decision for an actor with these departments and roles.
    pub(super) fn table(&self, departments: &[DepartmentKey], roles: &[String]) -> Table {
        match self.actor_table(&groups(departments, roles)) {
            Some(table) => table,
            // Names that Cedar refuses cannot occur (they were checked at start); if they did, nothing is permitted.
            None => Table::new(self.departments.clone(), [], Vec::new()),
        }
    }

    fn actor_table(&self, parents: &HashSet<EntityUid>) -> Option<Table> {
        // Policies cannot name an actor, so any name will do.
        let actor = uid("Actor", "someone")?;
        let entity = Entity::new_no_attrs(actor.clone(), parents.clone());
        let with_actor = |fields: &Entities| fields.clone().add_entities([entity.clone()], None).ok();
        let entities: Vec<Entities> = self.fields_by_owner.as_ref()?.iter().map(with_actor).collect::<Option<_>>()?;
        let read = self.applicable(parents, READ)?;
        let masked = self.applicable(parents, READ_MASKED)?;
        let types = self.types.iter().map(|(type_name, fields)| {
            let (read, masked) = (read.on_type(type_name)?, masked.on_type(type_name)?);
            let decisions = fields.iter().map(|field| {
                let verdict = |slot: &Entities| self.verdict(&actor, &field.uid, slot, &read, &masked);
                let owner_matters = read.asks_owner(&field.uid) || masked.asks_owner(&field.uid);
                let by_owner = match entities.last() {
                    Some(any) if !owner_matters => vec![verdict(any); entities.len()],
                    _ => entities.iter().map(verdict).collect(),
                };
                FieldDecision { field: field.name.clone(), by_owner }
            });
            Some((type_name.clone(), decisions.collect()))
        });
        let types: Vec<(Arc<str>, Vec<FieldDecision>)> = types.collect::<Option<_>>()?;
        let actor_alone = Entities::from_entities([entity.clone()], None).ok()?;
        let actions = Action::ALL.iter().map(|action| {
            let applicable = self.applicable(parents, action.as_str())?;
            let permissions = self.departments.iter().map(|key| {
                let department = uid("Department", key.as_str())?;
                Some(self.answer(&actor, &department, &actor_alone, &applicable).permission())
            });
            permissions.collect()
        });
        Some(Table::new(self.departments.clone(), types, actions.collect::<Option<_>>()?))
    }

    /// Reading beats masked reading; a part is shown only where the whole is not.
    fn verdict(
        &self,
        actor: &EntityUid,
        field: &EntityUid,
        entities: &Entities,
        read: &Applicable<'_>,
        masked: &Applicable<'_>,
    ) -> Verdict {
        let whole = self.answer(actor, field, entities, read);
        if whole.allowed {
            return Verdict::Read;
        }
        let part = self.answer(actor, field, entities, masked);
        if part.allowed {
            // Of several masks the strictest, so that a second permit never shows more than either says.
            let strictest = part.deciding.iter().filter_map(|policy| Some((policy.mask?, *policy)));
            if let Some((mask, policy)) = strictest.min_by_key(|(mask, _)| mask.rank()) {
                return Verdict::Masked { mask, policy: policy.name.clone() };
            }
        }
        let forbids = whole.forbidding().or_else(|| part.forbidding());
        Verdict::Hidden { policy: forbids }
    }

    /// Policies on this action that are for everybody or for one of these departments and roles.
    fn applicable(&self, parents: &HashSet<EntityUid>, action: &str) -> Option<Applicable<'_>> {
        let action = uid("Action", action)?;
        let chosen = self.policies.iter().filter(|prepared| {
            let for_actor = match prepared.policy.principal_constraint() {
                PrincipalConstraint::In(group) | PrincipalConstraint::IsIn(_, group) => parents.contains(&group),
                PrincipalConstraint::Any | PrincipalConstraint::Eq(_) | PrincipalConstraint::Is(_) => true,
            };
            for_actor
                && match prepared.policy.action_constraint() {
                    ActionConstraint::Eq(named) => named == action,
                    ActionConstraint::In(named) => named.contains(&action),
                    ActionConstraint::Any => true,
                }
        });
        Applicable::new(action.clone(), chosen)
    }

    fn answer<'a>(
        &self,
        actor: &EntityUid,
        resource: &EntityUid,
        entities: &Entities,
        applicable: &Applicable<'a>,
    ) -> Answer<'a> {
        let nothing = Answer { allowed: false, deciding: Vec::new() };
        if applicable.by_name.is_empty() {
            return nothing;
        }
        let action = applicable.action.clone();
        let Ok(request) = Request::new(actor.clone(), action, resource.clone(), Context::empty(), None) else {
            return nothing;
        };
        let response = self.authorizer.is_authorized(&request, &applicable.set, entities);
        // Cedar leaves out a policy that fails. A forbid that fails must not open the door.
        if response.diagnostics().errors().next().is_some() {
            return nothing;
        }
        let names = response.diagnostics().reason().filter_map(|id| applicable.by_name.get::<str>(id.as_ref()));
        let mut deciding: Vec<&Prepared> = names.copied().collect();
        deciding.sort_by(|one, other| one.name.cmp(&other.name));
        Answer { allowed: response.decision() == Decision::Allow, deciding }
    }
}

impl Prepared {
    fn new(policy: Policy, pseudonyms: Option<&PseudonymSecret>) -> Self {
        let id: &str = policy.id().as_ref();
        let name = id.into();
        let key = || pseudonyms?.key(&pseudonym_department(&policy)?);
        let mask = policy.annotation("mask").and_then(|word| Mask::named(word, key()));
        let asks_owner = asks_attribute(&policy);
        Self { policy, name, mask, asks_owner }
    }

    /// Whether the head leaves room for fields of this type.
    fn concerns_type(&self, type_name: &str) -> bool {
        match self.policy.resource_constraint() {
            ResourceConstraint::Eq(group) | ResourceConstraint::In(group) | ResourceConstraint::IsIn(_, group) => {
                let id: &str = group.id().as_ref();
                id.split_once('.').map_or(id, |(type_of_field, _)| type_of_field) == type_name
            }
            ResourceConstraint::Any | ResourceConstraint::Is(_) => true,
        }
    }

    /// Whether the head leaves room for this field, given that it does for its type.
    fn concerns_field(&self, field: &EntityUid) -> bool {
        match self.policy.resource_constraint() {
            ResourceConstraint::Eq(resource) => resource == *field,
            ResourceConstraint::In(_)
            | ResourceConstraint::IsIn(_, _)
            | ResourceConstraint::Any
            | ResourceConstraint::Is(_) => true,
        }
    }
}

impl<'a> Applicable<'a> {
    fn new(action: EntityUid, chosen: impl Iterator<Item = &'a Prepared>) -> Option<Self> {
        let by_name: HashMap<&str, &Prepared> = chosen.map(|prepared| (&*prepared.name, prepared)).collect();
        let set = PolicySet::from_policies(by_name.values().map(|prepared| prepared.policy.clone())).ok()?;
        Some(Self { action, set, by_name })
    }

    /// Those of them that may apply to fields of this type.
    fn on_type(&self, type_name: &str) -> Option<Self> {
        let chosen = self.by_name.values().copied().filter(|prepared| prepared.concerns_type(type_name));
        Self::new(self.action.clone(), chosen)
    }

    fn asks_owner(&self, field: &EntityUid) -> bool {
        self.by_name.values().any(|prepared| prepared.asks_owner && prepared.concerns_field(field))
    }
}

impl Answer<'_> {
    fn forbidding(&self) -> Option<Arc<str>> {
        self.deciding.first().filter(|_| !self.allowed).map(|policy| policy.name.clone())
    }

    fn permission(&self) -> Permission {
        match self.deciding.first() {
            Some(policy) if self.allowed => Permission::Allowed { policy: policy.name.clone() },
            _ => Permission::Denied { policy: self.forbidding() },
        }
    }
}

impl fmt::Debug for Evaluator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Evaluator").field("policies", &self.policies.len()).finish_non_exhaustive()
    }
}

/// Whether a condition looks at an attribute. The only one that there is, is a field's owner.
fn asks_attribute(policy: &Policy) -> bool {
    fn looks(json: &serde_json::Value) -> bool {
        match json {
            serde_json::Value::Object(object) => {
                object.keys().any(|key| matches!(key.as_str(), "." | "has" | "getTag" | "hasTag"))
                    || object.values().any(looks)
            }
            serde_json::Value::Array(items) => items.iter().any(looks),
            _ => false,
        }
    }
    // A policy whose form is not known may ask for anything.
    policy.to_json().map_or(true, |json| looks(&json))
}

fn field_entities(graph: &GraphFields, owner: &str) -> Option<Entities> {
    let entity = |path: &str| {
        let type_name = path.split_once('.')?.0;
        let owner = RestrictedExpression::new_entity_uid(uid("Department", owner)?);
        let attributes = HashMap::from([("owner".to_owned(), owner)]);
        Entity::new(uid("Field", path)?, attributes, HashSet::from([uid("Type", type_name)?])).ok()
    };
    let entities: Vec<Entity> = graph.paths().map(|path| entity(&path)).collect::<Option<_>>()?;
    Entities::from_entities(entities, None).ok()
}

/// What an actor with these departments and roles is a member of.
fn groups(departments: &[DepartmentKey], roles: &[String]) -> HashSet<EntityUid> {
    let departments = departments.iter().filter_map(|key| uid("Department", key.as_str()));
    departments.chain(roles.iter().filter_map(|role| uid("Role", role))).collect()
}
