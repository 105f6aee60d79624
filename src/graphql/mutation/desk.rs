//! The desk of a steward: pairs in hand, whose they are, and deciding many at once.

use super::plan::{PlanPayload, outcome};
use super::{UserError, user_error};
use crate::app::{AssignAsk, BulkAsk, BulkOrder, BulkOutcome, BulkPlan, Claimed, PlanOutcome, Session};
use crate::graphql::ids::typed_id;
use crate::graphql::types::{CandidateFilterInput, DecisionKind, MatchCandidate};
use async_graphql::{Context, ID, InputObject, Result, SimpleObject};
use onefold_model::Timestamp;
use std::sync::Arc;

/// Which pair is taken in hand.
#[derive(InputObject)]
pub struct CandidateClaimInput {
    /// This one, or this one for two minutes more. Without it the one that matters most.
    id: Option<ID>,
    /// Of these, where no id is given.
    filter: Option<CandidateFilterInput>,
}

/// Which pair is given back.
#[derive(InputObject)]
pub struct CandidateReleaseInput {
    /// Its id.
    id: ID,
}

/// Whose pairs are due when.
#[derive(InputObject)]
pub struct CandidateAssignInput {
    /// The pairs, at most 200.
    ids: Vec<ID>,
    /// Whose they are, by the subject of their token; nobody's without it.
    assignee: Option<String>,
    /// By when.
    due_at: Option<Timestamp>,
}

/// A pair in hand.
#[derive(Default, SimpleObject)]
pub struct CandidateClaimPayload {
    /// The pair; null where none is free.
    candidate: Option<MatchCandidate>,
    /// Until when it is yours, unless you claim it again or decide.
    until: Option<Timestamp>,
    /// Why there is none.
    user_errors: Vec<UserError>,
}

/// Whether a pair was given back.
#[derive(Default, SimpleObject)]
pub struct CandidateReleasePayload {
    /// You had it in hand.
    released: bool,
    /// Why nothing was done.
    user_errors: Vec<UserError>,
}

/// Pairs that were assigned.
#[derive(Default, SimpleObject)]
pub struct CandidateAssignPayload {
    /// The pairs.
    candidates: Vec<MatchCandidate>,
    /// Why nothing was done.
    user_errors: Vec<UserError>,
}

/// Which pairs are decided how.
#[derive(InputObject)]
pub struct DecideManyInput {
    /// Which pairs of the queue: at most 1000, and none that another steward has in hand.
    #[graphql(default)]
    filter: CandidateFilterInput,
    /// What they are.
    decision: DecisionKind,
    /// Until when it holds: needed with `LATER`, possible with `NEVER_LINK`.
    until: Option<Timestamp>,
    /// At most so many pairs are shown, up to 50.
    #[graphql(default = 10)]
    sample: i32,
}

/// Many decisions that were looked at.
#[derive(InputObject)]
pub struct DecideManyApplyInput {
    /// What is decided.
    decide: DecideManyInput,
    /// The fingerprint of the preview.
    fingerprint: String,
    /// Why, in at most 1000 characters, together with `unproved`.
    reason: String,
    /// Why it is done although the preview is not `proved`: without it, that is refused with `REASON_NEEDED`. Kept with every
    /// decision.
    unproved: Option<String>,
    /// What names this request, at most 200 characters: sent again, it decides nothing twice.
    idempotency_key: String,
}

/// What deciding many pairs would do.
#[derive(SimpleObject)]
pub struct DecideManyPlan {
    /// How many pairs would be decided.
    pair_count: i64,
    /// Pairs from the likeliest to the unlikeliest, evenly spread.
    sample: Vec<MatchCandidate>,
    /// How many customers would change, as there are now.
    customers_before: i64,
    /// How many there would be instead.
    customers_after: i64,
    /// What earlier decisions prove of pairs like these.
    evidence: DecideManyEvidence,
    /// The evidence is enough, or every pair is in the sample. Else applying it needs `unproved`.
    proved: bool,
    /// Names exactly this plan.
    fingerprint: String,
}

/// What stewards said before, one by one, of pairs that the filter would have found: by score, source, department and kind. Only
/// of records that you review; what was decided for many at once does not count.
#[derive(SimpleObject)]
pub struct DecideManyEvidence {
    /// How many such decisions stand.
    decision_count: i64,
    /// How many of them say what is to be said of all.
    agreeing_count: i64,
    /// At most this share would be decided wrongly, at 95 % (Clopper and Pearson, one-sided); 1 without a decision.
    most_wrong: f64,
    /// How many more that agree would prove that at most 1 % is wrong: 299 without any, 0 where enough is proved.
    missing_count: i64,
}

/// A plan that was looked at, or why there is none.
#[derive(Default, SimpleObject)]
pub struct DecideManyPreviewPayload {
    /// What it would do.
    preview: Option<DecideManyPlan>,
    /// Why there is none.
    user_errors: Vec<UserError>,
}

