//! Who said a golden value, why it won, and what lost.

use super::record::SourceRecord;
use super::source::{Source, source_by_id};
use crate::app::{Losing, Provenance};
use crate::graphql::loaders::{RecordKey, load};
use crate::graphql::scalars::Json;
use async_graphql::{Context, Description, Object, Result};
use onefold_model::Timestamp;

/// Where a golden value comes from.
#[derive(Description)]
pub struct FieldProvenance(pub Provenance);

#[Object(use_type_description)]
impl FieldProvenance {
    /// The field of the customer.
    pub async fn path(&self) -> &str {
        &self.0.path
    }

    /// The value, under the same rights as the field itself.
    pub async fn value(&self) -> Option<Json> {
        self.0.value.clone().map(Json)
    }

    /// The rule that chose it: `MOST_RECENT`, `VERIFIED`, `MOST_FREQUENT`, `MOST_COMPLETE`, `SOURCE_PRIORITY`.
    pub async fn rule(&self) -> &str {
        &self.0.rule
    }

    /// The system that said it.
    pub async fn source(&self, ctx: &Context<'_>) -> Result<Option<Source>> {
        source_by_id(ctx, self.0.said.source)
    }

    /// The record that said it.
    pub async fn source_record(&self, ctx: &Context<'_>) -> Result<Option<SourceRecord>> {
        Ok(load(ctx, RecordKey(self.0.said.record)).await?.map(SourceRecord::from))
    }

    /// When that record last became different.
    pub async fn observed_at(&self) -> Timestamp {
        self.0.observed_at
    }

    /// The values that lost.
    pub async fn alternatives(&self) -> Vec<LosingValue> {
        self.0.alternatives.iter().cloned().map(LosingValue).collect()
    }
}

/// A value that another one was preferred to.
#[derive(Description)]
pub struct LosingValue(pub Losing);

#[Object(use_type_description)]
impl LosingValue {
    /// The value, under the rights of its own source.
    pub async fn value(&self) -> Option<Json> {
        self.0.value.clone().map(Json)
    }

    /// Why it lost.
    pub async fn lost_because(&self) -> &str {
        &self.0.lost_because
    }

    /// The system that said it.
    pub async fn source(&self, ctx: &Context<'_>) -> Result<Option<Source>> {
        source_by_id(ctx, self.0.said.source)
    }

    /// The record that said it.
    pub async fn source_record(&self, ctx: &Context<'_>) -> Result<Option<SourceRecord>> {
        Ok(load(ctx, RecordKey(self.0.said.record)).await?.map(SourceRecord::from))
    }

    /// When that record last became different.
    pub async fn observed_at(&self) -> Timestamp {
        self.0.observed_at
    }
}
