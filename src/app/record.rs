//! Source records: what a system said, for those who may see it.

use super::customer::CUSTOMER;
use super::redact::{Redacted, Restriction, redact, restrictions};
use super::{AppError, ReadKind, Session};
use crate::store::RecordRow;
use onefold_model::{CustomerId, RecordId};
use serde_json::{Value, json};
use std::collections::HashMap;

/// A source record as a scope shows it.
#[derive(Debug, Clone)]
pub struct RecordView {
    /// Where it came from and what it is. Its key and hash are in `fields`, because they may be withheld.
    pub row: RecordRow,
    /// `externalId`, `stream`, `contentHash`, `receivedAt`, `deletedAtSource`.
    pub fields: Redacted,
    /// What is withheld.
    pub restrictions: Vec<Restriction>,
    /// It is shown as it was, and not as it is.
    pub past: bool,
}

pub(super) const RECORD: &str = "SourceRecord";

impl Session {
    fn record_view(&self, row: RecordRow) -> RecordView {
        let mut object = json!({
            "externalId": row.external_id,
            "stream": row.stream,
            "contentHash": row.content_hash,
            "receivedAt": row.changed_at,
        });
        if let Some(at) = row.deleted_at {
            object["deletedAtSource"] = json!(at);
        }
        RecordView {
            fields: redact(self.scope(), RECORD, &row.department, object),
            restrictions: restrictions(self.scope(), RECORD, &row.department),
            row,
            past: false,
        }
    }

    /// As it was.
    pub(super) fn record_view_then(&self, row: RecordRow) -> RecordView {
        RecordView { past: true, ..self.record_view(row) }
    }

    /// The party records of customers, by the key of their source.
    pub async fn record_by_customers(
        &self,
        customers: &[CustomerId],
    ) -> Result<HashMap<CustomerId, Vec<RecordView>>, AppError> {
        let mut records: HashMap<CustomerId, Vec<RecordView>> = HashMap::new();
        for row in self.store().record_by_customers(&self.scope_of(customers), customers).await? {
            let is_shown = self.scope().field(CUSTOMER, "sourceRecords", Some(&row.department)).is_read();
            if let Some(customer) = row.customer.filter(|_| is_shown) {
                self.read([customer], ReadKind::Source);
                records.entry(customer).or_default().push(self.record_view(row));
            }
        }
        Ok(records)
    }

    /// Exactly these.
    pub async fn record_get(&self, ids: &[RecordId]) -> Result<Vec<RecordView>, AppError> {
        let rows = self.store().record_get(self.scope(), ids).await?;
        self.read(rows.iter().filter_map(|row| row.customer), ReadKind::Source);
        Ok(rows.into_iter().map(|row| self.record_view(row)).collect())
    }

    /// What the sources said, word for word: only of records whose raw payload the caller may read as it is.
    pub async fn record_raw(&self, records: &[RecordId]) -> Result<HashMap<RecordId, Value>, AppError> {
        let rows = self.store().record_get(self.scope(), records).await?;
        let readable: Vec<RecordId> = rows
            .iter()
            .filter(|row| self.scope().field(RECORD, "raw", Some(&row.department)).is_read())
            .map(|row| row.id)
            .collect();
        if readable.is_empty() {
            return Ok(HashMap::new());
        }
        self.payloads_seen(rows.iter().filter(|row| readable.contains(&row.id))).await?;
        Ok(self.store().record_raw(self.scope(), &readable).await?.into_iter().collect())
    }

    /// Notes whose payloads were read. Those of what happened belong to a customer by way of its party.
    async fn payloads_seen(&self, rows: impl Iterator<Item = &RecordRow>) -> Result<(), AppError> {
        if !self.is_read_noted(ReadKind::Payload) {
            return Ok(());
        }
        let (own, others): (Vec<&RecordRow>, Vec<&RecordRow>) = rows.partition(|row| row.customer.is_some());
        self.read(own.iter().filter_map(|row| row.customer), ReadKind::Payload);
        let ids: Vec<RecordId> = others.iter().map(|row| row.id).collect();
        let owners: HashMap<RecordId, CustomerId> = self.store().activity_customers(&ids).await?.into_iter().collect();
        for id in ids {
            match owners.get(&id) {
                Some(customer) => self.read([*customer], ReadKind::Payload),
                None => self.read_other(id, ReadKind::Payload),
            }
        }
        Ok(())
    }
}
