//! The keys that sign for a tenant: made on first demand, rotated with overlap, never shared.
//!
//! | state | signs | in the JWKS |
//! |---|---|---|
//! | next | no | yes, at least a JWKS cache time before it signs |
//! | active | yes | yes |
//! | retired | no | yes, until nothing it signed is still valid |
//!
//! Owns: key pairs, JWS signing by aws-lc, the JWKS, the rotation plan. Does not own: claims, or how
//! tokens of others are verified (connectors). Private halves live sealed in the database.

mod error;
mod jws;
mod rotation;
mod settle;
mod signing_key;
mod store;
#[cfg(test)]
mod tests;

pub use error::KeysError;
pub use jws::Signer;
pub use rotation::{KeyChange, KeyFacts, RotationPolicy, plan, plan_rotate_now};
pub use signing_key::SigningAlgorithm;
pub use store::KeyStore;
pub use symbolon_storage::SigningKeyState;
