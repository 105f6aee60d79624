//! What has become of the fields of a source's payloads, and who knows of it.
//!
//! Promises: fields are told to whoever may see that of the source, their values only to whoever may read the payloads that
//! hold them; what somebody has acknowledged is told again once something new happens to it. Deliberately changes nothing in
//! how a source is read: a field that nobody reads stays in the raw payload, and a map that reads it is a change of the map.

use super::decision::check_reason;
use super::{AppError, Session};
use crate::auth::Action;
use crate::store::{AuditEntry, FieldRow, Undone};
use crate::sync::{ReadFields, payload_values};
use onefold_model::{RecordId, SourceId, SourceKey, Timestamp};
use serde_json::Value;
use std::collections::{HashMap, HashSet};

/// So many payloads in a row have to be without a field that nearly all had before.
const GONE_FOR: i64 = 32;
/// The longest text that is shown of a value.
const SHOWN: usize = 200;

/// What has become of a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DriftKind {
    /// It was there when the stream was first read, and nothing reads it.
    Unread,
    /// It came later, and nothing reads it.
    New,
    /// It holds something else than before.
    Changed,
    /// Nearly all payloads had it, and the last ones have not.
    Vanished,
}

/// A field and what has become of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldDrift {
    /// What has become of it.
    pub kind: DriftKind,
    /// The field.
    pub row: FieldRow,
    /// Whether nobody has said yet that they know. What was there from the start needs no saying.
    pub state: DriftState,
}

/// Whether somebody knows of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DriftState {
    /// Nobody does.
    Open,
    /// It was so from the start, or somebody does.
    Known,
}

/// Names a field of a source: source, stream and place.
pub type FieldName = (SourceId, String, String);

impl Session {
    /// What has become of the fields of these sources: of those that nothing reads, and of those that changed or vanished.
    pub async fn drift_list(&self, ids: &[SourceId]) -> Result<HashMap<SourceId, Vec<FieldDrift>>, AppError> {
        let shown: Vec<SourceId> = ids.iter().copied().filter(|id| self.source_get(*id).is_some()).collect();
        if shown.is_empty() {
            return Ok(HashMap::new());
        }
        let mut read: HashMap<SourceId, ReadFields<'_>> = HashMap::new();
        for id in &shown {
            let setup = self.source(*id).and_then(|row| self.app.engine.source(&row.key));
            read.insert(*id, ReadFields::new(setup.map(|setup| setup.configured.connector())));
        }
        for (source, stream, places) in self.store().shape_reads(&shown).await? {
            if let Some(read) = read.get_mut(&source) {
                read.also(&stream, &places);
            }
        }
        let mut drift: HashMap<SourceId, Vec<FieldDrift>> = shown.iter().map(|id| (*id, Vec::new())).collect();
        for row in self.store().field_list(&shown).await? {
            // What is no longer configured is read by nobody.
            let is_read = read.get_mut(&row.source).is_some_and(|read| read.has(&row.stream, &row.path));
            let source = row.source;
            drift.entry(source).or_default().extend(drift_of(row, if is_read { Use::Read } else { Use::Unread }));
        }
        Ok(drift)
    }

    /// A few values of these fields, from the payloads that the caller may read.
    pub async fn drift_samples(&self, fields: &[FieldName]) -> Result<HashMap<FieldName, Vec<Value>>, AppError> {
        let sources: HashSet<SourceId> = fields.iter().map(|(source, ..)| *source).collect();
        let wanted: HashSet<&FieldName> = fields.iter().collect();
        let mut records: HashMap<FieldName, Vec<RecordId>> = HashMap::new();
        for source in sources.into_iter().filter(|id| self.source_get(*id).is_some()) {
            for (stream, path, record) in self.store().field_samples(source).await? {
                let name = (source, stream, path);
                if wanted.contains(&name) {
                    records.entry(name).or_default().push(record);
                }
            }
        }
        let ids: HashSet<RecordId> = records.values().flatten().copied().collect();
        if ids.is_empty() {
            return Ok(HashMap::new());
        }
        let raw = self.record_raw(&ids.into_iter().collect::<Vec<_>>()).await?;
        let values = |(name, records): (FieldName, Vec<RecordId>)| {
            let found = records.iter().filter_map(|id| raw.get(id)).flat_map(|raw| payload_values(raw, &name.2));
            let shown: Vec<Value> = found.filter_map(shortened).collect();
            (name, shown)
        };
        Ok(records.into_iter().map(values).collect())
    }

