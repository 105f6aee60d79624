//! What one actor may see and do: the handle that every read of the store must be given.
//!
//! Promises: every decision was made before, so asking costs a table look-up; what no policy permits, what nobody knows
//! and what went wrong are hidden; cheap to clone. Deliberately does not evaluate policies (that is
//! [`policy`](super::policy)) and does not know the database: row conditions are text and binds.

mod mask;
mod owners;
mod pseudonym;
mod restriction;
mod rows;
mod table;
#[cfg(test)]
mod tests;
mod verdict;

pub use mask::Mask;
pub use owners::Owners;
pub use pseudonym::{PseudonymKey, PseudonymSecret, ShortSecret};
pub use restriction::{FieldRestriction, RestrictionKind, RestrictionReason};
pub use rows::{RowAttribute, RowCondition};
pub(super) use table::{FieldDecision, Table};
pub use verdict::{Action, Permission, Verdict};

use super::Actor;
use super::token::SYSTEM_PREFIX;
use onefold_model::DepartmentKey;
use std::sync::{Arc, LazyLock};

/// What one actor may see and do.
#[derive(Debug, Clone)]
pub struct Scope {
    actor: Arc<Actor>,
    rights: Rights,
    customers: Customers,
}

/// Whether the conditions on customers are still to be asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Customers {
    ToAsk,
    Seen,
}

#[derive(Debug, Clone)]
enum Rights {
    /// What the policies decided.
    Decided(Arc<Table>),
    /// Everything: the process itself.
    System,
}

static HIDDEN: Verdict = Verdict::Hidden { policy: None };
static DENIED: Permission = Permission::Denied { policy: None };
static SYSTEM_ALLOWED: LazyLock<Permission> = LazyLock::new(|| Permission::Allowed { policy: "system".into() });

impl Scope {
    pub(super) fn decided(actor: Actor, table: Arc<Table>) -> Self {
        Self { actor: Arc::new(actor), rights: Rights::Decided(table), customers: Customers::ToAsk }
    }

    /// Everything, for the process's own work: the outbox, migrations, rebuilding what is derived. Never for a request
    /// that somebody sent. The reason is the actor's name in the audit log.
    pub fn system(reason: &'static str) -> Self {
        let actor = Actor::new(format!("{SYSTEM_PREFIX}{reason}"), [], []);
        Self { actor: Arc::new(actor), rights: Rights::System, customers: Customers::ToAsk }
    }

    /// Nothing, whatever the policies say: for machines whose key opens one door elsewhere.
    pub fn nothing(actor: Actor) -> Self {
        Self::decided(actor, Arc::new(Table::new(Arc::from([]), [], Vec::new())))
    }

    /// What both scopes show and allow, under the name of this one. What the process itself may do
    /// narrows nothing.
    #[must_use]
    pub fn narrowed(&self, other: &Self) -> Self {
        let rights = match (&self.rights, &other.rights) {
            (Rights::Decided(own), Rights::Decided(other)) => Rights::Decided(Arc::new(own.narrowed(other))),
            (Rights::System, rights) | (rights, Rights::System) => rights.clone(),
        };
        Self { actor: Arc::clone(&self.actor), rights, customers: Customers::ToAsk }
    }

    /// The same for what belongs to customers that it has just shown: they are not asked again whether they may be seen.
    pub(crate) fn of_seen_customers(&self) -> Self {
        Self { customers: Customers::Seen, ..self.clone() }
    }

    /// Whether both have the same rights because both were given the same decisions: what was made for the one then serves
    /// the other, whoever has it. Other policies make other decisions, so it is never true across them.
    pub(crate) fn shares_rights(&self, other: &Self) -> bool {
        let are_same = match (&self.rights, &other.rights) {
            (Rights::Decided(own), Rights::Decided(others)) => Arc::ptr_eq(own, others),
            (Rights::System, Rights::System) => true,
            (Rights::Decided(_), Rights::System) | (Rights::System, Rights::Decided(_)) => false,
        };
        are_same && self.customers == other.customers
    }

    /// Whether this is the process itself and not somebody who sent a token.
    pub fn is_system(&self) -> bool {
        matches!(self.rights, Rights::System)
    }

    /// Who asks.
    pub fn actor(&self) -> &Actor {
        &self.actor
    }

    /// How a value of this field is shown. `owner` is the department whose source the value came from; without one, the
    /// value may have come from any, so it is shown as it would be by the most restrictive.
    pub fn field(&self, type_name: &str, field: &str, owner: Option<&DepartmentKey>) -> &Verdict {
        match &self.rights {
            Rights::Decided(table) => table.field(type_name, field, owner).unwrap_or(&HIDDEN),
            Rights::System => &Verdict::Read,
        }
    }

    /// What holds for this field in every row that the scope shows: the weakest verdict over those owners. Filters,
    /// orders, search and groups may use a field only where this is [`Verdict::Read`], or the answer would give away
    /// what the row itself hides.
    pub fn field_any_owner(&self, type_name: &str, field: &str) -> &Verdict {
        match &self.rights {
            Rights::Decided(table) => table.field_any_owner(type_name, field).unwrap_or(&HIDDEN),
            Rights::System => &Verdict::Read,
        }
    }

    /// The owners of which at least one field of the type is shown, masked or not: the rows that exist for this scope.
    pub fn type_owners(&self, type_name: &str) -> &Owners {
        match &self.rights {
            Rights::Decided(table) => table.type_owners(type_name).unwrap_or(&Owners::None),
            Rights::System => &Owners::All,
        }
    }

    /// Which rows of a type are there, besides what [`Scope::type_owners`] says: customers, and what happened with them.
    pub fn rows(&self, type_name: &str) -> &RowCondition {
        match &self.rights {
            Rights::Decided(_) if self.customers == Customers::Seen && type_name == "Customer" => &RowCondition::Always,
            Rights::Decided(table) => table.rows(type_name).unwrap_or(&RowCondition::Never),
            Rights::System => &RowCondition::Always,
        }
    }

    /// What is withheld of an object of this type and owner, sorted by path. Without an owner: as [`Scope::field`].
    pub fn restrictions(&self, type_name: &str, owner: Option<&DepartmentKey>) -> &[FieldRestriction] {
        match &self.rights {
            Rights::Decided(table) => table.restrictions(type_name, owner),
            Rights::System => &[],
        }
    }

    /// Whether the actor may do this in the department.
    pub fn may(&self, action: Action, department: &DepartmentKey) -> &Permission {
        match &self.rights {
            Rights::Decided(table) => table.may(action, department).unwrap_or(&DENIED),
            Rights::System => &SYSTEM_ALLOWED,
        }
    }
}
