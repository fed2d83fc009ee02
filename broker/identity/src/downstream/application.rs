//! Applications: what they registered, parsed once at the edge.

use std::fmt;

use aws_lc_rs::constant_time;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use symbolon_contract::{ApplicationId, ConnectorId, RoleName, TenantId};
use symbolon_storage::{
    Application as Row, ApplicationStatus, Database, StorageError, StorageResult,
};
use thiserror::Error;
use url::{Host, Url};

use crate::keys::SigningAlgorithm;
use crate::policy::ApplicationFacts;
use crate::secrets::sha256_hex;

/// A stored application, parsed.
#[derive(Debug, Clone)]
pub struct Application {
    /// Its id, which is its `client_id`.
    pub id: ApplicationId,
    /// The name that people see.
    pub display_name: String,
    /// Whether it may be used.
    pub active: bool,
    /// What it registered.
    pub settings: OpenidSettings,
    /// The hash of its secret; `None` makes it public (RFC 6749 2.1).
    pub secret: Option<ApplicationSecretHash>,
    /// Version of the row.
    pub version: i32,
}

impl TryFrom<Row> for Application {
    type Error = StorageError;

    fn try_from(row: Row) -> Result<Self, StorageError> {
        let settings = serde_json::from_value(row.settings).map_err(|error| {
            StorageError::Corrupt { table: "applications", why: format!("settings: {error}") }
        })?;
        Ok(Self {
            id: row.id,
            display_name: row.display_name,
            active: row.status == ApplicationStatus::Active,
            settings,
            secret: row.secret_hash.map(ApplicationSecretHash::from_hex),
            version: row.version,
        })
    }
}

impl Application {
    /// Reads an application of a tenant, if there is one.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn find(
        database: &Database,
        tenant: &TenantId,
        id: &ApplicationId,
    ) -> StorageResult<Option<Self>> {
        let (tenant, id) = (tenant.clone(), id.clone());
        let row = database.read(move |conn| conn.tenant(&tenant).applications().find(&id)).await?;
        row.map(Self::try_from).transpose()
    }

    /// What the gate asks about it.
    #[must_use]
    pub fn facts(&self, connector: &ConnectorId) -> ApplicationFacts {
        ApplicationFacts {
            id: self.id.clone(),
            active: self.active,
            accepts_connector: self.settings.accepts(connector),
        }
    }

    /// Public applications hold no secret and need PKCE always.
    #[must_use]
    pub fn is_public(&self) -> bool {
        self.secret.is_none()
    }
}

/// What an OpenID relying party registers (OpenID Registration 2).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct OpenidSettings {
    /// Where answers may go; compared byte for byte.
    pub redirect_uris: Vec<RedirectUri>,
    /// Where people may go after signing out.
    #[serde(default)]
    pub post_logout_redirect_uris: Vec<RedirectUri>,
    /// Where it starts a sign-in when another party asks for one (OpenID Core 4).
    #[serde(default)]
    pub initiate_login_uri: Option<Url>,
    /// The algorithm of its ID tokens.
    #[serde(default)]
    pub id_token_algorithm: SigningAlgorithm,
    /// Put profile, e-mail and roles into the ID token too, not only into UserInfo (OD-7).
    #[serde(default)]
    pub claims_in_id_token: bool,
    /// Demand PKCE. Public applications always need it.
    #[serde(default = "yes")]
    pub require_pkce: bool,
    /// The connectors whose people it accepts; empty means all (D22).
    #[serde(default)]
    pub connectors: Vec<ConnectorId>,
    /// Role names of the application's own, which its mapping may release besides the tenant's.
    #[serde(default)]
    pub roles: Vec<RoleName>,
}

fn yes() -> bool {
    true
}

impl OpenidSettings {
    /// Settings with every default.
    #[must_use]
    pub fn new(redirect_uris: Vec<RedirectUri>) -> Self {
        Self {
            redirect_uris,
            post_logout_redirect_uris: Vec::new(),
            initiate_login_uri: None,
            id_token_algorithm: SigningAlgorithm::default(),
            claims_in_id_token: false,
            require_pkce: true,
            connectors: Vec::new(),
            roles: Vec::new(),
        }
    }

    /// Whether an address is on an origin that the application registered for its answers.
    #[must_use]
    pub fn starts_on_own_origin(&self, uri: &Url) -> bool {
        let origin = uri.origin();
        let registered = self.redirect_uris.iter().filter_map(|one| Url::parse(one.as_str()).ok());
        origin.is_tuple() && registered.into_iter().any(|one| one.origin() == origin)
    }

    /// Whether people from this connector may reach the application.
    #[must_use]
    pub fn accepts(&self, connector: &ConnectorId) -> bool {
        self.connectors.is_empty() || self.connectors.contains(connector)
    }
}

/// A redirect URI that was checked when it was registered (RFC 9700 2.1, RFC 8252 7).
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(try_from = "String", into = "String")]
#[schemars(with = "String")]
pub struct RedirectUri(String);

