//! The `claims` parameter (OpenID Core 5.5): single claims, asked for by name.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// What was asked for, for each place.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClaimsRequest {
    /// At UserInfo.
    #[serde(default)]
    pub userinfo: BTreeMap<String, ClaimWish>,
    /// In the ID token.
    #[serde(default)]
    pub id_token: BTreeMap<String, ClaimWish>,
}

/// How much a claim is wanted (OpenID Core 5.5.1). A claim that we do not have is left out, essential or not.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClaimWish {
    /// The application says that it needs it.
    #[serde(default)]
    pub essential: bool,
    /// The one value that it wants.
    #[serde(default)]
    pub value: Option<Value>,
    /// The values that it wants, in order of preference.
    #[serde(default)]
    pub values: Vec<Value>,
}
