//! Source records: facts, as a system delivered them.

use super::restriction::{Restriction, restrictions};
use super::source::{Source, source_by_id};
use crate::app::RecordView;
use crate::graphql::ids::id;
use crate::graphql::loaders::{PastRawKey, RawKey, load};
use crate::graphql::scalars::Json;
use async_graphql::{Context, Description, ID, Object, Result};
use onefold_model::Timestamp;
use std::sync::Arc;

/// A record as a system delivered it. Never edited: a new delivery makes a new version.
#[derive(Clone, Description)]
pub struct SourceRecord(pub Arc<RecordView>);

impl From<RecordView> for SourceRecord {
    fn from(view: RecordView) -> Self {
        Self(Arc::new(view))
    }
}

#[Object(use_type_description)]
impl SourceRecord {
    /// The id of this object, for ever.
    pub async fn id(&self) -> ID {
        id(self.0.row.id)
    }

    /// Rises with every change that the source delivered, from 1.
    pub async fn version(&self) -> i64 {
        self.0.row.version
    }

    /// When this last became different in the hub.
    pub async fn changed_at(&self) -> Timestamp {
        self.0.row.changed_at
    }

    /// The system that delivered it.
    pub async fn source(&self, ctx: &Context<'_>) -> Result<Option<Source>> {
        source_by_id(ctx, self.0.row.source)
    }

    /// Its key there.
    pub async fn external_id(&self) -> Option<String> {
        self.0.fields.get("externalId")
    }

    /// The stream that it came by.
    pub async fn stream(&self) -> Option<String> {
        self.0.fields.get("stream")
    }

    /// What it is: `party`, `invoice`, `ticket`, …
    pub async fn kind(&self) -> &str {
        self.0.row.kind.as_str()
    }

    /// When this version was received.
    pub async fn received_at(&self) -> Option<Timestamp> {
        self.0.fields.get("receivedAt")
    }

    /// When the system was seen without it.
    pub async fn deleted_at_source(&self) -> Option<Timestamp> {
        self.0.fields.get("deletedAtSource")
    }

    /// SHA-256 of the payload.
    pub async fn content_hash(&self) -> Option<String> {
        self.0.fields.get("contentHash")
    }

    /// The payload, word for word.
    pub async fn raw(&self, ctx: &Context<'_>) -> Result<Option<Json>> {
        let row = &self.0.row;
        let raw = if self.0.past {
            load(ctx, PastRawKey((row.id, row.version))).await?
        } else {
            load(ctx, RawKey(row.id)).await?
        };
        Ok(raw.map(Json))
    }

    /// What you may not see here, and why.
    pub async fn restrictions(&self) -> Vec<Restriction> {
        restrictions(&self.0.restrictions)
    }
}
