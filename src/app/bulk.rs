//! Deciding many pairs alike: a filter over the queue, a sample to look at, and then all of them or none.
//!
//! Promises that what is decided is what was counted: the plan has a fingerprint over every pair and its score, and is refused
//! with the difference where the queue moved. Pairs of which the caller does not review both records are left out of both. Where
//! decisions made one by one prove too little of pairs like these, and not every pair was in the sample, it is refused without a
//! reason why it is done all the same, which every decision keeps.

use super::bulk_evidence::BulkEvidence;
use super::decision::{Verdict, check_reason, check_request, check_until};
use super::plan::{Order, PlanApplied, PlanKind, PlanMark, needed};
use super::{AppError, CandidateView, Session};
use crate::auth::Owners;
use crate::identity::{LinkDecision, LinkDecisionKind, decisions};
use crate::store::{CandidateFilter, CandidateOrder, PageAsk};
use onefold_model::{RecordId, Timestamp};

/// At most so many pairs are decided at once.
const MOST_PAIRS: u32 = 1_000;
/// Which pages a plan reads at once.
const PAGE: u32 = 200;
/// At most so many pairs are shown of them.
const MOST_SHOWN: usize = 50;

/// Which pairs are decided how.
#[derive(Debug, Clone, PartialEq)]
pub struct BulkAsk {
    /// Which pairs.
    pub filter: CandidateFilter,
    /// What they are.
    pub verdict: Verdict,
    /// Until when it holds: needed of what is looked at later, possible where pairs are kept apart.
    pub until: Option<Timestamp>,
    /// At most so many pairs are shown.
    pub sample: usize,
}

/// What deciding many pairs would do.
#[derive(Debug, Clone)]
pub struct BulkPlan {
    /// How many pairs would be decided.
    pub pairs: usize,
    /// Pairs from the likeliest to the unlikeliest, evenly spread.
    pub sample: Vec<CandidateView>,
    /// Customers that would change, as there are now.
    pub customers_before: usize,
    /// As there would be.
    pub customers_after: usize,
    /// What earlier decisions prove of pairs like these.
    pub evidence: BulkEvidence,
    /// What names it.
    pub fingerprint: PlanMark,
}

impl BulkPlan {
    /// Whether it may be applied without saying why the evidence is passed over: it is enough, or every pair was looked at.
    #[must_use]
    pub fn is_proved(&self) -> bool {
        self.evidence.missing == 0 || self.sample.len() >= self.pairs
    }

    fn unproved_text(&self) -> String {
        let BulkEvidence { decided, agreeing, most_wrong, missing } = self.evidence;
        format!(
            "{agreeing} of {decided} decisions about pairs like these say so, which leaves up to {:.1} % wrong (95 %): {missing} \
             more that agree are needed, or a sample of all {} pairs, or say in `unproved` why it is done all the same",
            most_wrong * 100.0,
            self.pairs
        )
    }
}

/// How many pairs are ordered to be decided.
#[derive(Debug, Clone, Copy)]
pub struct BulkOrder<'a> {
    /// What was looked at.
    pub fingerprint: &'a str,
    /// Why.
    pub reason: &'a str,
    /// Why it is done although earlier decisions prove too little.
    pub unproved: Option<&'a str>,
    /// What names the request.
    pub request: &'a str,
}

/// What became of deciding many pairs.
#[derive(Debug, Clone)]
pub enum BulkOutcome {
    /// They are decided.
    Applied(Box<PlanApplied>),
    /// Refused, because the queue gives another plan by now: this one, which differs as the text says.
    Moved(Box<BulkPlan>, String),
}

/// Everything that would be decided.
struct Gathered {
    pairs: Vec<CandidateView>,
    plan: BulkPlan,
    generation: i64,
    outbox_up_to: i64,
}

impl Session {
    /// What deciding many pairs would do. For those who review.
    pub async fn bulk_preview(&self, ask: &BulkAsk) -> Result<BulkPlan, AppError> {
        Ok(self.gathered(ask).await?.plan)
    }

