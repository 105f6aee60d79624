//! What was known when: which record was of which customer, and what became of each id.
//!
//! Promises that what a fold wrote at a time is read again for that time, whatever came later; what was erased is in no
//! history. Deliberately keeps no values: those are folded from the versions of the records, as they are now.

use super::list::in_list;
use super::visible::{Rows, visible};
use super::{CustomerRow, RecordRow, Resolution, Row, Store, StoreError, StoredParty, Tx, scoped};
use crate::args;
use crate::auth::Scope;
use onefold_model::{CustomerId, PartyKind, RecordId, Timestamp};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use uuid::Uuid;

/// A customer as it was known.
#[derive(Debug, Clone)]
pub struct PastCustomer {
    /// What was known of it.
    pub row: CustomerRow,
    /// Its records, by the key of their source, each with the versions that were known, the first one first.
    pub records: Vec<Vec<PastVersion>>,
    /// Every other id that led to it.
    pub aliases: Vec<CustomerId>,
    /// The customers that have its records now, whom the scope shows all.
    pub now: Vec<CustomerId>,
}

/// A version of a party as it was received.
#[derive(Debug, Clone)]
pub struct PastVersion {
    /// The record as it was.
    pub row: RecordRow,
    /// What it said.
    pub party: StoredParty,
}

impl Store {
    /// The customer to which this id led at a time, as it was known then. None where nothing was known of the id, where it was
    /// erased since, or where the scope does not show whoever has one of its records now.
    pub async fn customer_past(
        &self,
        scope: &Scope,
        id: CustomerId,
        known_at: Timestamp,
    ) -> Result<Option<PastCustomer>, StoreError> {
        let Some(mut row) = self.led_to(id, known_at).await? else { return Ok(None) };
        let members = self.members_then(row.id, known_at).await?;
        let Some(now) = self.all_seen(scope, &members).await? else { return Ok(None) };
        let records = self.versions_then(row.id, &members, known_at).await?;
        row.record_count = i64::try_from(records.len()).unwrap_or(i64::MAX);
        let aliases = self.aliases_then(row.id, known_at).await?;
        Ok(Some(PastCustomer { row, records, aliases, now }))
    }

    /// When the customer became of this version; none where it never was.
    pub async fn customer_version_at(&self, id: CustomerId, version: i64) -> Result<Option<Timestamp>, StoreError> {
        let sql = "select at from customer_history where customer_id = $1 and version = $2 order by seq desc limit 1";
        self.fetch(sql, args![id.0, version]).await?.first().map(|row| row.time(0)).transpose()
    }

    /// These versions word for word, of records that the scope shows now.
    pub async fn record_raw_then(
        &self,
        scope: &Scope,
        versions: &[(RecordId, i64)],
    ) -> Result<Vec<((RecordId, i64), Value)>, StoreError> {
        let mut binds = Vec::new();
        let ids: Vec<Uuid> = versions.iter().map(|(id, _)| id.0).collect();
        let list = in_list(&ids, &mut binds);
        let visible = visible(scope, Rows::Record, &mut binds);
        let sql = format!(
            "select v.record_id, v.version, v.raw
             from record r
             join record_version v on v.record_id = r.record_id
             join source s on s.source_id = r.source_id
             left join link l on l.record_id = r.record_id
             where r.record_id in {list} and {visible}"
        );
        let mut found = Vec::new();
        for row in &self.fetch(sql, binds).await? {
            let key = (RecordId(row.uuid(0)?), row.int(1)?);
            if versions.contains(&key) {
                found.push((key, row.json(2)?));
            }
        }
        Ok(found)
    }

