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
    /// The active version names a plugin whose bytes are gone.
    #[error("plugin {0} is not stored")]
    PluginMissing(PluginDigest),
    /// The plugin could not be made ready.
    #[error("the plugin cannot be loaded: {0}")]
    Load(#[from] LoadError),
    /// The call ended badly.
    #[error("the plugin failed: {0}")]
    Call(#[from] CallError),
    /// The plugin grants what this tenant does not have or does not let mappings grant (WP-94).
    #[error("the mapping grants role {0}, which the tenant's catalogue does not let it grant")]
    UnknownRole(String),
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
            Self::PluginMissing(_) | Self::Load(_) => ReasonCode::PluginNotLoadable,
            Self::Call(error) => error.reason(),
            Self::UnknownRole(_) => ReasonCode::PluginUnknownRole,
            Self::Storage(error) => crate::storage_reason(error),
        }
    }
}
