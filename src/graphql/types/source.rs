//! Sources: the systems of the departments.

use super::data_map::StreamFreshness;
use super::drift::{FieldDrift, FieldDriftShown};
use super::restriction::{Restriction, restrictions};
use super::source_control::SourceControl;
use super::sync_run::SyncRun;
use crate::app::{Session, SourceView};
use crate::graphql::ids::id;
use crate::graphql::loaders::{ControlKey, DriftKey, FreshnessKey, QuarantinedKey, RunsKey, load};
use crate::graphql::page::{Page, Total, connection, page_ask};
use async_graphql::{Context, Description, ID, Object, Result};
use onefold_model::SourceId;

/// A configured system of a department.
#[derive(Clone, Description)]
pub struct Source(pub SourceView);

/// The source, as far as the caller may see it.
pub(super) fn source_by_id(ctx: &Context<'_>, source: SourceId) -> Result<Option<Source>> {
    Ok(ctx.data::<Session>()?.source_get(source).map(Source))
}

#[Object(use_type_description)]
impl Source {
    /// The id of this object, for ever.
    pub async fn id(&self) -> ID {
        id(self.0.row.id)
    }

    /// Its key in the configuration.
    pub async fn key(&self) -> &str {
        self.0.row.key.as_str()
    }

    /// What people call it.
    pub async fn title(&self) -> &str {
        &self.0.row.title
    }

    /// The connector that reads it: `billing/stripe`.
    pub async fn connector(&self) -> &str {
        &self.0.row.connector
    }

    /// The department that owns it.
    pub async fn department(&self) -> &str {
        self.0.row.department.as_str()
    }

    /// Its runs, newest first. Null where you may see none.
    pub async fn sync_runs(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The first so many, at most 200.")] first: Option<i32>,
        #[graphql(desc = "After this page cursor.")] after: Option<String>,
        #[graphql(desc = "The last so many, at most 200.")] last: Option<i32>,
        #[graphql(desc = "Before this page cursor.")] before: Option<String>,
    ) -> Result<Option<Page<SyncRun>>> {
        let source = self.0.row.id;
        if !self.0.shows("syncRuns") || !ctx.data::<Session>()?.shows_type_of("SyncRun", source) {
            return Ok(None);
        }
        let ask = page_ask(first, after, last, before)?;
        let slice = load(ctx, RunsKey { source, ask }).await?;
        let slice = slice.map_or_else(crate::app::Slice::empty, |slice| (*slice).clone());
        Ok(Some(connection(slice, Total::Unknown, SyncRun)))
    }

    /// How many of its payloads did not fit and wait. Null where you may see none.
    pub async fn quarantined_count(&self, ctx: &Context<'_>) -> Result<Option<i64>> {
        let source = self.0.row.id;
        if !self.0.shows("quarantinedCount") || !ctx.data::<Session>()?.shows_type_of("Quarantine", source) {
            return Ok(None);
        }
        load(ctx, QuarantinedKey(source)).await
    }

    /// Whether it is being read, when next, and who has paused it. Null where you may not see it.
    pub async fn control(&self, ctx: &Context<'_>) -> Result<Option<SourceControl>> {
        if !self.0.shows("control") {
            return Ok(None);
        }
        Ok(load(ctx, ControlKey(self.0.row.id)).await?.map(SourceControl))
    }

    /// What has become of the fields of its payloads: those that came, changed or vanished since a stream was first read. Null
    /// where you may not see it.
    pub async fn drift(
        &self,
        ctx: &Context<'_>,
        #[graphql(default, desc = "Which of them.")] show: FieldDriftShown,
    ) -> Result<Option<Vec<FieldDrift>>> {
        if !self.0.shows("drift") {
            return Ok(None);
        }
        let fields = load(ctx, DriftKey(self.0.row.id)).await?.unwrap_or_default();
        Ok(Some(fields.into_iter().filter(|field| show.has(field)).map(FieldDrift).collect()))
    }

    /// How fresh its streams are. Null where you may not see it.
    pub async fn freshness(&self, ctx: &Context<'_>) -> Result<Option<Vec<StreamFreshness>>> {
        if !self.0.shows("freshness") {
            return Ok(None);
        }
        let streams = load(ctx, FreshnessKey(self.0.row.id)).await?.unwrap_or_default();
        Ok(Some(streams.into_iter().map(StreamFreshness).collect()))
    }

    /// What you may not see here, and why.
    pub async fn restrictions(&self) -> Vec<Restriction> {
        restrictions(&self.0.restrictions)
    }
}
