//! The header with which those who write policies look through the eyes of a department or role.
//!
//! Promises: the answer shows only what both the caller and those may see; nothing is changed on the way. Whoever may not
//! administer every department is refused, and so is a header that does not read: seeing more than was asked for would be
//! worse than seeing nothing.

use crate::app::{AccessAsk, AppError, Session};
use crate::graphql::HubSchema;
use async_graphql::Request;
use axum::http::{HeaderMap, StatusCode};

/// `onefold-view-as: departments=support,billing; roles=steward`
const HEADER: &str = "onefold-view-as";

/// Why a view is refused, as status, code and message.
pub(super) type Refusal = (StatusCode, &'static str, String);

/// The session as the header narrows it; as it is where there is none.
pub(super) fn viewed(
    schema: &HubSchema,
    session: Session,
    headers: &HeaderMap,
    request: &Request,
) -> Result<Session, Refusal> {
    if !headers.contains_key(HEADER) {
        return Ok(session);
    }
    let ask = read(headers).ok_or_else(|| {
        let message = format!("the header {HEADER} does not read: write departments=a,b; roles=c");
        (StatusCode::BAD_REQUEST, "BAD_REQUEST", message)
    })?;
    if !schema.only_reads(request) {
        let message = format!("a request with the header {HEADER} changes nothing: send the mutation without it");
        return Err((StatusCode::BAD_REQUEST, "VIEW_AS_READS_ONLY", message));
    }
    session.view_as(ask).map_err(|error| {
        let status = match error {
            AppError::Forbidden { .. } => StatusCode::FORBIDDEN,
            AppError::FieldForbidden { .. }
            | AppError::Invalid(_)
            | AppError::Missing(_)
            | AppError::Conflict(_)
            | AppError::Stale(_)
            | AppError::Paused(_)
            | AppError::Erased(_)
            | AppError::ReasonNeeded(_)
            | AppError::Store(_)
            | AppError::Unaudited
            | AppError::Invariant(_) => StatusCode::BAD_REQUEST,
        };
        (status, error.code(), error.to_string())
    })
}

/// Nothing where the header is there twice, is no text, or has a part that is not known.
fn read(headers: &HeaderMap) -> Option<AccessAsk> {
    let mut values = headers.get_all(HEADER).iter();
    let text = values.next()?.to_str().ok()?;
    if values.next().is_some() {
        return None;
    }
    let mut ask = AccessAsk::default();
    for part in text.split(';').map(str::trim).filter(|part| !part.is_empty()) {
        let (name, list) = part.split_once('=')?;
        let names = list.split(',').map(str::trim).filter(|name| !name.is_empty()).map(str::to_owned);
        match name.trim() {
            "departments" => ask.departments.extend(names),
            "roles" => ask.roles.extend(names),
            _ => return None,
        }
    }
    Some(ask)
}
