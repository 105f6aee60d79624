//! Taking a person out of the store, so that they stay out.
//!
//! Promises: one transaction, so that a crash leaves all or nothing; under the locks of every source and of the fold, so that
//! nothing of theirs is written meanwhile; applied only to what the plan saw; applied twice, done once. What was theirs is
//! overwritten in a SQLite file too. Deliberately does not touch what their sources hold, nor backups.

use super::export::conditions;
use super::find::{Person, PersonAsk};
use super::table::{By, TABLES};
use crate::args;
use crate::store::list::in_list;
use crate::store::tombstone::Mark;
use crate::store::{AuditEntry, ChangeEntry, ChangeKind, StoreError, Tx};
use onefold_model::{CustomerId, RecordId, SourceId, Timestamp, content_hash};
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};
use uuid::Uuid;

/// By what a person is kept out for the future.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeepOut {
    /// By the keys of their records in each source, and whatever refers to those.
    Keys,
    /// Also by their e-mail addresses and telephone numbers: a new record with one of them is refused.
    Contacts,
}

/// What an erasure would take away of one source, and what is left there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ErasedSource {
    /// The key of the source.
    pub source: String,
    /// Records.
    pub records: u64,
    /// Their versions, each with what the source said.
    pub versions: u64,
    /// Payloads that did not fit.
    pub quarantined: u64,
    /// Records that the source had when it was read last: they must be erased there.
    pub still_there: u64,
    /// Which these are, as `stream/key`. Told to whoever asks and never kept.
    #[serde(skip)]
    pub keys: Vec<String>,
}

/// What an erasure will do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ErasurePlan {
    /// Names exactly this: whoever applies it says so.
    pub fingerprint: String,
    /// The customers that go.
    pub customers: Vec<CustomerId>,
    /// By source, in the order of their keys.
    pub sources: Vec<ErasedSource>,
}

/// What an erasure did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Erased {
    /// It was done now.
    Now(ErasurePlan),
    /// It was done before, at this time, with this result.
    Before(Timestamp, Vec<ErasedSource>),
}

impl Tx {
    /// What erasing this person will do.
    pub async fn erasure_plan(
        &mut self,
        ask: &PersonAsk,
        keep_out: KeepOut,
    ) -> Result<(Person, ErasurePlan), StoreError> {
        let person = self.person_find(ask).await?;
        let sources = self.erased_sources(&person).await?;
        let versions = self.seen_versions(&person).await?;
        let sees = json!({
            "customers": person.customers, "retired": person.retired, "records": versions,
            "quarantined": person.quarantined, "keepOut": keep_out == KeepOut::Contacts,
        });
        let fingerprint = content_hash(&sees).to_hex();
        let customers = person.customers.iter().copied().collect();
        Ok((person, ErasurePlan { fingerprint, customers, sources }))
    }

    /// Takes the locks under which nothing of anybody is written. Before the plan is looked at again.
    pub async fn erasure_lock(&mut self) -> Result<(), StoreError> {
        for source in self.source_keys().await?.into_keys() {
            self.source_lock(source).await?;
        }
        self.identity_lock().await
    }

    /// What an erasure of this fingerprint did before.
    pub async fn erasure_done(&mut self, fingerprint: &str) -> Result<Option<Erased>, StoreError> {
        let rows = self.fetch("select at, report from erasure where fingerprint = $1", args![fingerprint]).await?;
        let Some(row) = rows.first() else { return Ok(None) };
        let sources = serde_json::from_value(row.json(1)?)
            .map_err(|_| StoreError::Corrupt { what: "the report of an erasure does not read back" })?;
        Ok(Some(Erased::Before(row.time(0)?, sources)))
    }

    /// Does what the plan says. The caller holds the locks, and has made the plan anew under them.
    pub async fn erasure_apply(
        &mut self,
        person: &Person,
        plan: &ErasurePlan,
        keep_out: KeepOut,
        at: Timestamp,
        actor: &str,
    ) -> Result<(), StoreError> {
        if let Some(overwrite) = self.dialect().overwrite_deleted() {
            self.execute(overwrite, args![]).await?;
        }
        let ids = person.records.iter().chain(&person.unfit).copied();
        let mut marks: BTreeSet<Mark> = ids.map(Mark::Record).collect();
        if keep_out == KeepOut::Contacts {
            marks.extend(person.contacts.iter().cloned());
        }
        self.erased_write(&marks, at).await?;
        let sources = self.sources_of(person).await?;
        self.export_erase(at).await?;
        for table in TABLES {
            for (condition, binds) in conditions(table.by, person) {
                self.execute(format!("delete from {} where {condition}", table.name), binds).await?;
            }
        }
        self.execute(
            "insert into erasure (fingerprint, at, actor, report) values ($1, $2, $3, $4)",
            args![&plan.fingerprint, at, actor, json!(plan.sources).to_string()],
        )
        .await?;
        self.erasure_tell(person, plan, &sources, at, actor).await
    }

