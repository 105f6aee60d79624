//! The past: a customer as it was known at a time, by what its records said of a time.
//!
//! Promises that what was read at a time is read again for that time, under the rights of today; nobody sees of the past whom
//! they may not see now, and who was erased is in no past. What happened with a customer is not read by time: only who it was.

use super::customer::{CUSTOMER, values};
use super::record::RECORD;
use super::{AppError, CustomerValues, ReadKind, RecordView, Session};
use crate::identity::{pins, rules_then};
use crate::store::{CustomerRow, PastVersion, StoredParty};
use onefold_model::{CustomerId, RecordId, Timestamp};
use serde_json::Value;
use std::collections::HashMap;
use std::sync::Arc;

/// Which past.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct PastAsk {
    /// The time that is asked about: of each record, what its source says to have held then. None for what it said last.
    pub as_of: Option<Timestamp>,
    /// What the hub knew at this time. None for what it knows now.
    pub known_at: Option<Timestamp>,
}

/// A customer as it was, as the caller may see it.
#[derive(Debug, Clone)]
pub struct CustomerPast {
    /// What was known of it.
    pub row: CustomerRow,
    /// Its values.
    pub values: Arc<CustomerValues>,
    /// Every other id that led to it.
    pub aliases: Vec<CustomerId>,
    /// Its records that the caller may see, by the key of their source.
    pub records: Vec<RecordView>,
}

impl Session {
    /// A customer as it was. None where nothing was known of the id, where it was erased since, or where the caller may not see
    /// now whoever has one of its records.
    pub async fn customer_past(&self, id: CustomerId, ask: PastAsk) -> Result<Option<CustomerPast>, AppError> {
        let now = self.app.clock.now();
        if let Some(ahead) = ask.known_at.filter(|known_at| *known_at > now) {
            return Err(AppError::Invalid(format!("knownAt {ahead} lies ahead: what will be known is not known yet")));
        }
        let known_at = ask.known_at.unwrap_or(now);
        let Some(past) = self.store().customer_past(self.scope(), id, known_at).await? else { return Ok(None) };
        let known = past.records.into_iter().filter_map(|versions| valid(versions, ask.as_of));
        let known: Vec<PastVersion> = known.collect();
        if known.is_empty() {
            return Ok(None);
        }
        self.read_values(&past.now);
        let ids: Vec<RecordId> = known.iter().map(|version| version.row.id).collect();
        let pins = pins(&self.store().pin_then(&ids, known_at).await?);
        let members: Vec<StoredParty> = known.iter().map(|version| version.party.clone()).collect();
        let rules = rules_then(self.store(), known_at).await?;
        let row = CustomerRow { record_count: i64::try_from(known.len()).unwrap_or(i64::MAX), ..past.row };
        Ok(Some(CustomerPast {
            values: Arc::new(values(self.scope(), &members, &pins, &rules)),
            aliases: past.aliases,
            records: self.records_then(known, &past.now).await?,
            row,
        }))
    }

    /// What the sources said in these versions, word for word: only of records whose payload the caller may read as it is.
    pub async fn record_raw_then(
        &self,
        versions: &[(RecordId, i64)],
    ) -> Result<HashMap<(RecordId, i64), Value>, AppError> {
        let ids: Vec<RecordId> = versions.iter().map(|(id, _)| *id).collect();
        let rows = self.store().record_get(self.scope(), &ids).await?;
        let is_readable = |id: &RecordId| {
            let row = rows.iter().find(|row| row.id == *id);
            row.is_some_and(|row| self.scope().field(RECORD, "raw", Some(&row.department)).is_read())
        };
        let readable: Vec<(RecordId, i64)> = versions.iter().filter(|(id, _)| is_readable(id)).copied().collect();
        if readable.is_empty() {
            return Ok(HashMap::new());
        }
        self.read(rows.iter().filter_map(|row| row.customer), ReadKind::Payload);
        Ok(self.store().record_raw_then(self.scope(), &readable).await?.into_iter().collect())
    }

    /// Those of these records that the caller may see now, as they were.
    async fn records_then(&self, known: Vec<PastVersion>, now: &[CustomerId]) -> Result<Vec<RecordView>, AppError> {
        let ids: Vec<RecordId> = known.iter().map(|version| version.row.id).collect();
        let seen = self.store().record_get(self.scope(), &ids).await?;
        let is_shown = |version: &PastVersion| {
            let owner = Some(&version.row.department);
            seen.iter().any(|row| row.id == version.row.id)
                && self.scope().field(CUSTOMER, "sourceRecords", owner).is_read()
        };
        let shown: Vec<RecordView> =
            known.into_iter().filter(is_shown).map(|version| self.record_view_then(version.row)).collect();
        if !shown.is_empty() {
            self.read(now.iter().copied(), ReadKind::Source);
        }
        Ok(shown)
    }
}

/// The last version that held at a time, by what its source says of it: since it changed the record, else since it created it,
/// where the version is the first one; else since it was received, as of every deletion. None where none held yet.
fn valid(mut versions: Vec<PastVersion>, as_of: Option<Timestamp>) -> Option<PastVersion> {
    let Some(as_of) = as_of else { return versions.pop() };
    let held = |version: &PastVersion| {
        let party = &version.party.party;
        let created_at = party.created_at.filter(|_| version.row.version == 1);
        let said = party.updated_at.or(created_at).filter(|_| !version.party.deleted);
        said.unwrap_or(version.row.changed_at) <= as_of
    };
    versions.into_iter().rev().find(held)
}
