//! Blind review: a sample is drawn, and stewards judge pairs without knowing what matching thought of them.

use super::{UserError, user_error};
use crate::app::{Same, Session};
use crate::graphql::ids::typed_id;
use crate::graphql::types::BlindPair;
use async_graphql::{Context, ID, InputObject, Result, SimpleObject};

/// What somebody says of a pair.
#[derive(InputObject)]
pub struct BlindReviewJudgeInput {
    /// The pair.
    id: ID,
    /// The two records are of one customer.
    same: bool,
    /// Why, in at most 1000 characters.
    reason: String,
    /// What names this request, at most 200 characters.
    idempotency_key: String,
}

/// Whether a sample was drawn.
#[derive(Default, SimpleObject)]
pub struct MatchQualityDrawPayload {
    /// It was drawn now; else this month has one already, or there is nothing to draw from.
    drawn: bool,
    /// Why nothing was done.
    user_errors: Vec<UserError>,
}

/// A pair in hand.
#[derive(Default, SimpleObject)]
pub struct BlindReviewNextPayload {
    /// The pair; null where none is left that you review.
    pair: Option<BlindPair>,
    /// Why there is none.
    user_errors: Vec<UserError>,
}

/// Whether a judgement was noted.
#[derive(Default, SimpleObject)]
pub struct BlindReviewJudgePayload {
    /// It was noted.
    noted: bool,
    /// Why nothing was done.
    user_errors: Vec<UserError>,
}

pub(super) async fn draw(ctx: &Context<'_>) -> Result<MatchQualityDrawPayload> {
    Ok(match Box::pin(ctx.data::<Session>()?.quality_draw()).await {
        Ok(drawn) => MatchQualityDrawPayload { drawn, user_errors: Vec::new() },
        Err(error) => MatchQualityDrawPayload { drawn: false, user_errors: vec![user_error(&error)?] },
    })
}

pub(super) async fn next(ctx: &Context<'_>) -> Result<BlindReviewNextPayload> {
    Ok(match Box::pin(ctx.data::<Session>()?.blind_next()).await {
        Ok(pair) => BlindReviewNextPayload { pair: pair.map(BlindPair), user_errors: Vec::new() },
        Err(error) => BlindReviewNextPayload { pair: None, user_errors: vec![user_error(&error)?] },
    })
}

pub(super) async fn judge(ctx: &Context<'_>, input: BlindReviewJudgeInput) -> Result<BlindReviewJudgePayload> {
    let id = typed_id("input.id", &input.id)?;
    let same = if input.same { Same::Yes } else { Same::No };
    let judging = ctx.data::<Session>()?.blind_judge(id, same, &input.reason, &input.idempotency_key);
    Ok(match Box::pin(judging).await {
        Ok(()) => BlindReviewJudgePayload { noted: true, user_errors: Vec::new() },
        Err(error) => BlindReviewJudgePayload { noted: false, user_errors: vec![user_error(&error)?] },
    })
}
