//! Subscribers that are told of changes over HTTP: registered, changed, told, and ended.
//!
//! Promises: what somebody is told is made with the rights that who registered them has at that moment, under the policies of
//! that moment; entries are told in the order of the log, each until it is taken or was tried often enough; the place moves
//! when a delivery was taken and not before, so that one that was not acknowledged comes again; a secret is shown once. The
//! departments and roles are those of the token by which somebody registered: they hold until the subscriber's time is over.
//! Deliberately does not shape what is told: see [`crate::graphql`].

mod deliver;

pub use deliver::{OutgoingHeld, OutgoingTurn};

use super::{AppError, Session};
use crate::auth::{Action, OpaqueSecret};
use crate::store::{DeliveryRow, DeliveryState, OutgoingChange, OutgoingRow, OutgoingState};
use chrono::TimeDelta;
use onefold_model::{Timestamp, WebhookId};
use serde_json::{Map, Value};
use uuid::Uuid;

/// What a secret begins with, so that people and scanners of repositories know one when they see it.
pub const WEBHOOK_SECRET_PREFIX: &str = "onefold_whsec_";

/// The longest time for which somebody is told, in days.
const MOST_DAYS: u32 = 366;
/// Subscribers that one person may have.
const MOST_EACH: usize = 20;
/// The longest document and the longest variables, in bytes.
const LONGEST: usize = 20_000;
/// Deliveries that are shown at once.
const SHOWN: i64 = 200;

/// Somebody who is to be told.
#[derive(Debug, Clone)]
pub struct WebhookAsk {
    /// Where.
    pub url: String,
    /// The subscription that shapes what is told, looked over already.
    pub document: String,
    /// Its variables.
    pub variables: Map<String, Value>,
    /// The place in the log behind which it begins; none for what happens from now on.
    pub after: Option<i64>,
    /// For how many days.
    pub days: u32,
}

/// What somebody changes of a subscriber.
#[derive(Debug, Clone, Default)]
pub struct WebhookChange {
    /// Where it is told.
    pub url: Option<String>,
    /// Whether it is told.
    pub state: Option<OutgoingState>,
    /// Whether it gets another secret.
    pub secret: SecretChange,
}

/// Whether a subscriber gets another secret.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum SecretChange {
    /// It keeps its own.
    #[default]
    Keep,
    /// It gets another one, and the old one signs nothing any more.
    Renew,
}

impl Session {
    /// Registers a subscriber with the rights of the caller, and gives its secret, which is not shown again.
    pub async fn webhook_create(&self, ask: WebhookAsk) -> Result<(OutgoingRow, String), AppError> {
        if !self.change_readable() {
            return Err(AppError::Forbidden { what: "to be told of changes".to_owned(), policy: None });
        }
        self.webhook_url(&ask.url)?;
        if ask.days == 0 || ask.days > MOST_DAYS {
            return Err(AppError::Invalid(format!("days: between 1 and {MOST_DAYS}")));
        }
        let variables = Value::Object(ask.variables);
        if ask.document.len() > LONGEST || variables.to_string().len() > LONGEST {
            return Err(AppError::Invalid(format!("document and variables: at most {LONGEST} bytes each")));
        }
        let last = self.change_last().await?;
        let place = ask.after.unwrap_or(last);
        check_place(place, last)?;
        let subject = self.scope().actor().subject().to_owned();
        let own = self.store().outgoing_list().await?.into_iter().filter(|row| row.subject == subject).count();
        if own >= MOST_EACH {
            return Err(AppError::Conflict(format!("you have {own} webhooks: delete one before you register another")));
        }
        let (secret, now) = (new_secret()?, self.app.clock.now());
        let row = OutgoingRow {
            id: WebhookId(Uuid::now_v7()),
            url: ask.url,
            document: ask.document,
            variables,
            secret: secret.clone().into_bytes(),
            subject,
            departments: self.scope().actor().departments().to_vec(),
            roles: self.scope().actor().roles().to_vec(),
            created_at: now,
            expires_at: now + TimeDelta::days(i64::from(ask.days)),
            state: OutgoingState::Active,
            state_reason: None,
            place,
            failures: 0,
            next_at: now,
        };
        let mut tx = self.store().begin().await?;
        tx.outgoing_insert(&row).await?;
        self.commit_noted(tx, "webhook.create", row.id.to_string(), Some(format!("for {} days", ask.days))).await?;
        Ok((row, secret))
    }

