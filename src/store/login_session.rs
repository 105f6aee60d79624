//! People who are logged in. The secret in their browser is here only as its hash.

use super::{Store, StoreError, Tx};
use crate::args;
use onefold_model::{DepartmentKey, Timestamp};
use serde_json::{Value, json};

/// A login that holds for a while.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LoginSessionRow {
    /// SHA-256 of the secret.
    pub secret_hash: Vec<u8>,
    /// Who logged in.
    pub subject: String,
    /// Their departments, as the provider said at the login.
    pub departments: Vec<DepartmentKey>,
    /// Their roles.
    pub roles: Vec<String>,
    /// When they logged in.
    pub opened_at: Timestamp,
    /// From then on they have to log in again.
    pub expires_at: Timestamp,
}

impl Store {
    /// The login with this hash.
    ///
    /// Without a scope: who comes with it has none yet.
    pub async fn login_session_get(&self, secret_hash: &[u8]) -> Result<Option<LoginSessionRow>, StoreError> {
        let sql = "select secret_hash, subject, departments, roles, opened_at, expires_at
                   from login_session where secret_hash = $1";
        let rows = self.fetch(sql, args![secret_hash]).await?;
        let Some(row) = rows.first() else { return Ok(None) };
        Ok(Some(LoginSessionRow {
            secret_hash: row.bytes(0)?,
            subject: row.text(1)?,
            departments: keys(&row.json(2)?)?,
            roles: texts(&row.json(3)?)?,
            opened_at: row.time(4)?,
            expires_at: row.time(5)?,
        }))
    }
}

impl Tx {
    /// Writes a login, and forgets those that are over.
    pub async fn login_session_insert(&mut self, login: &LoginSessionRow) -> Result<(), StoreError> {
        self.execute("delete from login_session where expires_at <= $1", args![login.opened_at]).await?;
        let departments: Vec<&str> = login.departments.iter().map(DepartmentKey::as_str).collect();
        self.execute(
            "insert into login_session (secret_hash, subject, departments, roles, opened_at, expires_at)
             values ($1, $2, $3, $4, $5, $6)",
            args![
                login.secret_hash.as_slice(),
                &login.subject,
                json!(departments).to_string(),
                json!(login.roles).to_string(),
                login.opened_at,
                login.expires_at
            ],
        )
        .await?;
        Ok(())
    }

    /// Ends the login with this hash; how many that were.
    pub async fn login_session_delete(&mut self, secret_hash: &[u8]) -> Result<u64, StoreError> {
        self.execute("delete from login_session where secret_hash = $1", args![secret_hash]).await
    }

    /// Ends every login of a person; how many that were.
    pub async fn login_session_delete_of(&mut self, subject: &str) -> Result<u64, StoreError> {
        self.execute("delete from login_session where subject = $1", args![subject]).await
    }
}

const CORRUPT: StoreError = StoreError::Corrupt { what: "departments or roles of a login are not a list of texts" };

/// The departments of somebody, as they are stored.
pub(super) fn keys(list: &Value) -> Result<Vec<DepartmentKey>, StoreError> {
    texts(list)?.into_iter().map(DepartmentKey::new).collect::<Result<_, _>>().map_err(|_| CORRUPT)
}

pub(super) fn texts(json: &Value) -> Result<Vec<String>, StoreError> {
    let items = json.as_array().ok_or(CORRUPT)?;
    items.iter().map(|item| item.as_str().map(str::to_owned).ok_or(CORRUPT)).collect()
}
