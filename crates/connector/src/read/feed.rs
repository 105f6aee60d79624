//! Reading a change feed: once for all streams that take their changes from it.
//!
//! Events say that something changed. Where the manifest says so, the object is read again by its id: an event's own copy
//! may be of an older version of the interface. The checkpoint moves only when the objects of a page are there, and the
//! position only when the oldest page is.

use super::item::{Item, Refused, matches_any, read_item, read_key};
use super::listing::check_times;
use super::pager::{Pager, Turn, hash};
use super::records::records;
use super::state::{Checkpoints, FeedState, Reading, StateError, StreamState, feed_name, load_feed, save};
use super::vendor::{ReadError, Refusal, check};
use super::{Checkpoint, Note, Page};
use crate::configured::{Bounds, Configured};
use crate::manifest::cursor::Order;
use crate::manifest::feed::Feed;
use crate::manifest::stream::{Changes, Detail, Stream};
use crate::message::{HttpRequest, HttpResponse};
use crate::plan::Task;
use onefold_model::Timestamp;
use serde_json::{Value, json};
use std::collections::{BTreeSet, HashSet, VecDeque};

/// Objects remembered as already read in this run. Beyond this they may be read twice, which costs and does no harm.
const REMEMBERED: usize = 200_000;

#[derive(Debug)]
pub(crate) struct FeedReader {
    source: Configured,
    feed: String,
    streams: Vec<String>,
    state: FeedState,
    pager: Pager,
    resumed: bool,
    from: Timestamp,
    cap: Option<Timestamp>,
    high: Option<Timestamp>,
    latest: Option<Timestamp>,
    /// Objects of the current page that are still to be read.
    details: VecDeque<Wanted>,
    /// What the current page gives, until its objects are there.
    page: Page,
    ended: bool,
    /// Objects whose newest state has been handed over.
    seen: HashSet<u64>,
    denied: BTreeSet<String>,
}

#[derive(Debug)]
struct Wanted {
    stream: String,
    id: String,
}

impl FeedReader {
    pub(crate) fn new(
        source: &Configured,
        task: &Task,
        checkpoints: &Checkpoints,
        now: Timestamp,
    ) -> Result<Self, StateError> {
        let missing = || StateError { name: feed_name(&task.name) };
        let feed = source.manifest().feed(&task.name).ok_or_else(missing)?;
        // The position is taken before the snapshots; where that failed, there is nothing to go on from.
        let state = load_feed(checkpoints, &feed.name)?.unwrap_or_else(|| FeedState::begin(now));
        let stored = state.reading.as_ref().and_then(|reading| Pager::resume(&feed.listing.pages, &reading.resume));
        let mut reader = Self {
            source: source.clone(),
            feed: feed.name.clone(),
            streams: task.streams.clone(),
            resumed: stored.is_some(),
            pager: stored.unwrap_or_else(|| Pager::new(&feed.listing.pages)),
            from: state.position - feed.cursor.lookback,
            cap: None,
            high: None,
            latest: None,
            state,
            details: VecDeque::new(),
            page: Page::default(),
            ended: false,
            seen: HashSet::new(),
            denied: BTreeSet::new(),
        };
        if let (true, Some(reading)) = (reader.resumed, &reader.state.reading) {
            reader.from = reading.from.unwrap_or(reader.from);
            reader.cap = Some(reading.cap);
            reader.high = reading.high;
        }
        Ok(reader)
    }

    pub(crate) fn request(&self) -> Option<HttpRequest> {
        let vendor = self.source.vendor()?;
        if let Some(wanted) = self.details.front() {
            let detail = self.detail(&wanted.stream)?;
            let path = detail.get.render_path(self.source.places(&[], Some(&wanted.id)))?;
            return Some(vendor.request(&path, Vec::new()));
        }
        if self.ended {
            return None;
        }
        let feed = self.source.manifest().feed(&self.feed)?;
        let bounds = Bounds::of(&feed.cursor, Some(self.from), None);
        self.source.ask(&feed.listing, &self.pager, &[], &bounds)
    }

