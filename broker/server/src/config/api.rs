//! `[api]`: where the admin API is served.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Where the admin API is served.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct ApiSettings {
    /// Serve `/api/v1` on the main listener. The management listener always serves it; with `false`
    /// and no `http.management_listen` it is served nowhere.
    pub listen_on_main: bool,
}

impl Default for ApiSettings {
    fn default() -> Self {
        Self { listen_on_main: true }
    }
}
