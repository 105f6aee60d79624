//! Records: reading facts back. Writing them is [`super::page`]'s business.

use super::list::in_list;
use super::visible::{Rows, visible};
use super::{Row, Store, StoreError};
use crate::args;
use crate::auth::Scope;
use onefold_model::{CustomerId, DepartmentKey, Party, RecordId, RecordKind, SourceId, SourceKey, Timestamp};
use serde_json::Value;
use std::collections::BTreeSet;
use uuid::Uuid;

/// A record as it stands now.
#[derive(Debug, Clone, PartialEq)]
pub struct RecordRow {
    /// Its id.
    pub id: RecordId,
    /// Whose it is, when it is a party's record that has been folded.
    pub customer: Option<CustomerId>,
    /// The source.
    pub source: SourceId,
    /// The department that owns the source.
    pub department: DepartmentKey,
    /// The stream.
    pub stream: String,
    /// Its key in the source.
    pub external_id: String,
    /// What it is.
    pub kind: RecordKind,
    /// Its version, from 1.
    pub version: i64,
    /// SHA-256 of the payload in hexadecimal.
    pub content_hash: String,
    /// When it first came.
    pub first_seen_at: Timestamp,
    /// When it last became different.
    pub changed_at: Timestamp,
    /// When the source was seen without it.
    pub deleted_at: Option<Timestamp>,
}

/// A party as identity needs it.
#[derive(Debug, Clone)]
pub struct StoredParty {
    /// The record.
    pub record: RecordId,
    /// The source.
    pub source: SourceId,
    /// The department that owns the source.
    pub department: DepartmentKey,
    /// When it last became different.
    pub changed_at: Timestamp,
    /// When it first came.
    pub first_seen_at: Timestamp,
    /// The source no longer has it.
    pub deleted: bool,
    /// What it says.
    pub party: Party,
}

/// What [`RecordRow::read`] reads.
const RECORD: &str =
    "r.record_id, l.customer_id, r.source_id, s.department, r.stream, r.external_id, r.kind, r.version,
    r.content_hash, r.first_seen_at, r.changed_at, r.deleted_at";

/// Where records are read from that may have no customer yet.
const RECORDS: &str = "record r left join link l on l.record_id = r.record_id";

const PARTY: &str =
    "select r.record_id, r.source_id, s.department, r.changed_at, r.first_seen_at, r.deleted_at, v.mapped
     from record r
     join source s on s.source_id = r.source_id
     join record_version v on v.record_id = r.record_id and v.version = r.version
     where r.kind = 'party'";

pub(super) fn department(text: String) -> Result<DepartmentKey, StoreError> {
    DepartmentKey::new(text).map_err(|_| StoreError::Corrupt { what: "a department key is not a slug" })
}

pub(super) fn kind(word: &str) -> Result<RecordKind, StoreError> {
    word.parse().map_err(|()| StoreError::Corrupt { what: "a record has an unknown kind" })
}

pub(super) fn hex(bytes: &[u8]) -> Result<String, StoreError> {
    let hash = bytes.try_into().map_err(|_| StoreError::Corrupt { what: "a content hash is not 32 bytes" })?;
    Ok(onefold_model::ContentHash(hash).to_hex())
}

impl RecordRow {
    pub(super) fn read(row: &Row) -> Result<Self, StoreError> {
        Ok(Self {
            id: RecordId(row.uuid(0)?),
            customer: row.opt_uuid(1)?.map(CustomerId),
            source: SourceId(row.uuid(2)?),
            department: department(row.text(3)?)?,
            stream: row.text(4)?,
            external_id: row.text(5)?,
            kind: kind(&row.text(6)?)?,
            version: row.int(7)?,
            content_hash: hex(&row.bytes(8)?)?,
            first_seen_at: row.time(9)?,
            changed_at: row.time(10)?,
            deleted_at: row.opt_time(11)?,
        })
    }
}

