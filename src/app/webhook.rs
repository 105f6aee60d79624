//! Deliveries of the systems: taken once, with what they say.
//!
//! Promises: a delivery that is acknowledged is stored, also where it is only a hint: that is followed although the process
//! dies, see [`hint`]; what it says, that it came, and the entry in the audit commit together, so the same delivery again
//! changes nothing; nobody is told which sources there are.

mod hint;

pub(super) use hint::Hints;

use super::{App, AppError};
use crate::store::{AuditEntry, DeliveryNoted};
use crate::sync::{Delivery, DeliveryError, DeliveryRefusal};
use onefold_model::Timestamp;
use std::sync::Arc;

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
        let mut mapped = match self.engine.delivery_map(setup, delivery, now).await {
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
        if is_hint {
            tx.hint_write(setup.row.id, at).await.map_err(AppError::from)?;
        }
        let outcome = self.engine.delivery_store(&mut tx, setup, &mut mapped).await.map_err(AppError::from)?;
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
        self.engine.delivery_done(mapped);
        if is_hint {
            self.follow_hint(setup.clone());
            return Ok(WebhookTaken::Hinted);
        }
        self.fold_soon();
        Ok(WebhookTaken::Stored)
    }
}
