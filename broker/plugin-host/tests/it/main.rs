//! The plugin host from outside: real components, real limits.
#![expect(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

mod corpus;
mod freshness;
mod misbehaving;
mod sharing;
mod upload;
mod world;
