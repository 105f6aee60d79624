//! The real differences between the two databases, side by side.

/// Which database.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dialect {
    /// SQLite 3 in the process.
    Sqlite,
    /// A PostgreSQL server.
    Postgres,
}

impl Dialect {
    /// The first statement of a transaction that writes the change log.
    ///
    /// PostgreSQL gives out sequence numbers before commit, so a reader could pass a number that is not there yet: one
    /// writer of the log at a time keeps order of commit and order of numbers the same. SQLite has one writer anyway.
    pub fn lock_change_log(self) -> Option<&'static str> {
        match self {
            Self::Sqlite => None,
            Self::Postgres => Some("select 1 from (select pg_advisory_xact_lock(7188001)) as locked"),
        }
    }

    /// The first statement of a transaction that writes the records of a source; the bind is the source's id as text.
    ///
    /// Two deliveries of one record at once would both read the same newest version and both write the next one.
    pub fn lock_source(self) -> Option<&'static str> {
        match self {
            Self::Sqlite => None,
            Self::Postgres => {
                Some("select 1 from (select pg_advisory_xact_lock(hashtextextended($1, 7188003))) as locked")
            }
        }
    }

    /// The first statement of a transaction that folds customers: two of them would race for the same records.
    pub fn lock_identity(self) -> Option<&'static str> {
        match self {
            Self::Sqlite => None,
            Self::Postgres => Some("select 1 from (select pg_advisory_xact_lock(7188002)) as locked"),
        }
    }
}
