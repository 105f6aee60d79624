//! One page of a source, in one transaction: records, versions, derived rows, outbox, change log, quarantine and the stream
//! cursor that covers them. A crash leaves either all of it or nothing; a page that is delivered twice changes nothing.

use super::list::in_list;
use super::quarantine::Quarantined;
use super::run::StreamProgress;
use super::term::terms;
use super::{Arg, ChangeEntry, ChangeKind, Row, StoreError, Tx};
use crate::args;
use onefold_model::{
    ContentHash, RecordId, RecordKind, SourceId, SourceKey, StandardRecord, SyncRunId, Timestamp,
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
    /// The stream cursor that covers this page: task and state.
    pub checkpoint: Option<(&'a str, &'a Value)>,
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
    record: IncomingRecord,
}

impl Tx {
    /// Writes a page. Safe to run twice: record ids are derived from their keys and identical content is left alone.
    pub async fn page_commit(&mut self, page: PageCommit<'_>) -> Result<PageOutcome, StoreError> {
        let mut incoming: BTreeMap<RecordId, IncomingRecord> = BTreeMap::new();
        let mut outcome = PageOutcome::default();
        for record in page.records {
            let id = RecordId::derive(page.source_key, &record.stream, &record.external_id);
            keep_newer(&mut incoming, id, record, &mut outcome);
        }
        let ids: Vec<Uuid> = incoming.keys().map(|id| id.0).collect();
        let known = self.known(&ids).await?;

        let mut writes = Vec::new();
        let mut accepted = Vec::new();
        for (id, record) in incoming {
            accepted.push((record.stream.clone(), record.external_id.clone()));
            match classify(known.get(&id.0), &record, page.mapping) {
                Some((kind, version)) => {
                    count(&mut outcome, kind);
                    writes.push(Write { id, version, kind, record });
                }
                None => outcome.unchanged += 1,
            }
        }
        outcome.quarantined = page.quarantined.len() as u64;

        self.write_records(page.source, page.mapping, page.at, &writes).await?;
        self.write_versions(page.run, page.mapping, page.at, &writes).await?;
        self.write_derived(page.source, page.source_key, &writes).await?;
        self.write_outbox(page.at, &writes).await?;
        if let Some(generation) = page.generation {
            self.sweep_mark(page.source, page.stream, generation, &ids).await?;
        }
        self.quarantine_resolve(page.source, &accepted, page.at).await?;
        self.quarantine_write(page.source, page.run, &page.quarantined, page.at).await?;
        if let Some((task, state)) = page.checkpoint {
            self.checkpoint_write(page.source, task, state, page.run, page.at).await?;
        }
        if let Some(run) = page.run {
            self.run_progress(run, page.stream, StreamProgress::of_page(&outcome), page.at).await?;
        }
        let changes: Vec<ChangeEntry> = writes
            .iter()
            .map(|write| ChangeEntry { kind: write.kind, node: write.id.into(), source: Some(page.source), detail: None })
            .collect();
        self.change_append(page.at, &changes).await?;
        Ok(outcome)
    }

    async fn known(&mut self, ids: &[Uuid]) -> Result<HashMap<Uuid, Known>, StoreError> {
        let mut known = HashMap::with_capacity(ids.len());
        for chunk in ids.chunks(512) {
            let mut binds = Vec::new();
            let list = in_list(chunk, &mut binds);
            let sql = format!(
                "select record_id, version, content_hash, mapping, deleted_at, source_version
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
        self.activity_write(source, source_key, &mapped).await?;
        let updated: Vec<Uuid> =
            writes.iter().filter(|w| w.kind != ChangeKind::RecordCreated).map(|w| w.id.0).collect();
        self.term_clear(&updated).await?;
        let rows = mapped
            .iter()
            .filter(|(_, _, deleted)| !deleted)
            .flat_map(|(id, record, _)| {
                terms(record).into_iter().map(move |(term, path, whole)| args![term, path, id.0, whole])
            })
            .collect();
        self.term_write(rows).await
    }

    async fn write_outbox(&mut self, at: Timestamp, writes: &[Write]) -> Result<(), StoreError> {
        let rows: Vec<Vec<Arg>> = writes
            .iter()
            .filter(|write| write.record.mapped.as_ref().is_none_or(|mapped| mapped.kind() == RecordKind::Party))
            .map(|write| args!["identity", write.id.0, at])
            .collect();
        self.insert_many("insert into outbox (topic, record_id, at)", rows, "").await?;
        Ok(())
    }

    pub(super) async fn term_clear(&mut self, ids: &[Uuid]) -> Result<(), StoreError> {
        for chunk in ids.chunks(512) {
            let mut binds = Vec::new();
            let list = in_list(chunk, &mut binds);
            self.execute(format!("delete from term where record_id in {list}"), binds).await?;
        }
        Ok(())
    }

    pub(super) async fn term_write(&mut self, rows: Vec<Vec<Arg>>) -> Result<(), StoreError> {
        self.insert_many(
            "insert into term (term, path, record_id, whole)",
            rows,
            "on conflict (term, path, record_id) do nothing",
        )
        .await?;
        Ok(())
    }
}

impl Known {
    fn read(row: &Row) -> Result<Self, StoreError> {
        Ok(Self {
            version: row.int(1)?,
            hash: row.bytes(2)?,
            mapping: row.text(3)?,
            deleted: row.opt_time(4)?.is_some(),
            source_version: row.opt_time(5)?,
        })
    }
}

/// The same key twice in a page: the newer one counts, and among equals the later one.
fn keep_newer(
    incoming: &mut BTreeMap<RecordId, IncomingRecord>,
    id: RecordId,
    record: IncomingRecord,
    outcome: &mut PageOutcome,
) {
    if let Some(first) = incoming.get(&id) {
        outcome.unchanged += 1;
        if first.source_version > record.source_version {
            return;
        }
    }
    incoming.insert(id, record);
}

/// What a delivery does to what is stored, and the version that it makes. `None` where it changes nothing.
fn classify(known: Option<&Known>, record: &IncomingRecord, mapping: &str) -> Option<(ChangeKind, i64)> {
    let Some(known) = known else {
        // A deletion of what was never delivered says nothing that can be kept.
        return (record.mapped.is_some()).then_some((ChangeKind::RecordCreated, 1));
    };
    let is_older = matches!((known.source_version, record.source_version), (Some(have), Some(came)) if came < have);
    let is_same = known.hash == record.content_hash.0 && known.mapping == mapping && known.deleted == record.deleted;
    if is_older || is_same || (record.deleted && known.deleted) {
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
        | ChangeKind::CustomerSplit => outcome.updated += 1,
    }
}
