//! What a change of a map would do to what is stored.

use super::record::SourceRecord;
use crate::app;
use crate::graphql::loaders::{RecordKey, load};
use crate::graphql::scalars::Json;
use async_graphql::{Context, Description, Object, Result, SimpleObject};

fn signed(count: u64) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

/// In how many records a field would differ.
#[derive(SimpleObject)]
pub struct ReplayField {
    /// The stream.
    stream: String,
    /// The field, as `schema/record.schema.json` names it.
    field: String,
    /// How many records.
    records: i64,
}

/// What the map of now would make of what is stored of a source.
#[derive(Description)]
pub struct ReplayPlan(pub app::ReplayPlan);

#[Object(use_type_description)]
impl ReplayPlan {
    /// Names the plan: `replayApply` takes it, and is refused where the data or the map has moved since.
    pub async fn fingerprint(&self) -> &str {
        &self.0.fingerprint
    }

    /// The map of now.
    pub async fn mapping(&self) -> &str {
        &self.0.mapping
    }

    /// Stored payloads that another map has made into records, and that were mapped once more.
    pub async fn looked_at(&self) -> i64 {
        signed(self.0.looked_at)
    }

    /// Records that would mean something else.
    pub async fn changed(&self) -> i64 {
        signed(self.0.changed)
    }

    /// Records that would be there that are not.
    pub async fn created(&self) -> i64 {
        signed(self.0.created)
    }

    /// Records that would no longer be there.
    pub async fn deleted(&self) -> i64 {
        signed(self.0.deleted)
    }

    /// Payloads that do not fit under the map of now. What is stored of them stays; their next delivery goes into quarantine.
    pub async fn unfit(&self) -> i64 {
        signed(self.0.unfit)
    }

    /// In how many records each field would differ.
    pub async fn fields(&self) -> Vec<ReplayField> {
        let fields = self.0.fields.iter().map(|((stream, field), records)| ReplayField {
            stream: stream.clone(),
            field: field.clone(),
            records: signed(*records),
        });
        fields.collect()
    }

    /// Some of the records.
    pub async fn sample(&self) -> Vec<ReplayedRecord> {
        self.0.samples.iter().cloned().map(ReplayedRecord).collect()
    }
}

/// A record that would differ.
#[derive(Description)]
pub struct ReplayedRecord(app::ReplaySample);

#[Object(use_type_description)]
impl ReplayedRecord {
    /// The record. Null where it would be a new one, or where you may not see it.
    pub async fn record(&self, ctx: &Context<'_>) -> Result<Option<SourceRecord>> {
        Ok(load(ctx, RecordKey(self.0.record)).await?.map(SourceRecord::from))
    }

    /// Its stream.
    pub async fn stream(&self) -> &str {
        &self.0.stream
    }

    /// The fields that would differ.
    pub async fn fields(&self) -> &[String] {
        &self.0.fields
    }

    /// What they say. Null where you may not read the record's payload.
    pub async fn before(&self) -> Option<Json> {
        self.0.values.as_ref().map(|(before, _)| Json(before.clone()))
    }

    /// What they would say. Null where you may not read the record's payload.
    pub async fn after(&self) -> Option<Json> {
        self.0.values.as_ref().map(|(_, after)| Json(after.clone()))
    }
}
