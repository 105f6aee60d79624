//! Runs that somebody ends: told to those of this process at once, and to those of others with the next look at their lease.
//!
//! Promises: only waiting for a system is broken off. What is being written is written, and a token that is being renewed is
//! kept, because the one that it replaces is worth nothing any more.

use super::{Engine, SyncError};
use onefold_model::SyncRunId;
use std::future::Future;
use std::sync::PoisonError;
use tokio::sync::watch;

/// Tells a run that it is to end.
pub(super) type Stopper = watch::Sender<Stopped>;

/// Whether a run goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stopped {
    No,
    Yes,
}

/// Whether somebody has ended this run.
#[derive(Debug, Clone)]
pub(super) struct Stop(watch::Receiver<Stopped>);

impl Stop {
    pub(super) fn new() -> (Stopper, Self) {
        let (tell, told) = watch::channel(Stopped::No);
        (tell, Self(told))
    }

    /// An error once the run is to end.
    pub(super) fn check(&self) -> Result<(), SyncError> {
        match *self.0.borrow() {
            Stopped::No => Ok(()),
            Stopped::Yes => Err(SyncError::Cancelled),
        }
    }

    /// Waits for something, unless the run is to end first.
    pub(super) async fn or<T, E: Into<SyncError>>(
        &mut self,
        waiting: impl Future<Output = Result<T, E>>,
    ) -> Result<T, SyncError> {
        let stopped = async {
            // Whoever could end the run is gone: then it goes on.
            if self.0.wait_for(|stopped| *stopped == Stopped::Yes).await.is_err() {
                std::future::pending::<()>().await;
            }
        };
        tokio::select! {
            biased;
            () = stopped => Err(SyncError::Cancelled),
            done = waiting => done.map_err(Into::into),
        }
    }
}

impl Engine {
    /// Ends a run of this process where it waits. That it is to end has been written down before.
    pub fn run_stop(&self, run: SyncRunId) {
        if let Some(stopper) = self.stops.lock().unwrap_or_else(PoisonError::into_inner).get(&run) {
            stopper.send_replace(Stopped::Yes);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::future::{pending, ready};

    #[tokio::test]
    async fn what_waits_is_broken_off_and_what_is_there_is_taken() {
        let (stopper, mut stop) = Stop::new();
        assert!(stop.check().is_ok());
        assert_eq!(stop.or(ready(Ok::<_, SyncError>(7))).await.unwrap(), 7);
        stopper.send_replace(Stopped::Yes);
        assert!(matches!(stop.check(), Err(SyncError::Cancelled)));
        assert!(matches!(stop.or(pending::<Result<(), SyncError>>()).await, Err(SyncError::Cancelled)));
    }

    #[tokio::test]
    async fn a_run_that_nobody_can_end_goes_on() {
        let (stopper, mut stop) = Stop::new();
        drop(stopper);
        assert_eq!(stop.or(ready(Ok::<_, SyncError>(7))).await.unwrap(), 7);
    }
}
