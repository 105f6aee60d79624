//! How good matching is: a random sample of what it did by itself, judged by stewards who are not told that a pair is of a
//! sample, nor what matching thought of it.
//!
//! Promises that a sample is drawn once for a period, from a seed that is the period's, so that nobody chooses the pairs; that it
//! is given out among ordinary pairs of the queue, in an order that tells nothing; and that what a steward says has its
//! consequence: where they contradict matching, that is a decision like any other.

use super::decision::{check_reason, check_request};
use super::{AppError, DecideAsk, DecisionScope, Session, Verdict};
use crate::auth::Action;
use crate::identity::{Automatic, Estimate, Judged, precision, recall};
use crate::store::{AuditEntry, CandidateFilter, CandidateOrder, Claim, PageAsk, QualityPair, QualityStratum, Same};
use chrono::Duration;
use onefold_model::{MatchCandidateId, RecordId};
use std::collections::BTreeMap;

/// Pairs that are drawn of each stratum.
const EACH: usize = 60;
/// Ordinary pairs among which those of a sample are given out.
const OTHERS: u32 = 40;
/// How long a pair is in hand.
const CLAIM_SECONDS: i64 = 120;
const LINK: &str = "LINK";
const NON_LINK: &str = "NON_LINK";

/// A pair to be judged, without what matching thought.
#[derive(Debug, Clone, PartialEq)]
pub struct BlindPair {
    /// Its id.
    pub id: MatchCandidateId,
    /// The one record.
    pub left: RecordId,
    /// The other.
    pub right: RecordId,
    /// What was compared: attribute, and what each says, as the caller may see it whole.
    pub lines: Vec<(String, Option<String>, Option<String>)>,
}

/// How good matching was in a period.
#[derive(Debug, Clone, PartialEq)]
pub struct MatchQuality {
    /// The period, `2026-11`.
    pub period: String,
    /// The model that decided.
    pub model: String,
    /// The share of automatic links that are right; none before every stratum was judged.
    pub precision: Option<Estimate>,
    /// The share of compared pairs of one customer that were linked; none before every stratum was judged.
    pub recall: Option<Estimate>,
    /// By score.
    pub strata: Vec<QualityStratum>,
}

impl Session {
    /// Draws the sample of this month, if there is none yet. Says whether it was drawn now.
    pub async fn quality_draw(&self) -> Result<bool, AppError> {
        self.may_everywhere(Action::Administer, "to draw a sample of what matching did")?;
        self.app.fold_changes("system:fold").await?;
        let now = self.app.clock.now();
        let period = now.format("%Y-%m").to_string();
        let (model, drawn) = self.app.identity.quality_draw(self.store(), seed(&period), EACH).await?;
        let mut strata = Vec::new();
        let mut pairs = Vec::new();
        for stratum in drawn.iter().filter(|stratum| stratum.pairs > 0) {
            let automatic = match stratum.automatic {
                Automatic::Link => LINK,
                Automatic::NonLink => NON_LINK,
            };
            strata.push(QualityStratum {
                period: period.clone(),
                automatic: automatic.to_owned(),
                low: stratum.low,
                high: stratum.high,
                pairs: i64::try_from(stratum.pairs).unwrap_or(i64::MAX),
                drawn: 0,
                judged: 0,
                same: 0,
                model: model.clone(),
                drawn_at: now,
            });
            pairs.extend(stratum.sampled.iter().map(|pair| QualityPair {
                candidate: MatchCandidateId::derive(pair.left, pair.right),
                period: period.clone(),
                left: pair.left,
                right: pair.right,
                automatic: automatic.to_owned(),
                low: stratum.low,
            }));
        }
        let mut tx = self.store().begin().await?;
        tx.identity_lock().await?;
        if strata.is_empty() || tx.quality_is_drawn(&period).await? {
            return Ok(false);
        }
        tx.quality_insert(&strata, &pairs).await?;
        let actor = self.scope().actor().subject().to_owned();
        let detail = Some(format!("{} pairs of {} strata", pairs.len(), strata.len()));
        tx.audit_append(&AuditEntry { at: now, actor, action: "quality.draw", target: period, detail }).await?;
        tx.commit().await?;
        Ok(true)
    }

    /// How good matching was, the latest period first.
    pub async fn match_quality(&self) -> Result<Vec<MatchQuality>, AppError> {
        self.may_look_everywhere("to look at how good matching is")?;
        let mut by_period: BTreeMap<String, Vec<QualityStratum>> = BTreeMap::new();
        for stratum in self.store().quality_strata().await? {
            by_period.entry(stratum.period.clone()).or_default().push(stratum);
        }
        let quality = |(period, strata): (String, Vec<QualityStratum>)| {
            let judged: Vec<Judged> = strata.iter().map(judged).collect();
            MatchQuality {
                model: strata.first().map(|stratum| stratum.model.clone()).unwrap_or_default(),
                precision: precision(&judged),
                recall: recall(&judged),
                period,
                strata,
            }
        };
        Ok(by_period.into_iter().rev().map(quality).collect())
    }