    /// Decides many pairs, if the queue still gives what was looked at.
    pub async fn bulk_apply(&self, ask: &BulkAsk, order: &BulkOrder<'_>) -> Result<BulkOutcome, AppError> {
        let BulkOrder { fingerprint, reason, unproved, request } = *order;
        check_request(request)?;
        needed(reason)?;
        let unproved = unproved.map(str::trim).filter(|why| !why.is_empty());
        let reason = match unproved {
            Some(why) => format!("{} (although too little was proved: {why})", reason.trim()),
            None => reason.to_owned(),
        };
        check_reason(&reason)?;
        let reason = reason.as_str();
        let order = Order { kind: PlanKind::Decide, fingerprint, reason, request };
        let looked_at: PlanMark = fingerprint.parse().map_err(|_| {
            AppError::Invalid(format!("{fingerprint:?} names no plan: take the fingerprint as the preview shows it"))
        })?;
        if let Some(before) = self.plan_replayed(&order).await? {
            return Ok(BulkOutcome::Applied(Box::new(before)));
        }
        let gathered = self.gathered(ask).await?;
        if gathered.plan.fingerprint != looked_at {
            let text = format!(
                "the queue moved since the plan was looked at: {}; look at it again and use {}",
                looked_at.difference(&gathered.plan.fingerprint),
                gathered.plan.fingerprint
            );
            return Ok(BulkOutcome::Moved(Box::new(gathered.plan), text));
        }
        if gathered.pairs.is_empty() {
            return Err(AppError::Invalid("there is no such pair in the queue".to_owned()));
        }
        if !gathered.plan.is_proved() && unproved.is_none() {
            return Err(AppError::ReasonNeeded(gathered.plan.unproved_text()));
        }
        let mut tx = self.store().begin().await?;
        tx.identity_lock().await?;
        if tx.fold_generation().await? != gathered.generation || tx.outbox_end().await? > gathered.outbox_up_to {
            return Err(AppError::Conflict("others decided at the same moment: look at the plan again".to_owned()));
        }
        for pair in &gathered.pairs {
            self.held_by_nobody_else(&mut tx, pair.left, pair.right).await?;
            self.later_ends(&mut tx, pair.left, pair.right).await?;
            tx.claim_end(pair.id).await?;
        }
        let made: Vec<(&str, RecordId, RecordId)> =
            gathered.pairs.iter().map(|pair| (ask.verdict.as_str(), pair.left, pair.right)).collect();
        let (id, at) = self.plan_record(&mut tx, &order, &made, ask.until).await?;
        let decisions = tx.plan_decisions(id).await?;
        let applied = self.plan_conclude(tx, id, "plan.apply", &decisions, at, ask.verdict.as_str()).await?;
        Ok(BulkOutcome::Applied(Box::new(applied)))
    }

    async fn gathered(&self, ask: &BulkAsk) -> Result<Gathered, AppError> {
        let now = self.app.clock.now();
        check_until(ask.until, now)?;
        match (ask.verdict, ask.until) {
            (Verdict::Later, None) => return Err(AppError::Invalid("say until when the pairs are put off".to_owned())),
            (Verdict::Link, Some(_)) => return Err(AppError::Invalid("a link has no end of its own".to_owned())),
            (Verdict::Link | Verdict::NeverLink | Verdict::Later, _) => {}
        }
        let departments = self.reviewed_departments();
        if departments == Owners::None {
            let what = "to decide about possible duplicates".to_owned();
            return Err(self.refused(AppError::Forbidden { what, policy: None }).await);
        }
        self.app.fold_changes("system:fold").await?;
        let own = self.scope().actor().subject().to_owned();
        let filter = CandidateFilter {
            reviewed: Some(departments),
            free_for: Some((own, now)),
            // What contradicts a decision is looked at one by one.
            contested: Some(false),
            ..ask.filter.clone()
        };
        let pairs = self.every_pair(&filter).await?;
        let standing = decisions(self.store()).await?;
        let made = pairs.iter().filter_map(|pair| {
            let kind = match ask.verdict {
                Verdict::Link => LinkDecisionKind::Link,
                Verdict::NeverLink => LinkDecisionKind::NeverLink,
                Verdict::Later => return None,
            };
            Some(LinkDecision { kind, left: pair.left, right: pair.right })
        });
        let foresight = self.app.identity.foresee(self.store(), standing.into_iter().chain(made).collect()).await?;
        let fingerprint = PlanMark::of_texts(
            pairs.iter().map(|pair| format!("{} {} {}", pair.id, pair.left_customer, pair.right_customer)).collect(),
            pairs.iter().map(|pair| format!("{} {}", pair.id, pair.weight.to_bits())).collect(),
            vec![ask.verdict.as_str().to_owned(), format!("{:?}", ask.until)],
        );
        let plan = BulkPlan {
            pairs: pairs.len(),
            sample: spread(&pairs, ask.sample.min(MOST_SHOWN)),
            customers_before: foresight.before.len(),
            customers_after: foresight.after.len(),
            evidence: self.bulk_evidence(ask).await?,
            fingerprint,
        };
        Ok(Gathered { pairs, plan, generation: foresight.generation, outbox_up_to: foresight.outbox_up_to })
    }

    async fn every_pair(&self, filter: &CandidateFilter) -> Result<Vec<CandidateView>, AppError> {
        let mut pairs: Vec<CandidateView> = Vec::new();
        let mut after = None;
        loop {
            let ask = PageAsk::Forward { count: PAGE, after };
            let slice = self.candidate_list(filter, CandidateOrder::Likeliest, &ask).await?;
            after = slice.rows.last().map(|(cursor, _)| cursor.clone());
            pairs.extend(slice.rows.into_iter().map(|(_, pair)| pair));
            if pairs.len() > MOST_PAIRS as usize {
                let text = format!("more than {MOST_PAIRS} pairs: narrow the filter and decide them in parts");
                return Err(AppError::Invalid(text));
            }
            if !slice.has_next {
                return Ok(pairs);
            }
        }
    }
}

/// So many of them, evenly spread, the first and the last among them.
fn spread(pairs: &[CandidateView], count: usize) -> Vec<CandidateView> {
    if pairs.len() <= count {
        return pairs.to_vec();
    }
    let last = pairs.len() - 1;
    (0..count).filter_map(|n| pairs.get(n * last / count.saturating_sub(1).max(1))).cloned().collect()
}
