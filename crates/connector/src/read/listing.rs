//! Reading a stream by lists: everything (snapshot) or what changed (stream cursor), for the whole stream or parent by
//! parent.

use super::item::{read_item, read_key};
use super::pager::{Pager, Turn, hash};
use super::partition::{ParentWalk, Partition, parent_listing};
use super::records::{Records, records};
use super::state::{
    Checkpoints, Reading, SnapshotState, StateError, StreamState, load_feed, load_stream, partition_name, save,
};
use super::vendor::{ReadError, Refusal, check};
use super::{Checkpoint, Enumeration, Note, Page};
use crate::configured::{Bounds, Configured};
use crate::manifest::cursor::{Cursor, Order, TimeCursor, TokenCursor};
use crate::manifest::listing::Listing;
use crate::manifest::stream::{Changes, Stream};
use crate::message::{HttpRequest, HttpResponse};
use crate::plan::{Task, TaskKind};
use onefold_model::Timestamp;
use serde_json::Value;
use std::collections::VecDeque;

#[derive(Debug)]
pub(crate) struct ListingReader {
    source: Configured,
    stream: String,
    mode: TaskKind,
    now: Timestamp,
    checkpoints: Checkpoints,
    /// The state of the stream as a whole. Without a parent it is that of the only walk.
    state: StreamState,
    parents: Option<ParentWalk>,
    waiting: VecDeque<Partition>,
    walk: Option<Walk>,
}

/// One list being read.
#[derive(Debug)]
struct Walk {
    partition: Option<Partition>,
    name: String,
    state: StreamState,
    pager: Pager,
    /// The list goes on from a stored place, and no answer has come yet.
    resumed: bool,
    from: Option<Timestamp>,
    /// The upper bound of a slice.
    to: Option<Timestamp>,
    /// How many records of this list were read.
    read: u64,
    cap: Option<Timestamp>,
    high: Option<Timestamp>,
    /// The last time that was seen, for the declared order.
    latest: Option<Timestamp>,
}

impl ListingReader {
    pub(crate) fn new(
        source: &Configured,
        task: &Task,
        checkpoints: &Checkpoints,
        now: Timestamp,
    ) -> Result<Self, StateError> {
        let missing = || StateError { name: task.name.clone() };
        let manifest = source.manifest();
        let stream = manifest.stream(&task.name).ok_or_else(missing)?;
        let mut state = load_stream(checkpoints, &stream.name)?;
        if task.kind == TaskKind::Snapshot {
            let epoch = stream.feed().map(|feed| load_feed(checkpoints, feed)).transpose()?.flatten();
            begin_snapshot(&mut state, epoch.map(|feed| feed.epoch), now);
        }
        let own = |name: &String| **name == *stream.name || name.starts_with(&partition_name(&stream.name, ""));
        let mut reader = Self {
            source: source.clone(),
            stream: stream.name.clone(),
            mode: task.kind,
            now,
            checkpoints: checkpoints
                .iter()
                .filter(|(name, _)| own(name))
                .map(|(k, v)| (k.clone(), v.clone()))
                .collect(),
            state,
            parents: None,
            waiting: VecDeque::new(),
            walk: None,
        };
        match stream.parent.as_ref().map(|parent| parent_listing(source, parent)) {
            Some(listing) => reader.parents = Some(ParentWalk::new(listing.ok_or_else(missing)?)),
            None => reader.walk = reader.begin(stream, None)?,
        }
        Ok(reader)
    }

    pub(crate) fn request(&self) -> Option<HttpRequest> {
        let stream = self.source.manifest().stream(&self.stream)?;
        if let Some(walk) = &self.parents {
            return walk.request(&self.source, stream.parent.as_ref()?);
        }
        let walk = self.walk.as_ref()?;
        let listing = self.listing(stream)?;
        self.source.ask(listing, &walk.pager, walk.kept(), &self.bounds(stream, walk))
    }

    pub(crate) fn accept(&mut self, response: &HttpResponse) -> Result<Page, ReadError> {
        let source = self.source.clone();
        let Some(stream) = source.manifest().stream(&self.stream) else { return Err(ReadError::Unasked) };
        if self.parents.is_some() {
            return self.accept_parents(stream, response);
        }
        let Some(mut walk) = self.walk.take() else { return Err(ReadError::Unasked) };
        let page = self.accept_page(stream, &mut walk, response);
        // After an error the walk stands where it stood: the same request may be sent again.
        self.walk = Some(walk);
        let (mut page, ended) = page?;
        if ended {
            self.walk = None;
            self.next_partition(stream, &mut page)?;
        }
        Ok(page)
    }

