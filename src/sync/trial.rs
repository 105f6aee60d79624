//! A trial: a few records of a source are read as a run would read them, mapped and compared with what is stored, and only
//! shown; once somebody has looked, exactly these are stored.
//!
//! Promises: looking takes the way of a run, and what it writes is rolled back; a trial moves no cursor, closes no list and
//! deletes nothing that it has not seen deleted; however much the system has, few pages of it are asked for. Storing reads the
//! system again. Does not read files, whose rows `import` shows, nor Singer taps, which cannot be read in part.

use super::access::Asking;
use super::http::Client;
use super::jq::JqStreams;
use super::page::{Outcome, Sorted, keyless};
use super::stop::Stop;
use super::{Engine, SourceSetup, SyncError};
use crate::store::{IncomingRecord, PageOutcome, Quarantined, ReplayKnown, ReplayState, RunRow, RunState, StoreError};
use onefold_connector::{Checkpoint, Configured, Item, Refused, Step, Task, TaskKind};
use onefold_model::{RecordId, StandardRecord};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Pages that are asked for of a stream or feed, at most.
const PAGES: usize = 20;

/// Which records are read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TrialAsk {
    /// Keys of customers in the source: their records, and those of other streams that name them. Without any, the first
    /// records that the system gives.
    pub keys: BTreeSet<String>,
    /// Only of these streams; of all where none is named.
    pub streams: BTreeSet<String>,
    /// So many payloads of each stream, at most.
    pub limit: usize,
}

/// A record that a trial read.
#[derive(Debug, Clone)]
pub struct TrialRecord {
    /// Which.
    pub record: RecordId,
    /// The version that is stored; none where there is no such record.
    pub version: Option<i64>,
    /// What is stored of it. Null where there is nothing, or where it is deleted.
    pub before: Value,
    /// What it would mean. Null where it would be deleted.
    pub after: Value,
    /// As it would be stored.
    pub incoming: IncomingRecord,
}

/// What a trial found.
#[derive(Debug, Clone, Default)]
pub struct Trial {
    /// Payloads that were read, and passed over where they were not asked for.
    pub read: u64,
    /// What was read of what was asked for, by id.
    pub records: Vec<TrialRecord>,
    /// What did not fit.
    pub unfit: Vec<Quarantined>,
    /// What storing would do, by stream.
    pub outcomes: BTreeMap<String, PageOutcome>,
    /// Keys that were not among what was read: the system may have them further on.
    pub missing: BTreeSet<String>,
    /// Streams or feeds that were not read, with code and cause.
    pub errors: BTreeMap<String, (&'static str, String)>,
}

/// What a trial is read with.
struct Trying<'a> {
    setup: &'a SourceSetup,
    ask: &'a TrialAsk,
    client: Arc<Client>,
    asking: Asking<'a>,
    jq: JqStreams,
    stop: Stop,
    checkpoints: BTreeMap<String, Value>,
    /// Payloads that were taken, by stream.
    taken: BTreeMap<String, usize>,
    found: BTreeSet<String>,
    sorted: BTreeMap<String, Sorted>,
    read: u64,
}

