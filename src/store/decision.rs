//! What people decided about pairs of records: made once, taken back at most once, never deleted but by an erasure.

use super::list::{KeyType, SortValue, in_list};
use super::visible::{Rows, visible};
use super::{Arg, Direction, Keyset, PageAsk, Row, Slice, Store, StoreError, Tx, scoped};
use crate::args;
use crate::auth::{Owners, Scope};
use onefold_model::{CustomerId, DecisionId, PlanId, RecordId, Timestamp};

/// The kind of a decision that two records are of one customer.
pub const LINK: &str = "LINK";
/// The kind of a decision that two records are of different customers.
pub const NEVER_LINK: &str = "NEVER_LINK";
/// The kind of a decision that a pair is looked at again later. Puts nothing together and keeps nothing apart.
pub const LATER: &str = "LATER";

/// Of two records, and with them of whoever is with them.
pub const SCOPE_RECORDS: &str = "RECORDS";
/// Of every record of one customer and every record of another, as they were then.
pub const SCOPE_CUSTOMERS: &str = "CUSTOMERS";

/// A steward's decision.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DecisionRow {
    /// Its id.
    pub id: DecisionId,
    /// [`LINK`], [`NEVER_LINK`] or [`LATER`].
    pub kind: String,
    /// The smaller record id.
    pub left: RecordId,
    /// The larger record id.
    pub right: RecordId,
    /// Who decided.
    pub actor: String,
    /// Why.
    pub reason: String,
    /// When.
    pub made_at: Timestamp,
    /// The model that was in place; none where the model followed the records.
    pub model: Option<String>,
    /// What the caller names the request by, so that it decides once however often it is sent.
    pub request: Option<String>,
    /// That it was taken back.
    pub undone: Option<Undone>,
    /// The plan that it was made by.
    pub plan: Option<PlanId>,
    /// Until when it holds; none for ever.
    pub expires_at: Option<Timestamp>,
    /// [`SCOPE_RECORDS`] or [`SCOPE_CUSTOMERS`].
    pub scope: String,
}

/// That somebody ended something: took a decision back, or said of a drift that they know.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Undone {
    /// When.
    pub at: Timestamp,
    /// Who.
    pub by: String,
    /// Why.
    pub reason: String,
}

/// Which decisions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DecisionFilter {
    /// About records of these departments: both must be among them.
    pub departments: Owners,
    /// About a record of this customer.
    pub customer: Option<CustomerId>,
    /// Both records are of these customers; empty for all.
    pub among: Vec<CustomerId>,
    /// Those that stand, or those that were taken back.
    pub standing: Option<bool>,
}

pub(super) const COLUMNS: &str =
    "d.decision_id, d.kind, d.left_record, d.right_record, d.actor, d.reason, d.made_at, d.model,
    d.request, d.undone_at, d.undone_by, d.undone_reason, d.plan_id, d.expires_at, d.scope";

/// With the links of both records: a decision about a record that is gone is nobody's to look at.
const FROM: &str = "decision d
    join link ll on ll.record_id = d.left_record
    join link lr on lr.record_id = d.right_record
    join record rl on rl.record_id = d.left_record
    join record rr on rr.record_id = d.right_record
    join source sl on sl.source_id = rl.source_id
    join source sr on sr.source_id = rr.source_id";

/// Latest first.
const LATEST: Keyset<'_> = Keyset {
    name: "decision.made_at",
    column: "d.made_at",
    id: "d.decision_id",
    ty: KeyType::Time,
    nullable: false,
    direction: Direction::Desc,
};

impl Undone {
    /// From three columns, the first of which is the time; none where that is null.
    pub(super) fn read(row: &Row, at: usize) -> Result<Option<Self>, StoreError> {
        let text = |column| Ok::<_, StoreError>(row.opt_text(column)?.unwrap_or_default());
        let Some(time) = row.opt_time(at)? else { return Ok(None) };
        Ok(Some(Self { at: time, by: text(at + 1)?, reason: text(at + 2)? }))
    }
}

impl DecisionRow {
    pub(super) fn read(row: &Row) -> Result<Self, StoreError> {
        Ok(Self {
            id: DecisionId(row.uuid(0)?),
            kind: row.text(1)?,
            left: RecordId(row.uuid(2)?),
            right: RecordId(row.uuid(3)?),
            actor: row.text(4)?,
            reason: row.text(5)?,
            made_at: row.time(6)?,
            model: row.opt_text(7)?,
            request: row.opt_text(8)?,
            undone: Undone::read(row, 9)?,
            plan: row.opt_uuid(12)?.map(PlanId),
            expires_at: row.opt_time(13)?,
            scope: row.text(14)?,
        })
    }
}

impl DecisionFilter {
    fn condition(&self, scope: &Scope, binds: &mut Vec<Arg>) -> String {
        let mut parts = vec![visible(scope, Rows::Pair, binds)];
        parts.extend(["sl.department", "sr.department"].map(|owner| scoped(&self.departments, owner, binds)));
        if let Some(customer) = self.customer {
            binds.push(customer.0.into());
            parts.push(format!("${0} in (ll.customer_id, lr.customer_id)", binds.len()));
        }
        if !self.among.is_empty() {
            let ids: Vec<uuid::Uuid> = self.among.iter().map(|id| id.0).collect();
            let list = in_list(&ids, binds);
            parts.push(format!("ll.customer_id in {list} and lr.customer_id in {list}"));
        }
        match self.standing {
            Some(true) => parts.push("d.undone_at is null".to_owned()),
            Some(false) => parts.push("d.undone_at is not null".to_owned()),
            None => {}
        }
        parts.join(" and ")
    }
}

