//! What stewards decide about two records: of one customer, or never. And taking it back.
//!
//! Promises: a decision is written with its audit entry and its place in the next fold in one transaction, so that a crash
//! loses neither; a request that comes again decides nothing twice; nothing is copied, so taking a decision back gives what
//! was there before. Whoever may not see a record is told what is told of one that does not exist.

use super::{AppError, Session};
use crate::auth::{Action, Owners, Permission};
use crate::store::{
    AuditEntry, DecisionFilter, DecisionRow, LATER, LINK, NEVER_LINK, PageAsk, RecordRow, SCOPE_CUSTOMERS,
    SCOPE_RECORDS, Slice, Tx, Undone,
};
use onefold_model::{CustomerId, DecisionId, DepartmentKey, MatchCandidateId, RecordId, RecordKind, Timestamp};
use std::collections::BTreeSet;
use uuid::Uuid;

/// The longest reason, in characters.
const MAX_REASON: usize = 1_000;
/// The longest name of a request, in characters.
const MAX_REQUEST: usize = 200;

/// What is decided about two records.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// They are of one customer.
    Link,
    /// They are of different customers, whatever speaks for one.
    NeverLink,
    /// The pair is looked at again later: until then it is not in the queue.
    Later,
}

/// How far a never-link reaches.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DecisionScope {
    /// The two records, and with them whoever is with them.
    Records,
    /// Every record of the one customer and every record of the other, as they are now: also one that leaves its customer
    /// later on.
    Customers,
}

impl Verdict {
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::Link => LINK,
            Self::NeverLink => NEVER_LINK,
            Self::Later => LATER,
        }
    }
}

/// What a steward wants decided.
#[derive(Debug, Clone)]
pub struct DecideAsk {
    /// One record.
    pub left: RecordId,
    /// The other.
    pub right: RecordId,
    /// What they are.
    pub verdict: Verdict,
    /// Why. Must be given where two are kept apart for ever.
    pub reason: String,
    /// What names the request.
    pub request: String,
    /// Until when it holds: needed of what is looked at later, possible where two are kept apart.
    pub until: Option<Timestamp>,
    /// How far it reaches, where two are kept apart.
    pub scope: DecisionScope,
}

/// A decision and what it led to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decided {
    /// The decision.
    pub decision: DecisionRow,
    /// It stood before: nothing was decided anew.
    pub replayed: bool,
    /// It stands, and customers do not show it yet: that fold failed, and the background tries again.
    pub pending: bool,
    /// The customers of the two records now; the same where they are together.
    pub customers: [Option<CustomerId>; 2],
}

impl Session {
    /// Decides about two records, and folds what that changes.
    pub async fn match_decide(&self, ask: &DecideAsk) -> Result<Decided, AppError> {
        check(ask, self.app.clock.now())?;
        let [one, other] = self.reviewed([ask.left, ask.right]).await?;
        let actor = self.scope().actor().subject();
        let model = self.store().model_active().await?;
        let fit = self.parties(ask.verdict, &one, &other).await;
        // From here on everything goes through the transaction: whoever waits for the lock with a connection in hand leaves
        // none for those who would need a second one.
        let mut tx = self.store().begin().await?;
        // One at a time: two stewards with the same pair before them decide it once, and the other is told.
        tx.identity_lock().await?;
        if let Some(before) = tx.decision_of_request(actor, &ask.request).await? {
            drop(tx);
            return self.replayed(ask, before).await;
        }
        let (left, right) = (one.id.min(other.id), one.id.max(other.id));
        self.held_by_nobody_else(&mut tx, left, right).await?;
        if tx.decision_lost(left, right).await? {
            return Err(AppError::Invalid("one of the records is deleted in its source".to_owned()));
        }
        fit?;
        let standing = tx.decision_of_pair(left, right).await?;
        let standing = self.confirmed_anew(&mut tx, ask, standing).await?;
        if let Some(standing) = standing {
            drop(tx);
            if standing.kind == ask.verdict.as_str() {
                return self.decided(standing, true).await;
            }
            return Err(contradicted(&standing));
        }
        if ask.verdict == Verdict::Link
            && let Some(standing) = tx.decision_between(left, right).await?
        {
            return Err(contradicted(&standing));
        }
        if ask.verdict == Verdict::NeverLink && ask.scope == DecisionScope::Customers {
            return self.never_link_customers(tx, ask, [one.customer, other.customer]).await;
        }
        let decision = DecisionRow {
            id: DecisionId(Uuid::now_v7()),
            kind: ask.verdict.as_str().to_owned(),
            left,
            right,
            actor: actor.to_owned(),
            reason: ask.reason.trim().to_owned(),
            made_at: self.app.clock.now(),
            model,
            request: Some(ask.request.clone()),
            undone: None,
            plan: None,
            expires_at: ask.until,
            scope: SCOPE_RECORDS.to_owned(),
        };
        self.later_ends(&mut tx, left, right).await?;
        tx.decision_insert(&decision).await?;
        tx.claim_end(MatchCandidateId::derive(left, right)).await?;
        self.conclude(tx, decision, [one.customer, other.customer]).await
    }

