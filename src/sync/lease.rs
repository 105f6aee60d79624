//! One run of a source at a time: in this process, and across those that share the store.
//!
//! A run takes the lease of its source when it begins, renews it while it goes on, and writes every page under it. A
//! process that died on this machine is recognised at once; of one that died elsewhere the lease has to end first.

mod holder;

pub(super) use holder::Holder;

use super::stop::{Stop, Stopped, Stopper};
use super::{Engine, SourceSetup, SyncError};
use crate::store::{LeaseRow, Renewed, RunRow, SourceRow, Store, StoreError, Tx};
use chrono::TimeDelta;
use onefold_model::{Clock, SourceId, SourceKey, SyncRunId};
use std::sync::{Arc, PoisonError};
use std::time::Duration;
use tokio::task::JoinHandle;

/// So long others wait for a process that died where they cannot see it.
const LEASE: TimeDelta = TimeDelta::seconds(90);
/// So often a lease is renewed: several may fail, as behind a long write, before it ends.
const BEAT: Duration = Duration::from_secs(20);

/// While it lives, no other run of the source begins in this process, and its lease is renewed.
pub(super) struct Busy<'a> {
    engine: &'a Engine,
    key: SourceKey,
    run: SyncRunId,
    beat: Option<JoinHandle<()>>,
    /// Whether somebody ends the run.
    pub(super) stop: Stop,
}

impl Drop for Busy<'_> {
    fn drop(&mut self) {
        if let Some(beat) = &self.beat {
            beat.abort();
        }
        self.engine.stops.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.run);
        self.engine.busy.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.key);
    }
}

impl Engine {
    /// Whether a run of the source goes on in this process.
    pub fn is_busy(&self, key: &SourceKey) -> bool {
        self.busy.lock().unwrap_or_else(PoisonError::into_inner).contains(key)
    }

    /// Takes the source in the store for a run that begins.
    ///
    /// # Errors
    /// A run of it goes on, here or in another process.
    pub(super) async fn lease_take(&self, tx: &mut Tx, setup: &SourceSetup, run: &RunRow) -> Result<(), SyncError> {
        let lease = LeaseRow {
            source: setup.row.id,
            holder: self.holder.id,
            holder_name: self.holder.name.clone(),
            holder_process: self.holder.process.clone(),
            run: run.id,
            taken_at: run.started_at,
            expires_at: run.started_at + LEASE,
            cancelled_by: None,
        };
        let is_busy = self.is_busy(&setup.row.key);
        let is_free = |held: &LeaseRow| {
            if held.holder == self.holder.id {
                !is_busy
            } else {
                self.holder.knows_gone(held.holder_process.as_deref())
            }
        };
        tx.lease_take(&lease, is_free)
            .await?
            .map_err(|held| SyncError::Busy { source_key: setup.row.key.to_string(), held: Box::new(held) })
    }

    /// Goes on with a run that began. `None` where one goes on in this process, or another one began since.
    pub(super) async fn hold(&self, setup: &SourceSetup, run: &RunRow) -> Result<Option<Busy<'_>>, SyncError> {
        let _turn = self.turn.lock().await;
        let key = setup.row.key.clone();
        if !self.busy.lock().unwrap_or_else(PoisonError::into_inner).insert(key.clone()) {
            return Ok(None);
        }
        let (stopper, stop) = Stop::new();
        self.stops.lock().unwrap_or_else(PoisonError::into_inner).insert(run.id, stopper.clone());
        let mut busy = Busy { engine: self, key, run: run.id, beat: None, stop };
        match renew(&self.store, self.clock.as_ref(), setup.row.id, run.id).await? {
            Renewed::Held => {}
            // It was ended before it began, and says so like any other.
            Renewed::Cancelled => _ = stopper.send_replace(Stopped::Yes),
            Renewed::Lost => return Ok(None),
        }
        let beat = Beat { store: self.store.clone(), clock: Arc::clone(&self.clock), run: run.id, stopper };
        busy.beat = Some(tokio::spawn(beat.go_on(setup.row.clone())));
        Ok(Some(busy))
    }

    /// Renews the lease as a part of what is written under it.
    pub(super) async fn lease_hold(&self, tx: &mut Tx, setup: &SourceSetup, run: SyncRunId) -> Result<(), SyncError> {
        held(setup, tx.lease_renew(setup.row.id, run, self.clock.now() + LEASE).await?)
    }

    /// Renews the lease before something is done outside the store that only one process may do.
    pub(super) async fn lease_prove(&self, setup: &SourceSetup, run: SyncRunId) -> Result<(), SyncError> {
        held(setup, renew(&self.store, self.clock.as_ref(), setup.row.id, run).await?)
    }

    /// Gives back what processes left behind that died on this machine, and marks the runs of all that died.
    pub(super) async fn lease_clean(&self, tx: &mut Tx) -> Result<(), StoreError> {
        for lease in self.store.lease_list().await? {
            if self.holder.knows_gone(lease.holder_process.as_deref()) {
                tx.lease_end(lease.source, lease.run).await?;
            }
        }
        tx.lease_sweep(self.clock.now()).await
    }
}

fn held(setup: &SourceSetup, renewed: Renewed) -> Result<(), SyncError> {
    match renewed {
        Renewed::Held => Ok(()),
        Renewed::Cancelled => Err(SyncError::Cancelled),
        Renewed::Lost => Err(SyncError::LeaseLost(setup.row.key.to_string())),
    }
}

async fn renew(store: &Store, clock: &dyn Clock, source: SourceId, run: SyncRunId) -> Result<Renewed, StoreError> {
    let mut tx = store.begin().await?;
    let renewed = tx.lease_renew(source, run, clock.now() + LEASE).await?;
    tx.commit().await?;
    Ok(renewed)
}

/// What renews a lease while its run goes on.
struct Beat {
    store: Store,
    clock: Arc<dyn Clock>,
    run: SyncRunId,
    stopper: Stopper,
}

impl Beat {
    /// Renews a lease until it is lost; whoever holds it ends this. A page that is written without it is refused. A run that
    /// somebody ends in another process hears of it here, where it waits for a system.
    async fn go_on(self, source: SourceRow) {
        let Self { store, clock, run, stopper } = self;
        loop {
            tokio::time::sleep(BEAT).await;
            match renew(&store, clock.as_ref(), source.id, run).await {
                Ok(Renewed::Held) => {}
                Ok(Renewed::Cancelled) => _ = stopper.send_replace(Stopped::Yes),
                Ok(Renewed::Lost) => {
                    tracing::warn!(source = %source.key, run = %run, "another process has taken over reading a source");
                    return;
                }
                Err(error) => {
                    tracing::warn!(source = %source.key, run = %run, error = %error, "the lease of a source could not be renewed yet");
                }
            }
        }
    }
}
