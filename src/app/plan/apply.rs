//! Applying a plan as it was looked at, and taking it back as a whole.
//!
//! Safe to repeat: a request by its idempotency key applies once, and a plan is taken back once.

use super::super::decision::{check_reason, check_request};
use super::super::{AppError, Session};
use super::{PlanAsk, PlanKind, PlanMark, Seen, StewardPlan};
use crate::store::{AuditEntry, DecisionRow, LATER, LINK, PageAsk, PlanRow, SCOPE_RECORDS, Slice, Tx, Undone};
use onefold_model::{CustomerId, DecisionId, MatchCandidateId, PlanId, RecordId, Timestamp};
use std::collections::BTreeSet;
use uuid::Uuid;

/// A plan that others overtake is looked at again so often.
const TRIES: u32 = 5;

/// A plan that stands or was taken back, with what it decided.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlanApplied {
    /// The plan.
    pub row: PlanRow,
    /// What it decided, and what it took back, as that stands now.
    pub decisions: Vec<DecisionRow>,
    /// It was applied, or taken back, before: this request changed nothing.
    pub replayed: bool,
    /// It stands, and customers do not show it yet: that fold failed, and the background tries again.
    pub pending: bool,
    /// The customers of its records now.
    pub customers: Vec<CustomerId>,
}

/// What became of applying a plan.
#[derive(Debug, Clone)]
pub enum PlanOutcome {
    /// It stands.
    Applied(Box<PlanApplied>),
    /// Refused, because the facts give another plan by now: this one, which differs as the text says.
    Moved(Box<StewardPlan>, String),
}

/// What a caller says with a plan that is to be applied.
#[derive(Debug, Clone, Copy)]
pub(in super::super) struct Order<'a> {
    pub kind: PlanKind,
    pub fingerprint: &'a str,
    pub reason: &'a str,
    pub request: &'a str,
}

impl Session {
    /// Applies a plan, if the facts still give what was looked at.
    pub async fn plan_apply(
        &self,
        ask: &PlanAsk,
        fingerprint: &str,
        reason: &str,
        request: &str,
    ) -> Result<PlanOutcome, AppError> {
        check_request(request)?;
        let kind = match ask {
            PlanAsk::Merge(_) => PlanKind::Merge,
            PlanAsk::Split(..) => PlanKind::Split,
        };
        let order = Order { kind, fingerprint, reason, request };
        let looked_at: PlanMark = fingerprint
            .parse()
            .map_err(|error: super::fingerprint::UnknownMark| AppError::Invalid(error.to_string()))?;
        if let Some(before) = self.plan_replayed(&order).await? {
            return Ok(PlanOutcome::Applied(Box::new(before)));
        }
        for _ in 0..TRIES {
            let seen = self.plan_seen(ask).await?;
            if seen.plan.fingerprint != looked_at {
                let text = format!(
                    "the data moved since the plan was looked at: {}; look at it again and use {}",
                    looked_at.difference(&seen.plan.fingerprint),
                    seen.plan.fingerprint
                );
                return Ok(PlanOutcome::Moved(Box::new(seen.plan), text));
            }
            if seen.plan.needs_reason {
                needed(reason)?;
            }
            let mut tx = self.store().begin().await?;
            tx.identity_lock().await?;
            if tx.plan_of_request(self.scope().actor().subject(), request).await?.is_some() {
                drop(tx);
                let before = self.plan_replayed(&order).await?;
                let before = before.ok_or(AppError::Invariant("a plan of this request was there a moment ago"))?;
                return Ok(PlanOutcome::Applied(Box::new(before)));
            }
            if tx.fold_generation().await? != seen.generation || tx.outbox_end().await? > seen.outbox_up_to {
                continue;
            }
            return Ok(PlanOutcome::Applied(Box::new(self.plan_write(tx, &order, seen).await?)));
        }
        let before = self.plan_replayed(&order).await?;
        before.map(|before| PlanOutcome::Applied(Box::new(before))).ok_or_else(|| {
            AppError::Conflict(format!("others changed the same customers {TRIES} times meanwhile: try again"))
        })
    }