    /// Takes a decision back. Safe to repeat: the first time counts.
    pub async fn decision_undo(&self, id: DecisionId, reason: &str) -> Result<Decided, AppError> {
        let missing = || AppError::Missing(format!("there is no decision {id}: `decisions` lists them"));
        check_reason(reason)?;
        let decision = self.store().decision_get(id).await?.ok_or_else(missing)?;
        let [one, other] = self.reviewed([decision.left, decision.right]).await.map_err(|error| match error {
            AppError::Missing(_) => missing(),
            error => error,
        })?;
        let by = self.scope().actor().subject().to_owned();
        let undone = Undone { at: self.app.clock.now(), by, reason: reason.trim().to_owned() };
        if let Some(plan) = decision.plan.filter(|_| decision.scope == SCOPE_CUSTOMERS) {
            let applied = self.plan_undo(plan, reason).await?;
            let decision = self.store().decision_get(id).await?.ok_or_else(missing)?;
            return Ok(Decided { pending: applied.pending, ..self.decided(decision, applied.replayed).await? });
        }
        let mut tx = self.store().begin().await?;
        tx.identity_lock().await?;
        if tx.decision_undo(id, &undone).await? == 0 {
            drop(tx);
            let decision = self.store().decision_get(id).await?.ok_or_else(missing)?;
            return self.decided(decision, true).await;
        }
        let decision = DecisionRow { undone: Some(undone), ..decision };
        self.conclude(tx, decision, [one.customer, other.customer]).await
    }

    /// Decisions about records of departments for which the caller reviews, the latest first.
    pub async fn decision_list(
        &self,
        customer: Option<CustomerId>,
        standing: Option<bool>,
        ask: &PageAsk,
    ) -> Result<Slice<DecisionRow>, AppError> {
        let filter = DecisionFilter { departments: self.reviewed_departments(), customer, among: Vec::new(), standing };
        Ok(self.store().decision_page(self.scope(), &filter, ask).await?)
    }

    /// How many of them there are.
    pub async fn decision_count(&self, customer: Option<CustomerId>, standing: Option<bool>) -> Result<i64, AppError> {
        let filter = DecisionFilter { departments: self.reviewed_departments(), customer, among: Vec::new(), standing };
        Ok(self.store().decision_count(self.scope(), &filter).await?)
    }

    pub(super) fn reviewed_departments(&self) -> Owners {
        if self.scope().is_system() {
            return Owners::All;
        }
        let may = |key: &&DepartmentKey| self.scope().may(Action::Review, key).is_allowed();
        let keys: BTreeSet<DepartmentKey> =
            self.app.sources.values().map(|row| &row.department).filter(may).cloned().collect();
        if keys.is_empty() { Owners::None } else { Owners::Some(keys) }
    }

    /// Both records, if the caller may see them and reviews for their departments.
    pub(super) async fn reviewed(&self, ids: [RecordId; 2]) -> Result<[RecordRow; 2], AppError> {
        let mut rows = self.owners_of(&ids).await?;
        let mut take = |id: RecordId| {
            let missing = || AppError::Missing(format!("there is no record {id}"));
            rows.remove(&id).filter(|row| row.kind == RecordKind::Party).ok_or_else(missing)
        };
        let found = [take(ids[0])?, take(ids[1])?];
        for row in &found {
            if let Permission::Denied { policy } = self.scope().may(Action::Review, &row.department) {
                let policy = policy.as_ref().map(ToString::to_string);
                let what = format!("to decide about records of the department {}", row.department);
                return Err(self.refused(AppError::Forbidden { what, policy }).await);
            }
        }
        Ok(found)
    }

    /// Whether this can be said of the two at all. Those of two kinds are never linked by a steward; systems disagree about kinds,
    /// so that matching may have linked them, and then a steward may keep them apart.
    async fn parties(&self, verdict: Verdict, one: &RecordRow, other: &RecordRow) -> Result<(), AppError> {
        let parties = self.store().party_get(&[one.id, other.id]).await?;
        match parties.as_slice() {
            [left, right] if left.party.kind == right.party.kind || verdict != Verdict::Link => Ok(()),
            [_, _] => Err(AppError::Invalid("a person and an organisation are never one customer".to_owned())),
            _ => Err(AppError::Missing("one of the records says nothing that can be compared".to_owned())),
        }
    }

