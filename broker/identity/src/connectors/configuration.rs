//! A connector's configuration: one typed document, so that a new setting costs no migration.

use chrono::{DateTime, Utc};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use symbolon_contract::ConnectorId;
use symbolon_storage::{Connector, StorageError};
use url::Url;

use super::entra::EntraSettings;
use super::oidc::OidcSettings;
use super::saml::SamlSettings;
use crate::policy::ConnectorMode;
use crate::provisioning::{ProvisioningPolicy, facts::email_domain, facts::normalise_email};

/// What an admin configures, whatever the kind.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ConnectorConfiguration {
    /// How to speak to the upstream.
    pub upstream: ConnectorSettings,
    /// Which people get a user.
    #[serde(default)]
    pub provisioning: ProvisioningPolicy,
    /// Who may sign in while the mode is `pilot`.
    #[serde(default)]
    pub pilot: Pilot,
    /// Where people go after a sign-in that no application asked for (N41); the account page if not given.
    #[serde(default)]
    pub landing_url: Option<Url>,
    /// An old path that is our callback too, and the one that the upstream knows (B8). Set by the operator.
    #[serde(default)]
    pub callback_path: Option<String>,
    /// Values of `amr`, one of which the upstream must state (N6); empty: no demand.
    #[serde(default)]
    pub required_amr: Vec<String>,
}

impl ConnectorConfiguration {
    /// A configuration with every default: no automatic users, no pilot, no demands.
    #[must_use]
    pub fn new(upstream: ConnectorSettings) -> Self {
        Self {
            upstream,
            provisioning: ProvisioningPolicy::default(),
            pilot: Pilot::default(),
            landing_url: None,
            callback_path: None,
            required_amr: Vec::new(),
        }
    }

    /// Whether people must prove a second factor (N6).
    #[must_use]
    pub fn requires_second_factor(&self) -> bool {
        !self.required_amr.is_empty()
    }

    /// Whether the methods that the upstream stated hold one that counts as a second factor here.
    #[must_use]
    pub fn proves_second_factor(&self, amr: &[String]) -> bool {
        amr.iter().any(|method| self.required_amr.contains(method))
    }
}

/// Settings by kind.
#[expect(clippy::large_enum_variant, reason = "one value a connector; nobody moves many of them")]
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum ConnectorSettings {
    /// Any OpenID provider.
    Oidc(OidcSettings),
    /// Microsoft Entra ID.
    Entra(EntraSettings),
    /// Any SAML 2.0 identity provider.
    Saml(Box<SamlSettings>),
}

impl ConnectorSettings {
    /// The kind's word in rows, rules and audit.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Oidc(_) => "oidc",
            Self::Entra(_) => "entra",
            Self::Saml(_) => "saml",
        }
    }
}

impl ConnectorSettings {
    /// The seeds' word for it in audit events (N62).
    #[must_use]
    pub fn provider(&self) -> &'static str {
        match self {
            Self::Oidc(_) => "oidc",
            Self::Entra(_) => "entra_id",
            Self::Saml(_) => "saml",
        }
    }

    /// Our identifier at the upstream, where it has given one; a SAML connector's is its own address.
    #[must_use]
    pub fn client_id(&self) -> Option<&str> {
        match self {
            Self::Oidc(settings) => Some(&settings.client_id),
            Self::Entra(settings) => Some(&settings.client_id),
            Self::Saml(_) => None,
        }
    }
}

/// The people of a pilot.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Pilot {
    /// E-mail addresses.
    pub users: Vec<String>,
    /// E-mail domains.
    pub domains: Vec<String>,
}

impl Pilot {
    /// Whether a person with this e-mail takes part.
    #[must_use]
    pub fn includes(&self, email: Option<&str>) -> bool {
        let Some(email) = email else { return false };
        let named = self.users.iter().any(|one| normalise_email(one) == normalise_email(email));
        let domain = email_domain(email);
        named || self.domains.iter().any(|one| Some(one.to_lowercase()) == domain)
    }
}

/// A stored connector, parsed.
#[derive(Debug, Clone, PartialEq)]
pub struct ConnectorRecord {
    /// Its id, which is its place in the callback URL.
    pub id: ConnectorId,
    /// The name on the button.
    pub display_name: String,
    /// How far it is rolled out.
    pub mode: ConnectorMode,
    /// Its configuration.
    pub configuration: ConnectorConfiguration,
    /// The row's version: moves with every change, the mode's too.
    pub version: i32,
    /// The version of the settings.
    pub settings_version: i32,
    /// When it was last changed.
    pub updated_at: DateTime<Utc>,
}

impl TryFrom<Connector> for ConnectorRecord {
    type Error = StorageError;

    fn try_from(row: Connector) -> Result<Self, StorageError> {
        let corrupt = |why: String| StorageError::Corrupt { table: "connectors", why };
        let configuration = serde_json::from_value(row.settings)
            .map_err(|error| corrupt(format!("settings: {error}")))?;
        let mode = ConnectorMode::parse(row.mode.as_str()).ok_or_else(|| corrupt("mode".into()))?;
        Ok(Self {
            id: row.id,
            display_name: row.display_name,
            mode,
            configuration,
            version: row.version,
            settings_version: row.settings_version,
            updated_at: row.updated_at,
        })
    }
}

impl ConnectorRecord {
    /// Whether people may see its button on the login page.
    #[must_use]
    pub fn is_offered(&self) -> bool {
        !matches!(self.mode, ConnectorMode::Off | ConnectorMode::Test)
    }
}
