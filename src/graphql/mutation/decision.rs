//! Deciding about two records, and taking it back.

use super::{UserError, user_error};
use crate::app::{AppError, DecideAsk, Decided, Session};
use crate::graphql::ids::typed_id;
use crate::graphql::types::{Customer, DecisionKind, DecisionScope, StewardDecision, customer_of};
use async_graphql::{Context, ID, InputObject, Result, SimpleObject};
use onefold_model::Timestamp;

/// What is to be decided about two records.
#[derive(InputObject)]
pub struct MatchDecideInput {
    /// The id of one record.
    left_record: ID,
    /// The id of the other.
    right_record: ID,
    /// What they are.
    decision: DecisionKind,
    /// Why, in at most 1000 characters. Needed where two records are kept apart.
    #[graphql(default)]
    reason: String,
    /// Until when it holds: needed with `LATER`, possible with `NEVER_LINK`.
    until: Option<Timestamp>,
    /// How far a `NEVER_LINK` reaches.
    #[graphql(default)]
    scope: DecisionScope,
    /// What names this request, at most 200 characters: sent again, it decides nothing twice.
    idempotency_key: String,
}

/// Which decision is taken back.
#[derive(InputObject)]
pub struct DecisionUndoInput {
    /// Its id.
    id: ID,
    /// Why, in at most 1000 characters.
    reason: String,
}

/// The decision, and what it led to.
#[derive(Default, SimpleObject)]
pub struct DecisionPayload {
    /// The decision.
    decision: Option<StewardDecision>,
    /// It stood before, or was taken back before: this request changed nothing.
    replayed: bool,
    /// It stands, and the two customers do not show it yet: folding failed this time, and is tried again by itself.
    pending: bool,
    /// The customer of the one record now.
    left: Option<Customer>,
    /// The customer of the other record now: the same where they are together.
    right: Option<Customer>,
    /// Why nothing was decided.
    user_errors: Vec<UserError>,
}

pub(super) async fn decide(ctx: &Context<'_>, input: MatchDecideInput) -> Result<DecisionPayload> {
    let ask = DecideAsk {
        left: typed_id("input.leftRecord", &input.left_record)?,
        right: typed_id("input.rightRecord", &input.right_record)?,
        verdict: input.decision.into(),
        reason: input.reason,
        request: input.idempotency_key,
        until: input.until,
        scope: input.scope.into(),
    };
    payload(ctx, Box::pin(ctx.data::<Session>()?.match_decide(&ask)).await).await
}

pub(super) async fn undo(ctx: &Context<'_>, input: DecisionUndoInput) -> Result<DecisionPayload> {
    let id = typed_id("input.id", &input.id)?;
    payload(ctx, Box::pin(ctx.data::<Session>()?.decision_undo(id, &input.reason)).await).await
}

async fn payload(ctx: &Context<'_>, decided: Result<Decided, AppError>) -> Result<DecisionPayload> {
    let Decided { decision, replayed, pending, customers: [left, right] } = match decided {
        Ok(decided) => decided,
        Err(error) => {
            return Ok(DecisionPayload { user_errors: vec![user_error(&error)?], ..DecisionPayload::default() });
        }
    };
    Ok(DecisionPayload {
        decision: Some(StewardDecision(decision)),
        replayed,
        pending,
        left: customer_of(ctx, left).await?,
        right: customer_of(ctx, right).await?,
        user_errors: Vec::new(),
    })
}
