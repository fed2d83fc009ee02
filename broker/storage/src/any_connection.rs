//! One connection of either backend. In a file of its own, because the derive imports by glob.

use diesel::{PgConnection, SqliteConnection};

/// One connection of either backend. Made by `manager` alone, never by the derive's `establish` (DB-T1).
#[derive(diesel::MultiConnection)]
pub(crate) enum AnyConnection {
    Sqlite(SqliteConnection),
    Postgres(PgConnection),
}
