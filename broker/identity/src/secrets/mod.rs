//! Secrets at rest: who may read them, how they are sealed, and how values are hashed.
//!
//! Owns: the keyring of master keys, one data key per tenant, the sealed text format, digests.
//! Does not own: where sealed texts are kept (storage), or what a secret is for (its owner).

pub mod digest;
