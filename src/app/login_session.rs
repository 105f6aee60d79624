//! People who have logged in with a browser: who they are until their session is over or taken back.

use super::{App, AppError};
use crate::auth::{Actor, OpaqueSecret};
use crate::store::{AuditEntry, LoginSessionRow};
use chrono::TimeDelta;

impl App {
    /// Opens a session for somebody who has just logged in, and gives the secret that their browser keeps.
    pub async fn login_open(&self, actor: &Actor, minutes: u32) -> Result<String, AppError> {
        let secret = OpaqueSecret::draw().map_err(|_| AppError::Invariant("the system has randomness"))?;
        let now = self.clock.now();
        let row = LoginSessionRow {
            secret_hash: secret.hash().to_vec(),
            subject: actor.subject().to_owned(),
            departments: actor.departments().to_vec(),
            roles: actor.roles().to_vec(),
            opened_at: now,
            expires_at: now + TimeDelta::minutes(i64::from(minutes)),
        };
        let mut tx = self.store.begin().await?;
        tx.login_session_insert(&row).await?;
        tx.audit_append(&self.login_audit("login.open", actor.subject(), actor.subject(), None)).await?;
        tx.commit().await?;
        Ok(secret.reveal())
    }

    /// Who the browser with this secret is; nobody where the session is over, was taken back, or never was.
    pub async fn login_actor(&self, secret: &str) -> Result<Option<Actor>, AppError> {
        let Some(secret) = OpaqueSecret::read(secret) else { return Ok(None) };
        let row = self.store.login_session_get(&secret.hash()).await?;
        let row = row.filter(|row| secret.is_of(&row.secret_hash) && self.clock.now() < row.expires_at);
        Ok(row.map(|row| Actor::new(row.subject, row.departments, row.roles)))
    }

    /// Ends the session of this browser. Safe to repeat.
    pub async fn login_close(&self, secret: &str) -> Result<(), AppError> {
        let Some(actor) = self.login_actor(secret).await? else { return Ok(()) };
        let Some(secret) = OpaqueSecret::read(secret) else { return Ok(()) };
        let mut tx = self.store.begin().await?;
        tx.login_session_delete(&secret.hash()).await?;
        tx.audit_append(&self.login_audit("login.close", actor.subject(), actor.subject(), None)).await?;
        Ok(tx.commit().await?)
    }

    /// Ends every session of a person: for the operator. How many there were.
    pub async fn login_close_all(&self, subject: &str, by: &str) -> Result<u64, AppError> {
        let mut tx = self.store.begin().await?;
        let ended = tx.login_session_delete_of(subject).await?;
        tx.audit_append(&self.login_audit("login.revoke", by, subject, Some(format!("{ended} sessions")))).await?;
        tx.commit().await?;
        Ok(ended)
    }

    fn login_audit(&self, action: &'static str, actor: &str, target: &str, detail: Option<String>) -> AuditEntry {
        AuditEntry { at: self.clock.now(), actor: actor.to_owned(), action, target: target.to_owned(), detail }
    }
}
