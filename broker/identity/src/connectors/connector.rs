//! The behaviour that every kind has, and the one registry of kinds.

use symbolon_contract::TenantSlug;

use super::configuration::{ConnectorRecord, ConnectorSettings};
use super::credentials::{self, EntraCredentials};
use super::entra::{Cloud, DirectoryId, EntraConnector, EntraSettings, KnownGroups};
use super::oidc::{ClientCredential, OidcConnector, Provider};
use super::saml::{GraphAccess, SamlAddresses, SamlConnector};
use super::{Assertion, ConnectionCheck, ConnectionReport, ConnectorError};
use super::{UpstreamCallback, UpstreamLeg, UpstreamRedirect};
use crate::broker::Broker;
use crate::tenants::TenantRecord;

/// What a connector does. Plain `async fn` and no `dyn`: dispatch is the `match` in [`AnyConnector`].
pub(crate) trait Connector {
    /// Where to send the person.
    async fn begin(&self, leg: &UpstreamLeg) -> Result<UpstreamRedirect, ConnectorError>;

    /// Turns what came back into a verified statement, or says why not.
    async fn complete(
        &self,
        leg: &UpstreamLeg,
        callback: &UpstreamCallback,
    ) -> Result<Assertion, ConnectorError>;

    /// What can be proved without a person.
    async fn test_connection(&self) -> ConnectionReport;
}

/// A connector of any kind.
pub(crate) enum AnyConnector<'a> {
    /// Any OpenID provider.
    Oidc(OidcConnector<'a>),
    /// Microsoft Entra ID.
    Entra(Box<EntraConnector<'a>>),
    /// Any SAML 2.0 identity provider.
    Saml(Box<SamlConnector<'a>>),
}

impl<'a> AnyConnector<'a> {
    /// Makes the connector ready: settings from its record, credential from the sealed secrets.
    pub(crate) async fn open(
        broker: &'a Broker,
        tenant: &'a TenantRecord,
        record: &'a ConnectorRecord,
    ) -> Result<Self, ConnectorError> {
        match &record.configuration.upstream {
            ConnectorSettings::Oidc(settings) => Ok(Self::Oidc(OidcConnector {
                provider: Provider {
                    tenant: &tenant.id,
                    id: &record.id,
                    version: record.version,
                    settings,
                    upstreams: &broker.upstreams,
                    clock: broker.clock.as_ref(),
                },
                credential: credentials::of_oidc(broker, &tenant.id, record, settings).await?,
            })),
            ConnectorSettings::Entra(settings) => {
                let cloud = cloud_of(broker, settings)?;
                let known =
                    credentials::of_entra(broker, tenant, record, (settings, cloud)).await?;
                Ok(Self::Entra(Box::new(entra(broker, tenant, record, (settings, known))?)))
            }
            ConnectorSettings::Saml(settings) => {
                let opened = SamlConnector::open(broker, tenant, record, settings).await?;
                Ok(Self::Saml(Box::new(opened)))
            }
        }
    }

    /// What can be asked every few minutes: is the upstream there, with its keys?
    pub(crate) async fn probe(&self) -> Vec<ConnectionCheck> {
        match self {
            Self::Oidc(connector) => connector.probe().await,
            Self::Entra(connector) => connector.probe().await,
            Self::Saml(connector) => connector.probe().await,
        }
    }

    /// Proves the credentials, where the kind can do that without a person.
    pub(crate) async fn prove_credentials(&self) -> Option<ConnectionCheck> {
        match self {
            Self::Oidc(_) | Self::Saml(_) => None,
            Self::Entra(connector) => Some(connector.prove_credentials().await),
        }
    }
}

/// An Entra connector that knows no credential, for trying one; `None` for other kinds.
pub(crate) fn entra_without_credential<'a>(
    broker: &'a Broker,
    tenant: &'a TenantRecord,
    record: &'a ConnectorRecord,
) -> Result<Option<EntraConnector<'a>>, ConnectorError> {
    match &record.configuration.upstream {
        ConnectorSettings::Entra(settings) => {
            entra(broker, tenant, record, (settings, EntraCredentials::default())).map(Some)
        }
        ConnectorSettings::Oidc(_) | ConnectorSettings::Saml(_) => Ok(None),
    }
}

