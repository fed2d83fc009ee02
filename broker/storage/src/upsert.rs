//! What `MultiConnection` cannot say (DB-M1): `on conflict`, written once and compiled for each backend.
//!
//! Inserts go through here too: `on conflict do nothing` leaves a PostgreSQL transaction usable, which a
//! unique violation would abort, so that a conflict means the same on both backends.

/// The same expression on the connection of either backend.
macro_rules! per_backend {
    ($conn:expr, |$c:ident| $body:expr) => {
        match $conn {
            crate::any_connection::AnyConnection::Sqlite($c) => $body,
            crate::any_connection::AnyConnection::Postgres($c) => $body,
        }
    };
}
pub(crate) use per_backend;

/// Inserts unless the key, or another unique value, is there already. Says whether it did.
macro_rules! insert_or_ignore {
    ($conn:expr, $table:ident, $values:expr) => {{
        use diesel::RunQueryDsl as _;
        let values = $values;
        let rows = crate::upsert::per_backend!($conn, |c| {
            diesel::insert_into($table::table).values(values).on_conflict_do_nothing().execute(c)
        });
        rows.map(|rows| rows == 1).map_err(crate::error::StorageError::from)
    }};
}
pub(crate) use insert_or_ignore;

/// Inserts, or fails with `Conflict`.
macro_rules! insert_new {
    ($conn:expr, $table:ident, $values:expr) => {
        match crate::upsert::insert_or_ignore!($conn, $table, $values) {
            Ok(true) => Ok(()),
            Ok(false) => {
                Err(crate::error::StorageError::Conflict { what: stringify!($table).to_owned() })
            }
            Err(error) => Err(error),
        }
    };
}
pub(crate) use insert_new;

/// Inserts, or overwrites every column that is not part of the key.
macro_rules! upsert {
    ($conn:expr, $table:ident ($($key:ident),+), $row:expr) => {{
        use diesel::RunQueryDsl as _;
        let row = $row;
        let rows = crate::upsert::per_backend!($conn, |c| {
            diesel::insert_into($table::table)
                .values(row)
                .on_conflict(($($table::$key,)+))
                .do_update()
                .set(row)
                .execute(c)
        });
        rows.map(drop).map_err(crate::error::StorageError::from)
    }};
}
pub(crate) use upsert;