    pub(crate) fn accept(&mut self, response: &HttpResponse) -> Result<Page, ReadError> {
        let source = self.source.clone();
        let Some(feed) = source.manifest().feed(&self.feed) else { return Err(ReadError::Unasked) };
        if self.details.is_empty() {
            if self.ended {
                return Err(ReadError::Unasked);
            }
            self.accept_events(feed, response)?;
        } else {
            self.accept_detail(response)?;
        }
        if !self.details.is_empty() {
            return Ok(Page::default());
        }
        let mut page = std::mem::take(&mut self.page);
        page.last = self.ended;
        Ok(page)
    }

    fn detail(&self, stream: &str) -> Option<&Detail> {
        match &self.source.manifest().stream(stream)?.changes {
            Some(Changes::Feed { detail, .. }) => detail.as_ref(),
            Some(Changes::Cursor { .. }) | None => None,
        }
    }

    fn accept_events(&mut self, feed: &Feed, response: &HttpResponse) -> Result<(), ReadError> {
        if let Err(error) = check(response, self.source.error_rules()) {
            return self.restart(feed, error);
        }
        let events = &*records(&feed.listing, response, self.source.error_rules())?;
        let cursor = &feed.cursor;
        let times: Vec<Timestamp> =
            events.iter().filter_map(|event| cursor.format.read(cursor.field.get(event)?)).collect();
        if times.len() != events.len() {
            return Err(ReadError::Missing { what: "time of an event", pointer: cursor.field.as_str().to_owned() });
        }
        check_times(feed.order, self.latest, &times)?;
        let identities: Vec<u64> = events.iter().map(|event| hash(&event.to_string())).collect();
        let source = self.source.clone();
        let Some(vendor) = source.vendor() else { return Err(ReadError::Unasked) };
        let turn = self.pager.advance(response, events, &identities, vendor)?;

        self.resumed = false;
        self.latest = if turn == Turn::Back { None } else { times.last().copied().or(self.latest) };
        let cap = *self.cap.get_or_insert(response.at - cursor.settle);
        self.high = self.high.max(times.iter().copied().max());
        // A server that does not heed the lower bound would send its whole history.
        let passed = feed.order == Order::NewestFirst && times.last().is_some_and(|at| *at < self.from);
        self.ended = turn == Turn::End || passed;
        let mut page = Page::default();
        if turn == Turn::Back {
            page.notes.push(Note::Moved { name: feed.name.clone() });
        }
        for (event, at) in Self::newest_first(feed, events, &times) {
            self.accept_event(feed, event, at, response, &mut page);
        }
        self.note_position(cap);
        page.checkpoints.push(Checkpoint { name: feed_name(&feed.name), state: save(&self.state) });
        self.page = page;
        Ok(())
    }

