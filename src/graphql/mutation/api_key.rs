//! Making and revoking keys of machines.

use super::{UserError, source_key, user_error};
use crate::app::Session;
use crate::graphql::ids::typed_id;
use crate::graphql::types::ApiKey;
use async_graphql::{ID, InputObject, Result, SimpleObject};
use onefold_model::ApiKeyId;

/// A key to be made.
#[derive(InputObject)]
pub struct ApiKeyCreateInput {
    /// The key of the source that it may push into.
    source: String,
    /// What people call it: the machine or the job that gets it.
    name: String,
    /// For how many days it is made, at most 1830.
    #[graphql(default = 365)]
    days: i32,
}

/// The key, or why there is none.
#[derive(SimpleObject)]
pub struct ApiKeyCreatePayload {
    /// The key.
    api_key: Option<ApiKey>,
    /// Its text, for the machine's `Authorization: Bearer`. Shown this once: the hub keeps only a hash of it.
    secret: Option<String>,
    /// Why there is none.
    user_errors: Vec<UserError>,
}

/// Which key is revoked.
#[derive(InputObject)]
pub struct ApiKeyRevokeInput {
    /// Its id.
    id: ID,
}

/// The key, or why it was not revoked.
#[derive(SimpleObject)]
pub struct ApiKeyRevokePayload {
    /// The key.
    api_key: Option<ApiKey>,
    /// Why it was not revoked.
    user_errors: Vec<UserError>,
}

pub(super) async fn create(session: &Session, input: ApiKeyCreateInput) -> Result<ApiKeyCreatePayload> {
    // What is below nothing is refused as nothing is.
    let days = u32::try_from(input.days).unwrap_or(0);
    Ok(match session.api_key_create(&source_key(input.source)?, &input.name, days).await {
        Ok((view, secret)) => {
            ApiKeyCreatePayload { api_key: Some(ApiKey(view)), secret: Some(secret), user_errors: Vec::new() }
        }
        Err(error) => ApiKeyCreatePayload { api_key: None, secret: None, user_errors: vec![user_error(&error)?] },
    })
}

pub(super) async fn revoke(session: &Session, input: ApiKeyRevokeInput) -> Result<ApiKeyRevokePayload> {
    let id: ApiKeyId = typed_id("input.id", &input.id)?;
    Ok(match session.api_key_revoke(id).await {
        Ok(view) => ApiKeyRevokePayload { api_key: Some(ApiKey(view)), user_errors: Vec::new() },
        Err(error) => ApiKeyRevokePayload { api_key: None, user_errors: vec![user_error(&error)?] },
    })
}