    fn accept_parents(&mut self, stream: &Stream, response: &HttpResponse) -> Result<Page, ReadError> {
        let (Some(walk), Some(parent)) = (&mut self.parents, &stream.parent) else { return Err(ReadError::Unasked) };
        let mut page = Page::default();
        if walk.accept(&self.source, parent, response, self.now)? {
            self.waiting = std::mem::take(&mut walk.found);
            self.parents = None;
            if self.mode == TaskKind::Snapshot {
                // The generation is stored before its first page, so that a restart goes on with the same one.
                if let Some(snapshot) = &mut self.state.snapshot {
                    snapshot.began = snapshot.began.or(Some(response.at));
                }
                page.checkpoints.push(self.checkpoint());
            }
            self.next_partition(stream, &mut page)?;
        }
        Ok(page)
    }

    /// Moves to the next parent that has something to read, or ends the task.
    fn next_partition(&mut self, stream: &Stream, page: &mut Page) -> Result<(), ReadError> {
        while let Some(partition) = self.waiting.pop_front() {
            let walk = self.begin(stream, Some(partition)).map_err(|error| ReadError::State { name: error.name })?;
            if walk.is_some() {
                self.walk = walk;
                return Ok(());
            }
        }
        page.last = true;
        if self.mode == TaskKind::Snapshot {
            if let Some(snapshot) = &mut self.state.snapshot {
                snapshot.done_at = Some(self.now);
                snapshot.resume = None;
                page.enumeration = enumeration(stream, snapshot, !snapshot.unsound);
            }
            if stream.parent.is_some() {
                page.checkpoints.push(self.checkpoint());
            }
        }
        Ok(())
    }

    fn checkpoint(&self) -> Checkpoint {
        Checkpoint { name: self.stream.clone(), state: save(&self.state) }
    }

    /// Starts a list or goes on with it; `None` where there is nothing to read.
    fn begin(&self, stream: &Stream, partition: Option<Partition>) -> Result<Option<Walk>, StateError> {
        let Some(listing) = self.listing(stream) else { return Ok(None) };
        let (name, mut state) = match &partition {
            None => (stream.name.clone(), self.state.clone()),
            Some(partition) => {
                let name = partition_name(&stream.name, &partition.id);
                let state = load_stream(&self.checkpoints, &name)?;
                (name, state)
            }
        };
        if let (TaskKind::Snapshot, Some(partition)) = (self.mode, &partition) {
            let Some(generation) = self.state.snapshot.as_ref().map(|snapshot| snapshot.generation.clone()) else {
                return Ok(None);
            };
            match &state.snapshot {
                Some(done) if done.done_at.is_some() && (partition.once || done.generation == generation) => {
                    return Ok(None);
                }
                Some(going) if going.generation == generation => {}
                _ => state.snapshot = Some(SnapshotState::begin(generation, None)),
            }
        }
        let read_before = state.changes.position.is_some() || state.changes.token.is_some();
        if self.mode == TaskKind::Changes && read_before && partition.as_ref().is_some_and(|parent| parent.once) {
            return Ok(None);
        }
        let stored = match self.mode {
            TaskKind::Snapshot => state.snapshot.as_ref().and_then(|snapshot| snapshot.resume.clone()),
            TaskKind::Changes | TaskKind::Feed | TaskKind::Position => {
                state.changes.reading.as_ref().map(|reading| reading.resume.clone())
            }
        };
        let resumed = stored.and_then(|stored| Pager::resume(&listing.pages, &stored));
        let mut walk = Walk {
            partition,
            name,
            resumed: resumed.is_some(),
            pager: resumed.unwrap_or_else(|| Pager::new(&listing.pages)),
            state,
            from: None,
            to: None,
            read: 0,
            cap: None,
            high: None,
            latest: None,
        };
        walk.open_window(time_cursor(stream), self.start(stream));
        Ok(Some(walk))
    }

