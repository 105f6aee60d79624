//! Putting survivorship rules in place.

use super::{UserError, user_error};
use crate::app::{Session, SurvivorshipOutcome};
use crate::graphql::types::SurvivorshipPreview;
use async_graphql::{Context, InputObject, Result, SimpleObject};

/// By which plan rules are put in place.
#[derive(InputObject)]
pub struct SurvivorshipApplyInput {
    /// The fingerprint of the plan that was looked at.
    fingerprint: String,
}

/// Rules that were put in place, or why not.
#[derive(Default, SimpleObject)]
pub struct SurvivorshipApplyPayload {
    /// What they changed; where the data moved meanwhile, what they would change now.
    plan: Option<SurvivorshipPreview>,
    /// Why nothing was done.
    user_errors: Vec<UserError>,
}

pub(super) async fn apply(ctx: &Context<'_>, input: SurvivorshipApplyInput) -> Result<SurvivorshipApplyPayload> {
    let done = Box::pin(ctx.data::<Session>()?.survivorship_apply(&input.fingerprint)).await;
    Ok(match done {
        Ok(SurvivorshipOutcome::InPlace(plan)) => {
            SurvivorshipApplyPayload { plan: Some(plan.into()), user_errors: Vec::new() }
        }
        Ok(SurvivorshipOutcome::Moved(plan, message)) => SurvivorshipApplyPayload {
            user_errors: vec![UserError::moved(message, &plan.fingerprint)],
            plan: Some(plan.into()),
        },
        Err(error) => {
            SurvivorshipApplyPayload { user_errors: vec![user_error(&error)?], ..SurvivorshipApplyPayload::default() }
        }
    })
}
