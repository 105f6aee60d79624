//! Deliveries of the systems: taken once, with what they say.
//!
//! Promises: a delivery that is acknowledged is stored, or its hint is followed; what it says, that it came, and the entry in
//! the audit commit together, so the same delivery again changes nothing; nobody is told which sources there are.

use super::{App, AppError};
use crate::store::{AuditEntry, DeliveryNoted};
use crate::sync::{AcceptedLosses, Delivery, DeliveryError, DeliveryRefusal, SourceSetup};
use onefold_model::{SourceKey, Timestamp};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// What became of a delivery.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WebhookTaken {
    /// What it says is stored.
    Stored,
    /// It says that something has changed: the source is read.
    Hinted,
    /// It came before, and nothing was done.
    Before,
}

/// Why a delivery is not taken.
#[derive(Debug, thiserror::Error)]
pub enum WebhookError {
    /// It does not hold.
    #[error(transparent)]
    Refused(#[from] DeliveryRefusal),
    /// It holds, and the hub could not take it: the system should send it again.
    #[error(transparent)]
    Failed(AppError),
}

impl From<AppError> for WebhookError {
    fn from(error: AppError) -> Self {
        Self::Failed(error)
    }
}

/// The sources that were hinted at and are being read, and whether another hint has come since.
pub(super) type Hints = Mutex<HashMap<SourceKey, Again>>;

/// Whether a source is read once more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Again {
    Yes,
    No,
}

/// How long a hint waits for a run of the same source that somebody else has begun.
const BUSY: Duration = Duration::from_secs(5);

impl App {
    /// Takes a delivery for a source.
    pub async fn webhook_take(
        self: &Arc<Self>,
        source: &str,
        delivery: &Delivery<'_>,
        now: Timestamp,
    ) -> Result<WebhookTaken, WebhookError> {
        let taken = self.take(source, delivery, now).await;
        if let Err(WebhookError::Refused(refusal)) = &taken {
            self.token_refused(refusal.code());
        }
        taken
    }

    /// Whether deliveries for this source come to an address with this key.
    pub fn webhook_key(&self, source: &str, key: &str) -> bool {
        self.engine.delivery_source(source).is_some_and(|setup| setup.configured.is_delivery_key(key))
    }

    async fn take(
        self: &Arc<Self>,
        source: &str,
        delivery: &Delivery<'_>,
        now: Timestamp,
    ) -> Result<WebhookTaken, WebhookError> {
        let setup = self.engine.delivery_source(source).ok_or(DeliveryRefusal::NotTaken)?;
        let mapped = match self.engine.delivery_map(setup, delivery, now).await {
            Ok(mapped) => mapped,
            Err(DeliveryError::Refused(refusal)) => return Err(refusal.into()),
            Err(DeliveryError::Sync(error)) => return Err(AppError::Conflict(error.to_string()).into()),
        };
        let at = self.clock.now();
        let mut tx = self.store.begin().await.map_err(AppError::from)?;
        let noted = tx.delivery_note(setup.row.id, &mapped.id, at).await.map_err(AppError::from)?;
        if noted == DeliveryNoted::Before {
            return Ok(WebhookTaken::Before);
        }
        let is_hint = mapped.is_hint();
        let outcome = self.engine.delivery_store(&mut tx, setup, mapped).await.map_err(AppError::from)?;
        let records = outcome.created + outcome.updated + outcome.unchanged + outcome.deleted;
        let detail = format!("{records} records, {} quarantined", outcome.quarantined);
        let entry = AuditEntry {
            at,
            actor: format!("source:{}", setup.row.key),
            action: "webhook.take",
            target: setup.row.key.to_string(),
            detail: Some(if is_hint { "a hint".to_owned() } else { detail }),
        };
        tx.audit_append(&entry).await.map_err(AppError::from)?;
        tx.commit().await.map_err(AppError::from)?;
        if is_hint {
            self.follow_hint(setup.clone());
            return Ok(WebhookTaken::Hinted);
        }
        self.fold_soon();
        Ok(WebhookTaken::Stored)
    }

    /// Reads a source in the background. Hints that come meanwhile are followed by one more run, however many they are.
    fn follow_hint(self: &Arc<Self>, setup: SourceSetup) {
        let key = setup.row.key.clone();
        {
            let mut hints = self.hints.lock().unwrap_or_else(PoisonError::into_inner);
            if let Some(again) = hints.get_mut(&key) {
                *again = Again::Yes;
                return;
            }
            hints.insert(key.clone(), Again::No);
        }
        let app = Arc::clone(self);
        tokio::spawn(async move {
            loop {
                app.run_hinted(&setup).await;
                let mut hints = app.hints.lock().unwrap_or_else(PoisonError::into_inner);
                match hints.get_mut(&key) {
                    Some(again) if *again == Again::Yes => *again = Again::No,
                    Some(_) | None => {
                        hints.remove(&key);
                        return;
                    }
                }
            }
        });
    }

    async fn run_hinted(self: &Arc<Self>, setup: &SourceSetup) {
        let losses = AcceptedLosses::new();
        let run = loop {
            match self.system("webhook").run_begin(setup, "push", &losses).await {
                Ok(run) => break run,
                // A run that goes on may be past what the hint is about: another one follows it.
                Err(AppError::Conflict(_)) => tokio::time::sleep(BUSY).await,
                Err(error) => {
                    tracing::error!(source = %setup.row.key, error = %error, "a hint could not be followed");
                    return;
                }
            }
        };
        if let Err(error) = self.sync_run(setup, &run, &losses, |_| {}).await {
            tracing::warn!(source = %setup.row.key, run = %run.id, error = %error, "a hint was followed and not to its end");
        }
    }
}
