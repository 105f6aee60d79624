//! What is stored, mapped once more: after a change of the map, without asking the system.
//!
//! Promises: the same payloads under the same map differ from what is stored in the same way, in the same order; a step holds
//! some hundred records, however many there are; nothing is written while it is only looked. What does not fit under the new
//! map stays as it is stored: the next delivery puts it into quarantine. Does not look at what the map of now has made
//! already, at what is deleted, at pushed records, which have no map, nor at files, whose maps go with the upload.

use super::jq::JqStreams;
use super::page::{Outcome, Sorted};
use super::run::RunReport;
use super::{Engine, SourceSetup, SyncError};
use crate::store::{IncomingRecord, PageOutcome, ReplayAsk, ReplayKnown, ReplayState, RunRow, RunState, StoreError};
use onefold_connector::{Item, ReadError};
use onefold_model::{RecordId, StandardRecord, content_hash};
use serde_json::Value;
use std::collections::{BTreeMap, HashMap};

/// Payloads that are mapped together.
const BATCH: i64 = 200;

/// A record that the map of now makes something else of.
#[derive(Debug, Clone)]
pub struct Replayed {
    /// Which.
    pub record: RecordId,
    /// Its stream.
    pub stream: String,
    /// The version that it differs from; none where there is no such record.
    pub version: Option<i64>,
    /// What it means as it is stored. Null where there is none, or where it is deleted.
    pub before: Value,
    /// What it would mean. Null where it would be deleted.
    pub after: Value,
    incoming: IncomingRecord,
}

/// What a step found.
#[derive(Debug, Default)]
pub struct ReplayStep {
    /// Payloads that were mapped.
    pub looked_at: u64,
    /// Records that differ, by key.
    pub differing: Vec<Replayed>,
    /// Records that do not fit under the map of now, and stay as they are.
    pub unfit: u64,
}

/// Goes through what is stored of a source.
pub struct Replay<'e> {
    engine: &'e Engine,
    setup: &'e SourceSetup,
    jq: JqStreams,
    streams: std::vec::IntoIter<String>,
    /// The stream that it is in, and the key that was looked at last.
    at: Option<(String, Option<String>)>,
}

impl Engine {
    /// Begins to map what is stored of a source once more. Nothing where it reads files.
    pub fn replay<'e>(&'e self, setup: &'e SourceSetup) -> Option<Replay<'e>> {
        let connector = setup.configured.connector();
        if connector.is_file() {
            return None;
        }
        let streams: Vec<String> = connector.streams().iter().map(|stream| stream.name.to_owned()).collect();
        Some(Replay { engine: self, setup, jq: self.jq(connector), streams: streams.into_iter(), at: None })
    }

    /// Stores what the map of now makes of what is stored, under a run that was begun. What has come meanwhile is newer and
    /// stays.
    pub async fn replay_run(&self, setup: &SourceSetup, run: &RunRow) -> Result<RunReport, SyncError> {
        let Some(busy) = self.hold(setup, run).await? else {
            return Err(SyncError::LeaseLost(setup.row.key.to_string()));
        };
        let done = async {
            let mut replay = self.replay(setup).ok_or(SyncError::Read(ReadError::Unasked))?;
            while let Some(step) = replay.step().await? {
                busy.stop.check()?;
                self.replay_store(setup, run, step).await?;
            }
            Ok::<(), SyncError>(())
        };
        match done.await {
            Ok(()) => {
                self.finish(run, RunState::Succeeded, None).await?;
                Ok(RunReport { run: run.id, state: RunState::Succeeded, streams: BTreeMap::new() })
            }
            Err(SyncError::Cancelled) => Ok(self.finish_cancelled(run, BTreeMap::new()).await?),
            Err(error @ SyncError::LeaseLost(_)) => Err(error),
            Err(error) => {
                self.finish(run, RunState::Failed, Some(&error.to_string())).await?;
                Err(error)
            }
        }
    }

    /// Ends a run that was begun for a replay and is not to be done.
    pub async fn replay_refuse(&self, run: &RunRow, why: &str) -> Result<(), StoreError> {
        self.finish(run, RunState::Failed, Some(why)).await
    }

