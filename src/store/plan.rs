//! Decisions that were made together, by a plan that was looked at first: applied once, taken back as a whole.

use super::decision::{COLUMNS, DecisionRow, SCOPE_CUSTOMERS};
use super::list::{KeyType, SortValue, in_list};
use super::visible::{Rows, visible};
use super::{Direction, Keyset, PageAsk, Row, Slice, Store, StoreError, Tx, Undone, scoped};
use crate::args;
use crate::auth::{Owners, Scope};
use onefold_model::{CustomerId, DepartmentKey, PlanId, RecordId, Timestamp};
use serde_json::Value;
use uuid::Uuid;

/// A plan that was applied.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlanRow {
    /// Its id.
    pub id: PlanId,
    /// `MERGE`, `SPLIT`, `DECIDE` or `NEVER_LINK`.
    pub kind: String,
    /// Who applied it.
    pub actor: String,
    /// What the caller names the request by.
    pub request: String,
    /// What was looked at.
    pub fingerprint: String,
    /// When it was applied.
    pub made_at: Timestamp,
    /// When and by whom it was taken back.
    pub undone: Option<(Timestamp, String)>,
}

/// What one source says that a party has allowed.
#[derive(Debug, Clone, PartialEq)]
pub struct ConsentStatement {
    /// The party's record.
    pub party: RecordId,
    /// The record of the statement.
    pub record: RecordId,
    /// Its version.
    pub version: i64,
    /// What it says.
    pub mapped: Value,
}

const PLAN: &str = "p.plan_id, p.kind, p.actor, p.request, p.fingerprint, p.made_at, p.undone_at, p.undone_by";

/// Latest first.
const LATEST: Keyset<'_> = Keyset {
    name: "plan.made_at",
    column: "p.made_at",
    id: "p.plan_id",
    ty: KeyType::Time,
    nullable: false,
    direction: Direction::Desc,
};

impl PlanRow {
    fn read(row: &Row) -> Result<Self, StoreError> {
        let undone = row.opt_time(6)?.map(|at| Ok::<_, StoreError>((at, row.opt_text(7)?.unwrap_or_default())));
        Ok(Self {
            id: PlanId(row.uuid(0)?),
            kind: row.text(1)?,
            actor: row.text(2)?,
            request: row.text(3)?,
            fingerprint: row.text(4)?,
            made_at: row.time(5)?,
            undone: undone.transpose()?,
        })
    }
}

impl Store {
    /// A plan. Names nobody; what it decided is told to whoever is let near its records.
    pub async fn plan_get(&self, id: PlanId) -> Result<Option<PlanRow>, StoreError> {
        let sql = format!("select {PLAN} from plan p where p.plan_id = $1");
        self.fetch(sql, args![id.0]).await?.first().map(PlanRow::read).transpose()
    }

