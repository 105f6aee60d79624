//! Decisions and time: what is put off, what ends by itself, what is confirmed once more, and what reaches to whole customers.
//!
//! Promises that a decision which ends leaves no trace but its row, and that one which new facts contradict stands until
//! somebody says otherwise.

use super::decision::{DecideAsk, Decided, Verdict, contradicted};
use super::plan::{Order, PlanKind};
use super::{App, AppError, Session};
use crate::auth::Action;
use crate::store::{AuditEntry, DecisionRow, LINK, NEVER_LINK, SCOPE_CUSTOMERS, Tx, Undone};
use onefold_model::{CustomerId, MatchCandidateId, RecordId};
use std::collections::BTreeMap;

/// A never-link between two customers is at most so many decisions.
const MOST_PAIRS: usize = 1_000;

impl App {
    /// Ends what held until now, and says how much that was. Folds nothing itself: what ends is left for the next fold.
    pub async fn expire(&self) -> Result<usize, AppError> {
        let now = self.clock.now();
        if !self.store.expiry_due(now).await? {
            return Ok(0);
        }
        let mut tx = self.store.begin().await?;
        tx.identity_lock().await?;
        let ended = tx.expiry_end(now).await?;
        let records: Vec<RecordId> = ended
            .decisions
            .iter()
            .flat_map(|row| [row.left, row.right])
            .chain(ended.pins.iter().map(|pin| pin.record))
            .collect();
        let about = tx.link_of(&records).await?;
        let entry = AuditEntry {
            at: now,
            actor: "system:expiry".to_owned(),
            action: "decision.expire",
            target: "decisions and pins".to_owned(),
            detail: Some(format!("{} decisions, {} pins", ended.decisions.len(), ended.pins.len())),
        };
        tx.audit_append_about(&entry, &about).await?;
        tx.commit().await?;
        Ok(ended.decisions.len() + ended.pins.len())
    }
}

impl Session {
    /// Whether a pair is free to be decided: not where another steward has it in hand.
    pub(super) async fn held_by_nobody_else(
        &self,
        tx: &mut Tx,
        left: RecordId,
        right: RecordId,
    ) -> Result<(), AppError> {
        let (now, own) = (self.app.clock.now(), self.scope().actor().subject());
        match tx.claim_of_others(MatchCandidateId::derive(left, right), own, now).await? {
            None => Ok(()),
            Some(held) => {
                Err(AppError::Conflict(format!("somebody else works at this pair until {}: take another", held.until)))
            }
        }
    }

    /// That a pair is put off ends with whatever is decided about it.
    pub(super) async fn later_ends(&self, tx: &mut Tx, left: RecordId, right: RecordId) -> Result<(), AppError> {
        let by = self.scope().actor().subject().to_owned();
        let end = Undone { at: self.app.clock.now(), by, reason: "decided since".to_owned() };
        for later in tx.later_of_pair(left, right).await? {
            tx.decision_undo(later.id, &end).await?;
        }
        Ok(())
    }

    /// A link that new facts contradict and that is decided once more: the old decision makes room for the new one, which has
    /// seen those facts. Gives what stands in the way otherwise.
    pub(super) async fn confirmed_anew(
        &self,
        tx: &mut Tx,
        ask: &DecideAsk,
        standing: Option<DecisionRow>,
    ) -> Result<Option<DecisionRow>, AppError> {
        let Some(standing) = standing else { return Ok(None) };
        let is_confirmed = ask.verdict == Verdict::Link && standing.kind == LINK;
        if !is_confirmed || !tx.decision_is_contested(standing.id).await? {
            return Ok(Some(standing));
        }
        let by = self.scope().actor().subject().to_owned();
        let end = Undone { at: self.app.clock.now(), by, reason: "confirmed with what is known now".to_owned() };
        tx.decision_undo(standing.id, &end).await?;
        Ok(None)
    }

    /// Keeps every record of one customer from every record of another.
    pub(super) async fn never_link_customers(
        &self,
        mut tx: Tx,
        ask: &DecideAsk,
        customers: [Option<CustomerId>; 2],
    ) -> Result<Decided, AppError> {
        let [Some(one), Some(other)] = customers else {
            return Err(AppError::Invalid(
                "one of the records is not folded yet: decide about the two records".to_owned(),
            ));
        };
        if one == other {
            return Err(AppError::Invalid("they are one customer: take it apart with `splitApply`".to_owned()));
        }
        let found = tx.members_of(&[one, other]).await?;
        let mut members: BTreeMap<CustomerId, Vec<RecordId>> = BTreeMap::new();
        for (customer, record, department) in found {
            if !self.scope().may(Action::Review, &department).is_allowed() {
                let what = format!("to decide about records of the department {department}");
                return Err(AppError::Forbidden { what, policy: None });
            }
            members.entry(customer).or_default().push(record);
        }
        let (ours, theirs) = (members.remove(&one).unwrap_or_default(), members.remove(&other).unwrap_or_default());
        if ours.len() * theirs.len() > MOST_PAIRS {
            let text = format!("{} records and {} are too many: decide about two of them", ours.len(), theirs.len());
            return Err(AppError::Invalid(text));
        }
        let order = Order { kind: PlanKind::NeverLink, fingerprint: "", reason: &ask.reason, request: &ask.request };
        let pair = (ask.left.min(ask.right), ask.left.max(ask.right));
        let mut made = Vec::new();
        for a in &ours {
            for b in &theirs {
                let (left, right) = (*a.min(b), *a.max(b));
                match tx.decision_of_pair(left, right).await? {
                    Some(standing) if standing.kind == NEVER_LINK => {}
                    Some(standing) => return Err(contradicted(&standing)),
                    None => made.push((NEVER_LINK, left, right)),
                }
            }
        }
        self.later_ends(&mut tx, pair.0, pair.1).await?;
        tx.claim_end(MatchCandidateId::derive(pair.0, pair.1)).await?;
        let (plan, at) = self.plan_record(&mut tx, &order, &made, ask.until).await?;
        tx.plan_reaches_customers(plan, pair, &ask.request).await?;
        let decisions = tx.plan_decisions(plan).await?;
        let applied = self.plan_conclude(tx, plan, "decision.make", &decisions, at, SCOPE_CUSTOMERS).await?;
        let own = applied.decisions.into_iter().find(|row| (row.left, row.right) == pair);
        let own = own.ok_or(AppError::Invariant("a never-link between customers is one of the pair that was named"))?;
        Ok(Decided { pending: applied.pending, ..self.decided(own, false).await? })
    }
}
