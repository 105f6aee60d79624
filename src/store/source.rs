//! Configured systems.

use super::{Row, Store, StoreError, Tx};
use crate::args;
use onefold_model::{DepartmentKey, SourceId, SourceKey, Timestamp};

/// A configured system of a department.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SourceRow {
    /// Its id.
    pub id: SourceId,
    /// Its key in the configuration.
    pub key: SourceKey,
    /// Which connector reads it, for example `billing/stripe`.
    pub connector: String,
    /// Whose it is.
    pub department: DepartmentKey,
    /// What people call it.
    pub title: String,
    /// When it was first configured.
    pub created_at: Timestamp,
}

const COLUMNS: &str = "source_id, key, connector, department, title, created_at";

impl SourceRow {
    fn read(row: &Row) -> Result<Self, StoreError> {
        let corrupt = |_| StoreError::Corrupt { what: "a source or department key is not a slug" };
        Ok(Self {
            id: SourceId(row.uuid(0)?),
            key: SourceKey::new(row.text(1)?).map_err(corrupt)?,
            connector: row.text(2)?,
            department: DepartmentKey::new(row.text(3)?).map_err(corrupt)?,
            title: row.text(4)?,
            created_at: row.time(5)?,
        })
    }
}

impl Store {
    /// Every source, by key.
    ///
    /// Without a scope: the app decides which of them a caller may see.
    pub async fn source_list(&self) -> Result<Vec<SourceRow>, StoreError> {
        let rows = self.fetch(format!("select {COLUMNS} from source order by key"), args![]).await?;
        rows.iter().map(SourceRow::read).collect()
    }
}

impl Tx {
    /// Takes the lock of a source's records: one writer of them at a time.
    pub(super) async fn source_lock(&mut self, source: SourceId) -> Result<(), StoreError> {
        if let Some(lock) = self.dialect().lock_source() {
            self.execute(lock, args![source.to_string()]).await?;
        }
        Ok(())
    }

    /// Writes a source. Safe to run twice: the key names the row.
    pub async fn source_upsert(&mut self, source: &SourceRow) -> Result<(), StoreError> {
        self.execute(
            format!(
                "insert into source ({COLUMNS}) values ($1, $2, $3, $4, $5, $6)
                 on conflict (source_id) do update set
                     connector = excluded.connector, department = excluded.department, title = excluded.title"
            ),
            args![
                source.id.0,
                source.key.as_str(),
                &source.connector,
                source.department.as_str(),
                &source.title,
                source.created_at
            ],
        )
        .await?;
        Ok(())
    }
}
