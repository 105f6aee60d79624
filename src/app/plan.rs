//! Plans: merging and splitting customers, looked at first, applied as looked at, taken back as a whole.
//!
//! Promises: a plan is decisions over records and copies nothing, so that taking it back gives what was there before; a
//! preview folds the real facts with the decisions that it would make, and writes none of them; a plan is applied only while
//! the facts still give what was looked at, and its decisions, their audit and their place in the next fold commit together.

mod apply;
mod draft;
mod effect;
mod fingerprint;

pub(super) use apply::{Order, needed};
pub use apply::{PlanApplied, PlanOutcome};
pub use effect::{ConsentChange, IdChange, ValueChange};
pub use fingerprint::PlanMark;

use super::{AppError, Session};
use crate::identity::{Foresight, LinkDecision, LinkDecisionKind, Partition, decisions, pins};
use crate::store::{DecisionRow, LINK, NEVER_LINK};
use draft::Draft;
use onefold_model::{CustomerId, RecordId};

/// What is to be planned.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PlanAsk {
    /// These customers are one.
    Merge(Vec<CustomerId>),
    /// The records of this customer are of several: each group of one. Records in no group are one more group.
    Split(CustomerId, Vec<Vec<RecordId>>),
}

/// What kind of plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PlanKind {
    /// Customers become one.
    Merge,
    /// A customer becomes several.
    Split,
    /// Many pairs are decided alike.
    Decide,
    /// Every record of one customer is kept from every record of another.
    NeverLink,
}

impl PlanKind {
    /// Its word in the store.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Merge => "MERGE",
            Self::Split => "SPLIT",
            Self::Decide => "DECIDE",
            Self::NeverLink => "NEVER_LINK",
        }
    }

    /// From its word in the store.
    pub fn of(word: &str) -> Self {
        match word {
            "MERGE" => Self::Merge,
            "SPLIT" => Self::Split,
            "NEVER_LINK" => Self::NeverLink,
            _ => Self::Decide,
        }
    }
}

/// A decision that a plan makes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct PlannedDecision {
    /// The record with the smaller id.
    pub left: RecordId,
    /// The other.
    pub right: RecordId,
    /// `LINK` or `NEVER_LINK`.
    pub kind: &'static str,
}

impl PlannedDecision {
    fn of(kind: &'static str, one: RecordId, other: RecordId) -> Self {
        Self { left: one.min(other), right: one.max(other), kind }
    }
}

/// What a plan would do.
#[derive(Debug, Clone)]
pub struct StewardPlan {
    /// What kind.
    pub kind: PlanKind,
    /// Customers that would change, with their records, as they are.
    pub before: Partition,
    /// As they would be.
    pub after: Partition,
    /// Golden values that would change, as the caller may see them.
    pub values: Vec<ValueChange>,
    /// What consents amount to that would change; none where the caller may see no consents.
    pub consents: Option<Vec<ConsentChange>>,
    /// Ids that would lead elsewhere, lead a customer again, or be new.
    pub ids: Vec<IdChange>,
    /// A reason must be given to apply it.
    pub needs_reason: bool,
    /// Decisions that it would make.
    pub makes: Vec<PlannedDecision>,
    /// Decisions that it would take back.
    pub takes_back: Vec<DecisionRow>,
    /// What names it.
    pub fingerprint: PlanMark,
}

/// A plan, and when it was seen.
struct Seen {
    plan: StewardPlan,
    generation: i64,
    outbox_up_to: i64,
    /// The customers that were asked about.
    customers: Vec<CustomerId>,
}

impl Session {
    /// What a plan would do. For those who review for the departments of all records that are asked about.
    pub async fn plan_preview(&self, ask: &PlanAsk) -> Result<StewardPlan, AppError> {
        Ok(self.plan_seen(ask).await?.plan)
    }

    async fn plan_seen(&self, ask: &PlanAsk) -> Result<Seen, AppError> {
        // What waits is folded first: a plan tells what it changes itself, and nothing of what comes anyway.
        self.app.fold_changes("system:fold").await?;
        let draft = self.draft(ask).await?;
        let standing = decisions(self.store()).await?;
        for makes in draft.ladder.clone() {
            let foresight = self.app.identity.foresee(self.store(), after(&standing, &draft, &makes)).await?;
            if draft.is_met(&foresight) {
                return self.seen(draft, makes, foresight).await;
            }
        }
        let text = "the records cannot be put together or apart like this: `explainMatch` tells what speaks against it";
        Err(AppError::Conflict(text.to_owned()))
    }

    async fn seen(&self, draft: Draft, makes: Vec<PlannedDecision>, foresight: Foresight) -> Result<Seen, AppError> {
        let records: Vec<RecordId> = foresight.parties.keys().copied().collect();
        let statements = self.store().consent_statements(&records).await?;
        let consents = effect::consents(&foresight, &statements)?;
        let widens = consents.iter().any(|change| change.widens);
        let shows_consents = self.shows_consents();
        let needs_reason = match draft.kind {
            // Who may not see what is widened says why in any case.
            PlanKind::Merge => widens || !shows_consents,
            PlanKind::Split | PlanKind::Decide | PlanKind::NeverLink => true,
        };
        let fingerprint = PlanMark::of(&foresight, &statements, &makes, &draft.takes_back);
        let plan = StewardPlan {
            kind: draft.kind,
            values: self.value_changes(&foresight, &pins(&self.store().pin_of(&records).await?)),
            consents: shows_consents.then_some(consents),
            ids: self.id_changes(&foresight).await?,
            needs_reason,
            makes,
            takes_back: draft.takes_back,
            fingerprint,
            before: foresight.before,
            after: foresight.after,
        };
        let (generation, outbox_up_to) = (foresight.generation, foresight.outbox_up_to);
        Ok(Seen { plan, generation, outbox_up_to, customers: draft.customers })
    }
}

/// The decisions that would stand.
fn after(standing: &[LinkDecision], draft: &Draft, makes: &[PlannedDecision]) -> Vec<LinkDecision> {
    let is_taken = |link: &LinkDecision| {
        let is_link = link.kind == LinkDecisionKind::Link;
        is_link && draft.takes_back.iter().any(|row| (row.left, row.right) == (link.left, link.right))
    };
    let kept = standing.iter().filter(|link| !is_taken(link)).copied();
    let made = makes.iter().map(|made| {
        let kind = if made.kind == LINK { LinkDecisionKind::Link } else { LinkDecisionKind::NeverLink };
        LinkDecision { kind, left: made.left, right: made.right }
    });
    kept.chain(made).collect()
}

/// Links from the first record to all others.
fn star(records: &[RecordId]) -> impl Iterator<Item = PlannedDecision> {
    let hub = records.first().copied();
    records.iter().skip(1).filter_map(move |other| Some(PlannedDecision::of(LINK, hub?, *other)))
}

/// Never-links between each two of these records.
fn apart(records: &[RecordId]) -> Vec<PlannedDecision> {
    let mut all = Vec::new();
    for (n, one) in records.iter().enumerate() {
        all.extend(records[n + 1..].iter().map(|other| PlannedDecision::of(NEVER_LINK, *one, *other)));
    }
    all
}
