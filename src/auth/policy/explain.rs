//! Why somebody sees what they see: the policies behind a verdict, where they stand, and what would change it.
//!
//! Promises: the verdict is the one that requests get; every policy is named with file and line. Deliberately speaks of
//! departments and roles and not of persons or values, as policies do.

use super::nearest::nearest;
use super::schema::NAMESPACE;
use super::{PolicyPlace, PolicyProblem, PolicySet};
use crate::auth::scope::Verdict;
use onefold_model::DepartmentKey;

/// A policy by its name, and where it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PolicyRef {
    /// Its name.
    pub id: String,
    /// File and line.
    pub place: PolicyPlace,
}

/// One field of one owner, as somebody sees it, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccessExplained {
    /// `Type.field`.
    pub path: String,
    /// Whose sources the value comes from.
    pub owner: DepartmentKey,
    /// How it is shown.
    pub verdict: Verdict,
    /// The policies that decided; none where no policy permits the field.
    pub deciding: Vec<PolicyRef>,
    /// Permits for the same people and type that stop short of this field or this owner.
    pub near: Vec<PolicyRef>,
    /// What would change it, in a sentence.
    pub change: String,
}

impl PolicySet {
    /// Why somebody with these departments and roles sees this field of this owner as they do. Nothing where there is no such
    /// field; [`PolicySet::unknown_path`] says which may have been meant.
    pub fn explain(
        &self,
        departments: &[DepartmentKey],
        roles: &[String],
        path: &str,
        owner: &DepartmentKey,
    ) -> Option<AccessExplained> {
        let field = path.split_once('.').filter(|_| self.graph.has_path(path))?;
        let known: Vec<DepartmentKey> =
            departments.iter().filter(|key| self.unknown_department(key).is_none()).cloned().collect();
        let found = self.evaluator.explain(&known, roles, field, owner)?;
        let refer = |id: &std::sync::Arc<str>| Some(PolicyRef { id: id.to_string(), place: self.place(id)?.clone() });
        let deciding: Vec<PolicyRef> = found.deciding.iter().filter_map(refer).collect();
        let near = found.near.iter().filter_map(refer).collect();
        let elsewhere: Vec<&DepartmentKey> = self
            .departments
            .iter()
            .filter(|other| *other != owner)
            .filter(|other| self.evaluator.explain(&known, roles, field, other).is_some_and(|e| !e.verdict.is_hidden()))
            .collect();
        let asks = Asks { departments: &known, roles, path, elsewhere };
        let change = asks.change(&found.verdict, &deciding);
        Some(AccessExplained {
            path: path.to_owned(),
            owner: owner.clone(),
            verdict: found.verdict,
            deciding,
            near,
            change,
        })
    }

    /// Where the policy with this name stands.
    pub fn place(&self, id: &str) -> Option<&PolicyPlace> {
        self.places.get(id)
    }

    /// What is wrong with this path, if no field has it.
    pub fn unknown_path(&self, path: &str) -> Option<PolicyProblem> {
        let problem = || PolicyProblem::Unknown {
            kind: "field",
            found: path.to_owned(),
            nearest: nearest(path, self.graph.paths()),
        };
        (!self.graph.has_path(path)).then(problem)
    }

    /// What is wrong with this department, if it is none.
    pub fn unknown_department(&self, key: &DepartmentKey) -> Option<PolicyProblem> {
        let problem = || PolicyProblem::Unknown {
            kind: "department",
            found: key.to_string(),
            nearest: nearest(key.as_str(), self.departments.iter().map(DepartmentKey::as_str)),
        };
        self.departments.binary_search(key).is_err().then(problem)
    }
}

/// Who asks for what.
struct Asks<'a> {
    departments: &'a [DepartmentKey],
    roles: &'a [String],
    path: &'a str,
    /// The other owners of whom the field is shown.
    elsewhere: Vec<&'a DepartmentKey>,
}

impl Asks<'_> {
    fn change(&self, verdict: &Verdict, deciding: &[PolicyRef]) -> String {
        let listed = listed(deciding);
        match verdict {
            Verdict::Read => format!("it is shown; without {listed}, or with a forbid, it would not be"),
            Verdict::Masked { mask, .. } => format!(
                "a permit of the action read would show all of it: {}; without {listed} nothing of it would be shown",
                self.permit(),
                listed = if deciding.is_empty() { format!("the mask {mask}") } else { listed }
            ),
            Verdict::Hidden { policy: Some(_) } => {
                format!("a forbid beats every permit: take this field out of {listed}")
            }
            Verdict::Hidden { policy: None } if !self.elsewhere.is_empty() => {
                let owners: Vec<&str> = self.elsewhere.iter().map(|key| key.as_str()).collect();
                format!(
                    "it is shown where it comes from {}: a permit that does not ask for the owner would show it here, {}",
                    owners.join(", "),
                    self.permit()
                )
            }
            Verdict::Hidden { policy: None } => format!("no policy permits it; {} would", self.permit()),
        }
    }

    /// The shortest policy that would show it.
    fn permit(&self) -> String {
        let department = self.departments.first().map(|key| format!("{NAMESPACE}::Department::\"{key}\""));
        let role = self.roles.first().map(|role| format!("{NAMESPACE}::Role::\"{role}\""));
        let group = department.or(role).map(|group| format!(" in {group}")).unwrap_or_default();
        format!(
            "permit (principal{group}, action == {NAMESPACE}::Action::\"read\", resource == {NAMESPACE}::Field::\"{}\");",
            self.path
        )
    }
}

