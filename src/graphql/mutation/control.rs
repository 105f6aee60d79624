//! Sources are paused and resumed, and runs ended.

use super::{UserError, source_key, user_error};
use crate::app::{AppError, Session, SourceView};
use crate::graphql::ids::typed_id;
use crate::graphql::types::{Source, SyncRun};
use async_graphql::{ID, InputObject, Result, SimpleObject};

/// Which source to pause, and why.
#[derive(InputObject)]
pub struct SourcePauseInput {
    /// The key of the source.
    source: String,
    /// Why, in at most 1000 characters.
    reason: String,
}

/// Which source to resume.
#[derive(InputObject)]
pub struct SourceResumeInput {
    /// The key of the source.
    source: String,
}

/// Which run to end.
#[derive(InputObject)]
pub struct SyncCancelInput {
    /// Its id.
    run: ID,
}

/// The source as it stands.
#[derive(SimpleObject)]
pub struct SourceControlPayload {
    /// The source.
    source: Option<Source>,
    /// Why nothing was done.
    user_errors: Vec<UserError>,
}

/// The run as it stands.
#[derive(SimpleObject)]
pub struct SyncCancelPayload {
    /// The run. It ends before it writes anything more: ask for it again.
    run: Option<SyncRun>,
    /// Why it was not ended.
    user_errors: Vec<UserError>,
}

pub(super) async fn pause(session: &Session, input: SourcePauseInput) -> Result<SourceControlPayload> {
    payload(session.source_pause(&source_key(input.source)?, &input.reason).await)
}

pub(super) async fn resume(session: &Session, input: SourceResumeInput) -> Result<SourceControlPayload> {
    payload(session.source_resume(&source_key(input.source)?).await)
}

pub(super) async fn cancel(session: &Session, input: SyncCancelInput) -> Result<SyncCancelPayload> {
    Ok(match session.sync_cancel(typed_id("input.run", &input.run)?).await {
        Ok(run) => SyncCancelPayload { run: Some(SyncRun(run)), user_errors: Vec::new() },
        Err(error) => SyncCancelPayload { run: None, user_errors: vec![user_error(&error)?] },
    })
}

fn payload(done: Result<SourceView, AppError>) -> Result<SourceControlPayload> {
    Ok(match done {
        Ok(source) => SourceControlPayload { source: Some(Source(source)), user_errors: Vec::new() },
        Err(error) => SourceControlPayload { source: None, user_errors: vec![user_error(&error)?] },
    })
}
