//! Where a feed stands now, taken before the snapshots: what changes while they are read is in the feed from here on.

use super::state::{FeedState, StateError, feed_name, save};
use super::vendor::{ReadError, check};
use super::{Checkpoint, Page};
use crate::configured::Configured;
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
        let (Some(feed), Some(vendor)) = (source.manifest().feed(name), source.vendor()) else {
            return Err(StateError { name: feed_name(name) });
        };
        let path = feed.listing.get.render_path(source.places(&[], None)).unwrap_or_default();
        let mut query = source.query(&feed.listing, &[]);
        query.extend(feed.listing.pages.size.iter().map(|size| (size.param.clone(), size.value.to_string())));
        let request = vendor.request(&path, query);
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
