//! Policies: which department and role may see and do what, in Cedar.
//!
//! Promises: a set that loads is checked strictly against the graph and the departments, and every mistake is reported
//! with file, line, column and the nearest name that exists; a forbid beats every permit; what no policy permits is
//! hidden; a condition on rows is decided as far as departments and roles decide it, and the rest can become SQL.
//! Deliberately knows nothing of single rows or persons: a policy speaks of departments and roles, types and fields, the
//! department whose source a value came from, and what rows have in common.
//!
//! The vocabulary is that of [`cedar_schema`]; the shipped policies are in `schema/policy`, and beside them, in `matrix.snap`,
//! what they amount to.

mod check;
mod compare;
mod defaults;
mod evaluate;
mod explain;
mod graph;
mod live;
mod nearest;
mod problem;
mod residual;
mod rows;
mod schema;
#[cfg(test)]
mod tests;
mod text;

pub use compare::{Change, Direction, Principal, policies_compare};
pub use defaults::default_policies;
pub use explain::{AccessExplained, PolicyRef};
pub use graph::GraphFields;
pub use live::{LivePolicies, PolicyState};
pub(crate) use nearest::nearest;
pub use problem::{PolicyError, PolicyErrors, PolicyProblem};
pub use schema::cedar_schema;

use super::scope::{PseudonymSecret, Table};
use super::{Actor, Scope};
use check::Checked;
use evaluate::Evaluator;
use onefold_model::DepartmentKey;
use rows::Rows;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

/// Tables that are kept. Departments and roles that no policy names do not count, so more than a few dozen are rare.
const TABLES_MAX: usize = 512;

/// Policies that were checked, ready to make scopes.
#[derive(Debug)]
pub struct PolicySet {
    evaluator: Evaluator,
    graph: GraphFields,
    rows: Rows,
    departments: Arc<[DepartmentKey]>,
    roles: BTreeSet<String>,
    places: BTreeMap<String, PolicyPlace>,
    tables: Mutex<HashMap<TableKey, Arc<Table>>>,
}

/// Where a policy stands. Shown as `support.cedar:12`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PolicyPlace {
    /// The file's name as it was given.
    pub file: String,
    /// From 1.
    pub line: usize,
}

impl fmt::Display for PolicyPlace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.file, self.line)
    }
}

/// What a table depends on: the known departments and the roles that some policy names.
type TableKey = (Vec<DepartmentKey>, Vec<String>);

impl PolicySet {
    /// Reads and checks policy files, given as name and text. `graph` is what the graph serves, `departments` those of the
    /// configuration. All that is wrong is reported at once.
    pub fn load(
        files: &[(impl AsRef<str>, impl AsRef<str>)],
        graph: &GraphFields,
        departments: &[DepartmentKey],
    ) -> Result<Self, PolicyErrors> {
        Self::load_with(files, graph, departments, None)
    }

    /// As [`PolicySet::load`], with the secret of the pseudonyms. Without it, a policy that shows pseudonyms is refused.
    pub fn load_with(
        files: &[(impl AsRef<str>, impl AsRef<str>)],
        graph: &GraphFields,
        departments: &[DepartmentKey],
        pseudonyms: Option<&PseudonymSecret>,
    ) -> Result<Self, PolicyErrors> {
        let mut departments = departments.to_vec();
        departments.sort_unstable();
        departments.dedup();
        let departments: Arc<[DepartmentKey]> = departments.into();
        let Checked { policies, roles, places } = check::check(files, graph, &departments, pseudonyms)?;
        let rows = Rows::new(&policies, graph, &departments);
        let evaluator = Evaluator::new(policies, graph, departments.clone(), pseudonyms);
        Ok(Self { evaluator, rows, graph: graph.clone(), departments, roles, places, tables: Mutex::default() })
    }

    /// The departments that policies can name, in order.
    pub fn departments(&self) -> &[DepartmentKey] {
        &self.departments
    }

    /// The roles that some policy names, in order.
    pub fn roles(&self) -> impl Iterator<Item = &str> {
        self.roles.iter().map(String::as_str)
    }

    /// The types and fields that policies can name.
    pub fn graph(&self) -> &GraphFields {
        &self.graph
    }

    /// How many policies there are.
    pub fn count(&self) -> usize {
        self.places.len()
    }

    /// What this actor may see and do. Evaluated at the first call for their departments and roles, looked up after.
    pub fn scope(&self, actor: &Actor) -> Scope {
        Scope::decided(actor.clone(), self.table(actor))
    }

    fn table(&self, actor: &Actor) -> Arc<Table> {
        let known = |key: &&DepartmentKey| self.departments.binary_search(key).is_ok();
        let departments: Vec<DepartmentKey> = actor.departments().iter().filter(known).cloned().collect();
        let roles: Vec<String> = actor.roles().iter().filter(|role| self.roles.contains(*role)).cloned().collect();
        let key = (departments, roles);
        // A table is never half written, so a lock that a panic left behind still guards good tables.
        if let Some(table) = self.tables.lock().unwrap_or_else(PoisonError::into_inner).get(&key) {
            return table.clone();
        }
        // Without the lock: two requests may both make the table, and both make the same one.
        let table = Arc::new(self.evaluator.table(&key.0, &key.1).with_rows(self.rows.conditions(&key.0, &key.1)));
        let mut tables = self.tables.lock().unwrap_or_else(PoisonError::into_inner);
        if tables.len() >= TABLES_MAX {
            tables.clear();
        }
        tables.insert(key, table.clone());
        table
    }
}