    /// The events of a page so that the newest state of an object comes first, whatever the order of the feed.
    fn newest_first<'e>(feed: &Feed, events: &'e [Value], times: &[Timestamp]) -> Vec<(&'e Value, Timestamp)> {
        let mut ordered: Vec<(&Value, Timestamp)> = events.iter().zip(times.iter().copied()).collect();
        if feed.order != Order::NewestFirst {
            ordered.reverse();
            ordered.sort_by_key(|(_, at)| std::cmp::Reverse(*at));
            // Later pages are newer there, so nothing may be skipped because an earlier page had it.
        }
        ordered
    }

    fn accept_event(&mut self, feed: &Feed, event: &Value, at: Timestamp, response: &HttpResponse, page: &mut Page) {
        let Some(kind) = feed.kind.get_text(event) else { return };
        let source = self.source.clone();
        for stream in source.manifest().streams.iter().filter(|stream| takes(stream, feed, &kind)) {
            if !self.streams.contains(&stream.name) || self.denied.contains(&stream.name) {
                continue;
            }
            let object = feed.object.get(event).cloned().unwrap_or(Value::Null);
            let id = match read_key(stream, &object, &[]) {
                Ok(id) => id,
                Err(missing) => {
                    page.refused.push(Refused { stream: stream.name.clone(), raw: event.clone(), missing });
                    continue;
                }
            };
            if !self.first_of_object(feed, stream, &id) {
                continue;
            }
            let gone = stream.deletes.feed && feed.deleted.as_ref().is_some_and(|suffix| kind.ends_with(suffix));
            if gone {
                // Deleted as of now: the version must not be older than that of a snapshot that still saw it.
                let version = Some(response.at.max(at));
                let stream = stream.name.clone();
                page.items.push(Item { stream, external_id: id, raw: object, version, deleted: true });
            } else if feed.refetch {
                self.details.push_back(Wanted { stream: stream.name.clone(), id });
            } else if let Ok(mut item) = read_item(stream, object, &[], response) {
                if stream.version.is_none() {
                    item.version = Some(at);
                }
                page.items.push(item);
            }
        }
    }

    /// Newest first, the first event of an object is the last word on it. In other orders this holds within a page only.
    fn first_of_object(&mut self, feed: &Feed, stream: &Stream, id: &str) -> bool {
        if self.seen.len() >= REMEMBERED {
            self.seen.clear();
        }
        let key = match feed.order {
            Order::NewestFirst => hash(&(&stream.name, id)),
            Order::OldestFirst | Order::Unordered => hash(&(&stream.name, id, self.pager.stored().to_string())),
        };
        self.seen.insert(key)
    }

    /// The position moves when the window has been read to its end; until then the place in it is kept.
    fn note_position(&mut self, cap: Timestamp) {
        if self.ended {
            // Even an empty feed was read up to here: a quiet month must not look like a lost one.
            self.state.position = self.state.position.max(cap);
            self.state.reading = None;
        } else {
            self.state.reading = Some(Reading {
                resume: self.pager.stored(),
                from: Some(self.from),
                cap,
                high: self.high,
                to: None,
                read: 0,
            });
        }
    }

    fn accept_detail(&mut self, response: &HttpResponse) -> Result<(), ReadError> {
        let source = self.source.clone();
        let Some(wanted) = self.details.front() else { return Err(ReadError::Unasked) };
        let (name, id) = (wanted.stream.clone(), wanted.id.clone());
        let (Some(stream), Some(detail)) = (source.manifest().stream(&name), self.detail(&name)) else {
            return Err(ReadError::Unasked);
        };
        let tombstone = |raw: Value| Item {
            stream: name.clone(),
            external_id: id.clone(),
            raw,
            version: Some(response.at),
            deleted: true,
        };
        match check(response, source.error_rules()) {
            Ok(()) => {
                let Some(raw) = detail.record.get(&response.body) else {
                    let pointer = detail.record.as_str().to_owned();
                    return Err(ReadError::Missing { what: "record", pointer });
                };
                if matches_any(&stream.deletes.tombstones, raw) {
                    self.page.items.push(tombstone(raw.clone()));
                } else {
                    match read_item(stream, raw.clone(), &[], response) {
                        Ok(item) => self.page.items.push(item),
                        Err(refused) => self.page.refused.push(refused),
                    }
                }
                self.details.pop_front();
            }
            Err(ReadError::Refused { refusal: Refusal::Gone, .. }) => {
                self.page.items.push(tombstone(json!({"gone": true})));
                self.details.pop_front();
            }
            Err(ReadError::Refused { refusal: Refusal::Denied, .. }) => self.deny(&name),
            Err(error) => return Err(error),
        }
        Ok(())
    }

    /// One stream may not be read: the feed goes on for the others, and this one takes a snapshot when it may again.
    fn deny(&mut self, stream: &str) {
        self.details.retain(|wanted| wanted.stream != stream);
        self.denied.insert(stream.to_owned());
        self.page.notes.push(Note::Denied { stream: stream.to_owned() });
        self.page.checkpoints.push(Checkpoint { name: stream.to_owned(), state: save(&StreamState::default()) });
    }

    fn restart(&mut self, feed: &Feed, error: ReadError) -> Result<(), ReadError> {
        match error {
            ReadError::Refused { status: 400 | 404 | 410 | 422, .. } if self.resumed => {
                self.resumed = false;
                self.pager = Pager::new(&feed.listing.pages);
                self.from = self.state.position - feed.cursor.lookback;
                (self.cap, self.high, self.latest) = (None, None, None);
                self.page = Page { notes: vec![Note::Restarted { name: feed.name.clone() }], ..Page::default() };
                Ok(())
            }
            error => Err(error),
        }
    }
}

pub(super) fn takes(stream: &Stream, feed: &Feed, kind: &str) -> bool {
    match &stream.changes {
        Some(Changes::Feed { feed: name, kinds, exclude, .. }) => {
            *name == feed.name
                && kinds.iter().any(|glob| glob.matches(kind))
                && !exclude.iter().any(|glob| glob.matches(kind))
        }
        Some(Changes::Cursor { .. }) | None => false,
    }
}
