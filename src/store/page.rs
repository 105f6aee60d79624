//! One page of a source, in one transaction: records, versions, derived rows, outbox, change log, quarantine and the stream
//! cursor that covers them. A crash leaves either all of it or nothing; a page that is delivered twice changes nothing.

use super::list::in_list;
use super::quarantine::Quarantined;
use super::run::StreamProgress;
use super::{Arg, ChangeEntry, ChangeKind, Row, StoreError, Tx};
use crate::args;
use onefold_model::{
    ContentHash, RecordId, RecordKind, SourceId, SourceKey, StandardRecord, SyncRunId, Timestamp, truncate_to_micros,
};
use serde_json::Value;
use std::collections::{BTreeMap, HashMap};
use uuid::Uuid;

/// A record as a page delivers it.
#[derive(Debug, Clone)]
pub struct IncomingRecord {
    /// The stream that it belongs to.
    pub stream: String,
    /// Its key there.
    pub external_id: String,
    /// What the source said.
    pub raw: Value,
    /// The hash of that.
    pub content_hash: ContentHash,
    /// What it means. Absent only for a deletion that says no more than the key.
    pub mapped: Option<StandardRecord>,
    /// When the source last changed it, where it says so: an older copy never replaces a newer one.
    pub source_version: Option<Timestamp>,
    /// The source no longer has it.
    pub deleted: bool,
}

/// A page to be written.
#[derive(Debug, Clone)]
pub struct PageCommit<'a> {
    /// The source.
    pub source: SourceId,
    /// Its key, from which record ids are derived.
    pub source_key: &'a SourceKey,
    /// The run that read it.
    pub run: Option<SyncRunId>,
    /// The stream under which progress is shown.
    pub stream: &'a str,
    /// Names the field map: another map makes a new version of the same content.
    pub mapping: &'a str,
    /// The records of the page.
    pub records: Vec<IncomingRecord>,
    /// What did not fit.
    pub quarantined: Vec<Quarantined>,
    /// The stream cursors that cover this page: task and state.
    pub checkpoints: Vec<(String, Value)>,
    /// The enumeration that this page belongs to, for streams whose deletions are found by absence.
    pub generation: Option<&'a str>,
    /// Now.
    pub at: Timestamp,
}

/// What a page did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct PageOutcome {
    /// Records that were not there before.
    pub created: u64,
    /// Records that became different.
    pub updated: u64,
    /// Records that were the same, or older than what is stored.
    pub unchanged: u64,
    /// Records that the source no longer has.
    pub deleted: u64,
    /// Payloads that did not fit.
    pub quarantined: u64,
}

/// What is stored of a record before the page.
struct Known {
    kind: String,
    version: i64,
    hash: Vec<u8>,
    mapping: String,
    deleted: bool,
    source_version: Option<Timestamp>,
}

/// A record that will be written.
struct Write {
    id: RecordId,
    version: i64,
    kind: ChangeKind,
    /// It was stored as a party.
    was_party: bool,
    record: IncomingRecord,
}

impl Write {
    fn is_party(&self) -> bool {
        self.record.mapped.as_ref().is_some_and(|mapped| mapped.kind() == RecordKind::Party)
    }
}

impl Tx {
    /// Writes a page. Safe to run twice: record ids are derived from their keys and identical content is left alone. A
    /// transaction writes pages of one source only: it holds that source's lock, and then the change log's, until commit.
    pub async fn page_commit(&mut self, page: PageCommit<'_>) -> Result<PageOutcome, StoreError> {
        self.source_lock(page.source).await?;
        let page = self.without_erased(page).await?;
        let mut incoming: BTreeMap<RecordId, IncomingRecord> = BTreeMap::new();
        let mut outcome = PageOutcome::default();
        for mut record in page.records {
            record.source_version = record.source_version.map(truncate_to_micros);
            let id = RecordId::derive(page.source_key, &record.stream, &record.external_id);
            keep_newer(&mut incoming, id, record, &mut outcome);
        }
        let ids: Vec<Uuid> = incoming.keys().map(|id| id.0).collect();
        let known = self.known(&ids).await?;

        let mut writes = Vec::new();
        let mut accepted = Vec::new();
        let mut confirmed = Vec::new();
        for (id, record) in incoming {
            accepted.push((record.stream.clone(), record.external_id.clone()));
            let known = known.get(&id.0);
            if let Some((kind, version)) = classify(known, &record, page.mapping) {
                count(&mut outcome, kind);
                let was_party = known.is_some_and(|known| known.kind == RecordKind::Party.as_str());
                writes.push(Write { id, version, kind, was_party, record });
            } else {
                outcome.unchanged += 1;
                if known.is_some_and(|known| record.source_version > known.source_version) {
                    confirmed.push(args![id.0, record.source_version]);
                }
            }
        }
        outcome.quarantined = page.quarantined.len() as u64;

        self.write_records(page.source, page.mapping, page.at, &writes).await?;
        self.write_versions(page.run, page.mapping, page.at, &writes).await?;
        self.write_derived(page.source, page.source_key, &writes).await?;
        self.write_source_versions(confirmed).await?;
        if let Some(generation) = page.generation {
            // What does not fit is there all the same.
            let misfits = page.quarantined.iter().filter_map(|item| {
                Some(RecordId::derive(page.source_key, &item.stream, item.external_id.as_deref()?).0)
            });
            let seen: Vec<Uuid> = ids.iter().copied().chain(misfits).collect();
            self.sweep_mark(page.source, page.stream, generation, &seen, page.at).await?;
        }
        self.quarantine_resolve(page.source, &accepted, page.at).await?;
        self.quarantine_write(page.source, page.run, &page.quarantined, page.at).await?;
        for (task, state) in &page.checkpoints {
            self.checkpoint_write(page.source, task, state, page.run, page.at).await?;
        }
        if let Some(run) = page.run {
            self.run_progress(run, page.stream, StreamProgress::of_page(&outcome), page.at).await?;
        }
        let changes: Vec<ChangeEntry> = writes
            .iter()
            .map(|write| ChangeEntry {
                kind: write.kind,
                node: write.id.into(),
                source: Some(page.source),
                detail: None,
            })
            .collect();
        let parties: Vec<Uuid> = writes.iter().filter(|w| w.was_party || w.is_party()).map(|w| w.id.0).collect();
        self.outbox_write(&parties, page.at).await?;
        self.change_append(page.at, &changes).await?;
        Ok(outcome)
    }

