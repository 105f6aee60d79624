//! One decision again, with the policies behind it: for people who ask why, not for requests.

use super::super::DepartmentKey;
use super::{Applicable, Evaluator, Prepared, READ, READ_MASKED, groups, uid};
use crate::auth::scope::Verdict;
use cedar_policy::{Effect, Entity};
use std::sync::Arc;

/// A verdict and the names of the policies behind it.
pub(in crate::auth::policy) struct Explained {
    pub(in crate::auth::policy) verdict: Verdict,
    /// Those that decided.
    pub(in crate::auth::policy) deciding: Vec<Arc<str>>,
    /// Permits for this actor, kind of reading and type that do not reach this field or this owner.
    pub(in crate::auth::policy) near: Vec<Arc<str>>,
}

impl Evaluator {
    /// Why this field is shown as it is. Nothing where Cedar does not take the names, which were checked before.
    pub(in crate::auth::policy) fn explain(
        &self,
        departments: &[DepartmentKey],
        roles: &[String],
        (type_name, field): (&str, &str),
        owner: &DepartmentKey,
    ) -> Option<Explained> {
        let parents = groups(departments, roles);
        let actor = uid("Actor", "someone")?;
        let slot = self.departments.binary_search(owner).unwrap_or(self.departments.len());
        let fields = self.fields_by_owner.as_ref()?.get(slot)?;
        let entities =
            fields.clone().add_entities([Entity::new_no_attrs(actor.clone(), parents.clone())], None).ok()?;
        let field = uid("Field", &format!("{type_name}.{field}"))?;
        let read = self.applicable(&parents, READ)?.on_type(type_name)?;
        let masked = self.applicable(&parents, READ_MASKED)?.on_type(type_name)?;
        let verdict = self.verdict(&actor, &field, &entities, &read, &masked);
        let (whole, part) =
            (self.answer(&actor, &field, &entities, &read), self.answer(&actor, &field, &entities, &masked));
        let deciding: Vec<&Prepared> = match &verdict {
            Verdict::Read => whole.deciding,
            Verdict::Masked { policy, .. } => part.deciding.into_iter().filter(|one| one.name == *policy).collect(),
            Verdict::Hidden { policy: None } => Vec::new(),
            Verdict::Hidden { policy: Some(_) } => [whole, part]
                .into_iter()
                .filter(|answer| !answer.allowed)
                .flat_map(|answer| answer.deciding)
                .filter(|policy| policy.policy.effect() == Effect::Forbid)
                .collect(),
        };
        let mut deciding: Vec<Arc<str>> = deciding.into_iter().map(|policy| policy.name.clone()).collect();
        deciding.sort_unstable();
        deciding.dedup();
        let mut near: Vec<Arc<str>> = [&read, &masked].into_iter().flat_map(permits).collect();
        near.retain(|name| !deciding.contains(name));
        near.sort_unstable();
        near.dedup();
        Some(Explained { verdict, deciding, near })
    }
}

fn permits(applicable: &Applicable<'_>) -> Vec<Arc<str>> {
    let permits = applicable.by_name.values().filter(|policy| policy.policy.effect() == Effect::Permit);
    permits.map(|policy| policy.name.clone()).collect()
}
