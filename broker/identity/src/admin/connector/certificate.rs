//! Certificates and the federated credential (E-51, E-52). A new certificate waits in a slot of its own until a
//! token request proves that Microsoft knows it.

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::json;
use symbolon_contract::ConnectorId;
use symbolon_storage::{SealedSecret, StorageError};

use super::find;
use super::secret::forget_warnings;
use crate::admin::{AdminCaller, AdminError, Change, read_connector};
use crate::broker::Broker;
use crate::connectors::connector::{cloud_of, entra_without_credential};
use crate::connectors::entra::EntraConnector;
use crate::connectors::oidc::{CertificateKey, ClientCredential, NewCertificate, new_certificate};
use crate::connectors::{ConnectorRecord, ConnectorSettings, next_slot};
use crate::secrets::Purpose;
use crate::tenants::{self, TenantRecord};

const KEY: Purpose = Purpose::ConnectorSigningKey;
/// Longer than that no credential should last.
const LONGEST_DAYS: u32 = 3 * 366;

/// What is entered at Microsoft so that the registration trusts the tenant's issuer (E-52).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct FederatedTrust {
    /// The issuer: the tenant's.
    pub issuer: String,
    /// The subject identifier: the connector.
    pub subject: String,
    /// The audience.
    pub audience: String,
}

/// Makes a key and a certificate for it. It waits until [`activate_certificate`]; one that waited before is
/// replaced.
///
/// # Errors
/// [`AdminError::Invalid`], [`AdminError::NotFound`] and those of the database.
pub async fn create_certificate(
    broker: &Broker,
    caller: &AdminCaller,
    tenant: &TenantRecord,
    (id, days): (&ConnectorId, u32),
) -> Result<NewCertificate, AdminError> {
    let record = read_connector(broker, &tenant.id, id).await?;
    only_entra(&record)?;
    if !(1..=LONGEST_DAYS).contains(&days) {
        return Err(AdminError::Invalid(vec![format!("days: 1 to {LONGEST_DAYS}")]));
    }
    let name = format!("Symbolon {} {id}", tenant.slug);
    let made = new_certificate(&name, broker.clock.now(), days)?;
    let slot = next_slot(id);
    let mut row = broker.secrets.prepare(&tenant.id, KEY, &slot, &made.to_seal).await?;
    row.hint = Some(made.thumbprint.clone());
    row.expires_at = Some(made.ends_at);
    let change = Change::by(broker, caller);
    let (tenant, id) = (tenant.id.clone(), id.clone());
    broker
        .database
        .try_write(move |conn| {
            find(conn, &tenant, &id)?;
            conn.tenant(&tenant).secrets().put(&row)?;
            let changes = json!([
                { "field": "certificate", "to": row.hint },
                { "field": "certificate_ends_at", "to": row.expires_at },
            ]);
            let what = ("connector.certificate_created", "connector", id.as_str());
            Ok::<_, AdminError>(change.record(conn, &tenant, what, changes)?)
        })
        .await?;
    Ok(made)
}

/// Makes the waiting certificate the present one, once a token request proves it. Returns its thumbprint.
///
/// # Errors
/// [`AdminError::NotFound`] when none waits, [`AdminError::Connector`] with Microsoft's reason, a stale version
/// when another one was made meanwhile, and those of the database.
pub async fn activate_certificate(
    broker: &Broker,
    caller: &AdminCaller,
    tenant: &TenantRecord,
    id: &ConnectorId,
) -> Result<String, AdminError> {
    let record = read_connector(broker, &tenant.id, id).await?;
    let entra = entra_of(broker, tenant, &record)?;
    let slot = next_slot(id);
    let (of, owner) = (tenant.id.clone(), slot.clone());
    let find_waiting =
        broker.database.read(move |conn| conn.tenant(&of).secrets().find(KEY.as_str(), &owner));
    let waiting = find_waiting
        .await?
        .ok_or_else(|| AdminError::NotFound { kind: "new certificate of", id: id.to_string() })?;
    let stored = broker.secrets.open_text(&tenant.id, KEY, &slot, &waiting.sealed).await?;
    let key = CertificateKey::read(&stored, broker.entropy.clone())?;
    entra.prove(&ClientCredential::Certificate(Box::new(key))).await?;
    let sealed = broker.secrets.prepare(&tenant.id, KEY, id.as_str(), &stored).await?;
    let row = SealedSecret { hint: waiting.hint.clone(), expires_at: waiting.expires_at, ..sealed };
    let thumbprint = row.hint.clone().unwrap_or_default();
    let change = Change::by(broker, caller);
    let (tenant, id) = (tenant.id.clone(), id.clone());
    broker
        .database
        .try_write(move |conn| {
            find(conn, &tenant, &id)?;
            let mut rows = conn.tenant(&tenant);
            let now = rows.secrets().find(KEY.as_str(), &slot)?;
            if now.map(|row| row.sealed) != Some(waiting.sealed) {
                return Err(AdminError::from(StorageError::StaleVersion));
            }
            let before = rows.secrets().find(KEY.as_str(), id.as_str())?;
            rows.secrets().put(&row)?;
            rows.secrets().delete(KEY.as_str(), &slot)?;
            forget_warnings(conn, &tenant, &id)?;
            let from = before.and_then(|row| row.hint);
            let changes = json!([{ "field": "certificate", "from": from, "to": row.hint }]);
            let what = ("connector.certificate_activated", "connector", id.as_str());
            Ok(change.record(conn, &tenant, what, changes)?)
        })
        .await?;
    Ok(thumbprint)
}

/// What an admin enters at Microsoft under "Federated credentials".
///
/// # Errors
/// [`AdminError::NotFound`], [`AdminError::Invalid`] for another kind, and those of the database.
pub async fn federated_trust(
    broker: &Broker,
    tenant: &TenantRecord,
    id: &ConnectorId,
) -> Result<FederatedTrust, AdminError> {
    let record = read_connector(broker, &tenant.id, id).await?;
    let ConnectorSettings::Entra(settings) = &record.configuration.upstream else {
        return Err(not_entra());
    };
    Ok(FederatedTrust {
        issuer: tenants::issuer(&broker.settings.public_url, &tenant.slug),
        subject: id.to_string(),
        audience: cloud_of(broker, settings)?.token_exchange_audience.clone(),
    })
}

fn entra_of<'a>(
    broker: &'a Broker,
    tenant: &'a TenantRecord,
    record: &'a ConnectorRecord,
) -> Result<EntraConnector<'a>, AdminError> {
    entra_without_credential(broker, tenant, record)?.ok_or_else(not_entra)
}

fn only_entra(record: &ConnectorRecord) -> Result<(), AdminError> {
    match record.configuration.upstream {
        ConnectorSettings::Entra(_) => Ok(()),
        ConnectorSettings::Oidc(_) | ConnectorSettings::Saml(_) => Err(not_entra()),
    }
}

fn not_entra() -> AdminError {
    AdminError::Invalid(vec!["only connectors to Microsoft Entra ID have this".into()])
}
