//! Every way in which the mapping can end without a mapping.

use symbolon_contract::{PluginDigest, ReasonCode};
use symbolon_plugin_host::{CallError, LoadError};
use thiserror::Error;

/// Why the mapping gave nothing to go on with. All of it is refused: there is no open failure policy (WP-11).
#[derive(Debug, Error)]
pub enum MappingError {
    /// The plugin decided against the person.
    #[error("the mapping denied the sign-in: {code}: {message}")]
    Denied {
        /// The plugin's code.
        code: String,
        /// The plugin's words for the person.
        message: String,
    },
    /// No version is active for the connector.
    #[error("no mapping is active for the connector")]
    NotConfigured,
    /// The active version names a plugin whose bytes are gone, or that the operator has retired.
    #[error("plugin {0} is not stored, retired or no longer enabled")]
    PluginMissing(PluginDigest),
    /// The plugin could not be made ready.
    #[error("the plugin cannot be loaded: {0}")]
    Load(#[from] LoadError),
    /// The call ended badly.
    #[error("the plugin failed: {0}")]
    Call(#[from] CallError),
    /// The plugin failed again and again and is no longer called (WP-90).
    #[error(
        "plugin {plugin} (version {version}) is quarantined: it crashed or met a limit again and again"
    )]
    Quarantined {
        /// The plugin.
        plugin: PluginDigest,
        /// The version of its configuration.
        version: i32,
    },
    /// The plugin grants what this tenant does not have or does not let mappings grant (WP-94).
    #[error("the mapping grants role {0}, which the tenant's catalogue does not let it grant")]
    UnknownRole(String),
    /// The plugin sets a claim that no mapping may set, or in another type than the standard's (WP-93, WP-97).
    #[error("the mapping sets {field}: {why}")]
    FieldRefused {
        /// The field.
        field: String,
        /// Why not.
        why: &'static str,
    },
    /// The database failed.
    #[error(transparent)]
    Storage(#[from] symbolon_storage::StorageError),
}

impl MappingError {
    /// The catalogue's code.
    #[must_use]
    pub fn reason(&self) -> ReasonCode {
        match self {
            Self::Denied { .. } => ReasonCode::PluginDenied,
            Self::NotConfigured => ReasonCode::PluginNotConfigured,
            Self::PluginMissing(_) => ReasonCode::PluginNotLoadable,
            Self::Load(error) => error.reason(),
            Self::Call(error) => error.reason(),
            Self::Quarantined { .. } => ReasonCode::PluginQuarantined,
            Self::FieldRefused { .. } => ReasonCode::PluginOutputRefused,
            Self::UnknownRole(_) => ReasonCode::PluginUnknownRole,
            Self::Storage(error) => crate::storage_reason(error),
        }
    }

    /// The code that the plugin itself gave for its failure.
    #[must_use]
    pub fn plugin_code(&self) -> Option<&str> {
        match self {
            Self::Call(CallError::Failed(failure)) => Some(&failure.code),
            _ => None,
        }
    }

    /// Whether it is a crash or a limit, of which 20 in a row stop the plugin (WP-90).
    pub(super) fn counts_towards_quarantine(&self) -> bool {
        let Self::Call(error) = self else {
            return false;
        };
        matches!(
            error,
            CallError::Trapped(_)
                | CallError::OutOfFuel { .. }
                | CallError::TimedOut { .. }
                | CallError::MemoryLimit { .. }
                | CallError::OutputTooLarge { .. }
        )
    }

    /// Whether the failure policy may answer instead. Never for a decision (WP-88), and not for what passes by
    /// itself or is our own fault.
    pub(super) fn may_be_answered(&self) -> bool {
        match self {
            Self::Denied { .. } | Self::NotConfigured | Self::Storage(_) => false,
            Self::Call(error) => !matches!(error, CallError::Busy),
            Self::PluginMissing(_)
            | Self::Load(_)
            | Self::UnknownRole(_)
            | Self::FieldRefused { .. }
            | Self::Quarantined { .. } => true,
        }
    }

    /// Whether the plugin's answer breaks the contract.
    pub(super) fn breaks_the_contract(&self) -> bool {
        matches!(self, Self::FieldRefused { .. } | Self::Call(CallError::OutputRefused { .. }))
    }
}
