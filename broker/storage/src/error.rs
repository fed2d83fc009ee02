//! Every way in which storage can fail.

use diesel::result::{DatabaseErrorInformation, DatabaseErrorKind, Error};

/// What storage calls return.
pub type StorageResult<T> = Result<T, StorageError>;

/// Every way in which storage can fail. No text holds a database URL, a password or the value of a row.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum StorageError {
    /// All connections were in use, or a lock was held, for longer than we wait. Trying again later may work.
    #[error("the database is busy")]
    Busy,
    /// The database cannot be reached, or the connection was lost.
    #[error("the database is not available: {why}")]
    Unavailable {
        /// What the driver said, without secrets.
        why: String,
    },
    /// A row with this key is there already. The transaction is still usable.
    #[error("there is such a row in {what} already")]
    Conflict {
        /// The table, and the constraint where it is known.
        what: String,
    },
    /// The row was changed by somebody else since it was read, or is gone.
    #[error("the row was changed in the meantime")]
    StaleVersion,
    /// A row that we could not have written.
    #[error("a row of {table} cannot be read: {why}")]
    Corrupt {
        /// The table.
        table: &'static str,
        /// The column and what is wrong with it.
        why: String,
    },
    /// The schema could not be brought up to date.
    #[error("the migration failed: {0}")]
    Migration(String),
    /// A failure that nobody can do anything about at run time.
    #[error("the database refused: {0}")]
    Other(String),
}

/// The table of a violated constraint: PostgreSQL names it, SQLite says `UNIQUE constraint failed: table.column, ..`.
fn place(info: &dyn DatabaseErrorInformation) -> String {
    if let Some(table) = info.table_name() {
        return match info.constraint_name() {
            Some(constraint) => format!("{table} ({constraint})"),
            None => table.to_owned(),
        };
    }
    let columns = info.message().rsplit(": ").next().unwrap_or_default();
    columns.split('.').next().unwrap_or_default().to_owned()
}

impl From<Error> for StorageError {
    fn from(error: Error) -> Self {
        match error {
            Error::DatabaseError(DatabaseErrorKind::UniqueViolation, info) => {
                Self::Conflict { what: place(info.as_ref()) }
            }
            Error::DatabaseError(DatabaseErrorKind::ClosedConnection, info) => {
                Self::Unavailable { why: first_line(info.message()) }
            }
            Error::DatabaseError(DatabaseErrorKind::SerializationFailure, _) => Self::Busy,
            Error::DatabaseError(_, info) => from_message(info.message()),
            Error::BrokenTransactionManager => {
                Self::Unavailable { why: "the transaction was lost".to_owned() }
            }
            Error::DeserializationError(why) => {
                Self::Corrupt { table: "(a result)", why: why.to_string() }
            }
            other => Self::Other(first_line(&other.to_string())),
        }
    }
}

/// Kinds that diesel does not tell apart are told by their fixed texts (untranslated: see `manager`).
fn from_message(message: &str) -> StorageError {
    const LOCKED: [&str; 4] =
        ["database is locked", "database table is locked", "lock timeout", "deadlock detected"];
    const LOST: [&str; 4] = [
        "server closed the connection",
        "terminating connection",
        "connection to server",
        "no connection to the server",
    ];
    if LOCKED.iter().any(|text| message.contains(text)) {
        StorageError::Busy
    } else if LOST.iter().any(|text| message.contains(text)) {
        StorageError::Unavailable { why: first_line(message) }
    } else {
        StorageError::Other(first_line(message))
    }
}

pub(crate) fn first_line(text: &str) -> String {
    text.lines().next().unwrap_or_default().to_owned()
}
