//! Possible duplicates: pairs that matching leaves to a person, with what speaks for and against.

use super::customer::CUSTOMER;
use super::redact::{Restriction, redact_text};
use super::{AppError, ReadKind, Session};
use crate::store::{CandidateDesk, CandidateFilter, CandidateOrder, CandidateRow, PageAsk, RecordRow, Slice};
use onefold_model::{CustomerId, MatchCandidateId, RecordId, Timestamp};
use serde::Deserialize;
use std::collections::{BTreeSet, HashMap};

const CANDIDATE: &str = "MatchCandidate";

/// What speaks for and against a pair, as the fold kept it.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Evidence {
    /// What everything begins from, in bits.
    pub prior: f64,
    /// One line for each comparison; the prior and their weights add up to the pair's weight.
    pub comparisons: Vec<EvidenceLine>,
    /// All of it in a sentence or two.
    pub sentence: String,
}

/// What one comparison says.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct EvidenceLine {
    /// What was compared.
    pub attribute: String,
    /// What the one record says.
    pub left: Option<String>,
    /// What the other record says.
    pub right: Option<String>,
    /// How alike they are.
    pub level: String,
    /// What that is worth in bits.
    pub weight: f64,
    /// The share of all records that have the shared value.
    pub rarity: Option<f64>,
}

/// A pair as a scope shows it.
#[derive(Debug, Clone)]
pub struct CandidateView {
    /// Its id.
    pub id: MatchCandidateId,
    /// One record.
    pub left: RecordId,
    /// The other.
    pub right: RecordId,
    /// The customer of the one.
    pub left_customer: CustomerId,
    /// The customer of the other.
    pub right_customer: CustomerId,
    /// How likely they are the same.
    pub probability: f64,
    /// The evidence in bits.
    pub weight: f64,
    /// What speaks for and against; the two values of a line only where the caller may read them.
    pub explanation: Option<Evidence>,
    /// The model that judged.
    pub model: String,
    /// When it was found.
    pub found_at: Timestamp,
    /// Why they are apart although they weigh enough, as a word of matching.
    pub cause: Option<String>,
    /// What it weighs in business, and who has it in hand.
    pub desk: CandidateDesk,
    /// What is withheld, for the owner of the one record or of the other.
    pub restrictions: BTreeSet<Restriction>,
}

impl CandidateView {
    /// Whether the caller may read this field of it as it is.
    pub fn shows(&self, field: &str) -> bool {
        self.restrictions.iter().all(|withheld| withheld.path != field)
    }
}

/// The fields of a customer from which the texts of a comparison may come.
pub(super) fn fields_of(attribute: &str) -> &'static [&'static str] {
    match attribute {
        "GIVEN_NAME" => &["givenName", "nickname", "displayName"],
        "FAMILY_NAME" => &["familyName", "displayName"],
        "MIDDLE_NAME" => &["middleName", "displayName"],
        "NAME_SUFFIX" => &["nameSuffix"],
        "BIRTH_DATE" => &["birthDate"],
        "EMAIL" => &["emails"],
        "PHONE" => &["phones"],
        "ADDRESS" => &["addresses"],
        "COMPANY" => &["company"],
        "IDENTIFIER" => &["identifiers"],
        "ORGANIZATION_NAME" => &["legalName", "displayName", "company", "tradeNames"],
        "DOMAIN" => &["domains", "emails"],
        // Of a comparison that is not known here nothing is shown: no policy permits a field of this name.
        _ => &["unknown"],
    }
}

impl Session {
    /// A page of pairs.
    pub async fn candidate_list(
        &self,
        filter: &CandidateFilter,
        order: CandidateOrder,
        ask: &PageAsk,
    ) -> Result<Slice<CandidateView>, AppError> {
        if !self.shows_type(CANDIDATE) {
            return Ok(Slice::empty());
        }
        let slice = self.store().candidate_list(self.scope(), filter, order, ask).await?;
        let ids: Vec<RecordId> = slice.rows.iter().flat_map(|(_, row)| [row.left, row.right]).collect();
        let records = self.owners_of(&ids).await?;
        Ok(slice.map(|row| self.candidate_view(row, &records)))
    }

    /// How many pairs wait.
    pub async fn candidate_count(&self, filter: &CandidateFilter) -> Result<i64, AppError> {
        if !self.shows_type(CANDIDATE) {
            return Ok(0);
        }
        Ok(self.store().candidate_count(self.scope(), filter).await?)
    }

    /// One pair.
    pub async fn candidate_get(&self, id: MatchCandidateId) -> Result<Option<CandidateView>, AppError> {
        if !self.shows_type(CANDIDATE) {
            return Ok(None);
        }
        let Some(row) = self.store().candidate_get(self.scope(), id).await? else { return Ok(None) };
        let records = self.owners_of(&[row.left, row.right]).await?;
        Ok(Some(self.candidate_view(row, &records)))
    }

    /// Those of these records that the caller may see.
    pub(super) async fn owners_of(&self, ids: &[RecordId]) -> Result<HashMap<RecordId, RecordRow>, AppError> {
        if ids.is_empty() {
            return Ok(HashMap::new());
        }
        let rows = self.store().record_get(self.scope(), ids).await?;
        Ok(rows.into_iter().map(|row| (row.id, row)).collect())
    }

    fn candidate_view(&self, row: CandidateRow, records: &HashMap<RecordId, RecordRow>) -> CandidateView {
        let (left, right) = (records.get(&row.left), records.get(&row.right));
        self.read([row.left_customer, row.right_customer], ReadKind::Matching);
        let explanation = serde_json::from_value::<Evidence>(row.evidence).ok().map(|mut explanation| {
            let mut is_whole = true;
            for line in &mut explanation.comparisons {
                is_whole &= self.redact_line(line, left, right);
            }
            if !is_whole {
                // The sentence speaks of what the lines hold.
                explanation.sentence.clear();
            }
            explanation
        });
        CandidateView {
            id: row.id,
            left: row.left,
            right: row.right,
            left_customer: row.left_customer,
            right_customer: row.right_customer,
            probability: row.probability,
            weight: row.weight,
            explanation,
            model: row.model,
            found_at: row.found_at,
            cause: row.cause,
            desk: row.desk,
            restrictions: [left, right].into_iter().flat_map(|record| self.withheld(record)).collect(),
        }
    }

    /// What is withheld of a pair because of the owner of one of its records; of a record that may not be seen, as of one
    /// that may be anybody's.
    fn withheld(&self, record: Option<&RecordRow>) -> impl Iterator<Item = Restriction> {
        let owner = record.map(|record| &record.department);
        self.scope().restrictions(CANDIDATE, owner).iter().map(Restriction::from)
    }

    /// Redacts both sides of a line by the owners of their records. Says whether both were shown whole.
    fn redact_line(&self, line: &mut EvidenceLine, left: Option<&RecordRow>, right: Option<&RecordRow>) -> bool {
        let mut is_whole = true;
        for (side, record) in [(&mut line.left, left), (&mut line.right, right)] {
            let Some(text) = side.take() else { continue };
            let owner = record.map(|record| &record.department);
            let verdicts = fields_of(&line.attribute).iter().map(|field| self.scope().field(CUSTOMER, field, owner));
            let mut shown = Some(text);
            for verdict in verdicts {
                is_whole &= verdict.is_read();
                shown = shown.and_then(|text| redact_text(verdict, &text));
            }
            *side = shown;
        }
        is_whole
    }
}
