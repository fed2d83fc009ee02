//! The pool and the two verbs. Diesel is synchronous: a closure runs on a blocking thread to its end, also
//! when its caller goes away, so that no transaction is ever left half done.

use std::sync::Arc;
use std::time::Duration;

use diesel::connection::{AnsiTransactionManager, SimpleConnection, TransactionManager};
use diesel::r2d2::Pool;
use symbolon_contract::TenantId;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::any_connection::AnyConnection;
use crate::error::{StorageError, StorageResult};
use crate::manager::{LogErrors, Manager};
use crate::operator::Operator;
use crate::tenant::TenantRows;
use crate::url::{Backend, DatabaseUrl};

/// How many connections there are, and how long one waits for a turn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PoolOptions {
    /// Connections at most; also the number of blocking threads that storage may hold.
    pub max_connections: u32,
    /// How long a call waits for a connection before it fails with [`StorageError::Busy`].
    pub wait: Duration,
}

impl Default for PoolOptions {
    fn default() -> Self {
        Self { max_connections: 8, wait: Duration::from_secs(5) }
    }
}

/// How long a call that has its turn tries to connect. Longer than libpq's own limit, see `manager`.
const CONNECT: Duration = Duration::from_secs(6);

/// One connection, inside [`Database::read`] or [`Database::write`].
pub struct Connection {
    pub(crate) any: AnyConnection,
    pub(crate) broken: bool,
}

impl Connection {
    pub(crate) fn new(any: AnyConnection) -> Self {
        Self { any, broken: false }
    }

    /// A part of a transaction that may fail alone: on `Err` what it wrote is gone, and one may go on with the rest.
    /// Without it PostgreSQL takes nothing more after a failure. Only inside [`Database::write`].
    ///
    /// # Errors
    /// Those of the closure, and [`StorageError::Unavailable`].
    pub fn attempt<T>(
        &mut self,
        part: impl FnOnce(&mut Self) -> StorageResult<T>,
    ) -> StorageResult<T> {
        Transactions::begin_transaction(&mut self.any)?;
        let result = part(self);
        end(self, result)
    }

    /// The rows of one tenant.
    pub fn tenant<'a>(&'a mut self, tenant: &'a TenantId) -> TenantRows<'a> {
        TenantRows { conn: &mut self.any, tenant: tenant.as_str() }
    }

    /// What spans tenants. Only for the operator's use cases, jobs and finding the tenant of a request.
    pub fn operator(&mut self) -> Operator<'_> {
        Operator { conn: &mut self.any }
    }
}

/// The database. Cheap to clone.
#[derive(Clone)]
pub struct Database {
    pool: Pool<Manager>,
    permits: Arc<Semaphore>,
    /// SQLite has one writer at a time: writers queue here, in order, instead of polling for the file lock
    /// and holding a connection while they do.
    write_turn: Option<Arc<Semaphore>>,
    wait: Duration,
    url: Arc<DatabaseUrl>,
}

impl std::fmt::Debug for Database {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Database").field(&self.url).finish()
    }
}

impl Database {
    /// Opens the database and makes one connection, so that a wrong address shows at once.
    ///
    /// # Errors
    /// [`StorageError::Unavailable`].
    pub async fn open(url: &DatabaseUrl, options: PoolOptions) -> StorageResult<Self> {
        let size = options.max_connections.max(1);
        let first = Manager { url: url.clone() };
        let pool = blocking(move || {
            first.establish()?;
            Ok::<_, StorageError>(
                Pool::builder()
                    .max_size(size)
                    .min_idle(Some(0))
                    .test_on_check_out(false)
                    .connection_timeout(CONNECT)
                    .error_handler(Box::new(LogErrors))
                    .build_unchecked(first),
            )
        })
        .await?;
        let write_turn = match url.backend() {
            Backend::Sqlite => Some(Arc::new(Semaphore::new(1))),
            Backend::Postgres => None,
        };
        Ok(Self {
            pool,
            permits: Arc::new(Semaphore::new(size as usize)),
            write_turn,
            wait: options.wait,
            url: Arc::new(url.clone()),
        })
    }

    /// Which of the two databases it is.
    #[must_use]
    pub fn backend(&self) -> Backend {
        self.url.backend()
    }

