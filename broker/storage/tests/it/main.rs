//! The storage suite: the same tests on SQLite and on PostgreSQL.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod api_keys;
mod audit;
mod connector_life;
mod database;
mod isolation;
mod library;
mod links;
mod mapping;
mod migrations;
mod openid;
mod operator;
mod recorded;
mod rows;
mod sessions;
mod single_use;
mod users;
mod world;
