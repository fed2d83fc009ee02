//! The integration tests of the testkit: the tidy tests over the whole tree, schema drift, the fakes.
#![expect(clippy::unwrap_used, reason = "tests stop where something is missing")]

mod codes;
mod drift;
mod entra;
mod tidy;
mod tree;
mod world;