    fn listing<'s>(&self, stream: &'s Stream) -> Option<&'s Listing> {
        match (self.mode, &stream.snapshot, &stream.changes) {
            (TaskKind::Snapshot, Some(snapshot), _) => Some(&snapshot.listing),
            (TaskKind::Changes, _, Some(Changes::Cursor { listing, .. })) => Some(listing),
            _ => None,
        }
    }

    /// Where the operator wants the first reading to begin.
    fn start(&self, stream: &Stream) -> Option<Timestamp> {
        let template = time_cursor(stream)?.start.as_ref()?;
        let text = template.render(self.source.places(&[], None))?;
        chrono::DateTime::parse_from_rfc3339(&text).ok().map(|at| at.to_utc())
    }

    /// From when to when is asked.
    fn bounds(&self, stream: &Stream, walk: &Walk) -> Bounds {
        let (TaskKind::Changes, Some(Changes::Cursor { cursor, .. })) = (self.mode, &stream.changes) else {
            return Bounds::default();
        };
        match cursor.as_ref() {
            Cursor::Time(time) => Bounds::of(time, walk.from, walk.to),
            Cursor::Token(token) => Bounds { query: self.token_window(token, walk), ..Bounds::default() },
        }
    }

    fn token_window(&self, cursor: &TokenCursor, walk: &Walk) -> Vec<(String, String)> {
        let latest = self.now - cursor.settle;
        if let Some(token) = &walk.state.changes.token {
            let held = cursor.format.and_then(|format| {
                let at = format.read(&Value::from(token.as_str()))?;
                Some(format.write(at.min(latest)))
            });
            return vec![(cursor.param.clone(), held.unwrap_or_else(|| token.clone()))];
        }
        let start = cursor.start.as_ref().and_then(|start| {
            let text = start.value.render(self.source.places(&[], None))?;
            let at = chrono::DateTime::parse_from_rfc3339(&text).ok()?.to_utc();
            Some((start.param.clone(), start.format.write(at.min(latest))))
        });
        start.into_iter().collect()
    }

    /// A page of the list itself: what it holds, and whether the list has ended.
    fn accept_page(
        &mut self,
        stream: &Stream,
        walk: &mut Walk,
        response: &HttpResponse,
    ) -> Result<(Page, bool), ReadError> {
        let (Some(listing), Some(vendor)) = (self.listing(stream), self.source.vendor()) else {
            return Err(ReadError::Unasked);
        };
        if let Err(error) = check(response, self.source.error_rules()) {
            return self.refused(walk, listing, error, stream);
        }
        let found = records(listing, response, self.source.error_rules())?;
        let records: &[Value] = &found;
        let kept = walk.kept().to_vec();
        let identities: Vec<u64> = records.iter().map(|raw| hash(&read_key(stream, raw, &kept))).collect();
        let times = times(stream, self.mode, records);
        check_order(stream, self.mode, walk.latest, &times)?;
        let turn = match found {
            Records::Nothing => Turn::End,
            Records::Some(_) => walk.pager.advance(response, records, &identities, vendor)?,
        };

        let mut page = Page::default();
        for raw in records {
            match read_item(stream, raw.clone(), &kept, response) {
                Ok(item) => page.items.push(item),
                Err(refused) => page.refused.push(refused),
            }
        }
        if turn == Turn::Back {
            page.notes.push(Note::Moved { name: walk.name.clone() });
        }
        // What is read again begins further back.
        walk.latest = if turn == Turn::Back { None } else { times.last().copied().or(walk.latest) };
        walk.resumed = false;
        walk.read += records.len() as u64;
        let capped = turn == Turn::More && listing.pages.cap.is_some_and(|cap| walk.read >= cap);
        let mut ended = turn == Turn::End;
        match self.mode {
            TaskKind::Snapshot if capped => return Err(ReadError::CAPPED),
            TaskKind::Snapshot => self.note_snapshot(stream, walk, &mut page, response, ended),
            TaskKind::Changes | TaskKind::Feed | TaskKind::Position => {
                walk.note_changes(stream, &times, response, ended);
                if capped {
                    walk.read_on(listing)?;
                } else if ended {
                    ended = !walk.next_slice(stream, listing);
                }
            }
        }
        if stream.parent.is_none() {
            self.state = walk.state.clone();
        }
        page.checkpoints.insert(0, Checkpoint { name: walk.name.clone(), state: save(&walk.state) });
        Ok((page, ended))
    }

    /// Brings the snapshot's state up to this page.
    fn note_snapshot(
        &mut self,
        stream: &Stream,
        walk: &mut Walk,
        page: &mut Page,
        response: &HttpResponse,
        ended: bool,
    ) {
        let unsound = !page.refused.is_empty();
        if unsound && stream.parent.is_some() {
            if let Some(snapshot) = &mut self.state.snapshot {
                snapshot.unsound = true;
            }
            page.checkpoints.push(self.checkpoint());
        }
        let Some(snapshot) = &mut walk.state.snapshot else { return };
        snapshot.unsound |= unsound;
        let began = *snapshot.began.get_or_insert(response.at);
        snapshot.resume = (!ended).then(|| walk.pager.stored());
        page.enumeration = enumeration(stream, snapshot, false);
        if ended {
            snapshot.done_at = Some(self.now);
            // Changes go on from where the snapshot began; a position further back would only repeat it.
            let cursor = match &stream.changes {
                Some(Changes::Cursor { cursor, .. }) => Some(cursor.as_ref()),
                Some(Changes::Feed { .. }) | None => None,
            };
            match cursor {
                Some(Cursor::Time(_)) => {
                    walk.state.changes.position = walk.state.changes.position.max(Some(began));
                    walk.state.changes.reading = None;
                }
                // A token that is a time can be made from one; an opaque one has to be given by the system.
                Some(Cursor::Token(TokenCursor { format: Some(format), .. })) => {
                    walk.state.changes.token = Some(format.write(began));
                }
                Some(Cursor::Token(_)) | None => {}
            }
        }
    }

    /// A refusal ends the task, with two exceptions that the walk can deal with itself.
    fn refused(
        &self,
        walk: &mut Walk,
        listing: &Listing,
        error: ReadError,
        stream: &Stream,
    ) -> Result<(Page, bool), ReadError> {
        let ReadError::Refused { status, refusal, .. } = &error else { return Err(error) };
        if walk.resumed && matches!(status, 400 | 404 | 410 | 422) {
            // A stored place grows old. The list starts over, in the same generation.
            walk.pager = Pager::new(&listing.pages);
            walk.resumed = false;
            if let Some(snapshot) = &mut walk.state.snapshot {
                snapshot.resume = None;
            }
            walk.state.changes.reading = None;
            walk.open_window(time_cursor(stream), self.start(stream));
            let notes = vec![Note::Restarted { name: walk.name.clone() }];
            return Ok((Page { notes, ..Page::default() }, false));
        }
        if *refusal == Refusal::Gone && walk.partition.is_some() {
            let notes = vec![Note::ParentGone { stream: stream.name.clone() }];
            return Ok((Page { notes, ..Page::default() }, true));
        }
        Err(error)
    }
}

