//! The credentials of connectors, opened for one trip.

use chrono::{DateTime, Utc};
use secrecy::SecretString;
use symbolon_contract::{ConnectorId, TenantId};

use super::ConnectorError;
use super::configuration::ConnectorRecord;
use super::entra::{Cloud, EntraAuthentication, EntraSettings};
use super::oidc::{
    CertificateKey, ClientAuthentication, ClientCredential, FederatedStatement, OidcSettings,
};
use crate::broker::Broker;
use crate::keys::SigningAlgorithm;
use crate::secrets::Purpose;
use crate::tenants::{self, TenantRecord};

/// The second slot of a connector's client secret: the one before, until the new one is known everywhere.
#[must_use]
pub fn previous_slot(connector: &ConnectorId) -> String {
    format!("{connector}/previous")
}

/// Where a new certificate waits until it is known to work.
#[must_use]
pub fn next_slot(connector: &ConnectorId) -> String {
    format!("{connector}/next")
}

pub(super) async fn of_oidc(
    broker: &Broker,
    tenant: &TenantId,
    record: &ConnectorRecord,
    settings: &OidcSettings,
) -> Result<ClientCredential, ConnectorError> {
    let basic = match settings.client_authentication {
        ClientAuthentication::PrivateKeyJwt { algorithm } => {
            let signer = broker.keys.signer(tenant, algorithm).await.map_err(no_signer)?;
            return Ok(ClientCredential::Signer(Box::new(signer)));
        }
        ClientAuthentication::ClientSecretPost => false,
        ClientAuthentication::ClientSecretBasic => true,
    };
    let secret = secret(broker, tenant, record.id.as_str()).await?.ok_or_else(missing)?;
    Ok(match basic {
        true => ClientCredential::SecretBasic(secret),
        false => ClientCredential::SecretPost(secret),
    })
}

/// What an Entra connector proves itself with, the present one first, and until when.
#[derive(Default)]
pub(super) struct EntraCredentials {
    pub(super) credentials: Vec<ClientCredential>,
    pub(super) ends_at: Option<DateTime<Utc>>,
}

pub(super) async fn of_entra(
    broker: &Broker,
    tenant: &TenantRecord,
    record: &ConnectorRecord,
    (settings, cloud): (&EntraSettings, &Cloud),
) -> Result<EntraCredentials, ConnectorError> {
    let owner = record.id.as_str();
    let credentials = match settings.client_authentication {
        EntraAuthentication::Secret => {
            let present = secret(broker, &tenant.id, owner).await?.ok_or_else(missing)?;
            let before = secret(broker, &tenant.id, &previous_slot(&record.id)).await?;
            std::iter::once(present).chain(before).map(ClientCredential::SecretPost).collect()
        }
        EntraAuthentication::Certificate => {
            let purpose = Purpose::ConnectorSigningKey;
            let stored = broker.secrets.read(&tenant.id, purpose, owner).await?;
            let stored = stored.ok_or_else(|| {
                ConnectorError::Misconfigured("no certificate was made for it yet".into())
            })?;
            let key = CertificateKey::read(&stored, broker.entropy.clone())?;
            vec![ClientCredential::Certificate(Box::new(key))]
        }
        EntraAuthentication::Federated => {
            let signer = broker.keys.signer(&tenant.id, SigningAlgorithm::Rs256).await;
            vec![ClientCredential::Federated(Box::new(FederatedStatement {
                signer: signer.map_err(no_signer)?,
                issuer: tenants::issuer(&broker.settings.public_url, &tenant.slug),
                subject: owner.to_owned(),
                audience: cloud.token_exchange_audience.clone(),
            }))]
        }
    };
    let ends_at = ends_at(broker, &tenant.id, (settings, owner)).await?;
    Ok(EntraCredentials { credentials, ends_at })
}

async fn ends_at(
    broker: &Broker,
    tenant: &TenantId,
    (settings, owner): (&EntraSettings, &str),
) -> Result<Option<DateTime<Utc>>, ConnectorError> {
    let purpose = match settings.client_authentication {
        EntraAuthentication::Secret => Purpose::ConnectorClientSecret,
        EntraAuthentication::Certificate => Purpose::ConnectorSigningKey,
        EntraAuthentication::Federated => return Ok(None),
    };
    let (tenant, owner) = (tenant.clone(), owner.to_owned());
    let row = broker
        .database
        .read(move |conn| conn.tenant(&tenant).secrets().find(purpose.as_str(), &owner))
        .await
        .map_err(ConnectorError::Storage)?;
    Ok(row.and_then(|row| row.expires_at))
}

async fn secret(
    broker: &Broker,
    tenant: &TenantId,
    owner: &str,
) -> Result<Option<SecretString>, ConnectorError> {
    Ok(broker.secrets.read(tenant, Purpose::ConnectorClientSecret, owner).await?)
}

fn missing() -> ConnectorError {
    ConnectorError::Misconfigured("no client secret is stored".into())
}

#[expect(clippy::needless_pass_by_value, reason = "handed to map_err")]
fn no_signer(error: crate::keys::KeysError) -> ConnectorError {
    ConnectorError::Misconfigured(error.to_string())
}
