//! Sync runs, with what each did to each stream.

use super::restriction::{Restriction, restrictions};
use super::source::{Source, source_by_id};
use crate::app::{RunRow, RunState as State, Session, StreamProgress};
use crate::graphql::ids::id;
use crate::graphql::loaders::{StreamsKey, load};
use async_graphql::{Context, Description, Enum, ID, Object, Result};
use onefold_model::Timestamp;

/// How a run, or a stream within it, stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
pub enum SyncState {
    /// Going on.
    Running,
    /// Everything was read.
    Succeeded,
    /// Some streams were read and some failed.
    Partial,
    /// Nothing could be read to its end.
    Failed,
    /// The process ended before the run did; the next run goes on from its checkpoints.
    Interrupted,
    /// Somebody ended it; what was read until then stays, and the next run goes on from there.
    Cancelled,
}

impl From<State> for SyncState {
    fn from(state: State) -> Self {
        match state {
            State::Running => Self::Running,
            State::Succeeded => Self::Succeeded,
            State::Partial => Self::Partial,
            State::Failed => Self::Failed,
            State::Interrupted => Self::Interrupted,
            State::Cancelled => Self::Cancelled,
        }
    }
}

/// One run of a sync.
#[derive(Clone, Description)]
pub struct SyncRun(pub RunRow);

#[Object(use_type_description)]
impl SyncRun {
    /// The id of this object, for ever.
    pub async fn id(&self) -> ID {
        id(self.0.id)
    }

    /// The system that was read.
    pub async fn source(&self, ctx: &Context<'_>) -> Result<Option<Source>> {
        source_by_id(ctx, self.0.source)
    }

    /// How it went.
    pub async fn state(&self) -> SyncState {
        self.0.state.into()
    }

    /// What set it off.
    pub async fn trigger(&self) -> &str {
        &self.0.trigger
    }

    /// When it began.
    pub async fn started_at(&self) -> Timestamp {
        self.0.started_at
    }

    /// When it ended.
    pub async fn finished_at(&self, ctx: &Context<'_>) -> Option<Timestamp> {
        self.0.finished_at.filter(|_| self.shows(ctx, "finishedAt"))
    }

    /// Why it failed.
    pub async fn error(&self, ctx: &Context<'_>) -> Option<&str> {
        self.0.error.as_deref().filter(|_| self.shows(ctx, "error"))
    }

    /// What it did, by stream. Live while it is running.
    pub async fn streams(&self, ctx: &Context<'_>) -> Result<Vec<SyncStream>> {
        if !self.shows(ctx, "streams") {
            return Ok(Vec::new());
        }
        let streams = load(ctx, StreamsKey(self.0.id)).await?.unwrap_or_default();
        Ok(streams.into_iter().map(SyncStream).collect())
    }

    /// What you may not see here, and why.
    pub async fn restrictions(&self, ctx: &Context<'_>) -> Result<Vec<Restriction>> {
        Ok(restrictions(&ctx.data::<Session>()?.run_restrictions(&self.0)))
    }
}

impl SyncRun {
    fn shows(&self, ctx: &Context<'_>, field: &str) -> bool {
        let withheld = ctx.data::<Session>().map(|session| session.run_restrictions(&self.0));
        withheld.is_ok_and(|withheld| withheld.iter().all(|restriction| restriction.path != field))
    }
}

/// What a run did to one stream.
#[derive(Description)]
pub struct SyncStream(pub StreamProgress);

#[Object(use_type_description)]
impl SyncStream {
    /// The stream.
    pub async fn stream(&self) -> &str {
        &self.0.stream
    }

    /// How it went.
    pub async fn state(&self) -> SyncState {
        self.0.state.into()
    }

    /// Pages written.
    pub async fn pages(&self) -> i64 {
        self.0.pages
    }

    /// Payloads read.
    pub async fn read(&self) -> i64 {
        self.0.records_read
    }

    /// Records that were not there before.
    pub async fn created(&self) -> i64 {
        self.0.created
    }

    /// Records that became different.
    pub async fn updated(&self) -> i64 {
        self.0.updated
    }

    /// Records that were the same.
    pub async fn unchanged(&self) -> i64 {
        self.0.unchanged
    }

    /// Records that the system no longer has.
    pub async fn deleted(&self) -> i64 {
        self.0.deleted
    }

    /// Payloads that did not fit.
    pub async fn quarantined(&self) -> i64 {
        self.0.quarantined
    }

    /// A stable code of the error that stopped it.
    pub async fn error_code(&self) -> Option<&str> {
        self.0.error_code.as_deref()
    }

    /// What stopped it.
    pub async fn error(&self) -> Option<&str> {
        self.0.error.as_deref()
    }
}
