//! The data map, and how fresh streams are.

use super::source::{Source, source_by_id};
use super::sync_run::SyncState;
use crate::app::{DataMapEntry as Entry, Session, StreamFreshness as Freshness};
use async_graphql::{Context, Description, Object, Result};
use onefold_model::Timestamp;

/// How a system fills a standard field. Told where you may read the field, as it is, of that system's department; only what
/// you may see is counted.
#[derive(Clone, Description)]
pub struct DataMapEntry(pub Entry);

#[Object(use_type_description)]
impl DataMapEntry {
    /// The type that has the field; that of a person or an organisation is `Customer`.
    #[graphql(name = "type")]
    async fn type_name(&self) -> &str {
        self.0.type_name
    }

    /// The field.
    async fn field(&self) -> &str {
        self.0.field
    }

    /// The system.
    async fn source(&self, ctx: &Context<'_>) -> Result<Option<Source>> {
        source_by_id(ctx, self.0.source)
    }

    /// Records of the system that could say something in the field: those that it still has.
    async fn records(&self) -> i64 {
        self.0.records
    }

    /// Those that do.
    async fn filled(&self) -> i64 {
        self.0.filled
    }

    /// From 0 to 1: filled of records.
    async fn fill_rate(&self) -> f64 {
        if self.0.records == 0 { 0.0 } else { self.0.filled as f64 / self.0.records as f64 }
    }

    /// When a record that fills it last arrived or became different.
    async fn last_arrival_at(&self) -> Option<Timestamp> {
        self.0.last_arrival_at
    }

    /// Of the customers that are made of several records: how many show this system's value. Null for fields of which a
    /// customer shows every value, and of what is no field of a customer.
    async fn wins(&self) -> Option<i64> {
        self.0.golden.map(|golden| golden.wins)
    }

    /// Of the customers that are made of several records: of how many this system and another one say different things, and
    /// one of the two is shown. Null where `wins` is.
    async fn conflicts(&self) -> Option<i64> {
        self.0.golden.map(|golden| golden.conflicts)
    }
}

/// How fresh a stream is.
#[derive(Clone, Description)]
pub struct StreamFreshness(pub Freshness);

#[Object(use_type_description)]
impl StreamFreshness {
    /// The stream.
    async fn stream(&self) -> &str {
        &self.0.stream
    }

    /// When it was last read to its end; of what is pushed, when a record last became different. Null where it never was.
    async fn fresh_at(&self) -> Option<Timestamp> {
        self.0.fresh_at
    }

    /// How many seconds ago that was.
    async fn age_seconds(&self, ctx: &Context<'_>) -> Result<Option<i64>> {
        let session = ctx.data::<Session>()?;
        Ok(self.0.fresh_at.map(|at| session.age_seconds(at)))
    }

    /// When the last run that read it began. Null where none did: records are pushed.
    async fn last_run_at(&self) -> Option<Timestamp> {
        self.0.last_run.map(|(at, _)| at)
    }

    /// How the stream stands in that run. Whatever is not `SUCCEEDED` means that the system may have more.
    async fn last_run_state(&self) -> Option<SyncState> {
        self.0.last_run.map(|(_, state)| state.into())
    }
}