    /// Takes a plan back as a whole: what it decided no longer stands, and what it took back stands again where nothing that
    /// was decided since speaks against it. Safe to repeat: the first time counts.
    pub async fn plan_undo(&self, id: PlanId, reason: &str) -> Result<PlanApplied, AppError> {
        let missing = || AppError::Missing(format!("there is no plan {id}: `plans` lists them"));
        check_reason(reason)?;
        let row = self.store().plan_get(id).await?.ok_or_else(missing)?;
        let decisions = self.store().plan_decisions(id).await?;
        self.may_review_plan(&decisions, missing).await?;
        let (at, by) = (self.app.clock.now(), self.scope().actor().subject().to_owned());
        let undone = Undone { at, by: by.clone(), reason: reason.trim().to_owned() };
        let mut tx = self.store().begin().await?;
        tx.identity_lock().await?;
        if tx.plan_undo(id, at, &by).await? == 0 {
            drop(tx);
            return self.plan_told(row.id, true, false).await;
        }
        let decisions = tx.plan_decisions(id).await?;
        for decision in decisions.iter().filter(|decision| decision.plan == Some(id)) {
            tx.decision_undo(decision.id, &undone).await?;
        }
        for taken in decisions.iter().filter(|decision| decision.plan != Some(id)) {
            self.decide_again(&mut tx, taken, at, reason).await?;
        }
        self.plan_conclude(tx, id, "plan.undo", &decisions, at, &row.kind).await
    }

    /// Plans that were applied, the latest first, whose records the caller reviews.
    pub async fn plan_list(&self, ask: &PageAsk) -> Result<Slice<PlanApplied>, AppError> {
        let slice = self.store().plan_page(self.scope(), &self.reviewed_departments(), ask).await?;
        let mut rows = Vec::new();
        for (cursor, row) in slice.rows {
            rows.push((cursor, self.plan_told(row.id, false, false).await?));
        }
        Ok(Slice { rows, has_next: slice.has_next, has_previous: slice.has_previous })
    }

    /// What a request of this caller's applied before. With another plan's key it is a conflict.
    pub(in super::super) async fn plan_replayed(&self, order: &Order<'_>) -> Result<Option<PlanApplied>, AppError> {
        let actor = self.scope().actor().subject();
        let Some(before) = self.store().plan_of_request(actor, order.request).await? else { return Ok(None) };
        if before.kind != order.kind.as_str() || before.fingerprint != order.fingerprint.trim() {
            let request = order.request;
            let text = format!("the idempotency key {request:?} was used for another plan: give each its own");
            return Err(AppError::Conflict(text));
        }
        Ok(Some(self.plan_told(before.id, true, false).await?))
    }

    async fn plan_write(&self, mut tx: Tx, order: &Order<'_>, seen: Seen) -> Result<PlanApplied, AppError> {
        let made: Vec<(&str, RecordId, RecordId)> =
            seen.plan.makes.iter().map(|made| (made.kind, made.left, made.right)).collect();
        let (id, at) = self.plan_record(&mut tx, order, &made, None).await?;
        let undone =
            Undone { at, by: self.scope().actor().subject().to_owned(), reason: order.reason.trim().to_owned() };
        for (_, left, right) in &made {
            self.later_ends(&mut tx, *left, *right).await?;
            tx.claim_end(MatchCandidateId::derive(*left, *right)).await?;
        }
        for decision in &seen.plan.takes_back {
            tx.decision_undo_by_plan(decision, id, &undone).await?;
        }
        let decisions = tx.plan_decisions(id).await?;
        let what = format!("{} of {} customers", order.kind.as_str(), seen.customers.len());
        self.plan_conclude(tx, id, "plan.apply", &decisions, at, &what).await
    }

    /// Writes a plan and the decisions that it makes.
    pub(in super::super) async fn plan_record(
        &self,
        tx: &mut Tx,
        order: &Order<'_>,
        made: &[(&str, RecordId, RecordId)],
        expires_at: Option<Timestamp>,
    ) -> Result<(PlanId, Timestamp), AppError> {
        let (at, actor) = (self.app.clock.now(), self.scope().actor().subject().to_owned());
        let row = PlanRow {
            id: PlanId(Uuid::now_v7()),
            kind: order.kind.as_str().to_owned(),
            actor: actor.clone(),
            request: order.request.to_owned(),
            fingerprint: order.fingerprint.trim().to_owned(),
            made_at: at,
            undone: None,
        };
        tx.plan_insert(&row).await?;
        let model = tx.model_active().await?;
        for (kind, left, right) in made {
            let decision = DecisionRow {
                id: DecisionId(Uuid::now_v7()),
                kind: (*kind).to_owned(),
                left: *left,
                right: *right,
                actor: actor.clone(),
                reason: order.reason.trim().to_owned(),
                made_at: at,
                model: model.clone(),
                request: None,
                undone: None,
                plan: Some(row.id),
                expires_at,
                scope: SCOPE_RECORDS.to_owned(),
            };
            tx.decision_insert(&decision).await?;
        }
        Ok((row.id, at))
    }

