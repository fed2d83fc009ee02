//! The mapping contract of the crate `symbolon-contract`: the same file, compiled here.
//!
//! As a dependency the crate would lie outside this workspace; cargo then hashes its absolute path into every
//! symbol, and two machines build different bytes (`plugins/dist` must be reproducible).

#[path = "../../../broker/contract/src/mapping.rs"]
pub mod mapping;
