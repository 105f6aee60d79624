//! Fields that come, go or change: noticed while pages are written, from a few payloads of each.
//!
//! Promises: what is new is written down in the transaction of the page that showed it; nothing is read twice for it, and what
//! it costs does not grow with the page. Deliberately keeps no values: the raw payload holds them, under its own rights.

mod push;
mod reads;

pub use push::PushWatch;
pub(super) use push::Pushed;
pub use reads::ReadFields;

use super::shape;
use crate::store::{FieldSeen, IncomingRecord, Quarantined, ShapeSeen, SourceRow, Store, StoreError, StreamShape, Tx};
use onefold_connector::Item;
use onefold_model::{RecordId, SourceId, SourceKey, Timestamp};
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

/// A payload that is looked at.
#[derive(Debug, Clone, Copy)]
pub struct Shown<'v> {
    /// Its stream.
    pub stream: &'v str,
    /// Its key.
    pub external_id: &'v str,
    /// The payload.
    pub raw: &'v Value,
}

impl<'v> Shown<'v> {
    pub(super) fn item(item: &'v Item) -> Option<Self> {
        let Item { stream, external_id, raw, deleted, .. } = item;
        (!deleted).then_some(Self { stream, external_id, raw })
    }

    pub(super) fn record(record: &'v IncomingRecord) -> Option<Self> {
        let IncomingRecord { stream, external_id, raw, deleted, .. } = record;
        (!deleted).then_some(Self { stream, external_id, raw })
    }

    pub(super) fn unfit(unfit: &'v Quarantined) -> Option<Self> {
        Some(Self { stream: &unfit.stream, external_id: unfit.external_id.as_deref()?, raw: &unfit.raw })
    }
}

/// Watches the streams of a source: those of a run, of a file, or of what is pushed.
pub struct Watch {
    store: Store,
    source: SourceId,
    source_key: SourceKey,
    streams: BTreeMap<String, Watched>,
}

/// What is known of a stream, and what has been seen since it was written down.
#[derive(Default)]
struct Watched {
    is_settled: bool,
    /// How many payloads had been looked at when it was last written down.
    observed: i64,
    /// How many since.
    looked_at: i64,
    forms: HashMap<String, Forms>,
    seen: BTreeMap<String, Seen>,
    /// The fields that are read, where no connector says so, and whether that is written down.
    reads: Option<(String, Noted)>,
}

#[derive(Default)]
struct Seen {
    times: i64,
    /// After how many it was in one last.
    last: i64,
    before: Option<Forms>,
    samples: Vec<RecordId>,
}

/// Whether something is written down.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Noted {
    Not,
    Is,
}

/// Whether a page showed something that nobody has seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum News {
    Nothing,
    Something,
}

impl Watch {
    pub(super) fn new(store: &Store, source: &SourceRow) -> Self {
        Self { store: store.clone(), source: source.id, source_key: source.key.clone(), streams: BTreeMap::new() }
    }

