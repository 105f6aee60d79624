//! What systems have sent by themselves: each delivery counts once.

use super::{StoreError, Tx};
use crate::args;
use chrono::TimeDelta;
use onefold_model::{SourceId, Timestamp};

/// How long a delivery is remembered. What is signed with a time is refused long before; vendors give up after days.
const REMEMBERED: TimeDelta = TimeDelta::days(30);

/// Whether a delivery came before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DeliveryNoted {
    /// It is new, and is remembered with this transaction.
    Now,
    /// It came before.
    Before,
}

impl Tx {
    /// Remembers a delivery of a source by its name. In the transaction of what it says, or that would count twice or never.
    pub async fn delivery_note(
        &mut self,
        source: SourceId,
        delivery: &str,
        at: Timestamp,
    ) -> Result<DeliveryNoted, StoreError> {
        self.source_lock(source).await?;
        self.execute(
            "delete from webhook_delivery where source_id = $1 and received_at < $2",
            args![source.0, at - REMEMBERED],
        )
        .await?;
        let noted = self
            .execute(
                "insert into webhook_delivery (source_id, delivery, received_at) values ($1, $2, $3)
                 on conflict (source_id, delivery) do nothing",
                args![source.0, delivery, at],
            )
            .await?;
        Ok(if noted == 0 { DeliveryNoted::Before } else { DeliveryNoted::Now })
    }
}
