//! Everything that a use case needs, in one value that is made once at start-up.

use std::fmt;
use std::net::IpAddr;
use std::sync::Arc;

use chrono::TimeDelta;
use secrecy::SecretString;
use symbolon_contract::TraceId;
use symbolon_plugin_host::{PluginHost, TrustedKey};
use symbolon_storage::Database;

use crate::clock::Clock;
use crate::connectors::entra::Clouds;
use crate::connectors::oidc::Upstreams;
use crate::connectors::saml::SamlWorkers;
use crate::downstream::oidc::jose::keys::ApplicationKeys;
use crate::entropy::{Entropy, secret_text};
use crate::ids::IdSource;
use crate::keys::{KeyStore, RotationPolicy};
use crate::outgoing::OutgoingHttp;
use crate::secrets::{Keyring, SecretStore, TenantKeys};

/// The operator's choices that sign-ins depend on.
#[derive(Debug, Clone)]
pub struct BrokerSettings {
    /// Where browsers find us, without a trailing slash.
    pub public_url: String,
    /// A session ends after this long without use.
    pub session_idle: TimeDelta,
    /// A session ends after this long in any case (B39: our own, whatever the upstream's tokens say).
    pub session_absolute: TimeDelta,
    /// How long a login attempt may take.
    pub attempt_lifetime: TimeDelta,
    /// How long an authorization code lives.
    pub code_lifetime: TimeDelta,
    /// How long an access token and an ID token live.
    pub token_lifetime: TimeDelta,
    /// When signing keys come and go.
    pub rotation: RotationPolicy,
    /// The clouds of Microsoft Entra ID that connectors may name.
    pub clouds: Clouds,
    /// Whose mapping plugins are taken.
    pub plugins: PluginRules,
}

/// The operator's rules for uploads of mapping plugins (WP-85).
#[derive(Debug, Clone, Default)]
pub struct PluginRules {
    /// Every upload needs a signature by a trusted key.
    pub require_signature: bool,
    /// Keys whose signatures are trusted.
    pub trusted_keys: Vec<TrustedKey>,
}

impl BrokerSettings {
    /// The defaults, for a public address.
    #[must_use]
    pub fn new(public_url: impl Into<String>) -> Self {
        Self {
            public_url: public_url.into().trim_end_matches('/').to_owned(),
            session_idle: TimeDelta::hours(8),
            session_absolute: TimeDelta::hours(24),
            attempt_lifetime: TimeDelta::minutes(15),
            code_lifetime: TimeDelta::seconds(60),
            token_lifetime: TimeDelta::hours(1),
            rotation: RotationPolicy::default(),
            clouds: Clouds::default(),
            plugins: PluginRules::default(),
        }
    }
}

/// The running product. Cheap to clone; holds no state that another node could not take over.
#[derive(Clone)]
pub struct Broker {
    /// Rows.
    pub database: Database,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Randomness.
    pub entropy: Arc<dyn Entropy>,
    /// New identifiers.
    pub ids: IdSource,
    /// Sealed secrets.
    pub secrets: SecretStore,
    /// Signing keys.
    pub keys: KeyStore,
    /// Mapping plugins.
    pub plugins: PluginHost,
    /// Fetched documents of upstreams, and the guarded way out.
    pub upstreams: Upstreams,
    /// Fetched keys of applications.
    pub(crate) application_keys: ApplicationKeys,
    /// Keys that tenants keep to themselves.
    pub(crate) tenant_keys: TenantKeys,
    /// Where SAML documents are read and signed.
    pub saml: SamlWorkers,
    /// The operator's choices.
    pub settings: Arc<BrokerSettings>,
}

/// What a broker is made of.
pub struct BrokerParts {
    /// Rows.
    pub database: Database,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Randomness.
    pub entropy: Arc<dyn Entropy>,
    /// Master keys.
    pub keyring: Keyring,
    /// Mapping plugins.
    pub plugins: PluginHost,
    /// The guarded way out.
    pub http: OutgoingHttp,
    /// The operator's choices.
    pub settings: BrokerSettings,
}

impl fmt::Debug for Broker {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Broker").field("settings", &self.settings).finish_non_exhaustive()
    }
}

impl Broker {
    /// Puts the parts together.
    #[must_use]
    pub fn new(parts: BrokerParts) -> Self {
        let BrokerParts { database, clock, entropy, keyring, plugins, http, settings } = parts;
        let secrets =
            SecretStore::new(database.clone(), keyring, Arc::clone(&clock), Arc::clone(&entropy));
        let keys = KeyStore::new(
            database.clone(),
            secrets.clone(),
            Arc::clone(&clock),
            Arc::clone(&entropy),
        )
        .with_policy(settings.rotation);
        Self {
            ids: IdSource::new(Arc::clone(&clock), Arc::clone(&entropy)),
            upstreams: Upstreams::new(http),
            application_keys: ApplicationKeys::default(),
            tenant_keys: TenantKeys::new(secrets.clone()),
            saml: SamlWorkers::default(),
            settings: Arc::new(settings),
            database,
            clock,
            entropy,
            secrets,
            keys,
            plugins,
        }
    }

    /// A fresh secret of 256 bits as text.
    #[must_use]
    pub fn new_secret(&self) -> SecretString {
        secret_text(self.entropy.as_ref(), 32).into()
    }
}

/// What a request tells about the browser. Everything in it is untrusted.
#[derive(Debug, Clone)]
pub struct Visit {
    /// Ties log, audit and page together.
    pub trace: TraceId,
    /// The peer, as the trusted proxies report it.
    pub address: Option<IpAddr>,
    /// The `User-Agent` header, shortened.
    pub user_agent: Option<String>,
    /// The value of the tenant's login cookie.
    pub login_cookie: Option<SecretString>,
    /// The value of the tenant's session cookie.
    pub session_cookie: Option<SecretString>,
}
