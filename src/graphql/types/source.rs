//! Sources: the systems of the departments.

use super::restriction::{Restriction, restrictions};
use super::sync_run::SyncRun;
use crate::app::{Session, SourceView};
use crate::graphql::error::failed;
use crate::graphql::ids::id;
use crate::graphql::page::{Page, Total, connection, page_ask};
use async_graphql::{Context, ID, Object, Result};
use onefold_model::SourceId;

/// A configured system of a department.
#[derive(Clone)]
pub struct Source(pub SourceView);

/// The source, as far as the caller may see it.
pub(super) fn source_by_id(ctx: &Context<'_>, source: SourceId) -> Result<Option<Source>> {
    Ok(ctx.data::<Session>()?.source_get(source).map(Source))
}

#[Object]
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

    /// Its runs, newest first.
    pub async fn sync_runs(
        &self,
        ctx: &Context<'_>,
        first: Option<i32>,
        after: Option<String>,
        last: Option<i32>,
        before: Option<String>,
    ) -> Result<Page<SyncRun>> {
        let ask = page_ask(first, after, last, before)?;
        let session = ctx.data::<Session>()?;
        let slice = session.run_list(Some(self.0.row.id), &ask).await.map_err(|error| failed(&error))?;
        Ok(connection(slice, Total::Unknown, SyncRun))
    }

    /// How many of its payloads did not fit and wait.
    pub async fn quarantined_count(&self, ctx: &Context<'_>) -> Result<i64> {
        let session = ctx.data::<Session>()?;
        session.quarantine_count(Some(self.0.row.id), None).await.map_err(|error| failed(&error))
    }

    /// What you may not see here, and why.
    pub async fn restrictions(&self) -> Vec<Restriction> {
        restrictions(&self.0.restrictions)
    }
}
