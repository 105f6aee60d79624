//! Pairs that matching leaves to a person: which of them, and in which order.
//!
//! What a pair weighs in business is counted of what the scope shows and of nothing else, so that the order of the queue tells
//! nobody what they may not see. Links that new facts contradict are in the queue too, as pairs of one customer.

use super::list::{KeyType, SortValue, in_list};
use super::visible::{Rows, Whose, visible};
use super::{Arg, Direction, Keyset, LATER, PageAsk, Row, Slice, Store, StoreError, Tx, scoped};
use crate::auth::{Owners, Scope};
use onefold_model::{
    CustomerId, DecisionId, DepartmentKey, MatchCandidateId, PartyKind, RecordId, RecordKind, SourceId, Timestamp,
};
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
    /// Why they are apart although they weigh enough, as a word of matching.
    pub cause: Option<String>,
    /// What it weighs in business, and who has it in hand.
    pub desk: CandidateDesk,
}

/// What a pair weighs in business, as the scope shows it, and who has it in hand.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct CandidateDesk {
    /// Invoices of the two that are not paid.
    pub open_invoices: i64,
    /// Tickets of the two that are not solved.
    pub open_tickets: i64,
    /// Statements by which one of the two may be reached and the other may not.
    pub consent_conflicts: i64,
    /// The sum of these and 1, times how unsure the score is: by this the queue is ordered.
    pub impact: f64,
    /// The link of a steward that new facts contradict.
    pub contests: Option<DecisionId>,
    /// Whose it is.
    pub assignee: Option<String>,
    /// By when.
    pub due_at: Option<Timestamp>,
    /// Who has it in hand, and until when. May have ended.
    pub holder: Option<(String, Timestamp)>,
}

/// Which of them. All conditions hold together.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct CandidateFilter {
    /// Those of these customers; empty for all.
    pub customers: Vec<CustomerId>,
    /// At least so likely.
    pub min_probability: Option<f64>,
    /// At most so likely.
    pub max_probability: Option<f64>,
    /// One of the records is of this department.
    pub department: Option<DepartmentKey>,
    /// One of the records is of this source.
    pub source: Option<SourceId>,
    /// Of two people, or of two organisations.
    pub kind: Option<PartyKind>,
    /// Found at or after.
    pub found_since: Option<Timestamp>,
    /// Found before.
    pub found_before: Option<Timestamp>,
    /// Assigned to this steward.
    pub assignee: Option<String>,
    /// Only links that new facts contradict, or only others.
    pub contested: Option<bool>,
    /// Only what nobody else than this steward has in hand at this time.
    pub free_for: Option<(String, Timestamp)>,
    /// Without what is put off until after this time.
    pub due_by: Option<Timestamp>,
    /// Both records are of these departments; none for all.
    pub reviewed: Option<Owners>,
}

/// Two customers that a pair would join.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct CandidateEdge {
    /// The pair.
    pub id: MatchCandidateId,
    /// The customer of the left record.
    pub left: CustomerId,
    /// The customer of the right record.
    pub right: CustomerId,
    /// What the pair weighs in business.
    pub impact: f64,
}

/// By what pairs are ordered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum CandidateOrder {
    /// The likeliest first.
    #[default]
    Likeliest,
    /// What weighs most in business, times how unsure it is, first.
    Impact,
    /// Found first comes first.
    Oldest,
}

impl CandidateOrder {
    fn keyset(self) -> Keyset<'static> {
        let (name, column, ty, direction) = match self {
            Self::Likeliest => ("match_candidate.probability", "m.probability", KeyType::Real, Direction::Desc),
            Self::Impact => ("match_candidate.impact", "m.impact", KeyType::Real, Direction::Desc),
            Self::Oldest => ("match_candidate.found_at", "m.found_at", KeyType::Time, Direction::Asc),
        };
        Keyset { name, column, id: "m.candidate_id", ty, nullable: false, direction }
    }

    fn value(self, row: &CandidateRow) -> SortValue {
        match self {
            Self::Likeliest => SortValue::Real(row.probability),
            Self::Impact => SortValue::Real(row.desk.impact),
            Self::Oldest => SortValue::Time(Some(row.found_at)),
        }
    }
}

const COLUMNS: &str = "m.candidate_id, m.left_record, m.right_record, m.left_customer, m.right_customer, m.probability,
    m.weight, m.evidence, m.model, m.found_at, m.contests, m.invoices, m.tickets, m.conflicts, m.impact,
    m.assignee, m.due_at, m.holder, m.until_at, m.cause";

const FROM: &str = "match_candidate m
    join link ll on ll.record_id = m.left_record
    join link lr on lr.record_id = m.right_record
    join record rl on rl.record_id = m.left_record
    join record rr on rr.record_id = m.right_record
    join source sl on sl.source_id = rl.source_id
    join source sr on sr.source_id = rr.source_id
    left join candidate_assignment ca on ca.candidate_id = m.candidate_id
    left join candidate_claim cc on cc.candidate_id = m.candidate_id";

