//! Why a use case did not do what it was asked. Not finding something is no error: it is `None`.

use super::Stale;
use crate::identity::IdentityError;
use crate::store::StoreError;

/// Why a use case failed.
#[derive(Debug, thiserror::Error)]
pub enum AppError {
    /// The policies do not allow it.
    #[error("{what} is not allowed for you{}", policy.as_ref().map(|p| format!(" (policy {p})")).unwrap_or_default())]
    Forbidden {
        /// What was asked for.
        what: String,
        /// The policy that forbids it; none where no policy permits it.
        policy: Option<String>,
    },
    /// A field may not be used in this way, because it may not be read as it is.
    #[error("{type_name}.{field} cannot be used in {usage}: you may not read it as it is")]
    FieldForbidden {
        /// The type in the graph.
        type_name: &'static str,
        /// The field.
        field: &'static str,
        /// `filter`, `orderBy`.
        usage: &'static str,
    },
    /// The request does not make sense.
    #[error("{0}")]
    Invalid(String),
    /// There is no such thing, and the request cannot go on without it.
    #[error("{0}")]
    Missing(String),
    /// The thing is busy with the same.
    #[error("{0}")]
    Conflict(String),
    /// The customer is another by now than the one that was looked at.
    #[error("{0}")]
    Stale(Box<Stale>),
    /// The source is paused.
    #[error("{0}")]
    Paused(String),
    /// The person was erased on request, and nothing of theirs comes back.
    #[error("{0}")]
    Erased(String),
    /// A reason must be given.
    #[error("{0}")]
    ReasonNeeded(String),
    /// What was read cannot be written into the audit, so it is not shown.
    #[error("the audit cannot be written at the moment, and nothing is shown without it: try again")]
    Unaudited,
    /// The store failed.
    #[error("could not reach or read the store")]
    Store(#[source] StoreError),
    /// Something that cannot happen happened.
    #[error("an invariant does not hold: {0}")]
    Invariant(&'static str),
}

impl From<StoreError> for AppError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::PageCursor => Self::Invalid(error.to_string()),
            StoreError::ErasureSecret(_) => Self::Conflict(error.to_string()),
            StoreError::Url | StoreError::Database { .. } | StoreError::Migrate(_) | StoreError::Corrupt { .. } => {
                Self::Store(error)
            }
        }
    }
}

impl From<IdentityError> for AppError {
    fn from(error: IdentityError) -> Self {
        match error {
            IdentityError::Store(error) => Self::from(error),
            IdentityError::Stopped | IdentityError::Contended(_) => Self::Conflict(error.to_string()),
            IdentityError::NothingToLearn => Self::Invalid(error.to_string()),
        }
    }
}

impl AppError {
    /// A stable code for clients.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Forbidden { .. } => "FORBIDDEN",
            Self::FieldForbidden { .. } => "FIELD_FORBIDDEN",
            Self::Invalid(_) => "INVALID_INPUT",
            Self::Missing(_) => "NOT_FOUND",
            Self::Conflict(_) => "CONFLICT",
            Self::Stale(_) => "STALE_VERSION",
            Self::Paused(_) => "SOURCE_PAUSED",
            Self::Erased(_) => "ERASED",
            Self::ReasonNeeded(_) => "REASON_NEEDED",
            Self::Unaudited => "AUDIT_UNAVAILABLE",
            Self::Store(_) | Self::Invariant(_) => "INTERNAL",
        }
    }
}
