//! The Cedar schema: the vocabulary of policies, generated from the graph and the departments.

use super::GraphFields;
use super::rows::row_schema;
use crate::auth::Action;
use cedar_policy::{EntityId, EntityTypeName, EntityUid};
use onefold_model::DepartmentKey;
use std::fmt::Write;
use std::str::FromStr;

/// The namespace of every name in a policy.
pub(super) const NAMESPACE: &str = "Onefold";

/// To see a value as it is.
pub(super) const READ: &str = "read";

/// To see a part of a value; the policy's `@mask` says which.
pub(super) const READ_MASKED: &str = "readMasked";

/// To have a row: one that may not be seen is as if it did not exist.
pub(super) const SEE: &str = "see";

/// The kinds of things that a policy can name.
pub(super) const ENTITY_TYPES: [&str; 6] = ["Action", "Actor", "Department", "Field", "Role", "Type"];

/// Every action, those on fields first.
pub(super) fn actions() -> impl Iterator<Item = &'static str> {
    [READ, READ_MASKED, SEE].into_iter().chain(Action::ALL.into_iter().map(Action::as_str))
}

/// The schema that policies are checked against, in Cedar's own syntax.
pub fn cedar_schema(graph: &GraphFields, departments: &[DepartmentKey]) -> String {
    let departments = one_of(departments.iter().map(DepartmentKey::as_str));
    let types = one_of(graph.types());
    let rows = row_schema();
    let on_departments = Action::ALL.map(Action::as_str).join(", ");
    format!(
        "\
// Generated from the graph and the configured departments.
namespace {NAMESPACE} {{
  // A department of the company.
  entity Department{departments};
  // What somebody is besides a member of departments.
  entity Role;
  // Who asks.
  entity Actor in [Department, Role];
  // A type of the graph.
  entity Type{types};
  // A field of the graph, named Type.field. The owner is the department whose source the value came from.
  entity Field in [Type] = {{ owner: Department }};

  action {READ}, {READ_MASKED} appliesTo {{ principal: Actor, resource: Field }};
  action {on_departments} appliesTo {{ principal: Actor, resource: Department }};

{rows}}}
"
    )
}

/// Only these names. Cedar knows no empty list, so none at all leaves the kind open; naming one is still refused, because
/// every name is looked up.
fn one_of<'a>(names: impl Iterator<Item = &'a str>) -> String {
    let mut list = String::new();
    for name in names {
        let comma = if list.is_empty() { "" } else { "," };
        let _ = write!(list, "{comma}\n    {name:?}");
    }
    if list.is_empty() { list } else { format!(" enum [{list}\n  ]") }
}

/// A thing of our namespace. None where Cedar does not take the name.
pub(super) fn uid(kind: &str, id: &str) -> Option<EntityUid> {
    let kind = EntityTypeName::from_str(&format!("{NAMESPACE}::{kind}")).ok()?;
    Some(EntityUid::from_type_name_and_id(kind, EntityId::new(id)))
}
