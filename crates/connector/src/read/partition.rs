//! The parents of a stream, each of which is asked for its own records.

use super::item::{matches_all, matches_any, read_key};
use super::pager::{Pager, Turn, hash};
use super::records::{Records, records};
use super::vendor::{ReadError, check};
use crate::configured::{Bounds, Configured};
use crate::manifest::listing::Listing;
use crate::manifest::stream::{Again, Parent, ParentSource};
use crate::message::{HttpRequest, HttpResponse};
use onefold_model::Timestamp;
use serde_json::Value;
use std::collections::{BTreeSet, VecDeque};

/// One parent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Partition {
    /// Its key.
    pub(crate) id: String,
    /// What is kept of it.
    pub(crate) kept: Vec<(String, String)>,
    /// It is old enough to be asked only once.
    pub(crate) once: bool,
}

/// Lists the parents anew for each task: that takes a few requests, and needs no memory of what was stored.
#[derive(Debug)]
pub(crate) struct ParentWalk {
    pager: Pager,
    seen: BTreeSet<String>,
    pub(crate) found: VecDeque<Partition>,
}

/// The list of the parents of a stream.
pub(crate) fn parent_listing<'s>(source: &'s Configured, parent: &'s Parent) -> Option<&'s Listing> {
    match &parent.source {
        ParentSource::Stream(name) => {
            source.manifest().stream(name)?.snapshot.as_ref().map(|snapshot| &snapshot.listing)
        }
        ParentSource::List { listing, .. } => Some(listing),
    }
}

impl ParentWalk {
    pub(crate) fn new(listing: &Listing) -> Self {
        Self { pager: Pager::new(&listing.pages), seen: BTreeSet::new(), found: VecDeque::new() }
    }

    pub(crate) fn request(&self, source: &Configured, parent: &Parent) -> Option<HttpRequest> {
        source.ask(parent_listing(source, parent)?, &self.pager, &[], &Bounds::default())
    }

    /// Takes a page of parents; `true` when it was the last one.
    pub(crate) fn accept(
        &mut self,
        source: &Configured,
        parent: &Parent,
        response: &HttpResponse,
        now: Timestamp,
    ) -> Result<bool, ReadError> {
        check(response, source.error_rules())?;
        let (Some(vendor), Some(listing)) = (source.vendor(), parent_listing(source, parent)) else {
            return Err(ReadError::Unasked);
        };
        let records = records(listing, response, source.error_rules())?;
        let keys: Vec<Option<String>> = records.iter().map(|raw| parent_key(source, parent, raw)).collect();
        let identities: Vec<u64> = keys.iter().map(hash).collect();
        let turn = match records {
            Records::Nothing => Turn::End,
            Records::Some(_) => self.pager.advance(response, &records, &identities, vendor)?,
        };
        for (raw, key) in records.iter().zip(keys) {
            // A parent without a key is refused by its own stream; here it has no children to ask for.
            let Some(id) = key else { continue };
            if matches_all(&parent.only, raw) && !is_gone(source, parent, raw) && self.seen.insert(id.clone()) {
                let once = parent.again.as_ref().is_some_and(|again| is_old(again, raw, now));
                let kept =
                    parent.keep.iter().filter_map(|(name, at)| Some((name.clone(), at.get_text(raw)?))).collect();
                self.found.push_back(Partition { id, kept, once });
            }
        }
        Ok(turn == Turn::End)
    }
}

fn parent_key(source: &Configured, parent: &Parent, raw: &Value) -> Option<String> {
    match &parent.source {
        ParentSource::Stream(name) => read_key(source.manifest().stream(name)?, raw, &[]).ok(),
        ParentSource::List { key, .. } => key.get_text(raw),
    }
}

fn is_gone(source: &Configured, parent: &Parent, raw: &Value) -> bool {
    match &parent.source {
        ParentSource::Stream(name) => {
            source.manifest().stream(name).is_some_and(|stream| matches_any(&stream.deletes.tombstones, raw))
        }
        ParentSource::List { .. } => false,
    }
}

fn is_old(again: &Again, raw: &Value, now: Timestamp) -> bool {
    let at = again.field.get(raw).and_then(|value| again.format.read(value));
    at.is_some_and(|at| at + again.within < now)
}
