//! Keys of machines that push records.

use super::source::{Source, source_by_id};
use crate::app::{ApiKeyState as State, ApiKeyView};
use crate::graphql::ids::id;
use async_graphql::{Context, Description, Enum, ID, Object, Result};
use onefold_model::Timestamp;

/// How a key stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
pub enum ApiKeyState {
    /// It opens the door.
    Active,
    /// Its time is over.
    Expired,
    /// Somebody has taken it back.
    Revoked,
}

impl From<State> for ApiKeyState {
    fn from(state: State) -> Self {
        match state {
            State::Active => Self::Active,
            State::Expired => Self::Expired,
            State::Revoked => Self::Revoked,
        }
    }
}

/// A key with which a machine pushes records into one source, and does nothing else. Shown to those who administer the
/// department of the source.
#[derive(Clone, Description)]
pub struct ApiKey(pub ApiKeyView);

#[Object(use_type_description)]
impl ApiKey {
    /// The id of the key. It is part of the key's text, so that one that was found can be revoked.
    pub async fn id(&self) -> ID {
        id(self.0.row.id)
    }

    /// The source that it may push into.
    pub async fn source(&self, ctx: &Context<'_>) -> Result<Option<Source>> {
        source_by_id(ctx, self.0.source.id)
    }

    /// What people call it.
    pub async fn name(&self) -> &str {
        &self.0.row.name
    }

    /// How it stands.
    pub async fn state(&self) -> ApiKeyState {
        self.0.state.into()
    }

    /// When it was made.
    pub async fn created_at(&self) -> Timestamp {
        self.0.row.created_at
    }

    /// Who made it.
    pub async fn created_by(&self) -> &str {
        &self.0.row.created_by
    }

    /// From then on it is refused.
    pub async fn expires_at(&self) -> Timestamp {
        self.0.row.expires_at
    }

    /// Since when it is revoked.
    pub async fn revoked_at(&self) -> Option<Timestamp> {
        self.0.row.revoked_at
    }

    /// Who revoked it.
    pub async fn revoked_by(&self) -> Option<&str> {
        self.0.row.revoked_by.as_deref()
    }

    /// When it last opened the door, to the minute. Null where it never did.
    pub async fn last_used_at(&self) -> Option<Timestamp> {
        self.0.row.last_used_at
    }
}
