//! Who works at which pair of the queue, and whose it is by when.
//!
//! Promises that two stewards never hold one pair at the same time: a claim is one statement, and ends by itself. By pair and
//! not by row of the queue, which is derived and may go and come back.

use super::{Row, StoreError, Tx};
use crate::args;
use onefold_model::{MatchCandidateId, RecordId, Timestamp};

/// A pair that is being claimed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claim {
    /// The pair.
    pub candidate: MatchCandidateId,
    /// The record with the smaller id.
    pub left: RecordId,
    /// The other.
    pub right: RecordId,
    /// Who wants it.
    pub holder: String,
    /// Until when.
    pub until: Timestamp,
}

/// Who holds a pair.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Held {
    /// Who.
    pub holder: String,
    /// Until when.
    pub until: Timestamp,
}

/// Whose a pair is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Assignment {
    /// The pair.
    pub candidate: MatchCandidateId,
    /// The record with the smaller id.
    pub left: RecordId,
    /// The other.
    pub right: RecordId,
    /// Whose.
    pub assignee: String,
    /// Who said so.
    pub assigned_by: String,
    /// When.
    pub assigned_at: Timestamp,
    /// By when.
    pub due_at: Option<Timestamp>,
}

fn held(row: &Row) -> Result<Held, StoreError> {
    Ok(Held { holder: row.text(0)?, until: row.time(1)? })
}

impl Tx {
    /// Claims a pair, or holds it for longer. Says whether it is the holder's now: not where another holds it.
    pub async fn claim_take(&mut self, claim: &Claim, now: Timestamp) -> Result<bool, StoreError> {
        let rows = self
            .fetch(
                "insert into candidate_claim (candidate_id, left_record, right_record, holder, until_at)
                 values ($1, $2, $3, $4, $5)
                 on conflict (candidate_id) do update set holder = excluded.holder, until_at = excluded.until_at
                     where candidate_claim.until_at <= $6 or candidate_claim.holder = excluded.holder
                 returning holder",
                args![claim.candidate.0, claim.left.0, claim.right.0, &claim.holder, claim.until, now],
            )
            .await?;
        Ok(!rows.is_empty())
    }

    /// Gives a pair back, if this caller holds it.
    pub async fn claim_release(&mut self, candidate: MatchCandidateId, holder: &str) -> Result<bool, StoreError> {
        let rows = self
            .fetch(
                "delete from candidate_claim where candidate_id = $1 and holder = $2 returning holder",
                args![candidate.0, holder],
            )
            .await?;
        Ok(!rows.is_empty())
    }

    /// Who else holds a pair now.
    pub async fn claim_of_others(
        &mut self,
        candidate: MatchCandidateId,
        holder: &str,
        now: Timestamp,
    ) -> Result<Option<Held>, StoreError> {
        let sql = "select holder, until_at from candidate_claim
            where candidate_id = $1 and holder <> $2 and until_at > $3";
        self.fetch(sql, args![candidate.0, holder, now]).await?.first().map(held).transpose()
    }

    /// A pair has been decided: nobody holds it any more.
    pub async fn claim_end(&mut self, candidate: MatchCandidateId) -> Result<(), StoreError> {
        self.execute("delete from candidate_claim where candidate_id = $1", args![candidate.0]).await?;
        self.execute("delete from candidate_assignment where candidate_id = $1", args![candidate.0]).await?;
        Ok(())
    }

    /// Says whose a pair is.
    pub async fn assignment_write(&mut self, assignment: &Assignment) -> Result<(), StoreError> {
        self.execute(
            "insert into candidate_assignment
                 (candidate_id, left_record, right_record, assignee, assigned_by, assigned_at, due_at)
             values ($1, $2, $3, $4, $5, $6, $7)
             on conflict (candidate_id) do update set assignee = excluded.assignee,
                 assigned_by = excluded.assigned_by, assigned_at = excluded.assigned_at, due_at = excluded.due_at",
            args![
                assignment.candidate.0,
                assignment.left.0,
                assignment.right.0,
                &assignment.assignee,
                &assignment.assigned_by,
                assignment.assigned_at,
                assignment.due_at
            ],
        )
        .await?;
        Ok(())
    }

    /// A pair is nobody's any more.
    pub async fn assignment_end(&mut self, candidate: MatchCandidateId) -> Result<(), StoreError> {
        self.execute("delete from candidate_assignment where candidate_id = $1", args![candidate.0]).await?;
        Ok(())
    }
}
