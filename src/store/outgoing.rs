//! Subscribers that are told of changes over HTTP, how far each has been told, and what became of each delivery.
//!
//! Promises: a subscriber is held by one process at a time, and whoever lost it moves nothing; its place moves together with the
//! note of what was delivered. Deliberately keeps no body, and shows a secret to nobody but who signs with it.

use super::login_session::{keys, texts};
use super::{Row, Store, StoreError, Tx};
use crate::args;
use onefold_model::{DepartmentKey, Timestamp, WebhookId};
use serde_json::Value;
use uuid::Uuid;

/// Whether a subscriber is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OutgoingState {
    /// It is.
    Active,
    /// Not until somebody resumes it. Its place is kept.
    Paused,
    /// Never more, for a reason.
    Ended,
}

impl OutgoingState {
    /// The word in the store.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Active => "ACTIVE",
            Self::Paused => "PAUSED",
            Self::Ended => "ENDED",
        }
    }

    fn read(word: &str) -> Result<Self, StoreError> {
        let known = [Self::Active, Self::Paused, Self::Ended].into_iter().find(|state| state.as_str() == word);
        known.ok_or(StoreError::Corrupt { what: "a subscriber has an unknown state" })
    }
}

/// What became of a delivery.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DeliveryState {
    /// The receiver took it.
    Delivered,
    /// It is tried again.
    Retrying,
    /// It was given up on.
    Dead,
}

impl DeliveryState {
    /// The word in the store.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Delivered => "DELIVERED",
            Self::Retrying => "RETRYING",
            Self::Dead => "DEAD",
        }
    }

    fn read(word: &str) -> Result<Self, StoreError> {
        let known = [Self::Delivered, Self::Retrying, Self::Dead].into_iter().find(|state| state.as_str() == word);
        known.ok_or(StoreError::Corrupt { what: "a delivery has an unknown state" })
    }
}

/// A subscriber.
#[derive(Clone, PartialEq, Eq)]
pub struct OutgoingRow {
    /// Its id.
    pub id: WebhookId,
    /// Where it is told.
    pub url: String,
    /// The subscription that shapes what it is told.
    pub document: String,
    /// The variables of that, as JSON.
    pub variables: Value,
    /// With what deliveries are signed.
    pub secret: Vec<u8>,
    /// Who registered it.
    pub subject: String,
    /// Their departments, as they were then.
    pub departments: Vec<DepartmentKey>,
    /// Their roles, as they were then.
    pub roles: Vec<String>,
    /// When it was registered.
    pub created_at: Timestamp,
    /// From then on it is told nothing.
    pub expires_at: Timestamp,
    /// Whether it is told.
    pub state: OutgoingState,
    /// Why not, where it ended.
    pub state_reason: Option<String>,
    /// The place in the change log up to which it has been told.
    pub place: i64,
    /// How often the next delivery has failed.
    pub failures: i64,
    /// When it is to be told next.
    pub next_at: Timestamp,
}

/// Without the secret: rows end up in messages of tests and logs.
impl std::fmt::Debug for OutgoingRow {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("OutgoingRow").field("id", &self.id).field("state", &self.state).finish_non_exhaustive()
    }
}

/// What became of a delivery.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeliveryRow {
    /// The place in the change log of what was told.
    pub seq: i64,
    /// What became of it.
    pub state: DeliveryState,
    /// How often it was tried.
    pub attempts: i64,
    /// What the receiver answered last.
    pub status: Option<i64>,
    /// Why it was not taken, in words without an address.
    pub reason: Option<String>,
    /// When it was tried first.
    pub first_at: Timestamp,
    /// When it was tried last.
    pub last_at: Timestamp,
}

/// How a subscriber stands after an attempt, and what became of it.
#[derive(Debug, Clone)]
pub struct OutgoingMove {
    /// Which.
    pub id: WebhookId,
    /// Who holds it.
    pub holder: Uuid,
    /// The place up to which it has been told.
    pub place: i64,
    /// How often the next delivery has failed.
    pub failures: i64,
    /// When it is to be told next.
    pub next_at: Timestamp,
    /// The delivery; none where nothing on the way was its to be told.
    pub delivery: Option<DeliveryRow>,
}

/// What somebody changes of a subscriber. What is none stays.
#[derive(Debug, Clone, Default)]
pub struct OutgoingChange {
    /// Where it is told.
    pub url: Option<String>,
    /// With what deliveries are signed.
    pub secret: Option<Vec<u8>>,
    /// Whether it is told.
    pub state: Option<OutgoingState>,
    /// The place behind which it is told.
    pub place: Option<i64>,
}

