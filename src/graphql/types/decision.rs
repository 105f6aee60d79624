//! What stewards decided.

use super::candidate::record;
use super::record::SourceRecord;
use crate::app::{DecisionRow, Verdict};
use crate::graphql::ids::id;
use async_graphql::{Context, Description, Enum, ID, Object, Result};
use onefold_model::Timestamp;

/// What is decided about two records.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
pub enum DecisionKind {
    /// They are of one customer.
    Link,
    /// They are of different customers, whatever speaks for one.
    NeverLink,
}

impl From<DecisionKind> for Verdict {
    fn from(kind: DecisionKind) -> Self {
        match kind {
            DecisionKind::Link => Self::Link,
            DecisionKind::NeverLink => Self::NeverLink,
        }
    }
}

/// What a steward decided about two records. Shown to those who review for the departments of both.
#[derive(Clone, Description)]
pub struct StewardDecision(pub DecisionRow);

#[Object(use_type_description)]
impl StewardDecision {
    /// The id of the decision, by which it is taken back.
    pub async fn id(&self) -> ID {
        id(self.0.id)
    }

    /// What was decided.
    pub async fn kind(&self) -> DecisionKind {
        if self.0.kind == crate::app::LINK { DecisionKind::Link } else { DecisionKind::NeverLink }
    }

    /// The one record.
    pub async fn left_record(&self, ctx: &Context<'_>) -> Result<Option<SourceRecord>> {
        record(ctx, Some(self.0.left)).await
    }

    /// The other record.
    pub async fn right_record(&self, ctx: &Context<'_>) -> Result<Option<SourceRecord>> {
        record(ctx, Some(self.0.right)).await
    }

    /// Who decided.
    pub async fn by(&self) -> &str {
        &self.0.actor
    }

    /// Why.
    pub async fn reason(&self) -> &str {
        &self.0.reason
    }

    /// When.
    pub async fn made_at(&self) -> Timestamp {
        self.0.made_at
    }

    /// The model of matching that was in place; null where the model followed the records.
    pub async fn model(&self) -> Option<&str> {
        self.0.model.as_deref()
    }

    /// When it was taken back; null while it stands.
    pub async fn undone_at(&self) -> Option<Timestamp> {
        self.0.undone.as_ref().map(|undone| undone.at)
    }

    /// Who took it back.
    pub async fn undone_by(&self) -> Option<&str> {
        self.0.undone.as_ref().map(|undone| undone.by.as_str())
    }

    /// Why it was taken back.
    pub async fn undone_reason(&self) -> Option<&str> {
        self.0.undone.as_ref().map(|undone| undone.reason.as_str())
    }
}
