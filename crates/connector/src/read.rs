//! Reading a source, as state machines: what to ask next, and what an answer means.
//!
//! Promises: a checkpoint covers exactly what has been handed over with it and before it, so whoever stores both in one
//! transaction loses nothing and may repeat anything; lower bounds are inclusive; what repeats or does not move on is an
//! error; no address outside the declared hosts is ever asked for.
//! Does not do: talk to anybody, wait, retry, or store.

mod delivered;
pub(crate) mod feed;
pub(crate) mod item;
pub(crate) mod listing;
pub(crate) mod pager;
pub(crate) mod partition;
pub(crate) mod position;
pub(crate) mod records;
pub(crate) mod state;
pub(crate) mod token;
pub(crate) mod vendor;

pub(crate) use delivered::delivered_events;
pub use item::{Item, Refused};
pub use state::{Checkpoints, StateError};
pub use token::{Token, TokenRequest};
pub use vendor::{ReadError, Refusal};

use crate::configured::Configured;
use crate::message::{HttpRequest, HttpResponse};
use crate::plan::{Task, TaskKind};
use onefold_model::Timestamp;
use serde_json::Value;

/// What to do next.
#[derive(Debug, Clone, PartialEq)]
pub enum Step {
    /// Send this and hand the answer to [`Reader::accept`].
    Request(HttpRequest),
    /// The task is complete.
    Done,
}

/// What an answer gave.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Page {
    /// The payloads, each with its key.
    pub items: Vec<Item>,
    /// Payloads without a readable key: to be kept with their cause, not lost.
    pub refused: Vec<Refused>,
    /// To be stored in the same transaction as the items. Empty while an answer only prepares the next request.
    pub checkpoints: Vec<Checkpoint>,
    /// The enumeration that the page belongs to, where deletions are found by absence.
    pub enumeration: Option<Enumeration>,
    /// What happened that a person may want to know.
    pub notes: Vec<Note>,
    /// Nothing follows in this task.
    pub last: bool,
}

/// How far something has been read.
#[derive(Debug, Clone, PartialEq)]
pub struct Checkpoint {
    /// Which: a stream, a feed, or one parent's part of a stream.
    pub name: String,
    /// To be handed back as it is.
    pub state: Value,
}

/// A complete list of what there is, read over as many pages and runs as it takes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Enumeration {
    /// The stream.
    pub stream: String,
    /// Names the enumeration; the same after a restart.
    pub generation: String,
    /// This page completes it: it began at the first page, and every record had a readable key. What it has not shown
    /// is gone.
    pub complete: bool,
}

/// What happened that a person may want to know.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Note {
    /// The place to go on from was no longer valid; reading starts over.
    Restarted {
        /// The stream or feed.
        name: String,
    },
    /// The list moved while it was read, and a part is read again.
    Moved {
        /// The stream.
        name: String,
    },
    /// One stream of a feed may not be read; the others go on, and this one takes a snapshot once it may.
    Denied {
        /// The stream.
        stream: String,
    },
    /// A parent vanished between its list and its own.
    ParentGone {
        /// The stream.
        stream: String,
    },
}

/// Reads one task. Made by [`Configured::reader`].
#[derive(Debug)]
pub struct Reader {
    inner: Inner,
}

#[derive(Debug)]
enum Inner {
    Position(position::PositionReader),
    Listing(Box<listing::ListingReader>),
    Feed(Box<feed::FeedReader>),
}

impl Reader {
    pub(crate) fn new(
        source: &Configured,
        task: &Task,
        checkpoints: &Checkpoints,
        now: Timestamp,
    ) -> Result<Self, StateError> {
        let inner = match task.kind {
            TaskKind::Position => Inner::Position(position::PositionReader::new(source, &task.name)?),
            TaskKind::Feed => Inner::Feed(Box::new(feed::FeedReader::new(source, task, checkpoints, now)?)),
            TaskKind::Snapshot | TaskKind::Changes => {
                Inner::Listing(Box::new(listing::ListingReader::new(source, task, checkpoints, now)?))
            }
        };
        Ok(Self { inner })
    }

    /// What to do next. Asked again without an answer in between, it gives the same step: a request may be repeated.
    pub fn next_step(&self) -> Step {
        let request = match &self.inner {
            Inner::Position(reader) => reader.request(),
            Inner::Listing(reader) => reader.request(),
            Inner::Feed(reader) => reader.request(),
        };
        request.map_or(Step::Done, Step::Request)
    }

    /// Takes the answer to the last request, whatever its status.
    pub fn accept(&mut self, response: &HttpResponse) -> Result<Page, ReadError> {
        match &mut self.inner {
            Inner::Position(reader) => reader.accept(response),
            Inner::Listing(reader) => reader.accept(response),
            Inner::Feed(reader) => reader.accept(response),
        }
    }
}
