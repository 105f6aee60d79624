//! For those who write policies: why somebody sees what they see, what a department or role sees, and to look through its
//! eyes. Everything here asks for the right to administer every department, because policies reach into all of them.

use super::{AppError, Session};
use crate::auth::{AccessExplained, Action, Actor, PolicySet, PolicyState, Verdict};
use onefold_model::{CustomerId, DepartmentKey, NodeId, NodeKind, RecordId};
use std::collections::BTreeSet;

/// Whose rights are asked about.
#[derive(Debug, Clone, Default)]
pub struct AccessAsk {
    /// The departments of a token.
    pub departments: Vec<String>,
    /// The roles of a token.
    pub roles: Vec<String>,
}

/// How a field is shown to somebody.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccessField {
    /// `Type.field`.
    pub path: String,
    /// The owner of the values; none where it is the same for all.
    pub owner: Option<DepartmentKey>,
    /// How they are shown.
    pub verdict: Verdict,
}

/// Whether somebody may do something in a department.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccessAction {
    /// The action.
    pub action: &'static str,
    /// Where.
    pub department: DepartmentKey,
    /// Whether it is allowed.
    pub is_allowed: bool,
}

impl Session {
    /// The policies that hold, and why newer ones do not.
    pub fn policy_state(&self) -> Result<PolicyState, AppError> {
        let state = self.app.policies.state();
        self.check_author(&state.set, "to read the state of the policies")?;
        Ok(state)
    }

    /// Why somebody sees these fields as they do, for each owner: those of the object, where the caller may see it, else
    /// every department.
    pub async fn access_explain(
        &self,
        ask: AccessAsk,
        object: Option<NodeId>,
        paths: &[String],
    ) -> Result<Vec<AccessExplained>, AppError> {
        let set = self.app.policies.state().set;
        self.check_author(&set, "to explain the access of others")?;
        let departments = known_departments(&set, ask.departments)?;
        let mut owners = match object {
            Some(object) => self.visible_owners(object).await?,
            None => BTreeSet::new(),
        };
        if owners.is_empty() {
            owners.extend(set.departments().iter().cloned());
        }
        let mut found = Vec::new();
        for path in paths {
            if let Some(problem) = set.unknown_path(path) {
                return Err(AppError::Invalid(problem.to_string()));
            }
            found.extend(owners.iter().filter_map(|owner| set.explain(&departments, &ask.roles, path, owner)));
        }
        Ok(found)
    }

    /// All that somebody may see and do, without a value.
    pub fn access_view(&self, ask: AccessAsk) -> Result<(Vec<AccessField>, Vec<AccessAction>), AppError> {
        let set = self.app.policies.state().set;
        self.check_author(&set, "to view as others")?;
        let scope = set.scope(&Actor::new("view", known_departments(&set, ask.departments)?, ask.roles));
        let mut fields = Vec::new();
        for path in set.graph().paths() {
            let Some((type_name, field)) = path.split_once('.') else { continue };
            let verdict = |owner: &DepartmentKey| scope.field(type_name, field, Some(owner)).clone();
            let verdicts: Vec<(&DepartmentKey, Verdict)> =
                set.departments().iter().map(|owner| (owner, verdict(owner))).collect();
            let is_uniform = verdicts.windows(2).all(|two| two[0].1 == two[1].1);
            let shown = if is_uniform { verdicts.get(..1).unwrap_or_default() } else { &verdicts[..] };
            fields.extend(shown.iter().map(|(owner, verdict)| AccessField {
                path: path.clone(),
                owner: (!is_uniform).then(|| (*owner).clone()),
                verdict: verdict.clone(),
            }));
        }
        let mut actions = Vec::new();
        for action in Action::ALL {
            actions.extend(set.departments().iter().map(|department| AccessAction {
                action: action.as_str(),
                department: department.clone(),
                is_allowed: scope.may(action, department).is_allowed(),
            }));
        }
        Ok((fields, actions))
    }

    /// The same caller, seeing only what these departments and roles see too.
    pub fn view_as(&self, ask: AccessAsk) -> Result<Self, AppError> {
        let set = self.app.policies.state().set;
        self.check_author(&set, "to view as others")?;
        let viewed = set.scope(&Actor::new("view", known_departments(&set, ask.departments)?, ask.roles));
        Ok(Self { scope: self.scope.narrowed(&viewed), ..self.clone() })
    }

    /// Who may administer every department may read and try what the policies say.
    fn check_author(&self, set: &PolicySet, what: &str) -> Result<(), AppError> {
        let denied = set.departments().iter().find(|key| !self.scope().may(Action::Administer, key).is_allowed());
        match denied {
            None if !set.departments().is_empty() => Ok(()),
            _ => Err(AppError::Forbidden {
                what: format!("{what}, which takes the right to administer every department,"),
                policy: None,
            }),
        }
    }

    /// The departments whose sources speak of an object, as far as the caller may see their records.
    async fn visible_owners(&self, object: NodeId) -> Result<BTreeSet<DepartmentKey>, AppError> {
        let rows = match object.kind {
            NodeKind::Customer => self.store().record_by_customers(self.scope(), &[CustomerId(object.uuid)]).await?,
            NodeKind::Record => self.store().record_get(self.scope(), &[RecordId(object.uuid)]).await?,
            NodeKind::Source
            | NodeKind::SyncRun
            | NodeKind::Quarantine
            | NodeKind::MatchCandidate
            | NodeKind::QuarantineDiscard
            | NodeKind::Decision
            | NodeKind::Plan
            | NodeKind::Pin
            | NodeKind::ApiKey
            | NodeKind::Webhook
            | NodeKind::Export => Vec::new(),
        };
        Ok(rows.into_iter().map(|row| row.department).collect())
    }
}

/// The departments of these names, each of which there is.
fn known_departments(set: &PolicySet, names: Vec<String>) -> Result<Vec<DepartmentKey>, AppError> {
    let read = |name: String| {
        let key = DepartmentKey::new(name).map_err(|error| AppError::Invalid(format!("departments: {error}")))?;
        match set.unknown_department(&key) {
            Some(problem) => Err(AppError::Invalid(problem.to_string())),
            None => Ok(key),
        }
    };
    names.into_iter().map(read).collect()
}
