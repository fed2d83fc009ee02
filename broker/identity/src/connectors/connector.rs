//! The behaviour that every kind has, and the one registry of kinds.

use secrecy::SecretString;
use symbolon_contract::TenantId;

use super::configuration::{ConnectorRecord, ConnectorSettings};
use super::oidc::{ClientAuthentication, ClientCredential, OidcConnector};
use super::{Assertion, ConnectionReport, ConnectorError};
use super::{UpstreamCallback, UpstreamLeg, UpstreamRedirect};
use crate::broker::Broker;
use crate::secrets::Purpose;

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
}

impl<'a> AnyConnector<'a> {
    /// Makes the connector ready: settings from its record, credential from the sealed secrets.
    pub(crate) async fn open(
        broker: &'a Broker,
        tenant: &'a TenantId,
        record: &'a ConnectorRecord,
    ) -> Result<Self, ConnectorError> {
        match &record.configuration.upstream {
            ConnectorSettings::Oidc(settings) => Ok(Self::Oidc(OidcConnector {
                tenant,
                id: &record.id,
                version: record.version,
                settings,
                upstreams: &broker.upstreams,
                credential: credential(broker, tenant, record, settings.client_authentication)
                    .await?,
                clock: broker.clock.as_ref(),
            })),
        }
    }
}

impl Connector for AnyConnector<'_> {
    async fn begin(&self, leg: &UpstreamLeg) -> Result<UpstreamRedirect, ConnectorError> {
        match self {
            Self::Oidc(connector) => connector.begin(leg).await,
        }
    }

    async fn complete(
        &self,
        leg: &UpstreamLeg,
        callback: &UpstreamCallback,
    ) -> Result<Assertion, ConnectorError> {
        match self {
            Self::Oidc(connector) => connector.complete(leg, callback).await,
        }
    }

    async fn test_connection(&self) -> ConnectionReport {
        match self {
            Self::Oidc(connector) => connector.test_connection().await,
        }
    }
}

async fn credential(
    broker: &Broker,
    tenant: &TenantId,
    record: &ConnectorRecord,
    method: ClientAuthentication,
) -> Result<ClientCredential, ConnectorError> {
    if let ClientAuthentication::PrivateKeyJwt { algorithm } = method {
        let signer = broker.keys.signer(tenant, algorithm).await;
        return signer
            .map(|signer| ClientCredential::Signer(Box::new(signer)))
            .map_err(|error| ConnectorError::Misconfigured(error.to_string()));
    }
    let secret = broker
        .secrets
        .read(tenant, Purpose::ConnectorClientSecret, record.id.as_str())
        .await?
        .ok_or_else(|| ConnectorError::Misconfigured("no client secret is stored".into()))?;
    let secret: SecretString = secret;
    Ok(match method {
        ClientAuthentication::ClientSecretPost => ClientCredential::SecretPost(secret),
        _ => ClientCredential::SecretBasic(secret),
    })
}