/// Why a redirect URI cannot be registered.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum InvalidRedirectUri {
    /// It is no absolute URL.
    #[error("{0}: not an absolute URL")]
    NotAbsolute(String),
    /// It has a fragment (RFC 6749 3.1.2).
    #[error("{0}: a redirect URI has no fragment")]
    Fragment(String),
    /// It carries a user name or password.
    #[error("{0}: a redirect URI has no user name or password")]
    Credentials(String),
    /// It is plain http beyond the machine itself (B5).
    #[error("{0}: https is required, http only for localhost, 127.0.0.1 and [::1]")]
    NotHttps(String),
    /// Its scheme could run script or read files.
    #[error("{0}: the scheme is neither https nor an application's own with a dot in it")]
    Scheme(String),
    /// It holds a wildcard or characters that parsers disagree on.
    #[error("{0}: wildcards, blanks and backslashes are refused")]
    Characters(String),
}

impl RedirectUri {
    /// Checks and keeps the text unchanged, because it is compared as text.
    ///
    /// # Errors
    /// [`InvalidRedirectUri`] names the rule.
    pub fn parse(text: impl Into<String>) -> Result<Self, InvalidRedirectUri> {
        let text = text.into();
        let odd = |c: char| c.is_whitespace() || c.is_control() || c == '*' || c == '\\';
        if text.chars().any(odd) {
            return Err(InvalidRedirectUri::Characters(text.escape_debug().to_string()));
        }
        let Ok(url) = Url::parse(&text) else {
            return Err(InvalidRedirectUri::NotAbsolute(text));
        };
        if text.contains('#') {
            return Err(InvalidRedirectUri::Fragment(text));
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(InvalidRedirectUri::Credentials(text));
        }
        match url.scheme() {
            "https" => {}
            "http" if is_loopback(&url) => {}
            "http" => return Err(InvalidRedirectUri::NotHttps(text)),
            // RFC 8252 7.1: private schemes are reverse domain names.
            private if private.contains('.') => {}
            _ => return Err(InvalidRedirectUri::Scheme(text)),
        }
        Ok(Self(text))
    }

    /// The text as registered.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The origin for a page's `form-action`, where the URI has one.
    #[must_use]
    pub fn origin(&self) -> Option<String> {
        let origin = Url::parse(&self.0).ok()?.origin();
        origin.is_tuple().then(|| origin.ascii_serialization())
    }
}

fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

impl TryFrom<String> for RedirectUri {
    type Error = InvalidRedirectUri;
    fn try_from(text: String) -> Result<Self, InvalidRedirectUri> {
        Self::parse(text)
    }
}

impl std::str::FromStr for RedirectUri {
    type Err = InvalidRedirectUri;
    fn from_str(text: &str) -> Result<Self, InvalidRedirectUri> {
        Self::parse(text)
    }
}

impl From<RedirectUri> for String {
    fn from(uri: RedirectUri) -> String {
        uri.0
    }
}

impl fmt::Display for RedirectUri {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The SHA-256 of an application's secret. Secrets are 256 random bits, so a plain hash is enough.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApplicationSecretHash(String);

impl ApplicationSecretHash {
    /// From the database.
    #[must_use]
    pub fn from_hex(hex: String) -> Self {
        Self(hex)
    }

    /// Of a secret.
    #[must_use]
    pub fn of(secret: &str) -> Self {
        Self(sha256_hex(secret.as_bytes()))
    }

    /// The text for the database.
    #[must_use]
    pub fn as_hex(&self) -> &str {
        &self.0
    }

    /// Whether the secret is the right one, in constant time.
    #[must_use]
    pub fn matches(&self, secret: &str) -> bool {
        let presented = sha256_hex(secret.as_bytes());
        constant_time::verify_slices_are_equal(self.0.as_bytes(), presented.as_bytes()).is_ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn r07_only_safe_redirect_uris_can_be_registered() {
        for good in [
            "https://app.example/callback",
            "https://app.example/callback?x=1",
            "http://localhost:3000/cb",
            "http://127.0.0.1/cb",
            "http://[::1]:9/cb",
            "com.example.app:/cb",
        ] {
            assert_eq!(RedirectUri::parse(good).unwrap().as_str(), good);
        }
        for bad in [
            "http://app.example/cb",
            "https://app.example/cb#x",
            "https://user@app.example/cb",
            "https://*.example/cb",
            "https://app.example/c b",
            "https:\\\\app.example",
            "javascript:alert(1)",
            "data:text/html,x",
            "/relative",
            "",
        ] {
            assert!(RedirectUri::parse(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_secret_is_kept_as_hash_and_compared_whole() {
        let hash = ApplicationSecretHash::of("correct");
        assert!(hash.matches("correct"));
        assert!(!hash.matches("correc") && !hash.matches(""));
        assert!(!hash.as_hex().contains("correct"));
    }
}
