//! The two databases behind one handle: open, migrate, run a statement, run a transaction.
//!
//! SQL is written once, with `$1` placeholders, and run by dispatch. What differs is in [`super::dialect`].

use super::readers::Readers;
use super::tombstone::ErasureKey;
use super::value::{Arg, Row, bind_postgres, bind_sqlite};
use super::{Dialect, StoreError};
use sqlx::postgres::{PgArguments, PgConnectOptions, PgPoolOptions};
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};
use sqlx::{AssertSqlSafe, Executor, PgPool, Postgres, Sqlite, SqlitePool, Transaction};
use std::str::FromStr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// A handle to the store. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Store {
    pool: Pool,
    statements: Arc<AtomicU64>,
    /// By which erased people are recognised.
    pub(super) erasure: Option<Arc<ErasureKey>>,
}

#[derive(Debug, Clone)]
enum Pool {
    /// SQLite takes one writer at a time: a pool of one makes waiting fair instead of failing with "busy".
    Sqlite { writer: SqlitePool, readers: Readers<Sqlite> },
    Postgres {
        /// For transactions.
        pool: PgPool,
        readers: Readers<Postgres>,
        /// What answers documents, see [`Store::serve`].
        serving: Readers<Postgres>,
    },
}

/// An open transaction. Dropped without [`Tx::commit`], it is rolled back.
#[derive(Debug)]
pub struct Tx {
    inner: Inner,
    statements: Arc<AtomicU64>,
    /// Entries of the audit that are written at the end.
    pub(super) audits: Vec<super::audit::Waiting>,
    pub(super) erasure: Option<Arc<ErasureKey>>,
}

#[derive(Debug)]
enum Inner {
    Sqlite(Transaction<'static, Sqlite>),
    Postgres(Transaction<'static, Postgres>),
}

fn failed(doing: &'static str) -> impl Fn(sqlx::Error) -> StoreError {
    move |source| StoreError::Database { doing, source }
}

/// By a connection of those that only read.
async fn read<DB>(
    readers: &Readers<DB>,
    sql: String,
    arguments: DB::Arguments,
    wrap: fn(DB::Row) -> Row,
) -> Result<Vec<Row>, StoreError>
where
    DB: sqlx::Database,
    DB::Arguments: sqlx::IntoArguments<DB>,
    for<'c> &'c mut DB::Connection: Executor<'c, Database = DB>,
{
    let rows = readers.fetch(sql, arguments).await.map_err(failed("read from the store"))?;
    Ok(rows.into_iter().map(wrap).collect())
}

async fn run<'e, DB, E>(
    executor: E,
    sql: String,
    arguments: DB::Arguments,
    wrap: fn(DB::Row) -> Row,
) -> Result<Vec<Row>, sqlx::Error>
where
    DB: sqlx::Database,
    DB::Arguments: sqlx::IntoArguments<DB>,
    E: Executor<'e, Database = DB>,
{
    let rows = sqlx::query_with::<DB, _>(AssertSqlSafe(sql), arguments).fetch_all(executor).await?;
    Ok(rows.into_iter().map(wrap).collect())
}

impl Store {
    /// Opens `sqlite:PATH` (made when missing) or `postgres://…`, and brings the schema up to date.
    pub async fn open(url: &str) -> Result<Self, StoreError> {
        let pool = if url.starts_with("postgres:") || url.starts_with("postgresql:") {
            open_postgres(url).await?
        } else if let Some(path) = url.strip_prefix("sqlite:") {
            open_sqlite(path).await?
        } else {
            return Err(StoreError::Url);
        };
        let store = Self { pool, statements: Arc::default(), erasure: None };
        store.audit_chain_older().await?;
        Ok(store)
    }

    /// Which database this is.
    pub fn dialect(&self) -> Dialect {
        match self.pool {
            Pool::Sqlite { .. } => Dialect::Sqlite,
            Pool::Postgres { .. } => Dialect::Postgres,
        }
    }

    /// How many statements this handle and its clones have sent: for tests that hold a read to its budget.
    pub fn statements(&self) -> u64 {
        self.statements.load(Ordering::Relaxed)
    }

    /// Reads outside a transaction.
    pub async fn fetch(&self, sql: impl Into<String>, args: Vec<Arg>) -> Result<Vec<Row>, StoreError> {
        self.statements.fetch_add(1, Ordering::Relaxed);
        match &self.pool {
            Pool::Sqlite { readers, .. } => read(readers, sql.into(), bind_sqlite(args)?, Row::Sqlite).await,
            Pool::Postgres { readers, .. } => read(readers, sql.into(), bind_postgres(args)?, Row::Postgres).await,
        }
    }

