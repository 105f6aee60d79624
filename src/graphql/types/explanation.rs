//! Why records are, or are not, of one customer.

use super::candidate::{EvidenceLine, record};
use super::customer::{Customer, customer_of};
use super::decision::StewardDecision;
use super::record::SourceRecord;
use crate::app::{Bridge, CustomerFormed, Enough, FormationStep as Step, MatchExplained, WholeScore};
use async_graphql::{Context, Description, Object, Result, SimpleObject};
use onefold_model::RecordId;

/// Why two records are, or are not, of one customer.
#[derive(Clone, Description)]
pub struct MatchExplanation(pub MatchExplained);

#[Object(use_type_description)]
impl MatchExplanation {
    /// The record with the smaller id.
    async fn left_record(&self, ctx: &Context<'_>) -> Result<Option<SourceRecord>> {
        record(ctx, Some(self.0.left)).await
    }

    /// The other record.
    async fn right_record(&self, ctx: &Context<'_>) -> Result<Option<SourceRecord>> {
        record(ctx, Some(self.0.right)).await
    }

    /// The customer of the one record.
    async fn left(&self, ctx: &Context<'_>) -> Result<Option<Customer>> {
        customer_of(ctx, self.0.customers[0]).await
    }

    /// The customer of the other record.
    async fn right(&self, ctx: &Context<'_>) -> Result<Option<Customer>> {
        customer_of(ctx, self.0.customers[1]).await
    }

    /// Whether they are of one customer now.
    async fn together(&self) -> bool {
        self.0.customers[0].is_some() && self.0.customers[0] == self.0.customers[1]
    }

    /// The model that weighed.
    async fn model(&self) -> &str {
        &self.0.model
    }

    /// What everything begins from: how rare a match is among pairs that are compared, in bits.
    async fn prior(&self) -> f64 {
        self.0.prior
    }

    /// What each comparison says. Where nothing is withheld, the prior and these weights add up to the weight exactly.
    async fn evidence(&self) -> Vec<EvidenceLine> {
        self.0.evidence.iter().map(EvidenceLine::from).collect()
    }

    /// The attributes of which nothing is told, because you may not read them whole of both sources: not even how alike they
    /// are. Then the score is withheld too.
    async fn withheld(&self) -> &[String] {
        &self.0.withheld
    }

    /// The evidence in bits (log2). Null where something is withheld.
    async fn weight(&self) -> Option<f64> {
        self.whole().map(|whole| whole.weight)
    }

    /// How likely they are the same customer, from 0 to 1. Null where something is withheld.
    async fn probability(&self) -> Option<f64> {
        self.whole().map(|whole| whole.probability)
    }

    /// The evidence in a sentence or two. Null where something is withheld.
    async fn sentence(&self) -> Option<&str> {
        self.whole().map(|whole| whole.sentence.as_str())
    }

    /// The blocking rules that bring the two together; with none they are never compared. Null where something is withheld.
    async fn found_by(&self) -> Option<&[String]> {
        self.whole().map(|whole| whole.found_by.as_slice())
    }

    /// The cheapest evidence that would link them: the fewest attributes, and of these the least that is enough, if they
    /// agreed in a value that nobody else has. Empty where they weigh enough, and where nothing would. Null where something
    /// is withheld.
    async fn would_link(&self) -> Option<Vec<EnoughEvidence>> {
        self.whole().map(|whole| whole.would_link.iter().map(EnoughEvidence::from).collect())
    }

    /// What stands of what stewards decided about the records of these customers, the latest first.
    async fn decisions(&self) -> Vec<StewardDecision> {
        self.0.decisions.iter().cloned().map(StewardDecision).collect()
    }

    /// From which probability on records are linked without asking.
    async fn auto_merge(&self) -> f64 {
        self.0.auto_merge
    }

    /// From which probability on they are shown to a steward.
    async fn review(&self) -> f64 {
        self.0.review
    }
}

impl MatchExplanation {
    fn whole(&self) -> Option<&WholeScore> {
        self.0.whole.as_ref()
    }
}

