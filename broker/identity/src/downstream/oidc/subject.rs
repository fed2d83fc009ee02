//! `sub`: who a person is to an application (OpenID Core 8).
//!
//! Owns: the tenant's key for pairwise subjects. It is made once and never changes: with it every application would
//! see strangers.

use std::fmt;

use moka::future::Cache;
use secrecy::SecretString;
use symbolon_contract::{TenantId, UserId};

use super::OauthError;
use crate::broker::Broker;
use crate::downstream::application::sector;
use crate::downstream::{Application, SubjectType};
use crate::secrets::{Purpose, SecretsError, keyed_text};
use crate::tenants::TenantRecord;

/// Keys that are kept in memory; the rest is read again when needed.
const KEPT: u64 = 10_000;
/// The tenant has one.
const OWNER: &str = "subjects";

/// The tenants' keys for pairwise subjects, read through. Cheap to clone.
#[derive(Clone)]
pub(crate) struct PairwiseKeys(Cache<TenantId, SecretString>);

impl Default for PairwiseKeys {
    fn default() -> Self {
        Self(Cache::new(KEPT))
    }
}

impl fmt::Debug for PairwiseKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PairwiseKeys")
    }
}

/// The subject of a user for an application: at most 255 ASCII characters, never an upstream's (OD-8).
///
/// # Errors
/// [`OauthError`] when the tenant's key for pairwise subjects cannot be had.
pub(crate) async fn of(
    broker: &Broker,
    tenant: &TenantRecord,
    application: &Application,
    user: &UserId,
) -> Result<String, OauthError> {
    if application.settings.subject_type == SubjectType::Public {
        return Ok(user.to_string());
    }
    // Registration sees to it that there is a sector; an application without one stands for itself.
    let sector =
        sector::of(&application.settings).unwrap_or_else(|| format!("id {}", application.id));
    let key = key(broker, &tenant.id)
        .await
        .map_err(|error| OauthError::new(error.reason(), error.to_string()))?;
    Ok(keyed_text(&key, format!("symbolon pairwise subject\n{sector}\n{user}").as_bytes()))
}

async fn key(broker: &Broker, tenant: &TenantId) -> Result<SecretString, SecretsError> {
    if let Some(key) = broker.pairwise.0.get(tenant).await {
        return Ok(key);
    }
    let purpose = Purpose::PairwiseKey;
    let key = match broker.secrets.read(tenant, purpose, OWNER).await? {
        Some(key) => key,
        None => broker.secrets.keep_first(tenant, purpose, OWNER, &broker.new_secret()).await?,
    };
    broker.pairwise.0.insert(tenant.clone(), key.clone()).await;
    Ok(key)
}
