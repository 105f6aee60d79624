//! Who asks: the outcome of a verified token. Carries no rights; those are [`Scope`](super::Scope)'s.

use onefold_model::DepartmentKey;

/// Somebody, or a program, with the departments and roles that a token gave.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Actor {
    subject: String,
    departments: Vec<DepartmentKey>,
    roles: Vec<String>,
}

impl Actor {
    /// The actor with these departments and roles, in whatever order and however often they are named.
    pub fn new(
        subject: impl Into<String>,
        departments: impl IntoIterator<Item = DepartmentKey>,
        roles: impl IntoIterator<Item = String>,
    ) -> Self {
        let mut departments: Vec<DepartmentKey> = departments.into_iter().collect();
        departments.sort_unstable();
        departments.dedup();
        let mut roles: Vec<String> = roles.into_iter().collect();
        roles.sort_unstable();
        roles.dedup();
        Self { subject: subject.into(), departments, roles }
    }

    /// The issuer's name for the actor: what the audit log keeps.
    pub fn subject(&self) -> &str {
        &self.subject
    }

    /// The departments, sorted, each once.
    pub fn departments(&self) -> &[DepartmentKey] {
        &self.departments
    }

    /// The roles, sorted, each once.
    pub fn roles(&self) -> &[String] {
        &self.roles
    }
}