impl StoredParty {
    /// From the columns `record_id, source_id, department, changed_at, first_seen_at, deleted_at, mapped` at `at`.
    pub(super) fn read(row: &Row, at: usize) -> Result<Self, StoreError> {
        Ok(Self {
            record: RecordId(row.uuid(at)?),
            source: SourceId(row.uuid(at + 1)?),
            department: department(row.text(at + 2)?)?,
            changed_at: row.time(at + 3)?,
            first_seen_at: row.time(at + 4)?,
            deleted: row.opt_time(at + 5)?.is_some(),
            party: party(&row.text(at + 6)?)?,
        })
    }

    /// What a version of a party's record says.
    pub(super) fn of(version: &RecordRow, mapped: &str) -> Result<Self, StoreError> {
        Ok(Self {
            record: version.id,
            source: version.source,
            department: version.department.clone(),
            changed_at: version.changed_at,
            first_seen_at: version.first_seen_at,
            deleted: version.deleted_at.is_some(),
            party: party(mapped)?,
        })
    }
}

fn party(mapped: &str) -> Result<Party, StoreError> {
    serde_json::from_str(mapped).map_err(|_| StoreError::Corrupt { what: "a stored party does not read back" })
}

impl Store {
    /// The customers whom these records are of: of what happened also those of what it belongs to.
    pub async fn record_customers(&self, records: &[RecordId]) -> Result<Vec<CustomerId>, StoreError> {
        let mut customers = Vec::new();
        for chunk in records.chunks(512) {
            let ids: Vec<Uuid> = chunk.iter().map(|id| id.0).collect();
            let mut binds = Vec::new();
            let list = in_list(&ids, &mut binds);
            let sql = format!(
                "select l.customer_id from link l where l.record_id in {list}
                 union
                 select l.customer_id from activity a join link l on l.record_id = a.party_id where a.record_id in {list}
                 union
                 select l.customer_id from activity a join activity p on p.record_id = a.parent_id
                 join link l on l.record_id = p.party_id where a.record_id in {list}"
            );
            for row in &self.fetch(sql, binds).await? {
                customers.push(CustomerId(row.uuid(0)?));
            }
        }
        Ok(customers)
    }

    /// The customers whom these records of what happened were of by the word of any version of theirs.
    pub async fn record_customers_before(&self, records: &[RecordId]) -> Result<Vec<CustomerId>, StoreError> {
        let mut parties: BTreeSet<RecordId> = BTreeSet::new();
        for chunk in records.chunks(512) {
            let ids: Vec<Uuid> = chunk.iter().map(|id| id.0).collect();
            let mut binds = Vec::new();
            let list = in_list(&ids, &mut binds);
            let sql = format!(
                "select r.kind, s.key, v.mapped from record r
                 join source s on s.source_id = r.source_id
                 join record_version v on v.record_id = r.record_id and v.version < r.version
                 where r.record_id in {list} and r.kind <> 'party'"
            );
            for row in &self.fetch(sql, binds).await? {
                let kind = kind(&row.text(0)?)?;
                let key = SourceKey::new(row.text(1)?);
                let key = key.map_err(|_| StoreError::Corrupt { what: "a source key is not a slug" })?;
                // What an earlier version of the hub has mapped otherwise names nobody that can be found.
                let Ok(record) = kind.read(&row.json(2)?) else { continue };
                let party = record.facets().party.map(|to| RecordId::derive(&key, &to.stream, &to.external_id));
                parties.extend(party);
            }
        }
        let parties: Vec<RecordId> = parties.into_iter().collect();
        Ok(self.link_get(&parties).await?.into_iter().map(|(_, customer, _)| customer).collect())
    }

    /// These records, as far as the scope may see them. In no particular order.
    pub async fn record_get(&self, scope: &Scope, ids: &[RecordId]) -> Result<Vec<RecordRow>, StoreError> {
        let mut binds = Vec::new();
        let ids: Vec<Uuid> = ids.iter().map(|id| id.0).collect();
        let list = in_list(&ids, &mut binds);
        self.records_where(scope, RECORDS, &format!("r.record_id in {list}"), binds).await
    }

