//! Fields that come, go or change: noticed while pages are written, from a few payloads of each.
//!
//! Promises: what is new is written down in the transaction of the page that showed it; nothing is read twice for it, and what
//! it costs does not grow with the page. Deliberately keeps no values: the raw payload holds them, under its own rights.

use super::shape;
use crate::store::{FieldSeen, Store, StoreError, StreamShape, Tx};
use onefold_connector::{Connector, Item, KnownFields};
use onefold_model::{RecordId, SourceId, SourceKey, SyncRunId, Timestamp};
use serde_json::Value;
use std::collections::{BTreeMap, HashMap};
use std::fmt;

/// Payloads of a page that are looked at, of each stream.
const LOOKED_AT: usize = 16;
/// Fields of a stream that are watched. A stream with more has data where names should be.
const WATCHED: usize = 600;
/// Records that are named to show what is new of a field.
const SAMPLES: usize = 3;

/// What a field has held. Nothing where it was always null.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Forms(u8);

const WORDS: [&str; 5] = ["text", "number", "flag", "object", "list"];

impl Forms {
    pub(super) fn of(value: &Value) -> Self {
        Self(match value {
            Value::Null => 0,
            Value::String(_) => 1,
            Value::Number(_) => 2,
            Value::Bool(_) => 4,
            Value::Object(_) => 8,
            Value::Array(_) => 16,
        })
    }

    fn read(text: &str) -> Self {
        let known = |word: &str| WORDS.iter().position(|known| *known == word).map_or(0, |place| 1 << place);
        Self(text.split('|').fold(0, |forms, word| forms | known(word)))
    }

    fn with(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}

impl fmt::Display for Forms {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let held = WORDS.iter().enumerate().filter(|(place, _)| self.0 & (1 << place) != 0);
        f.write_str(&held.map(|(_, word)| *word).collect::<Vec<_>>().join("|"))
    }
}

/// Watches the streams of one run.
pub(super) struct Watch<'a> {
    store: &'a Store,
    source: SourceId,
    source_key: &'a SourceKey,
    run: SyncRunId,
    streams: BTreeMap<String, Watched>,
}

/// What is known of a stream, and what has been seen since it was written down.
#[derive(Default)]
struct Watched {
    first_run: Option<SyncRunId>,
    observed: i64,
    forms: HashMap<String, Forms>,
    seen: BTreeMap<String, Seen>,
}

#[derive(Default)]
struct Seen {
    times: i64,
    last_observed: i64,
    before: Option<Forms>,
    samples: Vec<RecordId>,
}

/// Whether a page showed something that nobody has seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum News {
    Nothing,
    Something,
}

impl<'a> Watch<'a> {
    pub(super) fn new(store: &'a Store, source: SourceId, source_key: &'a SourceKey, run: SyncRunId) -> Self {
        Self { store, source, source_key, run, streams: BTreeMap::new() }
    }

    /// Looks at some payloads of a page. Gives the streams that showed something new, which belong to what is written of it.
    pub(super) async fn look(&mut self, items: &[Item]) -> Result<Vec<String>, StoreError> {
        let mut by_stream: BTreeMap<&str, Vec<&Item>> = BTreeMap::new();
        for item in items.iter().filter(|item| !item.deleted) {
            by_stream.entry(&item.stream).or_default().push(item);
        }
        let mut news = Vec::new();
        for (stream, items) in by_stream {
            if !self.streams.contains_key(stream) {
                let shape = self.store.shape_get(self.source, stream).await?;
                self.streams.insert(stream.to_owned(), shape.map(Watched::from).unwrap_or_default());
            }
            let Some(watched) = self.streams.get_mut(stream) else { continue };
            let every = items.len().div_ceil(LOOKED_AT);
            let mut is_new = News::Nothing;
            for item in items.into_iter().step_by(every) {
                let record = RecordId::derive(self.source_key, stream, &item.external_id);
                if watched.look(&item.raw, record, self.run) == News::Something {
                    is_new = News::Something;
                }
            }
            if is_new == News::Something {
                news.push(stream.to_owned());
            }
        }
        Ok(news)
    }

    /// Writes down what was seen of a stream.
    pub(super) async fn write(&mut self, tx: &mut Tx, stream: &str, at: Timestamp) -> Result<(), StoreError> {
        let Some(watched) = self.streams.get_mut(stream).filter(|watched| !watched.seen.is_empty()) else {
            return Ok(());
        };
        let forms = &watched.forms;
        let fields = std::mem::take(&mut watched.seen).into_iter().map(|(path, seen)| FieldSeen {
            forms: forms.get(&path).copied().unwrap_or_default().to_string(),
            forms_before: seen.before.map(|forms| forms.to_string()),
            times: seen.times,
            last_observed: seen.last_observed,
            samples: seen.samples,
            path,
        });
        let fields: Vec<FieldSeen> = fields.collect();
        tx.shape_write(self.source, stream, self.run, watched.observed, &fields, at).await
    }
}