    /// Those of these ids that ever led a customer with a record of a source whose customers the scope shows.
    pub async fn customer_shown_once(&self, scope: &Scope, ids: &[CustomerId]) -> Result<Vec<CustomerId>, StoreError> {
        let mut shown = Vec::new();
        for chunk in ids.chunks(512) {
            let ids: Vec<Uuid> = chunk.iter().map(|id| id.0).collect();
            let mut binds = Vec::new();
            let list = in_list(&ids, &mut binds);
            let owned = scoped(scope.type_owners("Customer"), "s.department", &mut binds);
            let sql = format!(
                "select distinct h.customer_id from link_history h
                 join record r on r.record_id = h.record_id
                 join source s on s.source_id = r.source_id
                 where h.customer_id in {list} and {owned}"
            );
            for row in &self.fetch(sql, binds).await? {
                shown.push(CustomerId(row.uuid(0)?));
            }
        }
        Ok(shown)
    }

    /// Whether anything was ever folded.
    pub async fn has_customers(&self) -> Result<bool, StoreError> {
        Ok(!self.fetch("select seq from customer_history limit 1", args![]).await?.is_empty())
    }

    /// What the id led to.
    async fn led_to(&self, id: CustomerId, known_at: Timestamp) -> Result<Option<CustomerRow>, StoreError> {
        let mut id = id.0;
        // An id leads straight to its customer: whenever that goes elsewhere, every id that leads to it is written down anew.
        for _ in 0..2 {
            let sql = "select kind, version, created_at, at, into_id from customer_history
                       where customer_id = $1 and at <= $2 order by seq desc limit 1";
            let rows = self.fetch(sql, args![id, known_at]).await?;
            let Some(row) = rows.first() else { return Ok(None) };
            if let Some(into) = row.opt_uuid(4)? {
                id = into;
                continue;
            }
            let kind = match row.text(0)?.as_str() {
                "PERSON" => PartyKind::Person,
                "ORGANIZATION" => PartyKind::Organization,
                _ => return Err(StoreError::Corrupt { what: "a customer was neither person nor organisation" }),
            };
            return Ok(Some(CustomerRow {
                id: CustomerId(id),
                kind,
                version: row.int(1)?,
                created_at: row.time(2)?,
                updated_at: row.time(3)?,
                record_count: 0,
                sort_name: None,
            }));
        }
        Ok(None)
    }

    async fn members_then(&self, customer: CustomerId, known_at: Timestamp) -> Result<Vec<Uuid>, StoreError> {
        let sql = "select distinct h.record_id from link_history h
                   where h.customer_id = $1 and h.at <= $2
                     and not exists (select 1 from link_history n
                         where n.record_id = h.record_id and n.seq > h.seq and n.at <= $2)
                   order by h.record_id";
        self.fetch(sql, args![customer.0, known_at]).await?.iter().map(|row| row.uuid(0)).collect()
    }

    /// The customers that have these records now. None where there are no records, where one of the customers may not be seen,
    /// or where the source of none of the records may.
    async fn all_seen(&self, scope: &Scope, members: &[Uuid]) -> Result<Option<Vec<CustomerId>>, StoreError> {
        let (mut now, mut seen, mut is_known) = (BTreeSet::new(), BTreeSet::new(), false);
        for chunk in members.chunks(512) {
            let mut binds = Vec::new();
            let list = in_list(chunk, &mut binds);
            let shown = visible(scope, Rows::CustomerOf("l.customer_id"), &mut binds);
            let owned = scoped(scope.type_owners("Customer"), "s.department", &mut binds);
            let sql = format!(
                "select l.customer_id, cast(case when {shown} then 1 else 0 end as bigint),
                        cast(case when {owned} then 1 else 0 end as bigint)
                 from link l
                 join record r on r.record_id = l.record_id
                 join source s on s.source_id = r.source_id
                 where l.record_id in {list}"
            );
            for row in &self.fetch(sql, binds).await? {
                let customer = CustomerId(row.uuid(0)?);
                now.insert(customer);
                if flag(row, 1)? {
                    seen.insert(customer);
                }
                is_known |= flag(row, 2)?;
            }
        }
        let is_shown = is_known && now == seen;
        Ok(is_shown.then(|| now.into_iter().collect()))
    }