/// A new enumeration, unless one is under way.
fn begin_snapshot(state: &mut StreamState, epoch: Option<Timestamp>, now: Timestamp) {
    let going = state.snapshot.as_ref().is_some_and(|going| going.done_at.is_none() && going.epoch == epoch);
    if !going {
        state.snapshot = Some(SnapshotState::begin(now.timestamp_micros().to_string(), epoch));
    }
}

/// Only where absence from the list means deletion.
fn enumeration(stream: &Stream, snapshot: &SnapshotState, complete: bool) -> Option<Enumeration> {
    stream.deletes.sweep?;
    Some(Enumeration { stream: stream.name.clone(), generation: snapshot.generation.clone(), complete })
}

impl SnapshotState {
    fn begin(generation: String, epoch: Option<Timestamp>) -> Self {
        Self { generation, epoch, began: None, done_at: None, resume: None, unsound: false }
    }
}

impl Walk {
    fn kept(&self) -> &[(String, String)] {
        self.partition.as_ref().map_or(&[], |partition| &partition.kept)
    }

    /// The lower bound of what is read: that of a reading under way, else the position less the look-back.
    fn open_window(&mut self, cursor: Option<&TimeCursor>, start: Option<Timestamp>) {
        let Some(cursor) = cursor else { return };
        match &self.state.changes.reading {
            Some(reading) if self.resumed => {
                self.from = reading.from;
                self.to = reading.to;
                self.read = reading.read;
                self.cap = Some(reading.cap);
                self.high = reading.high;
            }
            _ => {
                self.from = self.state.changes.position.map(|position| position - cursor.lookback).or(start);
                self.to = self.from.zip(cursor.step).map(|(from, step)| from + step);
                self.read = 0;
                (self.cap, self.high) = (None, None);
            }
        }
    }

