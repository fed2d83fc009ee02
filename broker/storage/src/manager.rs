//! How a connection is made and judged: our own r2d2 manager over a parsed URL. The `establish` that the
//! derive makes is never called: it tries one backend after the other and swallows what went wrong (DB-T1).

use diesel::connection::SimpleConnection;
use diesel::r2d2::{HandleError, ManageConnection, R2D2Connection};
use diesel::{Connection as _, ConnectionError, PgConnection, SqliteConnection};

use crate::any_connection::AnyConnection;
use crate::database::Connection;
use crate::error::{StorageError, StorageResult, first_line};
use crate::url::DatabaseUrl;

/// WAL lets readers go on beside the writer; FULL syncs each commit, because an acknowledged write is kept.
const SQLITE_SETUP: &str = "pragma busy_timeout = 5000; pragma journal_mode = wal; \
    pragma foreign_keys = on; pragma synchronous = full;";

/// Texts of errors stay English, so that `error` can tell them apart; nobody waits for a lock for ever.
const POSTGRES_SETUP: &str = "set lc_messages = 'C'; set lock_timeout = '10s'; \
    set statement_timeout = '60s'; set idle_in_transaction_session_timeout = '60s'; \
    set time zone 'UTC';";

#[derive(Debug)]
pub(crate) struct Manager {
    pub(crate) url: DatabaseUrl,
}

impl Manager {
    pub(crate) fn establish(&self) -> StorageResult<AnyConnection> {
        match &self.url {
            DatabaseUrl::Sqlite(path) => {
                let path = path.to_str().ok_or_else(|| unavailable("the path is not UTF-8"))?;
                make_private(path)?;
                let mut connection = SqliteConnection::establish(path)
                    .map_err(|error| unavailable(&reason(&error)))?;
                connection.batch_execute(SQLITE_SETUP)?;
                Ok(AnyConnection::Sqlite(connection))
            }
            DatabaseUrl::Postgres(url) => {
                let mut connection = PgConnection::establish(&with_timeout(url))
                    .map_err(|error| unavailable(&reason(&error)))?;
                // An ordinary role may not set lc_messages: then the error texts are the server's.
                let setup = connection.batch_execute(POSTGRES_SETUP);
                if setup.is_err() {
                    let rest = POSTGRES_SETUP.split_once(';').map_or("", |(_, rest)| rest);
                    connection.batch_execute(rest)?;
                }
                Ok(AnyConnection::Postgres(connection))
            }
        }
    }
}

/// A new database file is for its owner's eyes only; an existing one keeps its mode.
fn make_private(path: &str) -> StorageResult<()> {
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create(true).truncate(false);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    match options.open(path) {
        Ok(_) => Ok(()),
        Err(error) => Err(unavailable(&format!("the database file cannot be opened ({error})"))),
    }
}

/// An address that does not answer must not hold a thread for minutes.
fn with_timeout(url: &str) -> String {
    if url.contains("connect_timeout=") {
        return url.to_owned();
    }
    let separator = if url.contains('?') { '&' } else { '?' };
    format!("{url}{separator}connect_timeout=5")
}

fn unavailable(why: &str) -> StorageError {
    StorageError::Unavailable { why: why.to_owned() }
}

/// libpq repeats a URL that it cannot read, password and all: only its plain network errors are passed on.
fn reason(error: &ConnectionError) -> String {
    let text = first_line(&error.to_string());
    if text.starts_with("connection to server") || text.starts_with("unable to open") {
        text
    } else {
        "the connection settings were refused".to_owned()
    }
}

impl ManageConnection for Manager {
    type Connection = Connection;
    type Error = StorageError;

    fn connect(&self) -> StorageResult<Connection> {
        self.establish().map(Connection::new)
    }

    fn is_valid(&self, connection: &mut Connection) -> StorageResult<()> {
        Ok(connection.any.ping()?)
    }

    fn has_broken(&self, connection: &mut Connection) -> bool {
        std::thread::panicking() || connection.broken || connection.any.is_broken()
    }
}

/// What the pool's own threads meet goes to our log (the texts are free of secrets, see [`reason`]).
#[derive(Debug)]
pub(crate) struct LogErrors;

impl HandleError<StorageError> for LogErrors {
    fn handle_error(&self, error: StorageError) {
        tracing::warn!(%error, "a database connection could not be made");
    }
}
