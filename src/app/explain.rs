//! Why two records are, or are not, of one customer; what would link them; and how a customer was formed.
//!
//! Promises what the fold saw: the same weights, which add up to the same score. What is compared follows the rights of what
//! was compared: of an attribute that the caller may not read whole on both sides, neither value, level, weight nor rarity is
//! told, because a level tells an equality; and then nothing either from which it could be reckoned: no score, no sentence, no
//! blocking rule, no advice. Deliberately decides nothing.

mod formed;

use super::candidate::{EvidenceLine, fields_of};
use super::customer::CUSTOMER;
use super::{AppError, ReadKind, Session};
use crate::auth::Scope;
use crate::identity::Judge;
use crate::store::{DecisionFilter, DecisionRow, PageAsk, StoredParty};
use onefold_model::{CustomerId, DepartmentKey, RecordId};
use std::collections::{BTreeMap, BTreeSet};

pub use formed::{Bridge, CustomerFormed, FormationStep};

/// More decisions than this about the records of two customers are not told.
const DECISIONS: u32 = 200;

/// An attribute that would have to agree, and how well.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Better {
    /// Which attribute.
    pub attribute: String,
    /// How well, at least.
    pub level: String,
}

/// Evidence that would be enough.
#[derive(Debug, Clone, PartialEq)]
pub struct Enough {
    /// What would have to agree.
    pub better: Vec<Better>,
    /// What the pair would weigh.
    pub weight: f64,
    /// The same as a probability.
    pub probability: f64,
}

/// What is told of a pair to those alone who may see everything that was compared.
#[derive(Debug, Clone, PartialEq)]
pub struct WholeScore {
    /// The prior and all lines.
    pub weight: f64,
    /// The same as a probability.
    pub probability: f64,
    /// All of it in a sentence or two.
    pub sentence: String,
    /// The blocking rules that bring the two together; with none, they are never compared.
    pub found_by: Vec<String>,
    /// The cheapest evidence that would link them; empty where they weigh enough, or where nothing would.
    pub would_link: Vec<Enough>,
}

/// Why two records are, or are not, of one customer.
#[derive(Debug, Clone)]
pub struct MatchExplained {
    /// The record with the smaller id.
    pub left: RecordId,
    /// The other.
    pub right: RecordId,
    /// Their customers; the same where they are together.
    pub customers: [Option<CustomerId>; 2],
    /// The model that weighed.
    pub model: String,
    /// What everything begins from, in bits.
    pub prior: f64,
    /// The lines that the caller may see whole.
    pub evidence: Vec<EvidenceLine>,
    /// The attributes of which nothing is told, whether the records say something or not.
    pub withheld: Vec<String>,
    /// The rest, where nothing is withheld.
    pub whole: Option<WholeScore>,
    /// What stands of what stewards decided about records of these customers.
    pub decisions: Vec<DecisionRow>,
    /// From which probability on records are linked.
    pub auto_merge: f64,
    /// From which probability on they are shown to a person.
    pub review: f64,
}

impl Session {
    /// Why two records are, or are not, of one customer. For those who review for the departments of both; none where one of
    /// them may not be seen.
    pub async fn match_explain(&self, one: RecordId, other: RecordId) -> Result<Option<MatchExplained>, AppError> {
        if one == other {
            return Err(AppError::Invalid("a record is always of the same customer as itself".to_owned()));
        }
        let rows = match self.reviewed([one.min(other), one.max(other)]).await {
            Err(AppError::Missing(_)) => return Ok(None),
            rows => rows?,
        };
        let parties = self.store().party_get(&[rows[0].id, rows[1].id]).await?;
        let [left, right] = parties.as_slice() else { return Ok(None) };
        let customers = [rows[0].customer, rows[1].customer];
        self.read(customers.into_iter().flatten(), ReadKind::Matching);
        let judge = self.app.identity.judge(self.store()).await?;
        let decisions = self.decisions_among(customers.into_iter().flatten().collect()).await?;
        Ok(Some(self.explained(&judge, [left, right], customers, decisions)))
    }