impl CandidateRow {
    fn read(row: &Row) -> Result<Self, StoreError> {
        let holder = row.opt_text(17)?.zip(row.opt_time(18)?);
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
            cause: row.opt_text(19)?,
            desk: CandidateDesk {
                contests: row.opt_uuid(10)?.map(DecisionId),
                open_invoices: row.int(11)?,
                open_tickets: row.int(12)?,
                consent_conflicts: row.int(13)?,
                impact: row.real(14)?,
                assignee: row.opt_text(15)?,
                due_at: row.opt_time(16)?,
                holder,
            },
        })
    }
}

impl CandidateFilter {
    fn condition(&self, scope: &Scope, binds: &mut Vec<Arg>) -> String {
        let waits = "(ll.customer_id <> lr.customer_id or m.contests is not null)";
        let mut parts = vec![waits.to_owned(), visible(scope, Rows::Pair, binds)];
        if let Some(owners) = &self.reviewed {
            parts.extend(["sl.department", "sr.department"].map(|owner| scoped(owners, owner, binds)));
        }
        if !self.customers.is_empty() {
            let ids: Vec<Uuid> = self.customers.iter().map(|id| id.0).collect();
            let list = in_list(&ids, binds);
            parts.push(format!("(ll.customer_id in {list} or lr.customer_id in {list})"));
        }
        let mut bind = |arg: Arg| {
            binds.push(arg);
            binds.len()
        };
        if let Some(least) = self.min_probability {
            parts.push(format!("m.probability >= ${}", bind(least.into())));
        }
        if let Some(most) = self.max_probability {
            parts.push(format!("m.probability <= ${}", bind(most.into())));
        }
        if let Some(department) = &self.department {
            parts.push(format!("${} in (sl.department, sr.department)", bind(department.as_str().into())));
        }
        if let Some(source) = self.source {
            parts.push(format!("${} in (sl.source_id, sr.source_id)", bind(source.0.into())));
        }
        if let Some(kind) = self.kind {
            let kind = bind(kind.as_str().into());
            parts.push(format!("(select c.kind from customer c where c.customer_id = ll.customer_id) = ${kind}"));
        }
        if let Some(since) = self.found_since {
            parts.push(format!("m.found_at >= ${}", bind(since.into())));
        }
        if let Some(before) = self.found_before {
            parts.push(format!("m.found_at < ${}", bind(before.into())));
        }
        if let Some(assignee) = &self.assignee {
            parts.push(format!("ca.assignee = ${}", bind(assignee.as_str().into())));
        }
        match self.contested {
            Some(true) => parts.push("m.contests is not null".to_owned()),
            Some(false) => parts.push("m.contests is null".to_owned()),
            None => {}
        }
        if let Some((holder, at)) = &self.free_for {
            let (holder, at) = (bind(holder.as_str().into()), bind((*at).into()));
            parts.push(format!("(cc.holder is null or cc.holder = ${holder} or cc.until_at <= ${at})"));
        }
        if let Some(at) = self.due_by {
            let at = bind(at.into());
            parts.push(format!(
                "not exists (select 1 from decision pd where pd.left_record = m.left_record
                     and pd.right_record = m.right_record and pd.kind = '{LATER}' and pd.undone_at is null
                     and pd.expires_at > ${at})"
            ));
        }
        parts.join(" and ")
    }
}

/// The pairs with what they weigh, as a table `m` of which a page can be taken.
fn weighed(scope: &Scope, condition: &str, binds: &mut Vec<Arg>) -> String {
    let invoices = open(scope, RecordKind::Invoice, "a.status = 'OPEN'", binds);
    let tickets = open(scope, RecordKind::Ticket, "a.status in ('NEW', 'OPEN', 'PENDING', 'ON_HOLD')", binds);
    let conflicts = conflicts(scope);
    format!(
        "select {COLUMNS} from (
             select w.*, (1 + w.invoices + w.tickets + w.conflicts)
                 * case when w.contests is null then 4.0 * w.probability * (1.0 - w.probability) else 1.0 end as impact
             from (select m.candidate_id, m.left_record, m.right_record, ll.customer_id as left_customer,
                       lr.customer_id as right_customer, m.probability, m.weight, m.evidence, m.model, m.found_at,
                       m.contests, m.cause, ca.assignee, ca.due_at, cc.holder, cc.until_at,
                       {invoices} as invoices, {tickets} as tickets, {conflicts} as conflicts
                   from {FROM} where {condition}) w) m
         where 1 = 1"
    )
}