    /// By record, in the order of the keys of their sources.
    async fn versions_then(
        &self,
        customer: CustomerId,
        members: &[Uuid],
        known_at: Timestamp,
    ) -> Result<Vec<Vec<PastVersion>>, StoreError> {
        let mut found: BTreeMap<(String, RecordId), Vec<PastVersion>> = BTreeMap::new();
        for chunk in members.chunks(512) {
            let mut binds = args![known_at];
            let list = in_list(chunk, &mut binds);
            let sql = format!(
                "select r.record_id, l.customer_id, r.source_id, s.department, r.stream, r.external_id, r.kind,
                        v.version, v.content_hash, r.first_seen_at, v.received_at,
                        case when v.deleted then v.received_at end, v.mapped, s.key
                 from record r
                 join source s on s.source_id = r.source_id
                 join record_version v on v.record_id = r.record_id
                 left join link l on l.record_id = r.record_id
                 where r.record_id in {list} and v.received_at <= $1 and r.kind = 'party'
                 order by r.record_id, v.version"
            );
            for row in &self.fetch(sql, binds).await? {
                let versions = found.entry((row.text(13)?, RecordId(row.uuid(0)?))).or_default();
                versions.extend(PastVersion::read(row, customer)?);
            }
        }
        Ok(found.into_values().collect())
    }

    /// In the order in which they were retired.
    async fn aliases_then(&self, customer: CustomerId, known_at: Timestamp) -> Result<Vec<CustomerId>, StoreError> {
        let sql = "select h.customer_id from customer_history h
                   where h.into_id = $1 and h.at <= $2
                     and not exists (select 1 from customer_history n
                         where n.customer_id = h.customer_id and n.seq > h.seq and n.at <= $2)
                   order by h.retired_at, h.customer_id";
        let rows = self.fetch(sql, args![customer.0, known_at]).await?;
        rows.iter().map(|row| row.uuid(0).map(CustomerId)).collect()
    }
}

impl Tx {
    /// Remembers which records belong elsewhere now.
    pub(super) async fn history_links(&mut self, fold: &Resolution) -> Result<(), StoreError> {
        let rows = fold.links.iter().map(|link| args![link.record.0, link.customer.0, fold.at]).collect();
        self.insert_many("insert into link_history (record_id, customer_id, at)", rows, "").await?;
        Ok(())
    }

    /// Remembers the versions of these customers, which were written at this time.
    pub(super) async fn history_customers(&mut self, customers: &[Uuid]) -> Result<(), StoreError> {
        for chunk in customers.chunks(512) {
            let mut binds = Vec::new();
            let list = in_list(chunk, &mut binds);
            let sql = format!(
                "insert into customer_history (customer_id, at, kind, version, created_at)
                 select customer_id, updated_at, kind, version, created_at from customer
                 where customer_id in {list} order by customer_id"
            );
            self.execute(sql, binds).await?;
        }
        Ok(())
    }

    /// Remembers where these retired ids lead.
    pub(super) async fn history_aliases(&mut self, retired: &BTreeSet<Uuid>, at: Timestamp) -> Result<(), StoreError> {
        let retired: Vec<Uuid> = retired.iter().copied().collect();
        for chunk in retired.chunks(512) {
            let mut binds = args![at];
            let list = in_list(chunk, &mut binds);
            let sql = format!(
                "insert into customer_history (customer_id, at, into_id, retired_at)
                 select retired_id, $1, customer_id, retired_at from customer_alias
                 where retired_id in {list} order by retired_id"
            );
            self.execute(sql, binds).await?;
        }
        Ok(())
    }
}

impl PastVersion {
    /// None of a version that says nothing: a deletion that came before what it deletes.
    fn read(row: &Row, customer: CustomerId) -> Result<Option<Self>, StoreError> {
        let mapped = row.text(12)?;
        if mapped == "null" {
            return Ok(None);
        }
        let row = RecordRow { customer: Some(customer), ..RecordRow::read(row)? };
        Ok(Some(Self { party: StoredParty::of(&row, &mapped)?, row }))
    }
}

fn flag(row: &Row, at: usize) -> Result<bool, StoreError> {
    Ok(row.int(at)? == 1)
}