    /// As [`Store::fetch`], for statements that begin at given ids: of those, most of an answer is made.
    ///
    /// PostgreSQL plans such a statement once for a connection. Left to itself it plans one with conditions on rows each time
    /// anew, which takes longer than running it. A plan knows no values, so what it must know is written into the text: the
    /// size of a page, and words of ours like the kind of a record. Not for what goes through a list: how far depends on the
    /// values.
    pub(super) async fn serve(&self, sql: impl Into<String>, args: Vec<Arg>) -> Result<Vec<Row>, StoreError> {
        let Pool::Postgres { serving, .. } = &self.pool else { return self.fetch(sql, args).await };
        self.statements.fetch_add(1, Ordering::Relaxed);
        read(serving, sql.into(), bind_postgres(args)?, Row::Postgres).await
    }

    /// Opens a transaction that may write.
    pub async fn begin(&self) -> Result<Tx, StoreError> {
        let inner = match &self.pool {
            // A deferred transaction that reads first cannot always become a writer; an immediate one waits its turn.
            Pool::Sqlite { writer, .. } => {
                Inner::Sqlite(writer.begin_with("begin immediate").await.map_err(failed("begin a transaction"))?)
            }
            Pool::Postgres { pool, .. } => Inner::Postgres(pool.begin().await.map_err(failed("begin a transaction"))?),
        };
        let (statements, erasure) = (Arc::clone(&self.statements), self.erasure.clone());
        Ok(Tx { inner, statements, audits: Vec::new(), erasure })
    }

    /// Takes what was deleted out of the files of SQLite too, as far as it still waits in the log. After an erasure.
    pub async fn scrub(&self) -> Result<(), StoreError> {
        if let Pool::Sqlite { writer, .. } = &self.pool {
            for sql in ["pragma secure_delete = off", "pragma wal_checkpoint(truncate)"] {
                sqlx::query(sql).execute(writer).await.map_err(failed("write the log into the SQLite file"))?;
            }
        }
        Ok(())
    }

    /// Waits for running statements and closes the connections.
    pub async fn close(&self) {
        match &self.pool {
            Pool::Sqlite { writer, readers } => {
                readers.close().await;
                writer.close().await;
            }
            Pool::Postgres { pool, readers, serving } => {
                serving.close().await;
                readers.close().await;
                pool.close().await;
            }
        }
    }
}

impl Tx {
    /// Which database this is.
    pub fn dialect(&self) -> Dialect {
        match self.inner {
            Inner::Sqlite(_) => Dialect::Sqlite,
            Inner::Postgres(_) => Dialect::Postgres,
        }
    }

    /// Runs a statement and gives its rows.
    pub async fn fetch(&mut self, sql: impl Into<String>, args: Vec<Arg>) -> Result<Vec<Row>, StoreError> {
        self.statements.fetch_add(1, Ordering::Relaxed);
        match &mut self.inner {
            Inner::Sqlite(tx) => run(&mut **tx, sql.into(), bind_sqlite(args)?, Row::Sqlite).await,
            Inner::Postgres(tx) => run(&mut **tx, sql.into(), bind_postgres(args)?, Row::Postgres).await,
        }
        .map_err(failed("run a statement"))
    }

    /// Runs a statement and gives the number of rows that it touched.
    pub async fn execute(&mut self, sql: impl Into<String>, args: Vec<Arg>) -> Result<u64, StoreError> {
        self.statements.fetch_add(1, Ordering::Relaxed);
        let sql = AssertSqlSafe(sql.into());
        match &mut self.inner {
            Inner::Sqlite(tx) => {
                let query = sqlx::query_with(sql, bind_sqlite(args)?);
                query.execute(&mut **tx).await.map(|done| done.rows_affected())
            }
            Inner::Postgres(tx) => {
                let query = sqlx::query_with(sql, bind_postgres(args)?);
                query.execute(&mut **tx).await.map(|done| done.rows_affected())
            }
        }
        .map_err(failed("run a statement"))
    }

    /// As [`Tx::execute`], on PostgreSQL only, with values that are bound already.
    pub(super) async fn execute_bound(&mut self, sql: String, bound: PgArguments) -> Result<u64, StoreError> {
        self.statements.fetch_add(1, Ordering::Relaxed);
        let Inner::Postgres(tx) = &mut self.inner else {
            return Err(StoreError::Corrupt { what: "values for PostgreSQL were bound for SQLite" });
        };
        let done = sqlx::query_with(AssertSqlSafe(sql), bound).execute(&mut **tx).await;
        done.map(|done| done.rows_affected()).map_err(failed("run a statement"))
    }

