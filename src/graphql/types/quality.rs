//! How good matching is.

use super::MatchModelPlan;
use super::record::SourceRecord;
use crate::app::{BlindPair as Pair, Estimate, MatchQuality as Quality, ThresholdProposal};
use crate::graphql::ids::id;
use crate::graphql::loaders::{RecordKey, load};
use async_graphql::{Context, Description, ID, Object, Result, SimpleObject};
use onefold_model::Timestamp;

/// How good matching was in a month, by a random sample of what it did by itself, which stewards judged without knowing it.
#[derive(SimpleObject)]
pub struct MatchQuality {
    /// The month, `2026-11`.
    period: String,
    /// The model that decided.
    model: String,
    /// The share of automatic links that are right. Null until pairs of every stratum of links were judged.
    precision: Option<QualityEstimate>,
    /// The share that was linked of all compared pairs of one customer. What was never compared does not count. Null until
    /// pairs of every stratum were judged.
    recall: Option<QualityEstimate>,
    /// The sample by score.
    strata: Vec<QualityStratum>,
}

/// A share, and between which it lies at 95 %: Wilson's interval of each stratum, put together so that it is rather too wide.
#[derive(SimpleObject)]
pub struct QualityEstimate {
    /// The best guess.
    value: f64,
    /// At least.
    low: f64,
    /// At most.
    high: f64,
}

/// Pairs between two probabilities, and what was said of a sample of them.
#[derive(SimpleObject)]
pub struct QualityStratum {
    /// Matching linked them; else it kept them apart without asking.
    linked: bool,
    /// At least so likely.
    low: f64,
    /// Less likely than this.
    high: f64,
    /// How many there were.
    pair_count: i64,
    /// How many of them are in the sample.
    drawn_count: i64,
    /// How many were judged.
    judged_count: i64,
    /// Of how many it was said that the two are one.
    same_count: i64,
    /// When the sample was drawn.
    drawn_at: Timestamp,
}

/// Two records to be judged without knowing what matching thought of them.
#[derive(Description)]
pub struct BlindPair(pub Pair);

/// What two records say, side by side.
#[derive(SimpleObject)]
pub struct BlindLine {
    /// What is compared.
    attribute: String,
    /// What the one says.
    left: Option<String>,
    /// What the other says.
    right: Option<String>,
}

/// A threshold of automatic links that decisions prove, and what it would change. Nothing is put in place by it: that is an edit
/// of `[matching] auto_merge`.
#[derive(SimpleObject)]
pub struct MatchThresholdProposal {
    /// The threshold as it is.
    auto_merge: f64,
    /// As it could be; null where the decisions prove no lower one.
    proposed: Option<f64>,
    /// How many decisions there are about pairs that are at least so likely.
    decision_count: i64,
    /// The share of those in which the two are one.
    right: QualityEstimate,
    /// What it would change; null where nothing is proposed.
    plan: Option<MatchModelPlan>,
}

#[Object(use_type_description)]
impl BlindPair {
    /// Its id, which `blindReviewJudge` takes.
    async fn id(&self) -> ID {
        id(self.0.id)
    }

    /// The one record.
    async fn left_record(&self, ctx: &Context<'_>) -> Result<Option<SourceRecord>> {
        Ok(load(ctx, RecordKey(self.0.left)).await?.map(SourceRecord::from))
    }

    /// The other record.
    async fn right_record(&self, ctx: &Context<'_>) -> Result<Option<SourceRecord>> {
        Ok(load(ctx, RecordKey(self.0.right)).await?.map(SourceRecord::from))
    }

    /// What they say, of what you may see whole of both.
    async fn lines(&self) -> Vec<BlindLine> {
        let line =
            |(attribute, left, right): (String, Option<String>, Option<String>)| BlindLine { attribute, left, right };
        self.0.lines.iter().cloned().map(line).collect()
    }
}

impl From<Estimate> for QualityEstimate {
    fn from(estimate: Estimate) -> Self {
        Self { value: estimate.value, low: estimate.low, high: estimate.high }
    }
}

impl From<Quality> for MatchQuality {
    fn from(quality: Quality) -> Self {
        let stratum = |stratum: crate::app::QualityStratum| QualityStratum {
            linked: stratum.automatic == "LINK",
            low: stratum.low,
            high: stratum.high,
            pair_count: stratum.pairs,
            drawn_count: stratum.drawn,
            judged_count: stratum.judged,
            same_count: stratum.same,
            drawn_at: stratum.drawn_at,
        };
        Self {
            period: quality.period,
            model: quality.model,
            precision: quality.precision.map(Into::into),
            recall: quality.recall.map(Into::into),
            strata: quality.strata.into_iter().map(stratum).collect(),
        }
    }
}

impl MatchThresholdProposal {
    /// With so many examples of each kind of change.
    pub fn of(proposal: &ThresholdProposal, examples: usize) -> Self {
        Self {
            auto_merge: proposal.now,
            proposed: proposal.proposed,
            decision_count: i64::try_from(proposal.decisions).unwrap_or(i64::MAX),
            right: proposal.right.into(),
            plan: proposal.plan.as_ref().map(|plan| MatchModelPlan::of(plan, examples)),
        }
    }
}
