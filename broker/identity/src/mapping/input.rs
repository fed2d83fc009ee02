//! What a mapping is asked about, whole: each version is then told as much of it as its plugin accepts.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use symbolon_contract::{Claims, ConnectorId};

use crate::connectors::entra::is_guest;
use crate::connectors::{Assertion, ConnectorRecord};

/// The verified statement behind one sign-in, or what is to be released about a user to an application.
/// Recorded sign-ins keep it, so that any version can be asked again.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct MappingInput {
    /// The connector that vouched.
    pub connector: ConnectorId,
    /// Its kind: `oidc`, `entra` or `saml`; `application` for what is released.
    pub kind: String,
    /// The verified issuer.
    pub issuer: String,
    /// The issuer-scoped subject.
    pub subject: String,
    /// The claims in one vocabulary, with the raw truth.
    pub claims: Claims,
    /// Whether the upstream says that the person is its guest (L-12).
    #[serde(default)]
    pub guest: bool,
    /// What else the plugin is told.
    #[serde(default)]
    pub extra: Vec<(String, String)>,
    /// The plugin's clock.
    pub now: DateTime<Utc>,
}

impl MappingInput {
    /// Of a sign-in.
    #[must_use]
    pub fn of_sign_in(
        connector: &ConnectorRecord,
        assertion: &Assertion,
        claims: &Claims,
        now: DateTime<Utc>,
    ) -> Self {
        Self {
            connector: connector.id.clone(),
            kind: connector.configuration.upstream.kind().to_owned(),
            issuer: assertion.issuer.clone(),
            subject: assertion.subject.clone(),
            claims: claims.clone(),
            guest: is_guest(&assertion.claims),
            extra: Vec::new(),
            now,
        }
    }
}
