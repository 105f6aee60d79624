//! Whose rows exist for a scope, as a set and as an SQL condition.

use onefold_model::DepartmentKey;
use std::collections::BTreeSet;

/// The departments whose rows a scope shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Owners {
    /// Every row, whoever owns it.
    All,
    /// Rows of these departments. Never empty.
    Some(BTreeSet<DepartmentKey>),
    /// No row.
    None,
}

impl Owners {
    /// Whether every row is shown.
    pub fn is_all(&self) -> bool {
        matches!(self, Self::All)
    }

    /// Whether rows of this owner are shown. A row without an owner is shown only where all are.
    pub fn includes(&self, owner: Option<&DepartmentKey>) -> bool {
        match (self, owner) {
            (Self::All, _) => true,
            (Self::Some(departments), Some(owner)) => departments.contains(owner),
            (Self::Some(_), None) | (Self::None, _) => false,
        }
    }

    /// The condition on the column that names a row's owner, and what to bind to it, the first under `first_bind`.
    /// `column` is written as it is: it comes from the program, never from a request.
    pub fn sql(&self, column: &str, first_bind: usize) -> (String, Vec<String>) {
        match self {
            Self::All => ("1 = 1".to_owned(), Vec::new()),
            Self::None => ("1 = 0".to_owned(), Vec::new()),
            Self::Some(departments) => {
                let binds: Vec<String> = departments.iter().map(|key| key.as_str().to_owned()).collect();
                let places: Vec<String> = (first_bind..).take(binds.len()).map(|n| format!("${n}")).collect();
                (format!("{column} in ({})", places.join(", ")), binds)
            }
        }
    }
}