impl Store {
    /// The decisions that stand, in the order in which they were made.
    pub async fn decision_list(&self) -> Result<Vec<DecisionRow>, StoreError> {
        let sql =
            format!("select {COLUMNS} from decision d where d.undone_at is null order by d.made_at, d.decision_id");
        self.fetch(sql, args![]).await?.iter().map(DecisionRow::read).collect()
    }

    /// A page of decisions, latest first, about records that a scope may see.
    pub async fn decision_page(
        &self,
        scope: &Scope,
        filter: &DecisionFilter,
        ask: &PageAsk,
    ) -> Result<Slice<DecisionRow>, StoreError> {
        let mut binds = Vec::new();
        let condition = filter.condition(scope, &mut binds);
        let head = format!("select {COLUMNS} from {FROM} where {condition}");
        self.slice(LATEST, ask, &head, binds, |row| {
            let decision = DecisionRow::read(row)?;
            Ok((SortValue::Time(Some(decision.made_at)), decision.id.0, decision))
        })
        .await
    }

    /// How many decisions a scope may see.
    pub async fn decision_count(&self, scope: &Scope, filter: &DecisionFilter) -> Result<i64, StoreError> {
        let mut binds = Vec::new();
        let condition = filter.condition(scope, &mut binds);
        let rows = self.fetch(format!("select count(*) from {FROM} where {condition}"), binds).await?;
        rows.first().map_or(Ok(0), |row| row.int(0))
    }

    /// A decision.
    ///
    /// Without a scope: whoever asks for one must be let near both of its records first, which the app sees to.
    pub async fn decision_get(&self, id: DecisionId) -> Result<Option<DecisionRow>, StoreError> {
        let sql = format!("select {COLUMNS} from decision d where d.decision_id = $1");
        self.fetch(sql, args![id.0]).await?.first().map(DecisionRow::read).transpose()
    }
}

impl Tx {
    /// What a request of this caller's decided before.
    pub async fn decision_of_request(&mut self, actor: &str, request: &str) -> Result<Option<DecisionRow>, StoreError> {
        let sql = format!("select {COLUMNS} from decision d where d.actor = $1 and d.request = $2");
        self.fetch(sql, args![actor, request]).await?.first().map(DecisionRow::read).transpose()
    }

    /// The decision about a pair that stands, the latest of several; not that it is looked at later.
    pub async fn decision_of_pair(
        &mut self,
        left: RecordId,
        right: RecordId,
    ) -> Result<Option<DecisionRow>, StoreError> {
        let sql = format!(
            "select {COLUMNS} from decision d
             where d.left_record = $1 and d.right_record = $2 and d.undone_at is null and d.kind <> '{LATER}'
             order by d.made_at desc, d.decision_id desc limit 1"
        );
        self.fetch(sql, args![left.0, right.0]).await?.first().map(DecisionRow::read).transpose()
    }

    /// A decision that stands and keeps the customers of two records apart.
    pub async fn decision_between(
        &mut self,
        one: RecordId,
        other: RecordId,
    ) -> Result<Option<DecisionRow>, StoreError> {
        let sql = format!(
            "select {COLUMNS} from decision d
             join link ll on ll.record_id = d.left_record
             join link lr on lr.record_id = d.right_record
             join link one on one.record_id = $1
             join link other on other.record_id = $2
             where d.undone_at is null and d.kind = '{NEVER_LINK}'
               and ((ll.customer_id = one.customer_id and lr.customer_id = other.customer_id)
                 or (ll.customer_id = other.customer_id and lr.customer_id = one.customer_id))
             order by d.made_at, d.decision_id limit 1"
        );
        self.fetch(sql, args![one.0, other.0]).await?.first().map(DecisionRow::read).transpose()
    }

    /// Whether one of two records is no longer there, or no longer in its source.
    pub async fn decision_lost(&mut self, left: RecordId, right: RecordId) -> Result<bool, StoreError> {
        let sql = "select count(*) from record where record_id in ($1, $2) and deleted_at is null";
        let rows = self.fetch(sql, args![left.0, right.0]).await?;
        Ok(rows.first().map_or(Ok(0), |row| row.int(0))? < 2)
    }

    /// Writes a decision.
    pub async fn decision_insert(&mut self, decision: &DecisionRow) -> Result<(), StoreError> {
        self.execute(
            "insert into decision (decision_id, kind, left_record, right_record, actor, reason, made_at, model, request,
                 plan_id, expires_at, scope)
             values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)",
            args![
                decision.id.0,
                &decision.kind,
                decision.left.0,
                decision.right.0,
                &decision.actor,
                &decision.reason,
                decision.made_at,
                decision.model.as_deref(),
                decision.request.as_deref(),
                decision.plan.map(|plan| plan.0),
                decision.expires_at,
                &decision.scope
            ],
        )
        .await?;
        Ok(())
    }

    /// Takes a decision back, if it stands. The row stays.
    pub async fn decision_undo(&mut self, id: DecisionId, undone: &Undone) -> Result<u64, StoreError> {
        self.execute(
            "update decision set undone_at = $2, undone_by = $3, undone_reason = $4
             where decision_id = $1 and undone_at is null",
            args![id.0, undone.at, &undone.by, &undone.reason],
        )
        .await
    }

    /// Leaves the records of a decision for the next fold. Among the last things of a transaction.
    pub async fn decision_fold(&mut self, decision: &DecisionRow, at: Timestamp) -> Result<(), StoreError> {
        self.outbox_write(&[decision.left.0, decision.right.0], at).await
    }
}