impl From<BulkPlan> for DecideManyPlan {
    fn from(plan: BulkPlan) -> Self {
        let count = |count: usize| i64::try_from(count).unwrap_or(i64::MAX);
        let evidence = DecideManyEvidence {
            decision_count: count(plan.evidence.decided),
            agreeing_count: count(plan.evidence.agreeing),
            most_wrong: plan.evidence.most_wrong,
            missing_count: count(plan.evidence.missing),
        };
        Self {
            evidence,
            proved: plan.is_proved(),
            pair_count: count(plan.pairs),
            sample: plan.sample.into_iter().map(|pair| MatchCandidate(Arc::new(pair))).collect(),
            customers_before: count(plan.customers_before),
            customers_after: count(plan.customers_after),
            fingerprint: plan.fingerprint.to_string(),
        }
    }
}

impl DecideManyInput {
    fn read(&self, at: &str) -> Result<BulkAsk> {
        Ok(BulkAsk {
            filter: self.filter.read(&format!("{at}.filter"))?,
            verdict: self.decision.into(),
            until: self.until,
            sample: usize::try_from(self.sample).unwrap_or(0),
        })
    }
}

pub(super) async fn claim(ctx: &Context<'_>, input: CandidateClaimInput) -> Result<CandidateClaimPayload> {
    let session = ctx.data::<Session>()?;
    let claimed = match &input.id {
        Some(id) => session.candidate_claim(typed_id("input.id", id)?).await.map(Some),
        None => session.candidate_claim_next(input.filter.unwrap_or_default().read("input.filter")?).await,
    };
    Ok(match claimed {
        Ok(None) => CandidateClaimPayload::default(),
        Ok(Some(Claimed { pair, until })) => CandidateClaimPayload {
            candidate: Some(MatchCandidate(Arc::new(pair))),
            until: Some(until),
            user_errors: Vec::new(),
        },
        Err(error) => {
            CandidateClaimPayload { user_errors: vec![user_error(&error)?], ..CandidateClaimPayload::default() }
        }
    })
}

pub(super) async fn release(ctx: &Context<'_>, input: CandidateReleaseInput) -> Result<CandidateReleasePayload> {
    let id = typed_id("input.id", &input.id)?;
    Ok(match ctx.data::<Session>()?.candidate_release(id).await {
        Ok(released) => CandidateReleasePayload { released, user_errors: Vec::new() },
        Err(error) => CandidateReleasePayload { released: false, user_errors: vec![user_error(&error)?] },
    })
}

pub(super) async fn assign(ctx: &Context<'_>, input: CandidateAssignInput) -> Result<CandidateAssignPayload> {
    let candidates = input.ids.iter().map(|id| typed_id("input.ids", id)).collect::<Result<Vec<_>>>()?;
    let ask = AssignAsk { candidates, assignee: input.assignee, due_at: input.due_at };
    Ok(match ctx.data::<Session>()?.candidate_assign(&ask).await {
        Ok(pairs) => CandidateAssignPayload {
            candidates: pairs.into_iter().map(|pair| MatchCandidate(Arc::new(pair))).collect(),
            user_errors: Vec::new(),
        },
        Err(error) => CandidateAssignPayload { candidates: Vec::new(), user_errors: vec![user_error(&error)?] },
    })
}

pub(in crate::graphql) async fn preview(
    ctx: &Context<'_>,
    input: &DecideManyInput,
) -> Result<DecideManyPreviewPayload> {
    let ask = input.read("input")?;
    Ok(match Box::pin(ctx.data::<Session>()?.bulk_preview(&ask)).await {
        Ok(plan) => DecideManyPreviewPayload { preview: Some(plan.into()), user_errors: Vec::new() },
        Err(error) => DecideManyPreviewPayload { preview: None, user_errors: vec![user_error(&error)?] },
    })
}

pub(super) async fn apply(ctx: &Context<'_>, input: DecideManyApplyInput) -> Result<PlanPayload> {
    let ask = input.decide.read("input.decide")?;
    let session = ctx.data::<Session>()?;
    let order = BulkOrder {
        fingerprint: &input.fingerprint,
        reason: &input.reason,
        unproved: input.unproved.as_deref(),
        request: &input.idempotency_key,
    };
    let applying = session.bulk_apply(&ask, &order);
    match Box::pin(applying).await {
        Ok(BulkOutcome::Applied(applied)) => outcome(Ok(PlanOutcome::Applied(applied))),
        Ok(BulkOutcome::Moved(plan, message)) => {
            Ok(PlanPayload::refused(vec![UserError::moved(message, &plan.fingerprint)]))
        }
        Err(error) => outcome(Err(error)),
    }
}
