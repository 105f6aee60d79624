//! Where a feed stands now, taken before the snapshots: what changes while they are read is in the feed from here on.

use super::pager::Pager;
use super::state::{FeedState, StateError, feed_name, save};
use super::vendor::{ReadError, check};
use super::{Checkpoint, Page};
use crate::configured::{Bounds, Configured};
use crate::message::{HttpRequest, HttpResponse};

#[derive(Debug)]
pub(crate) struct PositionReader {
    source: Configured,
    feed: String,
    request: HttpRequest,
    done: bool,
}

impl PositionReader {
    pub(crate) fn new(source: &Configured, name: &str) -> Result<Self, StateError> {
        let missing = || StateError { name: feed_name(name) };
        let feed = source.manifest().feed(name).ok_or_else(missing)?;
        let pager = Pager::new(&feed.listing.pages);
        let request = source.ask(&feed.listing, &pager, &[], &Bounds::default()).ok_or_else(missing)?;
        Ok(Self { source: source.clone(), feed: name.to_owned(), request, done: false })
    }

    pub(crate) fn request(&self) -> Option<HttpRequest> {
        (!self.done).then(|| self.request.clone())
    }

    pub(crate) fn accept(&mut self, response: &HttpResponse) -> Result<Page, ReadError> {
        check(response, self.source.error_rules())?;
        self.done = true;
        let settle = self.source.manifest().feed(&self.feed).map(|feed| feed.cursor.settle).unwrap_or_default();
        let state = save(&FeedState::begin(response.at - settle));
        let checkpoints = vec![Checkpoint { name: feed_name(&self.feed), state }];
        Ok(Page { checkpoints, last: true, ..Page::default() })
    }
}
