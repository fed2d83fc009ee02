//! The OpenID Provider of a tenant (OpenID Core, RFC 6749, RFC 9700).
//!
//! Owns: the authorization request and its rules as a table ([`authorize`]), codes, the token endpoint,
//! ID tokens, UserInfo, what applications ask at sign-out, and discovery. Does not own: sessions, keys or the way
//! people come in.

pub mod authorize;
mod browser_origins;
pub mod claims;
pub mod claims_request;
pub mod code;
pub mod consent;
pub mod device;
pub mod discovery;
pub mod end_session;
pub mod front_channel;
pub mod id_token;
pub mod introspect;
pub(crate) mod jose;
mod known_token;
pub mod nonce;
pub(crate) mod possession;
mod presented;
mod provider;
pub mod pushed;
pub mod registration;
mod release;
pub mod revoke;
pub(crate) mod subject;
pub mod token;
pub mod userinfo;

use symbolon_contract::ReasonCode;
use symbolon_storage::StorageError;

use self::jose::ProofAlgorithm;
use crate::keys::KeysError;
use crate::secrets::SecretsError;

/// Scopes that we know; others are ignored (OpenID Core 3.1.2.1).
pub const SCOPES: [&str; 6] = ["openid", "profile", "email", "address", "phone", "roles"];

pub use crate::tenants::issuer;
pub use browser_origins::browser_origins;
pub use presented::Presented;
pub use provider::{OpenidProvider, platform_tenant, route_of};

/// How proofs of possession may be signed, as in `algs` of a challenge (RFC 9449 7.1).
#[must_use]
pub fn proof_algorithms() -> String {
    ProofAlgorithm::names(&ProofAlgorithm::FAPI).join(" ")
}

/// An error that goes out in an OAuth form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OauthError {
    /// The catalogue's code.
    pub reason: ReasonCode,
    /// For the admin: what was seen and expected.
    pub detail: String,
}

impl OauthError {
    /// An error with its detail.
    #[must_use]
    pub fn new(reason: ReasonCode, detail: impl Into<String>) -> Self {
        Self { reason, detail: detail.into() }
    }

    /// The `error` of RFC 6749.
    #[must_use]
    pub fn code(&self) -> &'static str {
        self.reason.entry().oauth_error.unwrap_or("invalid_request")
    }
}

impl From<StorageError> for OauthError {
    fn from(error: StorageError) -> Self {
        Self::new(crate::storage_reason(&error), error.to_string())
    }
}

impl From<SecretsError> for OauthError {
    fn from(error: SecretsError) -> Self {
        Self::new(error.reason(), error.to_string())
    }
}

impl From<KeysError> for OauthError {
    fn from(error: KeysError) -> Self {
        Self::new(error.reason(), error.to_string())
    }
}
