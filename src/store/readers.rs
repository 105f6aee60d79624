//! Connections for reads, kept at hand.
//!
//! The driver's pool asks every connection that comes back whether it still lives, in a task of its own: a round trip more for
//! each statement, while the next one opens a second connection whose caches are empty. Here a connection that has just
//! answered is put back as it is, and the latest is taken first. Promises: a connection that failed, or whose statement was
//! given up, goes back to the driver's pool, which asks it; no more are out than that pool has. Deliberately knows no
//! transaction: those need the pool's care.

use sqlx::pool::PoolConnection;
use sqlx::{AssertSqlSafe, Database, Executor, IntoArguments, Pool};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};
use tokio::sync::{Semaphore, SemaphorePermit};

/// A pool of which nobody else takes connections. Cheap to clone.
#[derive(Debug)]
pub(super) struct Readers<DB: Database>(Arc<Shared<DB>>);

#[derive(Debug)]
struct Shared<DB: Database> {
    pool: Pool<DB>,
    /// One for each connection that the pool may have, so that who has one is never kept waiting by those at hand.
    turns: Semaphore,
    /// The latest last.
    at_hand: Mutex<Vec<AtHand<DB>>>,
}

#[derive(Debug)]
struct AtHand<DB: Database> {
    connection: PoolConnection<DB>,
    opened: Instant,
    used: Instant,
}

impl<DB: Database> Clone for Readers<DB> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<DB> Readers<DB>
where
    DB: Database,
    DB::Arguments: IntoArguments<DB>,
    for<'c> &'c mut DB::Connection: Executor<'c, Database = DB>,
{
    /// Over a pool that is theirs alone.
    pub(super) fn new(pool: Pool<DB>) -> Self {
        let turns = Semaphore::new(pool.options().get_max_connections() as usize);
        Self(Arc::new(Shared { pool, turns, at_hand: Mutex::default() }))
    }

    /// The rows of a statement that only reads.
    pub(super) async fn fetch(&self, sql: String, arguments: DB::Arguments) -> Result<Vec<DB::Row>, sqlx::Error> {
        let _turn = self.turn().await?;
        let mut reader = if let Some(reader) = self.latest() {
            reader
        } else {
            let now = Instant::now();
            AtHand { connection: self.0.pool.acquire().await?, opened: now, used: now }
        };
        let rows = sqlx::query_with::<DB, _>(AssertSqlSafe(sql), arguments).fetch_all(&mut *reader.connection).await;
        match &rows {
            Ok(_) => self.put(reader),
            Err(error) if is_of_statement(error) => {}
            // The others of a server that went away have gone with it: each would fail one more read.
            Err(_) => self.at_hand().clear(),
        }
        rows
    }

    /// Waits for reads that are on their way, and closes the connections.
    pub(super) async fn close(&self) {
        // In this order: what is put back after the list was emptied sees that it is too late.
        self.0.turns.close();
        self.at_hand().clear();
        self.0.pool.close().await;
    }

    async fn turn(&self) -> Result<SemaphorePermit<'_>, sqlx::Error> {
        if let Ok(turn) = self.0.turns.try_acquire() {
            return Ok(turn);
        }
        let wait = self.0.pool.options().get_acquire_timeout();
        let turn = tokio::time::timeout(wait, self.0.turns.acquire()).await;
        turn.map_err(|_| sqlx::Error::PoolTimedOut)?.map_err(|_| sqlx::Error::PoolClosed)
    }

    fn latest(&self) -> Option<AtHand<DB>> {
        let lifetime = self.0.pool.options().get_max_lifetime().unwrap_or(Duration::MAX);
        let mut at_hand = self.at_hand();
        // One that is too old is dropped, which gives it to the pool, and that closes it.
        while let Some(reader) = at_hand.pop() {
            if reader.opened.elapsed() < lifetime {
                return Some(reader);
            }
        }
        None
    }

    fn put(&self, mut reader: AtHand<DB>) {
        let idle = self.0.pool.options().get_idle_timeout().unwrap_or(Duration::MAX);
        let mut at_hand = self.at_hand();
        if self.0.turns.is_closed() {
            return;
        }
        reader.used = Instant::now();
        at_hand.push(reader);
        // The first was used the longest ago. After a busy hour, they go one by one.
        if at_hand.first().is_some_and(|first| first.used.elapsed() >= idle) {
            at_hand.remove(0);
        }
    }

    fn at_hand(&self) -> MutexGuard<'_, Vec<AtHand<DB>>> {
        // A list is never half written, so a lock that a panic left behind still guards a good one.
        self.0.at_hand.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Whether the statement failed and not its connection: PostgreSQL tells by `57P..` that it shuts down or ends one.
fn is_of_statement(error: &sqlx::Error) -> bool {
    let code = error.as_database_error().map(sqlx::error::DatabaseError::code);
    code.is_some_and(|code| !code.is_some_and(|code| code.starts_with("57P")))
}

impl<DB: Database> Drop for Shared<DB> {
    fn drop(&mut self) {
        // Given to the pool, a connection starts a task; there may be no runtime any more that it could run on.
        let at_hand = self.at_hand.get_mut().unwrap_or_else(PoisonError::into_inner);
        for reader in at_hand.drain(..) {
            drop(reader.connection.detach());
        }
    }
}