    /// Says that somebody knows what has become of a field. For those who may sync the source. Safe to repeat: the last one
    /// counts.
    pub async fn drift_acknowledge(
        &self,
        source: &SourceKey,
        stream: &str,
        path: &str,
        reason: &str,
    ) -> Result<FieldDrift, AppError> {
        let row = self.source_allowed(source, Action::Sync).await?.clone();
        check_reason(reason)?;
        let missing = || {
            AppError::Missing(format!(
                "source {source} has no field {path:?} in its stream {stream:?}: `drift` lists them"
            ))
        };
        let drifted = async || {
            let drift = self.drift_list(&[row.id]).await?.remove(&row.id).unwrap_or_default();
            let found = drift.into_iter().find(|field| field.row.stream == stream && field.row.path == path);
            found.ok_or_else(missing)
        };
        drifted().await?;
        let by = self.scope().actor().subject().to_owned();
        let acknowledged = Undone { at: self.app.clock.now(), by: by.clone(), reason: reason.to_owned() };
        let mut tx = self.store().begin().await?;
        if !tx.field_acknowledge(row.id, stream, path, &acknowledged).await? {
            return Err(missing());
        }
        let entry = AuditEntry {
            at: acknowledged.at,
            actor: by,
            action: "drift.acknowledge",
            target: row.key.to_string(),
            detail: Some(format!("{stream}: {path}")),
        };
        tx.audit_append(&entry).await?;
        tx.commit().await?;
        drifted().await
    }
}

/// Whether a map, a key or a cursor reads a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Use {
    Read,
    Unread,
}

/// What has become of a field, the latest that nobody knows of first. Nothing where it is read and is as it was.
fn drift_of(row: FieldRow, used: Use) -> Option<FieldDrift> {
    let mut became: Vec<(DriftKind, Timestamp)> = Vec::new();
    let was_usual = row.times * 10 >= row.last_observed * 9;
    if row.observed - row.last_observed >= GONE_FOR && was_usual {
        became.push((DriftKind::Vanished, row.last_seen_at));
    }
    became.extend(row.changed.as_ref().map(|(_, at)| (DriftKind::Changed, *at)));
    match (used, row.from_start) {
        (Use::Read, _) => {}
        (Use::Unread, true) => became.push((DriftKind::Unread, row.first_seen_at)),
        (Use::Unread, false) => became.push((DriftKind::New, row.first_seen_at)),
    }
    let is_open = |(kind, at): &(DriftKind, Timestamp)| {
        let is_known = row.acknowledged.as_ref().is_some_and(|acknowledged| acknowledged.at >= *at);
        *kind != DriftKind::Unread && !is_known
    };
    let open = became.iter().find(|found| is_open(found)).copied();
    let (kind, _) = open.or_else(|| became.first().copied())?;
    Some(FieldDrift { kind, row, state: if open.is_some() { DriftState::Open } else { DriftState::Known } })
}

/// A value that fits beside others; nothing for one that has parts, which are fields of their own.
fn shortened(value: &Value) -> Option<Value> {
    match value {
        Value::String(text) if text.chars().count() > SHOWN => {
            Some(Value::from(text.chars().take(SHOWN).chain(['…']).collect::<String>()))
        }
        Value::String(_) | Value::Number(_) | Value::Bool(_) => Some(value.clone()),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_timestamp(seconds, 0).unwrap()
    }

    fn row() -> FieldRow {
        FieldRow {
            source: SourceId(Uuid::from_u128(1)),
            stream: "people".to_owned(),
            path: "name".to_owned(),
            forms: "text".to_owned(),
            from_start: true,
            first_seen_at: at(10),
            last_seen_at: at(50),
            times: 100,
            last_observed: 100,
            observed: 100,
            changed: None,
            acknowledged: None,
        }
    }

    fn known(at_second: i64) -> Undone {
        Undone { at: at(at_second), by: "ann".to_owned(), reason: "so be it".to_owned() }
    }

    fn kind(row: FieldRow, used: Use) -> Option<(DriftKind, DriftState)> {
        drift_of(row, used).map(|drift| (drift.kind, drift.state))
    }

    #[test]
    fn what_is_read_and_as_it_was_is_not_told() {
        assert_eq!(kind(row(), Use::Read), None);
        assert_eq!(kind(row(), Use::Unread), Some((DriftKind::Unread, DriftState::Known)));
        let later = FieldRow { from_start: false, ..row() };
        assert_eq!(kind(later.clone(), Use::Unread), Some((DriftKind::New, DriftState::Open)));
        assert_eq!(kind(later, Use::Read), None, "a map reads it by now");
    }

    #[test]
    fn what_was_acknowledged_is_told_again_once_something_new_happens_to_it() {
        let new = FieldRow { from_start: false, acknowledged: Some(known(20)), ..row() };
        assert_eq!(kind(new.clone(), Use::Unread), Some((DriftKind::New, DriftState::Known)));
        let changed = FieldRow { changed: Some(("number".to_owned(), at(30))), ..new };
        assert_eq!(kind(changed.clone(), Use::Unread), Some((DriftKind::Changed, DriftState::Open)));
        let changed = FieldRow { acknowledged: Some(known(31)), ..changed };
        assert_eq!(kind(changed.clone(), Use::Unread), Some((DriftKind::Changed, DriftState::Known)));
        let gone = FieldRow { observed: 132, ..changed };
        assert_eq!(kind(gone, Use::Read), Some((DriftKind::Vanished, DriftState::Open)));
    }

    #[test]
    fn a_field_vanishes_only_where_nearly_all_had_it() {
        assert_eq!(kind(FieldRow { observed: 131, ..row() }, Use::Read), None);
        assert_eq!(kind(FieldRow { observed: 500, times: 80, ..row() }, Use::Read), None, "it was never usual");
    }
}