    /// Takes a pair in hand to judge it without knowing what matching thought: one of a sample or one of the queue. None where
    /// there is none that the caller reviews.
    pub async fn blind_next(&self) -> Result<Option<BlindPair>, AppError> {
        let now = self.app.clock.now();
        let own = self.scope().actor().subject().to_owned();
        let filter = CandidateFilter {
            reviewed: Some(self.reviewed_departments()),
            free_for: Some((own.clone(), now)),
            due_by: Some(now),
            contested: Some(false),
            ..CandidateFilter::default()
        };
        let ask = PageAsk::Forward { count: OTHERS, after: None };
        let others = self.candidate_list(&filter, CandidateOrder::Impact, &ask).await?;
        let mut pairs: Vec<(MatchCandidateId, RecordId, RecordId)> =
            others.rows.into_iter().map(|(_, pair)| (pair.id, pair.left, pair.right)).collect();
        let open = self.store().quality_open().await?;
        pairs.extend(open.into_iter().map(|pair| (pair.candidate, pair.left, pair.right)));
        // By an id that is a hash: what comes next tells nothing of where it comes from.
        pairs.sort_unstable();
        pairs.dedup();
        for (id, left, right) in pairs {
            let explained = match self.match_explain(left, right).await {
                Ok(Some(explained)) => explained,
                Ok(None) | Err(AppError::Forbidden { .. } | AppError::Missing(_)) => continue,
                Err(error) => return Err(error),
            };
            let until = now + Duration::seconds(CLAIM_SECONDS);
            let claim = Claim { candidate: id, left, right, holder: own.clone(), until };
            let mut tx = self.store().begin().await?;
            let is_ours = tx.claim_take(&claim, now).await?;
            tx.commit().await?;
            if is_ours {
                let said = explained.evidence.into_iter().filter(|line| line.left.is_some() || line.right.is_some());
                let lines = said.map(|line| (line.attribute, line.left, line.right)).collect();
                return Ok(Some(BlindPair { id, left, right, lines }));
            }
        }
        Ok(None)
    }

    /// Says whether the two records of a pair are one. Safe to repeat: the first time counts.
    pub async fn blind_judge(
        &self,
        id: MatchCandidateId,
        is_same: Same,
        reason: &str,
        request: &str,
    ) -> Result<(), AppError> {
        check_request(request)?;
        check_reason(reason)?;
        let missing = || AppError::Missing(format!("there is no pair {id} to judge: take the next one"));
        let verdict = if is_same == Same::Yes { Verdict::Link } else { Verdict::NeverLink };
        let decide = |left, right| DecideAsk {
            left,
            right,
            verdict,
            reason: reason.to_owned(),
            request: request.to_owned(),
            until: None,
            scope: DecisionScope::Records,
        };
        let Some(pair) = self.store().quality_open_pair(id).await? else {
            let pair = self.candidate_get(id).await?.ok_or_else(missing)?;
            self.match_decide(&decide(pair.left, pair.right)).await?;
            return Ok(());
        };
        self.reviewed([pair.left, pair.right]).await.map_err(|error| match error {
            AppError::Missing(_) => missing(),
            error => error,
        })?;
        let (at, by) = (self.app.clock.now(), self.scope().actor().subject().to_owned());
        let agrees = (is_same == Same::Yes) == (pair.automatic == LINK);
        if !agrees {
            self.match_decide(&decide(pair.left, pair.right)).await?;
        }
        let mut tx = self.store().begin().await?;
        tx.identity_lock().await?;
        tx.quality_judge(&pair, is_same, &by, at).await?;
        let about = tx.link_of(&[pair.left, pair.right]).await?;
        let entry = AuditEntry { at, actor: by, action: "quality.judge", target: id.to_string(), detail: None };
        tx.audit_append_about(&entry, &about).await?;
        tx.claim_end(id).await?;
        tx.commit().await?;
        Ok(())
    }
}

fn judged(stratum: &QualityStratum) -> Judged {
    let count = |count: i64| u64::try_from(count).unwrap_or(0);
    Judged {
        automatic: if stratum.automatic == LINK { Automatic::Link } else { Automatic::NonLink },
        pairs: count(stratum.pairs),
        judged: count(stratum.judged),
        same: count(stratum.same),
    }
}

/// The seed of a period: its name, by the hash of Fowler, Noll and Vo (FNV-1a).
fn seed(period: &str) -> u64 {
    period.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}