    /// Those of these ids that there are records of, whoever may see them.
    pub async fn record_standing(&self, ids: &[RecordId]) -> Result<Vec<RecordId>, StoreError> {
        let mut standing = Vec::new();
        for chunk in ids.chunks(512) {
            let ids: Vec<Uuid> = chunk.iter().map(|id| id.0).collect();
            let mut binds = Vec::new();
            let list = in_list(&ids, &mut binds);
            let sql = format!("select record_id from record where record_id in {list} order by record_id");
            for row in &self.fetch(sql, binds).await? {
                standing.push(RecordId(row.uuid(0)?));
            }
        }
        Ok(standing)
    }

    /// The party records of these customers, by the key of their source.
    pub async fn record_by_customers(
        &self,
        scope: &Scope,
        customers: &[CustomerId],
    ) -> Result<Vec<RecordRow>, StoreError> {
        let mut binds = Vec::new();
        let ids: Vec<Uuid> = customers.iter().map(|id| id.0).collect();
        let list = in_list(&ids, &mut binds);
        // From its links: SQLite would look at every record where the link may be missing.
        let linked = "link l join record r on r.record_id = l.record_id";
        self.records_where(scope, linked, &format!("l.customer_id in {list}"), binds).await
    }

    /// The record with this key in a source.
    pub async fn record_by_key(
        &self,
        scope: &Scope,
        source: SourceId,
        external_id: &str,
    ) -> Result<Vec<RecordRow>, StoreError> {
        let condition = "r.source_id = $1 and r.external_id = $2";
        self.records_where(scope, RECORDS, condition, args![source.0, external_id]).await
    }

    async fn records_where(
        &self,
        scope: &Scope,
        from: &str,
        condition: &str,
        mut binds: Vec<super::Arg>,
    ) -> Result<Vec<RecordRow>, StoreError> {
        let visible = visible(scope, Rows::Record, &mut binds);
        let sql = format!(
            "select {RECORD}
             from {from}
             join source s on s.source_id = r.source_id
             where {condition} and {visible}
             order by s.key, r.record_id"
        );
        self.serve(sql, binds).await?.iter().map(RecordRow::read).collect()
    }

    /// What the sources said, word for word, as far as the scope may see it.
    pub async fn record_raw(&self, scope: &Scope, ids: &[RecordId]) -> Result<Vec<(RecordId, Value)>, StoreError> {
        let mut binds = Vec::new();
        let ids: Vec<Uuid> = ids.iter().map(|id| id.0).collect();
        let list = in_list(&ids, &mut binds);
        let visible = visible(scope, Rows::Record, &mut binds);
        let sql = format!(
            "select v.record_id, v.raw
             from record r
             join record_version v on v.record_id = r.record_id and v.version = r.version
             join source s on s.source_id = r.source_id
             left join link l on l.record_id = r.record_id
             where r.record_id in {list} and {visible}"
        );
        let rows = self.fetch(sql, binds).await?;
        rows.iter().map(|row| Ok((RecordId(row.uuid(0)?), row.json(1)?))).collect()
    }

    /// Every party there is, for the fold: in order of record id. Only for the process itself.
    pub async fn party_list(&self) -> Result<Vec<StoredParty>, StoreError> {
        let rows = self.fetch(format!("{PARTY} order by r.record_id"), args![]).await?;
        rows.iter().map(|row| StoredParty::read(row, 0)).collect()
    }

    /// Those of these records that are parties, for the fold. Only for the process itself.
    pub async fn party_get(&self, ids: &[RecordId]) -> Result<Vec<StoredParty>, StoreError> {
        let mut parties = Vec::new();
        for chunk in ids.chunks(512) {
            let ids: Vec<Uuid> = chunk.iter().map(|id| id.0).collect();
            let mut binds = Vec::new();
            let list = in_list(&ids, &mut binds);
            let rows = self.fetch(format!("{PARTY} and r.record_id in {list} order by r.record_id"), binds).await?;
            for row in &rows {
                parties.push(StoredParty::read(row, 0)?);
            }
        }
        Ok(parties)
    }
}
