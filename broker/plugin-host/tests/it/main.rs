//! The plugin host from outside: real components, real limits.

mod corpus;
mod freshness;
mod misbehaving;
mod sharing;
mod upload;
mod world;