    /// The caller's own subscribers, or all of them for whoever administers the hub; the latest first.
    pub async fn webhook_list(&self) -> Result<Vec<OutgoingRow>, AppError> {
        let rows = self.store().outgoing_list().await?.into_iter();
        Ok(rows.filter(|row| self.webhook_shown(row)).collect())
    }

    /// Changes a subscriber. Gives its new secret, where it gets one.
    pub async fn webhook_update(
        &self,
        id: WebhookId,
        change: WebhookChange,
    ) -> Result<(OutgoingRow, Option<String>), AppError> {
        self.webhook_get(id).await?;
        if let Some(url) = &change.url {
            self.webhook_url(url)?;
        }
        let secret = match change.secret {
            SecretChange::Keep => None,
            SecretChange::Renew => Some(new_secret()?),
        };
        let stored = OutgoingChange {
            url: change.url,
            state: change.state,
            secret: secret.clone().map(String::into_bytes),
            place: None,
        };
        self.webhook_change(id, &stored, "webhook.update").await.map(|row| (row, secret))
    }

    /// Tells a subscriber everything once more from a place on.
    pub async fn webhook_replay(&self, id: WebhookId, after: i64) -> Result<OutgoingRow, AppError> {
        self.webhook_get(id).await?;
        check_place(after, self.change_last().await?)?;
        let change = OutgoingChange { place: Some(after), ..OutgoingChange::default() };
        self.webhook_change(id, &change, "webhook.replay").await
    }

    /// Forgets a subscriber.
    pub async fn webhook_delete(&self, id: WebhookId) -> Result<(), AppError> {
        self.webhook_get(id).await?;
        let mut tx = self.store().begin().await?;
        tx.outgoing_delete(id).await?;
        self.commit_noted(tx, "webhook.delete", id.to_string(), None).await
    }

    /// What became of the deliveries to a subscriber, the latest first.
    pub async fn webhook_deliveries(
        &self,
        id: WebhookId,
        state: Option<DeliveryState>,
        count: usize,
    ) -> Result<Vec<DeliveryRow>, AppError> {
        self.webhook_get(id).await?;
        let count = i64::try_from(count).unwrap_or(SHOWN);
        if !(1..=SHOWN).contains(&count) {
            return Err(AppError::Invalid(format!("first: between 1 and {SHOWN}")));
        }
        Ok(self.store().outgoing_deliveries(id, state, count).await?)
    }

    async fn webhook_get(&self, id: WebhookId) -> Result<OutgoingRow, AppError> {
        let row = self.store().outgoing_get(id).await?.filter(|row| self.webhook_shown(row));
        row.ok_or_else(|| AppError::Missing(format!("there is no webhook {id}: `webhooks` lists them")))
    }

    fn webhook_shown(&self, row: &OutgoingRow) -> bool {
        row.subject == self.scope().actor().subject() || self.administers_all()
    }

    /// Whether the caller is the process itself, or administers every department that has a source.
    pub(super) fn administers_all(&self) -> bool {
        let administers = |key| self.scope().may(Action::Administer, key).is_allowed();
        let sources = &self.app.sources;
        let is_administrator = !sources.is_empty() && sources.values().all(|source| administers(&source.department));
        self.scope().is_system() || is_administrator
    }

    fn webhook_url(&self, url: &str) -> Result<(), AppError> {
        self.app.engine.outgoing().check(url).map_err(|refusal| AppError::Invalid(format!("url: {refusal}")))
    }

    async fn webhook_change(
        &self,
        id: WebhookId,
        change: &OutgoingChange,
        action: &'static str,
    ) -> Result<OutgoingRow, AppError> {
        let mut tx = self.store().begin().await?;
        if !tx.outgoing_change(id, change, self.app.clock.now()).await? {
            return Err(AppError::Conflict(format!("the webhook {id} has ended: register another one")));
        }
        self.commit_noted(tx, action, id.to_string(), None).await?;
        self.webhook_get(id).await
    }
}

fn new_secret() -> Result<String, AppError> {
    let secret = OpaqueSecret::draw().map_err(|_| AppError::Invariant("the system has randomness"))?;
    Ok(format!("{WEBHOOK_SECRET_PREFIX}{}", secret.reveal()))
}

pub(super) fn check_place(place: i64, last: i64) -> Result<(), AppError> {
    if (0..=last).contains(&place) {
        return Ok(());
    }
    let text = "the cursor is ahead of the log: it is of another store, or of one that was put back";
    Err(AppError::Invalid(text.to_owned()))
}

/// Whether somebody's time is over.
fn is_over(row: &OutgoingRow, now: Timestamp) -> bool {
    row.expires_at <= now
}