    /// The same content under a newer version of the source: remembered, or else what lies between would pass for new.
    async fn write_source_versions(&mut self, confirmed: Vec<Vec<Arg>>) -> Result<(), StoreError> {
        self.insert_many(
            "update record set source_version = confirmed.column2 from (",
            confirmed,
            ") as confirmed where record.record_id = confirmed.column1",
        )
        .await?;
        Ok(())
    }

    async fn known(&mut self, ids: &[Uuid]) -> Result<HashMap<Uuid, Known>, StoreError> {
        let mut known = HashMap::with_capacity(ids.len());
        for chunk in ids.chunks(512) {
            let mut binds = Vec::new();
            let list = in_list(chunk, &mut binds);
            let sql = format!(
                "select record_id, kind, version, content_hash, mapping, deleted_at, source_version
                 from record where record_id in {list}"
            );
            for row in self.fetch(sql, binds).await? {
                known.insert(row.uuid(0)?, Known::read(&row)?);
            }
        }
        Ok(known)
    }

    async fn write_records(
        &mut self,
        source: SourceId,
        mapping: &str,
        at: Timestamp,
        writes: &[Write],
    ) -> Result<(), StoreError> {
        let rows: Vec<Vec<Arg>> = writes
            .iter()
            .map(|write| {
                let record = &write.record;
                args![
                    write.id.0,
                    source.0,
                    &record.stream,
                    &record.external_id,
                    record.mapped.as_ref().map_or("", |mapped| mapped.kind().as_str()),
                    write.version,
                    &record.content_hash.0[..],
                    mapping,
                    record.source_version,
                    at,
                    at,
                    record.deleted.then_some(at)
                ]
            })
            .collect();
        self.insert_many(
            "insert into record (record_id, source_id, stream, external_id, kind, version, content_hash, mapping,
                                 source_version, first_seen_at, changed_at, deleted_at)",
            rows,
            "on conflict (record_id) do update set
                 kind = case when excluded.kind = '' then record.kind else excluded.kind end,
                 version = excluded.version, content_hash = excluded.content_hash, mapping = excluded.mapping,
                 source_version = coalesce(excluded.source_version, record.source_version),
                 changed_at = excluded.changed_at, deleted_at = excluded.deleted_at",
        )
        .await?;
        Ok(())
    }

    async fn write_versions(
        &mut self,
        run: Option<SyncRunId>,
        mapping: &str,
        at: Timestamp,
        writes: &[Write],
    ) -> Result<(), StoreError> {
        let bare: Vec<Uuid> = writes.iter().filter(|w| w.record.mapped.is_none()).map(|w| w.id.0).collect();
        let before = self.mapped_before(&bare).await?;
        let rows: Vec<Vec<Arg>> = writes
            .iter()
            .map(|write| {
                let record = &write.record;
                let mapped = match &record.mapped {
                    Some(mapped) => mapped.to_json().to_string(),
                    None => before.get(&write.id.0).cloned().unwrap_or_else(|| "null".to_owned()),
                };
                args![
                    write.id.0,
                    write.version,
                    at,
                    run.map(|run| run.0),
                    &record.content_hash.0[..],
                    mapping,
                    record.deleted,
                    record.raw.to_string(),
                    mapped
                ]
            })
            .collect();
        self.insert_many(
            "insert into record_version (record_id, version, received_at, run_id, content_hash, mapping, deleted, raw, mapped)",
            rows,
            "",
        )
        .await?;
        Ok(())
    }

    /// What the newest versions meant: a deletion that carries only a key keeps the meaning of what it deletes.
    async fn mapped_before(&mut self, ids: &[Uuid]) -> Result<HashMap<Uuid, String>, StoreError> {
        let mut before = HashMap::new();
        for chunk in ids.chunks(512) {
            let mut binds = Vec::new();
            let list = in_list(chunk, &mut binds);
            let sql = format!(
                "select v.record_id, v.mapped from record_version v
                 where v.record_id in {list}
                   and v.version = (select max(n.version) from record_version n where n.record_id = v.record_id)"
            );
            for row in self.fetch(sql, binds).await? {
                before.insert(row.uuid(0)?, row.text(1)?);
            }
        }
        Ok(before)
    }

    async fn write_derived(
        &mut self,
        source: SourceId,
        source_key: &SourceKey,
        writes: &[Write],
    ) -> Result<(), StoreError> {
        let mapped: Vec<(RecordId, &StandardRecord, bool)> = writes
            .iter()
            .filter_map(|write| write.record.mapped.as_ref().map(|mapped| (write.id, mapped, write.record.deleted)))
            .collect();
        let bare: Vec<Uuid> = writes.iter().filter(|w| w.record.mapped.is_none()).map(|w| w.id.0).collect();
        for chunk in bare.chunks(512) {
            let mut binds = args![true];
            let list = in_list(chunk, &mut binds);
            self.execute(format!("update activity set deleted = $1 where record_id in {list}"), binds).await?;
        }
        // Under another field map, what was an account may turn out to be a party.
        let turned: Vec<Uuid> = writes
            .iter()
            .filter(|w| w.kind != ChangeKind::RecordCreated && !w.was_party && w.is_party())
            .map(|w| w.id.0)
            .collect();
        for chunk in turned.chunks(512) {
            let mut binds = Vec::new();
            let list = in_list(chunk, &mut binds);
            self.execute(format!("delete from activity where record_id in {list}"), binds).await?;
        }
        self.activity_write(source, source_key, &mapped).await?;
        let updated: Vec<Uuid> =
            writes.iter().filter(|w| w.kind != ChangeKind::RecordCreated).map(|w| w.id.0).collect();
        self.term_clear(&updated).await?;
        self.attribute_clear(&updated).await?;
        let live: Vec<(RecordId, &StandardRecord)> =
            mapped.iter().filter(|(_, _, deleted)| !deleted).map(|(id, record, _)| (*id, *record)).collect();
        self.attribute_write(&live).await?;
        self.term_write(&live).await
    }
}