impl Engine {
    /// Reads what was asked for and says what storing it would do, under a run that was begun for it.
    pub async fn trial(&self, setup: &SourceSetup, run: &RunRow, ask: &TrialAsk) -> Result<Trial, SyncError> {
        let Some(busy) = self.hold(setup, run).await? else {
            return Err(SyncError::LeaseLost(setup.row.key.to_string()));
        };
        let stop = busy.stop.clone();
        let mut trying = Trying {
            setup,
            ask,
            client: Arc::new(self.client(setup)?),
            asking: Asking::new(self, setup, run.id, stop.clone()),
            jq: self.jq(setup.configured.connector()),
            stop,
            checkpoints: BTreeMap::new(),
            taken: BTreeMap::new(),
            found: BTreeSet::new(),
            sorted: BTreeMap::new(),
            read: 0,
        };
        let mut trial = Trial::default();
        // From the beginning: what a run has read already is what is to be tried.
        for task in setup.configured.plan(&BTreeMap::new(), self.clock.now()) {
            match Box::pin(trying.task(self, &task)).await {
                Ok(()) => {}
                Err(error @ (SyncError::Store(_) | SyncError::LeaseLost(_) | SyncError::Cancelled)) => {
                    return Err(error);
                }
                Err(error) if error.is_auth() => return Err(error),
                Err(error) => _ = trial.errors.insert(task.name.clone(), (error.code(), error.to_string())),
            }
        }
        let Trying { sorted, read, found, .. } = trying;
        trial.read = read;
        trial.missing = ask.keys.difference(&found).cloned().collect();
        trial.unfit = sorted.values().flat_map(|part| part.quarantined.iter().cloned()).collect();
        trial.records = self.trial_compared(setup, &sorted).await?;
        // The way that storing takes, and taken back.
        let mut tx = self.store.begin().await?;
        for (stream, part) in sorted {
            let one = BTreeMap::from([(stream.clone(), part)]);
            let outcome = self.store_streams(&mut tx, setup, None, one).await?;
            trial.outcomes.insert(stream, outcome);
        }
        drop(tx);
        Ok(trial)
    }

    /// Stores what a trial read, and ends its run.
    pub async fn trial_store(&self, setup: &SourceSetup, run: &RunRow, trial: &Trial) -> Result<(), SyncError> {
        let mut streams: BTreeMap<String, Sorted> = BTreeMap::new();
        for record in &trial.records {
            let part = streams.entry(record.incoming.stream.clone()).or_default();
            part.records.push(record.incoming.clone());
        }
        for unfit in &trial.unfit {
            streams.entry(unfit.stream.clone()).or_default().quarantined.push(unfit.clone());
        }
        let names: Vec<String> = streams.keys().cloned().collect();
        let at = self.clock.now();
        let mut tx = self.store.begin().await?;
        self.lease_hold(&mut tx, setup, run.id).await?;
        self.store_streams(&mut tx, setup, Some(run.id), streams).await?;
        for name in names {
            tx.run_stream_finish(run.id, &name, RunState::Succeeded, None, at).await?;
        }
        tx.lease_end(run.source, run.id).await?;
        tx.run_finish(run.id, RunState::Succeeded, None, at).await?;
        Ok(tx.commit().await?)
    }

    /// Ends the run of a trial that stores nothing.
    pub async fn trial_end(&self, run: &RunRow, error: Option<&str>) -> Result<(), StoreError> {
        let state = if error.is_some() { RunState::Failed } else { RunState::Succeeded };
        self.finish(run, state, error).await
    }

    /// What was read, beside what is stored of it. Of a key that came twice the later one.
    async fn trial_compared(
        &self,
        setup: &SourceSetup,
        sorted: &BTreeMap<String, Sorted>,
    ) -> Result<Vec<TrialRecord>, StoreError> {
        let mut incoming: BTreeMap<RecordId, &IncomingRecord> = BTreeMap::new();
        for record in sorted.values().flat_map(|part| &part.records) {
            let id = RecordId::derive(&setup.row.key, &record.stream, &record.external_id);
            let is_older = incoming.get(&id).is_some_and(|known| record.source_version < known.source_version);
            if !is_older {
                incoming.insert(id, record);
            }
        }
        let ids: Vec<RecordId> = incoming.keys().copied().collect();
        let known = self.store.replay_known(&ids).await?;
        let compared = incoming.into_iter().map(|(record, incoming)| {
            let known: Option<&ReplayKnown> = known.get(&record);
            let live = known.filter(|known| known.state == ReplayState::Live);
            let mapped = incoming.mapped.as_ref().filter(|_| !incoming.deleted);
            TrialRecord {
                record,
                version: known.map(|known| known.version),
                before: live.map_or(Value::Null, |known| known.mapped.clone()),
                after: mapped.map_or(Value::Null, StandardRecord::to_json),
                incoming: incoming.clone(),
            }
        });
        Ok(compared.collect())
    }
}

