//! What is wrong with policies, and where.

use std::fmt;

/// Everything that is wrong, by file and place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PolicyErrors(Vec<PolicyError>);

/// One mistake in a policy file. Shown as `support.cedar:12:5: …`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, thiserror::Error)]
#[error("{file}:{line}:{column}: {problem}")]
pub struct PolicyError {
    /// The file's name as it was given.
    pub file: String,
    /// From 1.
    pub line: usize,
    /// From 1, in characters.
    pub column: usize,
    /// What is wrong there.
    pub problem: PolicyProblem,
}

/// What can be wrong with a policy.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, thiserror::Error)]
pub enum PolicyProblem {
    /// A name that nothing has.
    #[error("there is no {kind} {found:?}{}", did_you_mean(nearest.as_deref()))]
    Unknown {
        /// What was looked for: `field`, `type`, `department`, `action`, `mask`, `annotation`, `entity type`.
        kind: &'static str,
        /// The name.
        found: String,
        /// The name that was probably meant.
        nearest: Option<String>,
    },
    /// No name to refer to in restrictions and the audit log.
    #[error("the policy has no name: write @id(\"department.what\") before it")]
    MissingId,
    /// Two policies with one name.
    #[error("the name {id:?} is taken by the policy at {first}: give this one another")]
    DuplicateId {
        /// The name.
        id: String,
        /// File and line of the first.
        first: String,
    },
    /// A policy that permits whatever may come.
    #[error("a permit names its actions: write action == {}::Action::\"read\"", super::schema::NAMESPACE)]
    ActionNotNamed,
    /// A masked permit that does not say how.
    #[error("the policy permits readMasked and does not say what is left: write @mask(\"email\") or another mask")]
    MaskMissing,
    /// A mask where none is applied.
    #[error("a mask belongs to a permit whose only action is readMasked")]
    MaskMisplaced,
    /// A pseudonym without a department whose it is.
    #[error("a pseudonym is one department's: write principal in {}::Department::\"…\"", super::schema::NAMESPACE)]
    PseudonymWithoutDepartment,
    /// A pseudonym where the configuration has no secret for them.
    #[error("a pseudonym needs a secret: name its place as pseudonym_secret in [policies] of the configuration")]
    PseudonymWithoutSecret,
    /// A policy about one person.
    #[error("a policy speaks of departments and roles, not of one actor")]
    NamesActor,
    /// A policy about one row.
    #[error("a policy speaks of rows by what they are, not of one row by its id")]
    NamesRow,
    /// A condition that no database could decide row by row.
    #[error("a condition on rows cannot become SQL with {found}: use {instead}")]
    RowCondition {
        /// What was found.
        found: String,
        /// What can be used.
        instead: &'static str,
    },
    /// Cedar's own words: the syntax, a type, a condition that can never hold.
    #[error("{0}")]
    Cedar(String),
}

fn did_you_mean(nearest: Option<&str>) -> String {
    nearest.map(|name| format!(": did you mean {name:?}?")).unwrap_or_default()
}

impl PolicyErrors {
    /// The errors in order of file and place; nothing where there are none.
    pub(super) fn from_found(mut found: Vec<PolicyError>) -> Option<Self> {
        found.sort();
        found.dedup();
        (!found.is_empty()).then_some(Self(found))
    }

    /// How many there are.
    pub fn count(&self) -> usize {
        self.0.len()
    }

    /// Each of them, by file and place.
    pub fn iter(&self) -> impl Iterator<Item = &PolicyError> {
        self.0.iter()
    }
}

impl fmt::Display for PolicyErrors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let count = self.0.len();
        write!(f, "the policies have {count} {}", if count == 1 { "mistake" } else { "mistakes" })?;
        self.0.iter().try_for_each(|error| write!(f, "\n  {error}"))
    }
}

impl std::error::Error for PolicyErrors {}
