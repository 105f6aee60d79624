//! Singer: what a tap says, message by message, as pages for the store.
//!
//! Promises: a tap's STATE is handed over only with or after everything that came before it; rows are taken for deleted
//! only after the tap has ended well, only where it said ACTIVATE_VERSION, and only those of older versions; a message
//! that is not understood is counted and kept out.
//! Does not do: start the tap, or store anything. The protocol: <https://hub.meltano.com/singer/spec>.

mod catalog;
mod state;

pub use catalog::select_streams;

use crate::configured::Configured;
use crate::manifest::singer::Catalog;
use crate::message::HttpResponse;
use crate::read::item::read_item;
use crate::read::state::{Checkpoints, StateError};
use crate::read::{Checkpoint, Enumeration, Item, Page, Refused};
use crate::secret::Secret;
use onefold_model::Timestamp;
use serde_json::{Value, json};
use state::TapState;
use std::collections::BTreeMap;

/// The name under which the state of a tap is kept. No stream has it.
pub const TAP: &str = "$singer";

/// How a tap is started.
#[derive(Debug)]
pub struct TapCommand {
    /// The program.
    pub program: String,
    /// What comes before the arguments of the protocol.
    pub arguments: Vec<String>,
    /// What it reads as its configuration: JSON, with secrets in it.
    pub config: Secret,
    /// Its configuration is this file of the operator's instead. Taps that renew a token write it back there.
    pub config_file: Option<String>,
    /// What must not be seen in what it prints.
    pub secrets: Vec<Secret>,
    /// It is asked for its streams first.
    pub discover: bool,
    /// The streams that are wanted.
    pub streams: Vec<String>,
    /// The state to go on from.
    pub state: Option<Value>,
}

/// Reads what a tap says. Made by [`Configured::tap`].
#[derive(Debug)]
pub struct TapReader {
    source: Configured,
    state: TapState,
    /// A state that is not handed over yet.
    has_new_state: bool,
    /// Payloads since the last page, by stream and version, in order of arrival.
    waiting: Vec<(String, Option<i64>, Waiting)>,
    count: usize,
    /// What was asked to be activated, by stream.
    activated: BTreeMap<String, i64>,
    newest: BTreeMap<String, i64>,
    /// Messages that were kept out, by what they are.
    left_out: BTreeMap<String, u64>,
}

#[derive(Debug, Default)]
struct Waiting {
    items: Vec<Item>,
    refused: Vec<Refused>,
}

impl Configured {
    /// How the tap of the source is started, and what reads it. `None` where the source is no tap.
    ///
    /// # Errors
    /// A checkpoint that this version does not understand.
    pub fn tap(&self, checkpoints: &Checkpoints) -> Result<Option<(TapCommand, TapReader)>, StateError> {
        let Some(tap) = self.tap_source() else { return Ok(None) };
        let state = TapState::load(checkpoints, TAP)?;
        let mut words = tap.command.split_whitespace().map(str::to_owned);
        let config: serde_json::Map<String, Value> =
            tap.config.iter().map(|(name, value)| (name.clone(), Value::from(value.expose()))).collect();
        let command = TapCommand {
            program: words.next().unwrap_or_default(),
            arguments: words.collect(),
            config: Secret::new(Value::Object(config).to_string()),
            config_file: tap.config_file.clone(),
            secrets: tap.secrets.clone(),
            discover: tap.catalog == Catalog::Discover,
            streams: self.streams().map(|stream| stream.name.clone()).collect(),
            state: state.tap.clone(),
        };
        let reader = TapReader {
            source: self.clone(),
            state,
            has_new_state: false,
            waiting: Vec::new(),
            count: 0,
            activated: BTreeMap::new(),
            newest: BTreeMap::new(),
            left_out: BTreeMap::new(),
        };
        Ok(Some((command, reader)))
    }
}

impl TapReader {
    /// Takes a line. `now` is its time where the message has none.
    pub fn accept(&mut self, line: &str, now: Timestamp) {
        if line.trim().is_empty() {
            return;
        }
        let Ok(Value::Object(mut message)) = serde_json::from_str(line) else {
            return self.leave_out("a line that is no message");
        };
        let stream = message.get("stream").and_then(Value::as_str).unwrap_or_default().to_owned();
        let version = message.get("version").and_then(Value::as_i64);
        let kind = message.get("type").and_then(Value::as_str).map(str::to_ascii_uppercase);
        match kind.as_deref() {
            Some("RECORD") => {
                let at = message.get("time_extracted").and_then(Value::as_str).and_then(|text| text.parse().ok());
                let record = message.remove("record").unwrap_or_default();
                self.record(&stream, version, record, at.unwrap_or(now));
            }
            Some("STATE") => {
                // The protocol replaces: a state says everything that the tap wants to know next time.
                self.state.tap = message.remove("value");
                self.has_new_state = true;
            }
            Some("ACTIVATE_VERSION") => match version {
                Some(version) => self.activate(stream, version),
                None => self.leave_out("ACTIVATE_VERSION without a version"),
            },
            Some("SCHEMA") => {
                if !self.is_wanted(&stream) {
                    self.leave_out(&format!("stream {stream:?}, which the connector has not"));
                }
            }
            Some(other) => self.leave_out(&format!("message {:?}", other.chars().take(40).collect::<String>())),
            None => self.leave_out("a message without a type"),
        }
    }

