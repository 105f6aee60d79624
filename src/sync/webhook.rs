//! What systems send by themselves: checked by the connector, and mapped as if it had been read.

use super::drift::{PushWatch, Shown};
use super::page::{Outcome, sort};
use super::{Engine, SourceSetup, SyncError};
use crate::store::{PageOutcome, StoreError, Tx};
use onefold_connector::{DeliveredContent, Delivery, DeliveryRefusal};
use onefold_model::{SourceKey, Timestamp};

/// Why a delivery is not taken.
#[derive(Debug, thiserror::Error)]
pub enum DeliveryError {
    /// It does not hold.
    #[error(transparent)]
    Refused(#[from] DeliveryRefusal),
    /// It holds and could not be mapped.
    #[error(transparent)]
    Sync(#[from] SyncError),
}

/// A delivery that holds, mapped and not stored yet.
pub struct MappedDelivery {
    /// Names it: the same again is the same delivery.
    pub id: String,
    /// What it says; nothing where it is a hint that something has changed.
    outcome: Option<Outcome>,
    /// What its payloads look like.
    watch: Option<PushWatch>,
}

impl MappedDelivery {
    /// It says only that something has changed.
    pub fn is_hint(&self) -> bool {
        self.outcome.is_none()
    }
}

impl Engine {
    /// The source with this key, where deliveries are taken for it.
    pub fn delivery_source(&self, key: &str) -> Option<&SourceSetup> {
        let key = SourceKey::new(key).ok()?;
        self.source(&key).filter(|setup| setup.configured.takes_deliveries())
    }

    /// Checks a delivery and maps what it says, outside of any transaction.
    pub async fn delivery_map(
        &self,
        setup: &SourceSetup,
        delivery: &Delivery<'_>,
        now: Timestamp,
    ) -> Result<MappedDelivery, DeliveryError> {
        let delivered = setup.configured.deliver(delivery, now)?;
        let (outcome, watch) = match delivered.content {
            DeliveredContent::Hint => (None, None),
            DeliveredContent::Page(mut page) => {
                let connector = setup.configured.connector();
                let made = self.jq(connector).made(&page.items).await;
                // The system sends it again.
                if let Some((_, error)) = made.stopped {
                    return Err(SyncError::from(error).into());
                }
                let shown = page.items.iter().filter_map(Shown::item);
                let watch = self.delivery_look(&setup.row, shown).await.map_err(SyncError::from)?;
                (Some(sort(connector, &mut page, made.made)), Some(watch))
            }
        };
        Ok(MappedDelivery { id: delivered.id, outcome, watch })
    }

    /// Stores what a delivery says. What does not fit goes into quarantine. Once that has lasted, [`Engine::delivery_done`].
    pub async fn delivery_store(
        &self,
        tx: &mut Tx,
        setup: &SourceSetup,
        delivery: &mut MappedDelivery,
    ) -> Result<PageOutcome, StoreError> {
        let Some(outcome) = delivery.outcome.take() else { return Ok(PageOutcome::default()) };
        let stored = self.store_streams(tx, setup, None, outcome.with_withdrawn()).await?;
        if let Some(watch) = &mut delivery.watch {
            watch.write(tx, self.clock.now()).await?;
        }
        Ok(stored)
    }

    /// Remembers what a delivery showed, once it is stored.
    pub fn delivery_done(&self, delivery: MappedDelivery) {
        if let Some(watch) = delivery.watch {
            self.push_remember(watch);
        }
    }
}
