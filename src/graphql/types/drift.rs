//! What has become of the fields of a source's payloads.

use crate::app::{DriftKind, DriftState, FieldDrift as Drift};
use crate::graphql::loaders::{SampleKey, load};
use crate::graphql::scalars::Json;
use async_graphql::{Context, Description, Enum, Object, Result};
use onefold_model::Timestamp;

/// What has become of a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
pub enum FieldDriftKind {
    /// It was there when the stream was first read, and neither the map nor the manifest reads it.
    Unread,
    /// It came later, and neither the map nor the manifest reads it. The raw payloads hold it.
    New,
    /// It holds something else than before.
    Changed,
    /// Nearly all payloads had it, and the last ones have not.
    Vanished,
}

impl From<DriftKind> for FieldDriftKind {
    fn from(kind: DriftKind) -> Self {
        match kind {
            DriftKind::Unread => Self::Unread,
            DriftKind::New => Self::New,
            DriftKind::Changed => Self::Changed,
            DriftKind::Vanished => Self::Vanished,
        }
    }
}

/// Which fields are told.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Enum)]
pub enum FieldDriftShown {
    /// Those that came, changed or vanished, and that nobody has acknowledged.
    #[default]
    Open,
    /// Also those that were acknowledged, and those that were there from the start and that nothing reads.
    All,
}

impl FieldDriftShown {
    /// Whether this one is told.
    pub fn has(self, drift: &Drift) -> bool {
        match self {
            Self::All => true,
            Self::Open => drift.state == DriftState::Open,
        }
    }
}

/// A field of a stream, and what has become of it. Seen in samples: the first payloads of a page, or every so many of a long
/// one.
#[derive(Description)]
pub struct FieldDrift(pub Drift);

#[Object(use_type_description)]
impl FieldDrift {
    /// The stream.
    pub async fn stream(&self) -> &str {
        &self.0.row.stream
    }

    /// Where it stands, as a map writes it: `address.city`, `lines.*.sku`.
    pub async fn path(&self) -> &str {
        &self.0.row.path
    }

    /// What has become of it.
    pub async fn kind(&self) -> FieldDriftKind {
        self.0.kind.into()
    }

    /// What it has held: `text`, `number`, `flag`, `object`, `list`. Empty where it was always null.
    pub async fn forms(&self) -> Vec<&str> {
        self.0.row.forms.split('|').filter(|form| !form.is_empty()).collect()
    }

    /// What it had held before it changed.
    pub async fn forms_before(&self) -> Option<Vec<&str>> {
        self.0.row.changed.as_ref().map(|(forms, _)| forms.split('|').collect())
    }

    /// When it changed.
    pub async fn changed_at(&self) -> Option<Timestamp> {
        self.0.row.changed.as_ref().map(|(_, at)| *at)
    }

    /// When it was first seen.
    pub async fn first_seen_at(&self) -> Timestamp {
        self.0.row.first_seen_at
    }

    /// When it was last seen.
    pub async fn last_seen_at(&self) -> Timestamp {
        self.0.row.last_seen_at
    }

    /// In how many of the payloads that were looked at it stood.
    pub async fn count(&self) -> i64 {
        self.0.row.times
    }

    /// How many payloads of the stream were looked at.
    pub async fn looked_at(&self) -> i64 {
        self.0.row.observed
    }

    /// A few of its values, from payloads that you may read word for word; empty where you may read none. Texts are cut at 200
    /// characters.
    pub async fn samples(&self, ctx: &Context<'_>) -> Result<Vec<Json>> {
        let row = &self.0.row;
        let key = SampleKey((row.source, row.stream.clone(), row.path.clone()));
        Ok(load(ctx, key).await?.unwrap_or_default().into_iter().map(Json).collect())
    }

    /// When somebody last said that they know.
    pub async fn acknowledged_at(&self) -> Option<Timestamp> {
        self.0.row.acknowledged.as_ref().map(|known| known.at)
    }

    /// Who did.
    pub async fn acknowledged_by(&self) -> Option<&str> {
        self.0.row.acknowledged.as_ref().map(|known| known.by.as_str())
    }

    /// What they say to it.
    pub async fn acknowledged_reason(&self) -> Option<&str> {
        self.0.row.acknowledged.as_ref().map(|known| known.reason.as_str())
    }
}
