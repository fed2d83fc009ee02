//! Secrets at rest: who may read them, how they are sealed, and how values are hashed.
//!
//! Owns: the [`Keyring`] of master keys, one data key per tenant wrapped by it, the sealed text
//! `v1.<data key>.<nonce>.<ciphertext>` bound to tenant, purpose and owner, master key rotation,
//! the keys that a tenant keeps to itself ([`TenantKeys`]), digests.
//! Does not own: what a secret is for (its owner does) or where the master keys come from (`server`).
//! Nothing here prints a secret.

mod cipher;
mod digest;
mod error;
mod keyring;
mod purpose;
mod rotation;
mod sealer;
mod store;
mod tenant_keys;
#[cfg(test)]
pub(crate) mod tests;

pub use digest::{equal_in_constant_time, hint_of, keyed_text, sha256_hex};
pub use error::{KeyringError, SecretsError};
pub use keyring::{Keyring, MasterKeyBytes};
pub use purpose::Purpose;
pub use rotation::{RotationReport, UnreadableKey};
pub use sealer::Sealer;
pub use store::SecretStore;
pub use tenant_keys::TenantKeys;