    /// A page of plans, the latest first: those of whose records the scope shows every one, and of which every one is of these
    /// departments. A plan of which an erasure left no decision is in no page.
    pub async fn plan_page(
        &self,
        scope: &Scope,
        reviewed: &Owners,
        ask: &PageAsk,
    ) -> Result<Slice<PlanRow>, StoreError> {
        let mut binds = Vec::new();
        let shown = visible(scope, Rows::Record, &mut binds);
        let owned = scoped(reviewed, "s.department", &mut binds);
        // By one column at a time, so that each is looked up by its index.
        let decided = |column: &str, condition: &str| {
            format!("exists (select 1 from decision d where d.{column} = p.plan_id and {condition})")
        };
        let withheld = format!(
            "(select count(*) from record r
                 join source s on s.source_id = r.source_id
                 left join link l on l.record_id = r.record_id
                 where r.record_id in (d.left_record, d.right_record) and {shown} and {owned}) < 2"
        );
        let head = format!(
            "select {PLAN} from plan p
             where ({} or {}) and not {} and not {}",
            decided("plan_id", "1 = 1"),
            decided("undone_plan", "1 = 1"),
            decided("plan_id", &withheld),
            decided("undone_plan", &withheld)
        );
        self.slice(LATEST, ask, &head, binds, |row| {
            let plan = PlanRow::read(row)?;
            Ok((SortValue::Time(Some(plan.made_at)), plan.id.0, plan))
        })
        .await
    }

    /// What a request of this caller's applied before.
    pub async fn plan_of_request(&self, actor: &str, request: &str) -> Result<Option<PlanRow>, StoreError> {
        let sql = format!("select {PLAN} from plan p where p.actor = $1 and p.request = $2");
        self.fetch(sql, args![actor, request]).await?.first().map(PlanRow::read).transpose()
    }

    /// What a plan decided, and what it took back, in the order in which that was decided.
    pub async fn plan_decisions(&self, id: PlanId) -> Result<Vec<DecisionRow>, StoreError> {
        let sql = format!(
            "select {COLUMNS} from decision d where d.plan_id = $1 or d.undone_plan = $1
             order by d.made_at, d.decision_id"
        );
        self.fetch(sql, args![id.0]).await?.iter().map(DecisionRow::read).collect()
    }

    /// The decisions that stand with both records at these customers. For the process itself, and whoever reviews them all.
    pub async fn decision_among(&self, customers: &[CustomerId]) -> Result<Vec<DecisionRow>, StoreError> {
        let ids: Vec<Uuid> = customers.iter().map(|id| id.0).collect();
        let mut binds = Vec::new();
        let list = in_list(&ids, &mut binds);
        let sql = format!(
            "select {COLUMNS} from decision d
             join link ll on ll.record_id = d.left_record
             join link lr on lr.record_id = d.right_record
             where d.undone_at is null and ll.customer_id in {list} and lr.customer_id in {list}
             order by d.made_at, d.decision_id"
        );
        self.fetch(sql, binds).await?.iter().map(DecisionRow::read).collect()
    }

    /// What is said of the consents of these parties, by the record that says it. For what a plan would change of them: every
    /// statement counts, whoever may see it.
    pub async fn consent_statements(&self, parties: &[RecordId]) -> Result<Vec<ConsentStatement>, StoreError> {
        let mut found = Vec::new();
        for chunk in parties.chunks(512) {
            let ids: Vec<Uuid> = chunk.iter().map(|id| id.0).collect();
            let mut binds = Vec::new();
            let list = in_list(&ids, &mut binds);
            let sql = format!(
                "select a.party_id, a.record_id, r.version, v.mapped from activity a
                 join record r on r.record_id = a.record_id
                 join record_version v on v.record_id = r.record_id and v.version = r.version
                 where a.party_id in {list} and a.kind = 'consent' and not a.deleted
                 order by a.record_id"
            );
            for row in &self.fetch(sql, binds).await? {
                let (party, record) = (RecordId(row.uuid(0)?), RecordId(row.uuid(1)?));
                found.push(ConsentStatement { party, record, version: row.int(2)?, mapped: row.json(3)? });
            }
        }
        Ok(found)
    }

    /// Whether the customer with this id was erased on request.
    pub async fn customer_was_erased(&self, id: CustomerId) -> Result<bool, StoreError> {
        let sql = "select count(*) from change where kind = 'CUSTOMER_ERASED' and node = $1";
        let rows = self.fetch(sql, args![id.to_string()]).await?;
        Ok(rows.first().map_or(Ok(0), |row| row.int(0))? > 0)
    }
}

impl Tx {
    /// The end of the outbox, within the transaction that is about to write.
    pub async fn outbox_end(&mut self) -> Result<i64, StoreError> {
        let rows = self.fetch("select coalesce(max(seq), 0) from outbox where topic = 'identity'", args![]).await?;
        rows.first().map_or(Ok(0), |row| row.int(0))
    }

    /// As [`Store::plan_of_request`], under the lock.
    pub async fn plan_of_request(&mut self, actor: &str, request: &str) -> Result<Option<PlanRow>, StoreError> {
        let sql = format!("select {PLAN} from plan p where p.actor = $1 and p.request = $2");
        self.fetch(sql, args![actor, request]).await?.first().map(PlanRow::read).transpose()
    }