    /// Each record of somebody with its source.
    async fn sources_of(&mut self, person: &Person) -> Result<BTreeMap<RecordId, SourceId>, StoreError> {
        let mut sources = BTreeMap::new();
        for chunk in person.record_ids().chunks(512) {
            let mut binds = Vec::new();
            let list = in_list(chunk, &mut binds);
            let sql = format!("select record_id, source_id from record where record_id in {list}");
            for row in &self.fetch(sql, binds).await? {
                sources.insert(RecordId(row.uuid(0)?), SourceId(row.uuid(1)?));
            }
        }
        Ok(sources)
    }

    /// The fold forgets the parties, readers of the change log forget everything, and the audit keeps that it happened.
    /// A customer is told of once for each source that spoke of them: it is by its department that readers are told at all,
    /// now that nothing is left to look at.
    async fn erasure_tell(
        &mut self,
        person: &Person,
        plan: &ErasurePlan,
        sources: &BTreeMap<RecordId, SourceId>,
        at: Timestamp,
        actor: &str,
    ) -> Result<(), StoreError> {
        let parties: Vec<Uuid> = person.parties.iter().map(|id| id.0).collect();
        self.outbox_write(&parties, at).await?;
        let gone = |kind, node, source| ChangeEntry { kind, node, source, detail: None };
        let of_record = |id: &RecordId| gone(ChangeKind::RecordDeleted, (*id).into(), sources.get(id).copied());
        let records = person.records.iter().map(of_record);
        let spoke: BTreeSet<SourceId> = sources.values().copied().collect();
        let of_customer =
            |id: CustomerId| spoke.iter().map(move |source| gone(ChangeKind::CustomerErased, id.into(), Some(*source)));
        // Whoever keeps a copy may know them by an id that they had before, and has not heard yet where that led.
        let customers = person.customers.iter().chain(&person.retired).copied().flat_map(of_customer);
        self.change_append(at, &records.chain(customers).collect::<Vec<_>>()).await?;
        let sum = |count: fn(&ErasedSource) -> u64| plan.sources.iter().map(count).sum::<u64>();
        let detail = format!(
            "{} records, {} versions, {} in quarantine; plan {}",
            sum(|source| source.records),
            sum(|source| source.versions),
            sum(|source| source.quarantined),
            plan.fingerprint
        );
        let target = match plan.customers.as_slice() {
            [] => "nobody who is a customer".to_owned(),
            [one] => one.to_string(),
            many => format!("{} customers", many.len()),
        };
        let entry = AuditEntry { at, actor: actor.to_owned(), action: "customer.erase", target, detail: Some(detail) };
        let about: Vec<CustomerId> = person.customers.iter().chain(&person.retired).copied().collect();
        self.audit_append_about(&entry, &about).await
    }

    async fn erased_sources(&mut self, person: &Person) -> Result<Vec<ErasedSource>, StoreError> {
        let mut sources: BTreeMap<String, ErasedSource> = BTreeMap::new();
        let keys = self.source_keys().await?;
        let key = |id: Uuid| keys.get(&SourceId(id)).map(ToString::to_string).unwrap_or_default();
        let new = |source: &String| ErasedSource {
            source: source.clone(),
            records: 0,
            versions: 0,
            quarantined: 0,
            still_there: 0,
            keys: Vec::new(),
        };
        for chunk in person.record_ids().chunks(512) {
            let mut binds = Vec::new();
            let list = in_list(chunk, &mut binds);
            let sql = format!(
                "select r.source_id, r.stream, r.external_id, r.deleted_at, count(*)
                 from record r join record_version v on v.record_id = r.record_id
                 where r.record_id in {list}
                 group by r.record_id, r.source_id, r.stream, r.external_id, r.deleted_at
                 order by r.stream, r.external_id"
            );
            for row in self.fetch(sql, binds).await? {
                let name = key(row.uuid(0)?);
                let source = sources.entry(name.clone()).or_insert_with(|| new(&name));
                source.records += 1;
                source.versions += u64::try_from(row.int(4)?).unwrap_or(0);
                if row.opt_time(3)?.is_none() {
                    source.still_there += 1;
                    source.keys.push(format!("{}/{}", row.text(1)?, row.text(2)?));
                }
            }
        }
        for (condition, binds) in conditions(By::Quarantine, person) {
            for row in self.fetch(format!("select source_id from quarantine where {condition}"), binds).await? {
                let name = key(row.uuid(0)?);
                sources.entry(name.clone()).or_insert_with(|| new(&name)).quarantined += 1;
            }
        }
        Ok(sources.into_values().collect())
    }

    /// Each record with its version: what is delivered after the plan makes another plan.
    async fn seen_versions(&mut self, person: &Person) -> Result<Vec<(RecordId, i64)>, StoreError> {
        let mut versions = Vec::new();
        for (condition, binds) in conditions(By::Records(&["record_id"]), person) {
            let sql = format!("select record_id, version from record where {condition} order by record_id");
            for row in self.fetch(sql, binds).await? {
                versions.push((RecordId(row.uuid(0)?), row.int(1)?));
            }
        }
        Ok(versions)
    }
}
