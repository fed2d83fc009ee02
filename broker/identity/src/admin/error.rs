//! Why a change was refused.

use symbolon_contract::ReasonCode;
use symbolon_plugin_host::LoadError;
use symbolon_storage::StorageError;
use thiserror::Error;

use crate::connectors::ConnectorError;
use crate::keys::KeysError;
use crate::mapping::{MappingError, TrialError};
use crate::secrets::SecretsError;
use crate::traces::TracesError;

/// Why an admin's use case did nothing.
#[derive(Debug, Error)]
pub enum AdminError {
    /// What was given is not acceptable; every problem is listed.
    #[error("not acceptable:\n  {}", .0.join("\n  "))]
    Invalid(Vec<String>),
    /// There is no such thing.
    #[error("there is no {kind} {id}")]
    NotFound {
        /// For example `connector`.
        kind: &'static str,
        /// What was asked for.
        id: String,
    },
    /// It is there already.
    #[error("there is a {kind} {id} already")]
    Exists {
        /// For example `tenant`.
        kind: &'static str,
        /// What was to be made.
        id: String,
    },
    /// The connector's present settings have no green test (N33).
    #[error("connector {0}: its present settings were not tested, or the test failed")]
    Untested(String),
    /// Browsers could not be sent back (E-48).
    #[error("people cannot be sent back to {0}: it is neither https nor this machine")]
    HttpsRequired(String),
    /// The version says something else than its saved cases expect, or fails on something ordinary (UX-7).
    #[error("the version was not activated:\n  {}", .0.join("\n  "))]
    TrialFailed(Vec<String>),
    /// The upload is no plugin, or one that does not answer (WP-76, WP-77).
    #[error("the component is refused: {0}")]
    Component(LoadError),
    /// The upload is not signed as this installation demands (WP-85).
    #[error("the signature is refused: {0}")]
    Signature(String),
    /// The tenant may not have one more plugin of the large class (WP-16).
    #[error("plugins of the large class: {allowed} allowed for this tenant")]
    PluginClass {
        /// How many it may have.
        allowed: u32,
    },
    /// The tenant keeps as many plugins as it may (WP-60).
    #[error("a tenant keeps at most {0} plugins; delete one that no version names")]
    PluginQuota(i64),
    /// The upstream could not be asked, or did not know.
    #[error(transparent)]
    Connector(#[from] ConnectorError),
    /// A secret could not be sealed or opened.
    #[error(transparent)]
    Secrets(#[from] SecretsError),
    /// A signing key could not be made.
    #[error(transparent)]
    Keys(#[from] KeysError),
    /// The plugin could not be used.
    #[error(transparent)]
    Mapping(#[from] MappingError),
    /// A recorded sign-in cannot be read.
    #[error(transparent)]
    Traces(#[from] TracesError),
    /// The database failed.
    #[error(transparent)]
    Storage(#[from] StorageError),
}

impl AdminError {
    /// The catalogue's code.
    #[must_use]
    pub fn reason(&self) -> ReasonCode {
        match self {
            Self::Invalid(_) => ReasonCode::SettingInvalid,
            Self::NotFound { .. } => ReasonCode::SettingNotFound,
            Self::Exists { .. } => ReasonCode::SettingConflict,
            Self::Untested(_) => ReasonCode::ConnectorUntested,
            Self::HttpsRequired(_) => ReasonCode::ConnectorHttpsRequired,
            Self::TrialFailed(_) => ReasonCode::PluginTrialFailed,
            Self::Component(error) => match error.reason() {
                ReasonCode::PluginNotLoadable => ReasonCode::PluginComponentRefused,
                other => other,
            },
            Self::Signature(_) => ReasonCode::PluginSignatureRefused,
            Self::PluginClass { .. } => ReasonCode::PluginClassNotAllowed,
            Self::PluginQuota(_) => ReasonCode::PluginQuotaReached,
            Self::Connector(error) => error.reason(),
            Self::Secrets(error) => error.reason(),
            Self::Keys(error) => error.reason(),
            Self::Mapping(error) => error.reason(),
            Self::Traces(error) => error.reason(),
            Self::Storage(error) => crate::storage_reason(error),
        }
    }

    /// A conflict of this very row, told with its name.
    pub(super) fn exists(kind: &'static str, id: &str) -> impl FnOnce(StorageError) -> Self {
        let id = id.to_owned();
        move |error| match error {
            StorageError::Conflict { .. } => Self::Exists { kind, id },
            other => Self::Storage(other),
        }
    }

    /// Problems, or nothing to say.
    pub(super) fn unless_empty(problems: Vec<String>) -> Result<(), Self> {
        if problems.is_empty() { Ok(()) } else { Err(Self::Invalid(problems)) }
    }
}

impl From<TrialError> for AdminError {
    fn from(error: TrialError) -> Self {
        match error {
            TrialError::Mapping(error) => Self::Mapping(error),
            TrialError::Secrets(error) => Self::Secrets(error),
            TrialError::Case(error) => Self::Invalid(vec![error.to_string()]),
        }
    }
}
