//! One subscriber is told: held, signed for, tried, moved on.

use super::super::{App, AppError, Session};
use super::is_over;
use crate::auth::Actor;
use crate::store::{AuditEntry, DeliveryRow, DeliveryState, OutgoingMove, OutgoingRow};
use crate::sync::{OutgoingAnswer, OutgoingRequest};
use chrono::TimeDelta;
use hmac::{Hmac, KeyInit, Mac};
use onefold_model::Timestamp;
use sha2::Sha256;
use std::fmt::Write;
use std::sync::Arc;
use uuid::Uuid;

/// So long a subscriber is held for one delivery: longer than a receiver may take to answer.
const HELD: TimeDelta = TimeDelta::seconds(60);
/// A delivery is tried so often, for some three hours, and then given up on.
const TRIES: i64 = 12;
/// The wait after the first failure; it doubles with each further one.
const FIRST_WAIT_MS: i64 = 5_000;
/// The longest wait.
const LONGEST_WAIT_MS: i64 = 3_600_000;
/// What became of deliveries is kept for so long.
const KEPT: TimeDelta = TimeDelta::days(30);

/// A subscriber that this process tells.
#[derive(Debug, Clone)]
pub struct OutgoingHeld {
    /// The subscriber, as it stands.
    pub row: OutgoingRow,
    holder: Uuid,
}

/// What came of an attempt to tell a subscriber.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OutgoingTurn {
    /// It took it: the next may follow.
    Taken,
    /// It did not, and was told for the last time of this entry: the next may follow.
    GivenUp,
    /// It did not, and is told again later.
    Later,
    /// It is not this process's any more, or is told nothing more.
    Over,
}

impl App {
    /// The subscribers that are to be told something now.
    pub async fn outgoing_due(&self) -> Result<Vec<OutgoingRow>, AppError> {
        Ok(self.store.outgoing_due(self.clock.now()).await?)
    }

    /// Takes a subscriber to tell it. Nothing where another process was there first, or its time is over.
    pub async fn outgoing_take(&self, row: OutgoingRow) -> Result<Option<OutgoingHeld>, AppError> {
        let (now, holder) = (self.clock.now(), Uuid::now_v7());
        let mut tx = self.store.begin().await?;
        let is_taken = tx.outgoing_take(row.id, holder, now, now + HELD).await?;
        tx.commit().await?;
        if !is_taken {
            return Ok(None);
        }
        // It may have moved between the look and the hold.
        let Some(row) = self.store.outgoing_get(row.id).await? else { return Ok(None) };
        let held = OutgoingHeld { row, holder };
        if is_over(&held.row, now) {
            self.outgoing_end(&held, "its time is over: register another one").await?;
            return Ok(None);
        }
        Ok(Some(held))
    }

    /// What who registered a subscriber may do now.
    pub fn outgoing_session(self: &Arc<Self>, row: &OutgoingRow) -> Session {
        self.session(Actor::new(row.subject.clone(), row.departments.clone(), row.roles.clone()))
    }

    /// Tells a subscriber of the entry at a place, and moves it on where it was taken.
    pub async fn outgoing_tell(
        &self,
        held: &mut OutgoingHeld,
        seq: i64,
        cursor: &str,
        body: String,
    ) -> Result<OutgoingTurn, AppError> {
        let now = self.clock.now();
        let mut tx = self.store.begin().await?;
        let is_held = tx.outgoing_hold(held.row.id, held.holder, now + HELD).await?;
        tx.commit().await?;
        if !is_held {
            return Ok(OutgoingTurn::Over);
        }
        let headers = headers(&held.row, cursor, now, &body)?;
        let request = OutgoingRequest { url: &held.row.url, headers, body };
        let answer = self.engine.outgoing().send(request).await;
        if answer == OutgoingAnswer::Status(410) {
            self.outgoing_end(held, "the receiver says that it is gone (410)").await?;
            return Ok(OutgoingTurn::Over);
        }
        self.outgoing_noted(held, seq, answer).await
    }

    async fn outgoing_noted(
        &self,
        held: &mut OutgoingHeld,
        seq: i64,
        answer: OutgoingAnswer,
    ) -> Result<OutgoingTurn, AppError> {
        let now = self.clock.now();
        let (status, reason) = match answer {
            OutgoingAnswer::Status(status @ 200..=299) => (Some(status), None),
            OutgoingAnswer::Status(status @ 300..=399) => (Some(status), Some("redirects are not followed")),
            OutgoingAnswer::Status(status) => (Some(status), Some("it was refused")),
            OutgoingAnswer::None(reason) => (None, Some(reason)),
        };
        let failures = held.row.failures + 1;
        let (state, turn) = match reason {
            None => (DeliveryState::Delivered, OutgoingTurn::Taken),
            Some(_) if failures >= TRIES => (DeliveryState::Dead, OutgoingTurn::GivenUp),
            Some(_) => (DeliveryState::Retrying, OutgoingTurn::Later),
        };
        let is_done = turn != OutgoingTurn::Later;
        let moved = OutgoingMove {
            id: held.row.id,
            holder: held.holder,
            place: if is_done { seq } else { held.row.place },
            failures: if is_done { 0 } else { failures },
            next_at: if is_done { now } else { now + wait(failures, jitter()) },
            delivery: Some(DeliveryRow {
                seq,
                state,
                attempts: 1,
                status: status.map(i64::from),
                reason: reason.map(str::to_owned),
                first_at: now,
                last_at: now,
            }),
        };
        let mut tx = self.store.begin().await?;
        if !tx.outgoing_move(&moved).await? {
            // Somebody changed it meanwhile: what they said counts.
            return Ok(OutgoingTurn::Over);
        }
        if state == DeliveryState::Dead {
            tx.outgoing_forget(held.row.id, now - KEPT).await?;
        }
        if turn == OutgoingTurn::Later {
            tx.outgoing_release(held.row.id, held.holder).await?;
        }
        tx.commit().await?;
        (held.row.place, held.row.failures) = (moved.place, moved.failures);
        if turn != OutgoingTurn::Taken {
            let word = state.as_str();
            tracing::warn!(webhook = %held.row.id, attempt = failures, state = word, "a webhook was not taken");
        }
        Ok(turn)
    }