    /// Writes a plan that is being applied.
    pub async fn plan_insert(&mut self, plan: &PlanRow) -> Result<(), StoreError> {
        self.execute(
            "insert into plan (plan_id, kind, actor, request, fingerprint, made_at) values ($1, $2, $3, $4, $5, $6)",
            args![plan.id.0, &plan.kind, &plan.actor, &plan.request, &plan.fingerprint, plan.made_at],
        )
        .await?;
        Ok(())
    }

    /// Marks a plan as taken back, if it stands.
    pub async fn plan_undo(&mut self, id: PlanId, at: Timestamp, by: &str) -> Result<u64, StoreError> {
        self.execute(
            "update plan set undone_at = $2, undone_by = $3 where plan_id = $1 and undone_at is null",
            args![id.0, at, by],
        )
        .await
    }

    /// As [`Store::plan_decisions`], under the lock.
    pub async fn plan_decisions(&mut self, id: PlanId) -> Result<Vec<DecisionRow>, StoreError> {
        let sql = format!(
            "select {COLUMNS} from decision d where d.plan_id = $1 or d.undone_plan = $1
             order by d.made_at, d.decision_id"
        );
        self.fetch(sql, args![id.0]).await?.iter().map(DecisionRow::read).collect()
    }

    /// Takes a decision back as part of a plan, if it stands.
    pub async fn decision_undo_by_plan(
        &mut self,
        decision: &DecisionRow,
        plan: PlanId,
        undone: &Undone,
    ) -> Result<u64, StoreError> {
        let taken = self.decision_undo(decision.id, undone).await?;
        if taken > 0 {
            self.execute("update decision set undone_plan = $2 where decision_id = $1", args![decision.id.0, plan.0])
                .await?;
        }
        Ok(taken)
    }

    /// The customers of these records.
    pub async fn link_of(&mut self, records: &[RecordId]) -> Result<Vec<CustomerId>, StoreError> {
        let mut customers = Vec::new();
        for chunk in records.chunks(512) {
            let ids: Vec<Uuid> = chunk.iter().map(|id| id.0).collect();
            let mut binds = Vec::new();
            let list = in_list(&ids, &mut binds);
            let sql = format!("select distinct customer_id from link where record_id in {list} order by customer_id");
            for row in &self.fetch(sql, binds).await? {
                customers.push(CustomerId(row.uuid(0)?));
            }
        }
        Ok(customers)
    }

    /// Marks the decisions of a plan as reaching to whole customers; the one of this pair is that of the request.
    pub async fn plan_reaches_customers(
        &mut self,
        plan: PlanId,
        (left, right): (RecordId, RecordId),
        request: &str,
    ) -> Result<(), StoreError> {
        self.execute("update decision set scope = $2 where plan_id = $1", args![plan.0, SCOPE_CUSTOMERS]).await?;
        self.execute(
            "update decision set request = $4 where plan_id = $1 and left_record = $2 and right_record = $3",
            args![plan.0, left.0, right.0, request],
        )
        .await?;
        Ok(())
    }

    /// The records of these customers with the departments that own their sources, in their order.
    pub async fn members_of(
        &mut self,
        customers: &[CustomerId],
    ) -> Result<Vec<(CustomerId, RecordId, DepartmentKey)>, StoreError> {
        let ids: Vec<Uuid> = customers.iter().map(|id| id.0).collect();
        let mut binds = Vec::new();
        let list = in_list(&ids, &mut binds);
        let sql = format!(
            "select l.customer_id, l.record_id, s.department from link l
             join record r on r.record_id = l.record_id
             join source s on s.source_id = r.source_id
             where l.customer_id in {list}
             order by l.customer_id, l.record_id"
        );
        let read = |row: &Row| {
            let department = DepartmentKey::new(row.text(2)?)
                .map_err(|_| StoreError::Corrupt { what: "a department is not a slug" })?;
            Ok((CustomerId(row.uuid(0)?), RecordId(row.uuid(1)?), department))
        };
        self.fetch(sql, binds).await?.iter().map(read).collect()
    }

    /// Leaves records for the next fold. Among the last things of a
    /// transaction.
    pub async fn fold_leave(&mut self, records: &[RecordId], at: Timestamp) -> Result<(), StoreError> {
        let ids: Vec<Uuid> = records.iter().map(|id| id.0).collect();
        self.outbox_write(&ids, at).await
    }
}