    async fn replay_store(
        &self,
        setup: &SourceSetup,
        run: &RunRow,
        step: ReplayStep,
    ) -> Result<PageOutcome, SyncError> {
        let ids: Vec<RecordId> = step.differing.iter().map(|replayed| replayed.record).collect();
        let mut tx = self.store.begin().await?;
        self.lease_hold(&mut tx, setup, run.id).await?;
        let versions = tx.replay_versions(setup.row.id, &ids).await?;
        let mut streams: BTreeMap<String, Sorted> = BTreeMap::new();
        for replayed in step.differing {
            if versions.get(&replayed.record).copied() == replayed.version {
                streams.entry(replayed.stream).or_default().records.push(replayed.incoming);
            }
        }
        let outcome = self.store_streams(&mut tx, setup, Some(run.id), streams).await?;
        tx.commit().await?;
        Ok(outcome)
    }
}

impl Replay<'_> {
    /// Maps the next payloads, and says what differs. Nothing at the end.
    pub async fn step(&mut self) -> Result<Option<ReplayStep>, SyncError> {
        let connector = self.setup.configured.connector();
        loop {
            let Some((stream, after)) = self.at.take().or_else(|| self.streams.next().map(|stream| (stream, None)))
            else {
                return Ok(None);
            };
            let ask = ReplayAsk {
                source: self.setup.row.id,
                stream: &stream,
                mapping: connector.mapping(),
                after: after.as_deref(),
                count: BATCH,
            };
            let rows = self.engine.store.replay_batch(ask).await?;
            let Some(last) = rows.last() else { continue };
            let last = last.external_id.clone();
            let items: Vec<Item> = rows
                .into_iter()
                .map(|row| Item {
                    stream: stream.clone(),
                    external_id: row.external_id,
                    raw: row.raw,
                    version: None,
                    deleted: false,
                })
                .collect();
            let step = self.mapped(&items).await?;
            self.at = Some((stream, Some(last)));
            return Ok(Some(step));
        }
    }

    async fn mapped(&self, items: &[Item]) -> Result<ReplayStep, SyncError> {
        let connector = self.setup.configured.connector();
        let mut made = self.jq.made(items).await;
        if let Some((_, error)) = made.stopped {
            return Err(error.into());
        }
        let mut outcome = Outcome::default();
        for (place, item) in items.iter().enumerate() {
            outcome.add(connector, item, made.made.remove(&place));
        }
        let mut step = ReplayStep { looked_at: items.len() as u64, ..ReplayStep::default() };
        let mut incoming: BTreeMap<RecordId, IncomingRecord> = BTreeMap::new();
        for (stream, part) in outcome.with_withdrawn() {
            step.unfit += part.quarantined.len() as u64;
            for record in part.records {
                let id = RecordId::derive(&self.setup.row.key, &stream, &record.external_id);
                incoming.insert(id, record);
            }
        }
        let ids: Vec<RecordId> = incoming.keys().copied().collect();
        let known = self.engine.store.replay_known(&ids).await?;
        let mapping = connector.mapping();
        step.differing = incoming.into_iter().filter_map(|(id, record)| differs(id, record, &known, mapping)).collect();
        Ok(step)
    }
}

fn differs(
    record: RecordId,
    incoming: IncomingRecord,
    known: &HashMap<RecordId, ReplayKnown>,
    mapping: &str,
) -> Option<Replayed> {
    let known = known.get(&record);
    // Made by this map already, of the same payload: another way through it would be a change of the program.
    if known.is_some_and(|known| known.mapping == mapping) {
        return None;
    }
    let live = known.filter(|known| known.state == ReplayState::Live);
    let before = live.map_or(Value::Null, |known| known.mapped.clone());
    let after = incoming.mapped.as_ref().map_or(Value::Null, StandardRecord::to_json);
    debug_assert_eq!(incoming.content_hash, content_hash(&incoming.raw), "a payload is what it was");
    if before == after {
        return None;
    }
    let (stream, version) = (incoming.stream.clone(), known.map(|known| known.version));
    Some(Replayed { record, stream, version, before, after, incoming })
}
