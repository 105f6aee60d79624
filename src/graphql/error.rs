//! Use case errors as GraphQL errors: message and code for the client, the whole chain for the log, once.

use crate::app::AppError;
use async_graphql::{Error, ErrorExtensions};
use onefold_model::InvalidNodeId;
use std::error::Error as _;
use std::sync::Arc;

/// An error with a stable code.
pub(super) fn coded(code: &'static str, message: impl Into<String>) -> Error {
    Error::new(message).extend_with(|_, extensions| extensions.set("code", code))
}

/// What a client may know of a failed use case.
pub(super) fn failed(error: &AppError) -> Error {
    match error {
        AppError::Store(_) | AppError::Invariant(_) => {
            let mut chain = error.to_string();
            let mut cause = error.source();
            while let Some(inner) = cause {
                chain.push_str(": ");
                chain.push_str(&inner.to_string());
                cause = inner.source();
            }
            tracing::error!(chain, "a request failed");
            coded(error.code(), "the hub could not answer; the operator's log says why")
        }
        AppError::Forbidden { .. }
        | AppError::FieldForbidden { .. }
        | AppError::Invalid(_)
        | AppError::Missing(_)
        | AppError::Conflict(_)
        | AppError::Stale(_)
        | AppError::Paused(_)
        | AppError::Erased(_)
        | AppError::ReasonNeeded(_)
        | AppError::Unaudited => coded(error.code(), error.to_string()),
    }
}

impl From<AppError> for Failure {
    fn from(error: AppError) -> Self {
        Self(Arc::new(error))
    }
}

/// A use case error that many waiters of one batch can share.
#[derive(Clone)]
pub struct Failure(pub Arc<AppError>);

impl From<Failure> for Error {
    fn from(failure: Failure) -> Self {
        failed(&failure.0)
    }
}

/// What is wrong with an id, and of which argument.
pub(super) fn bad_id(argument: &str, error: &InvalidNodeId) -> Error {
    let code = match error {
        InvalidNodeId::WrongKind { .. } => "ID_WRONG_KIND",
        InvalidNodeId::Malformed(_) | InvalidNodeId::UnknownKind(_) => "ID_MALFORMED",
    };
    coded(code, format!("argument {argument}: {error}"))
}