    /// Nothing up to a place was for a subscriber: it goes on from there, and is given back.
    pub async fn outgoing_pass(&self, held: &OutgoingHeld, up_to: i64) -> Result<(), AppError> {
        let now = self.clock.now();
        let moved = OutgoingMove {
            id: held.row.id,
            holder: held.holder,
            place: up_to.max(held.row.place),
            failures: held.row.failures,
            next_at: now,
            delivery: None,
        };
        let mut tx = self.store.begin().await?;
        if tx.outgoing_move(&moved).await? {
            tx.outgoing_forget(held.row.id, now - KEPT).await?;
            tx.outgoing_release(held.row.id, held.holder).await?;
        }
        Ok(tx.commit().await?)
    }

    /// Ends a subscriber: it is told nothing more, and whoever registered it sees why.
    pub async fn outgoing_end(&self, held: &OutgoingHeld, reason: &str) -> Result<(), AppError> {
        let mut tx = self.store.begin().await?;
        if tx.outgoing_end(held.row.id, held.holder, reason).await? {
            let entry = AuditEntry {
                at: self.clock.now(),
                actor: "system:webhook".to_owned(),
                action: "webhook.end",
                target: held.row.id.to_string(),
                detail: Some(reason.to_owned()),
            };
            tx.audit_append(&entry).await?;
        }
        Ok(tx.commit().await?)
    }
}

/// What a receiver checks: that it comes from the hub, when, and whether it came before. The signature is HMAC-SHA256, by the
/// secret as it was shown, over `{timestamp}.{body}`, in hexadecimal.
fn headers(
    row: &OutgoingRow,
    cursor: &str,
    now: Timestamp,
    body: &str,
) -> Result<Vec<(&'static str, String)>, AppError> {
    let timestamp = now.timestamp().to_string();
    let mac = Hmac::<Sha256>::new_from_slice(&row.secret);
    let mut mac = mac.map_err(|_| AppError::Invariant("HMAC takes keys of any length"))?;
    mac.update(timestamp.as_bytes());
    mac.update(b".");
    mac.update(body.as_bytes());
    let signature = mac.finalize().into_bytes().iter().fold("v1=".to_owned(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    });
    Ok(vec![
        ("onefold-webhook", row.id.to_string()),
        ("onefold-delivery", cursor.to_owned()),
        ("onefold-timestamp", timestamp),
        ("onefold-signature", signature),
    ])
}

/// How long to wait after so many failures: twice as long after each, with up to a quarter more or less, so that many
/// subscribers of one receiver do not come back at once.
fn wait(failures: i64, jitter: f64) -> TimeDelta {
    let doublings = u32::try_from(failures.clamp(1, 20) - 1).unwrap_or(0);
    let whole = FIRST_WAIT_MS.saturating_mul(1 << doublings).min(LONGEST_WAIT_MS);
    let part = whole / 4;
    #[expect(clippy::cast_possible_truncation, clippy::cast_precision_loss, reason = "milliseconds of an hour are few")]
    let moved = ((jitter * 2.0 - 1.0) * part as f64) as i64;
    TimeDelta::milliseconds(whole + moved)
}

/// Between 0 and 1. Not for secrets.
fn jitter() -> f64 {
    f64::from(Uuid::now_v7().as_bytes()[15]) / 255.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_double_up_to_an_hour_and_are_spread() {
        let seconds = |failures, jitter| wait(failures, jitter).num_seconds();
        assert_eq!([1, 2, 3, 4].map(|failures| seconds(failures, 0.5)), [5, 10, 20, 40]);
        assert_eq!([seconds(1, 0.0), seconds(4, 0.0), seconds(4, 1.0)], [3, 30, 50]);
        assert_eq!([seconds(12, 0.5), seconds(1_000, 0.5), seconds(0, 0.5)], [3_600, 3_600, 5]);
        let whole: i64 = (1..TRIES).map(|failures| seconds(failures, 0.5)).sum();
        assert!((2 * 3_600..4 * 3_600).contains(&whole), "{whole} s until a delivery is given up on");
    }
}
