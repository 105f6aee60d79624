//! What did not fit.

mod group;

pub use group::{QuarantineDiscard, QuarantineGroup};

use super::restriction::{Restriction, restrictions};
use super::source::{Source, source_by_id};
use crate::app::QuarantineView;
use crate::graphql::ids::id;
use crate::graphql::scalars::Json;
use async_graphql::{Context, Description, ID, Object, Result};
use onefold_model::Timestamp;
use std::sync::Arc;

/// A payload that did not fit, kept whole with its cause.
#[derive(Clone, Description)]
pub struct QuarantinedRecord(pub Arc<QuarantineView>);

#[Object(name = "Quarantine", use_type_description)]
impl QuarantinedRecord {
    /// The id of this object, for ever.
    pub async fn id(&self) -> ID {
        id(self.0.row.id)
    }

    /// The system that delivered it.
    pub async fn source(&self, ctx: &Context<'_>) -> Result<Option<Source>> {
        source_by_id(ctx, self.0.row.source)
    }

    /// The stream that it came by.
    pub async fn stream(&self) -> Option<String> {
        self.0.fields.get("stream")
    }

    /// Its key, where it has one.
    pub async fn external_id(&self) -> Option<String> {
        self.0.fields.get("externalId")
    }

    /// A stable code of the cause.
    pub async fn code(&self) -> Option<String> {
        self.0.fields.get("code")
    }

    /// The field that did not fit.
    pub async fn path(&self) -> Option<String> {
        self.0.fields.get("path")
    }

    /// Where in the file or answer.
    pub async fn place(&self) -> Option<String> {
        self.0.fields.get("place")
    }

    /// The cause in words.
    pub async fn message(&self) -> Option<String> {
        self.0.fields.get("message")
    }

    /// The payload, word for word.
    pub async fn raw(&self) -> Option<Json> {
        self.0.fields.get("raw").map(Json)
    }

    /// When it first came.
    pub async fn first_seen_at(&self) -> Timestamp {
        self.0.row.first_seen_at
    }

    /// When it last came.
    pub async fn last_seen_at(&self) -> Timestamp {
        self.0.row.last_seen_at
    }

    /// How often it came.
    pub async fn times(&self) -> i64 {
        self.0.row.times
    }

    /// What you may not see here, and why.
    pub async fn restrictions(&self) -> Vec<Restriction> {
        restrictions(&self.0.restrictions)
    }
}
