//! Keys of machines that push records. Of the secret only its hash is here.

use super::{Row, Store, StoreError, Tx};
use crate::args;
use onefold_model::{ApiKeyId, SourceId, Timestamp};

/// A key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApiKeyRow {
    /// Its id.
    pub id: ApiKeyId,
    /// The one source that it may push into.
    pub source: SourceId,
    /// What people call it.
    pub name: String,
    /// SHA-256 of the secret.
    pub secret_hash: Vec<u8>,
    /// When it was made.
    pub created_at: Timestamp,
    /// Who made it.
    pub created_by: String,
    /// From then on it is refused.
    pub expires_at: Timestamp,
    /// Since when it is refused.
    pub revoked_at: Option<Timestamp>,
    /// Who revoked it.
    pub revoked_by: Option<String>,
    /// When it last opened the door, to the minute.
    pub last_used_at: Option<Timestamp>,
}

const COLUMNS: &str =
    "key_id, source_id, name, secret_hash, created_at, created_by, expires_at, revoked_at, revoked_by, last_used_at";

impl ApiKeyRow {
    fn read(row: &Row) -> Result<Self, StoreError> {
        Ok(Self {
            id: ApiKeyId(row.uuid(0)?),
            source: SourceId(row.uuid(1)?),
            name: row.text(2)?,
            secret_hash: row.bytes(3)?,
            created_at: row.time(4)?,
            created_by: row.text(5)?,
            expires_at: row.time(6)?,
            revoked_at: row.opt_time(7)?,
            revoked_by: row.opt_text(8)?,
            last_used_at: row.opt_time(9)?,
        })
    }
}

impl Store {
    /// The key with this id.
    ///
    /// Without a scope: who comes with a key has none yet, and the app decides who may see one.
    pub async fn api_key_get(&self, id: ApiKeyId) -> Result<Option<ApiKeyRow>, StoreError> {
        let rows = self.fetch(format!("select {COLUMNS} from api_key where key_id = $1"), args![id.0]).await?;
        rows.first().map(ApiKeyRow::read).transpose()
    }

    /// The keys of these sources, newest first within each.
    ///
    /// Without a scope: the app asks only for sources whose keys the caller may see.
    pub async fn api_key_list(&self, sources: &[SourceId]) -> Result<Vec<ApiKeyRow>, StoreError> {
        let mut keys = Vec::new();
        for source in sources {
            let sql =
                format!("select {COLUMNS} from api_key where source_id = $1 order by created_at desc, key_id desc");
            for row in self.fetch(sql, args![source.0]).await? {
                keys.push(ApiKeyRow::read(&row)?);
            }
        }
        Ok(keys)
    }
}

impl Tx {
    /// Writes a new key.
    pub async fn api_key_insert(&mut self, key: &ApiKeyRow) -> Result<(), StoreError> {
        self.execute(
            "insert into api_key (key_id, source_id, name, secret_hash, created_at, created_by, expires_at)
             values ($1, $2, $3, $4, $5, $6, $7)",
            args![
                key.id.0,
                key.source.0,
                &key.name,
                key.secret_hash.as_slice(),
                key.created_at,
                &key.created_by,
                key.expires_at
            ],
        )
        .await?;
        Ok(())
    }

    /// Revokes a key for ever. Whether it was not revoked before: safe to run twice, the first one counts.
    pub async fn api_key_revoke(&mut self, id: ApiKeyId, at: Timestamp, by: &str) -> Result<Revoked, StoreError> {
        let touched = self
            .execute(
                "update api_key set revoked_at = $2, revoked_by = $3 where key_id = $1 and revoked_at is null",
                args![id.0, at, by],
            )
            .await?;
        Ok(if touched == 1 { Revoked::Now } else { Revoked::Before })
    }

    /// Notes that a key was used, if it was not used since.
    pub async fn api_key_used(&mut self, id: ApiKeyId, at: Timestamp, since: Timestamp) -> Result<(), StoreError> {
        self.execute(
            "update api_key set last_used_at = $2 where key_id = $1 and (last_used_at is null or last_used_at < $3)",
            args![id.0, at, since],
        )
        .await?;
        Ok(())
    }
}

/// Whether a key could still be revoked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Revoked {
    /// It is revoked from now on.
    Now,
    /// It was revoked already.
    Before,
}