/// A connector to Microsoft Graph for the people of a SAML connector: a registration that the tenant made for it, with
/// the connector's client secret.
pub(crate) async fn graph_groups(
    saml: &SamlConnector<'_>,
    access: &GraphAccess,
    (directory, object_id): (&DirectoryId, &str),
) -> Result<Vec<String>, ConnectorError> {
    let (broker, tenant, record) = (saml.broker, saml.tenant, saml.record);
    let secret = credentials::client_secret(broker, &tenant.id, record).await?;
    let mut settings = EntraSettings::new(directory.clone(), access.client_id.clone());
    settings.cloud.clone_from(&access.cloud);
    let known =
        EntraCredentials { credentials: vec![ClientCredential::SecretPost(secret)], ends_at: None };
    entra(broker, tenant, record, (&settings, known))?.groups_by_graph(directory, object_id).await
}

/// The cloud that the settings name.
pub(crate) fn cloud_of<'a>(
    broker: &'a Broker,
    settings: &EntraSettings,
) -> Result<&'a Cloud, ConnectorError> {
    broker
        .settings
        .clouds
        .find(&settings.cloud)
        .ok_or_else(|| ConnectorError::Misconfigured(format!("no such cloud: {}", settings.cloud)))
}

fn entra<'a>(
    broker: &'a Broker,
    tenant: &'a TenantRecord,
    record: &'a ConnectorRecord,
    (settings, known): (&'a EntraSettings, EntraCredentials),
) -> Result<EntraConnector<'a>, ConnectorError> {
    Ok(EntraConnector {
        tenant: &tenant.id,
        id: &record.id,
        version: record.version,
        settings,
        cloud: cloud_of(broker, settings)?,
        upstreams: &broker.upstreams,
        credentials: known.credentials,
        credential_ends_at: known.ends_at,
        known_groups: KnownGroups { database: broker.database.clone(), tenant: tenant.id.clone() },
        redirect_uri: callback_url(broker, &tenant.slug, record),
        clock: broker.clock.as_ref(),
    })
}

impl Connector for AnyConnector<'_> {
    async fn begin(&self, leg: &UpstreamLeg) -> Result<UpstreamRedirect, ConnectorError> {
        match self {
            Self::Oidc(connector) => connector.begin(leg).await,
            Self::Entra(connector) => connector.begin(leg).await,
            Self::Saml(connector) => connector.begin(leg).await,
        }
    }

    async fn complete(
        &self,
        leg: &UpstreamLeg,
        callback: &UpstreamCallback,
    ) -> Result<Assertion, ConnectorError> {
        match self {
            Self::Oidc(connector) => connector.complete(leg, callback).await,
            Self::Entra(connector) => connector.complete(leg, callback).await,
            Self::Saml(connector) => connector.complete(leg, callback).await,
        }
    }

    async fn test_connection(&self) -> ConnectionReport {
        match self {
            Self::Oidc(connector) => connector.test_connection().await,
            Self::Entra(connector) => connector.test_connection().await,
            Self::Saml(connector) => connector.test_connection().await,
        }
    }
}

/// Our callback for a connector, byte for byte as its upstream knows it: one URL each, which defends
/// against mix-up (H-09).
#[must_use]
pub fn callback_url(broker: &Broker, tenant: &TenantSlug, record: &ConnectorRecord) -> String {
    let public_url = &broker.settings.public_url;
    match (&record.configuration.callback_path, &record.configuration.upstream) {
        (Some(path), _) => format!("{public_url}{path}"),
        (None, ConnectorSettings::Saml(settings)) => {
            SamlAddresses::of(public_url, (tenant, &record.id), settings, None).acs_url
        }
        (None, ConnectorSettings::Oidc(_) | ConnectorSettings::Entra(_)) => {
            format!("{public_url}/t/{tenant}/callback/{}", record.id)
        }
    }
}
