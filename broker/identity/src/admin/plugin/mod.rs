//! Plugins: uploaded by tenants, or approved by the operator for whoever enables them.
//!
//! | file | holds |
//! |---|---|
//! | `upload` | bytes become a stored plugin: size, signature, check, class, compilation, trial call, quota |
//! | `read` | the plugins that a tenant may use |
//! | `library` | the operator's library of approved plugins |

mod library;
mod read;
mod upload;

pub use library::{
    LibraryEntry, add_to_library, disable_plugin, enable_plugin, list_library, list_offered,
    retire_from_library,
};
pub(super) use read::usable;
pub use read::{PluginOrigin, PluginSummary, delete_plugin, list_plugins};
pub use upload::{NewPlugin, UploadedPlugin, upload_plugin};