fn listed(policies: &[PolicyRef]) -> String {
    let each: Vec<String> = policies.iter().map(|policy| format!("{} ({})", policy.id, policy.place)).collect();
    each.join(" and ")
}

#[cfg(test)]
mod tests {
    use super::super::super::sample::{department, departments, policies, shipped};
    use super::super::super::{Actor, Mask};
    use super::*;

    fn explain(set: &PolicySet, of: &str, path: &str, owner: &str) -> AccessExplained {
        set.explain(&[department(of)], &[], path, &department(owner)).unwrap()
    }

    fn names(policies: &[PolicyRef]) -> Vec<&str> {
        policies.iter().map(|policy| policy.id.as_str()).collect()
    }

    #[test]
    fn what_is_shown_names_the_permit_with_file_and_line() {
        let found = explain(&shipped(), "billing", "Invoice.total", "billing");
        assert_eq!((&found.verdict, names(&found.deciding)), (&Verdict::Read, vec!["billing.invoices"]));
        assert_eq!(found.deciding[0].place.file, "billing.cedar");
        let text = include_str!("../../../schema/policy/billing.cedar");
        let line = text.lines().position(|line| line == "@id(\"billing.invoices\")").unwrap() + 1;
        assert_eq!(found.deciding[0].place.line, line);
        assert!(found.change.contains(&format!("billing.invoices (billing.cedar:{line})")), "{}", found.change);
    }

    #[test]
    fn what_is_masked_names_the_policy_and_the_permit_that_would_show_all() {
        let found = explain(&shipped(), "support", "Customer.birthDate", "billing");
        assert!(matches!(found.verdict, Verdict::Masked { mask: Mask::YearOnly, .. }));
        assert_eq!(names(&found.deciding), ["support.birth-year"]);
        let permit = "permit (principal in Onefold::Department::\"support\", action == Onefold::Action::\"read\", resource == Onefold::Field::\"Customer.birthDate\");";
        assert!(found.change.contains(permit), "{}", found.change);
        assert!(names(&found.near).contains(&"support.customer"));
    }

    #[test]
    fn what_no_policy_permits_and_what_one_forbids_are_told_apart() {
        let found = explain(&shipped(), "marketing", "Invoice.total", "billing");
        assert_eq!((found.verdict.is_hidden(), found.deciding.len()), (true, 0));
        assert!(found.change.starts_with("no policy permits it; permit ("), "{}", found.change);
        let set = policies("@id(\"f\") forbid (principal, action, resource == Onefold::Field::\"Invoice.total\");");
        let found = explain(&set, "billing", "Invoice.total", "billing");
        assert_eq!(found.verdict, Verdict::Hidden { policy: Some("f".into()) });
        assert_eq!(found.change, "a forbid beats every permit: take this field out of f (test.cedar:1)");
    }

    #[test]
    fn what_is_shown_of_another_owner_says_of_whom() {
        let found = explain(&shipped(), "billing", "SourceRecord.raw", "support");
        assert!(found.change.starts_with("it is shown where it comes from billing:"), "{}", found.change);
        assert!(names(&found.near).contains(&"billing.own-records"), "{:?}", found.near);
    }

    #[test]
    fn names_that_do_not_exist_are_answered_with_the_nearest() {
        let set = shipped();
        assert_eq!(set.explain(&[], &[], "Invoice.totl", &department("billing")), None);
        assert!(set.unknown_path("Invoice.totl").unwrap().to_string().contains("did you mean \"Invoice.total\"?"));
        let near = set.unknown_department(&department("suport")).unwrap().to_string();
        assert!(near.contains("did you mean \"support\"?"), "{near}");
        assert_eq!(set.unknown_path("Invoice.total"), None);
    }

    /// An explanation is of the decision that requests get.
    #[test]
    fn the_verdict_explained_is_the_verdict_given() {
        let set = shipped();
        for (members, roles) in [(vec!["support"], vec![]), (vec!["marketing"], vec!["steward".to_owned()])] {
            let members: Vec<DepartmentKey> = members.into_iter().map(department).collect();
            let scope = set.scope(&Actor::new("ann", members.clone(), roles.clone()));
            for path in set.graph().paths() {
                let (type_name, field) = path.split_once('.').unwrap();
                for owner in departments() {
                    let found = set.explain(&members, &roles, &path, &owner).unwrap();
                    assert_eq!(&found.verdict, scope.field(type_name, field, Some(&owner)), "{path} of {owner}");
                    assert_eq!(found.deciding.is_empty(), found.verdict == Verdict::Hidden { policy: None }, "{path}");
                }
            }
        }
    }
}
