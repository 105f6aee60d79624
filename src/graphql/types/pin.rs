//! Values that stewards hold fast.

use super::candidate::record;
use super::record::SourceRecord;
use crate::app::PinRow;
use crate::graphql::ids::id;
use async_graphql::{Context, Description, ID, Object, Result};
use onefold_model::Timestamp;

/// Of one field, what one record says is what the customer shows. Shown to those who review for the record's department.
#[derive(Clone, Description)]
pub struct ValuePin(pub PinRow);

#[Object(use_type_description)]
impl ValuePin {
    /// The id of the pin, by which it is taken back.
    async fn id(&self) -> ID {
        id(self.0.id)
    }

    /// The record whose word counts.
    async fn source_record(&self, ctx: &Context<'_>) -> Result<Option<SourceRecord>> {
        record(ctx, Some(self.0.record)).await
    }

    /// The field.
    async fn path(&self) -> &str {
        &self.0.path
    }

    /// Who pinned it.
    async fn by(&self) -> &str {
        &self.0.actor
    }

    /// Why.
    async fn reason(&self) -> &str {
        &self.0.reason
    }

    /// When.
    async fn made_at(&self) -> Timestamp {
        self.0.made_at
    }

    /// Until when it holds; null for ever.
    async fn expires_at(&self) -> Option<Timestamp> {
        self.0.expires_at
    }

    /// When it was taken back, or ended; null while it stands.
    async fn undone_at(&self) -> Option<Timestamp> {
        self.0.undone.as_ref().map(|undone| undone.at)
    }

    /// Who took it back.
    async fn undone_by(&self) -> Option<&str> {
        self.0.undone.as_ref().map(|undone| undone.by.as_str())
    }

    /// Why it was taken back.
    async fn undone_reason(&self) -> Option<&str> {
        self.0.undone.as_ref().map(|undone| undone.reason.as_str())
    }
}