    /// Commits what was made or taken back with its audit entry and its place in the next fold, and folds.
    async fn conclude(
        &self,
        mut tx: Tx,
        decision: DecisionRow,
        customers: [Option<CustomerId>; 2],
    ) -> Result<Decided, AppError> {
        let (action, at) = match &decision.undone {
            None => ("decision.make", decision.made_at),
            Some(undone) => ("decision.undo", undone.at),
        };
        let actor = self.scope().actor().subject().to_owned();
        let detail = Some(format!("{} {} and {}", decision.kind, decision.left, decision.right));
        let entry = AuditEntry { at, actor: actor.clone(), action, target: decision.id.to_string(), detail };
        let customers: Vec<CustomerId> = customers.into_iter().flatten().collect();
        tx.audit_append_about(&entry, &customers).await?;
        if decision.kind == LATER {
            // Nothing is put together or apart by it, so nothing is folded.
            tx.commit().await?;
            return self.decided(decision, false).await;
        }
        tx.decision_fold(&decision, at).await?;
        tx.commit().await?;
        // The decision stands, whatever becomes of this fold: what it left in the outbox is folded again later.
        let folded = self.app.fold_changes(&actor).await;
        if let Err(error) = &folded {
            tracing::warn!(error = %error, "a decision was made and could not be folded at once");
            self.app.fold_soon();
        }
        Ok(Decided { pending: folded.is_err(), ..self.decided(decision, false).await? })
    }

    async fn replayed(&self, ask: &DecideAsk, before: DecisionRow) -> Result<Decided, AppError> {
        let pair = (ask.left.min(ask.right), ask.left.max(ask.right));
        if (before.left, before.right) != pair || before.kind != ask.verdict.as_str() {
            let request = &ask.request;
            let text = format!("the idempotency key {request:?} was used for another decision: give each its own");
            return Err(AppError::Conflict(text));
        }
        self.decided(before, true).await
    }

    pub(super) async fn decided(&self, decision: DecisionRow, replayed: bool) -> Result<Decided, AppError> {
        let links = self.store().link_get(&[decision.left, decision.right]).await?;
        let of = |record: RecordId| links.iter().find(|link| link.0 == record.0).map(|link| link.1);
        let customers = [of(decision.left), of(decision.right)];
        Ok(Decided { decision, replayed, pending: false, customers })
    }
}

pub(super) fn contradicted(standing: &DecisionRow) -> AppError {
    AppError::Conflict(format!(
        "the decision {} of {} says {} and stands: take it back first with `decisionUndo`",
        standing.id, standing.made_at, standing.kind
    ))
}

/// Nothing is put off, and nothing held fast, for longer.
const LONGEST_DAYS: i64 = 3_660;

fn check(ask: &DecideAsk, now: Timestamp) -> Result<(), AppError> {
    if ask.left == ask.right {
        return Err(AppError::Invalid("a record is always of the same customer as itself".to_owned()));
    }
    check_request(&ask.request)?;
    check_until(ask.until, now)?;
    match (ask.verdict, ask.until) {
        (Verdict::Link, Some(_)) => {
            return Err(AppError::Invalid("a link holds until it is taken back: it has no end of its own".to_owned()));
        }
        (Verdict::Later, None) => {
            return Err(AppError::Invalid("say until when the pair is put off".to_owned()));
        }
        (Verdict::Link | Verdict::NeverLink, _) | (Verdict::Later, Some(_)) => {}
    }
    if ask.scope == DecisionScope::Customers && ask.verdict != Verdict::NeverLink {
        let text = "only a never-link reaches to whole customers: link them with `mergeApply`";
        return Err(AppError::Invalid(text.to_owned()));
    }
    if ask.verdict == Verdict::NeverLink {
        return check_reason(&ask.reason);
    }
    if ask.reason.trim().is_empty() { Ok(()) } else { check_reason(&ask.reason) }
}

pub(super) fn check_until(until: Option<Timestamp>, now: Timestamp) -> Result<(), AppError> {
    let Some(until) = until else { return Ok(()) };
    if until <= now || until > now + chrono::Duration::days(LONGEST_DAYS) {
        return Err(AppError::Invalid(format!("an end is later than now, and at most {LONGEST_DAYS} days away")));
    }
    Ok(())
}

pub(super) fn check_request(request: &str) -> Result<(), AppError> {
    if request.trim().is_empty() || request.chars().count() > MAX_REQUEST {
        let text = format!("an idempotency key has between 1 and {MAX_REQUEST} characters");
        return Err(AppError::Invalid(text));
    }
    Ok(())
}

pub(super) fn check_reason(reason: &str) -> Result<(), AppError> {
    if reason.trim().is_empty() || reason.chars().count() > MAX_REASON {
        return Err(AppError::Invalid(format!("a reason has between 1 and {MAX_REASON} characters")));
    }
    Ok(())
}
