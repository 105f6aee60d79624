//! Two sets of policies against each other: who gains and who loses what.
//!
//! Promises: every department, every role and every pair of the two that decides differently is listed, each difference once
//! with the widest circle that it holds for. Deliberately says nothing of single persons, who are departments and roles.

use super::PolicySet;
use super::rows::row_types;
use crate::auth::Actor;
use crate::auth::scope::{Action, RowCondition, Scope, Verdict};
use onefold_model::DepartmentKey;
use std::collections::BTreeSet;
use std::fmt;

/// For whom something changes.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Principal {
    /// Whoever has a token.
    Anyone,
    /// The members of a department.
    Department(DepartmentKey),
    /// Those with a role.
    Role(String),
    /// The members of a department who have a role, beyond what changes for either.
    Both(DepartmentKey, String),
}

/// In which direction.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Direction {
    /// They see or may do more.
    Gains,
    /// They see or may do less.
    Loses,
    /// They see other rows, and whether more or less the policies alone do not tell.
    Changes,
}

/// One difference.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// For whom.
    pub principal: Principal,
    /// More or less.
    pub direction: Direction,
    /// `Type.field`, an action, or the rows of a type.
    pub what: String,
    /// Of whose values, or in which department; none where it is the same for all.
    pub of: Option<String>,
    /// What was decided.
    pub before: String,
    /// What is decided after.
    pub after: String,
}

/// What somebody would gain and lose if `after` took the place of `before`, by department and role.
pub fn policies_compare(before: &PolicySet, after: &PolicySet) -> Vec<Change> {
    let pair = Pair::new(before, after);
    let anyone = pair.changes(&Principal::Anyone);
    let fresh = |principal: Principal, known: &[&[Change]]| {
        let mut changes = pair.changes(&principal);
        changes.retain(|change| !known.iter().any(|known| known.iter().any(|other| other.is_the_same(change))));
        changes
    };
    let departments: Vec<Vec<Change>> =
        pair.departments.iter().map(|key| fresh(Principal::Department(key.clone()), &[&anyone])).collect();
    let roles: Vec<Vec<Change>> =
        pair.roles.iter().map(|role| fresh(Principal::Role(role.clone()), &[&anyone])).collect();
    let mut out = anyone.clone();
    out.extend(departments.iter().chain(&roles).flatten().cloned());
    for (key, of_department) in pair.departments.iter().zip(&departments) {
        for (role, of_role) in pair.roles.iter().zip(&roles) {
            out.extend(fresh(Principal::Both(key.clone(), role.clone()), &[&anyone, of_department, of_role]));
        }
    }
    out
}

struct Pair<'a> {
    before: &'a PolicySet,
    after: &'a PolicySet,
    departments: BTreeSet<DepartmentKey>,
    roles: BTreeSet<String>,
}

/// A decision as a number that rises with what it shows, and as a word.
type Decision = (usize, String);

impl<'a> Pair<'a> {
    fn new(before: &'a PolicySet, after: &'a PolicySet) -> Self {
        let departments = before.departments().iter().chain(after.departments()).cloned().collect();
        let roles = before.roles().chain(after.roles()).map(str::to_owned).collect();
        Self { before, after, departments, roles }
    }

    fn changes(&self, principal: &Principal) -> Vec<Change> {
        let actor = principal.actor();
        let (before, after) = (self.before.scope(&actor), self.after.scope(&actor));
        let mut out = Vec::new();
        let paths: BTreeSet<String> = self.before.graph().paths().chain(self.after.graph().paths()).collect();
        for path in paths {
            let Some((type_name, field)) = path.split_once('.') else { continue };
            let decision = |scope: &Scope, owner: &DepartmentKey| verdict(scope.field(type_name, field, Some(owner)));
            out.extend(self.each(principal, &path, &before, &after, &decision));
        }
        for action in Action::ALL {
            let decision = |scope: &Scope, department: &DepartmentKey| {
                let is_allowed = scope.may(action, department).is_allowed();
                (usize::from(is_allowed), if is_allowed { "allowed" } else { "denied" }.to_owned())
            };
            out.extend(self.each(principal, action.as_str(), &before, &after, &decision));
        }
        out.extend(row_types().filter_map(|type_name| rows_change(principal, type_name, &before, &after)));
        out
    }

