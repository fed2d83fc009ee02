//! The credentials of connectors, opened for one trip.

use chrono::{DateTime, Utc};
use secrecy::SecretString;
use symbolon_contract::{ConnectorId, TenantId};
use symbolon_storage::SealedSecret;

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
    match settings.client_authentication {
        EntraAuthentication::Secret => {
            let purpose = Purpose::ConnectorClientSecret;
            let slots = [owner.to_owned(), previous_slot(&record.id)];
            let kept = kept(broker, &tenant.id, purpose, slots).await?;
            let present = kept.iter().find(|row| row.owner == owner).ok_or_else(missing)?;
            let ends_at = present.expires_at;
            let mut credentials = Vec::new();
            for row in &kept {
                let opened = opened(broker, &tenant.id, purpose, row).await?;
                credentials.push(ClientCredential::SecretPost(opened));
            }
            Ok(EntraCredentials { credentials, ends_at })
        }
        EntraAuthentication::Certificate => {
            let purpose = Purpose::ConnectorSigningKey;
            let kept = kept(broker, &tenant.id, purpose, [owner.to_owned()]).await?;
            let row = kept.first().ok_or_else(|| {
                ConnectorError::Misconfigured("no certificate was made for it yet".into())
            })?;
            let stored = opened(broker, &tenant.id, purpose, row).await?;
            let key = CertificateKey::read(&stored, broker.entropy.clone())?;
            let credentials = vec![ClientCredential::Certificate(Box::new(key))];
            Ok(EntraCredentials { credentials, ends_at: row.expires_at })
        }
        EntraAuthentication::Federated => {
            let signer = broker.keys.signer(&tenant.id, SigningAlgorithm::Rs256).await;
            let statement = FederatedStatement {
                signer: signer.map_err(no_signer)?,
                issuer: tenants::issuer(&broker.settings.public_url, &tenant.slug),
                subject: owner.to_owned(),
                audience: cloud.token_exchange_audience.clone(),
            };
            let credentials = vec![ClientCredential::Federated(Box::new(statement))];
            Ok(EntraCredentials { credentials, ends_at: None })
        }
    }
}

/// The rows of these slots, in their order, by one trip to the database: every sign-in makes it twice.
async fn kept<const N: usize>(
    broker: &Broker,
    tenant: &TenantId,
    purpose: Purpose,
    slots: [String; N],
) -> Result<Vec<SealedSecret>, ConnectorError> {
    let tenant = tenant.clone();
    let rows = broker.database.read(move |conn| {
        let mut rows = Vec::new();
        for slot in &slots {
            rows.extend(conn.tenant(&tenant).secrets().find(purpose.as_str(), slot)?);
        }
        Ok(rows)
    });
    rows.await.map_err(ConnectorError::Storage)
}

async fn opened(
    broker: &Broker,
    tenant: &TenantId,
    purpose: Purpose,
    row: &SealedSecret,
) -> Result<SecretString, ConnectorError> {
    Ok(broker.secrets.open_text(tenant, purpose, &row.owner, &row.sealed).await?)
}

async fn secret(
    broker: &Broker,
    tenant: &TenantId,
    owner: &str,
) -> Result<Option<SecretString>, ConnectorError> {
    Ok(broker.secrets.read(tenant, Purpose::ConnectorClientSecret, owner).await?)
}

/// The connector's client secret.
pub(super) async fn client_secret(
    broker: &Broker,
    tenant: &TenantId,
    record: &ConnectorRecord,
) -> Result<SecretString, ConnectorError> {
    secret(broker, tenant, record.id.as_str()).await?.ok_or_else(missing)
}

fn missing() -> ConnectorError {
    ConnectorError::Misconfigured("no client secret is stored".into())
}

#[expect(clippy::needless_pass_by_value, reason = "handed to map_err")]
fn no_signer(error: crate::keys::KeysError) -> ConnectorError {
    ConnectorError::Misconfigured(error.to_string())
}
