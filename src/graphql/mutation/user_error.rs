//! What a mutation could not do, as data: one interface, a type for each way in which the caller can act on it.

use super::super::error::failed;
use super::super::scalars::Json;
use crate::app::{AppError, ValueDifference};
use async_graphql::{Interface, Result, SimpleObject};
use std::fmt::Display;

/// The members, each with what all have, and the interface over them.
macro_rules! user_errors {
    ($($(#[doc = $doc:literal])+ $variant:ident($name:ident) { $($(#[doc = $told:literal])+ $field:ident: $ty:ty,)* })*) => {
        $(
            $(#[doc = $doc])+
            #[derive(Debug, Clone, SimpleObject)]
            pub struct $name {
                /// A stable code.
                code: String,
                /// What, and what to do.
                message: String,
                /// The part of the input.
                path: Option<Vec<String>>,
                $($(#[doc = $told])+ $field: $ty,)*
            }
        )*

        /// Something that a mutation could not do, as data. More members may come: ask for what all have, and for what some tell
        /// besides in fragments.
        #[derive(Debug, Clone, Interface)]
        #[graphql(
            field(name = "code", ty = "&String", desc = "A stable code."),
            field(name = "message", ty = "&String", desc = "What, and what to do."),
            field(name = "path", ty = "&Option<Vec<String>>", desc = "The part of the input.")
        )]
        pub enum UserError {
            $($(#[doc = $doc])+ $variant($name),)*
        }
    };
}

user_errors! {
    /// What was asked for makes no sense as it is.
    Validation(ValidationError) {}
    /// A reason must be given.
    ReasonNeeded(ReasonNeededError) {}
    /// The policies do not allow it.
    Forbidden(ForbiddenError) {
        /// The policy that forbids it; null where no policy permits it.
        policy: Option<String>,
    }
    /// A field may not be used so, because you may not read it as it is.
    FieldForbidden(FieldForbiddenError) {
        /// The type in the graph.
        type_name: String,
        /// The field.
        field: String,
    }
    /// There is no such thing, or none that you may see.
    NotFound(NotFoundError) {}
    /// It stands otherwise than was thought, or is busy with the same.
    Conflict(ConflictError) {}
    /// The source is paused.
    Paused(PausedError) {}
    /// The person was erased on request, and nothing of theirs comes back.
    ErasedSubject(ErasedSubjectError) {}
    /// What would be read cannot be written into the audit at the moment. Try again.
    AuditUnavailable(AuditUnavailableError) {}
    /// The plan that was looked at would do something else by now. Look at it again.
    PlanMoved(PlanMovedError) {
        /// The fingerprint of what it would do now.
        fingerprint: String,
    }
    /// The customer is another by now than the one that was looked at.
    StaleVersion(StaleVersionError) {
        /// The version that was looked at.
        if_version: i64,
        /// Its version now.
        current_version: i64,
        /// Whether it can still be read as it was. Where not, every `base` is null, and only the field that was asked for is told.
        base_known: bool,
        /// The fields in which that version, what is now and what was asked for are not the same.
        differences: Vec<FieldDifference>,
    }
    /// A record did not fit.
    RecordUnfit(RecordUnfitError) {}
}

/// A field of a customer three times over, under your rights: what was looked at, what is, and what was asked for.
#[derive(Debug, Clone, SimpleObject)]
pub struct FieldDifference {
    /// The field, as `provenance` names it.
    field: String,
    /// Its value in the version that was looked at; null where it had none, where you may not see it, and where that past cannot
    /// be read.
    base: Option<Json>,
    /// Its value now.
    current: Option<Json>,
    /// What was asked for, where it was asked for this field.
    yours: Option<Json>,
}

impl From<ValueDifference> for FieldDifference {
    fn from(difference: ValueDifference) -> Self {
        let ValueDifference { field, base, current, yours } = difference;
        Self { field, base: base.map(Json), current: current.map(Json), yours: yours.map(Json) }
    }
}

impl UserError {
    /// The plan has moved.
    pub(super) fn moved(message: impl Into<String>, fingerprint: &impl Display) -> Self {
        let (code, message, fingerprint) = ("PLAN_MOVED".to_owned(), message.into(), fingerprint.to_string());
        Self::PlanMoved(PlanMovedError { code, message, path: None, fingerprint })
    }

    /// A record did not fit.
    pub(super) fn unfit(code: &str, message: String) -> Self {
        Self::RecordUnfit(RecordUnfitError { code: code.to_owned(), message, path: None })
    }
}

/// Outcomes that the caller can act on are data; what only the operator can act on is an error.
pub(super) fn user_error(error: &AppError) -> Result<UserError> {
    let (code, message, path) = (error.code().to_owned(), error.to_string(), None);
    Ok(match error {
        AppError::Store(_) | AppError::Invariant(_) => return Err(failed(error)),
        AppError::Forbidden { policy, .. } => {
            UserError::Forbidden(ForbiddenError { code, message, path, policy: policy.clone() })
        }
        AppError::FieldForbidden { type_name, field, .. } => {
            let (type_name, field) = ((*type_name).to_owned(), (*field).to_owned());
            UserError::FieldForbidden(FieldForbiddenError { code, message, path, type_name, field })
        }
        AppError::Invalid(_) => UserError::Validation(ValidationError { code, message, path }),
        AppError::Missing(_) => UserError::NotFound(NotFoundError { code, message, path }),
        AppError::Conflict(_) => UserError::Conflict(ConflictError { code, message, path }),
        AppError::Paused(_) => UserError::Paused(PausedError { code, message, path }),
        AppError::Erased(_) => UserError::ErasedSubject(ErasedSubjectError { code, message, path }),
        AppError::ReasonNeeded(_) => UserError::ReasonNeeded(ReasonNeededError { code, message, path }),
        AppError::Unaudited => UserError::AuditUnavailable(AuditUnavailableError { code, message, path }),
        AppError::Stale(stale) => UserError::StaleVersion(StaleVersionError {
            code,
            message,
            path,
            if_version: stale.looked_at,
            current_version: stale.current,
            base_known: stale.is_base_known,
            differences: stale.differences.iter().cloned().map(FieldDifference::from).collect(),
        }),
    })
}
