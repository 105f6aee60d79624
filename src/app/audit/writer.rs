//! Writes what was read: one writer, many requests a transaction.
//!
//! The guarantee: an answer leaves the hub only after the entry about what it shows is committed. So a process that dies
//! loses no entry of an answer that anybody got. The queue is bounded: where the writer cannot keep up, requests wait for it,
//! and one that has waited for [`PATIENCE`] fails instead of being answered unseen. Where the store refuses to write, the
//! writer tries again until it does. Refused tokens are counted by their code and written once a second, because whoever is
//! not let in must not be able to fill the store: a process that dies may lose that second's count.

use super::reads::Told;
use crate::app::AppError;
use crate::store::{AuditEntry, Store, StoreError};
use onefold_model::Clock;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::{mpsc, oneshot};
use tokio::time::MissedTickBehavior;

/// Requests that may wait for the writer before others wait for their place.
const QUEUE: usize = 1_024;
/// Requests whose entries are written in one transaction.
const BATCH: usize = 256;
/// How long a request waits for its entry.
const PATIENCE: Duration = Duration::from_secs(30);
/// How often refused tokens are written down.
const TICK: Duration = Duration::from_secs(1);
/// How long the writer waits before it tries again, at first and at most.
const RETRY: (Duration, Duration) = (Duration::from_millis(50), Duration::from_secs(5));

/// How often each kind of token was refused.
type Refused = Arc<Mutex<BTreeMap<&'static str, u64>>>;

/// Hands entries to the writer.
#[derive(Debug)]
pub(in crate::app) struct Writer {
    queue: mpsc::Sender<Asked>,
    refused: Refused,
}

struct Asked {
    told: Vec<Told>,
    done: oneshot::Sender<()>,
}

impl Writer {
    /// Starts it. It ends, after the last entry, when this is dropped.
    pub(in crate::app) fn start(store: Store, clock: Arc<dyn Clock>) -> Self {
        let (queue, asked) = mpsc::channel(QUEUE);
        let refused = Refused::default();
        tokio::spawn(run(store, clock, asked, Arc::clone(&refused)));
        Self { queue, refused }
    }

    /// Comes back when the entries are committed.
    pub(super) async fn write(&self, told: Vec<Told>) -> Result<(), AppError> {
        let (done, written) = oneshot::channel();
        let asked = async {
            self.queue.send(Asked { told, done }).await.map_err(|_| ())?;
            written.await.map_err(|_| ())
        };
        match tokio::time::timeout(PATIENCE, asked).await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(())) | Err(_) => Err(AppError::Unaudited),
        }
    }

    /// Counts a token that was refused.
    pub(super) fn count_refused(&self, code: &'static str) {
        *self.refused.lock().unwrap_or_else(PoisonError::into_inner).entry(code).or_default() += 1;
    }
}

async fn run(store: Store, clock: Arc<dyn Clock>, mut queue: mpsc::Receiver<Asked>, refused: Refused) {
    let mut ticks = tokio::time::interval(TICK);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut is_open = true;
    while is_open {
        let mut batch = Vec::new();
        tokio::select! {
            asked = queue.recv() => match asked {
                Some(asked) => batch.push(asked),
                None => is_open = false,
            },
            _ = ticks.tick() => {}
        }
        while batch.len() < BATCH
            && let Ok(asked) = queue.try_recv()
        {
            batch.push(asked);
        }
        let mut told = counted(&refused, clock.as_ref());
        let mut waiting = Vec::new();
        for asked in batch {
            told.extend(asked.told);
            waiting.push(asked.done);
        }
        if !told.is_empty() {
            write(&store, &told).await;
        }
        for done in waiting {
            // Whoever asked may have gone.
            let _ = done.send(());
        }
    }
}

/// Writes them, however long it takes.
async fn write(store: &Store, told: &[Told]) {
    let (mut wait, longest) = RETRY;
    while let Err(error) = commit(store, told).await {
        tracing::error!(error = %error, entries = told.len(), "the audit cannot be written: reads wait for it");
        tokio::time::sleep(wait).await;
        wait = (wait * 2).min(longest);
    }
}

async fn commit(store: &Store, told: &[Told]) -> Result<(), StoreError> {
    let mut tx = store.begin().await?;
    for (entry, customers) in told {
        tx.audit_append_about(entry, customers).await?;
    }
    tx.commit().await
}

/// The tokens that were refused since this was asked last, one entry a code.
fn counted(refused: &Refused, clock: &dyn Clock) -> Vec<Told> {
    let counts = std::mem::take(&mut *refused.lock().unwrap_or_else(PoisonError::into_inner));
    if counts.is_empty() {
        return Vec::new();
    }
    let at = clock.now();
    let entry = |(code, times): (&'static str, u64)| AuditEntry {
        at,
        actor: "unknown".to_owned(),
        action: "token.refused",
        target: code.to_owned(),
        detail: Some(format!("{times} times")),
    };
    counts.into_iter().map(|count| (entry(count), Vec::new())).collect()
}
