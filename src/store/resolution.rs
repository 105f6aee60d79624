//! What a fold changed, written in one transaction: links, customers, retired ids, candidates, change log and outbox.

use super::list::in_list;
use super::{Arg, AuditEntry, ChangeEntry, Store, StoreError, Tx};
use crate::args;
use onefold_model::{CustomerId, DecisionId, MatchCandidateId, PartyKind, RecordId, Timestamp};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use uuid::Uuid;

/// A record that now belongs to this customer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LinkChange {
    /// The record.
    pub record: RecordId,
    /// The customer.
    pub customer: CustomerId,
}

/// A customer whose records or their content changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FoldedCustomer {
    /// Its id.
    pub id: CustomerId,
    /// A person or an organisation.
    pub kind: PartyKind,
    /// How many records it is made of.
    pub record_count: i64,
    /// The folded name by which it is ordered.
    pub sort_name: Option<String>,
    /// The best e-mail address.
    pub email: Option<String>,
    /// The best telephone number.
    pub phone: Option<String>,
}

/// A pair for a person to look at.
#[derive(Debug, Clone, PartialEq)]
pub struct FoundCandidate {
    /// Its id.
    pub id: MatchCandidateId,
    /// The record with the smaller id.
    pub left: RecordId,
    /// The record with the larger id.
    pub right: RecordId,
    /// How likely they are the same.
    pub probability: f64,
    /// The evidence in bits.
    pub weight: f64,
    /// The explanation as JSON text.
    pub evidence: String,
    /// The link of a steward that the evidence contradicts; none of a pair that is in two customers.
    pub contests: Option<DecisionId>,
    /// Why they are apart although they weigh enough, as a word of matching; none of a pair that weighs too little.
    pub cause: Option<String>,
}

/// How a customer was when it became part of another.
struct Life {
    created_at: Timestamp,
    version: i64,
}

/// Pairs that are for review no longer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Forgotten {
    /// All that were not found: the fold looked at everything.
    AllOthers,
    /// These.
    These(Vec<MatchCandidateId>),
}

/// Everything that a fold changed.
#[derive(Debug, Clone)]
pub struct Resolution {
    /// The model that judged.
    pub model: String,
    /// Now.
    pub at: Timestamp,
    /// Records that belong elsewhere now, or for the first time.
    pub links: Vec<LinkChange>,
    /// Customers that changed or are new.
    pub customers: Vec<FoldedCustomer>,
    /// Customers that went into others.
    pub retired: Vec<(CustomerId, CustomerId)>,
    /// Pairs for review.
    pub candidates: Vec<FoundCandidate>,
    /// Which pairs are for review no longer.
    pub forgotten: Forgotten,
    /// What to tell.
    pub changes: Vec<ChangeEntry>,
    /// The outbox entries that this fold has seen.
    pub outbox_up_to: i64,
    /// Who asked for it.
    pub actor: String,
}

/// The number of the last fold that changed something, or of the last erasure, after which no fold may write what it read
/// before.
const GENERATION: &str =
    "select coalesce(max(seq), 0) from audit where action in ('identity.resolve', 'customer.erase')";

impl Store {
    /// The number of the last fold that changed something: two folds that began at the same number must not both write.
    pub async fn fold_generation(&self) -> Result<i64, StoreError> {
        let rows = self.fetch(GENERATION, args![]).await?;
        rows.first().map_or(Ok(0), |row| row.int(0))
    }
}

impl Tx {
    /// As [`Store::fold_generation`], within the transaction that is about to write.
    pub async fn fold_generation(&mut self) -> Result<i64, StoreError> {
        // A fold's number is that of its entry, which waits for the end of the transaction.
        self.audit_flush().await?;
        let rows = self.fetch(GENERATION, args![]).await?;
        rows.first().map_or(Ok(0), |row| row.int(0))
    }

