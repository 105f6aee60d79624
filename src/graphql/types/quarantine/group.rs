//! What waits in quarantine by its cause, and what was discarded.

use super::QuarantinedRecord;
use crate::app::{QuarantineDiscard as Discard, QuarantineGroup as Group};
use crate::graphql::ids::id;
use crate::graphql::loaders::{QuarantineKey, load};
use crate::graphql::types::source::{Source, source_by_id};
use async_graphql::{Context, Description, ID, Object, Result};
use onefold_model::Timestamp;

/// Payloads of one source that do not fit for one cause. Shown to those who may read the causes as they are.
#[derive(Clone, Description)]
pub struct QuarantineGroup(pub Group);

impl QuarantineGroup {
    /// The page cursor of a group in the list of all: its example belongs to no other.
    pub(in crate::graphql) fn cursor(group: &Group) -> String {
        group.example.0.simple().to_string()
    }
}

#[Object(use_type_description)]
impl QuarantineGroup {
    /// The system that delivered them.
    async fn source(&self, ctx: &Context<'_>) -> Result<Option<Source>> {
        source_by_id(ctx, self.0.source)
    }

    /// The stream that they came by.
    async fn stream(&self) -> &str {
        &self.0.cause.stream
    }

    /// The stable code of the cause.
    async fn code(&self) -> &str {
        &self.0.cause.code
    }

    /// The field that does not fit, where it is one.
    async fn path(&self) -> Option<&str> {
        self.0.cause.path.as_deref()
    }

    /// How many payloads wait.
    async fn payloads(&self) -> i64 {
        self.0.payloads
    }

    /// How often they came or were tried again, all together.
    async fn deliveries(&self) -> i64 {
        self.0.deliveries
    }

    /// When the first of them first came.
    async fn first_seen_at(&self) -> Timestamp {
        self.0.first_seen_at
    }

    /// When one of them last came or was last tried again.
    async fn last_seen_at(&self) -> Timestamp {
        self.0.last_seen_at
    }

    /// The one that was last seen, as far as you may see it.
    async fn example(&self, ctx: &Context<'_>) -> Result<Option<QuarantinedRecord>> {
        Ok(load(ctx, QuarantineKey(self.0.example)).await?.map(QuarantinedRecord))
    }
}

/// That payloads of one cause are not to be taken. They stay in quarantine, and one that is delivered again is judged anew.
#[derive(Clone, Description)]
pub struct QuarantineDiscard(pub Discard);

#[Object(use_type_description)]
impl QuarantineDiscard {
    /// The id, by which it is taken back.
    async fn id(&self) -> ID {
        id(self.0.id)
    }

    /// The system that delivered them.
    async fn source(&self, ctx: &Context<'_>) -> Result<Option<Source>> {
        source_by_id(ctx, self.0.source)
    }

    /// The stream that they came by.
    async fn stream(&self) -> &str {
        &self.0.cause.stream
    }

    /// The stable code of the cause.
    async fn code(&self) -> &str {
        &self.0.cause.code
    }

    /// The field that did not fit, where it is one.
    async fn path(&self) -> Option<&str> {
        self.0.cause.path.as_deref()
    }

    /// Only those that were last seen by then.
    async fn up_to(&self) -> Timestamp {
        self.0.up_to
    }

    /// How many payloads that was about.
    async fn payloads(&self) -> i64 {
        self.0.payloads
    }

    /// Who decided.
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

    /// When it was taken back; null while it stands.
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
