//! The link with which an administrator of a directory consents to the app registration (E-14, N25).

use chrono::{DateTime, TimeDelta, Utc};
use secrecy::ExposeSecret;
use serde_json::json;
use symbolon_contract::ConnectorId;
use symbolon_storage::{NewSingleUse, SingleUseKind};
use url::Url;

use super::{AdminError, read_connector};
use crate::broker::Broker;
use crate::connectors::ConnectorSettings;
use crate::connectors::entra::admin_consent_url;
use crate::secrets::sha256_hex;
use crate::tenants::{TenantRecord, issuer};

const LIFETIME: TimeDelta = TimeDelta::hours(1);

/// A link to Microsoft's page of admin consent.
#[derive(Debug, Clone)]
pub struct ConsentLink {
    /// To be opened by an administrator of the directory.
    pub url: Url,
    /// Where Microsoft sends them back: must be among the redirect URIs of the registration.
    pub redirect_uri: String,
    /// Until when the way back is known.
    pub expires_at: DateTime<Utc>,
}

/// Makes the admin-consent link of an Entra connector.
///
/// # Errors
/// [`AdminError::NotFound`], [`AdminError::Invalid`] for another kind, and those of the database.
pub async fn consent_link(
    broker: &Broker,
    tenant: &TenantRecord,
    connector: &ConnectorId,
) -> Result<ConsentLink, AdminError> {
    let record = read_connector(broker, &tenant.id, connector).await?;
    let ConnectorSettings::Entra(settings) = &record.configuration.upstream else {
        let problem = format!("connector {connector}: only kind entra has an admin consent");
        return Err(AdminError::Invalid(vec![problem]));
    };
    let base = issuer(&broker.settings.public_url, &tenant.slug);
    let redirect_uri = format!("{base}/consent/{connector}");
    let state = broker.new_secret();
    let url = broker.settings.clouds.find(&settings.cloud).and_then(|cloud| {
        admin_consent_url(settings, cloud, (&redirect_uri, state.expose_secret()))
    });
    let url = url.ok_or_else(|| {
        AdminError::Invalid(vec![format!("cloud: there is no {}", settings.cloud)])
    })?;
    let now = broker.clock.now();
    let expires_at = now + LIFETIME;
    let new = NewSingleUse {
        value_hash: sha256_hex(state.expose_secret().as_bytes()),
        payload: json!({ "connector": connector }),
        created_at: now,
        expires_at,
    };
    let owner = tenant.id.clone();
    broker
        .database
        .write(move |conn| conn.tenant(&owner).single_use(SingleUseKind::AdminConsent).put(&new))
        .await?;
    Ok(ConsentLink { url, redirect_uri, expires_at })
}