    /// What stands of what was decided about the records of these customers.
    async fn decisions_among(&self, customers: BTreeSet<CustomerId>) -> Result<Vec<DecisionRow>, AppError> {
        if customers.is_empty() {
            return Ok(Vec::new());
        }
        let filter = DecisionFilter {
            departments: self.reviewed_departments(),
            customer: None,
            among: customers.into_iter().collect(),
            standing: Some(true),
        };
        let ask = PageAsk::Forward { count: DECISIONS, after: None };
        let slice = self.store().decision_page(self.scope(), &filter, &ask).await?;
        Ok(slice.rows.into_iter().map(|(_, row)| row).collect())
    }

    fn explained(
        &self,
        judge: &Judge,
        [left, right]: [&StoredParty; 2],
        customers: [Option<CustomerId>; 2],
        decisions: Vec<DecisionRow>,
    ) -> MatchExplained {
        let explanation = judge.explain(left, right);
        let owners = [&left.department, &right.department];
        let withheld = withheld(self.scope(), owners);
        let thresholds = judge.thresholds();
        let whole = withheld.is_empty().then(|| WholeScore {
            weight: explanation.total.0,
            probability: explanation.probability.get(),
            sentence: explanation.sentence.clone(),
            found_by: explanation.found_by.iter().map(ToString::to_string).collect(),
            would_link: enough(judge, left, right),
        });
        let lines = explanation.comparisons.into_iter().map(|line| EvidenceLine {
            attribute: word(&line.attribute),
            left: line.left,
            right: line.right,
            level: word(&line.level),
            weight: line.weight.0,
            rarity: line.rarity,
        });
        let evidence = lines.filter(|line| match line.attribute.as_str() {
            // What is shared by a household is reckoned from all the others.
            "HOUSEHOLD" => withheld.is_empty(),
            attribute => !withheld.iter().any(|hidden| hidden == attribute),
        });
        MatchExplained {
            left: left.record,
            right: right.record,
            customers,
            model: explanation.model,
            prior: explanation.prior.0,
            evidence: evidence.collect(),
            withheld,
            whole,
            decisions,
            auto_merge: thresholds.auto_merge.get(),
            review: thresholds.review.get(),
        }
    }
}

fn enough(judge: &Judge, left: &StoredParty, right: &StoredParty) -> Vec<Enough> {
    let ways = judge.would_link(left, right).into_iter().map(|way| Enough {
        better: way
            .better
            .iter()
            .map(|better| Better { attribute: word(&better.attribute), level: word(&better.level) })
            .collect(),
        weight: way.total.0,
        probability: way.probability.get(),
    });
    ways.collect()
}

/// The word of the graph, which is that of JSON.
fn word(value: &impl serde::Serialize) -> String {
    serde_json::to_value(value).ok().and_then(|word| word.as_str().map(str::to_owned)).unwrap_or_default()
}

/// The attributes that are not read whole of one of these owners. By rights alone: what the records say changes nothing.
fn withheld(scope: &Scope, owners: [&DepartmentKey; 2]) -> Vec<String> {
    let is_whole = |attribute: &&str| {
        let of_owner = |owner: &DepartmentKey| {
            fields_of(attribute).iter().all(|field| scope.field(CUSTOMER, field, Some(owner)).is_read())
        };
        owners.into_iter().all(of_owner)
    };
    ATTRIBUTES.iter().filter(|attribute| !is_whole(attribute)).map(|attribute| (*attribute).to_owned()).collect()
}

/// Everything that is compared, of persons and of organisations.
const ATTRIBUTES: [&str; 12] = [
    "GIVEN_NAME",
    "FAMILY_NAME",
    "MIDDLE_NAME",
    "NAME_SUFFIX",
    "BIRTH_DATE",
    "EMAIL",
    "PHONE",
    "ADDRESS",
    "COMPANY",
    "IDENTIFIER",
    "ORGANIZATION_NAME",
    "DOMAIN",
];

/// The members by their id.
fn by_record(members: &[StoredParty]) -> BTreeMap<RecordId, &StoredParty> {
    members.iter().map(|party| (party.record, party)).collect()
}