    /// Reads without a transaction.
    ///
    /// # Errors
    /// Those of the closure; [`StorageError::Busy`] and [`StorageError::Unavailable`] of the pool.
    pub async fn read<T: Send + 'static>(
        &self,
        query: impl FnOnce(&mut Connection) -> StorageResult<T> + Send + 'static,
    ) -> StorageResult<T> {
        self.run(None, query).await
    }

    /// One transaction: commits on `Ok`, rolls back on `Err`.
    ///
    /// # Errors
    /// Those of the closure; [`StorageError::Busy`] and [`StorageError::Unavailable`] of the pool.
    pub async fn write<T: Send + 'static>(
        &self,
        change: impl FnOnce(&mut Connection) -> StorageResult<T> + Send + 'static,
    ) -> StorageResult<T> {
        self.try_write(change).await
    }

    /// [`write`](Self::write) for a closure that also fails in ways of its own: every `Err` rolls back.
    ///
    /// # Errors
    /// Those of the closure; [`StorageError::Busy`] and [`StorageError::Unavailable`] of the pool.
    pub async fn try_write<T: Send + 'static, E: From<StorageError> + Send + 'static>(
        &self,
        change: impl FnOnce(&mut Connection) -> Result<T, E> + Send + 'static,
    ) -> Result<T, E> {
        let turn = match &self.write_turn {
            Some(turn) => Some(self.permit(turn).await?),
            None => None,
        };
        self.run(turn, |connection| transact(connection, change)).await
    }

    /// Asks the database for an answer.
    ///
    /// # Errors
    /// [`StorageError::Busy`], [`StorageError::Unavailable`].
    pub async fn ping(&self) -> StorageResult<()> {
        self.read(|connection| Ok(connection.any.batch_execute("select 1")?)).await
    }

    async fn permit(&self, semaphore: &Arc<Semaphore>) -> StorageResult<OwnedSemaphorePermit> {
        let turn = tokio::time::timeout(self.wait, Arc::clone(semaphore).acquire_owned()).await;
        turn.ok().and_then(Result::ok).ok_or(StorageError::Busy)
    }

    /// The permits go into the closure: they are free again when the work is done, not when the caller leaves.
    async fn run<T: Send + 'static, E: From<StorageError> + Send + 'static>(
        &self,
        turn: Option<OwnedSemaphorePermit>,
        task: impl FnOnce(&mut Connection) -> Result<T, E> + Send + 'static,
    ) -> Result<T, E> {
        let permit = self.permit(&self.permits).await?;
        let pool = self.pool.clone();
        blocking(move || {
            let _held = (turn, permit);
            let mut connection =
                pool.get().map_err(|error| StorageError::Unavailable { why: error.to_string() })?;
            let result = task(&mut connection);
            if result.is_err() {
                connection.broken |= is_lost(&mut connection.any);
            }
            result
        })
        .await
    }
}

/// After a failure only: a connection that the server has closed must not go back into the pool, and diesel
/// itself looks at its transaction manager alone.
fn is_lost(any: &mut AnyConnection) -> bool {
    match any {
        AnyConnection::Sqlite(_) => false,
        AnyConnection::Postgres(connection) => connection.batch_execute("select 1").is_err(),
    }
}

type Transactions = <AnyConnection as diesel::Connection>::TransactionManager;

fn transact<T, E: From<StorageError>>(
    connection: &mut Connection,
    change: impl FnOnce(&mut Connection) -> Result<T, E>,
) -> Result<T, E> {
    begin(&mut connection.any)?;
    let result = change(connection);
    end(connection, result)
}

/// Ends the innermost transaction or part of one, as its result says.
fn end<T, E: From<StorageError>>(
    connection: &mut Connection,
    result: Result<T, E>,
) -> Result<T, E> {
    let ended = match &result {
        Ok(_) => Transactions::commit_transaction(&mut connection.any),
        Err(_) => Transactions::rollback_transaction(&mut connection.any),
    };
    match (result, ended) {
        (result, Ok(())) => result,
        (Ok(_), Err(error)) => {
            connection.broken = true;
            Err(E::from(StorageError::from(error)))
        }
        (Err(cause), Err(error)) => {
            tracing::warn!(%error, "a transaction could not be rolled back");
            connection.broken = true;
            Err(cause)
        }
    }
}

/// A read that turns into a write fails at once in SQLite's deferred transactions (DB-T4).
pub(crate) fn begin(any: &mut AnyConnection) -> StorageResult<()> {
    match any {
        AnyConnection::Sqlite(connection) => {
            AnsiTransactionManager::begin_transaction_sql(connection, "BEGIN IMMEDIATE")?;
        }
        AnyConnection::Postgres(connection) => {
            AnsiTransactionManager::begin_transaction(connection)?;
        }
    }
    Ok(())
}

async fn blocking<T: Send + 'static, E: From<StorageError> + Send + 'static>(
    task: impl FnOnce() -> Result<T, E> + Send + 'static,
) -> Result<T, E> {
    #[expect(
        clippy::disallowed_methods,
        reason = "the one place of storage where threads park; a semaphore bounds how many (DB-1, DB-2)"
    )]
    let joined = tokio::task::spawn_blocking(task).await;
    joined.unwrap_or_else(|_| {
        Err(E::from(StorageError::Other("a database closure panicked".to_owned())))
    })
}
