//! The schema, embedded in the program. All pending migrations run in one transaction under a lock, so that
//! several nodes may start at once.

use diesel::connection::SimpleConnection;
use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};

use crate::any_connection::AnyConnection;
use crate::database::Database;
use crate::error::{StorageError, StorageResult};

fn sqlite() -> EmbeddedMigrations {
    const EMBEDDED: EmbeddedMigrations = embed_migrations!("../../migrations/sqlite");
    EMBEDDED
}

fn postgres() -> EmbeddedMigrations {
    const EMBEDDED: EmbeddedMigrations = embed_migrations!("../../migrations/postgres");
    EMBEDDED
}

/// Any number will do, as long as every node uses the same ("symbolon" in ASCII).
const LOCK: &str = "select pg_advisory_xact_lock(8319399237155057518)";

impl Database {
    /// Runs the pending migrations and returns their names. All run, or none.
    ///
    /// # Errors
    /// [`StorageError::Migration`], and those of [`Database::write`].
    pub async fn migrate(&self) -> StorageResult<Vec<String>> {
        self.write(|connection| match &mut connection.any {
            AnyConnection::Sqlite(c) => up(c, sqlite),
            AnyConnection::Postgres(c) => {
                c.batch_execute(LOCK)?;
                up(c, postgres)
            }
        })
        .await
    }

    /// The names of the migrations that this program brings and the database does not have.
    ///
    /// # Errors
    /// [`StorageError::Migration`], and those of [`Database::read`].
    pub async fn pending_migrations(&self) -> StorageResult<Vec<String>> {
        self.read(|connection| match &mut connection.any {
            AnyConnection::Sqlite(c) => pending(c, sqlite),
            AnyConnection::Postgres(c) => pending(c, postgres),
        })
        .await
    }

    /// Runs the next pending migration alone: for tests that put rows between two of them.
    #[cfg(feature = "testing")]
    pub(crate) async fn migrate_one(&self) -> StorageResult<()> {
        self.write(|connection| match &mut connection.any {
            AnyConnection::Sqlite(c) => next(c, sqlite),
            AnyConnection::Postgres(c) => next(c, postgres),
        })
        .await
    }

    /// Takes every migration back: for the round-trip tests only.
    #[cfg(feature = "testing")]
    pub(crate) async fn roll_back_all(&self) -> StorageResult<()> {
        self.write(|connection| match &mut connection.any {
            AnyConnection::Sqlite(c) => down(c, sqlite),
            AnyConnection::Postgres(c) => down(c, postgres),
        })
        .await
    }
}

fn failed(error: &impl ToString) -> StorageError {
    StorageError::Migration(error.to_string())
}

fn up<DB: diesel::backend::Backend>(
    connection: &mut impl MigrationHarness<DB>,
    migrations: fn() -> EmbeddedMigrations,
) -> StorageResult<Vec<String>> {
    let names = pending(connection, migrations)?;
    connection.run_pending_migrations(migrations()).map_err(|error| failed(&error))?;
    Ok(names)
}

fn pending<DB: diesel::backend::Backend>(
    connection: &mut impl MigrationHarness<DB>,
    migrations: fn() -> EmbeddedMigrations,
) -> StorageResult<Vec<String>> {
    let pending = connection.pending_migrations(migrations()).map_err(|error| failed(&error))?;
    Ok(pending.iter().map(|migration| migration.name().to_string()).collect())
}

#[cfg(feature = "testing")]
fn next<DB: diesel::backend::Backend>(
    connection: &mut impl MigrationHarness<DB>,
    migrations: fn() -> EmbeddedMigrations,
) -> StorageResult<()> {
    connection.run_next_migration(migrations()).map(drop).map_err(|error| failed(&error))
}

#[cfg(feature = "testing")]
fn down<DB: diesel::backend::Backend>(
    connection: &mut impl MigrationHarness<DB>,
    migrations: fn() -> EmbeddedMigrations,
) -> StorageResult<()> {
    connection.revert_all_migrations(migrations()).map(drop).map_err(|error| failed(&error))
}
