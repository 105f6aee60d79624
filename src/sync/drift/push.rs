//! The watch over what is pushed: small deliveries, one after the other, that no run holds together.
//!
//! Promises: a delivery costs no statement for being watched unless it shows something new, or many were looked at since the last
//! were written down; what is new is written with the delivery that showed it. What was only counted is lost with the process.

use super::super::Engine;
use super::{Shown, Watch, Watched};
use crate::store::{SourceRow, StoreError, Tx};
use onefold_model::{RecordKind, SourceId, Timestamp};
use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

/// Streams that are remembered between deliveries. Who pushes names streams as they like.
const REMEMBERED: usize = 256;
/// So many payloads are counted before the counts are written down.
const UNWRITTEN: i64 = 32;
/// After so many that were looked at, it is known how a stream is that is only pushed.
const SETTLED_AFTER: i64 = 100;

/// What is known of the streams that are pushed, between deliveries.
#[derive(Default)]
pub(crate) struct Pushed(Mutex<HashMap<(SourceId, String), Watched>>);

/// What a delivery showed, to be written with it, and remembered once that has lasted.
pub struct PushWatch {
    watch: Watch,
    news: Vec<String>,
    starts: Starts,
}

/// When it is known how a stream is that is pushed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Starts {
    /// After so many payloads.
    Counted,
    /// Once a run has read it.
    Read,
}

impl Engine {
    /// Looks at what a system delivers of itself; its runs say how its streams are.
    pub(in super::super) async fn delivery_look<'v>(
        &self,
        source: &SourceRow,
        shown: impl IntoIterator<Item = Shown<'v>>,
    ) -> Result<PushWatch, StoreError> {
        self.push_watch(source, shown, Starts::Read).await
    }

    /// Looks at records that are pushed in their standardised form. Their fields are those of their kind, and read.
    pub async fn push_look<'v>(
        &self,
        source: &SourceRow,
        shown: impl IntoIterator<Item = (RecordKind, Shown<'v>)>,
    ) -> Result<PushWatch, StoreError> {
        let mut kinds: HashMap<&str, Vec<RecordKind>> = HashMap::new();
        let shown: Vec<Shown<'v>> = shown
            .into_iter()
            .map(|(kind, shown)| {
                let kinds = kinds.entry(shown.stream).or_default();
                if !kinds.contains(&kind) {
                    kinds.push(kind);
                }
                shown
            })
            .collect();
        let mut pushed = self.push_watch(source, shown, Starts::Counted).await?;
        for (stream, mut kinds) in kinds {
            kinds.sort_unstable();
            let fields = kinds.iter().flat_map(|kind| kind.fields());
            let places: Vec<Vec<String>> = fields.map(|field| vec![field.name.clone()]).collect();
            pushed.watch.reads(stream, &places);
        }
        Ok(pushed)
    }

    async fn push_watch<'v>(
        &self,
        source: &SourceRow,
        shown: impl IntoIterator<Item = Shown<'v>>,
        starts: Starts,
    ) -> Result<PushWatch, StoreError> {
        let mut watch = Watch::new(&self.store, source);
        let shown: Vec<Shown<'v>> = shown.into_iter().collect();
        {
            // Two deliveries at once: the second looks into the store, and what both have seen is put together there.
            let mut remembered = self.pushed.0.lock().unwrap_or_else(PoisonError::into_inner);
            for shown in &shown {
                let name = (source.id, shown.stream.to_owned());
                if let Some(watched) = remembered.remove(&name) {
                    watch.streams.insert(name.1, watched);
                }
            }
        }
        let news = watch.look(shown).await?;
        Ok(PushWatch { watch, news, starts })
    }

    /// Remembers what is known by now, once the transaction of a delivery has lasted.
    pub fn push_remember(&self, pushed: PushWatch) {
        let PushWatch { watch, .. } = pushed;
        let mut remembered = self.pushed.0.lock().unwrap_or_else(PoisonError::into_inner);
        for (stream, watched) in watch.streams {
            if remembered.len() >= REMEMBERED {
                let any = remembered.keys().next().cloned();
                any.and_then(|any| remembered.remove(&any));
            }
            remembered.insert((watch.source, stream), watched);
        }
    }
}

impl PushWatch {
    /// Writes down what is new, and what was counted for long enough.
    pub async fn write(&mut self, tx: &mut Tx, at: Timestamp) -> Result<(), StoreError> {
        let is_due = |(stream, watched): (&String, &Watched)| {
            (watched.looked_at >= UNWRITTEN || self.news.contains(stream)).then(|| stream.clone())
        };
        let due: Vec<String> = self.watch.streams.iter().filter_map(is_due).collect();
        for stream in due {
            self.watch.write(tx, &stream, at).await?;
            let Some(watched) = self.watch.streams.get_mut(&stream) else { continue };
            if self.starts == Starts::Counted && !watched.is_settled && watched.observed >= SETTLED_AFTER {
                tx.shape_settle(self.watch.source, &[&stream]).await?;
                watched.is_settled = true;
            }
        }
        Ok(())
    }
}
