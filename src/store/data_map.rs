//! Which standard field which source fills: figures over the records as they are.
//!
//! Promises: only records that a scope shows are counted, so that no figure tells of one that it hides. Reads every live
//! record once: seconds where there are many. Deliberately does not know which value a customer shows; see
//! [`identity`](crate::identity).

use super::visible::{Rows, visible};
use super::{Row, Store, StoreError};
use crate::args;
use crate::auth::Scope;
use onefold_model::{CustomerId, RecordKind, SourceId, Timestamp};
use std::str::FromStr;
use uuid::Uuid;

/// Live records of one kind in one source.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KindCount {
    /// The source.
    pub source: SourceId,
    /// What they are.
    pub kind: RecordKind,
    /// How many.
    pub records: i64,
}

/// How a source fills a field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldFill {
    /// The source.
    pub source: SourceId,
    /// What its records are.
    pub kind: RecordKind,
    /// The field, as the record's JSON names it.
    pub field: String,
    /// Records that say something in it.
    pub filled: i64,
    /// When one of those last arrived in the form that it has.
    pub last_arrival_at: Timestamp,
}

fn kind(row: &Row, column: usize) -> Result<RecordKind, StoreError> {
    RecordKind::from_str(&row.text(column)?).map_err(|()| StoreError::Corrupt { what: "a record has an unknown kind" })
}

impl Store {
    /// Live records by source and kind.
    pub async fn data_map_counts(&self, scope: &Scope) -> Result<Vec<KindCount>, StoreError> {
        let mut binds = Vec::new();
        let shown = visible(scope, Rows::Record, &mut binds);
        let sql = format!(
            "select r.source_id, r.kind, count(*)
             from record r
             join source s on s.source_id = r.source_id
             left join link l on l.record_id = r.record_id
             where r.deleted_at is null and r.kind <> '' and {shown}
             group by r.source_id, r.kind
             order by r.source_id, r.kind"
        );
        let rows = self.fetch(sql, binds).await?;
        rows.iter()
            .map(|row| Ok(KindCount { source: SourceId(row.uuid(0)?), kind: kind(row, 1)?, records: row.int(2)? }))
            .collect()
    }

    /// The fields that live records fill, by source and kind. What is null, blank or an empty list fills nothing.
    pub async fn data_map_fills(&self, scope: &Scope) -> Result<Vec<FieldFill>, StoreError> {
        let mut binds = Vec::new();
        let shown = visible(scope, Rows::Record, &mut binds);
        let (fields, is_filled) = self.dialect().fields_of_json();
        let sql = format!(
            "select r.source_id, r.kind, f.key, count(*), max(v.received_at)
             from record r
             join source s on s.source_id = r.source_id
             join record_version v on v.record_id = r.record_id and v.version = r.version
             left join link l on l.record_id = r.record_id
             cross join {fields}
             where r.deleted_at is null and r.kind <> '' and {is_filled} and {shown}
             group by r.source_id, r.kind, f.key
             order by r.source_id, r.kind, f.key"
        );
        let rows = self.fetch(sql, binds).await?;
        rows.iter()
            .map(|row| {
                Ok(FieldFill {
                    source: SourceId(row.uuid(0)?),
                    kind: kind(row, 1)?,
                    field: row.text(2)?,
                    filled: row.int(3)?,
                    last_arrival_at: row.time(4)?,
                })
            })
            .collect()
    }

    /// The next customers that are made of several records, in the order of their ids.
    pub async fn customers_of_several(
        &self,
        scope: &Scope,
        after: Option<CustomerId>,
        limit: i64,
    ) -> Result<Vec<CustomerId>, StoreError> {
        let mut binds = args![after.map_or(Uuid::nil(), |id| id.0), limit];
        let shown = visible(scope, Rows::Customer("c"), &mut binds);
        let sql = format!(
            "select c.customer_id
             from customer c
             where c.customer_id > $1 and c.record_count > 1 and {shown}
             order by c.customer_id
             limit $2"
        );
        let rows = self.fetch(sql, binds).await?;
        rows.iter().map(|row| Ok(CustomerId(row.uuid(0)?))).collect()
    }
}