/// Evidence that would be enough to link two records.
#[derive(SimpleObject)]
pub struct EnoughEvidence {
    /// What would have to agree.
    better: Vec<BetterLevel>,
    /// What the two would weigh, in bits.
    weight: f64,
    /// The same as a probability.
    probability: f64,
}

/// An attribute that would have to agree.
#[derive(SimpleObject)]
pub struct BetterLevel {
    /// Which attribute.
    attribute: String,
    /// How well, at least.
    level: String,
}

impl From<&Enough> for EnoughEvidence {
    fn from(enough: &Enough) -> Self {
        let better = enough.better.iter();
        let better = better.map(|it| BetterLevel { attribute: it.attribute.clone(), level: it.level.clone() });
        Self { better: better.collect(), weight: enough.weight, probability: enough.probability }
    }
}

/// How a customer was formed from its records.
#[derive(Clone, Description)]
pub struct CustomerFormation(pub CustomerFormed);

#[Object(use_type_description)]
impl CustomerFormation {
    /// The customer.
    async fn customer(&self, ctx: &Context<'_>) -> Result<Option<Customer>> {
        customer_of(ctx, Some(self.0.customer)).await
    }

    /// The records that it is made of, by id.
    async fn records(&self, ctx: &Context<'_>) -> Result<Vec<SourceRecord>> {
        records(ctx, &self.0.records).await
    }

    /// What joined them: decisions of stewards first, then from the strongest pair to the weakest. By id where something is
    /// withheld of a step, because the order would tell it.
    async fn steps(&self) -> Vec<FormationStep> {
        self.0.steps.iter().cloned().map(FormationStep::from).collect()
    }

    /// The weakest of the pairs without which it falls apart. Null where no single pair holds it together, and where something
    /// is withheld.
    async fn weakest_bridge(&self) -> Option<FormationBridge> {
        self.0.weakest_bridge.clone().map(FormationBridge)
    }

    /// How many pairs hold it together, with those that joined nothing new.
    async fn pair_count(&self) -> i64 {
        i64::try_from(self.0.edges).unwrap_or(i64::MAX)
    }
}

/// Two groups of records that became one.
#[derive(SimpleObject)]
pub struct FormationStep {
    /// Why the two records that joined them are taken for one.
    pair: MatchExplanation,
    /// The decision that joined them; null where they weigh enough by themselves.
    decision: Option<StewardDecision>,
    /// How many records are together from here on.
    record_count: i64,
}

impl From<Step> for FormationStep {
    fn from(step: Step) -> Self {
        Self {
            pair: MatchExplanation(step.pair),
            decision: step.decision.map(StewardDecision),
            record_count: i64::try_from(step.records).unwrap_or(i64::MAX),
        }
    }
}

/// The pair that alone holds two groups of records together.
#[derive(Clone, Description)]
pub struct FormationBridge(pub Bridge);

#[Object(use_type_description)]
impl FormationBridge {
    /// Why its two records are taken for one.
    async fn pair(&self) -> MatchExplanation {
        MatchExplanation(self.0.pair.clone())
    }

    /// The decision that holds them together; null where they weigh enough by themselves.
    async fn decision(&self) -> Option<StewardDecision> {
        self.0.decision.clone().map(StewardDecision)
    }

    /// The group of the left record, if it broke here.
    async fn left_group(&self, ctx: &Context<'_>) -> Result<Vec<SourceRecord>> {
        records(ctx, &self.0.groups[0]).await
    }

    /// The group of the right record.
    async fn right_group(&self, ctx: &Context<'_>) -> Result<Vec<SourceRecord>> {
        records(ctx, &self.0.groups[1]).await
    }
}

/// Those of these records that the caller may see.
pub(super) async fn records(ctx: &Context<'_>, ids: &[RecordId]) -> Result<Vec<SourceRecord>> {
    let found = futures_util::future::try_join_all(ids.iter().map(|id| record(ctx, Some(*id)))).await?;
    Ok(found.into_iter().flatten().collect())
}
