//! What has become of a field, acknowledged.

use super::{UserError, source_key, user_error};
use crate::app::Session;
use crate::graphql::types::FieldDrift;
use async_graphql::{InputObject, Result, SimpleObject};

/// Which field, and what is said to it.
#[derive(InputObject)]
pub struct DriftAcknowledgeInput {
    /// The key of the source.
    source: String,
    /// The stream.
    stream: String,
    /// Where the field stands, as `drift` tells it.
    path: String,
    /// What is said to it, in at most 1000 characters.
    reason: String,
}

/// The field as it stands.
#[derive(SimpleObject)]
pub struct DriftAcknowledgePayload {
    /// The field.
    field: Option<FieldDrift>,
    /// Why nothing was acknowledged.
    user_errors: Vec<UserError>,
}

pub(super) async fn acknowledge(session: &Session, input: DriftAcknowledgeInput) -> Result<DriftAcknowledgePayload> {
    let DriftAcknowledgeInput { source, stream, path, reason } = input;
    Ok(match session.drift_acknowledge(&source_key(source)?, &stream, &path, &reason).await {
        Ok(field) => DriftAcknowledgePayload { field: Some(FieldDrift(field)), user_errors: Vec::new() },
        Err(error) => DriftAcknowledgePayload { field: None, user_errors: vec![user_error(&error)?] },
    })
}