    /// Commits a plan, or its end, with its audit entry and its place in the next fold, and folds.
    pub(in super::super) async fn plan_conclude(
        &self,
        mut tx: Tx,
        id: PlanId,
        action: &'static str,
        decisions: &[DecisionRow],
        at: Timestamp,
        what: &str,
    ) -> Result<PlanApplied, AppError> {
        let actor = self.scope().actor().subject().to_owned();
        let records: BTreeSet<RecordId> = decisions.iter().flat_map(|row| [row.left, row.right]).collect();
        let records: Vec<RecordId> = records.into_iter().collect();
        let about: BTreeSet<CustomerId> = tx.link_of(&records).await?.into_iter().collect();
        let detail = Some(format!("{what}: {} decisions", decisions.len()));
        let entry = AuditEntry { at, actor: actor.clone(), action, target: id.to_string(), detail };
        tx.audit_append_about(&entry, &about.into_iter().collect::<Vec<_>>()).await?;
        // What is only put off puts nothing together or apart.
        let folded = decisions.iter().filter(|row| row.kind != LATER).flat_map(|row| [row.left, row.right]);
        let folded: BTreeSet<RecordId> = folded.collect();
        tx.fold_leave(&folded.into_iter().collect::<Vec<_>>(), at).await?;
        tx.commit().await?;
        // The plan stands, whatever becomes of this fold: what it left in the outbox is folded again later.
        let folded = self.app.fold_changes(&actor).await;
        if let Err(error) = &folded {
            tracing::warn!(error = %error, "a plan was applied and could not be folded at once");
            self.app.fold_soon();
        }
        self.plan_told(id, false, folded.is_err()).await
    }

    /// Makes a decision stand again that a plan took back: by the caller, and as a new one, because none is ever changed.
    async fn decide_again(
        &self,
        tx: &mut Tx,
        taken: &DecisionRow,
        at: Timestamp,
        reason: &str,
    ) -> Result<(), AppError> {
        if tx.decision_of_pair(taken.left, taken.right).await?.is_some()
            || taken.expires_at.is_some_and(|until| until <= at)
            || (taken.kind == LINK && tx.decision_between(taken.left, taken.right).await?.is_some())
        {
            return Ok(());
        }
        let again = DecisionRow {
            id: DecisionId(Uuid::now_v7()),
            actor: self.scope().actor().subject().to_owned(),
            reason: reason.trim().to_owned(),
            made_at: at,
            request: None,
            undone: None,
            ..taken.clone()
        };
        tx.decision_insert(&again).await?;
        Ok(())
    }

    async fn plan_told(&self, id: PlanId, replayed: bool, pending: bool) -> Result<PlanApplied, AppError> {
        let row = self.store().plan_get(id).await?.ok_or(AppError::Invariant("a plan that was written is there"))?;
        let decisions = self.store().plan_decisions(id).await?;
        let records: BTreeSet<RecordId> = decisions.iter().flat_map(|row| [row.left, row.right]).collect();
        let links = self.store().link_get(&records.into_iter().collect::<Vec<_>>()).await?;
        let customers: BTreeSet<CustomerId> = links.into_iter().map(|(_, customer, _)| customer).collect();
        Ok(PlanApplied { row, decisions, replayed, pending, customers: customers.into_iter().collect() })
    }

    async fn may_review_plan(&self, decisions: &[DecisionRow], missing: impl Fn() -> AppError) -> Result<(), AppError> {
        for decision in decisions {
            self.reviewed([decision.left, decision.right]).await.map_err(|error| match error {
                AppError::Missing(_) => missing(),
                error => error,
            })?;
        }
        // Of a plan all of whose records were erased nothing is left to be let near.
        if decisions.is_empty() { Err(missing()) } else { Ok(()) }
    }
}

/// A reason where one must be given.
pub(in super::super) fn needed(reason: &str) -> Result<(), AppError> {
    if reason.trim().is_empty() {
        let text = "say why: this keeps records apart, or lets somebody be reached who may not be now";
        return Err(AppError::ReasonNeeded(text.to_owned()));
    }
    check_reason(reason)
}
