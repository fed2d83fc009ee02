//! Every way in which a secret cannot be sealed or opened. No text holds any part of a secret.

use symbolon_contract::ReasonCode;
use symbolon_storage::StorageError;
use thiserror::Error;

/// A secret could not be sealed or opened.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum SecretsError {
    /// Sealed for another tenant, purpose or owner, or changed since.
    #[error("the sealed secret belongs to another tenant, purpose or owner, or was changed")]
    AadMismatch,
    /// Not our text format.
    #[error("the sealed secret has an unknown format")]
    Malformed,
    /// The keyring lacks the master key that wraps the tenant's data key.
    #[error("master key {id:?} is not among the configured keys")]
    MasterKeyUnknown {
        /// The name of the missing master key.
        id: String,
    },
    /// The tenant has no such data key.
    #[error("data key {id:?} of this tenant is missing")]
    DataKeyUnknown {
        /// The id of the missing data key.
        id: String,
    },
    /// Opened well, but text was expected.
    #[error("the opened secret is not text")]
    NotText,
    /// The cipher refused to seal.
    #[error("sealing failed")]
    SealFailed,
    /// The database.
    #[error("sealed secrets cannot be read or written: {0}")]
    Storage(#[from] StorageError),
}

impl SecretsError {
    /// The catalogue's code.
    #[must_use]
    pub fn reason(&self) -> ReasonCode {
        match self {
            Self::AadMismatch | Self::Malformed => ReasonCode::CryptoAadMismatch,
            Self::MasterKeyUnknown { .. } | Self::DataKeyUnknown { .. } => {
                ReasonCode::CryptoKeyUnknown
            }
            Self::NotText | Self::SealFailed => ReasonCode::ServerInternal,
            Self::Storage(error) => crate::storage_reason(error),
        }
    }
}

/// The master keys do not make a keyring.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum KeyringError {
    /// The active key is not among the keys.
    #[error("the active master key {active:?} is not among the configured keys")]
    ActiveUnknown {
        /// The name that was said to be active.
        active: String,
    },
}
