//! One task of a run: ask, map, write, page by page. No network inside a transaction.

use super::access::Asking;
use super::drift::{Shown, Watch};
use super::http::Client;
use super::jq::{JqError, JqStreams};
use super::page::{LeftOut, Sorted, sort};
use super::run::{AcceptedLosses, RunReport, StreamReport, Tick};
use super::stop::Stop;
use super::{Engine, SourceSetup, SyncError};
use crate::store::{IncomingRecord, PageCommit, PageOutcome, RunRow, RunState, StoreError, Tx};
use onefold_connector::{Checkpoint, Enumeration, Note, Page, Step, Task};
use onefold_model::SyncRunId;
use std::collections::BTreeMap;
use std::sync::Arc;

/// A complete list without so many of the stored records, and without half of them, is taken for a fault.
const SUDDEN_LOSS_AT_LEAST: i64 = 20;

/// The code of a stream that was being read when somebody ended its run.
const CANCELLED: &str = "CANCELLED";

/// What every part of a run needs.
pub(super) struct Running<'a> {
    pub(super) engine: &'a Engine,
    pub(super) setup: &'a SourceSetup,
    /// `None` where the source is not asked over HTTP.
    pub(super) client: Option<Arc<Client>>,
    /// What authenticates the requests.
    pub(super) asking: Asking<'a>,
    pub(super) jq: JqStreams,
    pub(super) run: SyncRunId,
    pub(super) accepted: &'a AcceptedLosses,
    /// Whether somebody ends the run.
    pub(super) stop: Stop,
    /// What the payloads look like.
    pub(super) watch: Watch,
    /// What the run has done so far, by stream or feed.
    pub(super) streams: BTreeMap<String, StreamReport>,
}

/// What an answer did.
#[derive(Default)]
pub(super) struct Written {
    /// To each stream.
    outcomes: Vec<(String, PageOutcome)>,
    left_out: BTreeMap<(String, LeftOut), u64>,
    /// Why a part of the page was not read.
    stopped: Option<JqError>,
}

/// What is common to the store's pages of one answer.
struct Common<'a> {
    enumeration: Option<&'a Enumeration>,
    /// The streams that the enumeration decides about: its own, and those of further records.
    enumerated: Vec<&'a str>,
}

impl Common<'_> {
    fn generation(&self, stream: &str) -> Option<&str> {
        let enumeration = self.enumeration.filter(|_| self.enumerated.contains(&stream))?;
        Some(enumeration.generation.as_str())
    }
}