    /// Brings the position up to this page. It moves before the end of the window only where the oldest come first.
    fn note_changes(&mut self, stream: &Stream, times: &[Timestamp], response: &HttpResponse, ended: bool) {
        let Some(Changes::Cursor { cursor, order, .. }) = &stream.changes else { return };
        match cursor.as_ref() {
            Cursor::Token(token) => {
                if let Some(found) = token.token.get_text(&response.body) {
                    self.state.changes.token = Some(found);
                }
            }
            Cursor::Time(time) => {
                let cap = *self.cap.get_or_insert(response.at - time.settle);
                self.high = self.high.max(times.iter().copied().max());
                if ended || *order == Order::OldestFirst {
                    let reached = self.high.map(|high| high.min(cap));
                    self.state.changes.position = self.state.changes.position.max(reached);
                }
                self.state.changes.reading = (!ended).then(|| self.reading(cap));
            }
        }
    }

    fn reading(&self, cap: Timestamp) -> Reading {
        let (from, to, high, read) = (self.from, self.to, self.high, self.read);
        Reading { resume: self.pager.stored(), from, cap, high, to, read }
    }

    /// The system gives no more of this list. What follows is asked for from the last time that was seen, which comes
    /// once more; nothing is left out between.
    fn read_on(&mut self, listing: &Listing) -> Result<(), ReadError> {
        let further = self.high.filter(|high| self.from.is_none_or(|from| *high > from));
        let (Some(further), Some(cap)) = (further, self.cap) else { return Err(ReadError::CAPPED) };
        self.from = Some(further);
        self.begin_list(listing, cap);
        Ok(())
    }

    /// The slice was read to its end. `false` where it was the last one.
    fn next_slice(&mut self, stream: &Stream, listing: &Listing) -> bool {
        let (Some(to), Some(cap)) = (self.to, self.cap) else { return false };
        let Some(step) = time_cursor(stream).and_then(|cursor| cursor.step).filter(|_| to < cap) else { return false };
        // Nothing was there up to its upper bound but what was read.
        self.state.changes.position = self.state.changes.position.max(Some(to));
        (self.from, self.to) = (Some(to), Some(to + step));
        self.begin_list(listing, cap);
        true
    }

    fn begin_list(&mut self, listing: &Listing, cap: Timestamp) {
        self.read = 0;
        self.pager = Pager::new(&listing.pages);
        self.latest = None;
        self.state.changes.reading = Some(self.reading(cap));
    }
}

fn time_cursor(stream: &Stream) -> Option<&TimeCursor> {
    match &stream.changes {
        Some(Changes::Cursor { cursor, .. }) => match cursor.as_ref() {
            Cursor::Time(time) => Some(time),
            Cursor::Token(_) => None,
        },
        Some(Changes::Feed { .. }) | None => None,
    }
}

/// The cursor values of a page, where it has some.
fn times(stream: &Stream, mode: TaskKind, records: &[Value]) -> Vec<Timestamp> {
    match (mode, time_cursor(stream)) {
        (TaskKind::Changes, Some(cursor)) => {
            records.iter().filter_map(|raw| cursor.format.read(cursor.field.get(raw)?)).collect()
        }
        _ => Vec::new(),
    }
}

fn check_order(
    stream: &Stream,
    mode: TaskKind,
    before: Option<Timestamp>,
    times: &[Timestamp],
) -> Result<(), ReadError> {
    let (TaskKind::Changes, Some(Changes::Cursor { order, .. })) = (mode, &stream.changes) else { return Ok(()) };
    check_times(*order, before, times)
}

/// The declared order, across the border of pages as well.
pub(crate) fn check_times(order: Order, before: Option<Timestamp>, times: &[Timestamp]) -> Result<(), ReadError> {
    let mut latest = before;
    for at in times {
        let wrong = match (order, latest) {
            (Order::NewestFirst, Some(latest)) => *at > latest,
            (Order::OldestFirst, Some(latest)) => *at < latest,
            (Order::NewestFirst | Order::OldestFirst | Order::Unordered, _) => false,
        };
        if wrong {
            return Err(ReadError::Order);
        }
        latest = Some(*at);
    }
    Ok(())
}
