//! Merging and splitting customers by a plan, and taking one back.

use super::{UserError, user_error};
use crate::app::{AppError, PlanApplied, PlanAsk, PlanOutcome, Session};
use crate::graphql::ids::typed_id;
use crate::graphql::types::{PlanPreview, StewardPlanApplied};
use async_graphql::{Context, ID, InputObject, Result, SimpleObject};
use onefold_model::{CustomerId, RecordId};

/// Which customers are one.
#[derive(InputObject)]
pub struct MergeInput {
    /// Between 2 and 20 customers, by any ids that they ever had.
    customers: Vec<ID>,
}

/// Which records of a customer are of several.
#[derive(InputObject)]
pub struct SplitInput {
    /// The customer, by any id that it ever had.
    customer: ID,
    /// The records of each group, at most 20 groups. Records in no group are one more.
    groups: Vec<Vec<ID>>,
}

/// A merge that was looked at.
#[derive(InputObject)]
pub struct MergeApplyInput {
    /// What is merged.
    merge: MergeInput,
    /// The fingerprint of the preview.
    fingerprint: String,
    /// Why, in at most 1000 characters. Needed where the preview says so.
    #[graphql(default)]
    reason: String,
    /// What names this request, at most 200 characters: sent again, it applies nothing twice.
    idempotency_key: String,
}

/// A split that was looked at.
#[derive(InputObject)]
pub struct SplitApplyInput {
    /// What is split.
    split: SplitInput,
    /// The fingerprint of the preview.
    fingerprint: String,
    /// Why, in at most 1000 characters.
    reason: String,
    /// What names this request, at most 200 characters: sent again, it applies nothing twice.
    idempotency_key: String,
}

/// Which plan is taken back.
#[derive(InputObject)]
pub struct PlanUndoInput {
    /// Its id.
    id: ID,
    /// Why, in at most 1000 characters.
    reason: String,
}

/// A plan that was looked at, or why there is none.
#[derive(Default, SimpleObject)]
pub struct PlanPreviewPayload {
    /// What it would do.
    preview: Option<PlanPreview>,
    /// Why there is none.
    user_errors: Vec<UserError>,
}

/// What became of a plan.
#[derive(Default, SimpleObject)]
pub struct PlanPayload {
    /// The plan as it stands.
    plan: Option<StewardPlanApplied>,
    /// It was applied, or taken back, before: this request changed nothing.
    replayed: bool,
    /// It stands, and customers do not show it yet: folding failed this time, and is tried again by itself.
    pending: bool,
    /// Where it was refused because the data moved: what it would do by now.
    moved: Option<PlanPreview>,
    /// Why nothing was done.
    user_errors: Vec<UserError>,
}

impl PlanPayload {
    /// Nothing was done, for these reasons.
    pub(super) fn refused(user_errors: Vec<UserError>) -> Self {
        Self { user_errors, ..Self::default() }
    }
}

impl MergeInput {
    fn read(&self, at: &str) -> Result<PlanAsk> {
        let ids = self.customers.iter().map(|id| typed_id::<CustomerId>(&format!("{at}.customers"), id));
        Ok(PlanAsk::Merge(ids.collect::<Result<_>>()?))
    }
}

impl SplitInput {
    fn read(&self, at: &str) -> Result<PlanAsk> {
        let record = |id: &ID| typed_id::<RecordId>(&format!("{at}.groups"), id);
        let groups = self.groups.iter().map(|group| group.iter().map(record).collect::<Result<Vec<_>>>());
        let customer = typed_id(&format!("{at}.customer"), &self.customer)?;
        Ok(PlanAsk::Split(customer, groups.collect::<Result<_>>()?))
    }
}

pub(in crate::graphql) async fn merge_preview(ctx: &Context<'_>, input: &MergeInput) -> Result<PlanPreviewPayload> {
    preview(ctx, &input.read("input")?).await
}

pub(in crate::graphql) async fn split_preview(ctx: &Context<'_>, input: &SplitInput) -> Result<PlanPreviewPayload> {
    preview(ctx, &input.read("input")?).await
}

async fn preview(ctx: &Context<'_>, ask: &PlanAsk) -> Result<PlanPreviewPayload> {
    // What a plan holds while it is made is too large for the stack of whoever waits for it.
    Ok(match Box::pin(ctx.data::<Session>()?.plan_preview(ask)).await {
        Ok(plan) => PlanPreviewPayload { preview: Some(PlanPreview(plan)), user_errors: Vec::new() },
        Err(error) => PlanPreviewPayload { preview: None, user_errors: vec![user_error(&error)?] },
    })
}

pub(super) async fn merge_apply(ctx: &Context<'_>, input: MergeApplyInput) -> Result<PlanPayload> {
    let ask = input.merge.read("input.merge")?;
    let session = ctx.data::<Session>()?;
    let applying = session.plan_apply(&ask, &input.fingerprint, &input.reason, &input.idempotency_key);
    outcome(Box::pin(applying).await)
}

pub(super) async fn split_apply(ctx: &Context<'_>, input: SplitApplyInput) -> Result<PlanPayload> {
    let ask = input.split.read("input.split")?;
    let session = ctx.data::<Session>()?;
    let applying = session.plan_apply(&ask, &input.fingerprint, &input.reason, &input.idempotency_key);
    outcome(Box::pin(applying).await)
}

pub(super) async fn undo(ctx: &Context<'_>, input: PlanUndoInput) -> Result<PlanPayload> {
    let id = typed_id("input.id", &input.id)?;
    let undone = Box::pin(ctx.data::<Session>()?.plan_undo(id, &input.reason)).await;
    outcome(undone.map(|applied| PlanOutcome::Applied(Box::new(applied))))
}

pub(super) fn outcome(done: Result<PlanOutcome, AppError>) -> Result<PlanPayload> {
    Ok(match done {
        Ok(PlanOutcome::Applied(applied)) => {
            let PlanApplied { replayed, pending, .. } = *applied;
            PlanPayload { plan: Some(StewardPlanApplied(*applied)), replayed, pending, ..PlanPayload::default() }
        }
        Ok(PlanOutcome::Moved(plan, message)) => PlanPayload {
            user_errors: vec![UserError::moved(message, &plan.fingerprint)],
            moved: Some(PlanPreview(*plan)),
            ..PlanPayload::default()
        },
        Err(error) => PlanPayload { user_errors: vec![user_error(&error)?], ..PlanPayload::default() },
    })
}