    /// One change where all departments are alike, else one for each that differs.
    fn each(
        &self,
        principal: &Principal,
        what: &str,
        before: &Scope,
        after: &Scope,
        decision: &dyn Fn(&Scope, &DepartmentKey) -> Decision,
    ) -> Vec<Change> {
        let decided: Vec<(&DepartmentKey, Decision, Decision)> =
            self.departments.iter().map(|key| (key, decision(before, key), decision(after, key))).collect();
        let is_uniform = decided.windows(2).all(|two| two[0].1 == two[1].1 && two[0].2 == two[1].2);
        let shown = if is_uniform { decided.get(..1).unwrap_or_default() } else { &decided[..] };
        let differing = shown.iter().filter(|(_, before, after)| before != after);
        let change = |(key, before, after): &(&DepartmentKey, Decision, Decision)| Change {
            principal: principal.clone(),
            direction: if after.0 > before.0 { Direction::Gains } else { Direction::Loses },
            what: what.to_owned(),
            of: (!is_uniform).then(|| key.to_string()),
            before: before.1.clone(),
            after: after.1.clone(),
        };
        differing.map(change).collect()
    }
}

/// What changes about the rows of a type.
fn rows_change(principal: &Principal, type_name: &str, before: &Scope, after: &Scope) -> Option<Change> {
    let (before, after) = (before.rows(type_name), after.rows(type_name));
    let direction = match (before, after) {
        (before, after) if before == after => return None,
        (RowCondition::Never, _) | (_, RowCondition::Always) => Direction::Gains,
        (_, RowCondition::Never) | (RowCondition::Always, _) => Direction::Loses,
        _ => Direction::Changes,
    };
    Some(Change {
        principal: principal.clone(),
        direction,
        what: format!("rows of {type_name}"),
        of: None,
        before: before.to_string(),
        after: after.to_string(),
    })
}

impl Principal {
    fn actor(&self) -> Actor {
        let (departments, roles): (Vec<DepartmentKey>, Vec<String>) = match self {
            Self::Anyone => (Vec::new(), Vec::new()),
            Self::Department(key) => (vec![key.clone()], Vec::new()),
            Self::Role(role) => (Vec::new(), vec![role.clone()]),
            Self::Both(key, role) => (vec![key.clone()], vec![role.clone()]),
        };
        Actor::new("someone", departments, roles)
    }
}

impl fmt::Display for Principal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Anyone => f.write_str("everyone"),
            Self::Department(key) => write!(f, "department {key}"),
            Self::Role(role) => write!(f, "role {role}"),
            Self::Both(key, role) => write!(f, "department {key} with role {role}"),
        }
    }
}

impl Change {
    /// The same difference, whoever it is for.
    fn is_the_same(&self, other: &Self) -> bool {
        (&self.what, &self.of, self.direction, &self.before, &self.after)
            == (&other.what, &other.of, other.direction, &other.before, &other.after)
    }
}

impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let direction = match self.direction {
            Direction::Gains => "gains",
            Direction::Loses => "loses",
            Direction::Changes => "changes",
        };
        let of = self.of.as_ref().map(|of| format!(" of {of}")).unwrap_or_default();
        write!(f, "{direction} {}{of}: {} -> {}", self.what, self.before, self.after)
    }
}

fn verdict(verdict: &Verdict) -> Decision {
    let rank = match verdict {
        Verdict::Hidden { .. } => 0,
        Verdict::Masked { mask, .. } => 1 + mask.rank(),
        Verdict::Read => usize::MAX,
    };
    (rank, verdict.to_string())
}

#[cfg(test)]
mod tests {
    use super::super::super::sample::{department, policies, shipped};
    use super::*;

    fn lines(before: &PolicySet, after: &PolicySet) -> Vec<String> {
        policies_compare(before, after).iter().map(|change| format!("{}: {change}", change.principal)).collect()
    }

