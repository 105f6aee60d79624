//! What a sync would do to a few customers.

use super::customer::{Customer, customer_of};
use super::record::SourceRecord;
use crate::app;
use crate::graphql::loaders::{RecordKey, load};
use crate::graphql::scalars::Json;
use async_graphql::{Context, Description, Enum, Object, Result, SimpleObject};

fn signed(count: u64) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

/// What a sync would do to a stream.
#[derive(SimpleObject)]
pub struct SyncTrialStream {
    /// The stream.
    stream: String,
    /// Records that would be there that are not.
    created: i64,
    /// Records that would be different.
    updated: i64,
    /// Records that are as they are stored.
    unchanged: i64,
    /// Records that the source no longer has.
    deleted: i64,
    /// Payloads that would go into quarantine.
    quarantined: i64,
}

/// What would be refused.
#[derive(SimpleObject)]
pub struct SyncTrialRefused {
    /// The stream.
    stream: String,
    /// Its key in the source. Null where it has none, or where you may not read payloads.
    external_id: Option<String>,
    /// The stable code of the cause.
    code: String,
    /// The cause, without the value.
    message: String,
}

/// A stream or feed that was not read.
#[derive(SimpleObject)]
pub struct SyncTrialFailure {
    /// Its name.
    name: String,
    /// The stable code of the cause.
    code: String,
    /// The cause.
    message: String,
}

/// What would become of a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "app::TrialChange")]
pub enum SyncTrialChange {
    /// It is not there yet.
    Created,
    /// It would be different.
    Updated,
    /// It is as it is stored.
    Unchanged,
    /// The source no longer has it.
    Deleted,
}

/// What matching would do by the evidence alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "app::TrialVerdict")]
pub enum SyncTrialVerdict {
    /// It would link them, unless a guard or a decision keeps them apart.
    Link,
    /// It would ask a person.
    Review,
}

/// What a sync would do to those that were chosen.
#[derive(Description)]
pub struct SyncTrial(pub app::TrialPlan);

#[Object(use_type_description)]
impl SyncTrial {
    /// Names the plan: `syncTrial` with it as `apply` stores what was looked at, and is refused where it has moved since.
    pub async fn fingerprint(&self) -> &str {
        &self.0.fingerprint
    }

    /// Payloads that were read to find those that were chosen.
    pub async fn read(&self) -> i64 {
        signed(self.0.read)
    }

    /// What would be stored, by stream.
    pub async fn streams(&self) -> Vec<SyncTrialStream> {
        let streams = self.0.outcomes.iter().map(|(stream, outcome)| SyncTrialStream {
            stream: stream.clone(),
            created: signed(outcome.created),
            updated: signed(outcome.updated),
            unchanged: signed(outcome.unchanged),
            deleted: signed(outcome.deleted),
            quarantined: signed(outcome.quarantined),
        });
        streams.collect()
    }

    /// The records that were chosen.
    pub async fn records(&self) -> Vec<SyncTrialRecord> {
        self.0.records.iter().cloned().map(SyncTrialRecord).collect()
    }

    /// What would be refused.
    pub async fn refused(&self) -> Vec<SyncTrialRefused> {
        let refused = self.0.refused.iter().cloned().map(|unfit| {
            let app::TrialRefused { stream, external_id, code, message } = unfit;
            SyncTrialRefused { stream, external_id, code, message }
        });
        refused.collect()
    }

    /// Keys that were not found among the first pages of the system. It may have them further on.
    pub async fn missing(&self) -> &[String] {
        &self.0.missing
    }

    /// Streams or feeds that were not read, and why.
    pub async fn failures(&self) -> Vec<SyncTrialFailure> {
        let failures = self.0.errors.iter().map(|(name, code, message)| SyncTrialFailure {
            name: name.clone(),
            code: (*code).to_owned(),
            message: message.clone(),
        });
        failures.collect()
    }
}

/// A record that would be stored.
#[derive(Description)]
pub struct SyncTrialRecord(app::TrialShown);

#[Object(use_type_description)]
impl SyncTrialRecord {
    /// The record as it is stored. Null where it would be a new one, or where you may not see it.
    pub async fn record(&self, ctx: &Context<'_>) -> Result<Option<SourceRecord>> {
        Ok(load(ctx, RecordKey(self.0.record)).await?.map(SourceRecord::from))
    }

    /// Its stream.
    pub async fn stream(&self) -> &str {
        &self.0.stream
    }

    /// What would become of it.
    pub async fn change(&self) -> SyncTrialChange {
        self.0.change.into()
    }

    /// Its key in the source. Null where you may not read its payload.
    pub async fn external_id(&self) -> Option<&str> {
        self.0.content.as_ref().map(|content| content.external_id.as_str())
    }

    /// What is stored of it. Null where nothing is, and where you may not read its payload.
    pub async fn before(&self) -> Option<Json> {
        self.0.content.as_ref().map(|content| Json(content.before.clone())).filter(|Json(before)| !before.is_null())
    }

    /// What it would say. Null where it would be deleted, and where you may not read its payload.
    pub async fn after(&self) -> Option<Json> {
        self.0.content.as_ref().map(|content| Json(content.after.clone())).filter(|Json(after)| !after.is_null())
    }

    /// Whom it would be matched with, the likeliest first: of the customers that you may see, where you review for the
    /// departments of both.
    pub async fn matches(&self) -> Vec<SyncTrialMatch> {
        self.0.matches.iter().copied().map(SyncTrialMatch).collect()
    }
}

/// Somebody whom a record may be.
#[derive(Description)]
pub struct SyncTrialMatch(app::TrialMatch);

#[Object(use_type_description)]
impl SyncTrialMatch {
    /// The customer.
    pub async fn customer(&self, ctx: &Context<'_>) -> Result<Option<Customer>> {
        customer_of(ctx, Some(self.0.customer)).await
    }

    /// How likely, from 0 to 1.
    pub async fn probability(&self) -> f64 {
        self.0.probability
    }

    /// What matching would do.
    pub async fn verdict(&self) -> SyncTrialVerdict {
        self.0.verdict.into()
    }
}
