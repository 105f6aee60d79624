//! The desk of a steward: a pair in hand for two minutes, and whose pairs are due when.
//!
//! Promises that two stewards never have one pair in hand at the same time, and that nobody waits for one who went away: a claim
//! ends by itself. Silent: nobody is told who has what in hand but the holder.

use super::decision::check_request;
use super::{AppError, CandidateView, Session};
use crate::store::{Assignment, AuditEntry, CandidateFilter, CandidateOrder, Claim, PageAsk};
use chrono::Duration;
use onefold_model::{MatchCandidateId, Timestamp};

/// How long a pair is in hand.
const CLAIM_SECONDS: i64 = 120;
/// So many pairs are tried where others take them at the same moment.
const TRIED: u32 = 50;
/// So many pairs are assigned at once.
const MOST_ASSIGNED: usize = 200;

/// A pair in hand.
#[derive(Debug, Clone)]
pub struct Claimed {
    /// The pair.
    pub pair: CandidateView,
    /// Until when, unless it is claimed again.
    pub until: Timestamp,
}

/// Whose pairs are due when.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AssignAsk {
    /// The pairs.
    pub candidates: Vec<MatchCandidateId>,
    /// Whose they are; none for nobody's.
    pub assignee: Option<String>,
    /// By when.
    pub due_at: Option<Timestamp>,
}

impl Session {
    /// Takes a pair in hand for two minutes, or for two minutes more.
    pub async fn candidate_claim(&self, id: MatchCandidateId) -> Result<Claimed, AppError> {
        let pair = self.candidate_reviewed(id).await?;
        match self.claim(&pair).await? {
            Some(until) => Ok(Claimed { pair, until }),
            None => Err(AppError::Conflict("somebody else works at this pair: take another".to_owned())),
        }
    }

    /// Takes the first pair of a filter in hand that nobody else has and that is not put off: the one that matters most. None
    /// where there is none.
    pub async fn candidate_claim_next(&self, filter: CandidateFilter) -> Result<Option<Claimed>, AppError> {
        let now = self.app.clock.now();
        let own = self.scope().actor().subject().to_owned();
        let filter = CandidateFilter {
            free_for: Some((own, now)),
            due_by: Some(now),
            reviewed: Some(self.reviewed_departments()),
            ..filter
        };
        let ask = PageAsk::Forward { count: TRIED, after: None };
        let slice = self.candidate_list(&filter, CandidateOrder::Impact, &ask).await?;
        for (_, pair) in slice.rows {
            if let Some(until) = self.claim(&pair).await? {
                return Ok(Some(Claimed { pair, until }));
            }
        }
        Ok(None)
    }

    /// Gives a pair back. Says whether the caller had it in hand.
    pub async fn candidate_release(&self, id: MatchCandidateId) -> Result<bool, AppError> {
        self.candidate_reviewed(id).await?;
        let mut tx = self.store().begin().await?;
        let released = tx.claim_release(id, self.scope().actor().subject()).await?;
        tx.commit().await?;
        Ok(released)
    }

    /// Says whose pairs are, and by when they are due.
    pub async fn candidate_assign(&self, ask: &AssignAsk) -> Result<Vec<CandidateView>, AppError> {
        if !(1..=MOST_ASSIGNED).contains(&ask.candidates.len()) {
            return Err(AppError::Invalid(format!("between 1 and {MOST_ASSIGNED} pairs are assigned at once")));
        }
        if let Some(assignee) = &ask.assignee {
            check_request(assignee).map_err(|_| AppError::Invalid("name the steward by their subject".to_owned()))?;
        }
        let mut pairs = Vec::new();
        for id in &ask.candidates {
            pairs.push(self.candidate_reviewed(*id).await?);
        }
        let (at, by) = (self.app.clock.now(), self.scope().actor().subject().to_owned());
        let mut tx = self.store().begin().await?;
        for pair in &pairs {
            match &ask.assignee {
                None => tx.assignment_end(pair.id).await?,
                Some(assignee) => {
                    let assignment = Assignment {
                        candidate: pair.id,
                        left: pair.left,
                        right: pair.right,
                        assignee: assignee.clone(),
                        assigned_by: by.clone(),
                        assigned_at: at,
                        due_at: ask.due_at,
                    };
                    tx.assignment_write(&assignment).await?;
                }
            }
        }
        let target = ask.assignee.clone().unwrap_or_else(|| "nobody".to_owned());
        let detail = Some(format!("{} pairs", pairs.len()));
        tx.audit_append(&AuditEntry { at, actor: by, action: "candidate.assign", target, detail }).await?;
        tx.commit().await?;
        let mut assigned = Vec::new();
        for id in &ask.candidates {
            assigned.extend(self.candidate_get(*id).await?);
        }
        Ok(assigned)
    }

    /// A pair that waits, if the caller reviews for the departments of both records.
    async fn candidate_reviewed(&self, id: MatchCandidateId) -> Result<CandidateView, AppError> {
        let missing = || AppError::Missing(format!("there is no pair {id} in the queue"));
        let pair = self.candidate_get(id).await?.ok_or_else(missing)?;
        self.reviewed([pair.left, pair.right]).await.map_err(|error| match error {
            AppError::Missing(_) => missing(),
            error => error,
        })?;
        Ok(pair)
    }

    /// Until when the pair is the caller's; none where it is somebody else's.
    async fn claim(&self, pair: &CandidateView) -> Result<Option<Timestamp>, AppError> {
        let now = self.app.clock.now();
        let until = now + Duration::seconds(CLAIM_SECONDS);
        let claim = Claim {
            candidate: pair.id,
            left: pair.left,
            right: pair.right,
            holder: self.scope().actor().subject().to_owned(),
            until,
        };
        let mut tx = self.store().begin().await?;
        let is_ours = tx.claim_take(&claim, now).await?;
        tx.commit().await?;
        Ok(is_ours.then_some(until))
    }
}