    /// Looks at some payloads of a page. Gives the streams that showed something new, which belong to what is written of it.
    pub(super) async fn look<'v>(
        &mut self,
        shown: impl IntoIterator<Item = Shown<'v>>,
    ) -> Result<Vec<String>, StoreError> {
        let mut by_stream: BTreeMap<&str, Vec<Shown<'v>>> = BTreeMap::new();
        for shown in shown {
            by_stream.entry(shown.stream).or_default().push(shown);
        }
        let mut news = Vec::new();
        for (stream, shown) in by_stream {
            if !self.streams.contains_key(stream) {
                let shape = self.store.shape_get(self.source, stream).await?;
                self.streams.insert(stream.to_owned(), shape.map(Watched::from).unwrap_or_default());
            }
            let Some(watched) = self.streams.get_mut(stream) else { continue };
            let every = shown.len().div_ceil(LOOKED_AT);
            let mut is_new = News::Nothing;
            for shown in shown.into_iter().step_by(every) {
                let record = RecordId::derive(&self.source_key, stream, shown.external_id);
                if watched.look(shown.raw, record) == News::Something {
                    is_new = News::Something;
                }
            }
            if is_new == News::Something {
                news.push(stream.to_owned());
            }
        }
        Ok(news)
    }

    /// Says which fields of a stream are read, where no connector does.
    pub(super) fn reads(&mut self, stream: &str, places: &[Vec<String>]) {
        let Some(watched) = self.streams.get_mut(stream) else { return };
        let text = serde_json::to_string(places).unwrap_or_default();
        if watched.reads.as_ref().is_none_or(|(before, _)| *before != text) {
            watched.reads = Some((text, Noted::Not));
        }
    }

    /// Writes down what was seen of a stream.
    pub(super) async fn write(&mut self, tx: &mut Tx, stream: &str, at: Timestamp) -> Result<(), StoreError> {
        let Some(watched) = self.streams.get_mut(stream).filter(|watched| watched.looked_at > 0) else {
            return Ok(());
        };
        let reads = watched.reads.as_ref().filter(|(_, noted)| *noted == Noted::Not);
        let looked_at = std::mem::take(&mut watched.looked_at);
        let shape =
            ShapeSeen { source: self.source, stream, looked_at, reads: reads.map(|(places, _)| places.as_str()), at };
        let before = tx.shape_count(shape).await?;
        if before.observed != watched.observed {
            // Somebody else has looked meanwhile, and what they have seen stays.
            for (path, forms) in tx.shape_forms(self.source, stream).await? {
                let held = watched.forms.entry(path).or_default();
                *held = held.with(Forms::read(&forms));
            }
        }
        (watched.is_settled, watched.observed) = (before.is_settled, before.observed + looked_at);
        let forms = &watched.forms;
        let fields = std::mem::take(&mut watched.seen).into_iter().map(|(path, seen)| FieldSeen {
            forms: forms.get(&path).copied().unwrap_or_default().to_string(),
            forms_before: seen.before.map(|forms| forms.to_string()),
            times: seen.times,
            last_seen: seen.last,
            samples: seen.samples,
            path,
        });
        let fields: Vec<FieldSeen> = fields.collect();
        tx.shape_write(shape, before, &fields).await?;
        if let Some((_, noted)) = &mut watched.reads {
            *noted = Noted::Is;
        }
        Ok(())
    }
}

impl From<StreamShape> for Watched {
    fn from(shape: StreamShape) -> Self {
        let forms = shape.forms.into_iter().map(|(path, forms)| (path, Forms::read(&forms))).collect();
        Self { is_settled: shape.is_settled, observed: shape.observed, forms, ..Self::default() }
    }
}

impl Watched {
    fn look(&mut self, payload: &Value, record: RecordId) -> News {
        self.looked_at += 1;
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
            seen.last = self.looked_at;
            if known.is_none() || after != before {
                news = News::Something;
                // A field that was always null so far has not changed: it says something at last.
                if before != Forms::default() && self.is_settled {
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

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;
    use uuid::Uuid;

    fn look(watched: &mut Watched, payload: &Value) -> News {
        watched.look(payload, RecordId(Uuid::from_u128(1)))
    }

    #[test]
    fn the_start_says_how_a_stream_is_and_what_comes_after_it_what_changes() {
        let mut watched = Watched::default();
        assert_eq!(look(&mut watched, &json!({"id": 1, "note": null})), News::Something);
        assert_eq!(look(&mut watched, &json!({"id": "1"})), News::Something, "both are how it is");
        assert_eq!(look(&mut watched, &json!({"id": 2})), News::Nothing);
        assert_eq!((watched.seen["id"].before, watched.seen["id"].times), (None, 3));
        watched.seen.clear();
        watched.is_settled = true;
        assert_eq!(look(&mut watched, &json!({"id": 3})), News::Nothing);
        assert_eq!(look(&mut watched, &json!({"id": 4, "note": "at last"})), News::Something);
        assert_eq!(look(&mut watched, &json!({"id": [5], "extra": true})), News::Something);
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
