//! The verified statement of an upstream in one vocabulary.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What a connector verified, normalised: the same names for every protocol, and the raw truth beside them.
///
/// Well-known names are conveniences for rules and provisioning; `raw` is the whole verified payload,
/// because a typed struct would swallow what a customer's mapping needs (entra.md K-4).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Claims {
    /// Display e-mail. Never an identity key.
    pub email: Option<String>,
    /// Whether the upstream said, in the same document, that the e-mail is verified.
    pub email_verified: bool,
    /// The name to show.
    pub name: Option<String>,
    /// The name the person types at the upstream, for display only.
    pub preferred_username: Option<String>,
    /// Group identifiers as the upstream sent them.
    pub groups: Vec<String>,
    /// False when the upstream said that the list is not the whole truth (overage) or it was cut.
    pub groups_complete: bool,
    /// The verified payload, merged with UserInfo where the connector is set to do so.
    pub raw: serde_json::Map<String, serde_json::Value>,
}