    /// Makes everything in the transaction last.
    pub async fn commit(mut self) -> Result<(), StoreError> {
        self.audit_flush().await?;
        match self.inner {
            Inner::Sqlite(tx) => tx.commit().await,
            Inner::Postgres(tx) => tx.commit().await,
        }
        .map_err(failed("commit a transaction"))
    }
}

/// How much of the file reads look at where the system keeps it, in bytes: the most that SQLite takes. Each connection would
/// otherwise copy pages into a cache of its own, and a page costs more than what is done with it. Writing does without: a
/// disk that fails is then an error, and not the end of the process.
const SQLITE_MAPPED: &str = "2147418112";

async fn open_sqlite(path: &str) -> Result<Pool, StoreError> {
    let options = SqliteConnectOptions::from_str(&format!("sqlite:{path}"))
        .map_err(failed("read the store's address"))?
        .create_if_missing(true)
        .foreign_keys(true)
        .journal_mode(SqliteJournalMode::Wal)
        // What was acknowledged survives a power cut, not just a crash of the process.
        .synchronous(SqliteSynchronous::Full)
        .busy_timeout(Duration::from_secs(30))
        .pragma("cache_size", "-65536")
        .pragma("temp_store", "memory");
    let writer = connect_sqlite(1, &options).await.map_err(failed("open the SQLite file"))?;
    migrate_sqlite(&writer).await?;
    let mapped = options.read_only(true).pragma("mmap_size", SQLITE_MAPPED);
    let readers = connect_sqlite(8, &mapped).await.map_err(failed("open the SQLite file for reading"))?;
    Ok(Pool::Sqlite { writer, readers: Readers::new(readers) })
}

/// SQLite does not wait, as it does elsewhere, where two processes turn a new file to WAL at the same moment: the one that
/// is told "database is locked" (code 5) tries again.
async fn connect_sqlite(connections: u32, options: &SqliteConnectOptions) -> Result<SqlitePool, sqlx::Error> {
    let mut tries_left = 200;
    loop {
        let pool = SqlitePoolOptions::new().max_connections(connections).test_before_acquire(false);
        match pool.connect_with(options.clone()).await {
            Err(sqlx::Error::Database(error)) if error.code().as_deref() == Some("5") && tries_left > 0 => {
                tries_left -= 1;
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
            other => return other,
        }
    }
}

/// PostgreSQL's migrations are run under a lock and SQLite's are not: two processes that are the first to see an empty store
/// would both make its tables. Who fails tries once more, alone. Not always alone, because opening would then wait for every
/// long write of another process.
async fn migrate_sqlite(writer: &SqlitePool) -> Result<(), StoreError> {
    let migrations = sqlx::migrate!("migrations/sqlite");
    if migrations.run(writer).await.is_ok() {
        return Ok(());
    }
    let doing = "bring the store's schema up to date";
    let mut alone = writer.begin_with("begin immediate").await.map_err(failed(doing))?;
    migrations.run_direct(None, &mut *alone, false).await.map_err(StoreError::Migrate)?;
    alone.commit().await.map_err(failed(doing))
}

async fn open_postgres(url: &str) -> Result<Pool, StoreError> {
    let options = PgConnectOptions::from_str(url).map_err(failed("read the store's address"))?;
    let connections = || {
        PgPoolOptions::new()
            .max_connections(16)
            .acquire_timeout(Duration::from_secs(30))
            // The ping costs a quarter of a primary-key read; a broken connection shows itself at the next statement.
            .test_before_acquire(false)
    };
    let pool = connections().connect_with(options.clone()).await.map_err(failed("connect to PostgreSQL"))?;
    sqlx::migrate!("migrations/postgres").run(&pool).await.map_err(StoreError::Migrate)?;
    let readers = Readers::new(connections().connect_lazy_with(options.clone()));
    let planned_once = options.options([("plan_cache_mode", "force_generic_plan"), ("jit", "off")]);
    // A plan that was made while the store was small does not stay for long.
    let serving = connections().max_lifetime(Duration::from_mins(5)).connect_lazy_with(planned_once);
    Ok(Pool::Postgres { pool, readers, serving: Readers::new(serving) })
}