const COLUMNS: &str =
    "webhook_id, url, document, variables, secret, subject, departments, roles, created_at, expires_at, state,
    state_reason, place, failures, next_at";

impl OutgoingRow {
    fn read(row: &Row) -> Result<Self, StoreError> {
        Ok(Self {
            id: WebhookId(row.uuid(0)?),
            url: row.text(1)?,
            document: row.text(2)?,
            variables: row.json(3)?,
            secret: row.bytes(4)?,
            subject: row.text(5)?,
            departments: keys(&row.json(6)?)?,
            roles: texts(&row.json(7)?)?,
            created_at: row.time(8)?,
            expires_at: row.time(9)?,
            state: OutgoingState::read(&row.text(10)?)?,
            state_reason: row.opt_text(11)?,
            place: row.int(12)?,
            failures: row.int(13)?,
            next_at: row.time(14)?,
        })
    }
}

impl Store {
    /// Every subscriber, the latest first. The app decides who may see which.
    pub async fn outgoing_list(&self) -> Result<Vec<OutgoingRow>, StoreError> {
        let sql = format!("select {COLUMNS} from outgoing_webhook order by created_at desc, webhook_id");
        self.fetch(sql, args![]).await?.iter().map(OutgoingRow::read).collect()
    }

    /// A subscriber.
    pub async fn outgoing_get(&self, id: WebhookId) -> Result<Option<OutgoingRow>, StoreError> {
        let sql = format!("select {COLUMNS} from outgoing_webhook where webhook_id = $1");
        self.fetch(sql, args![id.0]).await?.first().map(OutgoingRow::read).transpose()
    }

    /// Subscribers for whom there is something in the log, whose time has come and whom nobody holds.
    pub async fn outgoing_due(&self, now: Timestamp) -> Result<Vec<OutgoingRow>, StoreError> {
        let sql = format!(
            "select {COLUMNS} from outgoing_webhook
             where state = 'ACTIVE' and next_at <= $1 and (held_until is null or held_until <= $1)
               and (place < (select coalesce(max(seq), 0) from change) or expires_at <= $1)
             order by next_at, webhook_id
             limit 64"
        );
        self.fetch(sql, args![now]).await?.iter().map(OutgoingRow::read).collect()
    }

    /// What became of the deliveries to a subscriber, the latest first; only of those that were given up on where that is asked.
    pub async fn outgoing_deliveries(
        &self,
        id: WebhookId,
        state: Option<DeliveryState>,
        count: i64,
    ) -> Result<Vec<DeliveryRow>, StoreError> {
        let rows = self
            .fetch(
                "select seq, state, attempts, status, reason, first_at, last_at from outgoing_delivery
                 where webhook_id = $1 and ($2 = '' or state = $2)
                 order by seq desc
                 limit $3",
                args![id.0, state.map_or("", DeliveryState::as_str), count],
            )
            .await?;
        let read = |row: &Row| {
            Ok(DeliveryRow {
                seq: row.int(0)?,
                state: DeliveryState::read(&row.text(1)?)?,
                attempts: row.int(2)?,
                status: row.opt_int(3)?,
                reason: row.opt_text(4)?,
                first_at: row.time(5)?,
                last_at: row.time(6)?,
            })
        };
        rows.iter().map(read).collect()
    }
}

