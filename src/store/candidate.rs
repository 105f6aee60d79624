//! Pairs that matching leaves to a person.

use super::list::{KeyType, SortValue, in_list};
use super::visible::{Rows, visible};
use super::{Direction, Keyset, PageAsk, Row, Slice, Store, StoreError};
use crate::auth::Scope;
use onefold_model::{CustomerId, MatchCandidateId, RecordId, Timestamp};
use serde_json::Value;
use uuid::Uuid;

/// A pair and what speaks for and against it.
#[derive(Debug, Clone, PartialEq)]
pub struct CandidateRow {
    /// Its id: the same pair has the same id for ever.
    pub id: MatchCandidateId,
    /// The record with the smaller id.
    pub left: RecordId,
    /// The record with the larger id.
    pub right: RecordId,
    /// The customer of the left record.
    pub left_customer: CustomerId,
    /// The customer of the right record.
    pub right_customer: CustomerId,
    /// How likely they are the same.
    pub probability: f64,
    /// The evidence in bits.
    pub weight: f64,
    /// The explanation as matching gave it.
    pub evidence: Value,
    /// The model that judged.
    pub model: String,
    /// When it was found.
    pub found_at: Timestamp,
}

/// Which of them.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct CandidateFilter {
    /// Those of these customers; empty for all.
    pub customers: Vec<CustomerId>,
    /// At least so likely.
    pub min_probability: Option<f64>,
}

/// Most likely first.
const LIKELIEST: Keyset = Keyset {
    name: "match_candidate.probability",
    column: "m.probability",
    id: "m.candidate_id",
    ty: KeyType::Real,
    direction: Direction::Desc,
};

const COLUMNS: &str = "m.candidate_id, m.left_record, m.right_record, ll.customer_id, lr.customer_id, m.probability,
    m.weight, m.evidence, m.model, m.found_at";

const FROM: &str = "match_candidate m
    join link ll on ll.record_id = m.left_record
    join link lr on lr.record_id = m.right_record";

impl CandidateRow {
    fn read(row: &Row) -> Result<Self, StoreError> {
        Ok(Self {
            id: MatchCandidateId(row.uuid(0)?),
            left: RecordId(row.uuid(1)?),
            right: RecordId(row.uuid(2)?),
            left_customer: CustomerId(row.uuid(3)?),
            right_customer: CustomerId(row.uuid(4)?),
            probability: row.real(5)?,
            weight: row.real(6)?,
            evidence: row.json(7)?,
            model: row.text(8)?,
            found_at: row.time(9)?,
        })
    }
}

impl CandidateFilter {
    fn condition(&self, scope: &Scope, binds: &mut Vec<super::Arg>) -> String {
        let mut parts = vec!["ll.customer_id <> lr.customer_id".to_owned(), visible(scope, Rows::Pair, binds)];
        if !self.customers.is_empty() {
            let ids: Vec<Uuid> = self.customers.iter().map(|id| id.0).collect();
            let list = in_list(&ids, binds);
            parts.push(format!("(ll.customer_id in {list} or lr.customer_id in {list})"));
        }
        if let Some(least) = self.min_probability {
            binds.push(least.into());
            parts.push(format!("m.probability >= ${}", binds.len()));
        }
        parts.join(" and ")
    }
}

impl Store {
    /// A page of pairs, likeliest first.
    pub async fn candidate_list(
        &self,
        scope: &Scope,
        filter: &CandidateFilter,
        ask: &PageAsk,
    ) -> Result<Slice<CandidateRow>, StoreError> {
        let mut binds = Vec::new();
        let condition = filter.condition(scope, &mut binds);
        let head = format!("select {COLUMNS} from {FROM} where {condition}");
        self.slice(LIKELIEST, ask, &head, binds, |row| {
            let candidate = CandidateRow::read(row)?;
            Ok((SortValue::Real(candidate.probability), candidate.id.0, candidate))
        })
        .await
    }

    /// How many pairs wait.
    pub async fn candidate_count(&self, scope: &Scope, filter: &CandidateFilter) -> Result<i64, StoreError> {
        let mut binds = Vec::new();
        let condition = filter.condition(scope, &mut binds);
        let rows = self.fetch(format!("select count(*) from {FROM} where {condition}"), binds).await?;
        rows.first().map_or(Ok(0), |row| row.int(0))
    }

    /// One pair.
    pub async fn candidate_get(&self, scope: &Scope, id: MatchCandidateId) -> Result<Option<CandidateRow>, StoreError> {
        let mut binds = crate::args![id.0];
        let visible = visible(scope, Rows::Pair, &mut binds);
        let sql = format!("select {COLUMNS} from {FROM} where m.candidate_id = $1 and {visible}");
        let rows = self.fetch(sql, binds).await?;
        rows.first().map(CandidateRow::read).transpose()
    }
}