impl From<StreamShape> for Watched {
    fn from(shape: StreamShape) -> Self {
        let forms = shape.forms.into_iter().map(|(path, forms)| (path, Forms::read(&forms))).collect();
        Self { first_run: Some(shape.first_run), observed: shape.observed, forms, seen: BTreeMap::new() }
    }
}

impl Watched {
    fn look(&mut self, payload: &Value, record: RecordId, run: SyncRunId) -> News {
        self.observed += 1;
        let is_first = *self.first_run.get_or_insert(run) == run;
        let mut news = News::Nothing;
        let mut here: BTreeMap<String, Forms> = BTreeMap::new();
        shape::walk(payload, &mut |place, forms, _| {
            let held = here.get(place).copied().unwrap_or_default();
            here.insert(place.to_owned(), held.with(forms));
        });
        for (path, held) in here {
            let known = self.forms.get(&path).copied();
            if known.is_none() && self.forms.len() >= WATCHED {
                continue;
            }
            let before = known.unwrap_or_default();
            let after = before.with(held);
            let seen = self.seen.entry(path.clone()).or_default();
            seen.times += 1;
            seen.last_observed = self.observed;
            if known.is_none() || after != before {
                news = News::Something;
                // A field that was always null so far has not changed: it says something at last.
                if before != Forms::default() && !is_first {
                    seen.before.get_or_insert(before);
                }
            }
            let shows = known.is_none() || after != before || !seen.samples.is_empty();
            if shows && held != Forms::default() && seen.samples.len() < SAMPLES {
                seen.samples.push(record);
            }
            self.forms.insert(path, after);
        }
        news
    }
}

/// What a place in a payload holds, for whoever may read the payload.
pub fn payload_values<'v>(payload: &'v Value, path: &str) -> Vec<&'v Value> {
    shape::values_at(payload, path)
}

/// Whether a connector reads the field of a stream that stands at a place.
pub struct ReadFields<'c> {
    connector: &'c Connector,
    streams: HashMap<String, KnownFields>,
}

impl<'c> ReadFields<'c> {
    /// Of this connector.
    pub fn new(connector: &'c Connector) -> Self {
        Self { connector, streams: HashMap::new() }
    }

    /// Whether it is read.
    pub fn has(&mut self, stream: &str, path: &str) -> bool {
        let known = self.streams.entry(stream.to_owned()).or_insert_with(|| self.connector.known_fields(stream));
        known.has(&shape::names(path))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;
    use uuid::Uuid;

    fn run(n: u128) -> SyncRunId {
        SyncRunId(Uuid::from_u128(n))
    }

    fn look(watched: &mut Watched, by: u128, payload: &Value) -> News {
        watched.look(payload, RecordId(Uuid::from_u128(1)), run(by))
    }

    #[test]
    fn the_first_run_says_how_a_stream_is_and_later_ones_what_changes() {
        let mut watched = Watched::default();
        assert_eq!(look(&mut watched, 1, &json!({"id": 1, "note": null})), News::Something);
        assert_eq!(look(&mut watched, 1, &json!({"id": "1"})), News::Something, "both are how it is");
        assert_eq!(look(&mut watched, 1, &json!({"id": 2})), News::Nothing);
        assert_eq!((watched.seen["id"].before, watched.seen["id"].times), (None, 3));
        watched.seen.clear();
        assert_eq!(look(&mut watched, 2, &json!({"id": 3})), News::Nothing);
        assert_eq!(look(&mut watched, 2, &json!({"id": 4, "note": "at last"})), News::Something);
        assert_eq!(look(&mut watched, 2, &json!({"id": [5], "extra": true})), News::Something);
        assert_eq!(watched.seen["note"].before, None, "it held nothing before");
        assert_eq!(watched.seen["id"].before.map(|forms| forms.to_string()).as_deref(), Some("text|number"));
        assert_eq!(watched.forms["id"].to_string(), "text|number|list");
        assert_eq!((watched.seen["extra"].samples.len(), watched.seen["extra"].times), (1, 1));
    }

    #[test]
    fn forms_read_back() {
        for text in ["", "text", "text|number", "flag|object|list"] {
            assert_eq!(Forms::read(text).to_string(), text);
        }
    }
}
