//! Which rows somebody sees: the policies on `see`, decided as far as departments and roles decide them.
//!
//! Cedar's type-aware partial evaluation decides what it can without the row; what it leaves is read by [`residual`] and
//! becomes SQL in the store. Somebody of whom no permit on `see` speaks sees every row that their fields show, less what a
//! forbid takes away; somebody of whom one speaks sees what is permitted.

#[cfg(test)]
mod tests;

use super::residual::{Reader, Unfit};
use super::schema::{NAMESPACE, SEE, uid};
use super::{DepartmentKey, GraphFields, cedar_schema};
use crate::auth::scope::{RowAttribute, RowCondition};
use cedar_policy::{
    ActionConstraint, Context, Effect, Entities, Entity, EntityTypeName, EntityUid, PartialEntities, PartialEntityUid,
    PartialRequest, Policy, PolicySet, PrincipalConstraint, ResourceConstraint, Schema,
};
use onefold_model::RecordKind;
use std::collections::{HashMap, HashSet};
use std::fmt::{self, Write};
use std::str::FromStr;

const CUSTOMER: &str = "Customer";

/// The types whose rows a policy can speak of.
pub(super) fn row_types() -> impl Iterator<Item = &'static str> {
    RecordKind::ALL.iter().map(|kind| kind.type_name())
}

/// The entity types of rows, in Cedar's syntax.
pub(super) fn row_schema() -> String {
    let others = row_types().filter(|type_name| *type_name != CUSTOMER).collect::<Vec<_>>().join(", ");
    let mut out = String::from("  // Rows: what a policy on `see` can ask of them. Texts are compared as they are.\n");
    for (names, attributes) in [(CUSTOMER, RowAttribute::of(CUSTOMER)), (&others, RowAttribute::of(&others))] {
        let _ = writeln!(out, "  entity {names} = {{");
        for attribute in attributes {
            let one = if attribute.is_department() { "Department" } else { "String" };
            let ty = if attribute.is_set() { format!("Set<{one}>") } else { one.to_owned() };
            let _ = writeln!(out, "    {}: {ty},", attribute.as_str());
        }
        out.push_str("  };\n");
    }
    let _ = writeln!(out, "  action {SEE} appliesTo {{ principal: Actor, resource: [{CUSTOMER}, {others}] }};");
    out
}

/// What of a policy cannot become a condition on rows; nothing where it does not speak of rows, or says what can be done.
pub(super) fn row_problem(policy: &Policy) -> Option<Unfit> {
    if !concerns_see(policy) || !row_types().any(|type_name| concerns_type(policy, type_name)) {
        return None;
    }
    let json = policy.to_json().ok()?;
    Reader { groups: None }.policy(&json).err()
}

/// The policies on rows, ready to be decided for somebody.
pub(super) struct Rows {
    policies: Vec<Policy>,
    /// None where Cedar did not take its own vocabulary, which was checked before: then no row is seen.
    schema: Option<Schema>,
}

impl Rows {
    pub(super) fn new(policies: &[Policy], graph: &GraphFields, departments: &[DepartmentKey]) -> Self {
        let policies = policies.iter().filter(|policy| concerns_see(policy)).cloned().collect();
        let schema = Schema::from_cedarschema_str(&cedar_schema(graph, departments)).ok().map(|(schema, _)| schema);
        Self { policies, schema }
    }

    /// By type, which rows somebody with these departments and roles sees.
    pub(super) fn conditions(
        &self,
        departments: &[DepartmentKey],
        roles: &[String],
    ) -> HashMap<&'static str, RowCondition> {
        let groups: Option<HashSet<EntityUid>> = departments
            .iter()
            .map(|key| uid("Department", key.as_str()))
            .chain(roles.iter().map(|role| uid("Role", role)))
            .collect();
        let condition = |type_name| groups.as_ref().and_then(|groups| self.condition(type_name, groups));
        // What cannot be decided shows nothing.
        row_types().map(|type_name| (type_name, condition(type_name).unwrap_or(RowCondition::Never))).collect()
    }

    fn condition(&self, type_name: &str, groups: &HashSet<EntityUid>) -> Option<RowCondition> {
        let speaks = |policy: &&Policy| concerns_principal(policy, groups) && concerns_type(policy, type_name);
        let chosen: Vec<&Policy> = self.policies.iter().filter(speaks).collect();
        let is_open = chosen.iter().all(|policy| policy.effect() == Effect::Forbid);
        if chosen.is_empty() {
            return Some(RowCondition::Always);
        }
        let schema = self.schema.as_ref()?;
        let actor = uid("Actor", "someone")?;
        let parents = groups.iter().map(|group| Entity::new_no_attrs(group.clone(), HashSet::new()));
        let entities = parents.chain([Entity::new_no_attrs(actor.clone(), groups.clone())]);
        let entities = PartialEntities::from_concrete(Entities::from_entities(entities, None).ok()?, schema).ok()?;
        let resource = EntityTypeName::from_str(&format!("{NAMESPACE}::{type_name}")).ok()?;
        let request = PartialRequest::new(
            PartialEntityUid::from_concrete(actor),
            uid("Action", SEE)?,
            PartialEntityUid::new(resource, None),
            Some(Context::empty()),
            schema,
        )
        .ok()?;
        let set = PolicySet::from_policies(chosen.into_iter().cloned()).ok()?;
        let response = set.tpe(&request, &entities, schema).ok()?;
        let (mut permits, mut forbids) = (Vec::new(), Vec::new());
        for residual in response.policies() {
            let condition = Reader { groups: Some(groups) }.policy(&residual.to_json().ok()?).ok()?;
            match residual.effect() {
                Effect::Permit => permits.push(condition),
                Effect::Forbid => forbids.push(condition),
            }
        }
        if is_open {
            permits.push(RowCondition::Always);
        }
        Some(RowCondition::all([RowCondition::any(permits), RowCondition::any(forbids).negate()]))
    }
}

impl fmt::Debug for Rows {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Rows").field("policies", &self.policies.len()).finish_non_exhaustive()
    }
}

fn concerns_see(policy: &Policy) -> bool {
    let is_see = |action: &EntityUid| action.id().unescaped() == SEE;
    match policy.action_constraint() {
        ActionConstraint::Any => true,
        ActionConstraint::Eq(action) => is_see(&action),
        ActionConstraint::In(actions) => actions.iter().any(is_see),
    }
}

/// Whether the head leaves room for rows of this type. Rows are in nothing and have no names that a policy knows.
fn concerns_type(policy: &Policy, type_name: &str) -> bool {
    match policy.resource_constraint() {
        ResourceConstraint::Any => true,
        ResourceConstraint::Is(ty) => ty.basename() == type_name,
        ResourceConstraint::Eq(_) | ResourceConstraint::In(_) | ResourceConstraint::IsIn(_, _) => false,
    }
}

fn concerns_principal(policy: &Policy, groups: &HashSet<EntityUid>) -> bool {
    match policy.principal_constraint() {
        PrincipalConstraint::In(group) | PrincipalConstraint::IsIn(_, group) => groups.contains(&group),
        PrincipalConstraint::Any | PrincipalConstraint::Eq(_) | PrincipalConstraint::Is(_) => true,
    }
}
