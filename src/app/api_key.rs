//! Keys of machines that push records: each for one source, for a time, and shown once.
//!
//! Promises: a key opens the door to `records_ingest` of its source and to nothing else; what is kept of it cannot be used;
//! who is refused learns whether a key has expired or was revoked only with its secret.

use super::{App, AppError, Session};
use crate::auth::{Action, Actor, KEY_PREFIX, OPAQUE_CHARS, OpaqueSecret, Scope};
use crate::store::{ApiKeyRow, AuditEntry, Revoked, SourceRow};
use chrono::TimeDelta;
use onefold_model::{ApiKeyId, SourceId, SourceKey, Timestamp};
use std::sync::Arc;
use uuid::Uuid;

/// What a key begins with, so that people and scanners of repositories know one when they see it.
pub const API_KEY_PREFIX: &str = "onefold_key_";

/// The longest time for which a key is made, in days.
pub const API_KEY_MAX_DAYS: u32 = 5 * 366;

/// The longest name, in characters.
const MAX_NAME: usize = 100;

/// How exactly the last use is kept. Each note of it is a write.
const USED_TO: TimeDelta = TimeDelta::minutes(1);

/// A key as those may see it who administer its source.
#[derive(Debug, Clone)]
pub struct ApiKeyView {
    /// The key. Its hash is of no use to anybody and is not shown.
    pub row: ApiKeyRow,
    /// The source that it may push into.
    pub source: SourceRow,
    /// How it stands now.
    pub state: ApiKeyState,
}

/// How a key stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ApiKeyState {
    /// It opens the door.
    Active,
    /// Its time is over.
    Expired,
    /// Somebody has taken it back.
    Revoked,
}

/// Why a key does not open the door.
#[derive(Debug, thiserror::Error)]
pub enum ApiKeyRefusal {
    /// No such key, or not its secret.
    #[error("the API key is not known here: check that it was copied whole, and to the right hub")]
    Unknown,
    /// Its time is over.
    #[error("the API key has expired: ask who administers the source for a new one")]
    Expired,
    /// Somebody has taken it back.
    #[error("the API key was revoked: ask who administers the source for a new one")]
    Revoked,
    /// The store failed.
    #[error("the API key could not be checked")]
    Store(#[source] AppError),
}

impl ApiKeyRefusal {
    /// The stable word for programs.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Unknown => "KEY_UNKNOWN",
            Self::Expired => "KEY_EXPIRED",
            Self::Revoked => "KEY_REVOKED",
            Self::Store(error) => error.code(),
        }
    }
}

impl Session {
    /// Makes a key for a source and gives its text, which is kept nowhere and cannot be shown again.
    pub async fn api_key_create(
        &self,
        source: &SourceKey,
        name: &str,
        days: u32,
    ) -> Result<(ApiKeyView, String), AppError> {
        let source = self.source_for(source, Action::Administer)?.clone();
        let name = name.trim();
        if name.is_empty() || name.chars().count() > MAX_NAME || name.chars().any(char::is_control) {
            return Err(AppError::Invalid(format!("the name of a key has between 1 and {MAX_NAME} characters")));
        }
        if days == 0 || days > API_KEY_MAX_DAYS {
            return Err(AppError::Invalid(format!("a key is made for between 1 and {API_KEY_MAX_DAYS} days")));
        }
        let secret = OpaqueSecret::draw().map_err(|_| AppError::Invariant("the system has randomness"))?;
        let now = self.app.clock.now();
        let row = ApiKeyRow {
            id: ApiKeyId(Uuid::now_v7()),
            source: source.id,
            name: name.to_owned(),
            secret_hash: secret.hash().to_vec(),
            created_at: now,
            created_by: self.scope().actor().subject().to_owned(),
            expires_at: now + TimeDelta::days(i64::from(days)),
            revoked_at: None,
            revoked_by: None,
            last_used_at: None,
        };
        let mut tx = self.store().begin().await?;
        tx.api_key_insert(&row).await?;
        let detail = format!("for source {}, {days} days", source.key);
        tx.audit_append(&self.key_audit("apiKey.create", &row, now, Some(detail))).await?;
        tx.commit().await?;
        let text = format!("{API_KEY_PREFIX}{}_{}", row.id.0.simple(), secret.reveal());
        Ok((ApiKeyView { state: state(&row, now), row, source }, text))
    }

    /// The keys of a source, or of all sources whose department the caller administers; newest first within each source.
    pub async fn api_key_list(&self, source: Option<&SourceKey>) -> Result<Vec<ApiKeyView>, AppError> {
        let sources: Vec<SourceRow> = match source {
            Some(key) => vec![self.source_for(key, Action::Administer)?.clone()],
            None => self.administered(),
        };
        let ids: Vec<SourceId> = sources.iter().map(|source| source.id).collect();
        let now = self.app.clock.now();
        let rows = self.store().api_key_list(&ids).await?;
        let views = rows.into_iter().filter_map(|row| {
            let source = sources.iter().find(|source| source.id == row.source)?.clone();
            Some(ApiKeyView { state: state(&row, now), row, source })
        });
        Ok(views.collect())
    }