    #[test]
    fn a_set_compared_with_itself_changes_nothing() {
        assert_eq!(lines(&shipped(), &shipped()), Vec::<String>::new());
    }

    #[test]
    fn gains_losses_and_masks_are_told_for_whom_and_of_whom() {
        let before = policies(
            "@id(\"a\") permit (principal in Onefold::Department::\"billing\", action == Onefold::Action::\"read\", resource in Onefold::Type::\"Source\");
             @id(\"b\") @mask(\"initial\") permit (principal in Onefold::Role::\"steward\", action == Onefold::Action::\"readMasked\", resource == Onefold::Field::\"Customer.email\");
             @id(\"s\") permit (principal in Onefold::Department::\"support\", action == Onefold::Action::\"sync\", resource == Onefold::Department::\"support\");",
        );
        let after = policies(
            "@id(\"a\") permit (principal in Onefold::Department::\"billing\", action == Onefold::Action::\"read\", resource in Onefold::Type::\"Source\") unless { resource == Onefold::Field::\"Source.key\" };
             @id(\"b\") @mask(\"email\") permit (principal in Onefold::Role::\"steward\", action == Onefold::Action::\"readMasked\", resource == Onefold::Field::\"Customer.email\");
             @id(\"c\") permit (principal, action == Onefold::Action::\"read\", resource == Onefold::Field::\"Invoice.total\") when { resource.owner == Onefold::Department::\"support\" };",
        );
        assert_eq!(
            lines(&before, &after),
            [
                "everyone: gains Invoice.total of support: hidden -> read",
                "department billing: loses Source.key: read -> hidden",
                "department support: loses sync of support: allowed -> denied",
                "role steward: gains Customer.email: masked initial -> masked email",
            ]
        );
        let back = policies_compare(&after, &before);
        assert_eq!(back.len(), 4);
        assert!(back.iter().filter(|change| change.direction == Direction::Gains).count() == 2);
    }

    #[test]
    fn rows_that_come_and_go_are_told_with_their_conditions() {
        let see = |condition: &str| {
            policies(&format!(
                "@id(\"r\") permit (principal in Onefold::Department::\"billing\", action == Onefold::Action::\"see\", resource is Onefold::Customer) when {{ {condition} }};"
            ))
        };
        let (austria, vip) = (see("resource.countries.contains(\"AT\")"), see("resource.tags.contains(\"vip\")"));
        let all = policies("");
        assert_eq!(lines(&all, &austria), ["department billing: loses rows of Customer: all -> countries has AT"]);
        assert_eq!(lines(&austria, &all), ["department billing: gains rows of Customer: countries has AT -> all"]);
        assert_eq!(
            lines(&austria, &vip),
            ["department billing: changes rows of Customer: countries has AT -> tags has vip"]
        );
        assert_eq!(lines(&vip, &vip), Vec::<String>::new());
    }

    /// A rule that meets only those who have both a department and a role.
    #[test]
    fn what_changes_only_for_a_pair_is_listed_for_the_pair() {
        let permit = "@id(\"p\") permit (principal in Onefold::Department::\"billing\", action == Onefold::Action::\"read\", resource == Onefold::Field::\"Invoice.total\");";
        let forbid = "@id(\"f\") forbid (principal in Onefold::Role::\"guest\", action, resource == Onefold::Field::\"Invoice.total\");";
        let found = lines(&policies(permit), &policies(&[permit, forbid].concat()));
        assert_eq!(found, ["department billing with role guest: loses Invoice.total: read -> hidden"]);
    }

    #[test]
    fn a_department_of_one_side_only_is_compared_too() {
        let graph = super::super::super::sample::graph();
        let keys = ["billing", "legal"].map(department);
        let text = "@id(\"l\") permit (principal in Onefold::Department::\"legal\", action == Onefold::Action::\"read\", resource == Onefold::Field::\"Invoice.total\");";
        let after = PolicySet::load(&[("legal.cedar", text)], &graph, &keys).unwrap();
        assert_eq!(lines(&policies(""), &after), ["department legal: gains Invoice.total: hidden -> read"]);
    }
}