impl Tx {
    /// Writes a new subscriber.
    pub async fn outgoing_insert(&mut self, row: &OutgoingRow) -> Result<(), StoreError> {
        let departments: Vec<&str> = row.departments.iter().map(DepartmentKey::as_str).collect();
        self.execute(
            format!(
                "insert into outgoing_webhook ({COLUMNS})
                 values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)"
            ),
            args![
                row.id.0,
                &row.url,
                &row.document,
                row.variables.to_string(),
                &row.secret[..],
                &row.subject,
                Value::from(departments).to_string(),
                Value::from(row.roles.clone()).to_string(),
                row.created_at,
                row.expires_at,
                row.state.as_str(),
                row.state_reason.clone(),
                row.place,
                row.failures,
                row.next_at
            ],
        )
        .await?;
        Ok(())
    }

    /// Changes a subscriber; it begins anew to be told. What was being delivered to it is not noted any more. One that ended
    /// stays so. `false` where there is none that could be changed.
    pub async fn outgoing_change(
        &mut self,
        id: WebhookId,
        change: &OutgoingChange,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let OutgoingChange { url, secret, state, place } = change;
        let touched = self
            .execute(
                "update outgoing_webhook
                 set url = coalesce($2, url), state = coalesce($3, state), place = coalesce($4, place), failures = 0,
                     next_at = $5, held_by = null, held_until = null
                 where webhook_id = $1 and state <> 'ENDED'",
                args![id.0, url.clone(), state.map(OutgoingState::as_str), *place, now],
            )
            .await?;
        if let Some(secret) = secret.as_ref().filter(|_| touched > 0) {
            let sql = "update outgoing_webhook set secret = $2 where webhook_id = $1";
            self.execute(sql, args![id.0, &secret[..]]).await?;
        }
        Ok(touched > 0)
    }

    /// Forgets a subscriber and its deliveries. Safe to repeat.
    pub async fn outgoing_delete(&mut self, id: WebhookId) -> Result<u64, StoreError> {
        self.execute("delete from outgoing_delivery where webhook_id = $1", args![id.0]).await?;
        self.execute("delete from outgoing_webhook where webhook_id = $1", args![id.0]).await
    }

    /// Takes a subscriber to deliver to it until then. `false` where another process has it.
    pub async fn outgoing_take(
        &mut self,
        id: WebhookId,
        holder: Uuid,
        now: Timestamp,
        until: Timestamp,
    ) -> Result<bool, StoreError> {
        let sql = "update outgoing_webhook set held_by = $2, held_until = $4
             where webhook_id = $1 and state = 'ACTIVE' and next_at <= $3 and (held_until is null or held_until <= $3)";
        Ok(self.execute(sql, args![id.0, holder, now, until]).await? > 0)
    }

    /// Goes on holding a subscriber. `false` where it was changed or taken by somebody else.
    pub async fn outgoing_hold(&mut self, id: WebhookId, holder: Uuid, until: Timestamp) -> Result<bool, StoreError> {
        let sql =
            "update outgoing_webhook set held_until = $3 where webhook_id = $1 and held_by = $2 and state = 'ACTIVE'";
        Ok(self.execute(sql, args![id.0, holder, until]).await? > 0)
    }

    /// Gives a subscriber back.
    pub async fn outgoing_release(&mut self, id: WebhookId, holder: Uuid) -> Result<(), StoreError> {
        let sql =
            "update outgoing_webhook set held_by = null, held_until = null where webhook_id = $1 and held_by = $2";
        self.execute(sql, args![id.0, holder]).await?;
        Ok(())
    }

    /// Moves a subscriber on and notes what became of the delivery. `false`, and nothing is written, where whoever delivered
    /// does not hold it any more: what comes next is delivered again.
    pub async fn outgoing_move(&mut self, moved: &OutgoingMove) -> Result<bool, StoreError> {
        let OutgoingMove { id, holder, place, failures, next_at, delivery } = moved;
        let sql = "update outgoing_webhook set place = $3, failures = $4, next_at = $5
             where webhook_id = $1 and held_by = $2 and state = 'ACTIVE'";
        if self.execute(sql, args![id.0, *holder, *place, *failures, *next_at]).await? == 0 {
            return Ok(false);
        }
        if let Some(delivery) = delivery {
            self.execute(
                "insert into outgoing_delivery (webhook_id, seq, state, attempts, status, reason, first_at, last_at)
                 values ($1, $2, $3, 1, $4, $5, $6, $6)
                 on conflict (webhook_id, seq) do update set
                     state = excluded.state, attempts = outgoing_delivery.attempts + 1, status = excluded.status,
                     reason = excluded.reason, last_at = excluded.last_at",
                args![
                    id.0,
                    delivery.seq,
                    delivery.state.as_str(),
                    delivery.status,
                    delivery.reason.clone(),
                    delivery.last_at
                ],
            )
            .await?;
        }
        Ok(true)
    }

    /// Forgets deliveries to a subscriber that were last tried before then.
    pub async fn outgoing_forget(&mut self, id: WebhookId, before: Timestamp) -> Result<u64, StoreError> {
        let sql = "delete from outgoing_delivery where webhook_id = $1 and last_at < $2";
        self.execute(sql, args![id.0, before]).await
    }

    /// Ends a subscriber for a reason. `false` where it had ended already, or is held by somebody else.
    pub async fn outgoing_end(&mut self, id: WebhookId, holder: Uuid, reason: &str) -> Result<bool, StoreError> {
        let sql = "update outgoing_webhook
             set state = 'ENDED', state_reason = $3, held_by = null, held_until = null
             where webhook_id = $1 and held_by = $2 and state = 'ACTIVE'";
        Ok(self.execute(sql, args![id.0, holder, reason]).await? > 0)
    }
}
