//! What stewards decided.

use super::candidate::record;
use super::record::SourceRecord;
use crate::app::{DecisionRow, DecisionScope as Scope, LATER, LINK, SCOPE_CUSTOMERS, Verdict};
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
    /// The pair is looked at again later.
    Later,
}

impl DecisionKind {
    /// From its word in the store.
    pub fn of(word: &str) -> Self {
        match word {
            LINK => Self::Link,
            LATER => Self::Later,
            _ => Self::NeverLink,
        }
    }
}

/// How far a never-link reaches.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Enum)]
pub enum DecisionScope {
    /// The two records, and with them whoever is with them.
    #[default]
    Records,
    /// Every record of the one customer and every record of the other, as they are now: also one that leaves its customer
    /// later on.
    Customers,
}

impl From<DecisionScope> for Scope {
    fn from(scope: DecisionScope) -> Self {
        match scope {
            DecisionScope::Records => Self::Records,
            DecisionScope::Customers => Self::Customers,
        }
    }
}

impl From<DecisionKind> for Verdict {
    fn from(kind: DecisionKind) -> Self {
        match kind {
            DecisionKind::Link => Self::Link,
            DecisionKind::NeverLink => Self::NeverLink,
            DecisionKind::Later => Self::Later,
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
        DecisionKind::of(&self.0.kind)
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

    /// Until when it holds; null for ever.
    pub async fn expires_at(&self) -> Option<Timestamp> {
        self.0.expires_at
    }

    /// How far it reaches.
    pub async fn scope(&self) -> DecisionScope {
        if self.0.scope == SCOPE_CUSTOMERS { DecisionScope::Customers } else { DecisionScope::Records }
    }

    /// The plan that it was made by; null where it was made by itself.
    pub async fn plan(&self) -> Option<ID> {
        self.0.plan.map(id)
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
