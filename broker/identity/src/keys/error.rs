//! Every way in which signing, or reading a token of our own, can fail.

use symbolon_contract::ReasonCode;
use symbolon_storage::StorageError;
use thiserror::Error;

use crate::secrets::SecretsError;

/// A key could not be made or used, or a token is not one of ours.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum KeysError {
    /// The private half cannot be sealed or opened.
    #[error("the private half of a signing key: {0}")]
    Secrets(#[from] SecretsError),
    /// The database.
    #[error("signing keys cannot be read or written: {0}")]
    Storage(#[from] StorageError),
    /// No key came out of the generator.
    #[error("no {0} key could be generated")]
    NotGenerated(&'static str),
    /// A stored key cannot be read.
    #[error("signing key {kid} cannot be used: {why}")]
    Unusable {
        /// Which key.
        kid: String,
        /// What is wrong with it.
        why: String,
    },
    /// Signing itself failed.
    #[error("signing failed: {0}")]
    NotSigned(String),
    /// Other nodes kept changing the keys while we tried to.
    #[error("the signing keys were changed by others again and again")]
    Contended,
    /// A token that should be ours is no JWS in compact form, or of another type.
    #[error("the token is not an ID token of ours")]
    TokenMalformed,
    /// No published key of the tenant has this `kid` and algorithm.
    #[error("the token names no published key of this tenant")]
    TokenKeyUnknown,
    /// The signature does not fit.
    #[error("the signature of the token is wrong")]
    TokenSignature,
    /// The token is ours, but of another issuer.
    #[error("the token was issued by {seen}, expected {expected}")]
    TokenIssuer {
        /// What the token says.
        seen: String,
        /// What was expected.
        expected: String,
    },
}

impl KeysError {
    /// The catalogue's code.
    #[must_use]
    pub fn reason(&self) -> ReasonCode {
        match self {
            Self::Secrets(error) => error.reason(),
            Self::Storage(error) => crate::storage_reason(error),
            Self::Contended => ReasonCode::ServerBusy,
            Self::NotGenerated(_) | Self::Unusable { .. } | Self::NotSigned(_) => {
                ReasonCode::ServerInternal
            }
            Self::TokenMalformed
            | Self::TokenKeyUnknown
            | Self::TokenSignature
            | Self::TokenIssuer { .. } => ReasonCode::AuthorizeIdTokenHintInvalid,
        }
    }
}
