//! What is stored is mapped once more, as it was looked at.

use super::{UserError, source_key, user_error};
use crate::app::{ReplayApplied, Session};
use crate::graphql::types::{ReplayPlan, SyncRun};
use async_graphql::{InputObject, Result, SimpleObject};

/// What a change of the map would do, or why that cannot be said.
#[derive(SimpleObject)]
pub struct ReplayPreviewPayload {
    /// The plan.
    preview: Option<ReplayPlan>,
    /// Why there is none.
    user_errors: Vec<UserError>,
}

/// Of which source, and what was looked at.
#[derive(InputObject)]
pub struct ReplayApplyInput {
    /// The key of the source.
    source: String,
    /// The fingerprint of the plan that was looked at.
    fingerprint: String,
}

/// A replay that was begun, or why it was not.
#[derive(Default, SimpleObject)]
pub struct ReplayApplyPayload {
    /// The run. Ask for it again to see it go on; `syncCancel` ends it.
    run: Option<SyncRun>,
    /// Where the plan has moved: what it would do by now.
    preview: Option<ReplayPlan>,
    /// Why nothing was changed.
    user_errors: Vec<UserError>,
}

pub(in crate::graphql) async fn preview(session: &Session, source: String) -> Result<ReplayPreviewPayload> {
    Ok(match session.replay_preview(&source_key(source)?).await {
        Ok(plan) => ReplayPreviewPayload { preview: Some(ReplayPlan(plan)), user_errors: Vec::new() },
        Err(error) => ReplayPreviewPayload { preview: None, user_errors: vec![user_error(&error)?] },
    })
}

pub(super) async fn apply(session: &Session, input: ReplayApplyInput) -> Result<ReplayApplyPayload> {
    Ok(match session.replay_apply(&source_key(input.source)?, &input.fingerprint).await {
        Ok(ReplayApplied::Begun(run)) => {
            ReplayApplyPayload { run: Some(SyncRun(run)), ..ReplayApplyPayload::default() }
        }
        Ok(ReplayApplied::Moved(plan)) => {
            let message = "the data or the map has moved since the plan was looked at: look at it again";
            let user_errors = vec![UserError::moved(message, &plan.fingerprint)];
            ReplayApplyPayload { run: None, preview: Some(ReplayPlan(*plan)), user_errors }
        }
        Err(error) => ReplayApplyPayload { user_errors: vec![user_error(&error)?], ..ReplayApplyPayload::default() },
    })
}