impl Running<'_> {
    /// Reads a task from its checkpoint to its end.
    pub(super) async fn task(&mut self, task: &Task, tick: &(impl Fn(Tick) + Send + Sync)) -> Result<(), SyncError> {
        self.stop.check()?;
        // Those of now: an earlier task of this run may have written what this one depends on.
        let checkpoints = self.engine.store.checkpoint_list(self.setup.row.id).await?;
        let client = self.client.clone().ok_or_else(|| SyncError::NotHttp(self.setup.row.key.to_string()))?;
        let configured = self.asking.configured(&client).await?;
        let mut reader = configured.reader(task, &checkpoints, self.engine.clock.now())?;
        self.streams.entry(task.name.clone()).or_default();
        while let Step::Request(request) = reader.next_step() {
            let answer = self.asking.send(&client, request).await?;
            let page = reader.accept(&answer)?;
            self.note(task, &page.notes);
            let written = self.write(task, page).await?;
            self.report(written, tick)?;
        }
        Ok(())
    }

    /// Adds what was written to the figures of the run. An error where that was not the whole page.
    pub(super) fn report(&mut self, written: Written, tick: &(impl Fn(Tick) + Send + Sync)) -> Result<(), SyncError> {
        for ((stream, what), count) in written.left_out {
            *self.streams.entry(stream).or_default().left_out.entry(what).or_default() += count;
        }
        for (stream, outcome) in written.outcomes {
            let report = self.streams.entry(stream.clone()).or_default();
            add(&mut report.outcome, &outcome);
            report.pages += 1;
            tick(Tick { task: stream, outcome: report.outcome, pages: report.pages });
        }
        written.stopped.map_or(Ok(()), |error| Err(error.into()))
    }

    /// Ends the streams that a task gave records of, as they stand.
    pub(super) async fn close_streams(&mut self, task: &Task) -> Result<(), StoreError> {
        let connector = self.setup.configured.connector();
        let mut tx = self.engine.store.begin().await?;
        let also = task.streams.iter().flat_map(|stream| connector.also(stream)).map(|also| also.name);
        for stream in task.given() {
            self.watch.write(&mut tx, stream, self.engine.clock.now()).await?;
        }
        for name in std::iter::once(task.name.as_str()).chain(task.streams.iter().map(String::as_str)).chain(also) {
            let Some(report) = self.streams.get(name) else { continue };
            let error = report.error.as_ref().map(|(code, message)| (*code, message.as_str()));
            let state = match error {
                None => RunState::Succeeded,
                Some((CANCELLED, _)) => RunState::Cancelled,
                Some(_) => RunState::Failed,
            };
            tx.run_stream_finish(self.run, name, state, error, self.engine.clock.now()).await?;
        }
        tx.commit().await
    }

    /// Notes of streams that were read to their end that it is known by now how they are.
    pub(super) async fn settle(&self, streams: impl Iterator<Item = &str>) -> Result<(), StoreError> {
        let is_whole = |stream: &&str| self.streams.get(*stream).is_none_or(|report| report.error.is_none());
        let streams: Vec<&str> = streams.filter(is_whole).collect();
        let mut tx = self.engine.store.begin().await?;
        tx.shape_settle(self.setup.row.id, &streams).await?;
        tx.commit().await
    }

    /// Ends the run in the middle of a task, because somebody has asked for it.
    pub(super) async fn cancelled(mut self, task: &Task, run: &RunRow) -> Result<RunReport, SyncError> {
        // A task that had not begun has nothing to say.
        if let Some(report) = self.streams.get_mut(&task.name) {
            report.error.get_or_insert((CANCELLED, SyncError::Cancelled.to_string()));
        }
        self.close_streams(task).await?;
        Ok(self.engine.finish_cancelled(run, self.streams).await?)
    }

    /// What a person may want to know. A denied stream is an error of that stream.
    fn note(&mut self, task: &Task, notes: &[Note]) {
        let source = &self.setup.row.key;
        for note in notes {
            match note {
                Note::Restarted { name } => {
                    tracing::info!(source = %source, stream = name, "the place to go on from was no longer valid: reading starts over");
                }
                Note::Moved { name } => {
                    tracing::info!(source = %source, stream = name, "the list moved while it was read: a part is read again");
                }
                Note::ParentGone { stream } => {
                    tracing::info!(source = %source, stream, "a parent vanished while its children were read");
                }
                Note::Denied { stream } => {
                    let message = format!(
                        "the credentials do not cover what {} says about this stream: grant access or leave it out",
                        task.name
                    );
                    tracing::warn!(source = %source, stream, message, "a stream may not be read");
                    self.streams.entry(stream.clone()).or_default().error = Some(("DENIED", message));
                }
            }
        }
    }

    /// Maps and writes a page in one transaction. Says what it did to each stream.
    pub(super) async fn write(&mut self, task: &Task, mut page: Page) -> Result<Written, SyncError> {
        let is_preparation = page.items.is_empty()
            && page.refused.is_empty()
            && page.checkpoints.is_empty()
            && page.enumeration.is_none();
        if is_preparation {
            return Ok(Written::default());
        }
        let connector = self.setup.configured.connector();
        let made = self.jq.made(&page.items).await;
        if let Some((end, _)) = &made.stopped {
            // What was computed stays, the page does not count as read.
            page.items.truncate(*end);
            page.checkpoints.clear();
            page.enumeration = None;
        }
        let news = self.watch.look(page.items.iter().filter_map(Shown::item)).await?;
        let mut sorted = sort(connector, &mut page, made.made);
        let enumeration = page.enumeration.take();
        let enumerated = enumeration.iter().flat_map(|enumeration| {
            let also = connector.also(&enumeration.stream).into_iter().map(|also| also.name);
            std::iter::once(enumeration.stream.as_str()).chain(also)
        });
        let common = Common { enumeration: enumeration.as_ref(), enumerated: enumerated.collect() };
        // Also a stream without records on this page has to be marked as being enumerated.
        for stream in &common.enumerated {
            sorted.streams.entry((*stream).to_owned()).or_default();
        }
        let own = enumeration.as_ref().map_or(task.name.as_str(), |enumeration| &enumeration.stream);
        let main = sorted.streams.remove(own).unwrap_or_default();

        let mut tx = self.engine.store.begin().await?;
        self.engine.lease_hold(&mut tx, self.setup, self.run).await?;
        let mut outcomes = Vec::with_capacity(sorted.streams.len() + 1);
        for (stream, part) in sorted.streams {
            let page = self.commit(&stream, part, common.generation(&stream));
            let outcome = tx.page_commit(page).await?;
            outcomes.push((stream, outcome));
        }
        self.withdraw(&mut tx, sorted.withdrawn, &mut outcomes).await?;
        let mut last = self.commit(own, main, common.generation(own));
        last.checkpoints = page.checkpoints.into_iter().map(|Checkpoint { name, state }| (name, state)).collect();
        let outcome = tx.page_commit(last).await?;
        outcomes.push((own.to_owned(), outcome));
        for stream in &news {
            self.watch.write(&mut tx, stream, self.engine.clock.now()).await?;
        }
        // With the page that completes the list, or a crash in between would leave the deleted ones alive.
        let swept = self.sweep(&mut tx, &common, &mut outcomes).await;
        match &swept {
            // Half a sweep must not stay.
            Err(SyncError::Store(_)) => return swept.map(|()| Written::default()),
            // The page stays, but its list is not believed: each run reads it anew, until it is right or the loss is accepted.
            Err(SyncError::SuddenLoss { .. }) => {
                tx.checkpoint_forget(self.setup.row.id, own).await?;
                for stream in &common.enumerated {
                    tx.sweep_forget(self.setup.row.id, stream).await?;
                }
            }
            Ok(()) | Err(_) => {}
        }
        tx.commit().await?;
        swept?;
        let stopped = made.stopped.map(|(_, error)| error);
        Ok(Written { outcomes, left_out: sorted.left_out, stopped })
    }

    fn commit<'p>(&'p self, stream: &'p str, part: Sorted, generation: Option<&'p str>) -> PageCommit<'p> {
        PageCommit {
            source: self.setup.row.id,
            source_key: &self.setup.row.key,
            run: Some(self.run),
            stream,
            mapping: self.setup.configured.connector().mapping(),
            records: part.records,
            quarantined: part.quarantined,
            checkpoints: Vec::new(),
            generation,
            at: self.engine.clock.now(),
        }
    }

    /// Takes back further records that their payloads do not give any more. Not part of the run's figures, because most of
    /// them were never there; what was there is counted as deleted.
    async fn withdraw(
        &self,
        tx: &mut Tx,
        records: Vec<IncomingRecord>,
        outcomes: &mut [(String, PageOutcome)],
    ) -> Result<(), SyncError> {
        let mut streams: BTreeMap<String, Sorted> = BTreeMap::new();
        for record in records {
            streams.entry(record.stream.clone()).or_default().records.push(record);
        }
        for (stream, part) in streams {
            let page = PageCommit { run: None, ..self.commit(&stream, part, None) };
            let deleted = tx.page_commit(page).await?.deleted;
            if let Some((_, outcome)) = outcomes.iter_mut().find(|(name, _)| *name == stream) {
                outcome.deleted += deleted;
            }
        }
        Ok(())
    }

    /// Closes a complete enumeration: what it has not shown is gone, unless that is suspiciously much.
    async fn sweep(
        &self,
        tx: &mut Tx,
        common: &Common<'_>,
        outcomes: &mut [(String, PageOutcome)],
    ) -> Result<(), SyncError> {
        let Some(enumeration) = common.enumeration.filter(|enumeration| enumeration.complete) else { return Ok(()) };
        let source = self.setup.row.id;
        // Whoever accepts the loss of a stream accepts that of what comes from its payloads.
        let is_accepted = |stream: &str| [stream, &enumeration.stream].iter().any(|name| self.accepted.contains(*name));
        for stream in &common.enumerated {
            let (missing, live) = tx.sweep_missing(source, stream, &enumeration.generation).await?;
            if missing >= SUDDEN_LOSS_AT_LEAST && missing * 2 >= live && !is_accepted(stream) {
                let (source_key, stream) = (self.setup.row.key.to_string(), (*stream).to_owned());
                return Err(SyncError::SuddenLoss { source_key, stream, missing, live });
            }
            let at = self.engine.clock.now();
            let swept = tx.sweep_close(source, stream, &enumeration.generation, Some(self.run), at).await?;
            if let Some((_, outcome)) = outcomes.iter_mut().find(|(name, _)| name == stream) {
                outcome.deleted += swept;
            }
        }
        Ok(())
    }
}

pub(super) fn add(sum: &mut PageOutcome, page: &PageOutcome) {
    sum.created += page.created;
    sum.updated += page.updated;
    sum.unchanged += page.unchanged;
    sum.deleted += page.deleted;
    sum.quarantined += page.quarantined;
}