impl Trying<'_> {
    async fn task(&mut self, engine: &Engine, task: &Task) -> Result<(), SyncError> {
        match task.kind {
            // A place in a feed is nothing to look at.
            TaskKind::Position => return Ok(()),
            TaskKind::Snapshot | TaskKind::Feed | TaskKind::Changes => {}
        }
        if !task.streams.iter().any(|stream| self.wants(stream)) {
            return Ok(());
        }
        self.stop.check()?;
        let configured: Configured = self.asking.configured(&self.client).await?;
        let mut reader = configured.reader(task, &self.checkpoints, engine.clock.now())?;
        let mut pages = 0;
        while let Step::Request(request) = reader.next_step() {
            if pages >= PAGES || self.is_full(task) {
                break;
            }
            pages += 1;
            let answer = self.asking.send(&self.client, request).await?;
            let page = reader.accept(&answer)?;
            let checkpoints = page.checkpoints.into_iter();
            self.checkpoints.extend(checkpoints.map(|Checkpoint { name, state }| (name, state)));
            self.take(page.items, page.refused).await?;
        }
        Ok(())
    }

    fn wants(&self, stream: &str) -> bool {
        self.ask.streams.is_empty() || self.ask.streams.contains(stream)
    }

    /// Whether nothing more is to be taken of what a task gives.
    fn is_full(&self, task: &Task) -> bool {
        let mut wanted = task.streams.iter().filter(|stream| self.wants(stream));
        wanted.all(|stream| self.taken.get(stream).is_some_and(|taken| *taken >= self.ask.limit))
    }

    /// Maps payloads and keeps what was asked for. What has no key is of nobody in particular.
    async fn take(&mut self, items: Vec<Item>, refused: Vec<Refused>) -> Result<(), SyncError> {
        let connector = self.setup.configured.connector();
        self.read += (items.len() + refused.len()) as u64;
        for refused in refused {
            let is_more = self.taken.get(&refused.stream).is_none_or(|taken| *taken < self.ask.limit);
            if is_more && self.ask.keys.is_empty() && self.wants(&refused.stream) {
                *self.taken.entry(refused.stream.clone()).or_default() += 1;
                self.sorted.entry(refused.stream.clone()).or_default().quarantined.push(keyless(refused));
            }
        }
        let mut made = self.jq.made(&items).await;
        if let Some((_, error)) = made.stopped {
            return Err(error.into());
        }
        for (place, item) in items.iter().enumerate() {
            let taken = self.taken.get(&item.stream).copied().unwrap_or_default();
            if !self.wants(&item.stream) || taken >= self.ask.limit {
                continue;
            }
            let mut outcome = Outcome::default();
            outcome.add(connector, item, made.made.remove(&place));
            if !self.is_asked(item, &outcome) {
                continue;
            }
            *self.taken.entry(item.stream.clone()).or_default() += 1;
            for (stream, part) in outcome.streams {
                let kept = self.sorted.entry(stream).or_default();
                kept.records.extend(part.records);
                kept.quarantined.extend(part.quarantined);
            }
        }
        Ok(())
    }

    /// Whether a payload is of a customer that was asked for: by its own key, or because what it says belongs to one.
    fn is_asked(&mut self, item: &Item, outcome: &Outcome) -> bool {
        if self.ask.keys.is_empty() {
            return true;
        }
        let records = outcome.streams.values().flat_map(|part| &part.records);
        let parties = records.filter_map(|record| Some(&record.mapped.as_ref()?.facets().party?.external_id));
        let mut named: Vec<&String> = std::iter::once(&item.external_id).chain(parties).collect();
        named.retain(|key| self.ask.keys.contains(*key));
        let found: Vec<String> = named.into_iter().cloned().collect();
        let is_asked = !found.is_empty();
        self.found.extend(found);
        is_asked
    }
}