/// How many activities of a kind the two customers have in such a state. None where the caller may not read the state.
fn open(scope: &Scope, kind: RecordKind, state: &str, binds: &mut Vec<Arg>) -> String {
    let name = kind.type_name();
    if !scope.field_any_owner(name, "status").is_read() {
        return "cast(0 as bigint)".to_owned();
    }
    let shown = visible(scope, Rows::Activity(kind, &Whose::Anybodys), binds);
    format!(
        "(select count(*) from activity a join source s on s.source_id = a.source_id
              join link l on l.record_id = a.party_id
              where l.customer_id in (ll.customer_id, lr.customer_id) and a.kind = '{}' and not a.deleted
                and {state} and {shown})",
        kind.as_str()
    )
}

/// How many statements grant one of the two what another one refuses the other. Only for whoever sees all consents.
fn conflicts(scope: &Scope) -> String {
    let is_all = scope.type_owners("Consent").is_all() && scope.rows("Consent").is_always();
    let is_read =
        ["purpose", "channel", "status"].iter().all(|field| scope.field_any_owner("Consent", field).is_read());
    if !is_all || !is_read {
        return "cast(0 as bigint)".to_owned();
    }
    "(select count(*) from activity g join link gl on gl.record_id = g.party_id
          join record_attribute ga on ga.record_id = g.record_id and ga.name = 'consent'
          where gl.customer_id in (ll.customer_id, lr.customer_id) and g.kind = 'consent' and not g.deleted
            and g.status = 'GRANTED'
            and exists (select 1 from activity d join link dl on dl.record_id = d.party_id
                join record_attribute da on da.record_id = d.record_id and da.name = 'consent' and da.value = ga.value
                where dl.customer_id in (ll.customer_id, lr.customer_id) and dl.customer_id <> gl.customer_id
                  and d.kind = 'consent' and not d.deleted and d.status <> 'GRANTED'))"
        .to_owned()
}

impl Store {
    /// A page of pairs.
    pub async fn candidate_list(
        &self,
        scope: &Scope,
        filter: &CandidateFilter,
        order: CandidateOrder,
        ask: &PageAsk,
    ) -> Result<Slice<CandidateRow>, StoreError> {
        let mut binds = Vec::new();
        let condition = filter.condition(scope, &mut binds);
        let head = weighed(scope, &condition, &mut binds);
        self.slice(order.keyset(), ask, &head, binds, |row| {
            let candidate = CandidateRow::read(row)?;
            Ok((order.value(&candidate), candidate.id.0, candidate))
        })
        .await
    }

    /// Which customers the pairs join that a filter leaves, without those that contradict a link; by the id of the pair.
    pub async fn candidate_edges(
        &self,
        scope: &Scope,
        filter: &CandidateFilter,
    ) -> Result<Vec<CandidateEdge>, StoreError> {
        let mut binds = Vec::new();
        let filter = CandidateFilter { contested: Some(false), ..filter.clone() };
        let condition = filter.condition(scope, &mut binds);
        let weighed = weighed(scope, &condition, &mut binds);
        let sql = format!(
            "select q.candidate_id, q.left_customer, q.right_customer, q.impact from ({weighed}) q order by q.candidate_id"
        );
        let rows = self.fetch(sql, binds).await?;
        let edge = |row: &Row| {
            let (left, right) = (CustomerId(row.uuid(1)?), CustomerId(row.uuid(2)?));
            Ok(CandidateEdge { id: MatchCandidateId(row.uuid(0)?), left, right, impact: row.real(3)? })
        };
        rows.iter().map(edge).collect()
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
        let condition = format!("m.candidate_id = $1 and {}", visible(scope, Rows::Pair, &mut binds));
        let sql = weighed(scope, &condition, &mut binds);
        let rows = self.fetch(sql, binds).await?;
        rows.first().map(CandidateRow::read).transpose()
    }

    /// The pairs with one of these records that are in the queue because new facts contradict a link. For the fold.
    pub async fn contested_of(&self, records: &[RecordId]) -> Result<Vec<MatchCandidateId>, StoreError> {
        let mut found = Vec::new();
        for chunk in records.chunks(512) {
            let ids: Vec<Uuid> = chunk.iter().map(|id| id.0).collect();
            let mut binds = Vec::new();
            let list = in_list(&ids, &mut binds);
            let sql = format!(
                "select candidate_id from match_candidate
                 where contests is not null and (left_record in {list} or right_record in {list})
                 order by candidate_id"
            );
            for row in &self.fetch(sql, binds).await? {
                found.push(MatchCandidateId(row.uuid(0)?));
            }
        }
        Ok(found)
    }
}

impl Tx {
    /// Whether the queue has a pair because new facts contradict this decision.
    pub async fn decision_is_contested(&mut self, decision: DecisionId) -> Result<bool, StoreError> {
        let sql = "select count(*) from match_candidate where contests = $1";
        let rows = self.fetch(sql, crate::args![decision.0]).await?;
        Ok(rows.first().map_or(Ok(0), |row| row.int(0))? > 0)
    }
}
