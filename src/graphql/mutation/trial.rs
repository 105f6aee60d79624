//! A source is tried on a few customers, and what was looked at is stored.

use super::{UserError, source_key, user_error};
use crate::app::{AppError, Session, TrialApplied, TrialChoice};
use crate::graphql::ids::typed_id;
use crate::graphql::types::{SyncRun, SyncTrial};
use async_graphql::{ID, InputObject, Result, SimpleObject};

/// Of which source, and on whom.
#[derive(InputObject)]
pub struct SyncTrialInput {
    /// The key of the source.
    source: String,
    /// Customers: their records in the source, and what the source tells about them.
    #[graphql(default)]
    customers: Vec<ID>,
    /// Keys of customers in the source. Without customers and keys the first records that the system gives are tried.
    #[graphql(default)]
    keys: Vec<String>,
    /// Only of these streams.
    #[graphql(default)]
    streams: Vec<String>,
    /// So many payloads of each stream, at most 200; 20 unless told otherwise.
    limit: Option<i32>,
    /// The fingerprint of the plan that was looked at: it is stored. Without it nothing is.
    apply: Option<String>,
}

/// What a sync would do, or did, to those that were chosen, or why it was not tried.
#[derive(Default, SimpleObject)]
pub struct SyncTrialPayload {
    /// The plan; where it has moved, what it would do by now.
    trial: Option<SyncTrial>,
    /// The run that stored it.
    run: Option<SyncRun>,
    /// Why it was not tried, or not stored.
    user_errors: Vec<UserError>,
}

pub(super) async fn trial(session: &Session, input: SyncTrialInput) -> Result<SyncTrialPayload> {
    let source = source_key(input.source)?;
    let customers = input.customers.iter().map(|id| typed_id("input.customers", id));
    let limit = input.limit.map(|limit| usize::try_from(limit).unwrap_or(0));
    let choice =
        TrialChoice { customers: customers.collect::<Result<_>>()?, keys: input.keys, streams: input.streams, limit };
    let tried = match &input.apply {
        None => Box::pin(session.trial_preview(&source, &choice)).await.map(|plan| (plan, None)),
        Some(fingerprint) => match Box::pin(session.trial_apply(&source, &choice, fingerprint)).await {
            Ok(TrialApplied::Stored(run, plan)) => Ok((*plan, Some(run))),
            Ok(TrialApplied::Moved(plan)) => {
                let text =
                    "the system, the map or what is stored has moved since the plan was looked at: look at it again";
                let moved = UserError::moved(text, &plan.fingerprint);
                let trial = Some(SyncTrial(*plan));
                return Ok(SyncTrialPayload { trial, run: None, user_errors: vec![moved] });
            }
            Err(error) => Err(error),
        },
    };
    refused_or(tried)
}

fn refused_or(
    tried: Result<(crate::app::TrialPlan, Option<crate::app::RunRow>), AppError>,
) -> Result<SyncTrialPayload> {
    Ok(match tried {
        Ok((plan, run)) => {
            SyncTrialPayload { trial: Some(SyncTrial(plan)), run: run.map(SyncRun), user_errors: Vec::new() }
        }
        Err(error) => SyncTrialPayload { user_errors: vec![user_error(&error)?], ..SyncTrialPayload::default() },
    })
}