    /// Takes the lock of the fold: one at a time, or two of them would race for the same records.
    pub async fn identity_lock(&mut self) -> Result<(), StoreError> {
        if let Some(lock) = self.dialect().lock_identity() {
            self.execute(lock, args![]).await?;
        }
        Ok(())
    }

    /// Writes what a fold changed.
    pub async fn resolution_apply(&mut self, fold: &Resolution) -> Result<(), StoreError> {
        self.customers_write(fold).await?;
        self.links_write(fold).await?;
        self.customers_retire(fold).await?;
        self.candidates_write(fold).await?;
        self.outbox_done(fold.outbox_up_to).await?;
        if !fold.changes.is_empty() {
            let detail = format!(
                "{} links, {} customers, {} retired, {} candidates",
                fold.links.len(),
                fold.customers.len(),
                fold.retired.len(),
                fold.candidates.len()
            );
            let entry = AuditEntry {
                at: fold.at,
                actor: fold.actor.clone(),
                action: "identity.resolve",
                target: fold.model.clone(),
                detail: Some(detail),
            };
            self.audit_append(&entry).await?;
        }
        self.change_append(fold.at, &fold.changes).await
    }

    async fn customers_write(&mut self, fold: &Resolution) -> Result<(), StoreError> {
        let ids: Vec<Uuid> = fold.customers.iter().map(|customer| customer.id.0).collect();
        // One that was part of another goes on from where it was.
        let before = self.lives("customer_alias", "retired_id", &ids).await?;
        let rows: Vec<Vec<Arg>> = fold
            .customers
            .iter()
            .map(|customer| {
                let life = before.get(&customer.id.0);
                args![
                    customer.id.0,
                    customer.kind.as_str(),
                    life.map_or(0, |life| life.version) + 1,
                    life.map_or(fold.at, |life| life.created_at),
                    fold.at,
                    customer.record_count,
                    customer.sort_name.clone(),
                    customer.email.clone(),
                    customer.phone.clone()
                ]
            })
            .collect();
        self.insert_many(
            "insert into customer (customer_id, kind, version, created_at, updated_at, record_count, sort_name, email, phone)",
            rows,
            "on conflict (customer_id) do update set
                 kind = excluded.kind, version = customer.version + 1, updated_at = excluded.updated_at,
                 record_count = excluded.record_count, sort_name = excluded.sort_name, email = excluded.email,
                 phone = excluded.phone",
        )
        .await?;
        // An id that leads a customer again is no alias any more.
        for chunk in ids.chunks(512) {
            let mut binds = Vec::new();
            let list = in_list(chunk, &mut binds);
            self.execute(format!("delete from customer_alias where retired_id in {list}"), binds).await?;
        }
        self.history_customers(&ids).await
    }

    /// How long these customers are known and how often they changed; those of which neither is known are left out.
    async fn lives(&mut self, table: &str, id: &str, ids: &[Uuid]) -> Result<HashMap<Uuid, Life>, StoreError> {
        let mut lives = HashMap::new();
        for chunk in ids.chunks(512) {
            let mut binds = Vec::new();
            let list = in_list(chunk, &mut binds);
            let sql = format!(
                "select {id}, created_at, version from {table}
                 where {id} in {list} and created_at is not null and version is not null"
            );
            for row in self.fetch(sql, binds).await? {
                lives.insert(row.uuid(0)?, Life { created_at: row.time(1)?, version: row.int(2)? });
            }
        }
        Ok(lives)
    }

    async fn links_write(&mut self, fold: &Resolution) -> Result<(), StoreError> {
        let rows = fold.links.iter().map(|link| args![link.record.0, link.customer.0, &fold.model, fold.at]).collect();
        self.insert_many(
            "insert into link (record_id, customer_id, model, linked_at)",
            rows,
            "on conflict (record_id) do update set
                 customer_id = excluded.customer_id, model = excluded.model, linked_at = excluded.linked_at",
        )
        .await?;
        self.history_links(fold).await
    }

