//! `sub`: who a person is to an application (OpenID Core 8).
//!
//! Owns: how a pairwise subject is made, and the name of the tenant's key for it. That key is made once and never
//! changes: with it every application would see strangers.

use symbolon_contract::UserId;

use super::OauthError;
use crate::broker::Broker;
use crate::downstream::application::sector;
use crate::downstream::{Application, SubjectType};
use crate::secrets::{Purpose, keyed_text};
use crate::tenants::TenantRecord;

/// The tenant's key for pairwise subjects.
const KEY: (Purpose, &str) = (Purpose::PairwiseKey, "subjects");

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
    let key = broker.tenant_keys.get(&tenant.id, KEY).await?;
    Ok(keyed_text(&key, format!("symbolon pairwise subject\n{sector}\n{user}").as_bytes()))
}