    /// Revokes a key for ever. Safe to repeat: the first time counts.
    pub async fn api_key_revoke(&self, id: ApiKeyId) -> Result<ApiKeyView, AppError> {
        // Whoever may not see a key is told what is told of one that does not exist.
        let missing = || AppError::Missing(format!("there is no API key {id}: `apiKeys` lists them"));
        let row = self.store().api_key_get(id).await?.ok_or_else(missing)?;
        let source = self.administered().into_iter().find(|source| source.id == row.source).ok_or_else(missing)?;
        let now = self.app.clock.now();
        let mut tx = self.store().begin().await?;
        if tx.api_key_revoke(id, now, self.scope().actor().subject()).await? == Revoked::Now {
            let detail = format!("for source {}", source.key);
            tx.audit_append(&self.key_audit("apiKey.revoke", &row, now, Some(detail))).await?;
        }
        tx.commit().await?;
        let row = self.store().api_key_get(id).await?.ok_or_else(missing)?;
        Ok(ApiKeyView { state: state(&row, now), row, source })
    }

    fn administered(&self) -> Vec<SourceRow> {
        let may = |row: &&SourceRow| self.scope().may(Action::Administer, &row.department).is_allowed();
        let mut rows: Vec<SourceRow> = self.app.sources.values().filter(may).cloned().collect();
        rows.sort_by(|one, other| one.key.cmp(&other.key));
        rows
    }

    fn key_audit(&self, action: &'static str, row: &ApiKeyRow, at: Timestamp, detail: Option<String>) -> AuditEntry {
        AuditEntry { at, actor: self.scope().actor().subject().to_owned(), action, target: row.id.to_string(), detail }
    }

    /// Whether this is a machine with a key, which may push records and do nothing else.
    pub fn is_machine(&self) -> bool {
        self.pushes_into.is_some()
    }
}

impl App {
    /// What a machine with this key may do.
    pub async fn api_key_session(self: &Arc<Self>, key: &str) -> Result<Session, ApiKeyRefusal> {
        let (id, secret) = parts(key).ok_or(ApiKeyRefusal::Unknown)?;
        let failed = |error: crate::store::StoreError| ApiKeyRefusal::Store(error.into());
        let row = self.store.api_key_get(id).await.map_err(failed)?.ok_or(ApiKeyRefusal::Unknown)?;
        if !secret.is_of(&row.secret_hash) {
            return Err(ApiKeyRefusal::Unknown);
        }
        let now = self.clock.now();
        match state(&row, now) {
            ApiKeyState::Active => {}
            ApiKeyState::Expired => return Err(ApiKeyRefusal::Expired),
            ApiKeyState::Revoked => return Err(ApiKeyRefusal::Revoked),
        }
        if row.last_used_at.is_none_or(|at| at < now - USED_TO) {
            let mut tx = self.store.begin().await.map_err(failed)?;
            tx.api_key_used(id, now, now - USED_TO).await.map_err(failed)?;
            tx.commit().await.map_err(failed)?;
        }
        let actor = Actor::new(format!("{KEY_PREFIX}{id}"), [], []);
        Ok(Session {
            app: Arc::clone(self),
            scope: Scope::nothing(actor),
            pushes_into: Some(row.source),
            reads: None,
            seen: None,
        })
    }
}

/// Id and secret of a key in its text form.
fn parts(key: &str) -> Option<(ApiKeyId, OpaqueSecret)> {
    let rest = key.strip_prefix(API_KEY_PREFIX)?;
    let (id, secret) = rest.split_once('_')?;
    let is_whole = id.len() == 32 && secret.len() == OPAQUE_CHARS;
    is_whole.then_some((ApiKeyId(Uuid::try_parse(id).ok()?), OpaqueSecret::read(secret)?))
}

fn state(row: &ApiKeyRow, now: Timestamp) -> ApiKeyState {
    if row.revoked_at.is_some() {
        ApiKeyState::Revoked
    } else if now >= row.expires_at {
        ApiKeyState::Expired
    } else {
        ApiKeyState::Active
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_whole_key_is_one() {
        let secret = OpaqueSecret::draw().unwrap();
        let id = Uuid::now_v7();
        let key = format!("{API_KEY_PREFIX}{}_{}", id.simple(), secret.reveal());
        let (found, read) = parts(&key).unwrap();
        assert_eq!(found.0, id);
        assert!(read.is_of(&secret.hash()));
        for text in
            ["", "onefold_key_", &key[1..], &key[..key.len() - 1], &format!("{key}A"), &key.replace("_key_", "-key-")]
        {
            assert!(parts(text).is_none(), "{text}");
        }
    }
}