    /// A retired customer leaves an alias, and the aliases that led to it lead on.
    async fn customers_retire(&mut self, fold: &Resolution) -> Result<(), StoreError> {
        let retired = ends(&fold.retired);
        let ids: Vec<Uuid> = retired.keys().map(|id| id.0).collect();
        let lives = self.lives("customer", "customer_id", &ids).await?;
        let mut led: BTreeSet<Uuid> = ids.iter().copied().collect();
        for (retired, into) in &retired {
            let sql = "select retired_id from customer_alias where customer_id = $1";
            for row in &self.fetch(sql, args![retired.0]).await? {
                led.insert(row.uuid(0)?);
            }
            self.execute("update customer_alias set customer_id = $2 where customer_id = $1", args![retired.0, into.0])
                .await?;
            self.execute("delete from customer where customer_id = $1", args![retired.0]).await?;
        }
        let row = |(retired, into): (&CustomerId, &CustomerId)| {
            let life = lives.get(&retired.0);
            let (created_at, version) = (life.map(|life| life.created_at), life.map(|life| life.version));
            args![retired.0, into.0, fold.at, created_at, version]
        };
        self.insert_many(
            "insert into customer_alias (retired_id, customer_id, retired_at, created_at, version)",
            retired.iter().map(row).collect(),
            // One that was retired before only leads elsewhere now: the order of retirement tells a split what went in last.
            "on conflict (retired_id) do update set customer_id = excluded.customer_id",
        )
        .await?;
        self.history_aliases(&led, fold.at).await
    }

    /// The queue is derived: what is found again keeps the time at which it was first found.
    async fn candidates_write(&mut self, fold: &Resolution) -> Result<(), StoreError> {
        let now: std::collections::HashSet<Uuid> = fold.candidates.iter().map(|candidate| candidate.id.0).collect();
        let before = match &fold.forgotten {
            Forgotten::AllOthers => {
                let rows = self.fetch("select candidate_id from match_candidate", args![]).await?;
                rows.iter().map(|row| row.uuid(0)).collect::<Result<Vec<_>, _>>()?
            }
            Forgotten::These(ids) => ids.iter().map(|id| id.0).collect(),
        };
        let gone: Vec<Uuid> = before.into_iter().filter(|id| !now.contains(id)).collect();
        for chunk in gone.chunks(512) {
            let mut binds = Vec::new();
            let list = in_list(chunk, &mut binds);
            self.execute(format!("delete from match_candidate where candidate_id in {list}"), binds).await?;
        }
        let rows = fold
            .candidates
            .iter()
            .map(|found| {
                args![
                    found.id.0,
                    found.left.0,
                    found.right.0,
                    found.probability,
                    found.weight,
                    &found.evidence,
                    &fold.model,
                    fold.at,
                    found.contests.map(|decision| decision.0),
                    found.cause.clone()
                ]
            })
            .collect();
        self.insert_many(
            "insert into match_candidate (candidate_id, left_record, right_record, probability, weight, evidence, model, found_at, contests, cause)",
            rows,
            "on conflict (candidate_id) do update set
                 probability = excluded.probability, weight = excluded.weight, evidence = excluded.evidence,
                 model = excluded.model, contests = excluded.contests, cause = excluded.cause",
        )
        .await?;
        Ok(())
    }
}

/// Each retired customer with the one that it ends up in: what it went into may have been retired by the same fold.
fn ends(retired: &[(CustomerId, CustomerId)]) -> BTreeMap<CustomerId, CustomerId> {
    let steps: BTreeMap<CustomerId, CustomerId> = retired.iter().copied().collect();
    let end = |mut into: CustomerId| {
        // No chain is longer than there are steps; a circle ends there too, and the foreign key refuses it.
        for _ in 0..steps.len() {
            let Some(next) = steps.get(&into) else { break };
            into = *next;
        }
        into
    };
    steps.iter().map(|(from, into)| (*from, end(*into))).collect()
}
