//! Possible duplicates.

use super::customer::{Customer, customer_of};
use super::desk::CandidateDesk;
use super::record::SourceRecord;
use super::restriction::Restriction;
use crate::app::{CandidateView, Evidence};
use crate::graphql::ids::id;
use crate::graphql::loaders::{RecordKey, load};
use async_graphql::{Context, Description, Enum, ID, Object, Result, SimpleObject};
use onefold_model::{RecordId, Timestamp};
use std::sync::Arc;

/// Two records that may be of the same customer: too alike to ignore, not alike enough to fold without asking.
#[derive(Clone, Description)]
pub struct MatchCandidate(pub Arc<CandidateView>);

#[Object(use_type_description)]
impl MatchCandidate {
    /// The id of this object: the same pair has the same for ever.
    pub async fn id(&self) -> ID {
        id(self.0.id)
    }

    /// The customer of the one record.
    pub async fn left(&self, ctx: &Context<'_>) -> Result<Option<Customer>> {
        customer_of(ctx, Some(self.0.left_customer).filter(|_| self.0.shows("left"))).await
    }

    /// The customer of the other record.
    pub async fn right(&self, ctx: &Context<'_>) -> Result<Option<Customer>> {
        customer_of(ctx, Some(self.0.right_customer).filter(|_| self.0.shows("right"))).await
    }

    /// The one record.
    pub async fn left_record(&self, ctx: &Context<'_>) -> Result<Option<SourceRecord>> {
        record(ctx, Some(self.0.left).filter(|_| self.0.shows("leftRecord"))).await
    }

    /// The other record.
    pub async fn right_record(&self, ctx: &Context<'_>) -> Result<Option<SourceRecord>> {
        record(ctx, Some(self.0.right).filter(|_| self.0.shows("rightRecord"))).await
    }

    /// How likely they are the same customer, from 0 to 1.
    pub async fn probability(&self) -> f64 {
        self.0.probability
    }

    /// The evidence in bits (log2): 0 is as likely as not.
    pub async fn weight(&self) -> f64 {
        self.0.weight
    }

    /// What everything begins from: how rare a match is among pairs that were compared, in bits.
    pub async fn prior(&self) -> Option<f64> {
        self.explanation("prior").map(|explanation| explanation.prior)
    }

    /// What each comparison says. The prior and these weights add up to the weight.
    pub async fn evidence(&self) -> Vec<EvidenceLine> {
        let lines = self.explanation("evidence").into_iter().flat_map(|explanation| &explanation.comparisons);
        lines.map(EvidenceLine::from).collect()
    }

    /// The evidence in one sentence. Null where you may not see all that it speaks of.
    pub async fn sentence(&self) -> Option<String> {
        self.explanation("sentence").map(|explanation| explanation.sentence.clone()).filter(|text| !text.is_empty())
    }

    /// Why they are not one customer although they are alike enough: a guard keeps them apart, and you decide. Null of a pair
    /// that is not alike enough, or of a link that new facts contradict.
    pub async fn cause(&self) -> Option<MatchCandidateCause> {
        self.0.cause.as_deref().filter(|_| self.0.shows("cause")).and_then(MatchCandidateCause::of)
    }

    /// What it weighs in business, and who has it in hand.
    pub async fn desk(&self) -> Option<CandidateDesk> {
        self.0.shows("desk").then(|| CandidateDesk(self.0.desk.clone()))
    }

    /// The model that judged.
    pub async fn model(&self) -> &str {
        &self.0.model
    }

    /// When it was found.
    pub async fn found_at(&self) -> Timestamp {
        self.0.found_at
    }

    /// What you may not see here, and why.
    pub async fn restrictions(&self) -> Vec<Restriction> {
        self.0.restrictions.iter().map(Restriction::from).collect()
    }
}

impl MatchCandidate {
    /// What speaks for and against, where the caller may read this field of it.
    fn explanation(&self, field: &str) -> Option<&Evidence> {
        self.0.explanation.as_ref().filter(|_| self.0.shows(field))
    }
}

/// What keeps two records apart that are alike enough.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
pub enum MatchCandidateCause {
    /// Somebody of the one customer is never to be linked with somebody of the other.
    NeverLink,
    /// Two numbers of one register, for example two tax numbers.
    Identifiers,
    /// Jr. and Sr.: a father and his son.
    Generation,
    /// Different given names and different days of birth.
    NameAndBirth,
    /// Days of birth that have nothing in common.
    BirthDate,
    /// Two records of one source whose ids are unique people.
    OneOfSource,
    /// Somebody of the one is clearly somebody else than somebody of the other.
    Weight,
    /// A person and an organisation.
    Kind,
}

impl MatchCandidateCause {
    /// From the word of matching.
    fn of(word: &str) -> Option<Self> {
        Some(match word {
            "NEVER_LINK" => Self::NeverLink,
            "IDENTIFIERS" => Self::Identifiers,
            "GENERATION" => Self::Generation,
            "NAME_AND_BIRTH" => Self::NameAndBirth,
            "BIRTH_DATE" => Self::BirthDate,
            "ONE_OF_SOURCE" => Self::OneOfSource,
            "WEIGHT" => Self::Weight,
            "KIND" => Self::Kind,
            _ => return None,
        })
    }
}

/// What one comparison says.
#[derive(SimpleObject)]
pub struct EvidenceLine {
    /// What was compared.
    attribute: String,
    /// What the one record says; masked or null where you may not see it.
    left: Option<String>,
    /// What the other record says; masked or null where you may not see it.
    right: Option<String>,
    /// How alike they are.
    level: String,
    /// What that is worth in bits: for a match above 0, against it below.
    weight: f64,
    /// How rare the shared value is, where it is shared: the share of records that have it.
    rarity: Option<f64>,
}

impl From<&crate::app::EvidenceLine> for EvidenceLine {
    fn from(line: &crate::app::EvidenceLine) -> Self {
        Self {
            attribute: line.attribute.clone(),
            left: line.left.clone(),
            right: line.right.clone(),
            level: line.level.clone(),
            weight: line.weight,
            rarity: line.rarity,
        }
    }
}

pub(super) async fn record(ctx: &Context<'_>, record: Option<RecordId>) -> Result<Option<SourceRecord>> {
    let Some(record) = record else { return Ok(None) };
    Ok(load(ctx, RecordKey(record)).await?.map(SourceRecord::from))
}
