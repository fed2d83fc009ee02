//! The plugin host from outside: real components, real limits.
#![expect(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

mod batch;
mod classes;
mod compile;
mod contract;
mod corpus;
mod disk;
mod examples;
mod freshness;
mod lints;
mod misbehaving;
mod prepared;
mod sharing;
mod upload;
mod world;