    /// How many payloads wait to be handed over.
    pub fn waiting(&self) -> usize {
        self.count
    }

    /// What was kept out, and how often.
    pub fn left_out(&self) -> &BTreeMap<String, u64> {
        &self.left_out
    }

    /// Hands over what waits, in an order in which each page may be stored by itself: the state comes with the last.
    pub fn take_pages(&mut self) -> Vec<Page> {
        self.count = 0;
        let mut pages: Vec<Page> = Vec::new();
        for (stream, version, waiting) in std::mem::take(&mut self.waiting) {
            let enumeration = version.map(|version| enumeration(&stream, version, Completeness::Part));
            pages.push(Page { items: waiting.items, refused: waiting.refused, enumeration, ..Page::default() });
        }
        if std::mem::take(&mut self.has_new_state) || self.state.is_changed() {
            let mut last = pages.pop().unwrap_or_default();
            last.checkpoints.push(Checkpoint { name: TAP.to_owned(), state: self.state.save() });
            pages.push(last);
        }
        pages
    }

    /// The tap has ended well. Hands over what waits, and then which enumerations are complete, each with the page by
    /// which that is remembered.
    pub fn finish(&mut self) -> Vec<Page> {
        let mut pages = self.take_pages();
        for (stream, version) in std::mem::take(&mut self.activated) {
            let newest = self.newest.get(&stream).copied().unwrap_or(version);
            if self.state.is_closed(&stream, version) || version < newest || self.state.is_unsound(&stream, version) {
                // Rows of this very version are no reason to delete any: those of a newer one are still to be activated.
                continue;
            }
            let enumeration = enumeration(&stream, version, Completeness::Whole);
            pages.push(Page { enumeration: Some(enumeration), ..Page::default() });
            self.state.close(stream, version);
            let checkpoint = Checkpoint { name: TAP.to_owned(), state: self.state.save() };
            pages.push(Page { checkpoints: vec![checkpoint], ..Page::default() });
        }
        pages
    }

    fn leave_out(&mut self, what: &str) {
        *self.left_out.entry(what.to_owned()).or_default() += 1;
    }

    fn is_wanted(&self, stream: &str) -> bool {
        self.source.streams().any(|wanted| wanted.name == stream)
    }

    fn activate(&mut self, stream: String, version: i64) {
        let Some(wanted) = self.source.streams().find(|wanted| wanted.name == stream) else { return };
        if wanted.deletes.sweep.is_none() {
            return self.leave_out(&format!("ACTIVATE_VERSION of {stream}, whose deletions are not read"));
        }
        self.activated.entry(stream).and_modify(|known| *known = version.max(*known)).or_insert(version);
    }

    fn record(&mut self, name: &str, version: Option<i64>, mut raw: Value, at: Timestamp) {
        // The column by which taps that read a log of changes tell of a deleted row.
        let is_deleted = raw.get("_sdc_deleted_at").is_some_and(|at| !at.is_null());
        let source = self.source.clone();
        let Some(stream) = source.streams().find(|wanted| wanted.name == name) else {
            return self.leave_out(&format!("record of {name:?}, which the connector has not"));
        };
        let version = version.filter(|_| stream.deletes.sweep.is_some());
        if let Some(version) = version {
            let newest = self.newest.entry(name.to_owned()).or_insert(version);
            *newest = version.max(*newest);
        }
        let open = version.filter(|version| !self.state.is_closed(name, *version));
        let read =
            read_item(stream, raw.take(), &[], &HttpResponse { status: 200, headers: vec![], body: json!(null), at });
        if let (Err(_), Some(version)) = (&read, version) {
            self.state.doubt(name, version);
        }
        let waiting = self.waiting_of(name, open);
        match read {
            Ok(item) => waiting.items.push(Item { deleted: item.deleted || is_deleted, ..item }),
            Err(refused) => waiting.refused.push(refused),
        }
        self.count += 1;
    }

    fn waiting_of(&mut self, stream: &str, version: Option<i64>) -> &mut Waiting {
        let found = self.waiting.iter().position(|(name, of, _)| name == stream && *of == version);
        let place = found.unwrap_or_else(|| {
            self.waiting.push((stream.to_owned(), version, Waiting::default()));
            self.waiting.len() - 1
        });
        &mut self.waiting[place].2
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Completeness {
    Part,
    Whole,
}

fn enumeration(stream: &str, version: i64, completeness: Completeness) -> Enumeration {
    let complete = completeness == Completeness::Whole;
    Enumeration { stream: stream.to_owned(), generation: format!("singer:{version}"), complete }
}

/// What a tap is configured with.
#[derive(Debug, Clone)]
pub(crate) struct TapSource {
    pub(crate) command: String,
    pub(crate) config: Vec<(String, Secret)>,
    pub(crate) config_file: Option<String>,
    pub(crate) secrets: Vec<Secret>,
    pub(crate) catalog: Catalog,
}