impl Known {
    fn read(row: &Row) -> Result<Self, StoreError> {
        Ok(Self {
            kind: row.text(1)?,
            version: row.int(2)?,
            hash: row.bytes(3)?,
            mapping: row.text(4)?,
            deleted: row.opt_time(5)?.is_some(),
            source_version: row.opt_time(6)?,
        })
    }
}

/// The same key twice in a page: the newer one counts, and among equals the later one, as if each had come in a page of its
/// own. What the later one does not say is taken from the earlier one.
fn keep_newer(
    incoming: &mut BTreeMap<RecordId, IncomingRecord>,
    id: RecordId,
    mut record: IncomingRecord,
    outcome: &mut PageOutcome,
) {
    if let Some(first) = incoming.remove(&id) {
        outcome.unchanged += 1;
        if is_older(record.source_version, first.source_version) {
            record = first;
        } else {
            record.source_version = record.source_version.or(first.source_version);
            record.mapped = record.mapped.or(first.mapped);
        }
    }
    incoming.insert(id, record);
}

/// Only where the source gives a version to both.
fn is_older(came: Option<Timestamp>, have: Option<Timestamp>) -> bool {
    matches!((came, have), (Some(came), Some(have)) if came < have)
}

/// What a delivery does to what is stored, and the version that it makes. `None` where it changes nothing.
fn classify(known: Option<&Known>, record: &IncomingRecord, mapping: &str) -> Option<(ChangeKind, i64)> {
    let Some(known) = known else {
        // A deletion of what was never delivered says nothing that can be kept.
        return (record.mapped.is_some()).then_some((ChangeKind::RecordCreated, 1));
    };
    let is_same = known.hash == record.content_hash.0 && known.mapping == mapping && known.deleted == record.deleted;
    if is_older(record.source_version, known.source_version) || is_same || (record.deleted && known.deleted) {
        return None;
    }
    let kind = if record.deleted { ChangeKind::RecordDeleted } else { ChangeKind::RecordUpdated };
    Some((kind, known.version + 1))
}

fn count(outcome: &mut PageOutcome, kind: ChangeKind) {
    match kind {
        ChangeKind::RecordCreated => outcome.created += 1,
        ChangeKind::RecordDeleted => outcome.deleted += 1,
        ChangeKind::RecordUpdated
        | ChangeKind::CustomerCreated
        | ChangeKind::CustomerUpdated
        | ChangeKind::CustomerMerged
        | ChangeKind::CustomerSplit
        | ChangeKind::CustomerErased => outcome.updated += 1,
    }
}
