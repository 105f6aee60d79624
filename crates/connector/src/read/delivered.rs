//! Events of a feed that the system sends by itself, read as if the feed had been asked.
//!
//! What an event says of its object is taken as it is. A feed that reads objects again does so when it is read next: its
//! answer is newer than the event and replaces it.

use super::Page;
use super::feed::takes;
use super::item::{Item, Refused, read_item, read_key};
use crate::configured::Configured;
use crate::message::HttpResponse;
use onefold_model::Timestamp;
use serde_json::Value;

/// The payloads of these events. Kinds that no stream takes give nothing; `None` where an event has no time or no kind.
pub(crate) fn delivered_events(source: &Configured, feed: &str, events: &[Value], now: Timestamp) -> Option<Page> {
    let manifest = source.manifest();
    let feed = manifest.feed(feed)?;
    let answer = HttpResponse { status: 200, headers: Vec::new(), body: Value::Null, at: now };
    let mut page = Page::default();
    for event in events {
        let at = feed.cursor.format.read(feed.cursor.field.get(event)?)?;
        let kind = feed.kind.get_text(event)?;
        for stream in source.streams().filter(|stream| takes(stream, feed, &kind)) {
            let object = feed.object.get(event).cloned().unwrap_or(Value::Null);
            let id = match read_key(stream, &object, &[]) {
                Ok(id) => id,
                Err(missing) => {
                    page.refused.push(Refused { stream: stream.name.clone(), raw: event.clone(), missing });
                    continue;
                }
            };
            if stream.deletes.feed && feed.deleted.as_ref().is_some_and(|suffix| kind.ends_with(suffix)) {
                let (stream, version) = (stream.name.clone(), Some(at));
                page.items.push(Item { stream, external_id: id, raw: object, version, deleted: true });
            } else if let Ok(mut item) = read_item(stream, object, &[], &answer) {
                if stream.version.is_none() {
                    item.version = Some(at);
                }
                page.items.push(item);
            }
        }
    }
    Some(page)
}
